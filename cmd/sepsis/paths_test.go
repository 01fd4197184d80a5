package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// filledBy fills a command line in a folder with A.zip and B.zip, and runs nothing.
func filledBy(t *testing.T, line string) (*commandLine, error) {
	t.Helper()
	var filled commandLine
	parser, err := newParserOf(t.Context(), &filled)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(strings.Fields(line))
	return &filled, err
}

func inFolderWithData(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"A.zip", "B.zip", "m.sepsis", "trees.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
}

// TestDataTakesSeveralPaths: after --data come as many paths as there are, however they are written.
func TestDataTakesSeveralPaths(t *testing.T) {
	inFolderWithData(t)
	both := []string{"A.zip", "B.zip"}
	for _, c := range []struct {
		line string
		data func(*commandLine) []string
		want []string
	}{
		{"evaluate --data A.zip B.zip --out report/", func(c *commandLine) []string { return c.Evaluate.Data }, both},
		{"evaluate --out report/ --data A.zip B.zip", func(c *commandLine) []string { return c.Evaluate.Data }, both},
		{"evaluate --data A.zip --data B.zip --out report/", func(c *commandLine) []string { return c.Evaluate.Data }, both},
		{"evaluate --data=A.zip B.zip --out report/", func(c *commandLine) []string { return c.Evaluate.Data }, both},
		{"evaluate --data A.zip --out report/", func(c *commandLine) []string { return c.Evaluate.Data }, both[:1]},
		{"train --data A.zip B.zip --out m.sepsis", func(c *commandLine) []string { return c.Train.Data }, both},
		{"compare --data A.zip B.zip", func(c *commandLine) []string { return c.Compare.Data }, both},
		{"features --data A.zip B.zip --out f.parquet", func(c *commandLine) []string { return c.Features.Data }, both},
		{"predict --data A.zip B.zip --out p", func(c *commandLine) []string { return c.Predict.Data }, both},
		{"bench --data A.zip B.zip --rate 1", func(c *commandLine) []string { return c.Bench.Data }, both},
		{"data report --data A.zip B.zip --out d", func(c *commandLine) []string { return c.Data.Report.Data }, both},
		{"model import --data A.zip B.zip --trees trees.json --out n", func(c *commandLine) []string { return c.Model.Import.Data }, both},
		{"model recalibrate --data A.zip B.zip --model m.sepsis --out n", func(c *commandLine) []string { return c.Model.Recalibrate.Data }, both},
		{"model adapt --data A.zip B.zip --model m.sepsis --out n", func(c *commandLine) []string { return c.Model.Adapt.Data }, both},
	} {
		filled, err := filledBy(t, c.line)
		if err != nil {
			t.Errorf("sepsis %s: %v", c.line, err)
			continue
		}
		if got := c.data(filled); !slices.Equal(got, c.want) {
			t.Errorf("sepsis %s: data %q, want %q", c.line, got, c.want)
		}
	}
	filled, err := filledBy(t, "predict --data A.zip - --from csv --out p.csv")
	if err != nil || len(filled.Predict.Data) != 2 || filled.Predict.Data[1] != "-" {
		t.Errorf("data and standard input: %q, error %v", filled.Predict.Data, err)
	}
}

// TestDataNeedsAPath after it.
func TestDataNeedsAPath(t *testing.T) {
	inFolderWithData(t)
	for line, want := range map[string]string{
		"evaluate --data --out report/":      "--data: expected string value",
		"evaluate --data= --out report/":     "--data: a path is empty",
		"evaluate --out report/":             "missing flags: --data",
		"evaluate A.zip B.zip --out report/": "unexpected argument",
	} {
		if _, err := filledBy(t, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sepsis %s: error %v, want %q", line, err, want)
		}
	}
}
