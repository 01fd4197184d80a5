package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Run prints a script that tells a shell the commands and options. It is made from the same table as the help.
func (c completionCommand) Run(ctx context.Context) error {
	parser, err := newParser(ctx)
	if err != nil {
		return err
	}
	return writeCompletion(os.Stdout, c.Shell, parser.Model.Node)
}

func writeCompletion(out io.Writer, shell string, root *kong.Node) error {
	var script strings.Builder
	switch shell {
	case "fish":
		fish(&script, root)
	case "zsh": // which understands the script of bash
		script.WriteString("#compdef sepsis\nautoload -U +X bashcompinit && bashcompinit\n")
		bash(&script, root)
	default:
		bash(&script, root)
	}
	_, err := io.WriteString(out, script.String())
	return err
}

// words are the commands below a node and the options that hold there.
func words(node *kong.Node) []string {
	var all []string
	for _, child := range node.Children {
		if !child.Hidden {
			all = append(all, child.Name)
		}
	}
	for _, flag := range flags(node) {
		all = append(all, "--"+flag.Name)
	}
	return all
}

func flags(node *kong.Node) []*kong.Flag {
	return slices.Concat(node.AllFlags(true)...)
}

// commands calls yield for a node and all below, with the words by which it is called, such as "data synth".
func commands(node *kong.Node, path string, yield func(path string, node *kong.Node)) {
	yield(path, node)
	for _, child := range node.Children {
		if !child.Hidden {
			commands(child, strings.TrimSpace(path+" "+child.Name), yield)
		}
	}
}

// choices are the words that an option or an argument can be, none when it is free.
func choices(value *kong.Value) []string {
	return slices.DeleteFunc(value.EnumSlice(), func(word string) bool { return word == "" })
}

// bash writes a function that finds the command so far, and offers what may follow; where that is free, names of files.
func bash(script *strings.Builder, root *kong.Node) {
	script.WriteString("_sepsis() {\n\tlocal path=\"\" word current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n" +
		"\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n\t\tcase \"$path $word\" in\n")
	commands(root, "", func(path string, _ *kong.Node) {
		if path != "" {
			parent, name := "", path
			if i := strings.LastIndexByte(path, ' '); i >= 0 {
				parent, name = path[:i], path[i+1:]
			}
			fmt.Fprintf(script, "\t\t%q) path=%q ;;\n", parent+" "+name, path)
		}
	})
	script.WriteString("\t\tesac\n\tdone\n\tcase \"$path $before\" in\n")
	commands(root, "", func(path string, node *kong.Node) {
		for _, flag := range node.Flags {
			if words := choices(flag.Value); len(words) > 0 {
				fmt.Fprintf(script, "\t%q) COMPREPLY=($(compgen -W %q -- \"$current\")); return ;;\n", path+" --"+flag.Name, strings.Join(words, " "))
			}
		}
	})
	script.WriteString("\tesac\n\tcase \"$path\" in\n")
	commands(root, "", func(path string, node *kong.Node) {
		offered := words(node)
		for _, argument := range node.Positional {
			offered = append(offered, choices(argument)...)
		}
		fmt.Fprintf(script, "\t%q) COMPREPLY=($(compgen -W %q -- \"$current\")) ;;\n", path, strings.Join(offered, " "))
	})
	script.WriteString("\tesac\n}\ncomplete -o default -F _sepsis sepsis\n")
}

// fish writes a line for each command and each option.
func fish(script *strings.Builder, root *kong.Node) {
	commands(root, "", func(path string, node *kong.Node) {
		parts := strings.Fields(path)
		condition := "__fish_use_subcommand"
		if len(parts) > 0 {
			condition = "__fish_seen_subcommand_from " + parts[len(parts)-1]
		}
		if len(parts) > 1 {
			condition = "__fish_seen_subcommand_from " + parts[0] + "; and " + condition
		}
		line := func(format string, arguments ...any) {
			fmt.Fprintf(script, "complete -c sepsis -n %s%s\n", quoted(condition), fmt.Sprintf(format, arguments...))
		}
		for _, child := range node.Children {
			line(" -f -a %s -d %s", child.Name, quoted(child.Help))
		}
		for _, flag := range node.Flags {
			switch words := choices(flag.Value); {
			case len(words) > 0:
				line(" -l %s -x -a %s -d %s", flag.Name, quoted(strings.Join(words, " ")), quoted(flag.Help))
			case flag.IsBool():
				line(" -l %s -d %s", flag.Name, quoted(flag.Help))
			default:
				line(" -l %s -r -d %s", flag.Name, quoted(flag.Help))
			}
		}
		for _, argument := range node.Positional {
			if words := choices(argument); len(words) > 0 {
				line(" -f -a %s", quoted(strings.Join(words, " ")))
			}
		}
	})
}

// quoted is a text in single quotes, as fish reads them.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
