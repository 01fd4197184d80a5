package model

import (
	"context"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/parallel"
)

// Rows says where everything stands in a matrix: first the hours of all stays, one after the other (stay i has rows
// Starts[i] to Starts[i+1]-1), then the snapshots, then the bedside hours.
type Rows struct {
	Starts    []int
	Snapshots []Snapshot
	Bedside   []BedsideHour
}

// NewRows lays out the hours of some stays, their snapshots and their bedside hours.
func NewRows(stays []sepsis.LabelledStay, seed uint64) Rows {
	starts := make([]int, len(stays)+1)
	for i := range stays {
		starts[i+1] = starts[i] + len(stays[i].Observations)
	}
	return Rows{starts, snapshots(stays, seed), bedsideHours(stays, seed)}
}

// Hours is the number of rows that are hours of stays.
func (r Rows) Hours() int { return r.Starts[len(r.Starts)-1] }

// Total is the number of all rows.
func (r Rows) Total() int { return r.bedsideFrom() + len(r.Bedside) }

// bedsideFrom is the row of the first bedside hour.
func (r Rows) bedsideFrom() int { return r.Hours() + len(r.Snapshots) }

// single tells whether a row has no hour before it: the first of a stay, or a snapshot.
func (r Rows) single(row int) bool {
	if row >= r.bedsideFrom() {
		return r.Bedside[row-r.bedsideFrom()].Alone
	}
	_, first := slices.BinarySearch(r.Starts, row)
	return first || row >= r.Hours()
}

// snapshot tells whether a row is one.
func (r Rows) snapshot(row int) bool { return row >= r.Hours() && row < r.bedsideFrom() }

// eachShort visits the rows that tell less of an hour than is known: each with its stay and the row of the hour itself.
func (r Rows) eachShort(visit func(row, stay, hour int)) {
	for i, snapshot := range r.Snapshots {
		visit(r.Hours()+i, snapshot.Stay, r.Starts[snapshot.Stay]+snapshot.Row)
	}
	for i, bedside := range r.Bedside {
		visit(r.bedsideFrom()+i, bedside.Stay, r.Starts[bedside.Stay]+bedside.Row)
	}
}

// Matrix computes the features of all rows, on the given number of goroutines.
func (r Rows) Matrix(ctx context.Context, stays []sepsis.LabelledStay, threads int) (gbdt.Matrix, error) {
	matrix := gbdt.Matrix{
		Names: features.Names(), Rows: r.Total(), Cols: features.Count(),
		Values: make([]float32, r.Total()*features.Count()),
	}
	span := func(from, to int) []float32 { return matrix.Values[from*matrix.Cols : to*matrix.Cols] }
	err := parallel.EachUntil(ctx, threads, len(stays), func(i int) {
		features.Matrix(&stays[i].Stay, span(r.Starts[i], r.Starts[i+1]))
	})
	if err != nil {
		return matrix, err
	}
	err = parallel.EachUntil(ctx, threads, len(r.Snapshots), func(i int) {
		features.Matrix(r.Snapshots[i].flat(&stays[r.Snapshots[i].Stay]), span(r.Hours()+i, r.Hours()+i+1))
	})
	if err != nil {
		return matrix, err
	}
	return matrix, parallel.EachUntil(ctx, threads, len(r.Bedside), func(i int) {
		r.Bedside[i].features(&stays[r.Bedside[i].Stay], span(r.bedsideFrom()+i, r.bedsideFrom()+i+1))
	})
}

// target is what is known of each hour. Its labels and weights are the utility's: whether the alarm is worth more than
// silence under the Challenge's utility, weighted by how much more or less. Maximising the utility is minimising this weighted
// error (section A.1; Hammoud et al., Computing in Cardiology 2019).
type target struct {
	labels, weights []float32
	septic          []bool    // the Challenge's label, for calibration
	gains           []float64 // utility of alarm less utility of silence
	bedside         int       // the first bedside row
}

// QuietWeight is what an hour without label weighs beside one with it where the label is learnt. It is the utility's
// cost of a false alarm, and makes the labelled hours about a quarter of the whole weight.
const QuietWeight = 0.05

// BedsideWeight is what a bedside hour weighs beside the hour itself: enough to learn from, and little enough that what is sent in full is answered as well as
// without such hours.
const BedsideWeight = 0.25

// of gives the outcomes and the weights of a target.
func (t *target) of(target Target) (labels, weights []float32) {
	if target == UtilityTarget {
		return t.labels, t.weights
	}
	labels, weights = make([]float32, len(t.septic)), make([]float32, len(t.septic))
	for row, septic := range t.septic {
		weights[row] = QuietWeight
		if septic {
			labels[row], weights[row] = 1, 1
		}
	}
	for row := t.bedside; row < len(weights); row++ {
		weights[row] *= BedsideWeight
	}
	return labels, weights
}

func newTarget(stays []sepsis.LabelledStay, rows Rows) target {
	n := rows.Total()
	t := target{make([]float32, n), make([]float32, n), make([]bool, n), make([]float64, n), rows.bedsideFrom()}
	for i := range stays {
		s := &stays[i]
		for hour, gain := range metric.RowGains(s.Labels) {
			row := rows.Starts[i] + hour
			t.gains[row], t.septic[row] = gain, s.Labels[hour]
			t.weights[row] = float32(math.Abs(gain))
			if gain > 0 {
				t.labels[row] = 1
			}
		}
	}
	rows.eachShort(func(row, _, hour int) { // is worth what its hour is worth
		t.labels[row], t.weights[row], t.septic[row], t.gains[row] = t.labels[hour], t.weights[hour], t.septic[hour], t.gains[hour]
	})
	for row := t.bedside; row < n; row++ {
		t.weights[row] *= BedsideWeight
	}
	return t
}
