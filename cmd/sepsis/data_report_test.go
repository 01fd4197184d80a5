package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDataReport writes the report of synthetic stays, twice with the same bytes, and fills a page.
func TestDataReport(t *testing.T) {
	dir := t.TempDir()
	data, page := filepath.Join(dir, "data"), filepath.Join(dir, "page.md")
	must(t, "data", "synth", "--out", data, "--stays", "40")
	if err := os.WriteFile(page, []byte("# Page\n<!-- generated: cohort -->\n<!-- generated end -->\nEnd.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "data", "report", "--data", data, "--out", filepath.Join(dir, "one"), "--docs", page, "--threads", "1")
	must(t, "data", "report", "--data", data, "--out", filepath.Join(dir, "two"), "--docs", page, "--threads", "2")
	for _, name := range []string{"index.html", "data.json", "findings.md"} {
		one, err := os.ReadFile(filepath.Join(dir, "one", name))
		if err != nil {
			t.Fatal(err)
		}
		two, err := os.ReadFile(filepath.Join(dir, "two", name))
		if err != nil {
			t.Fatal(err)
		}
		if len(one) == 0 || !bytes.Equal(one, two) {
			t.Errorf("%s: %d and %d bytes, not the same", name, len(one), len(two))
		}
	}
	filled, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(filled); !strings.Contains(text, "| stays | 80 | 40 | 40 |") || !strings.HasSuffix(text, "<!-- generated end -->\nEnd.\n") {
		t.Errorf("the page is\n%s", text)
	}
}

func TestDataReportRefusesAPageWithoutParts(t *testing.T) {
	dir := t.TempDir()
	data, page := filepath.Join(dir, "data"), filepath.Join(dir, "page.md")
	must(t, "data", "synth", "--out", data, "--stays", "2")
	if err := os.WriteFile(page, []byte("# Page\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sepsisCommand(t, "data", "report", "--data", data, "--out", filepath.Join(dir, "out"), "--docs", page)
	if err == nil || !strings.Contains(err.Error(), "page.md: the document has no generated part") {
		t.Errorf("error %v", err)
	}
}
