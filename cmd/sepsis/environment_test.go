package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestNoVariableMeansTwoThings: one that several commands read is of an option that means the same to all of them.
func TestNoVariableMeansTwoThings(t *testing.T) {
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	readBy := map[string][]string{}
	commands(parser.Model.Node, "", func(path string, node *kong.Node) {
		for _, flag := range node.Flags {
			for _, name := range flag.Envs {
				readBy[name] = append(readBy[name], path)
			}
			if slices.Contains(serviceCommands, path) && len(flag.Envs) == 0 && flag.Name != "help" {
				t.Errorf("sepsis %s --%s has no environment variable", path, flag.Name)
			}
		}
	})
	for name, paths := range readBy {
		option := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
		if len(paths) > 1 && !slices.Contains(sharedOptions, option) {
			t.Errorf("%s is read by %q", name, paths)
		}
	}
	for _, option := range sharedOptions {
		if name := envPrefix + strings.ToUpper(strings.ReplaceAll(option, "-", "_")); len(readBy[name]) < 2 {
			t.Errorf("%s is read by %q alone", name, readBy[name])
		}
	}
}

// TestSettingsOfTheServiceAreNotThoseOfOtherCommands, which may do harm by them.
func TestSettingsOfTheServiceAreNotThoseOfOtherCommands(t *testing.T) {
	for name, value := range map[string]string{"SEPSIS_RATE": "500", "SEPSIS_YES": "true", "SEPSIS_BEFORE": "2026-01-01", "SEPSIS_ROLE": "admin", "SEPSIS_DATA_DIR": "/kept"} {
		t.Setenv(name, value)
	}
	if filled, err := filledBy(t, "bench"); err != nil || filled.Bench.Rate != 0 {
		t.Errorf("bench: rate %v, error %v", filled.Bench.Rate, err)
	}
	if filled, err := filledBy(t, "audit erase --before 2025-01-01"); err != nil || filled.Audit.Erase.Yes || filled.Audit.Erase.DataDir != "/kept" {
		t.Errorf("audit erase: yes %t, folder %q, error %v", filled.Audit.Erase.Yes, filled.Audit.Erase.DataDir, err)
	}
	for _, line := range []string{"audit erase", "key create --name ward"} {
		if _, err := filledBy(t, line); err == nil || !strings.Contains(err.Error(), "missing flags") {
			t.Errorf("sepsis %s: error %v", line, err)
		}
	}
	if filled, err := filledBy(t, "serve"); err != nil || filled.Serve.Rate != 500 {
		t.Errorf("serve: rate %v, error %v", filled.Serve.Rate, err)
	}
}

// TestTheServiceNamesSettingsThatItDoesNotKnow: a misspelt one would go unnoticed, such as that patients' data are to be erased.
func TestTheServiceNamesSettingsThatItDoesNotKnow(t *testing.T) {
	t.Setenv("SEPSIS_AUDIT_RETENTON", "for-a-year") // which no port or time of the log can hold
	t.Setenv("SEPSIS_SERVER_NAME", "localhost")     // of the health check
	s := serving(t, "--data-dir", t.TempDir())
	s.terminate(t)
	log := s.log.String()
	if !strings.Contains(log, "SEPSIS_AUDIT_RETENTON") || strings.Contains(log, "SEPSIS_SERVER_NAME") || strings.Contains(log, "for-a-year") {
		t.Errorf("the log says %s", log)
	}
}
