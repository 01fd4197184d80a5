package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// relabelled copies stays, with other labels or, where label gives nothing, without the column.
func relabelled(t *testing.T, from, to string, label func(row int) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(from, "*", "*.psv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var copied strings.Builder
		for row, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
			rest, last := line[:strings.LastIndex(line, "|")], label(row)
			if last != "" && row == 0 {
				last = "SepsisLabel"
			}
			copied.WriteString(strings.TrimSuffix(rest+"|"+last, "|") + "\n")
		}
		folder := filepath.Join(to, filepath.Base(filepath.Dir(file)))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), []byte(copied.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// digestless is a bundle without the digest of the files that it was adapted to.
func digestless(t *testing.T, path string) []byte {
	t.Helper()
	m, err := model.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bundle()
	b.Provenance.Adaptations[0].DataDigest = ""
	file, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestAdaptToASite learns forecasts anew at another hospital, whatever the labels there, and says so in the card.
func TestAdaptToASite(t *testing.T) {
	dir := t.TempDir()
	data, parent := filepath.Join(dir, "data"), filepath.Join(dir, "parent.sepsis")
	must(t, "data", "synth", "--out", data, "--stays", "30", "--septic-share", "0.3")
	must(t, "train", "--data", data, "--out", parent, "--rounds", "3", "--without-network")
	labelled := filepath.Join(dir, "labelled", "site")
	must(t, "data", "synth", "--out", labelled, "--stays", "250", "--septic-share", "0.3", "--seed", "9")
	none, others := filepath.Join(dir, "none", "site"), filepath.Join(dir, "others", "site")
	relabelled(t, labelled, none, func(int) string { return "" })
	relabelled(t, labelled, others, func(row int) string { return string("10"[row%2]) })
	before, err := os.ReadFile(parent)
	if err != nil {
		t.Fatal(err)
	}

	var first []byte
	var child string
	for _, site := range []string{labelled, none, others} {
		child = filepath.Join(filepath.Dir(site), "child.sepsis")
		printed := must(t, "model", "adapt", "--model", parent, "--data", site, "--out", child)
		for _, want := range []string{"1.0.0+adapted", "from 500 stays of adults", "no label was used", "are those of sepsis-icu-hourly 1.0.0", "not of the portable recipe", "did not learn from", "recalibrate", "SYNTHETIC"} {
			if !strings.Contains(printed, want) {
				t.Errorf("the command does not print %q:\n%s", want, printed)
			}
		}
		file := digestless(t, child)
		if first == nil {
			first = file
		}
		if !bytes.Equal(file, first) {
			t.Errorf("%s leads to another model than the same stays with their labels", site)
		}
	}
	card := must(t, "model", "card", "--model", child, "--format", "markdown")
	for _, want := range []string{"1.0.0+adapted", "These figures are of the parent model, with its own forecasts", "Adapted from sepsis-icu-hourly 1.0.0 (SHA-256 `", "Adapted to SYNTHETIC", "500 stays, ", "of site,"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card does not say %q", want)
		}
	}
	if figures := must(t, "model", "card", "--model", child, "--format", "figures"); !strings.Contains(figures, "parent model") {
		t.Errorf("the figures are not named as the parent's:\n%s", figures)
	}
	must(t, "predict", "--data", filepath.Join(none, "synthetic_setB"), "--model", child, "--out", filepath.Join(dir, "out"))

	for want, arguments := range map[string][]string{
		"at least 500": {"--data", data, "--out", filepath.Join(dir, "none.sepsis")},
		"written over": {"--data", labelled, "--out", parent},
	} {
		_, err := sepsisCommand(t, append([]string{"model", "adapt", "--model", parent}, arguments...)...)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "adapt: ") {
			t.Errorf("sepsis model adapt %s: error %v, want one with %q", strings.Join(arguments, " "), err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.sepsis")); err == nil {
		t.Error("a refused adaptation wrote a file")
	}
	if after, err := os.ReadFile(parent); err != nil || string(after) != string(before) {
		t.Errorf("the parent has changed: %v", err)
	}
}

// TestDocumentsOfTheTrainingAlone: an evaluation's figures are not those of a model that was fitted to a site.
func TestDocumentsOfTheTrainingAlone(t *testing.T) {
	options := model.DefaultOptions()
	recipe, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	report := &evaluate.Report{Options: evaluate.Settings{Training: recipe}}
	if err := belongs(report, &model.Provenance{Options: options}); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]model.Provenance{
		"recalibrated": {Options: options, Recalibrations: make([]model.Recalibration, 1)},
		"adapted":      {Options: options, Adaptations: make([]model.Adaptation, 1)},
	} {
		if err := belongs(report, &p); err == nil || !strings.Contains(err.Error(), "fitted to a site") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
