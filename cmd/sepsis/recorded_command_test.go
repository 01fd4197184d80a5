//go:build unix

package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// TestRecordedCommandsAreReadByAShell as they were given, with file names in place of paths.
func TestRecordedCommandsAreReadByAShell(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "data", "synth", "--out", "Bob's $HOME", "--stays", "40", "--septic-share", "0.4")
	must(t, "train", "--data", "Bob's $HOME", "--out", "my model.sepsis", "--name", "a b", "--model-version", "1;2", "--rounds", "2")
	trained, err := model.Open("my model.sepsis")
	if err != nil {
		t.Fatal(err)
	}
	command := trained.Bundle().Provenance.Command
	words, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+command).Output() //nolint:gosec // the command is the test's
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	want := []string{"sepsis", "train", "--data", "Bob's $HOME", "--out", "my model.sepsis", "--name", "a b", "--model-version", "1;2", "--seed", "1", "--rounds", "2"}
	if got := strings.Split(strings.TrimSuffix(string(words), "\n"), "\n"); !slices.Equal(got, want) {
		t.Errorf("a shell reads %q, want %q", got, want)
	}
	for _, name := range []string{"f,g.json", "e&f", "m*.sepsis"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"evaluate --data d --out o --families f,g.json":         "sepsis evaluate --data d --seed 1 --families f,g.json",
		"model import --data d(1) --trees e&f --out o":          "sepsis model import --data 'd(1)' --trees 'e&f' --fold 0 --folds 5 --seed 1 --out o --name sepsis-imported --model-version 1.0.0",
		"model adapt --data d --model m*.sepsis --out o.sepsis": "sepsis model adapt --model 'm*.sepsis' --data d --out o.sepsis",
	} {
		filled, err := filledBy(t, line)
		if err != nil {
			t.Fatal(err)
		}
		got := filled.Evaluate.command()
		switch {
		case filled.Model.Import.Trees != "":
			got = filled.Model.Import.command()
		case filled.Model.Adapt.Out != "":
			got = filled.Model.Adapt.command("adapt")
		}
		if got != want {
			t.Errorf("%s is recorded as %s, want %s", line, got, want)
		}
	}
}
