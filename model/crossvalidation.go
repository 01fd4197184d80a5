package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
)

// CrossValidation is what a training learns before its folds are put together: for each fold a model that never saw
// the fold's stays, and what these models say of them.
type CrossValidation struct {
	// Models has for each fold its boosters, with the calibration and the operating points of the other folds, so that
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
		trees, err := gbdt.Average(r.boosters[fold]...)
		if err != nil {
			return nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
		}
		validated.Models[fold] = newModel(r.training.bundle(trees, r.points[fold], &Reference{}))
	}
	return validated, nil
}

// Workbench is a cohort with its features, laid out once for several trainings of it. It holds 4 bytes for each
// feature of each row.
type Workbench struct {
	run    *run
	matrix gbdt.Matrix
}

// NewWorkbench computes the features of a cohort.
func NewWorkbench(ctx context.Context, t Training) (*Workbench, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r, err := layOut(&t)
	if err != nil {
		return nil, err
	}
	t.report("features", 0, 1)
	matrix, err := r.rows.Matrix(ctx, t.Stays, t.Threads)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return &Workbench{r, matrix}, nil
}

// CrossValidate trains the first folds of the cross-validation without some of the features, and measures on these
// folds. At least 2 folds are needed: calibration and threshold of one come from the others. Features are left out by
// not letting the trees know them, so the others are drawn for a tree as often as before. It must not be called
// twice at the same time.
func (w *Workbench) CrossValidate(ctx context.Context, folds int, without func(features.Feature) bool) (*CrossValidation, error) {
	if folds < 2 || folds > w.run.training.Options.Folds {
		return nil, fmt.Errorf("train: %d folds of %d: at least 2 are needed", folds, w.run.training.Options.Folds)
	}
	r := *w.run
	r.folds, r.boosters, r.points = r.folds[:folds], make([][]*gbdt.Booster, len(r.boosters)), make([]operation, len(r.points))
	r.training.report("bins", 0, 1)
	var err error
	if r.dataset, err = w.dataset(without); err != nil {
		return nil, err
	}
	return r.validate(ctx)
}

// dataset hides columns while the others are cut into bins.
func (w *Workbench) dataset(without func(features.Feature) bool) (*gbdt.Dataset, error) {
	var columns []int
	for i, feature := range features.Table {
		if without(feature) {
			columns = append(columns, i)
		}
	}
	if len(columns) == w.matrix.Cols {
		return nil, errors.New("train: no feature is left to learn from")
	}
	hidden := w.hide(columns)
	defer w.show(columns, hidden)
	dataset, err := gbdt.NewDataset(w.matrix, w.run.training.Options.MaxBins, w.run.training.Threads)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return dataset, nil
}

// hide makes columns unknown, and gives what they held.
func (w *Workbench) hide(columns []int) []float32 {
	hidden := make([]float32, 0, w.matrix.Rows*len(columns))
	unknown := float32(math.NaN())
	for i := range w.matrix.Rows {
		row := w.matrix.Row(i)
		for _, column := range columns {
			hidden = append(hidden, row[column])
			row[column] = unknown
		}
	}
	return hidden
}

// show gives columns back what they held.
func (w *Workbench) show(columns []int, hidden []float32) {
	for i := range w.matrix.Rows {
		row := w.matrix.Row(i)
		for k, column := range columns {
			row[column] = hidden[i*len(columns)+k]
		}
	}
}
