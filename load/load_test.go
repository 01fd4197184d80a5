package load_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/load"
)

// TestQuantiles compares with the sorted durations themselves.
func TestQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var h load.Histogram
	var all []time.Duration
	for range 20_000 {
		d := time.Duration(math.Exp(random.Float64() * 25)) // from 1 ns to 72 s
		all = append(all, d)
		h.Add(d)
	}
	slices.Sort(all)
	for _, q := range []float64{0, 0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[max(int(math.Ceil(q*float64(len(all))))-1, 0)]
		if got := h.Quantile(q); got < want || float64(got) > float64(want)*(1+1./128)+1 {
			t.Errorf("quantile %g is %d, want %d", q, got, want)
		}
	}
	if h.Max() != all[len(all)-1] {
		t.Errorf("maximum %d", h.Max())
	}
}

func TestHistogramEdges(t *testing.T) {
	var h, other load.Histogram
	if h.Quantile(0.5) != 0 || h.Mean() != 0 || h.Max() != 0 {
		t.Error("an empty histogram is not 0")
	}
	h.Add(-time.Second)
	if h.Mean() != 0 || h.Max() != 0 {
		t.Errorf("mean %v and maximum %v of a duration below 0", h.Mean(), h.Max())
	}
	other.Add(math.MaxInt64)
	h.Merge(&other)
	if h.Quantile(0.5) != 0 || h.Quantile(1) != math.MaxInt64 {
		t.Errorf("quantiles %d and %d", h.Quantile(0.5), h.Quantile(1))
	}
}

func plan(address string) load.Plan {
	return load.Plan{
		URL: address, Bodies: [][]byte{[]byte("a"), []byte("b")}, Clients: 2, Length: 300 * time.Millisecond,
		Timeout: 10 * time.Second, Clock: time.Now, //nolint:forbidigo // it is the network that is measured
	}
}

// ticking is a clock that goes on by a millisecond each time that it is read, however slow the machine is.
func ticking() func() time.Time {
	var read atomic.Int64
	return func() time.Time { return time.UnixMilli(read.Add(1)) }
}

func TestEveryOutcomeIsCounted(t *testing.T) {
	var seen atomic.Int64
	running := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen.Add(1)
		if string(body) == "b" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "four")
	}))
	defer running.Close()
	p := plan(running.URL)
	p.Warmup, p.Clock = 50*time.Millisecond, ticking()
	report, err := load.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if report.Requests == 0 || report.Requests >= seen.Load() || report.Outcomes["200"]+report.Outcomes["503"] != report.Requests {
		t.Errorf("%d seen, %+v", seen.Load(), report)
	}
	if report.Received != 4*report.Requests || report.Failed() != report.Outcomes["503"] || report.Failed() == 0 {
		t.Errorf("%+v", report)
	}
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil || !strings.Contains(text.String(), "status 503") {
		t.Errorf("%v: %s", err, &text)
	}
}

func TestNobodyAnswers(t *testing.T) {
	running := httptest.NewServer(http.NotFoundHandler())
	running.Close()
	p := plan(running.URL)
	p.Clock = ticking()
	report, err := load.Run(t.Context(), p)
	if err != nil || report.Requests == 0 || report.Outcomes["no answer"] != report.Requests {
		t.Errorf("%v, %+v", err, report)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil || !strings.Contains(text.String(), "connection refused") {
		t.Errorf("%v: why is not told: %s", err, &text)
	}
}

func TestRefusesPlans(t *testing.T) {
	for name, spoil := range map[string]func(p *load.Plan){
		"no address": func(p *load.Plan) { p.URL = "127.0.0.1:8080/predict/patient" },
		"no service": func(p *load.Plan) { p.URL = "ftp://127.0.0.1/" },
		"no bodies":  func(p *load.Plan) { p.Bodies = nil },
		"no clients": func(p *load.Plan) { p.Clients = 0 },
		"no rate":    func(p *load.Plan) { p.Rate = math.NaN() },
		"no length":  func(p *load.Plan) { p.Length = 0 },
		"no timeout": func(p *load.Plan) { p.Timeout = 0 },
	} {
		p := plan("http://127.0.0.1:0")
		spoil(&p)
		if _, err := load.Run(t.Context(), p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestWhoEndsTheContextEndsARun: also one that waits for the next moment, which is far away.
func TestWhoEndsTheContextEndsARun(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	running := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { end() }))
	defer running.Close()
	p := plan(running.URL)
	p.Rate, p.Length = 0.001, 24*time.Hour
	if _, err := load.Run(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}
