package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keepRows keeps of each named stay the rows that are wanted, counted from 0.
func keepRows(t *testing.T, paths []string, wanted func(row int) bool) {
	t.Helper()
	for _, path := range paths {
		content, err := os.ReadFile(path) //nolint:gosec // in a folder of the test
		if err != nil {
			t.Fatal(err)
		}
		var kept strings.Builder
		for i, line := range strings.SplitAfter(string(content), "\n") {
			if i == 0 || wanted(i-1) {
				kept.WriteString(line)
			}
		}
		if err := os.WriteFile(path, []byte(kept.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHoursThatAreLeftOutAreRefused where figures take each row for an hour, and nowhere else. A stay may begin at any hour.
func TestHoursThatAreLeftOutAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "data", "synth", "--out", "data", "--stays", "40", "--septic-share", "0.4")
	all, err := filepath.Glob(filepath.Join("data", "*", "*.psv"))
	if err != nil {
		t.Fatal(err)
	}
	keepRows(t, all, func(row int) bool { return row >= 2 })
	must(t, "train", "--data", "data", "--out", "m.sepsis", "--rounds", "2", "--without-network")
	must(t, "predict", "--data", "data", "--model", "m.sepsis", "--out", "whole")
	must(t, "score", "--labels", "data", "--predictions", "whole")
	trees := filepath.Join("..", "trees.ubj")
	elsewhere(t, "data", trees, 0)

	keepRows(t, []string{all[2], all[50]}, func(row int) bool { return row%3 == 0 })
	must(t, "predict", "--data", "data", "--model", "m.sepsis", "--out", "gaps")
	const want = "2 of 80 stays leave hours out, the first one synthetic_setA/synthetic000003, where 6 follows 3: "
	for _, line := range []string{
		"train --data data --out n.sepsis --rounds 2",
		"evaluate --data data --out report --rounds 2 --studies home",
		"compare --data data --rounds 2 --trees 2",
		"features --data data --out f.parquet",
		"model recalibrate --data data --model m.sepsis --out n.sepsis",
		"model import --data data --trees " + trees + " --out n.sepsis",
	} {
		refuses(t, ".", line, want)
	}
	refuses(t, ".", "score --labels data --predictions gaps", strings.Replace(want, "synthetic_setA/synthetic000003", all[2], 1))
	if _, err := sepsisCommand(t, "model", "adapt", "--data", "data", "--model", "m.sepsis", "--out", "n.sepsis"); err == nil || !strings.Contains(err.Error(), "at least 500") {
		t.Errorf("adapting, which makes no figures: %v", err)
	}
}
