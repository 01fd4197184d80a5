package sqlite

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/sqlstore"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

// traces tells whether the files beside a path hold a text.
func traces(t *testing.T, path, text string) bool {
	t.Helper()
	found := false
	for _, name := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(content, []byte(text))
	}
	return found
}

// TestErasingWhileSomebodyReads: nobody who writes waits for the reader; that traces are left is said; and the next call, which finds nothing
// to erase, removes them.
func TestErasingWhileSomebodyReads(t *testing.T) {
	begun := time.Now() //nolint:forbidigo // SQLite itself waits by the real clock
	defer func() {
		if took := time.Since(begun); took > 4*time.Second { //nolint:forbidigo // as above
			t.Errorf("SQLite waited for the reader, and who writes for SQLite: %v", took)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sepsis.db")
		store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		old := storetest.Record(0)
		old.Patient = "whom nobody may find again"
		if err := store.Append(t.Context(), []sepsis.Record{old}); err != nil {
			t.Fatal(err)
		}
		reader, err := connect(path, reading, 1)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := reader.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var held int
		if err := snapshot.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM predictions").Scan(&held); err != nil || held != 1 {
			t.Fatal(held, err)
		}
		erased := make(chan error, 1)
		go func() {
			count, err := store.Erase(context.WithoutCancel(t.Context()), old.Time.Add(time.Minute))
			if count != 1 {
				t.Errorf("erased %d", count)
			}
			erased <- err
		}()
		for i := 1; len(erased) == 0; i++ {
			time.Sleep(10 * time.Millisecond)
			if err := store.Append(t.Context(), []sepsis.Record{storetest.Record(60_000 + i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-erased; !errors.Is(err, sepsis.ErrTraces) || !traces(t, path, old.Patient) {
			t.Errorf("while somebody reads: %v", err)
		}
		if err := errors.Join(snapshot.Rollback(), reader.Close()); err != nil {
			t.Fatal(err)
		}
		if count, err := store.Erase(t.Context(), old.Time.Add(time.Minute)); err != nil || count != 0 || traces(t, path, old.Patient) {
			t.Errorf("afterwards: erased %d, %v", count, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestWhatIsErasedIsOverwritten, also what was told of it, and not only no longer found.
func TestWhatIsErasedIsOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	const secret = "whom nobody may find again"
	for i := range 20 {
		r := storetest.Record(i)
		r.Patient, r.Input = secret, bytes.Repeat([]byte(secret), 1+100*i) // also on pages of its own
		f := sepsis.Feedback{Prediction: r.ID, Time: r.Time, Comment: secret}
		if err := errors.Join(store.Append(t.Context(), []sepsis.Record{r, storetest.Record(60_000 + i)}), store.AddFeedback(t.Context(), f)); err != nil {
			t.Fatal(err)
		}
	}
	if !traces(t, path, secret) {
		t.Fatal("the test finds nothing before")
	}
	if count, err := store.Erase(t.Context(), storetest.Record(60_000).Time); count != 20 || err != nil || traces(t, path, secret) {
		t.Errorf("erased %d, %v; traces are left: %v", count, err, traces(t, path, secret))
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// TestErasingGoesInSmallSteps, between which others write.
func TestErasingGoesInSmallSteps(t *testing.T) {
	db, err := connect(filepath.Join(t.TempDir(), "sepsis.db"), writing, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var steps []int
	store, err := sqlstore.New(t.Context(), sqlstore.Handles{Write: db, Wrote: func(rows, _ int) { steps = append(steps, rows) }}, dialect)
	if err != nil {
		t.Fatal(err)
	}
	old := make([]sepsis.Record, 450)
	for i := range old {
		old[i] = storetest.Record(i)
	}
	if err := store.Append(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	steps = nil
	if count, err := store.Erase(t.Context(), storetest.Record(450).Time); count != 450 || err != nil || !slices.Equal(steps, []int{200, 200, 50}) {
		t.Errorf("erased %d in steps of %v, %v", count, steps, err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// TestTruncatingLeavesPatience: who writes afterwards still waits for another process.
func TestTruncatingLeavesPatience(t *testing.T) {
	db, err := connect(filepath.Join(t.TempDir(), "sepsis.db"), writing, 1)
	if err != nil {
		t.Fatal(err)
	}
	clean, err := truncate(t.Context(), db)
	var patience int
	err2 := db.QueryRowContext(t.Context(), "PRAGMA busy_timeout").Scan(&patience)
	if err := errors.Join(err, err2, db.Close()); err != nil || !clean || patience != 5000 {
		t.Errorf("clean %v, patience %d ms, %v", clean, patience, err)
	}
}
