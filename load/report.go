package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// noAnswer is the outcome of a request that got none, or not the whole.
const noAnswer = "no answer"

// Report is what a run found after the warm-up.
type Report struct {
	Asked    float64          `json:"asked_rate"` // requests a second; 0 for as many as come
	Clients  int              `json:"clients"`
	Requests int64            `json:"requests"` // that got an outcome
	Unsent   int64            `json:"unsent"`   // that were due and for which no client was free until the end
	Seconds  float64          `json:"seconds"`  // until the last answer
	Rate     float64          `json:"rate"`     // outcomes a second
	Received int64            `json:"received_bytes"`
	Outcomes map[string]int64 `json:"outcomes"` // by status
	// NoAnswer is why a request got no answer, the first of one of the clients; empty when all got one.
	NoAnswer string  `json:"no_answer,omitempty"`
	Latency  Latency `json:"latency_ms"`
}

// Latency is in milliseconds, of all outcomes.
type Latency struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
}

func (r *run) report(tallies []tally) Report {
	report := Report{Asked: r.Rate, Clients: r.Clients, Outcomes: map[string]int64{}}
	var all Histogram
	began := r.start.Add(r.Warmup)
	last := began.Add(r.Length)
	for i := range tallies {
		t := &tallies[i]
		all.Merge(&t.latencies)
		report.Received += t.received
		for outcome, n := range t.outcomes {
			report.Outcomes[outcome] += n
			report.Requests += n
		}
		if t.unanswered != nil && report.NoAnswer == "" {
			report.NoAnswer = t.unanswered.Error()
		}
		if t.last.After(last) {
			last = t.last
		}
	}
	report.Unsent = max(r.asked-report.Requests, 0)
	report.Seconds = last.Sub(began).Seconds()
	report.Rate = float64(report.Requests) / report.Seconds
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	report.Latency = Latency{
		ms(all.Mean()), ms(all.Quantile(0.5)), ms(all.Quantile(0.9)), ms(all.Quantile(0.99)), ms(all.Quantile(0.999)), ms(all.Max()),
	}
	return report
}

// Failed counts the outcomes that are no answer of status 200.
func (r *Report) Failed() int64 { return r.Requests - r.Outcomes["200"] }

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, arguments ...any) {
		_, _ = fmt.Fprintf(table, name+"\t"+format+"\n", arguments...) // kept for Flush
	}
	line("requests", "%d in %.2f s, by %d clients", r.Requests, r.Seconds, r.Clients)
	line("rate", "%.1f a second", r.Rate)
	if r.Asked > 0 {
		line("asked for", "%.1f a second; %d were due and not sent", r.Asked, r.Unsent)
	}
	for _, outcome := range slices.Sorted(maps.Keys(r.Outcomes)) {
		line("status "+outcome, "%d", r.Outcomes[outcome])
	}
	if r.NoAnswer != "" {
		line("no answer, such as", "%s", r.NoAnswer)
	}
	line("received", "%.1f MiB", float64(r.Received)/(1<<20))
	l := r.Latency
	line("latency, ms", "mean %.3g, p50 %.3g, p90 %.3g, p99 %.3g, p99.9 %.3g, max %.3g", l.Mean, l.P50, l.P90, l.P99, l.P999, l.Max)
	return table.Flush()
}
