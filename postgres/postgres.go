// Package postgres keeps the audit log and the API keys in PostgreSQL, for several instances of the service.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/medtech-detect/sepsis/sqlstore"
)

const (
	// Connections of one instance, 8 in all: the server's default allows 100 (max_connections). Those who read have their own, so that
	// predictions, the look at health and keys never wait for them.
	writers = 5
	readers = 3
	// connectTimeout is used when the address does not name one.
	connectTimeout = 2 * time.Second
	// lifetime of a connection: after a change of address all have moved within it.
	lifetime = 30 * time.Minute
	// rows that one statement adds, and so one journey to the server; it may have 65,535 parameters.
	rows = 64
	// migrationLock is the key of the advisory lock under which tables are changed: "sepsis" in ASCII.
	migrationLock = 0x736570736973
)

// Open connects to the database at an address such as postgres://user:password@host:5432/sepsis?sslmode=verify-full
// and brings its tables up to date. The error never holds the password.
func Open(ctx context.Context, address string) (*sqlstore.Store, error) {
	return open(ctx, address, func(context.Context, *sql.DB) error { return nil })
}

// ErrNoTables is OpenExisting's error when the database is not one of the service.
var ErrNoTables = errors.New("no tables of the service are in this database")

// OpenExisting is as Open, but leaves a database alone that has no tables of the service.
func OpenExisting(ctx context.Context, address string) (*sqlstore.Store, error) {
	return open(ctx, address, func(ctx context.Context, db *sql.DB) error {
		var there bool // write_checks is as old as the tables, and what another program is unlikely to have
		err := db.QueryRowContext(ctx, "SELECT to_regclass('write_checks') IS NOT NULL").Scan(&there)
		if err == nil && !there {
			err = ErrNoTables
		}
		return err
	})
}

// open connects, and brings the tables up to date when the database passes a check.
func open(ctx context.Context, address string, check func(context.Context, *sql.DB) error) (*sqlstore.Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	unlessSet(config.RuntimeParams, "application_name", "sepsis")
	unlessSet(config.RuntimeParams, "synchronous_commit", "on") // what was told to be kept survives a crash
	write, read := pool(config, writers), pool(config, readers)
	handles := sqlstore.Handles{Write: write, Read: read, Keys: write}
	if err := check(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), handles.Close())
	}
	if err := sqlstore.Migrate(ctx, goose.DialectPostgres, write, goose.WithSessionLocker(locker{}), goose.WithGoMigrations(types)); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), handles.Close())
	}
	return sqlstore.New(ctx, handles, sqlstore.Dialect{Rows: rows})
}

func pool(config *pgx.ConnConfig, connections int) *sql.DB {
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(lifetime)
	return db
}

func unlessSet(parameters map[string]string, name, value string) {
	if _, set := parameters[name]; !set {
		parameters[name] = value
	}
}

// types is the step before the shared ones. In many languages text is not in the order of its bytes, but ULIDs must be.
var types = goose.NewGoMigration(1,
	&goose.GoFunc{RunTx: statement(`CREATE DOMAIN sorted_text AS TEXT COLLATE "C"`)},
	&goose.GoFunc{RunTx: statement(`DROP DOMAIN sorted_text`)})

func statement(text string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text)
		return err
	}
}

// locker lets one instance change the tables while the others wait.
type locker struct{}

func (locker) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock))
	return err
}

func (locker) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return err
}
