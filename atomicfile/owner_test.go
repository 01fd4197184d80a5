//go:build unix

package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/medtech-detect/sepsis/atomicfile"
)

// TestOwnerStays: what root writes over is still the service's, which could not read it any more if it is for its owner alone.
func TestOwnerStays(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may give files away")
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chown(path, 4321, 1234), atomicfile.Write(path, []byte("new"))); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if of, known := info.Sys().(*syscall.Stat_t); !known || of.Uid != 4321 || of.Gid != 1234 || info.Mode() != 0o600 || info.Size() != 3 {
		t.Errorf("owned by %d of %d, %v", of.Uid, of.Gid, info.Mode())
	}
}
