package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

// TestCheckpointBesideTheWriter: what was appended comes into the file before SQLite itself would copy it, and the log begins anew instead of
// growing.
func TestCheckpointBesideTheWriter(t *testing.T) {
	const rounds, perRound = 3, 20
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sepsis.db")
		store, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		for round := range rounds {
			for i := range perRound {
				record := storetest.Record(round*perRound + i)
				record.Input = make([]byte, checkpointPages*pageSize/perRound)
				if err := store.Append(t.Context(), []sepsis.Record{record}); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait() // for the checkpoint
			inFile, inLog := size(t, path), size(t, path+"-wal")
			if want := int64(round+1) * checkpointPages * pageSize; inFile < want || inLog > 3*checkpointPages*pageSize/2 {
				t.Errorf("after round %d: %d bytes in the file, want %d, and %d in the log", round, inFile, want, inLog)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCheckpointOfAClosedStore: closing waits for none that is only due.
func TestCheckpointOfAClosedStore(t *testing.T) {
	store, err := Open(t.Context(), filepath.Join(t.TempDir(), "sepsis.db"))
	if err != nil {
		t.Fatal(err)
	}
	record := storetest.Record(0)
	record.Input = make([]byte, checkpointPages*pageSize)
	if err := store.Append(t.Context(), []sepsis.Record{record}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
