package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/medtech-detect/sepsis/atomicfile"
)

// holds wants one file in the folder, with this content.
func holds(t *testing.T, path, want string) {
	t.Helper()
	content, err := os.ReadFile(path) //nolint:gosec // in a folder of the test
	if err != nil || string(content) != want {
		t.Errorf("%q, %v; want %q", content, err, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestWholeOrNotAtAll: what is there is replaced when the new file is whole, and stays until then.
func TestWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := atomicfile.Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "old")
	for _, end := range []struct {
		of   func(atomicfile.File) error
		want string
	}{{atomicfile.File.Discard, "old"}, {atomicfile.File.Keep, "new"}} {
		file, err := atomicfile.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		if content, err := os.ReadFile(path); err != nil || string(content) != "old" { //nolint:gosec // as above
			t.Errorf("half written: %q, %v", content, err)
		}
		if err := end.of(file); err != nil {
			t.Error(err)
		}
		holds(t, path, end.want)
	}
}

// TestNowhereToWrite leaves nothing behind.
func TestNowhereToWrite(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "file")} {
		if err := atomicfile.Write(path, nil); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
