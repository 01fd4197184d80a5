package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cutShort copies an archive, and of each entry only the first bytes, as if it said of itself that it has no more.
func cutShort(t *testing.T, archive string, bytes int64) string {
	t.Helper()
	sound, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sound.Close() }() // it is only read
	path := filepath.Join(t.TempDir(), "cut.zip")
	file, err := os.Create(path) //nolint:gosec // in a folder of the test
	if err != nil {
		t.Fatal(err)
	}
	cut := zip.NewWriter(file)
	for _, entry := range sound.File {
		header := entry.FileHeader
		header.CompressedSize64 = uint64(bytes) //nolint:gosec // a few
		from, err := entry.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		to, err := cut.CreateRaw(&header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(to, from, bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := cut.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamagedEntriesAreNamed, each in one line.
func TestDamagedEntriesAreNamed(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	stays := cutShort(t, archiveOf(t, map[string]string{"ward/p1.psv": "HR|Age|ICULOS\n90|67|1\n"}), 5)
	for want, arguments := range map[string][]string{
		"cut.zip!ward/p1.psv: cannot be read to its end": {"data", "report", "--out", t.TempDir(), "--data", stays},
		"cut.zip!in.csv: unexpected EOF":                 {"predict", "--out", out, "--data", cutShort(t, archiveOf(t, map[string]string{"in.csv": "patient_id,icu_hour,age,heart_rate\na,1,67,90\n"}), 5)},
	} {
		_, err := sepsisCommand(t, arguments...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want %q in one line", arguments, err, want)
		}
	}
}
