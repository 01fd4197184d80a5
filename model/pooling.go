package model

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Pooling says how much flatter the mean of all folds' learners (boosters, and networks beside them) is than one of them. No stay is new to all of them, so that a calibration
// can only be fitted to learners that answer alone. Their mean leaves out in what they differ, and a mean of calibrated
// forecasts tells risks that are too close together (Ranjan and Gneiting 2010, doi:10.1111/j.1467-9868.2009.00726.x).
//
// Where the margins of two learners on stays that are new to both correlate by r, the mean of k has the share 1/k + r (1 - 1/k) of
// the variance of one. Regressed on it, what both foretell has the slope of one, divided by that share; so, nearly, has a logistic regression while the outcome is rare. In the large,
// which the flat mean misses by a little, nothing changes.
type Pooling struct {
	Folds       int     `json:"folds"`       // whose learners are averaged
	Correlation float64 `json:"correlation"` // r, from 0 to 1
	Centre      float64 `json:"centre"`      // the margin whose probability stays as it is
}

// fewestPooled is how many folds leave one to learn from without the first two.
const fewestPooled = 3

// Factor is by what the slope grows; 1 or more.
func (p *Pooling) Factor() float64 {
	alone := 1 / float64(p.Folds)
	return 1 / (alone + float64(p.Correlation*(1-alone)))
}

// steepen makes the calibration of one learner that of the mean. Where nothing is known, they are the same.
func (p *Pooling) steepen(one Calibration) Calibration {
	if p == nil {
		return one
	}
	slope := one.Slope * p.Factor()
	return Calibration{Intercept: one.Intercept + float64((one.Slope-slope)*p.Centre), Slope: slope}
}

// pool finds out how alike the learners of two folds are: a further one learns from neither of the first two folds, and is held against that of the first
// fold on the stays of this fold, which are new to both. It is given the forecasts of the first fold, as all that are averaged are given the same when they
// answer; their stays are part of the other's, so that they may be a little more alike than two of those. Nil where too little is left to learn from.
func (r *run) pool(ctx context.Context, margins []float64, one Calibration) (*Pooling, error) {
	learn := r.learnable(func(fold int) bool { return fold > 1 })
	if !r.bothKinds(learn) { // as with two folds
		return nil, nil //nolint:nilnil // said above
	}
	dataset, err := r.withForecasts(r.foreseen[0])
	if err != nil {
		return nil, fmt.Errorf("pooling: %w", err)
	}
	folds := r.training.Options.Folds
	further, err := r.learn(ctx, dataset, learn, folds, folds)
	if err != nil {
		return nil, fmt.Errorf("pooling: %w", err)
	}
	apply := r.hoursOf(func(fold int) bool { return fold == 0 })
	correlation := stat.Correlation(pick(margins, apply), r.margins(further, dataset, apply), nil)
	if math.IsNaN(correlation) { // one says the same of every hour
		return nil, nil //nolint:nilnil // said above
	}
	all := pick(margins, r.hoursOf(func(int) bool { return true }))
	return &Pooling{Folds: folds, Correlation: min(max(correlation, 0), 1), Centre: centred(all, one)}, nil
}

// centred is the mean of margins, each of which counts by how much its probability p moves with its log-odds, p (1 - p). Drawn
// apart about it, the probabilities keep their sum, but for terms of higher order.
func centred(margins []float64, one Calibration) float64 {
	weights := make([]float64, len(margins))
	for i, margin := range margins {
		p := one.Probability(margin)
		weights[i] = p * (1 - p)
	}
	return stat.Mean(margins, weights)
}

// hoursOf lists the rows of the adults' hours in the chosen folds.
func (r *run) hoursOf(chosen func(fold int) bool) []int32 {
	rows := r.rowsOf(func(stay int) bool { return r.adult[stay] && chosen(r.fold[stay]) })
	return slices.DeleteFunc(rows, func(row int32) bool { return int(row) >= r.rows.Hours() })
}

// bothKinds is whether rows are of septic hours and of others.
func (r *run) bothKinds(rows []int32) bool {
	labels, _ := r.target.of(r.training.Options.kind(0).Target)
	zero, one := false, false
	for _, row := range rows {
		zero, one = zero || labels[row] == 0, one || labels[row] != 0
	}
	return zero && one
}

func pick[T any](values []T, rows []int32) []T {
	picked := make([]T, len(rows))
	for i, row := range rows {
		picked[i] = values[row]
	}
	return picked
}

// check refuses what no training finds.
func (p *Pooling) check() error {
	if p == nil {
		return nil
	}
	if p.Folds < fewestPooled || !(p.Correlation >= 0 && p.Correlation <= 1) || math.IsNaN(p.Centre) || math.IsInf(p.Centre, 0) {
		return fmt.Errorf("pooling of %d folds with a correlation of %g about %g: %d folds or more, 0 to 1 and a finite number are expected", p.Folds, p.Correlation, p.Centre, fewestPooled)
	}
	return nil
}
