package metric

import (
	"errors"
	"math"
	"testing"
)

// A fit that runs out of iterations says so and returns nothing.
func TestNotConverged(t *testing.T) {
	r := rows{labels: []bool{false, true, false, true}, scores: []float64{-1, 0, 1, 3}}
	if fit, err := r.fitLine(1); !errors.Is(err, ErrNotConverged) || fit != (line{}) {
		t.Errorf("line: got %v, %v", fit, err)
	}
	if fit, err := r.fitIntercept(1); !errors.Is(err, ErrNotConverged) || fit != 0 {
		t.Errorf("intercept: got %v, %v", fit, err)
	}
	if _, err := r.fitLine(maxIterations); err != nil {
		t.Errorf("line with enough iterations: %v", err)
	}
}

// All scores equal leave no curvature for the slope: the step is not a number.
func TestSingularIsNotConverged(t *testing.T) {
	r := rows{labels: []bool{false, true}, scores: []float64{0, 0}}
	if fit, err := r.fitLine(maxIterations); !errors.Is(err, ErrNotConverged) {
		t.Errorf("got %v, %v", fit, err)
	}
}

// Three logits far apart make Newton's steps bounce between the ends of a flat stretch until the bracket is halved.
// There the tails are exponential, so that the root solves exp(-a) (exp(-2) + exp(-10)) = exp(a-49).
func TestFitInterceptOnAFlatStretch(t *testing.T) {
	r := rows{labels: []bool{false, true, true}, scores: []float64{2, 10, -49}}
	want := (49 + math.Log(math.Exp(-2)+math.Exp(-10))) / 2
	if got, err := r.fitIntercept(maxIterations); err != nil || !(math.Abs(got-want) < 1e-3) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}
