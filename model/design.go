package model

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
)

// Rows says where the hours of each stay stand when all stays' hours are written one after the other: stay i has
// rows Starts[i] to Starts[i+1]-1.
type Rows struct{ Starts []int }

// NewRows lays out the hours of some stays.
func NewRows(stays []sepsis.LabelledStay) Rows {
	starts := make([]int, len(stays)+1)
	for i := range stays {
		starts[i+1] = starts[i] + len(stays[i].Observations)
	}
	return Rows{starts}
}

// Total is the number of rows.
func (r Rows) Total() int { return r.Starts[len(r.Starts)-1] }

// Matrix computes the features of all hours of all stays, on the given number of goroutines.
func (r Rows) Matrix(ctx context.Context, stays []sepsis.LabelledStay, threads int) (gbdt.Matrix, error) {
	matrix := gbdt.Matrix{
		Names: features.Names(), Rows: r.Total(), Cols: features.Count(),
		Values: make([]float32, r.Total()*features.Count()),
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range threads {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(stays) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				features.Matrix(&stays[i].Stay, matrix.Values[r.Starts[i]*matrix.Cols:r.Starts[i+1]*matrix.Cols])
			}
		})
	}
	group.Wait()
	return matrix, ctx.Err()
}

// target is what the trees learn: for each hour whether the alarm is worth more than silence under the
// Challenge's utility, weighted by how much more or less. Maximising the utility is minimising this weighted
// error (section A.1; Hammoud et al., Computing in Cardiology 2019).
type target struct {
	labels, weights []float32
	septic          []bool    // the Challenge's label, for calibration
	gains           []float64 // utility of alarm less utility of silence
}

func newTarget(stays []sepsis.LabelledStay, rows Rows) (target, error) {
	n := rows.Total()
	t := target{make([]float32, n), make([]float32, n), make([]bool, n), make([]float64, n)}
	for i := range stays {
		s := &stays[i]
		if s.Labels == nil {
			return target{}, fmt.Errorf("%s/%s has no SepsisLabel: training needs it in every stay", s.Hospital, s.ID)
		}
		for hour, gain := range metric.RowGains(s.Labels) {
			row := rows.Starts[i] + hour
			t.gains[row], t.septic[row] = gain, s.Labels[hour]
			t.weights[row] = float32(math.Abs(gain))
			if gain > 0 {
				t.labels[row] = 1
			}
		}
	}
	return t, nil
}
