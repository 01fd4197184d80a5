package model

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis/gbdt"
)

// Layout is a cohort laid out for training: its rows, its folds, and what is to be learnt of each row. Models of any
// kind that learn from it, and answer through it, can be held against the model of this package row by row.
type Layout struct{ run *run }

// NewLayout lays a cohort out as [Train] does. Of the training it reads the stays, the folds and the seed; the rest is for
// [Layout.Boosters].
func NewLayout(t Training) (*Layout, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r, err := layOut(&t)
	if err != nil {
		return nil, err
	}
	return &Layout{r}, nil
}

// WithoutForecasts is the layout of the same training told nothing of the hours to come. They share what is laid out.
func (l *Layout) WithoutForecasts() *Layout {
	r, training := *l.run, *l.run.training
	training.Options.Forecasts = nil
	r.training, r.outcomes = &training, nil
	return &Layout{&r}
}

// Rows says where everything stands.
func (l *Layout) Rows() Rows { return l.run.rows }

// Folds is the number of folds.
func (l *Layout) Folds() int { return l.run.training.Options.Folds }

// Target is what is to be learnt of each row: the outcome, and what it weighs, as the first kind of members learns it.
// Neither must be changed.
func (l *Layout) Target() (labels, weights []float32) {
	return l.run.target.of(l.run.training.Options.kind(0).Target)
}

// Split lists the rows to learn from when a fold is held out, and the rows of the fold itself.
func (l *Layout) Split(fold int) (learn, apply []int32) { return l.run.split(fold) }

// Fit trains what the shipped model has for a fold, on a dataset of the features of the layout's rows, the same for all folds, and one fold at a time. The bundle is made
// to be applied, by [Bundle.Margins], and not to be stored.
func (l *Layout) Fit(ctx context.Context, dataset *gbdt.Dataset, fold int) (*Bundle, error) {
	r := *l.run
	r.dataset = r.hide(dataset, r.training.Options.Hidden)
	r.foreseen, r.learners = make([][]Forecaster, len(r.foreseen)), make([]learner, len(r.learners))
	if r.design == nil {
		if err := r.layInputs(); err != nil {
			return nil, err
		}
		l.run.design = r.design
	}
	if r.outcomes == nil {
		if err := r.lookAhead(ctx); err != nil {
			return nil, err
		}
		l.run.outcomes = r.outcomes
	}
	if err := r.trainFold(ctx, fold, fold, make([]float64, r.rows.Total())); err != nil {
		return nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
	}
	trees, network, err := merge(r.learners[fold])
	if err != nil {
		return nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
	}
	return r.training.bundle(r.foreseen[fold], trees, network, operation{}, nil), nil
}

// OutOfFold answers for each row, given the margin of a model that never saw its fold: calibration and operating
// points of a fold come from the others. A margin may be any number that rises with the risk; its size is what the
// logistic calibration takes for log-odds.
func (l *Layout) OutOfFold(margins []float64) (*OutOfFold, error) {
	if len(margins) != l.run.rows.Total() {
		return nil, fmt.Errorf("train: %d margins for %d rows", len(margins), l.run.rows.Total())
	}
	predicted, err := l.run.outOfFold(margins)
	if err != nil {
		return nil, err
	}
	point, err := l.run.operate(margins, func(int) bool { return true })
	if err != nil {
		return nil, err
	}
	predicted.Threshold, predicted.AlertPoint = point.utility.Threshold, point.alert
	return predicted, nil
}
