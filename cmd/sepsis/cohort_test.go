package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// madeStays writes synthetic stays of two hospitals.
func madeStays(t *testing.T, stays string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "data", "synth", "--out", data, "--stays", stays, "--septic-share", "0.3")
	return data
}

// rewriteStays changes the files of a hospital.
func rewriteStays(t *testing.T, data, hospital string, change func(i int, text string) string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, hospital, "*.psv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stays: %v", err)
	}
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(change(i, string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCopiesAreRefused by every command that deals stays into folds.
func TestCopiesAreRefused(t *testing.T) {
	data := madeStays(t, "40")
	from, to := filepath.Join(data, "synthetic_setA", "synthetic000001.psv"), filepath.Join(data, "synthetic_setB", "renamed.psv")
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	for _, command := range [][]string{
		{"train", "--rounds", "2", "--out", out}, {"evaluate", "--rounds", "2", "--out", out, "--studies", "data"}, {"compare", "--rounds", "2"}, {"features", "--out", out},
	} {
		_, err := sepsisCommand(t, append(command, "--data", data)...)
		if err == nil || !strings.Contains(err.Error(), "1 of 81 stays are copies of others") || !strings.Contains(err.Error(), "leave one copy of each out") {
			t.Errorf("%s: error %v", command[0], err)
		}
	}
}
