package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis/sqlstore"
)

// impatient connections do not wait for a lock themselves.
var impatient = url.Values{"_pragma": {"journal_mode(WAL)", "busy_timeout(0)"}, "_txlock": {"immediate"}}

func connected(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := connect(path, impatient, 1)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestMigrationWaits for another process that holds the file, for a minute and not for ever.
func TestMigrationWaits(t *testing.T) {
	for held, works := range map[time.Duration]bool{50 * time.Second: true, time.Hour: false} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sepsis.db")
			other, ours := connected(t, path), connected(t, path)
			holding, err := other.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			released := make(chan error, 1)
			go func() {
				time.Sleep(held)
				released <- holding.Rollback()
			}()
			if err := migrate(t.Context(), ours); (err == nil) != works || err != nil && !isLocked(err) {
				t.Errorf("held for %v: %v", held, err)
			}
			if err := errors.Join(<-released, ours.Close(), other.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMigrationFindsStepsDone by another process in between, and gives up what fails for another reason.
func TestMigrationFindsStepsDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	db := connected(t, path)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE predictions (nothing_of_ours TEXT)"); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db); err == nil || isLocked(err) {
		t.Errorf("%v", err)
	}
	done := make(chan error, 3)
	path = filepath.Join(t.TempDir(), "sepsis.db")
	for range cap(done) {
		go func() {
			store, err := Open(context.WithoutCancel(t.Context()), path, slog.New(slog.DiscardHandler))
			if err == nil {
				err = store.Close()
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestALaterVersionsStoreIsLeftAlone, and the error says what to do: a program that is older has no idea of what was changed.
func TestALaterVersionsStoreIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	db := connected(t, path)
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	store, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err == nil {
		err = store.Close()
		t.Fatalf("it was opened; closed with %v", err)
	}
	if !errors.Is(err, sqlstore.ErrLater) || !strings.Contains(err.Error(), "backup") {
		t.Error(err)
	}
}
