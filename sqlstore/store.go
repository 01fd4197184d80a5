// Package sqlstore keeps the audit log and the API keys in the SQL that SQLite and PostgreSQL both speak. Packages
// sqlite and postgres open a database and hand it over.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/medtech-detect/sepsis"
)

var (
	_ sepsis.AuditLog = (*Store)(nil)
	_ sepsis.KeyStore = (*Store)(nil)
)

// Store fills the domain's stores.
type Store struct {
	db         Handles
	rows       int
	insertOne  *sql.Stmt     // when rows is 1
	insertions []string      // otherwise: the statements that add 1 to rows records, at their number
	telling    chan struct{} // holds something for each who tells of a prediction
	afterErase func(context.Context, *sql.DB) (clean bool, err error)
	// clean is whether the files are known to hold nothing of what was erased. A store that was just opened does not know.
	clean atomic.Bool
}

// Handles are the ways to a database. They have connections of their own, so that who reads much holds up neither those who write nor
// those who show a key.
type Handles struct {
	Write *sql.DB
	Read  *sql.DB // lists and what is shown of a record
	Keys  *sql.DB // the list by which callers are told; may be Write
	// Wrote, if there is one, is told how many rows were added, changed or erased, and of how many bytes what is long in them.
	Wrote func(rows, long int)
	// CloseFirst and CloseLast, if there are any, close what works on the database beside these: before they are closed, and after.
	CloseFirst, CloseLast func() error
}

// Dialect is what one database does otherwise than the other.
type Dialect struct {
	// Rows is how many records one statement adds best, at least 1. With 1 it is prepared once and for all.
	Rows int
	// Unnumbered is whether parameters are written ?, and not $1, $2 as by default, where the same statement is run for each record.
	Unnumbered bool
	// AfterErase, if there is one, rids the database's files of what was erased. It is not clean while others read from before.
	AfterErase func(ctx context.Context, write *sql.DB) (clean bool, err error)
}

// parameter is how the n-th parameter of a statement is written, from 1 on.
func (d Dialect) parameter(n int) string {
	if d.Unnumbered {
		return "?"
	}
	return "$" + strconv.Itoa(n)
}

// New makes a store of a database. The tables must be up to date, see Migrate.
func New(ctx context.Context, handles Handles, dialect Dialect) (*Store, error) {
	s := &Store{db: handles, rows: dialect.Rows, telling: make(chan struct{}, tellers), afterErase: dialect.AfterErase}
	if s.rows == 1 {
		var err error
		s.insertOne, err = s.db.Write.PrepareContext(ctx, insertion(1, dialect.parameter))
		return s, err
	}
	s.insertions = make([]string, s.rows+1)
	for rows := range s.insertions {
		s.insertions[rows] = insertion(rows, dialect.parameter)
	}
	return s, nil
}

// Close waits for writes under way.
func (s *Store) Close() error { return s.db.Close() }

// Close closes those that there are.
func (h Handles) Close() error {
	var failed error
	if h.CloseFirst != nil {
		failed = h.CloseFirst()
	}
	for _, handle := range []*sql.DB{h.Read, h.Keys, h.Write} {
		if handle != nil {
			failed = errors.Join(failed, handle.Close()) // once more does nothing
		}
	}
	if h.CloseLast != nil {
		failed = errors.Join(failed, h.CloseLast())
	}
	return failed
}

// wrote tells who wants to know of rows that were written.
func (s *Store) wrote(rows, long int) {
	if s.db.Wrote != nil {
		s.db.Wrote(rows, long)
	}
}

// Check tells whether the store can be written at present. It writes.
func (s *Store) Check(ctx context.Context) error {
	if _, err := s.db.Write.ExecContext(ctx, "UPDATE write_checks SET writes = writes + 1"); err != nil {
		return fmt.Errorf("the store cannot be written: %w", err)
	}
	return nil
}

// KeepOnce keeps a value under a name unless one is kept there already, and gives the one that is kept.
func (s *Store) KeepOnce(ctx context.Context, name, value string) (string, error) {
	_, err := s.db.Write.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value)
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", name, err)
	}
	return s.Kept(ctx, name)
}

// Kept gives what KeepOnce keeps under a name, or sepsis.ErrNotFound.
func (s *Store) Kept(ctx context.Context, name string) (kept string, err error) {
	err = s.db.Write.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = $1", name).Scan(&kept)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", name, notFound(err))
	}
	return kept, nil
}

// within runs steps in one transaction.
func (s *Store) within(ctx context.Context, steps func(tx *sql.Tx) error) error {
	tx, err := s.db.Write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := steps(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// turnWait is how long who reads, or tells of a prediction, waits for others to end.
const turnWait = 3 * time.Second

// each reads the rows of a query one by one, when there is a connection to read through.
func (s *Store) each(ctx context.Context, query string, values []any, read func(rows *sql.Rows) error) error {
	connection, err := s.reading(ctx)
	if err != nil {
		return err
	}
	rows, err := connection.QueryContext(ctx, query, values...)
	if err == nil {
		err = each(rows, func() error { return read(rows) })
	}
	return errors.Join(err, connection.Close())
}

// reading waits for a connection to read through.
func (s *Store) reading(ctx context.Context) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, turnWait)
	defer cancel()
	connection, err := s.db.Read.Conn(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %w", sepsis.ErrBusy, err)
	}
	return connection, err
}

func each(rows *sql.Rows, read func() error) error {
	for rows.Next() {
		if err := read(); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// milliseconds is how times are kept.
func milliseconds(t time.Time) int64 { return t.UnixMilli() }

func fromMilliseconds(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// text is how words from outside are kept: PostgreSQL has no place for NUL or invalid UTF-8, and would refuse the
// whole batch.
func text(words string) string {
	if utf8.ValidString(words) && strings.IndexByte(words, 0) < 0 { // as almost always: quicker than to look for what must change
		return words
	}
	return strings.ToValidUTF8(strings.ReplaceAll(words, "\x00", "\uFFFD"), "\uFFFD")
}

// notFound makes the domain's error of a missing row.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return sepsis.ErrNotFound
	}
	return err
}
