package model

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
)

// Progress tells how far training has come, in trees.
type Progress struct {
	Stage       string
	Done, Total int
}

// Training is a cohort with what identifies it and the run.
type Training struct {
	Stays      []sepsis.LabelledStay
	Name       string // of the model
	Version    string // of the model
	Provenance Provenance
	Seed       uint64
	Threads    int
	Options    Options
	Progress   func(Progress) // may be nil
}

// OutOfFold is what each row got from the boosters that never saw its stay, with a calibration and a threshold
// that were fitted on the other folds.
type OutOfFold struct {
	Rows          Rows
	Probabilities []float64 // of each row, calibrated
	Positive      []bool    // of each row
	Threshold     float64   // of the shipped model, fitted on all folds
}

// Train learns an ensemble by cross-validation: the stays are dealt into folds, each fold's boosters learn from
// the other folds, and their margins on the fold itself are out of fold. Calibration and threshold come from
// those; the shipped booster is the average of all. Stays of patients under 18 are predicted, not learnt from.
func Train(ctx context.Context, t Training) (*Bundle, *OutOfFold, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	run, err := newRun(ctx, &t)
	if err != nil {
		return nil, nil, err
	}
	trees, margins, err := run.crossValidate(ctx)
	if err != nil {
		return nil, nil, err
	}
	everywhere := func(int) bool { return true }
	point, err := run.operate(margins, everywhere)
	if err != nil {
		return nil, nil, err
	}
	predicted, err := run.outOfFold(margins)
	if err != nil {
		return nil, nil, err
	}
	predicted.Threshold = point.threshold
	bundle := t.bundle(trees, point.calibration, point.threshold)
	bundle.SelfTest = recordSelfTest(newModel(bundle))
	return bundle, predicted, nil
}

func (t *Training) check() error {
	if t.Options.Folds < 2 {
		return fmt.Errorf("train: %d folds: at least 2 are needed", t.Options.Folds)
	}
	if t.Options.Members < 1 {
		return fmt.Errorf("train: %d members: at least 1 is needed", t.Options.Members)
	}
	septic := 0
	for i := range t.Stays {
		if t.Stays[i].Septic() {
			septic++
		}
	}
	if septic < t.Options.Folds || len(t.Stays)-septic < t.Options.Folds {
		return fmt.Errorf("train: %d septic and %d other stays: each of the %d folds needs one of both", septic, len(t.Stays)-septic, t.Options.Folds)
	}
	return nil
}

// bundle puts together what was learnt.
func (t *Training) bundle(trees *gbdt.Booster, calibration Calibration, threshold float64) *Bundle {
	provenance := t.Provenance
	provenance.Seed, provenance.Stays, provenance.Options = t.Seed, len(t.Stays), t.Options
	for i := range t.Stays {
		provenance.Hours += len(t.Stays[i].Observations)
		if t.Stays[i].Septic() {
			provenance.Septic++
		}
	}
	return &Bundle{
		Manifest: Manifest{
			Format: Format, Name: t.Name, Version: t.Version, Features: features.Digest(),
			Calibration: calibration,
			Operating: OperatingPoint{
				Name: "utility", Threshold: threshold,
				Choice: "highest Challenge utility of the out-of-fold probabilities",
			},
			Provenance: provenance,
		},
		Trees: trees,
	}
}

// run is one training under way.
type run struct {
	training *Training
	rows     Rows
	fold     []int
	adult    []bool
	target   target
	dataset  *gbdt.Dataset
}

func newRun(ctx context.Context, t *Training) (*run, error) {
	r := &run{training: t, rows: NewRows(t.Stays, t.Seed), fold: Folds(t.Stays, t.Options.Folds, t.Seed), adult: make([]bool, len(t.Stays))}
	for i := range t.Stays {
		r.adult[i] = t.Stays[i].Age >= sepsis.AdultAge
	}
	var err error
	if r.target, err = newTarget(t.Stays, r.rows); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	t.report("features", 0, 1)
	matrix, err := r.rows.Matrix(ctx, t.Stays, t.Threads)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	t.report("bins", 0, 1)
	if r.dataset, err = gbdt.NewDataset(matrix, t.Options.MaxBins, t.Threads); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return r, nil
}

func (t *Training) report(stage string, done, total int) {
	if t.Progress != nil {
		t.Progress(Progress{stage, done, total})
	}
}

