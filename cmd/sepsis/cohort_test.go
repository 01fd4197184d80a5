package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// madeStays writes synthetic stays of two hospitals.
func madeStays(t *testing.T, stays string, further ...string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, append([]string{"data", "synth", "--out", data, "--stays", stays, "--septic-share", "0.3"}, further...)...)
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

// withoutAge takes the age out of every second stay, or of all.
func withoutAge(t *testing.T, data, hospital string, every int) {
	t.Helper()
	rewriteStays(t, data, hospital, func(i int, text string) string {
		if i%every != 0 {
			return text
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		age := slices.Index(strings.Split(lines[0], "|"), "Age")
		for row := 1; row < len(lines); row++ {
			cells := strings.Split(lines[row], "|")
			cells[age] = "NaN"
			lines[row] = strings.Join(cells, "|")
		}
		return strings.Join(lines, "\n") + "\n"
	})
}

// TestStaysWithoutAge are no adults', wherever something is learnt: what is printed counts what was learnt from, and tells why there is no more.
func TestStaysWithoutAge(t *testing.T) {
	data, dir := madeStays(t, "60"), t.TempDir()
	bundle := filepath.Join(dir, "m.sepsis")
	withoutAge(t, data, "synthetic_setB", 2)
	trained := must(t, "train", "--data", data, "--out", bundle, "--rounds", "2", "--without-network")
	for _, want := range []string{" trees from 90 stays in ", "Nothing was learnt from 30 further stays, whose patients are not known to be adults: 30 without age.\n"} {
		if !strings.Contains(trained, want) {
			t.Errorf("training printed %q, want %q", trained, want)
		}
	}
	all := madeStays(t, "60", "--seed", "9")
	withoutAge(t, all, "synthetic_setA", 1)
	withoutAge(t, all, "synthetic_setB", 1)
	const cure = "from 120 stays without age, which may be children's: add their ages (column Age)"
	for _, command := range [][]string{{"train"}, {"model", "recalibrate", "--model", bundle}, {"model", "adapt", "--model", bundle}} {
		_, err := sepsisCommand(t, append(command, "--data", all, "--out", filepath.Join(dir, "no.sepsis"))...)
		if err == nil || !strings.Contains(err.Error(), cure) {
			t.Errorf("%v: error %v, want one with %q", command, err, cure)
		}
	}
}

// TestFoldsThatCannotBe are refused with what can, and leave no half a file.
func TestFoldsThatCannotBe(t *testing.T) {
	data, dir := madeStays(t, "20"), t.TempDir()
	trees := filepath.Join(dir, "trees.json")
	if err := os.WriteFile(trees, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for _, folds := range []string{"0", "-3", "1"} {
		for _, command := range [][]string{{"features"}, {"model", "import", "--trees", trees}} {
			_, err := sepsisCommand(t, append(command, "--data", data, "--out", out, "--folds="+folds)...)
			if err == nil || !strings.Contains(err.Error(), folds+" folds: at least 2 are needed") {
				t.Errorf("%v with %s folds: error %v", command, folds, err)
			}
		}
	}
	_, err := sepsisCommand(t, "model", "import", "--trees", trees, "--data", data, "--out", out, "--folds", "2", "--fold", "2")
	if err == nil || !strings.Contains(err.Error(), "there are folds 0 to 1") {
		t.Errorf("fold 2 of 2: error %v", err)
	}
	if left, err := filepath.Glob(out + "*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
