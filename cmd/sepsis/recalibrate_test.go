package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecalibrateASite fits a model to another hospital and says so in the card.
func TestRecalibrateASite(t *testing.T) {
	dir := t.TempDir()
	data, site, few := filepath.Join(dir, "data"), filepath.Join(dir, "site"), filepath.Join(dir, "few")
	parent, child := filepath.Join(dir, "parent.sepsis"), filepath.Join(dir, "child.sepsis")
	must(t, "data", "synth", "--out", data, "--stays", "30", "--septic-share", "0.3")
	must(t, "data", "synth", "--out", site, "--stays", "40", "--septic-share", "0.5", "--seed", "9")
	must(t, "data", "synth", "--out", few, "--stays", "20", "--septic-share", "0.3", "--seed", "5")
	must(t, "train", "--data", data, "--out", parent, "--rounds", "5", "--without-network")
	before, err := os.ReadFile(parent)
	if err != nil {
		t.Fatal(err)
	}

	printed := must(t, "model", "recalibrate", "--model", parent, "--data", site, "--out", child)
	for _, want := range []string{"fitted to 80 stays", "| Positive from |", "| alert from |", "SYNTHETIC", "evaluate on other stays"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the command does not print %q:\n%s", want, printed)
		}
	}
	card := must(t, "model", "card", "--model", child, "--format", "markdown")
	for _, want := range []string{"1.0.0+recalibrated", "These figures are of the parent model", "Recalibrated from sepsis-icu-hourly 1.0.0 (SHA-256 `", "80 stays (", "of site,"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card does not say %q:\n%s", want, card)
		}
	}
	if figures := must(t, "model", "card", "--model", child, "--format", "figures"); !strings.Contains(figures, "parent model") {
		t.Errorf("the figures are not named as the parent's:\n%s", figures)
	}
	must(t, "predict", "--data", site, "--model", child, "--out", filepath.Join(dir, "out"))

	for want, arguments := range map[string][]string{
		"at least 30":  {"--data", few, "--out", filepath.Join(dir, "none.sepsis")},
		"60 of 60":     {"--data", data, "--out", filepath.Join(dir, "none.sepsis")},
		"30 of 30":     {"--data", filepath.Join(data, "synthetic_setB"), "--out", filepath.Join(dir, "none.sepsis")},
		"written over": {"--data", site, "--out", parent},
	} {
		_, err := sepsisCommand(t, append([]string{"model", "recalibrate", "--model", parent}, arguments...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sepsis model recalibrate %s: error %v, want one with %q", strings.Join(arguments, " "), err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.sepsis")); err == nil {
		t.Error("a refused recalibration wrote a file")
	}
	if after, err := os.ReadFile(parent); err != nil || string(after) != string(before) {
		t.Errorf("the parent has changed: %v", err)
	}
}
