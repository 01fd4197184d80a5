package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
)

// TestEvaluate writes a report of made-up stays, and then again from what is kept.
func TestEvaluate(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out")
	must(t, "data", "synth", "--out", data, "--stays", "90", "--septic-share", "0.4")
	arguments := []string{"evaluate", "--data", data, "--out", out, "--rounds", "10", "--without-network", "--sample", "80", "--resamples", "40", "--studies", "transfer,hours"}
	if printed := must(t, arguments...); !strings.Contains(printed, "SYNTHETIC") || !strings.Contains(printed, "as is: utility") {
		t.Errorf("printed %q", printed)
	}
	written := writtenReport(t, out)
	if written.Data.Stays != 160 || len(written.Transfers) < 2 || written.WithoutHours == nil || written.AtHome != nil {
		t.Errorf("%d stays, %d transfers, without hours %v, at home %v", written.Data.Stays, len(written.Transfers), written.WithoutHours, written.AtHome)
	}
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil || !strings.Contains(string(page), "SYNTHETIC") && !strings.Contains(strings.ToLower(string(page)), "synthetic") {
		t.Errorf("the page does not say that the data are made up: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(out, "cache", "*.json"))
	if err != nil || len(kept) != 3 {
		t.Errorf("kept %v, %v; want data, transfer and hours", kept, err)
	}
	for _, path := range kept { // what is kept is used: a changed count comes back
		if strings.HasPrefix(filepath.Base(path), "data-") {
			if err := os.WriteFile(path, []byte(`{"data":{"stays":7}}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	must(t, arguments...)
	if again := writtenReport(t, out); again.Data.Stays != 7 || len(again.Transfers) != len(written.Transfers) {
		t.Errorf("%d stays, %d transfers", again.Data.Stays, len(again.Transfers))
	}
}

// TestEvaluateFewStays: what could be measured is reported, and the status tells that it is not all.
func TestEvaluateFewStays(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out")
	must(t, "data", "synth", "--out", data, "--stays", "10", "--septic-share", "0")
	_, err := sepsisCommand(t, "evaluate", "--data", data, "--out", out, "--rounds", "2", "--without-network", "--resamples", "40", "--studies", "home,transfer")
	if err == nil || exitCode(err) != 3 || !strings.Contains(err.Error(), "the report is written") || !strings.Contains(err.Error(), "\nhome: train: 0 septic and 20 other stays") {
		t.Errorf("%v", err)
	}
	if written := writtenReport(t, out); written.Data.Stays != 20 || len(written.NotMeasured) != 1 || len(written.Transfers) == 0 {
		t.Errorf("%d stays, not measured %v, %d transfers", written.Data.Stays, written.NotMeasured, len(written.Transfers))
	}
}

func writtenReport(t *testing.T, out string) *evaluate.Report {
	t.Helper()
	report, err := readReport(filepath.Join(out, reportFile))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestEvaluateRefusals(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "data", "synth", "--out", data, "--stays", "10", "--septic-share", "0.4")
	other := filepath.Join(dir, "other.json")
	if err := os.WriteFile(other, []byte(`{"data_sha256":"of other stays"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, arguments := range map[string][]string{
		"choose from":    {"--studies", "homme"},
		"give 0":         {"--sample=-1"},
		"on other data":  {"--families", other},
		"sepsis compare": {"--studies", "families"},
		"at least 40":    {"--resamples", "39"},
		"at most 100000": {"--resamples", "100001"},
	} {
		_, err := sepsisCommand(t, append([]string{"evaluate", "--data", data, "--out", filepath.Join(dir, "out")}, arguments...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", arguments, err, want)
		}
	}
}

// TestEveryStudyOfTheHelpCanBeNamed: the help lists what the refusal of a name lists, and families only with the file that they come from.
func TestEveryStudyOfTheHelpCanBeNamed(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, "data", "synth", "--out", data, "--stays", "10", "--septic-share", "0.4")
	_, err := sepsisCommand(t, "evaluate", "--data", data, "--out", t.TempDir(), "--studies", "homme")
	if err == nil {
		t.Fatal("no error")
	}
	_, known, _ := strings.Cut(err.Error(), "choose from ")
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, found := "Only these studies, of "+known+", and, with --families, families;", false
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			found = found || command.Name == "evaluate" && flag.Name == "studies" && strings.HasPrefix(flag.Help, want)
		}
	}
	if !found {
		t.Errorf("the help of --studies does not begin with %q", want)
	}
}

// TestFamiliesInTheReport: what was compared on the same stays and folds is part of the report, and was run.
func TestFamiliesInTheReport(t *testing.T) {
	dir := t.TempDir()
	data, compared, out := filepath.Join(dir, "data"), filepath.Join(dir, "compared.json"), filepath.Join(dir, "out")
	must(t, "data", "synth", "--out", data, "--stays", "40", "--septic-share", "0.4")
	must(t, "compare", "--data", data, "--rounds", "2", "--trees", "20", "--out", compared)
	must(t, "evaluate", "--data", data, "--out", out, "--rounds", "2", "--families", compared, "--studies", "families")
	written := writtenReport(t, out)
	if len(written.Families) != 6 || slices.Contains(written.NotRun, "families") || !slices.Contains(written.NotRun, "home") {
		t.Fatalf("%d families; not run: %v", len(written.Families), written.NotRun)
	}
	for _, f := range written.Families[1:] {
		if f.OverUtility == nil || f.OverAUROC == nil || f.OverAUPRC == nil {
			t.Errorf("%s: a difference to the first family is missing", f.Name)
		}
	}
	method := written.Methods[len(written.Methods)-1]
	for _, want := range []string{"`sepsis compare --data data --seed 1 --trees 20 --rounds 2`", "version " + programVersion() + " of the program"} {
		if method.Part != evaluate.FamiliesStudy || !strings.Contains(method.Text, want) {
			t.Errorf("%s: %q, want %q", method.Part, method.Text, want)
		}
	}
	if want := "sepsis evaluate --data data --seed 1 --studies families --families compared.json --rounds 2"; written.Origin.Command != want {
		t.Errorf("made by %q, want %q", written.Origin.Command, want)
	}
	for want, options := range map[string][]string{
		"on other folds": {"--rounds", "2", "--seed", "2"},
		"another recipe": {"--rounds", "3"},
		"sample 5":       {"--rounds", "2", "--sample", "5"},
	} {
		_, err := sepsisCommand(t, append([]string{"evaluate", "--data", data, "--out", out, "--families", compared}, options...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", options, err, want)
		}
	}
}

// TestWhatComputes: the compiled packages if the linker named them, and the whole program otherwise.
func TestWhatComputes(t *testing.T) {
	whole, err := computedBy()
	if err != nil || len(whole) != 64 {
		t.Fatalf("%q, %v; want the SHA-256 of the test", whole, err)
	}
	defer func() { computing = "" }()
	computing = "0123"
	if got, err := computedBy(); got != "0123" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
