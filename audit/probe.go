package audit

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// freshness is for how long a probe holds, so that a flood of questions does not flood the store.
	freshness = time.Second
	// probeTime is how long the store may take to answer.
	probeTime = 2 * time.Second
	// stickiness is for how long the failure of a batch outweighs a probe that passes.
	stickiness = 5 * time.Second
)

var errNoAnswer = errors.New("the store does not answer")

// probe finds out whether the store can be written, one attempt at a time.
type probe struct {
	mu      sync.Mutex
	at      time.Time // of the last result
	err     error
	running chan struct{} // closed when the attempt ends; nil when there is none
}

// Check tells whether the store can be written. What is known for less than a second it tells at once. When a
// batch could not be written it fails for some seconds, for a probe is smaller and may find room where that finds none.
func (r *Recorder) Check(ctx context.Context) error {
	now := r.Clock()
	if err := r.stuckBy(now); err != nil {
		return err
	}
	running, known, err := r.begin(now)
	if known {
		return err
	}
	limit := time.NewTimer(probeTime)
	defer limit.Stop()
	select {
	case <-running:
		return r.probe.result()
	case <-limit.C:
		return errNoAnswer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin gives what is known, or else an attempt that is under way.
func (r *Recorder) begin(now time.Time) (running chan struct{}, known bool, err error) {
	p := &r.probe
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := now.Sub(p.at); !p.at.IsZero() && age >= 0 && age < freshness {
		return nil, true, p.err
	}
	if p.running == nil {
		p.running = make(chan struct{})
		go r.try(p.running)
	}
	return p.running, false, nil
}

// try makes an attempt.
func (r *Recorder) try(running chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	err := r.Log.Check(ctx)
	if err == nil {
		r.recovered()
	} else {
		r.failed(err)
		r.probe.note(r.Clock(), err)
	}
	r.probe.mu.Lock()
	defer r.probe.mu.Unlock()
	r.probe.running = nil
	close(running)
}

func (r *Recorder) stuckBy(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isStuck(now) {
		return r.stuck
	}
	return nil
}

func (p *probe) note(at time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.err = at, err
}

func (p *probe) result() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
