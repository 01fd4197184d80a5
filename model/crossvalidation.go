package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/features"
)

// CrossValidation is what a training learns before its folds are put together: for each fold a model that never saw
// the fold's stays, and what these models say of them.
type CrossValidation struct {
	// Models has for each fold what it learnt, with the calibration and the operating points of the other folds, so that
	// a stay can be predicted again with other input. They are not made to be stored: they carry no self-test. Nil for
	// a fold that was left out.
	Models []*Model
	// Predicted has the answers for all stays of the folds that were not left out. For other stays it says nothing: a
	// probability of 0 there is not a prediction.
	Predicted *OutOfFold
}

// CrossValidate trains as [Train] does, and keeps the folds apart. Its predictions are those of Train.
func CrossValidate(ctx context.Context, t Training) (*CrossValidation, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r, err := newRun(ctx, &t)
	if err != nil {
		return nil, err
	}
	validated, err := r.validate(ctx)
	if err != nil {
		return nil, err
	}
	validated.Predicted.References = r.references()
	for fold, reference := range validated.Predicted.References {
		validated.Models[fold].bundle.Reference, validated.Models[fold].density = reference, newDensity(reference)
	}
	return validated, nil
}

// validate trains and measures the run's folds.
func (r *run) validate(ctx context.Context) (*CrossValidation, error) {
	margins, err := r.crossValidate(ctx)
	if err != nil {
		return nil, err
	}
	predicted, err := r.outOfFold(margins)
	if err != nil {
		return nil, err
	}
	point, err := r.operate(margins, func(stay int) bool { return slices.Contains(r.folds, r.fold[stay]) })
	if err != nil {
		return nil, err
	}
	predicted.Threshold, predicted.AlertPoint = point.utility.Threshold, point.alert
	validated := &CrossValidation{Models: make([]*Model, r.training.Options.Folds), Predicted: predicted}
	for _, fold := range r.folds {
		trees, network, err := merge(r.learners[fold])
		if err != nil {
			return nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
		}
		validated.Models[fold] = newModel(r.training.bundle(r.foreseen[fold], trees, network, r.points[fold], &Reference{}))
	}
	return validated, nil
}

// Workbench is a cohort with its features, laid out once for several trainings of it. It holds a byte for each feature of
// each row.
type Workbench struct{ run *run }

// NewWorkbench computes the features of a cohort.
func NewWorkbench(ctx context.Context, t Training) (*Workbench, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r, err := newRun(ctx, &t)
	if err != nil {
		return nil, err
	}
	return &Workbench{r}, nil
}

// CrossValidate trains the first folds of the cross-validation without some of the columns, and measures on these
// folds. At least 2 folds are needed: calibration and threshold of one come from the others. A column is left out by
// not letting the trees know it, so the others are drawn for a tree as often as before. The seed is of the trees; the folds are those of the training.
func (w *Workbench) CrossValidate(ctx context.Context, folds int, seed uint64, without func(features.Feature) bool) (*CrossValidation, error) {
	if folds < 2 || folds > w.run.training.Options.Folds {
		return nil, fmt.Errorf("train: %d folds of %d: at least 2 are needed", folds, w.run.training.Options.Folds)
	}
	hidden, left, columns := View{}, false, Columns()
	for i, column := range columns {
		if without(column) {
			hidden = append(hidden, column.Name)
		} else if i < features.Count() {
			left = true
		}
	}
	if !left {
		return nil, errors.New("train: no feature is left to learn from")
	}
	r, training := *w.run, *w.run.training
	training.Seed = seed
	r.training, r.hidden = &training, hidden
	r.dataset = r.hide(r.dataset, hidden)
	r.folds, r.points = r.folds[:folds], make([]operation, len(r.points))
	if r.design != nil {
		r.design = r.design.Hide(func(column int) bool { return hidden.hides(columns[column]) })
	}
	r.foreseen, r.learners = make([][]Forecaster, len(r.foreseen)), make([]learner, len(r.learners))
	return r.validate(ctx)
}
