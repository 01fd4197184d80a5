package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBashCompletes asks bash itself, which CI always has: it runs this repository's scripts.
func TestBashCompletes(t *testing.T) {
	script := filepath.Join(t.TempDir(), "sepsis.bash")
	if err := os.WriteFile(script, []byte(must(t, "completion", "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"sepsis pre":                              "predict",
		"sepsis data s":                           "synth",
		"sepsis data synth --sep":                 "--septic-share",
		"sepsis predict --form":                   "--format",
		"sepsis predict --format n":               "ndjson",
		"sepsis predict --data stays --format pa": "parquet",
		"sepsis completion f":                     "fish",
		"sepsis model rec":                        "recalibrate",
		"sepsis score --pred":                     "--predictions",
		"sepsis predict --nothing":                "",
	} {
		program := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _sepsis; echo "${COMPREPLY[@]}"`
		arguments := append([]string{"-c", program, "bash", script}, strings.Fields(line)...)
		got, err := exec.CommandContext(t.Context(), "bash", arguments...).Output() //nolint:gosec // words of this test
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(got)) != want {
			t.Errorf("%s completes to %q, want %q", line, strings.TrimSpace(string(got)), want)
		}
	}
}

func TestOtherShellsComplete(t *testing.T) {
	if zsh := must(t, "completion", "zsh"); !strings.HasPrefix(zsh, "#compdef sepsis\n") || !strings.Contains(zsh, "complete -o default -F _sepsis sepsis") {
		t.Errorf("%.200s", zsh)
	}
	fish := must(t, "completion", "fish")
	for _, want := range []string{
		"complete -c sepsis -n '__fish_use_subcommand' -f -a predict -d 'Predict",
		"complete -c sepsis -n '__fish_seen_subcommand_from data; and __fish_seen_subcommand_from synth' -l stays -r -d 'Stays in each hospital.'",
		"-l format -x -a 'csv ndjson parquet psv fhir'",
	} {
		if !strings.Contains(fish, want) {
			t.Errorf("no line %s", want)
		}
	}
}
