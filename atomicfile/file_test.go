package atomicfile_test

import (
	"errors"
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

// TestWhoMayReadStays: what was for its owner alone is so again, also through a link, and what others may write is.
func TestWhoMayReadStays(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o664} {
		for _, written := range []string{path, link} {
			if err := errors.Join(os.WriteFile(path, nil, mode), os.Chmod(path, mode), atomicfile.Write(written, []byte("new"))); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != mode || info.Size() != 3 {
				t.Errorf("%v, %v; want %v", info.Mode(), err, mode)
			}
		}
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
