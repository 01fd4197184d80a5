package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// envPrefix begins the names of all environment variables that are read.
const envPrefix = "SEPSIS_"

var (
	// serviceCommands are the commands that an environment is written for, such as that of a unit or a container.
	serviceCommands = []string{"serve", "health"}
	// sharedOptions are options of theirs that mean the same to every command: where the store is, which service, which model.
	sharedOptions = []string{"audit-hash-key-file", "audit-inputs", "data-dir", "database-url", "model", "url"}
)

// ofTheService leaves environment variables to the options of the service and its health check, and to those that mean the same
// elsewhere. What other commands are told by options of their own, such as bench by its --rate or audit erase by its --yes, they are
// told each time: none takes what was set for the service.
func ofTheService(k *kong.Kong) error {
	commands(k.Model.Node, "", func(path string, node *kong.Node) {
		for _, flag := range node.Flags {
			if !slices.Contains(serviceCommands, path) && !slices.Contains(sharedOptions, flag.Name) {
				flag.Envs, flag.Tag.Envs = nil, nil
			}
		}
	})
	return nil
}

// unknownSettings are the names in an environment that are meant for this program and that no option has, in order.
func unknownSettings(root *kong.Node, environment []string) []string {
	known := map[string]bool{}
	commands(root, "", func(_ string, node *kong.Node) {
		for _, flag := range node.Flags {
			for _, name := range flag.Envs {
				known[name] = true
			}
		}
	})
	var unknown []string
	for _, setting := range environment {
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, envPrefix) && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
