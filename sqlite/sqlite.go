// Package sqlite keeps the audit log and the API keys in one file.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/medtech-detect/sepsis/sqlstore"
)

// readers is how many queries can read at the same time, and one more that asks for a key.
const readers = 4

// writing: readers go on while one writes (WAL), a commit is on the disk before it is told (FULL), who finds the file
// locked by another process waits 5 seconds, and what is erased is overwritten. Pages of the index of patients change again and again: 16 MB of
// them stay in memory. A checkpointer copies the log into the file; a commit does so only where the log has become four times as long as
// the checkpointer lets it.
var writing = url.Values{
	"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)", "secure_delete(1)",
		"cache_size(-16000)", "wal_autocheckpoint(" + strconv.Itoa(4*checkpointPages) + ")",
	},
	"_txlock": {"immediate"},
}

var reading = url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)"}}

// dialect: SQLite's driver finds parameters by walking through their names, so that long statements cost the square of their
// length, and one that is prepared for a single record is several times faster (BenchmarkAppend), the more so where they have no names.
var dialect = sqlstore.Dialect{Rows: 1, Unnumbered: true, AfterErase: truncate}

// truncate moves what was written into the file, where what is erased is overwritten, and empties the log beside it. It does not wait for
// who reads or writes, because all writing waits for it. It is not clean when somebody does.
func truncate(ctx context.Context, write *sql.DB) (clean bool, err error) {
	connection, err := write.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	var patience int // milliseconds
	if err := connection.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&patience); err != nil {
		return false, err
	}
	if _, err := connection.ExecContext(ctx, "PRAGMA busy_timeout(0)"); err != nil {
		return false, err
	}
	defer func() {
		_, failed := connection.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout(%d)", patience))
		err = errors.Join(err, failed)
	}()
	var busy, written, moved int
	err = connection.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &written, &moved)
	return err == nil && busy == 0, err
}

// Open opens the file, which only its owner may read, and makes it if there is none. Beside it SQLite keeps two
// others, with -wal and -shm at the end of their names. The logger is told when the first of them cannot be emptied.
func Open(ctx context.Context, path string, logger *slog.Logger) (*sqlstore.Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	file, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	handles := sqlstore.Handles{CloseLast: file.Close}
	store, err := begin(ctx, path, file, logger, &handles)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", errors.Join(err, handles.Close()))
	}
	return store, nil
}

// begin opens the handles, also those that stand before one that fails.
func begin(ctx context.Context, path string, file *os.File, logger *slog.Logger, handles *sqlstore.Handles) (_ *sqlstore.Store, err error) {
	if handles.Write, err = connect(path, writing, 1); err != nil {
		return nil, err
	}
	if err := migrate(ctx, handles.Write); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if handles.Read, err = connect(path, reading, readers); err != nil {
		return nil, err
	}
	if handles.Keys, err = connect(path, reading, 1); err != nil {
		return nil, err
	}
	checkpoints, err := newCheckpointer(path, file, handles.Write, logger)
	if err != nil {
		return nil, err
	}
	handles.Wrote, handles.CloseFirst = checkpoints.wrote, checkpoints.close
	return sqlstore.New(ctx, *handles, dialect)
}

// How long another process may change the tables, and the pause before this one looks again.
const (
	migrationTime  = time.Minute
	migrationPause = 100 * time.Millisecond
)

// migrate brings the tables up to date. Another process that begins at the same moment may hold the file, which is waited for, or have
// done a step in between: steps are transactions, so that the one who comes second changed nothing, and finds them done when it looks
// again. What fails twice in the same way fails for another reason.
func migrate(ctx context.Context, write *sql.DB) error {
	waiting, cancel := context.WithTimeout(ctx, migrationTime) // a step itself may take as long as it needs
	defer cancel()
	for last := error(nil); ; {
		err := sqlstore.Migrate(ctx, goose.DialectSQLite3, write)
		switch {
		case err == nil:
			return nil
		case waiting.Err() != nil:
			return errors.Join(last, err)
		case !isLocked(err) && last != nil && err.Error() == last.Error():
			return err
		}
		last = err
		select {
		case <-time.After(migrationPause):
		case <-waiting.Done():
			return errors.Join(last, waiting.Err())
		}
	}
}

// isLocked tells whether another process holds the file, or another connection a table. The low byte is the primary result code
// (https://sqlite.org/rescode.html).
func isLocked(err error) bool {
	failure, is := errors.AsType[*driver.Error](err)
	return is && (failure.Code()&0xff == lib.SQLITE_BUSY || failure.Code()&0xff == lib.SQLITE_LOCKED)
}

// create opens the file, which it makes when there is none, for SQLite would let the group read it. It must stay open as long as SQLite has
// it open: closing it ends all locks that this process has on it (https://sqlite.org/howtocorrupt.html, 2.2).
func create(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }

func connect(path string, options url.Values, connections int) (*sql.DB, error) {
	source := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}
