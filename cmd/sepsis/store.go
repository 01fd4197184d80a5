package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/postgres"
	"github.com/medtech-detect/sepsis/sqlite"
)

// store is what the service keeps: the audit log and the keys.
type store interface {
	sepsis.AuditLog
	sepsis.KeyStore
}

// storeOptions say where the store is.
type storeOptions struct {
	DataDir     string `default:"data" type:"path" placeholder:"DIR" help:"Folder of the SQLite file with the keys and the audit log; it is made if there is none."`
	DatabaseURL string `placeholder:"URL" help:"PostgreSQL instead, for several instances: postgres://user:password@host/sepsis?sslmode=verify-full"`
}

func (o storeOptions) open(ctx context.Context) (store, error) {
	return openStore(ctx, o.DataDir, o.DatabaseURL)
}

// openStore opens the database at the URL, or, without one, the file in the folder.
func openStore(ctx context.Context, dataDir, databaseURL string) (store, error) {
	if databaseURL != "" {
		return postgres.Open(ctx, databaseURL)
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("store: %w; name another folder with --data-dir", err)
	}
	return sqlite.Open(ctx, filepath.Join(dataDir, "sepsis.db"))
}
