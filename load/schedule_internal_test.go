package load

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// first are the first n moments.
func first(n int, next moments) []time.Duration {
	found := make([]time.Duration, n)
	for i := range found {
		found[i] = next()
	}
	return found
}

func TestEvenMoments(t *testing.T) {
	if found := first(4, evenly(100)); !slices.Equal(found, []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond}) {
		t.Error(found)
	}
}

// TestIndependentMoments: counts in intervals of equal length have a variance that equals their mean, by which a Poisson process is known.
func TestIndependentMoments(t *testing.T) {
	const rate, seconds, perSecond = 1000, 50, 100 // of intervals
	random := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	found := first(rate*seconds, independently(rate, random()))
	if !slices.IsSorted(found) || !slices.Equal(found, first(rate*seconds, independently(rate, random()))) {
		t.Error("not in order, or not the same again")
	}
	counts := make([]float64, seconds*perSecond)
	for _, moment := range found {
		if i := int(moment * perSecond / time.Second); i < len(counts) {
			counts[i]++
		}
	}
	counts = counts[:len(counts)*9/10] // the last ones may lie behind the last moment
	var mean, variance float64
	for _, n := range counts {
		mean += n / float64(len(counts))
	}
	for _, n := range counts {
		variance += (n - mean) * (n - mean) / float64(len(counts))
	}
	if math.Abs(mean-rate/perSecond) > 0.3 || math.Abs(variance/mean-1) > 0.1 {
		t.Errorf("mean %g, variance %g, want %d of both", mean, variance, rate/perSecond)
	}
}

// TestAlarm: it does not wait for what is past, waits for what is to come, and ends when it is stopped.
func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now() //nolint:forbidigo // the subject is time itself
	for _, long := range []time.Duration{-time.Second, 0, 3 * time.Millisecond} {
		if err := a.wait(long); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(began); took < 3*time.Millisecond { //nolint:forbidigo // as above
		t.Errorf("waited %v", took)
	}
	ended := make(chan error)
	go func() { ended <- a.wait(time.Hour) }()
	a.stop()
	if err := <-ended; err == nil {
		t.Error("no error though it was stopped")
	}
	a.stop()
}

// simulated is a clock, and an alarm that puts it forward in place of waiting.
type simulated struct{ now atomic.Int64 } // since the start

func (s *simulated) clock() time.Time { return time.Unix(0, s.now.Load()) }

func (s *simulated) wait(long time.Duration) error {
	s.now.Add(int64(max(long, 0)))
	return nil
}

func (*simulated) stop() {}

// TestAStallIsCharged: one request takes 200 ms; at 100 a second by one client, the 20 that were due meanwhile waited 100 ms on average.
func TestAStallIsCharged(t *testing.T) {
	const stall = 200 * time.Millisecond
	var virtual simulated
	var first atomic.Bool
	running := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if first.CompareAndSwap(false, true) {
			virtual.now.Add(int64(stall))
		}
	}))
	defer running.Close()
	p := Plan{URL: running.URL, Bodies: [][]byte{{}}, Clients: 1, Rate: 100, Length: time.Second, Timeout: time.Minute, Clock: virtual.clock}
	report, err := p.run(t.Context(), &virtual)
	if err != nil {
		t.Fatal(err)
	}
	// The clock may be put forward to the next moment, 10 ms later, while an answer is under way.
	if l := report.Latency; l.P90 < 100 || l.P90 > 112 || l.Max < 200 || l.Max > 210 || l.Mean < 20 || l.Mean > 32 {
		t.Errorf("the stall is left out: %+v", report)
	}
	if report.Requests != 100 || report.Unsent != 0 {
		t.Errorf("%d sent and %d not, of 100", report.Requests, report.Unsent)
	}
}

// TestIndependentCallers come when chance says so.
func TestIndependentCallers(t *testing.T) {
	running := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer running.Close()
	random := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	var virtual simulated
	p := Plan{
		URL: running.URL, Bodies: [][]byte{{}}, Clients: 8, Rate: 200, Chance: random(), Length: 300 * time.Millisecond, Timeout: time.Minute, Clock: virtual.clock,
	}
	report, err := p.run(t.Context(), &virtual)
	if err != nil {
		t.Fatal(err)
	}
	due := int64(0)
	for next := independently(p.Rate, random()); next() < p.Length; {
		due++
	}
	if report.Requests != due || report.Unsent != 0 {
		t.Errorf("%d were due, %+v", due, report)
	}
}
