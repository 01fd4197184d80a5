package audit

import (
	"context"
	"time"
)

// succeeded tells those who wait, and the log when it had been told of a failure.
func (r *Recorder) succeeded(batch []*entry) {
	r.mu.Lock()
	r.counts.Recorded += int64(len(batch))
	r.stuck = nil
	r.mu.Unlock()
	r.recovered()
	for _, e := range batch {
		if e.kept != nil {
			close(e.kept)
		}
	}
}

// recovered notes that the store could be written. A batch that could not, just before, knows better.
func (r *Recorder) recovered() {
	now := r.Clock()
	r.probe.note(now, nil)
	r.mu.Lock()
	if r.isStuck(now) {
		r.mu.Unlock()
		return
	}
	since, lost := r.counts.FailingSince, r.counts.Lost
	r.stuck = nil
	r.counts.FailingSince, r.failure, r.loss = time.Time{}, reminder{}, reminder{}
	r.mu.Unlock()
	if !since.IsZero() {
		r.Logger.Info("the audit log is written again", "failed_since", since, "lost_so_far", lost)
	}
}

// stick notes why a batch could not be written.
func (r *Recorder) stick(err error) {
	now := r.Clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stuck, r.stuckAt = err, now
}

// isStuck tells whether a batch could not be written a short time ago. The caller holds the lock.
func (r *Recorder) isStuck(now time.Time) bool {
	age := now.Sub(r.stuckAt)
	return r.stuck != nil && age >= 0 && age < stickiness
}

// failed notes that an attempt to write failed. It tells the log at first, and again every minute.
func (r *Recorder) failed(err error) {
	now := r.Clock()
	r.mu.Lock()
	if r.counts.FailingSince.IsZero() {
		r.counts.FailingSince = now
	}
	tell := r.failure.due(now, repeatFailure)
	since, lost, refused := r.counts.FailingSince, r.counts.Lost, r.counts.Refused
	r.mu.Unlock()
	if tell {
		r.Logger.Error("the audit log cannot be written", "policy", r.Policy, "failing_since", since, "error", err,
			"waiting", r.queue.length(), "lost_so_far", lost, "refused_so_far", refused)
	}
}

// lose counts records that were answered and cannot be kept, and tells the log every second.
func (r *Recorder) lose(records int, why string) {
	now := r.Clock()
	r.mu.Lock()
	r.counts.Lost += int64(records)
	r.counts.LastLoss = now
	tell := r.loss.due(now, repeatLoss)
	lost := r.counts.Lost
	r.mu.Unlock()
	if tell {
		r.Logger.Error("records of predictions are lost", "why", why, "lost_so_far", lost)
	}
}

// reminder remembers when the log was last told of something.
type reminder struct{ told time.Time }

// due tells whether the log should be told, which is remembered. A clock that went back makes it due.
func (r *reminder) due(now time.Time, interval time.Duration) bool {
	if since := now.Sub(r.told); !r.told.IsZero() && since >= 0 && since < interval {
		return false
	}
	r.told = now
	return true
}

func (r *Recorder) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Refused++
}

// giveUp drops a batch because the service ends.
func (r *Recorder) giveUp(batch []*entry) {
	if r.Policy == BestEffort {
		r.lose(len(batch), "the service ended before they could be written")
	}
}

// sleep is false when the context ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
