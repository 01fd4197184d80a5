package metric

import (
	"errors"
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
