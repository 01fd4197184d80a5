package sqlite

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
)

const (
	pageSize = 4096 // SQLite's default, in bytes
	// checkpointPages is how many pages gather in the log before they are copied into the file. Pages of the index of patients change again
	// and again: of 16 MB many are copied once instead of several times.
	checkpointPages = 4000
	// pagesOfRow is how many pages a row that is written changes, about: its own, that of its key, and that of the index of patients.
	pagesOfRow = 3
)

// checkpointing is on the disk before the log begins anew (FULL), and does not wait for who erases: it comes again.
var checkpointing = url.Values{"_pragma": {"synchronous(FULL)", "busy_timeout(0)"}}

// checkpointer copies what was written from SQLite's log (WAL) into the file, beside the writer. SQLite itself would do it within a commit,
// and whoever waits for that commit would wait for it, too.
type checkpointer struct {
	file          *os.File // the same as the others have open, to bring it to the disk
	beside, write *sql.DB
	pages         atomic.Int64 // that may have gathered, roughly
	logger        *slog.Logger
	failing       bool // the last one failed
	due           chan struct{}
	end           context.CancelFunc
	ended         chan struct{}
}

func newCheckpointer(path string, file *os.File, write *sql.DB, logger *slog.Logger) (*checkpointer, error) {
	beside, err := connect(path, checkpointing, 1)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	c := &checkpointer{file: file, beside: beside, write: write, logger: logger, due: make(chan struct{}, 1), end: end, ended: make(chan struct{})}
	go c.run(ctx)
	return c, nil
}

// wrote counts the pages of rows.
func (c *checkpointer) wrote(rows, long int) {
	if pages := pagesOfRow*rows + (long+pageSize-1)/pageSize; c.pages.Add(int64(pages)) < checkpointPages {
		return
	}
	select {
	case c.due <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	for {
		select {
		case <-c.due:
			c.pages.Store(0)
			c.tell(ctx, c.checkpoint(ctx))
		case <-ctx.Done():
			return
		}
	}
}

// checkpoint copies all pages and brings them to the disk beside the writer, and then, between two of its commits, the few that came
// meanwhile: only when all are copied does SQLite bring the file to the disk itself and begin its log anew, and by then there is little
// left to bring. What fails is tried again by the next one, and by SQLite within a commit when the log has become long.
func (c *checkpointer) checkpoint(ctx context.Context) error {
	const statement = "PRAGMA wal_checkpoint(PASSIVE)"
	if _, err := c.beside.ExecContext(ctx, statement); err != nil {
		return err
	}
	if err := c.file.Sync(); err != nil {
		return err
	}
	_, err := c.write.ExecContext(ctx, statement)
	return err
}

// tell logs when checkpoints begin to fail, and when they no longer do. Who erases may hold the file for a while, which is no failure.
func (c *checkpointer) tell(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil || isLocked(err):
	case err != nil && !c.failing:
		c.failing = true
		c.logger.Error("what is recorded cannot be copied from SQLite's log (-wal) into its file: records are kept, and the log grows until it can", "error", err)
	case err == nil && c.failing:
		c.failing = false
		c.logger.Info("what is recorded is copied into SQLite's file again")
	}
}

// close waits for a checkpoint under way, which it cuts short.
func (c *checkpointer) close() error {
	c.end()
	<-c.ended
	return c.beside.Close()
}
