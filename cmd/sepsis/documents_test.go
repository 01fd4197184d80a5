package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
)

// TestDocumentsComeFromTheReport: card, checklist and front page, of a model and the evaluation of its recipe.
func TestDocumentsComeFromTheReport(t *testing.T) {
	dir := t.TempDir()
	data, bundle, out, readme := filepath.Join(dir, "data"), filepath.Join(dir, "m.sepsis"), filepath.Join(dir, "out"), filepath.Join(dir, "README.md")
	must(t, "data", "synth", "--out", data, "--stays", "40", "--septic-share", "0.4")
	must(t, "train", "--data", data, "--out", bundle, "--rounds", "3", "--without-network")
	must(t, "evaluate", "--data", data, "--rounds", "3", "--without-network", "--resamples", "40", "--studies", "home,transfer", "--out", out)
	changed := func(from, name string, spoil func(r *evaluate.Report)) {
		report := writtenReport(t, filepath.Join(dir, from))
		spoil(report)
		if err := (evaluateCommand{Out: filepath.Join(dir, name)}).write(report); err != nil {
			t.Fatal(err)
		}
	}
	must(t, "evaluate", "--data", data, "--rounds", "3", "--without-network", "--resamples", "40", "--studies", "served", "--out", filepath.Join(dir, "served"))
	changed("out", "seed", func(r *evaluate.Report) { r.Options.Seed = 2 })
	changed("served", "served of another seed", func(r *evaluate.Report) { r.Options.Seed = 2 })
	changed("out", "sample", func(r *evaluate.Report) { r.Data.Sample = 30 })
	changed("out", "format", func(r *evaluate.Report) { r.Format = 0 })
	if err := os.WriteFile(readme, []byte("before\n\n<!-- evidence -->\nof last year\n<!-- /evidence -->\n\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	adr := filepath.Join(dir, "adr.md")
	if err := os.WriteFile(adr, []byte("decision\n\n<!-- evidence -->\nof last year\n<!-- /evidence -->\n\nconsequences\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	documents := func(report, served string) []string {
		return []string{"model", "documents", "--report", filepath.Join(dir, report, reportFile), "--served", filepath.Join(dir, served, reportFile), "--docs", dir, "--readme", readme, "--adr", adr, "--model", bundle, "--shown", filepath.Join(dir, "shown.json")}
	}
	must(t, documents("out", "served")...)
	bytes, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(bytes))
	for name, wants := range map[string][]string{
		"model-card.md": {"# Model card: sepsis-icu-hourly", "| synthetic_setA to synthetic_setB, as is |", "By age", "| septic stays alarmed by onset |", "## Where it fails", "\n## As it is served\n", "\nAs it is served:", "\n## How far its risks are off\n", "\nBy phase of the stay. The utility"},
		"tripod-ai.md":  {"SYNTHETIC stays", "sepsis-icu-hourly 1.0.0"},
		"shown.json":    {`"sha256": "` + digest + `"`, `"hospital": "synthetic_setB"`, `"recipe": "as is"`, `"point": "watch"`},
		"adr.md":        {"decision\n\n<!-- evidence -->\n", "at home was not measured", "| synthetic_setB to synthetic_setA, portable recipe |", "\n<!-- /evidence -->\n\nconsequences\n"},
		"README.md":     {"before\n\n<!-- evidence -->\n", "SYNTHETIC", "\nAs it is served:", "| synthetic_setB to synthetic_setA, portable recipe |", "\n<!-- /evidence -->\n\nafter\n"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if strings.Contains(string(text), "of last year") || strings.Contains(string(text), "`sepsis evaluate` measures them") {
			t.Errorf("%s does not have the report's figures", name)
		}
	}
	card, err := os.ReadFile(filepath.Join(dir, "model-card.md"))
	if err != nil {
		t.Fatal(err)
	}
	if printed := must(t, "model", "card", "--model", bundle, "--format", "markdown", "--report", filepath.Join(out, reportFile), "--served", filepath.Join(dir, "served", reportFile)); printed != string(card) {
		t.Error("`sepsis model card --report --served` prints another card")
	}
	for want, arguments := range map[string][]string{
		"another recipe or seed": documents("seed", "served"),
		"of a sample":            documents("sample", "served"),
		"of format 0":            documents("format", "served"),
		"no figures of files":    documents("out", "out"),
		"served of another seed": documents("out", "served of another seed"),
		"of other data":          {"model", "card", "--format", "markdown", "--report", filepath.Join(out, reportFile)}, // the shipped model
		"ask for markdown":       {"model", "card", "--report", filepath.Join(out, reportFile)},
		"--format figures: ask":  {"model", "card", "--format", "figures", "--served", filepath.Join(out, reportFile)},
		"without --report":       {"model", "card", "--format", "markdown", "--served", filepath.Join(out, reportFile)},
		"not what":               {"model", "card", "--format", "markdown", "--report", readme},
	} {
		if _, err := sepsisCommand(t, arguments...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sepsis %s: error %v, want one with %q", strings.Join(arguments, " "), err, want)
		}
	}
}
