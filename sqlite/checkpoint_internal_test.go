package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/sqlstore"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

// TestCheckpointBesideTheWriter: what was appended comes into the file before SQLite itself would copy it, and the log begins anew instead of
// growing.
func TestCheckpointBesideTheWriter(t *testing.T) {
	const rounds = 3
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sepsis.db")
		store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for round := range rounds {
			fill(t, store, round)
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

// TestCheckpointWhileSomebodyReads: what a reader still sees stays in the log, which begins anew when they have gone.
func TestCheckpointWhileSomebodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sepsis.db")
		store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		reader, err := connect(path, reading, 1)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, store, 0)
		snapshot, err := reader.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if seen := count(t, snapshot); seen != perRound {
			t.Errorf("%d records seen", seen)
		}
		fill(t, store, 1)
		if seen := count(t, snapshot); seen != perRound {
			t.Errorf("%d records seen by who began before the others came", seen)
		}
		if err := errors.Join(snapshot.Rollback(), reader.Close()); err != nil {
			t.Fatal(err)
		}
		for round := 2; round < 5; round++ {
			fill(t, store, round)
		}
		if inLog := size(t, path+"-wal"); inLog > 5*checkpointPages*pageSize/2 {
			t.Errorf("%d bytes in the log: it goes on growing", inLog)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCheckpointWhileWriting: nothing is lost, and the file is sound, when records come during checkpoints and the store is closed in the middle
// of one.
func TestCheckpointWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	const rounds = 5
	for range 2 { // the second time in a file that has grown
		store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for round := range rounds {
			add(t, store, round)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	db, err := connect(path, reading, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it has only read
	var sound string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("%s, %v", sound, err)
	}
	if kept := count(t, db); kept != rounds*perRound {
		t.Errorf("%d records, want %d", kept, rounds*perRound)
	}
}

// perRound is how many records are as long as one checkpoint.
const perRound = 20

// fill adds as much as makes a checkpoint due, and waits for it.
func fill(t *testing.T, store *sqlstore.Store, round int) {
	t.Helper()
	add(t, store, round)
	synctest.Wait()
}

func add(t *testing.T, store *sqlstore.Store, round int) {
	t.Helper()
	for i := range perRound {
		record := storetest.Record(round*perRound + i)
		record.Input = make([]byte, checkpointPages*pageSize/perRound)
		if err := store.Append(t.Context(), []sepsis.Record{record}); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, from interface {
	QueryRowContext(ctx context.Context, query string, values ...any) *sql.Row
},
) int {
	t.Helper()
	var n int
	if err := from.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM predictions").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestFailingCheckpointsAreTold: once when they begin to fail, and once when they work again; not when somebody else holds the file.
func TestFailingCheckpointsAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	broken, err := create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := broken.Close(); err != nil {
		t.Fatal(err)
	}
	write, err := connect(path, writing, 1)
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	c, err := newCheckpointer(path, broken, write, slog.New(slog.NewTextHandler(&told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil { // it is asked by hand below
		t.Fatal(err)
	}
	if c.beside, err = connect(path, checkpointing, 1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.tell(t.Context(), c.checkpoint(t.Context()))
	}
	if c.file, err = os.Open(path); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.tell(t.Context(), c.checkpoint(t.Context()))
	}
	if errs, infos := strings.Count(told.String(), "level=ERROR"), strings.Count(told.String(), "level=INFO"); errs != 1 || infos != 1 {
		t.Errorf("told:\n%s", told.String())
	}
	if err := errors.Join(c.beside.Close(), write.Close(), c.file.Close()); err != nil {
		t.Error(err)
	}
}
