package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/postgres"
	"github.com/medtech-detect/sepsis/postgres/postgrestest"
	"github.com/medtech-detect/sepsis/sqlstore"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

func open(t testing.TB, address string) storetest.Store {
	t.Helper()
	store, err := postgres.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func() storetest.Store {
		address := postgrestest.Database(t)
		return func() storetest.Store { return open(t, address) }
	})
}

// TestConformanceOfTwoWhoErase: where another instance erases one, or all, of the records that a step has found, none of the others is left.
func TestConformanceOfTwoWhoErase(t *testing.T) {
	for _, same := range []int{1, 200} {
		t.Run(strconv.Itoa(same), func(t *testing.T) { eraseBeside(t, same) })
	}
}

// eraseBeside erases 500 records while a transaction that has erased the first of them is not at its end.
func eraseBeside(t *testing.T, first int) {
	t.Helper()
	ctx, address := t.Context(), postgrestest.Database(t)
	store := open(t, address)
	defer func() { _ = store.Close() }()
	var records []sepsis.Record
	for ms := range 500 {
		records = append(records, storetest.Record(ms))
	}
	if err := store.Append(ctx, records); err != nil {
		t.Fatal(err)
	}
	other, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.WithoutCancel(ctx)) }()
	erasing, err := other.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := erasing.Exec(ctx, "DELETE FROM predictions WHERE id <= $1", records[first-1].ID); err != nil {
		t.Fatal(err)
	}
	erased := make(chan error, 1)
	go func() {
		_, err := store.Erase(ctx, records[499].Time.Add(time.Millisecond))
		erased <- err
	}()
	for waits := false; !waits; { // for the row that the other has erased already
		if err := erasing.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(erasing.Commit(ctx), <-erased); err != nil {
		t.Fatal(err)
	}
	left := 0
	if err := store.Records(ctx, sepsis.AuditQuery{}, func(sepsis.Record) error { left++; return nil }); err != nil || left != 0 {
		t.Errorf("%d of 500 records are left, error %v", left, err)
	}
}

// TestPasswordIsNeverTold: errors go to the log.
func TestPasswordIsNeverTold(t *testing.T) {
	for _, address := range []string{
		"postgres://sepsis:hunter2@127.0.0.1:1/sepsis?sslmode=disable",
		"postgres://sepsis:hunter2@127.0.0.1:port/sepsis",
		"host=127.0.0.1 port=1 password=hunter2 sslmode=nonsense",
	} {
		for _, open := range []func(context.Context, string) (*sqlstore.Store, error){postgres.Open, postgres.OpenExisting} {
			_, err := open(t.Context(), address)
			if err == nil || strings.Contains(err.Error(), "hunter2") || errors.Is(err, postgres.ErrNoTables) {
				t.Errorf("error %v", err)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	storetest.BenchmarkAppend(b, func() storetest.Store { return open(b, postgrestest.Database(b)) })
}
