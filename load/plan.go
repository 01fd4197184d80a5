package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Plan says what to send, how fast, and for how long.
type Plan struct {
	URL     string
	Header  http.Header
	Bodies  [][]byte      // sent by POST, one after the other, again and again
	Clients int           // connections, each with one request at a time
	Rate    float64       // requests a second, whatever the service does (open loop); 0: each client sends as soon as it has its answer
	Warmup  time.Duration // at the beginning, not counted
	Length  time.Duration // after the warm-up
	Timeout time.Duration // of one request
	Clock   func() time.Time
}

func (p *Plan) check() error {
	switch {
	case len(p.Bodies) == 0:
		return errors.New("load: nothing to send")
	case p.Clients < 1:
		return fmt.Errorf("load: %d clients; at least 1 is needed", p.Clients)
	case !(p.Rate >= 0) || p.Rate > 1e9:
		return fmt.Errorf("load: %g requests a second are not from 0 to 1e9", p.Rate)
	case p.Length <= 0 || p.Warmup < 0 || p.Timeout <= 0:
		return errors.New("load: length and timeout must be above 0, the warm-up at least 0")
	}
	return nil
}

// run is a plan under way.
type run struct {
	Plan
	client *http.Client
	start  time.Time
	next   atomic.Int64
}

// Run carries the plan out. At a given rate a request's latency counts from the moment at which it was due, not from the one
// at which a client was free to send it: a service that stalls is charged for all that had to wait (no coordinated omission).
// An answer of any status is counted; the error is of the plan, or of the context.
func Run(ctx context.Context, p Plan) (Report, error) {
	if err := p.check(); err != nil {
		return Report{}, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: p.Clients, MaxConnsPerHost: p.Clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	r := &run{Plan: p, client: &http.Client{Transport: transport, Timeout: p.Timeout}, start: p.Clock()}
	tallies := make([]tally, p.Clients)
	var group sync.WaitGroup
	for i := range tallies {
		group.Go(func() { r.drive(ctx, &tallies[i]) })
	}
	group.Wait()
	return r.report(tallies), ctx.Err()
}

// tally is what one client has seen after the warm-up.
type tally struct {
	latencies Histogram
	outcomes  map[string]int64
	received  int64
	last      time.Time // when the last answer came
}

// drive sends until the time is up.
func (r *run) drive(ctx context.Context, t *tally) {
	t.outcomes = map[string]int64{}
	end := r.start.Add(r.Warmup + r.Length)
	for {
		i := r.next.Add(1) - 1
		due := r.Clock()
		if r.Rate > 0 {
			due = r.start.Add(time.Duration(float64(i) / r.Rate * float64(time.Second)))
		}
		if !due.Before(end) || !r.Clock().Before(end) || !r.wait(ctx, due) {
			return
		}
		outcome, received := r.send(ctx, r.Bodies[i%int64(len(r.Bodies))])
		done := r.Clock()
		if due.Before(r.start.Add(r.Warmup)) {
			continue
		}
		t.latencies.Add(done.Sub(due))
		t.outcomes[outcome]++
		t.received += received
		t.last = done
	}
}

// wait until a moment; false when the context ends before.
func (r *run) wait(ctx context.Context, until time.Time) bool {
	ahead := until.Sub(r.Clock())
	if ahead <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(ahead)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// send tells the status of the answer, or that there was none, and the size of the answer.
func (r *run) send(ctx context.Context, body []byte) (outcome string, received int64) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return noAnswer, 0
	}
	request.Header = r.Header
	response, err := r.client.Do(request)
	if err != nil {
		return noAnswer, 0
	}
	received, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return noAnswer, received
	}
	return strconv.Itoa(response.StatusCode), received
}
