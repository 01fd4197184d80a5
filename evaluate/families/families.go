// Package families holds kinds of models side by side: gradient boosting as it ships, with networks beside it, and without these or without forecasts, a random forest, logistic
// regression and a linear support vector machine. All learn from the same rows and features, are held out on the same
// folds, and get calibration and threshold in the same way. All learn the same target, with the same weights: that of the recipe
// of the boosting.
package families

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/linear"
	"github.com/medtech-detect/sepsis/model"
)

// Options say how the comparison is made.
type Options struct {
	// Training has the cohort, the seed, the threads, and the recipe of the boosting; its name, version and provenance
	// are not used.
	Training model.Training
	Forest   ForestOptions
	Linear   LinearOptions
	// Clock tells the time, by which training and prediction are measured.
	Clock func() time.Time
}

// Family is one kind of model and what it did.
type Family struct {
	evaluate.ModelFamily
	// PrepareSeconds is the part of TrainSeconds that goes into cutting values into bins, or scaling them. Families that
	// share this work each have all of it. What networks learn from is made once, within the fit of the first family.
	PrepareSeconds float64 `json:"prepare_seconds"`
	// PredictSeconds is the time for 1,000 hours whose features are ready, on one thread, by the model of one fold.
	PredictSeconds float64 `json:"predict_seconds_per_1000_hours"`
	// Iterations are those of each fold's fit, for families that are fitted step by step until nothing is gained.
	Iterations []int `json:"iterations,omitempty"`
	// Stopped counts the folds whose fit was ended by the number of iterations.
	Stopped int `json:"stopped,omitempty"`
}

// Comparison is the families, gradient boosting first.
type Comparison struct {
	Stays    int           `json:"stays"`
	Hours    int           `json:"hours"`
	Features int           `json:"features"`
	Folds    int           `json:"folds"`
	Seed     uint64        `json:"seed"`
	Threads  int           `json:"threads"`
	Recipe   model.Options `json:"recipe"` // of the boosting
	Forest   ForestOptions `json:"forest"`
	Linear   LinearOptions `json:"linear"`
	Families []Family      `json:"families"`
}

// Compare trains every family on every fold and measures all of them. It needs 4 bytes for each feature of each row
// about twice, and 1 more for the bins; with networks 1 more for what these learn from. Figures come from the seed; times differ from run to run.
func Compare(ctx context.Context, o Options) (*Comparison, error) {
	if err := errors.Join(o.Forest.validate(), o.Linear.validate()); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for fold := range b.layout.Folds() {
		if err := b.run(ctx, fold); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	stays, hours, features := len(o.Training.Stays), b.layout.Rows().Hours(), b.matrix.Cols
	b.matrix, b.dataset = gbdt.Matrix{}, nil // the figures need memory of their own
	families, err := b.measure()
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return &Comparison{
		Stays: stays, Hours: hours, Features: features, Folds: b.layout.Folds(), Seed: o.Training.Seed,
		Threads: o.Training.Threads, Recipe: o.Training.Options, Forest: o.Forest, Linear: o.Linear, Families: families,
	}, nil
}

// bench is what all families work on, and how far they have come.
type bench struct {
	options  Options
	layout   *model.Layout
	shipped  *model.Bundle // what the first family has for the fold at hand
	matrix   gbdt.Matrix
	dataset  *gbdt.Dataset
	design   *linear.Design // of the fold at hand; nil until it is needed
	binning  time.Duration  // what it took to make the dataset
	scaling  time.Duration  // what it took to make the design
	families []*contender
}

// contender is a family on the bench.
type contender struct {
	Family
	prepare prepare
	fit     fit
	margins []float64 // of each row, by the model that never saw its fold
}

// prepare makes what a fit starts from, unless it is there, and tells how long that took.
type prepare func(fold int, learn []int32) (time.Duration, error)

// fit learns from the rows outside a fold.
type fit func(ctx context.Context, fold int, learn []int32) (fitted, error)

func newBench(ctx context.Context, o Options) (*bench, error) {
	t := &o.Training
	silent := *t
	silent.Progress = nil // progress is told in fits, of all families
	layout, err := model.NewLayout(silent)
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, layout: layout}
	b.report("features", 0, 1)
	if b.matrix, err = layout.Rows().Matrix(ctx, t.Stays, t.Threads); err != nil {
		return nil, err
	}
	b.report("bins", 0, 1)
	started := o.Clock()
	if b.dataset, err = gbdt.NewDataset(b.matrix, t.Options.MaxBins, t.Threads); err != nil {
		return nil, err
	}
	b.binning = o.Clock().Sub(started)
	b.enter()
	return b, nil
}

// scaledInputs are what the linear families learn from.
const scaledInputs = "winsorised and standardised features; a missing value is the mean, and no column tells that it was missing"

// enter lists the families. The first is the one that the others are held against.
func (b *bench) enter() {
	add := func(name, description string, prepare prepare, fit fit) {
		c := &contender{prepare: prepare, fit: fit, margins: make([]float64, b.layout.Rows().Total())}
		c.Name, c.Description = name, description
		b.families = append(b.families, c)
	}
	add("gradient boosting", "the recipe of the shipped model", b.binned, b.boosting)
	if b.options.Training.Options.Network != nil {
		add(evaluate.WithoutNetwork, "the trees of the shipped recipe alone, which are trained with the first", b.trained, b.treesAlone)
	}
	add(evaluate.WithoutForecasts, "the same recipe, told nothing of the hours to come", b.binned, b.plainBoosting)
	add("random forest", "deep trees on samples of rows and columns; the mean of their leaves' shares", b.binned, b.forest)
	add("logistic regression", "L2-regularised, on "+scaledInputs, b.scaled, b.linear(linear.Logistic))
	add("linear SVM", "L2-regularised, squared hinge, on "+scaledInputs, b.scaled, b.linear(linear.SquaredHinge))
}

func (b *bench) report(stage string, done, total int) {
	if b.options.Training.Progress != nil {
		b.options.Training.Progress(model.Progress{Stage: stage, Done: done, Total: total})
	}
}

// run takes all families through one fold.
func (b *bench) run(ctx context.Context, fold int) error {
	b.design = nil
	learn, apply := b.layout.Split(fold)
	for i, c := range b.families {
		b.report("fits", fold*len(b.families)+i, b.layout.Folds()*len(b.families))
		if err := c.run(ctx, b, fold, learn, apply); err != nil {
			return fmt.Errorf("%s, fold %d: %w", c.Name, fold+1, err)
		}
	}
	return nil
}

// run takes one family through one fold.
func (c *contender) run(ctx context.Context, b *bench, fold int, learn, apply []int32) error {
	clock := b.options.Clock
	prepared, err := c.prepare(fold, learn)
	if err != nil {
		return err
	}
	started := clock()
	m, err := c.fit(ctx, fold, learn)
	if err != nil {
		return err
	}
	c.PrepareSeconds += prepared.Seconds()
	c.TrainSeconds += (prepared + clock().Sub(started)).Seconds()
	for i, margin := range b.margins(m, apply) {
		c.margins[apply[i]] = margin
	}
	some := b.some()
	started = clock()
	m.Margins(some, 1)
	c.PredictSeconds += clock().Sub(started).Seconds() / float64(some.Rows) * 1000 / float64(b.layout.Folds())
	size, err := packedSize(m)
	if err != nil {
		return err
	}
	c.Bytes += size
	if solved, ok := m.(steps); ok {
		iterations, converged := solved.steps()
		c.Iterations = append(c.Iterations, iterations)
		if !converged {
			c.Stopped++
		}
	}
	return nil
}
