package audit

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

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
	closed  bool
	came    chan struct{} // has room for one: something was pushed, or the queue was closed
}

// push is false when the queue is full or closed.
func (q *queue) push(e *entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && !q.fits(e) {
		q.entries = stillWaiting(q.entries)
		q.bytes = size(q.entries)
	}
	if q.closed || !q.fits(e) {
		return false
	}
	q.entries = append(q.entries, e)
	q.bytes += e.size()
	q.signal()
	return true
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

// take waits for entries and cuts off a batch. It is false when the queue is closed and empty.
func (q *queue) take(ctx context.Context) ([]*entry, bool) {
	for {
		batch, closed := q.cut()
		if len(batch) > 0 || closed {
			return batch, len(batch) > 0
		}
		select {
		case <-q.came:
		case <-ctx.Done():
			q.close()
		}
	}
}

// cut takes the oldest entries, as many as make a batch.
func (q *queue) cut() ([]*entry, bool) {
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
	return batch, q.closed
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
