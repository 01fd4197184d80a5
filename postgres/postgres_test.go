package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

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
