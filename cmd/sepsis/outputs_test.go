//go:build unix

package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// someStays makes a folder of synthetic stays in a new folder, an archive of the same stays beside it, and gives that new folder.
func someStays(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, "data", "synth", "--out", filepath.Join(dir, "data"), "--stays", "5", "--septic-share", "0.4")
	file, err := os.Create(filepath.Join(dir, "s.zip"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	if err := archive.AddFS(os.DirFS(filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// contents are all files of a folder by their paths, and kinds of what is no file.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			files[path] = entry.Type().String()
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // in a folder of the test
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// refuses wants of a command that it fails, says so, and changes nothing in the folder that it is run in.
func refuses(t *testing.T, dir, line, want string) {
	t.Helper()
	before := contents(t, dir)
	_, err := sepsisCommand(t, strings.Fields(line)...)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("sepsis %s: error %v, want one with %q", line, err, want)
	}
	after := contents(t, dir)
	for path, content := range after {
		if was, there := before[path]; !there || was != content {
			t.Errorf("sepsis %s has written %s", line, path)
		}
	}
	if len(after) < len(before) {
		t.Errorf("sepsis %s has removed something", line)
	}
}

// TestNoCommandWritesOverWhatItReads, whatever the name by which it is called, also a link.
func TestNoCommandWritesOverWhatItReads(t *testing.T) {
	dir := someStays(t)
	t.Chdir(dir)
	stay := filepath.Join("data", "synthetic_setA", "synthetic000001.psv")
	if err := os.Link("s.zip", "hard.zip"); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"link.zip", "trees.json", "report.json"} {
		if err := os.Symlink("s.zip", link); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []string{
		"train --data s.zip --rounds 2 --out s.zip",
		"train --data s.zip --rounds 2 --out ./data/../s.zip",
		"train --data link.zip --rounds 2 --out hard.zip",
		"train --data data --rounds 2 --out " + stay,
		"train --data s.zip --rounds 2 --out m.sepsis --report s.zip",
		"compare --data s.zip --rounds 2 --trees 2 --out link.zip",
		"compare --data s.zip --rounds 2 --trees 2 --adr s.zip",
		"features --data s.zip --out s.zip",
		"model recalibrate --data s.zip --out s.zip",
		"model adapt --data data --out " + stay,
		"model import --data s.zip --trees trees.json --out s.zip",
		"evaluate --data data --families report.json --out .",
		"data report --data s.zip --out report --docs link.zip",
		"predict --data s.zip --format csv --out hard.zip",
		"model documents --report report.json --docs . --shown s.zip",
	} {
		refuses(t, dir, line, "would be written over: name another file with --")
	}
}

// TestTwoOutputsAreTwoFiles: else one would be lost, without a word.
func TestTwoOutputsAreTwoFiles(t *testing.T) {
	dir := someStays(t)
	t.Chdir(dir)
	for name, content := range map[string]string{
		"page.md": "<!-- figures -->\n<!-- /figures -->\n", "index.html": "<!-- generated: cohort -->\n<!-- generated end -->\n", "report.json": "{}",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link.md": "page.md", "new.json": "m.sepsis", "folder": "."} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []string{
		"train --data data --rounds 2 --out X --report X",
		"train --data data --rounds 2 --out X --report " + filepath.Join(dir, "X"),
		"train --data data --rounds 2 --out X --report folder/X",
		"train --data data --rounds 2 --out m.sepsis --report new.json",
		"compare --data data --rounds 2 --trees 2 --out page.md --adr page.md",
		"compare --data data --rounds 2 --trees 2 --out page.md --adr link.md",
		"data report --data data --out . --docs index.html",
		"model documents --report report.json --docs . --scores X --shown ./X",
		"model documents --report report.json --docs . --readme page.md --adr link.md",
		"model documents --report report.json --docs . --shown model-card.md",
	} {
		refuses(t, dir, line, "both write")
	}
}

// TestUnwritableOutputsAreFoundAtTheStart, before the stays are read, and leave nothing behind.
func TestUnwritableOutputsAreFoundAtTheStart(t *testing.T) {
	dir := someStays(t)
	t.Chdir(dir)
	for _, folder := range []string{"folder", filepath.Join("report", "index.html"), filepath.Join("evaluated", "report.html")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join("evaluated", "cache"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// A stay that cannot be read tells what was found before it was read.
	if err := os.WriteFile(filepath.Join("data", "synthetic_setA", "broken.psv"), []byte("no stay\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("pipe", 0o600); err != nil { // which nobody reads: trying it would wait
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"train --data data --out pipe":                                "broken.psv",
		"train --data data --out nope/x":                              "train: --out nope/x cannot be written: no such file",
		"train --data data --out s.zip/x":                             "train: --out s.zip/x cannot be written: not a directory",
		"train --data data --out folder":                              "train: --out folder cannot be written: it is a folder",
		"train --data data --out m.sepsis --report nope/x":            "train: --report nope/x cannot be written",
		"compare --data data --out nope/x.json":                       "compare: --out nope/x.json cannot be written",
		"compare --data data --out folder":                            "compare: --out folder cannot be written",
		"features --data data --out nope/x":                           "features: --out nope/x cannot be written",
		"features --data data --out folder":                           "features: --out folder cannot be written",
		"model recalibrate --data data --out nope/x":                  "recalibrate: --out nope/x cannot be written",
		"model adapt --data data --out nope/x":                        "adapt: --out nope/x cannot be written",
		"model import --data data --trees s.zip --out nope/x":         "import: --out nope/x cannot be written",
		"evaluate --data data --out s.zip":                            "evaluate: --out s.zip cannot be written: in s.zip: not a directory",
		"evaluate --data data --out s.zip/a/b":                        "evaluate: --out s.zip/a/b cannot be written: in s.zip: not a directory",
		"evaluate --data data --out evaluated":                        "cannot be written: in evaluated/cache: not a directory",
		"data report --data data --out s.zip/a":                       "data report: --out s.zip/a cannot be written",
		"data report --data data --out report":                        "data report: --out report/index.html cannot be written: it is a folder",
		"train --data data --out m.sepsis":                            "broken.psv",
		"evaluate --data data --studies home --out new/folder":        "broken.psv",
		"data report --data data --out new/folder":                    "broken.psv",
		"compare --data data --out compared.json":                     "broken.psv",
		"features --data data --out f.parquet":                        "broken.psv",
		"model documents --report s.zip --docs folder --shown nope/x": "nope/x cannot be written: no such file",
	} {
		refuses(t, dir, line, want)
	}
}

// TestNeededOptionsAreNotEmpty: with an empty --out a training would fail in the end, and others would write into the present folder. Nor are
// they "-", which would be a file of that name.
func TestNeededOptionsAreNotEmpty(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("report.json", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"train --data nothing --out=":                  "--out is empty",
		"evaluate --data nothing --out=":               "--out is empty",
		"features --data nothing --out=":               "--out is empty",
		"predict --data nothing --out=":                "--out is empty",
		"model recalibrate --data nothing --out=":      "--out is empty",
		"model adapt --data nothing --out=":            "--out is empty",
		"audit export --data-dir nothing --out=":       "--out is empty",
		"data report --data nothing --out=":            "--out is empty",
		"data fetch --from http://127.0.0.1 --out=":    "--out is empty",
		"data synth --out=":                            "--out is empty",
		"score --labels= --predictions=nothing":        "--labels is empty",
		"model documents --report report.json --docs=": "--docs is empty",

		"train --data nothing --out -":                   "--out -: standard",
		"train --data nothing --out m.sepsis --report -": "--report -: standard",
		"evaluate --data nothing --out=-":                "--out -: standard",
		"features --data nothing --out -":                "--out -: standard",
		"audit export --data-dir nothing --out -":        "--out -: standard",
		"data synth --out -":                             "--out -: standard",
	} {
		refuses(t, ".", line, want)
	}
}

// TestWrongRecipesAreRefusedBeforeTheStaysAreRead, which takes minutes where there are many.
func TestWrongRecipesAreRefusedBeforeTheStaysAreRead(t *testing.T) {
	t.Chdir(t.TempDir())
	for line, want := range map[string]string{
		"train --data nothing --out m --rounds=-1":          "--rounds",
		"train --data nothing --out m --depth=99":           "--depth",
		"train --data nothing --out m --learning-rate=NaN":  "--learning-rate",
		"train --data nothing --out m --members=-1":         "--members",
		"train --data nothing --out m --name=":              "--name, --model-version: name or version is missing",
		"train --data nothing --out m --model-version=\a":   "control characters",
		"compare --data nothing --rounds=-1":                "--rounds",
		"evaluate --data nothing --out m --depth=-1":        "--depth",
		"evaluate --data nothing --out m --learning-rate=2": "--learning-rate",
	} {
		refuses(t, ".", line, want)
	}
}
