package monitor

import (
	"time"

	"github.com/medtech-detect/sepsis"
)

// windows of time that drift is told of.
var windows = []struct {
	name  string
	hours int64
}{{"24h", 24}, {"7d", 7 * 24}, {"30d", keptHours}}

// drift tells how the windows that end now compare with the reference.
func (t *tally) drift(now time.Time) []sepsis.DriftWindow {
	totals := make([]total, len(windows))
	for i, window := range windows {
		totals[i] = total{hours: window.hours, counts: make([]int, t.cells)}
	}
	t.sum(now, totals)
	all := make([]sepsis.DriftWindow, len(windows))
	for i, window := range windows {
		counts := totals[i].counts
		all[i] = sepsis.DriftWindow{Window: window.name, Predictions: totals[i].predictions, Inputs: []sepsis.Drift{}, Score: t.score(counts)}
		for v := range t.reference.Inputs {
			all[i].Inputs = append(all[i].Inputs, t.input(sepsis.Variable(v), counts[t.offsets[v]:t.offsets[v+1]]))
		}
	}
	return all
}

func (t *tally) input(v sepsis.Variable, counts []int) sepsis.Drift {
	reference := &t.reference.Inputs[v]
	drift := compared(v.String(), append(append([]int{}, reference.Counts...), reference.Missing), counts)
	missing := proportion(counts[len(counts)-1], sum(counts))
	drift.Missing = &missing
	if total := reference.total(); total > 0 {
		share := float64(reference.Missing) / float64(total)
		drift.MissingReference = &share
	}
	return drift
}

func (t *tally) score(counts []int) sepsis.Drift {
	const name = "score"
	if t.reference.Score == nil {
		return sepsis.Drift{Name: name, Level: sepsis.UnknownDrift}
	}
	return compared(name, t.reference.Score.Counts, counts[t.offsets[len(t.reference.Inputs)]:])
}

// compared tells the drift of counts in the same bins. It is insufficient as long as chance alone may reach the first
// bound of the levels.
func compared(name string, reference, now []int) sepsis.Drift {
	drift := sepsis.Drift{Name: name, Level: sepsis.UnknownDrift}
	n, m := sum(now), sum(reference)
	if m == 0 {
		return drift
	}
	drift.Level = sepsis.InsufficientDrift
	if n == 0 {
		return drift
	}
	psi, err := PSI(shares(reference), shares(now))
	if err != nil { // one bin alone: it cannot drift
		return drift
	}
	byChance := chance(len(now), n, m)
	drift.PSI, drift.Chance = &psi, &byChance
	if byChance < moderateFrom {
		drift.Level = level(psi)
	}
	return drift
}

func sum(counts []int) int {
	total := 0
	for _, count := range counts {
		total += count
	}
	return total
}