// crossValidate trains the boosters of all folds. It returns their average, and for each row the mean margin of
// the boosters that did not see its stay.
func (r *run) crossValidate(ctx context.Context) (*gbdt.Booster, []float64, error) {
	o := r.training.Options
	margins := make([]float64, r.rows.Total())
	var boosters []*gbdt.Booster
	for fold := range o.Folds {
		learn, apply := r.split(fold)
		for member := range o.Members {
			booster, err := r.train(ctx, learn, len(boosters), member)
			if err != nil {
				return nil, nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
			}
			boosters = append(boosters, booster)
			for i, margin := range booster.DatasetMargins(r.dataset, apply, r.training.Threads) {
				margins[apply[i]] += margin / float64(o.Members)
			}
		}
	}
	average, err := gbdt.Average(boosters...)
	if err != nil {
		return nil, nil, fmt.Errorf("train: %w", err)
	}
	return average, margins, nil
}

// split lists the rows to learn from, of adults in the other folds, and the rows of the fold itself.
func (r *run) split(fold int) (learn, apply []int32) {
	add := func(stay, row int) {
		switch {
		case r.fold[stay] == fold:
			apply = append(apply, int32(row)) //nolint:gosec // bounded by the matrix, whose rows are int32
		case r.adult[stay] && r.target.weights[row] > 0:
			learn = append(learn, int32(row)) //nolint:gosec // as above
		}
	}
	for i := range r.training.Stays {
		for row := r.rows.Starts[i]; row < r.rows.Starts[i+1]; row++ {
			add(i, row)
		}
	}
	for i, snapshot := range r.rows.Snapshots {
		add(snapshot.Stay, r.rows.Hours()+i)
	}
	return learn, apply
}

func (r *run) train(ctx context.Context, learn []int32, index, member int) (*gbdt.Booster, error) {
	t := r.training
	o := t.Options.Trees
	o.Threads = t.Threads
	o.Seed = t.Seed + uint64(index) //nolint:gosec // a small count
	total := t.Options.Folds * t.Options.Members * o.Rounds
	report := func(p gbdt.Progress) { t.report("trees", index*o.Rounds+p.Round, total) }
	subset := gbdt.Subset{Rows: learn, Labels: r.target.labels, Weights: r.target.weights}
	return gbdt.Train(ctx, r.dataset, subset, nil, o, report)
}

// operation is how margins become answers.
type operation struct {
	calibration Calibration
	threshold   float64
}

// operate fits calibration and threshold on the hours of the stays that are chosen.
func (r *run) operate(margins []float64, chosen func(stay int) bool) (operation, error) {
	var septic []bool
	var m, gains []float64
	for i := range r.training.Stays {
		if chosen(i) {
			from, to := r.rows.Starts[i], r.rows.Starts[i+1]
			septic, m, gains = append(septic, r.target.septic[from:to]...), append(m, margins[from:to]...), append(gains, r.target.gains[from:to]...)
		}
	}
	calibration, err := calibrate(septic, m)
	if err != nil {
		return operation{}, err
	}
	for i, margin := range m {
		m[i] = calibration.Probability(margin)
	}
	choice, err := metric.BestThreshold(m, gains)
	if err != nil {
		return operation{}, fmt.Errorf("train: threshold: %w", err)
	}
	return operation{calibration, choice.Threshold}, nil
}

// outOfFold answers for each fold with a calibration and a threshold from the others, so that no figure is measured
// on what it was fitted to.
func (r *run) outOfFold(margins []float64) (*OutOfFold, error) {
	o := &OutOfFold{Rows: r.rows, Probabilities: make([]float64, len(margins)), Positive: make([]bool, len(margins))}
	for fold := range r.training.Options.Folds {
		point, err := r.operate(margins, func(stay int) bool { return r.fold[stay] != fold })
		if err != nil {
			return nil, err
		}
		_, apply := r.split(fold)
		for _, row := range apply {
			o.Probabilities[row] = point.calibration.Probability(margins[row])
			o.Positive[row] = o.Probabilities[row] >= point.threshold
		}
	}
	return o, nil
}

// calibrate fits the Challenge's label on the margins by logistic regression.
func calibrate(septic []bool, margins []float64) (Calibration, error) {
	probabilities := make([]float64, len(margins))
	for row, margin := range margins {
		probabilities[row] = 1 / (1 + math.Exp(-margin))
	}
	fit, err := metric.Recalibrate(septic, probabilities, nil)
	if err != nil {
		return Calibration{}, fmt.Errorf("train: calibration: %w", err)
	}
	if fit.Slope <= 0 {
		return Calibration{}, errors.New("train: the out-of-fold margins fall as sepsis gets likelier: nothing was learnt")
	}
	return Calibration(fit), nil
}
