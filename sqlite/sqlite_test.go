package sqlite_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/medtech-detect/sepsis/sqlite"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

func open(t testing.TB, path string) storetest.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func() storetest.Store {
		path := filepath.Join(t.TempDir(), "a log, 100 % ours? #1.db")
		return func() storetest.Store { return open(t, path) }
	})
}

// TestOnlyTheOwnerReads: the files hold patient data.
func TestOnlyTheOwnerReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	store := open(t, path)
	if err := store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", info.Name(), info.Mode())
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkAppend(b *testing.B) {
	storetest.BenchmarkAppend(b, func() storetest.Store { return open(b, filepath.Join(b.TempDir(), "sepsis.db")) })
}
