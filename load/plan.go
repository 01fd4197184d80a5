package load

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Plan says what to send, how fast, and for how long.
type Plan struct {
	URL     string
	Header  http.Header
	Bodies  [][]byte // sent by POST, one after the other, again and again
	Clients int      // connections, each with one request at a time
	Rate    float64  // requests a second, whatever the service does (open loop); 0: each client sends as soon as it has its answer
	// Chance draws how far apart requests are due, as callers come who know nothing of each other; nil: all the same. It is for open loops.
	Chance  *rand.Rand
	Warmup  time.Duration // at the beginning, not counted
	Length  time.Duration // after the warm-up
	Timeout time.Duration // of one request
	Clock   func() time.Time
}

func (p *Plan) check() error {
	address, err := url.Parse(p.URL)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return fmt.Errorf("load: %q is no address of a service; write it as http://host:port/path", p.URL)
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
	due    chan time.Time // when each request is, told when the moment has come
	asked  int64          // how many were due after the warm-up, or would have been
}

// Run carries the plan out. At a given rate a request's latency counts from the moment at which it was due, not from the one
// at which a client was free to send it: a service that stalls is charged for all that had to wait (no coordinated omission).
// An answer of any status is counted; the error is of the plan, or of the context.
func Run(ctx context.Context, p Plan) (Report, error) {
	if err := p.check(); err != nil {
		return Report{}, err
	}
	alarm, err := newAlarm()
	if err != nil {
		return Report{}, err
	}
	defer alarm.stop()
	return p.run(ctx, alarm)
}

// run carries the plan out, woken by an alarm.
func (p Plan) run(ctx context.Context, alarm waker) (Report, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: p.Clients, MaxConnsPerHost: p.Clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	var err error
	r := &run{Plan: p, client: &http.Client{Transport: transport, Timeout: p.Timeout}, start: p.Clock(), due: make(chan time.Time)}
	tallies := make([]tally, p.Clients)
	gone := make(chan struct{}) // all clients have
	var clients, announcer sync.WaitGroup
	if p.Rate > 0 {
		announcer.Go(func() { err = r.announce(ctx, alarm, gone) })
	}
	for i := range tallies {
		clients.Go(func() { r.drive(ctx, &tallies[i]) })
	}
	clients.Wait()
	close(gone)
	announcer.Wait()
	return r.report(tallies), errors.Join(ctx.Err(), err)
}

// tally is what one client has seen after the warm-up.
type tally struct {
	latencies  Histogram
	outcomes   map[string]int64
	received   int64
	last       time.Time // when the last answer came
	unanswered error     // why the first request without an answer got none; nil when all got one
}

// drive sends until the time is up.
func (r *run) drive(ctx context.Context, t *tally) {
	t.outcomes = map[string]int64{}
	for {
		due, more := r.nextDue()
		if !more || ctx.Err() != nil {
			return
		}
		outcome, received, err := r.send(ctx, r.body())
		done := r.Clock()
		if due.Before(r.start.Add(r.Warmup)) {
			continue
		}
		t.latencies.Add(done.Sub(due))
		t.outcomes[outcome]++
		t.received += received
		t.unanswered = cmp.Or(t.unanswered, err)
		t.last = done
	}
}

// nextDue waits until a request is; false when the time is up.
func (r *run) nextDue() (time.Time, bool) {
	end := r.start.Add(r.Warmup + r.Length)
	if r.Rate == 0 {
		now := r.Clock()
		return now, now.Before(end)
	}
	due, more := <-r.due
	return due, more && r.Clock().Before(end)
}

// body is the next one.
func (r *run) body() []byte { return r.Bodies[(r.next.Add(1)-1)%int64(len(r.Bodies))] }

// send tells the status of the answer, or that there was none and why, and the size of the answer in bytes.
func (r *run) send(ctx context.Context, body []byte) (outcome string, received int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return noAnswer, 0, err
	}
	request.Header = r.Header
	response, err := r.client.Do(request)
	if err != nil {
		return noAnswer, 0, err
	}
	received, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return noAnswer, received, err
	}
	return strconv.Itoa(response.StatusCode), received, nil
}
