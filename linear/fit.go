package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// patience is the number of iterations running that must bring less than the tolerance.
const patience = 3

// Fit minimises the objective. labels (0 or 1) and weights (finite, 0 or more; nil for 1 each) hold a value for every row
// of the matrix that the design was made from, not only for those to learn from. Both labels must occur. progress,
// which may be nil, is called after each iteration. Where MaxIterations ends the fit, [Model.Converged] is false and the
// model is the best one so far. Cancelling ctx ends the fit with ctx's error.
func (d *Design) Fit(ctx context.Context, labels, weights []float32, o Options, progress func(iteration int)) (*Model, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	y, err := d.outcomes(labels, weights)
	if err != nil {
		return nil, err
	}
	f := newObjective(d, o, y)
	w := newWhitening(f)
	settings := &optimize.Settings{
		Converger:       &optimize.FunctionConverge{Relative: o.Tolerance, Iterations: patience},
		MajorIterations: o.MaxIterations,
		Recorder:        recorder(progress),
	}
	result, err := optimize.Minimize(f.problem(ctx, w), w.see(f.start()), settings, &optimize.LBFGS{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if result == nil || !finite(result.X) {
		return nil, errors.Join(errors.New("linear: the fit found no finite coefficients"), err)
	}
	if err != nil && result.MajorIterations == 0 {
		return nil, fmt.Errorf("linear: the fit could not start: %w", err)
	}
	// A line search that fails later has met the last digits of the objective: there is nothing left to gain.
	converged := err != nil || result.Status != optimize.IterationLimit
	return d.model(o.Loss, w.unseen(result.X), result, converged), nil
}

// problem is the objective as the optimiser sees it.
func (f *objective) problem(ctx context.Context, w whitening) optimize.Problem {
	return optimize.Problem{
		Func: func(seen []float64) float64 {
			f.evaluate(w.unseen(seen))
			return f.value
		},
		Grad: func(gradient, seen []float64) {
			f.evaluate(w.unseen(seen))
			copy(gradient, f.gradient)
			w.slope(gradient)
		},
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
}

// start is the best intercept of logistic regression without any coefficient; for the squared hinge, the same for its
// loss: the difference of the shares.
func (f *objective) start() []float64 {
	x := make([]float64, len(f.gradient))
	if f.options.Loss == Logistic {
		x[len(x)-1] = math.Log(f.positive / (1 - f.positive))
	} else {
		x[len(x)-1] = 2*f.positive - 1
	}
	return x
}

// recorder reports iterations.
type recorder func(iteration int)

// Init has nothing to prepare.
func (recorder) Init() error { return nil }

// Record reports each finished iteration.
func (r recorder) Record(_ *optimize.Location, operation optimize.Operation, stats *optimize.Stats) error {
	if r != nil && operation == optimize.MajorIteration {
		r(stats.MajorIterations)
	}
	return nil
}

func finite(values []float64) bool {
	for _, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

func (d *Design) model(loss Loss, parameters []float64, result *optimize.Result, converged bool) *Model {
	last := len(d.scalings)
	return &Model{
		Loss: loss, Scalings: d.scalings, Coefficients: parameters[:last:last], Intercept: parameters[last],
		Objective: result.F, Iterations: result.MajorIterations, Converged: converged,
	}
}
