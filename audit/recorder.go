// Package audit writes the audit log off the path of requests, under one of two policies, and decides how much of
// what callers send is kept.
package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/medtech-detect/sepsis"
)

// Policy says what gives when the log cannot be written.
type Policy string

// The two policies.
const (
	Required   Policy = "required"    // the answer: none is given before its record is kept
	BestEffort Policy = "best-effort" // the record: the answer is given, and what cannot be kept is counted
)

// Bounds. Memory is bounded by the two of the queue, a transaction by the two of the batch.
const (
	maxQueue      = 16_384   // records that wait: some seconds of a busy service
	maxQueueBytes = 64 << 20 // of what is long in them: inputs and outputs
	maxBatch      = 512
	maxBatchBytes = 8 << 20
)

// A commit costs several times what a record does, so it pays to wait a little for others to come along: no longer than a commit takes
// where somebody waits for it, unless many are likely to come; longer where nobody does.
const (
	gatherRequired   = time.Millisecond
	gatherBestEffort = 20 * time.Millisecond
	fewTogether      = 8 // records in a batch under Required: at more, a commit spared is worth the wait
)

const (
	// patience is how long a best-effort record may take to be written before the attempt is given up.
	patience = 10 * time.Second
	// The pause after a failed attempt begins with firstPause and doubles up to longestPause.
	firstPause   = 20 * time.Millisecond
	longestPause = time.Second
	// How often the log repeats that records cannot be written, and that they are lost.
	repeatFailure = time.Minute
	repeatLoss    = time.Second
)

// ErrNotRecorded says that a record was not kept in time, so that no answer may be given.
var ErrNotRecorded = errors.New("the audit log could not be written in time")

// Options of a recorder. Every field is required.
type Options struct {
	Log     sepsis.AuditLog
	Policy  Policy
	Wait    time.Duration // under Required: how long an answer may wait for its record
	Privacy Privacy
	Clock   func() time.Time
	Logger  *slog.Logger // never told anything of patients
}

// Recorder writes records in batches: while one is being committed the next gathers. It is safe for concurrent use.
type Recorder struct {
	Options
	queue         queue
	ended         chan struct{} // closed when everything was written or given up
	end           context.CancelFunc
	mu            sync.Mutex
	counts        sepsis.AuditCounts
	failure, loss reminder  // to the log
	stuck         error     // why a batch could not be written; nil when one was written since
	stuckAt       time.Time // when it was last tried
	probe         probe
}

// NewRecorder starts a recorder, which runs until Close.
func NewRecorder(o Options) *Recorder {
	ctx, end := context.WithCancel(context.Background())
	r := &Recorder{Options: o, ended: make(chan struct{}), end: end}
	r.queue.came = make(chan struct{}, 1)
	go r.run(ctx)
	return r
}

// PatientAs is how the log keeps a patient's id.
func (r *Recorder) PatientAs(id string) string { return r.Privacy.PatientAs(id) }

// Record keeps a record: Patient and Input are given as they were sent, and kept as Privacy says. Under Required it
// returns when the record is kept, or after Wait with ErrNotRecorded; the record may be found in the log even then,
// but its answer must not be given. Under BestEffort it returns at once, without an error.
func (r *Recorder) Record(ctx context.Context, record sepsis.Record) error {
	waiting := &entry{record: r.Privacy.kept(record)}
	if r.Policy == BestEffort {
		if !r.queue.push(waiting) {
			r.lose(1, "the queue is full")
		}
		return nil
	}
	waiting.kept = make(chan struct{})
	if !r.queue.push(waiting) {
		r.refuse()
		return ErrNotRecorded
	}
	return r.await(ctx, waiting)
}

// await waits until a record is kept. When nobody waits any longer it need not be written.
func (r *Recorder) await(ctx context.Context, e *entry) error {
	timer := time.NewTimer(r.Wait)
	defer timer.Stop()
	select {
	case <-e.kept:
		return nil
	case <-timer.C:
	case <-r.ended:
	case <-ctx.Done():
		r.queue.withdraw(e)
		return ctx.Err()
	}
	r.queue.withdraw(e)
	r.refuse()
	return ErrNotRecorded
}

// Close writes what waits, for as long as the context lasts, and gives up the rest, which is counted. Nothing may be
// recorded any more.
func (r *Recorder) Close(ctx context.Context) {
	r.queue.close()
	select {
	case <-r.ended:
	case <-ctx.Done():
		r.end()
		<-r.ended
	}
	r.end()
	if counts := r.Counts(); counts.Lost > 0 || counts.Refused > 0 {
		r.Logger.Warn("the audit log is not complete", "lost", counts.Lost, "refused", counts.Refused)
	}
}

// Counts tells what became of the records so far.
func (r *Recorder) Counts() sepsis.AuditCounts {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := r.counts
	counts.Waiting = int64(r.queue.length())
	return counts
}

// run writes batches until the queue is closed and empty.
func (r *Recorder) run(ctx context.Context) {
	defer close(r.ended)
	wanted, little := maxBatch, gatherBestEffort
	if r.Policy == Required {
		wanted, little = 1, gatherRequired
	}
	for {
		batch, open := r.queue.take(ctx, wanted, little)
		if !open {
			return
		}
		begun := r.Clock()
		r.write(ctx, batch)
		if r.Policy == Required {
			wanted = expected(len(batch), r.Clock().Sub(begun))
		}
	}
}

// expected is how many records to wait for after a batch: as many as came together come together again, as from callers who ask as soon
// as they are answered. When they were few, it pays only where a commit takes longer than the wait.
func expected(last int, took time.Duration) int {
	if last < fewTogether && took < gatherRequired {
		return 1
	}
	return last
}

// write keeps a batch. It tries again until that succeeds, nobody waits for it any more, or the context ends.
func (r *Recorder) write(ctx context.Context, batch []*entry) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		batch = stillWaiting(batch)
		if len(batch) == 0 {
			return
		}
		err := r.attempt(ctx, batch)
		if err == nil {
			r.succeeded(batch)
			return
		}
		r.failed(err)
		r.stick(err)
		if !sleep(ctx, pause) {
			r.giveUp(batch)
			return
		}
	}
}

func (r *Recorder) attempt(ctx context.Context, batch []*entry) error {
	limit := patience
	if r.Policy == Required {
		limit = r.Wait // nobody waits longer
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	records := make([]sepsis.Record, len(batch))
	for i, e := range batch {
		records[i] = e.record
	}
	return r.Log.Append(ctx, records)
}
