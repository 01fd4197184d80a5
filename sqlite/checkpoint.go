package sqlite

import (
	"context"
	"database/sql"
	"net/url"
	"sync/atomic"

	"github.com/medtech-detect/sepsis"
)

const (
	pageSize = 4096 // SQLite's default, in bytes
	// checkpointPages is how many pages gather in the log before they are copied into the file. Pages of the index of patients change again
	// and again: of 16 MB many are copied once instead of several times.
	checkpointPages = 4000
)

// checkpointing is on the disk before the log begins anew (FULL), and does not wait for who erases: it comes again.
var checkpointing = url.Values{"_pragma": {"synchronous(FULL)", "busy_timeout(0)"}}

// checkpointer copies what was written from SQLite's log (WAL) into the file, beside the writer. SQLite itself would do it within a commit,
// and whoever waits for that commit would wait tens of milliseconds longer.
type checkpointer struct {
	beside, write *sql.DB
	pages         atomic.Int64 // that may have gathered, roughly
	due           chan struct{}
	end           context.CancelFunc
	ended         chan struct{}
}

func newCheckpointer(path string, write *sql.DB) (*checkpointer, error) {
	beside, err := connect(path, checkpointing, 1)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	c := &checkpointer{beside: beside, write: write, due: make(chan struct{}, 1), end: end, ended: make(chan struct{})}
	go c.run(ctx)
	return c, nil
}

// appended counts the pages of records: each has a share of a page of its own and changes one of the index.
func (c *checkpointer) appended(records []sepsis.Record) {
	pages := len(records)
	for i := range records {
		pages += (len(records[i].Input) + len(records[i].Output) + pageSize - 1) / pageSize
	}
	if c.pages.Add(int64(pages)) < checkpointPages {
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
			c.checkpoint(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// checkpoint copies all pages beside the writer, and then, between two of its commits, the few that came meanwhile: only when all are
// copied does SQLite begin its log anew. What fails, as with a full disk, is done by the next one, or by SQLite within a commit.
func (c *checkpointer) checkpoint(ctx context.Context) {
	for _, db := range []*sql.DB{c.beside, c.write} {
		if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			return
		}
	}
}

// close waits for a checkpoint under way, which it cuts short.
func (c *checkpointer) close() error {
	c.end()
	<-c.ended
	return c.beside.Close()
}
