package model

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/neural"
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
	Pooling    bool           // whether [Train] also finds out the [Pooling]; else the mean is given the calibration of one fold's
	Progress   func(Progress) // may be nil
}

// OutOfFold is what each row got from the boosters, and networks beside them, that never saw its stay, with a calibration and a threshold
// that were fitted on the other folds.
type OutOfFold struct {
	Rows          Rows
	Probabilities []float64 // of each row, calibrated
	Positive      []bool    // of each row
	Alert         []bool    // whether an alert is on after each row; a snapshot has no row before it
	Threshold     float64   // of the shipped model, fitted on all folds
	AlertPoint    AlertPoint
	Fold          []int        // of each stay
	References    []*Reference // of each fold, made of the others
}

// Train learns an ensemble by cross-validation: the stays are dealt into folds, each fold's boosters, and the networks beside them, learn from
// the other folds, and their margins on the fold itself are out of fold. Calibration and thresholds come from
// those; what ships is the average of all, for which [Pooling] makes the calibration steeper. Stays of patients who are not known to be
// adults are predicted; neither trees nor calibration nor thresholds are fitted to them (see [LeftOut]).
func Train(ctx context.Context, t Training) (*Bundle, *OutOfFold, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	run, err := newRun(ctx, &t)
	if err != nil {
		return nil, nil, err
	}
	margins, err := run.crossValidate(ctx)
	if err != nil {
		return nil, nil, err
	}
	trees, network, err := merge(run.learners...)
	if err != nil {
		return nil, nil, fmt.Errorf("train: %w", err)
	}
	everywhere := func(int) bool { return true }
	forecasters, err := run.forecasters(ctx, everywhere, t.Options.Folds)
	if err != nil {
		return nil, nil, fmt.Errorf("train: %w", err)
	}
	point, err := run.operate(margins, everywhere)
	if err != nil {
		return nil, nil, err
	}
	predicted, err := run.outOfFold(margins)
	if err != nil {
		return nil, nil, err
	}
	predicted.Threshold, predicted.AlertPoint, predicted.References = point.utility.Threshold, point.alert, run.references()
	bundle := t.bundle(forecasters, trees, network, point, run.reference(run.latest(), everywhere))
	if t.Pooling {
		if bundle.Pooling, err = run.pool(ctx, margins, point.calibration); err != nil {
			return nil, nil, fmt.Errorf("train: %w", err)
		}
		bundle.Calibration = bundle.Pooling.steepen(point.calibration)
	}
	bundle.Learnt = fingerprints(t.Stays)
	bundle.SelfTest = recordSelfTest(newModel(bundle))
	return bundle, predicted, nil
}

