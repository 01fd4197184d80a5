package audit

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medtech-detect/sepsis"
)

// entry is a record on its way.
type entry struct {
	record    sepsis.Record
	kept      chan struct{} // closed when the record is kept; nil when nobody waits for that
	withdrawn atomic.Bool   // whether who waited has gone
}

// size is how much memory is bound by what may be long in the record, in bytes.
func (e *entry) size() int { return len(e.record.Input) + len(e.record.Output) }

// stillWaiting leaves out what was withdrawn.
func stillWaiting(entries []*entry) []*entry {
	return slices.DeleteFunc(entries, func(e *entry) bool { return e.withdrawn.Load() })
}

// queue holds what waits to be written, the oldest first, within maxQueue and maxQueueBytes.
type queue struct {
	mu      sync.Mutex
	entries []*entry
	bytes   int
	gone    int // entries that were withdrawn since they were last looked for; they may be here
	closed  bool
	wanted  int           // how many entries must be there to wake who takes them
	came    chan struct{} // has room for one: as many are there as are wanted, or the queue was closed
}

// push is false when the queue is full or closed.
func (q *queue) push(e *entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.fits(e) && q.gone > 0 {
		q.entries = stillWaiting(q.entries)
		q.bytes, q.gone = size(q.entries), 0
	}
	if q.closed || !q.fits(e) {
		return false
	}
	q.entries = append(q.entries, e)
	q.bytes += e.size()
	if len(q.entries) >= q.wanted {
		q.signal()
	}
	return true
}

// withdraw marks an entry for which nobody waits any longer.
func (q *queue) withdraw(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.withdrawn.Store(true)
	q.gone++
}

func (q *queue) fits(e *entry) bool {
	return len(q.entries) < maxQueue && q.bytes+e.size() <= maxQueueBytes
}

func (q *queue) signal() {
	select {
	case q.came <- struct{}{}:
	default:
	}
}

// take waits for entries and cuts off a batch. When there are some it waits a little longer, until so many are there as
// are wanted. It is false when the queue is closed and empty.
func (q *queue) take(ctx context.Context, wanted int, little time.Duration) ([]*entry, bool) {
	for q.wants(1) {
		select {
		case <-q.came:
		case <-ctx.Done():
			q.close()
		}
	}
	runtime.Gosched() // who is about to come, comes before
	if q.wants(wanted) {
		q.gather(wanted, little)
	}
	batch := q.cut()
	return batch, len(batch) > 0
}

// wants tells whether fewer are there than are wanted, and has them told by came when they are.
func (q *queue) wants(wanted int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wanted = wanted
	return !q.closed && len(q.entries) < wanted
}

func (q *queue) gather(wanted int, little time.Duration) {
	timer := time.NewTimer(little)
	defer timer.Stop()
	for {
		select {
		case <-q.came:
			if !q.wants(wanted) {
				return
			}
		case <-timer.C:
			return
		}
	}
}

// cut takes the oldest entries, as many as make a batch.
func (q *queue) cut() []*entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	count, bytes := 0, 0
	for count < min(len(q.entries), maxBatch) && bytes < maxBatchBytes {
		bytes += q.entries[count].size()
		count++
	}
	batch := slices.Clone(q.entries[:count])
	q.entries = slices.Delete(q.entries, 0, count)
	q.bytes -= bytes
	return batch
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.entries)
}

func size(entries []*entry) (bytes int) {
	for _, e := range entries {
		bytes += e.size()
	}
	return bytes
}
