package challenge_test

import (
	"archive/zip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
)

// folder writes files, named by their paths, into a folder of their own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// archive packs files, named by their paths, in the order of their names.
func archive(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	return pack(t, name, func(w *zip.Writer) error {
		for _, inside := range slices.Sorted(maps.Keys(files)) {
			entry, err := w.Create(inside)
			if err != nil {
				return err
			}
			if _, err := entry.Write([]byte(files[inside])); err != nil {
				return err
			}
		}
		return nil
	})
}

func pack(t *testing.T, name string, fill func(*zip.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	for _, err := range []error{fill(w), w.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func open(t *testing.T, paths ...string) *challenge.Cohort {
	t.Helper()
	cohort, err := challenge.Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cohort.Close(); err != nil {
			t.Error(err)
		}
	})
	return cohort
}

// read reads the only stay of a file.
func read(t *testing.T, content string) (challenge.Record, error) {
	t.Helper()
	return open(t, folder(t, map[string]string{"ward/p1.psv": content})).Read(0)
}

// mustRead is read for a file that is well formed.
func mustRead(t *testing.T, content string) challenge.Record {
	t.Helper()
	record, err := read(t, content)
	if err != nil {
		t.Fatal(err)
	}
	return record
}