func (t *Training) check() error {
	if err := t.Options.check(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	check := checked(t.Stays)
	if err := cmp.Or(check.Err(), check.Enough(t.Options.Folds)); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// bundle puts together what was learnt; the network may be nil.
func (t *Training) bundle(forecasters []Forecaster, trees *gbdt.Booster, network *neural.Network, point operation, reference *Reference) *Bundle {
	provenance := t.Provenance
	provenance.Seed, provenance.Stays, provenance.Options = t.Seed, len(t.Stays), t.Options
	for i := range t.Stays {
		provenance.Hours += len(t.Stays[i].Observations)
		if t.Stays[i].Septic() {
			provenance.Septic++
		}
	}
	bundle := &Bundle{
		Manifest: Manifest{
			Format: Format, Name: t.Name, Version: t.Version, Features: features.Digest(),
			Calibration: point.calibration, SingleHour: point.single, Operating: point.utility, Alert: &point.alert,
			Reference: reference, Provenance: provenance, Forecasters: forecasters,
		},
		Trees: trees, Network: network,
	}
	if network != nil {
		bundle.NetworkShare = t.Options.Network.Share
	}
	return bundle
}

// run is one training under way.
type run struct {
	training *Training
	rows     Rows
	fold     []int
	adult    []bool
	target   target
	hidden   View           // what is hidden beside what the options hide
	dataset  *gbdt.Dataset  // the features of all rows
	design   *neural.Design // the same for networks; nil without them
	outcomes [][]sighting   // of each forecast, at each row
	folds    []int          // that are trained and measured
	foreseen [][]Forecaster // by fold: the forecasts that were learnt without its stays
	learners []learner      // by fold: what never saw its stays
	points   []operation    // by fold, fitted on the other folds
}

// layOut gives every stay its rows, its fold and its target. Folds are dealt without regard to age: that outside of each there are adults of both
// kinds to learn from is found out here.
func layOut(t *Training) (*run, error) {
	o := t.Options
	r := &run{
		training: t, rows: NewRows(t.Stays, t.Seed), fold: Folds(t.Stays, o.Folds, t.Seed), adult: make([]bool, len(t.Stays)),
		foreseen: make([][]Forecaster, o.Folds), learners: make([]learner, o.Folds), points: make([]operation, o.Folds),
	}
	for i := range t.Stays {
		r.adult[i] = t.Stays[i].Adult()
	}
	for fold := range o.Folds {
		r.folds = append(r.folds, fold)
	}
	r.target = newTarget(t.Stays, r.rows)
	for fold := range o.Folds {
		if err := r.canLearnWithout(fold); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	return r, nil
}

// canLearnWithout wants septic and other stays of adults outside of a fold.
func (r *run) canLearnWithout(fold int) error {
	var septic, other bool
	for i := range r.training.Stays {
		if r.adult[i] && r.fold[i] != fold {
			septic = septic || r.training.Stays[i].Septic()
			other = other || !r.training.Stays[i].Septic()
		}
	}
	if septic && other {
		return nil
	}
	return tooLittle("all septic, or all other, stays of adults fell into fold %d, so that nothing can be learnt without it: give another --seed, or more stays%s",
		fold+1, LeftOut(r.training.Stays).agesMissing())
}

func newRun(ctx context.Context, t *Training) (*run, error) {
	r, err := layOut(t)
	if err != nil {
		return nil, err
	}
	if err := r.cut(ctx); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return r, nil
}

// cut computes the features of all rows and cuts them into bins, and finds out how the forecasts came out.
func (r *run) cut(ctx context.Context) error {
	t := r.training
	t.report("features", 0, 1)
	matrix, err := r.rows.Matrix(ctx, t.Stays, t.Threads)
	if err != nil {
		return err
	}
	t.report("bins", 0, 1)
	if r.dataset, err = gbdt.NewDataset(matrix, t.Options.MaxBins, t.Threads); err != nil {
		return err
	}
	r.dataset = r.hide(r.dataset, t.Options.Hidden)
	if err := r.layInputs(); err != nil {
		return err
	}
	return r.lookAhead(ctx)
}

// hide makes a dataset what may be seen.
func (r *run) hide(dataset *gbdt.Dataset, hidden View) *gbdt.Dataset {
	if len(hidden) == 0 {
		return dataset
	}
	columns := Columns()
	return dataset.Hide(func(column int) bool { return hidden.hides(columns[column]) })
}

func (t *Training) report(stage string, done, total int) {
	if t.Progress != nil {
		t.Progress(Progress{stage, done, total})
	}
}

// crossValidate trains the forecasts and the learners of the run's folds. It returns for each of their rows the margin
// of what did not see its stay; 0 for the rows of other folds.
func (r *run) crossValidate(ctx context.Context) ([]float64, error) {
	margins := make([]float64, r.rows.Total())
	for position, fold := range r.folds {
		if err := r.trainFold(ctx, fold, position, margins); err != nil {
			return nil, fmt.Errorf("train: fold %d: %w", fold+1, err)
		}
	}
	return margins, nil
}

// trainFold trains what is told of the fold's rows by those who never saw them, and adds its margins.
func (r *run) trainFold(ctx context.Context, fold, position int, margins []float64) (err error) {
	if r.foreseen[fold], err = r.forecasters(ctx, func(stay int) bool { return r.fold[stay] != fold }, position); err != nil {
		return err
	}
	dataset, err := r.withForecasts(r.foreseen[fold])
	if err != nil {
		return err
	}
	learn, apply := r.split(fold)
	if r.learners[fold], err = r.learn(ctx, dataset, learn, fold, position); err != nil {
		return err
	}
	for i, margin := range r.margins(r.learners[fold], dataset, apply) {
		margins[apply[i]] = margin
	}
	return nil
}

// members trains the boosters of a fold on some rows. The fold makes their seeds; those of so many folds were trained before it.
func (r *run) members(ctx context.Context, dataset *gbdt.Dataset, learn []int32, fold, before int) ([]*gbdt.Booster, error) {
	boosters := make([]*gbdt.Booster, r.training.Options.Members)
	for member := range boosters {
		booster, err := r.train(ctx, dataset, learn, member, fold*len(boosters)+member, before*len(boosters)+member)
		if err != nil {
			return nil, err
		}
		boosters[member] = booster
	}
	return boosters, nil
}

// meanMargins are those of some boosters for rows of a dataset.
func (r *run) meanMargins(boosters []*gbdt.Booster, dataset *gbdt.Dataset, rows []int32) []float64 {
	mean := make([]float64, len(rows))
	for _, booster := range boosters {
		for i, margin := range booster.DatasetMargins(dataset, rows, r.training.Threads) {
			mean[i] += margin / float64(len(boosters))
		}
	}
	return mean
}

// rowsOf lists the rows of the chosen stays: their hours, then their snapshots, then their bedside hours.
func (r *run) rowsOf(chosen func(stay int) bool) []int32 {
	var rows []int32
	for i := range r.training.Stays {
		if !chosen(i) {
			continue
		}
		for row := r.rows.Starts[i]; row < r.rows.Starts[i+1]; row++ {
			rows = append(rows, int32(row)) //nolint:gosec // bounded by the matrix, whose rows are int32
		}
	}
	r.rows.eachShort(func(row, stay, _ int) {
		if chosen(stay) {
			rows = append(rows, int32(row)) //nolint:gosec // as above
		}
	})
	return rows
}

// split lists the rows to learn from, of adults in the other folds, and the rows of the fold itself.
func (r *run) split(fold int) (learn, apply []int32) {
	return r.learnable(func(other int) bool { return other != fold }), r.rowsOf(func(stay int) bool { return r.fold[stay] == fold })
}

// learnable lists the rows to learn from of the chosen folds: those of adults that weigh anything.
func (r *run) learnable(chosen func(fold int) bool) []int32 {
	rows := r.rowsOf(func(stay int) bool { return r.adult[stay] && chosen(r.fold[stay]) })
	return slices.DeleteFunc(rows, func(row int32) bool { return r.target.weights[row] == 0 })
}

// train learns a member on a dataset. Its index makes its seed; so many were trained before it.
func (r *run) train(ctx context.Context, dataset *gbdt.Dataset, learn []int32, member, index, before int) (*gbdt.Booster, error) {
	t := r.training
	o, kind := t.Options.Trees, t.Options.kind(member)
	o.Threads = t.Threads
	o.Seed = t.Seed + uint64(index) //nolint:gosec // a small count
	total := r.trainings() * t.Options.Members * o.Rounds
	report := func(p gbdt.Progress) { t.report("trees", before*o.Rounds+p.Round, total) }
	labels, weights := r.target.of(kind.Target)
	return gbdt.Train(ctx, r.hide(dataset, slices.Concat(t.Options.Hidden, r.hidden, kind.Hidden)), gbdt.Subset{Rows: learn, Labels: labels, Weights: weights}, nil, o, report)
}

// trainings is how many learners are trained: one for each fold, and one to find out the pooling.
func (r *run) trainings() int {
	trainings := len(r.folds)
	if r.training.Pooling && trainings >= fewestPooled {
		trainings++
	}
	return trainings
}

// operate fits calibration and operating points on the hours of the adults' stays that are chosen.
func (r *run) operate(margins []float64, chosen func(stay int) bool) (operation, error) {
	single := r.singleHour(margins, chosen)
	var h hours
	for i := range r.training.Stays {
		if r.adult[i] && chosen(i) {
			from, to := r.rows.Starts[i], r.rows.Starts[i+1]
			own := slices.Clone(margins[from:to])
			if from < to {
				own[0] += single
			}
			h.add(r.training.Stays[i].Hospital, r.target.septic[from:to], own, r.target.gains[from:to])
		}
	}
	o, err := h.operate("the out-of-fold probabilities")
	if err != nil {
		return operation{}, fmt.Errorf("train: %w", err)
	}
	o.single = single
	return o, nil
}

// singleHour is what has to be added to the margins of hours without history for their risk to be right in the large, where the calibration is that of the hours that
// have one, which nearly all hours of stays do. It is found on the snapshots of the adults' stays that are chosen, and is 0 where too little is there to find it.
func (r *run) singleHour(margins []float64, chosen func(stay int) bool) float64 {
	wanted := func(stay int) bool { return r.adult[stay] && chosen(stay) }
	var hours, snapshots []int32
	for _, row := range r.rowsOf(wanted) {
		switch {
		case !r.rows.single(int(row)) && int(row) < r.rows.Hours():
			hours = append(hours, row)
		case r.rows.snapshot(int(row)):
			snapshots = append(snapshots, row)
		}
	}
	calibration, err := calibrate(pick(r.target.septic, hours), pick(margins, hours))
	if err != nil {
		return 0
	}
	probabilities := pick(margins, snapshots)
	for i, margin := range probabilities {
		probabilities[i] = calibration.Probability(margin)
	}
	inLarge, err := metric.CalibrationInTheLarge(pick(r.target.septic, snapshots), probabilities, nil)
	if err != nil {
		return 0
	}
	return inLarge / calibration.Slope
}

// outOfFold answers for each of the run's folds with a calibration and a threshold from the others of them, so that no
// figure is measured on what it was fitted to.
func (r *run) outOfFold(margins []float64) (*OutOfFold, error) {
	o := &OutOfFold{
		Rows: r.rows, Probabilities: make([]float64, len(margins)), Positive: make([]bool, len(margins)), Alert: make([]bool, len(margins)),
		Fold: r.fold,
	}
	for _, fold := range r.folds {
		point, err := r.operate(margins, func(stay int) bool { return r.fold[stay] != fold && slices.Contains(r.folds, r.fold[stay]) })
		if err != nil {
			return nil, err
		}
		r.points[fold] = point
		_, apply := r.split(fold)
		for _, row := range apply {
			margin := margins[row]
			if r.rows.single(int(row)) {
				margin += point.single
			}
			o.Probabilities[row] = point.calibration.Probability(margin)
			o.Positive[row] = o.Probabilities[row] >= point.utility.Threshold
		}
		o.alert(fold, point.alert.Rule())
	}
	return o, nil
}

// references are those of each fold, made of the others.
func (r *run) references() []*Reference {
	references, latest := make([]*Reference, r.training.Options.Folds), r.latest()
	for fold := range references {
		references[fold] = r.reference(latest, func(stay int) bool { return r.fold[stay] != fold })
	}
	return references
}
