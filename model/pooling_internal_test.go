package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/metric"
)

// TestPoolingMakesTheMeanCalibrated: outcomes of known log-odds, which five margins tell each with an error of its own. The mean of five, calibrated as one, is
// too flat; with the pooling that two of the margins show it is calibrated. In the large, it stays as it was.
func TestPoolingMakesTheMeanCalibrated(t *testing.T) {
	const rows, folds, centre, spread, noise = 200_000, 5, -3.0, 1.0, 0.4
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable on purpose
	margins, mean, septic := make([][]float64, folds), make([]float64, rows), make([]bool, rows)
	for i := range rows {
		odds := centre + spread*rng.NormFloat64()
		septic[i] = rng.Float64() < 1/(1+math.Exp(-odds))
		for k := range folds {
			margin := odds + noise*rng.NormFloat64()
			margins[k] = append(margins[k], margin)
			mean[i] += margin / folds
		}
	}
	one, err := calibrate(septic, margins[0])
	if err != nil {
		t.Fatal(err)
	}
	pooling := Pooling{Folds: folds, Correlation: stat.Correlation(margins[0], margins[1], nil), Centre: centred(margins[0], one)}
	slope, inTheLarge := calibrationOf(t, one, mean, septic)
	if slope < 1.1 {
		t.Fatalf("the mean has a slope of %.3f without pooling: this tests nothing", slope)
	}
	pooled, left := calibrationOf(t, pooling.steepen(one), mean, septic)
	t.Logf("slope %.3f, with pooling %.3f; in the large %+.3f, with pooling %+.3f", slope, pooled, inTheLarge, left)
	if math.Abs(pooled-1) > 0.02 || math.Abs(left-inTheLarge) > 0.01 {
		t.Errorf("slope %.3f, in the large %+.3f with pooling", pooled, left)
	}
}

// TestPoolingHoldsBoostersAgainstNewStays: the further boosters learn from adults of neither of two folds, and what they say of the adults' hours of the first is held
// against what its own boosters say. All of it is done again here, row by row.
func TestPoolingHoldsBoostersAgainstNewStays(t *testing.T) {
	made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 60, Seed: 3, SepticShare: 0.3, Hospital: "synthetic"})
	if err != nil {
		t.Fatal(err)
	}
	o := DefaultOptions().WithRounds(5)
	o.Folds, o.Members, o.Network, o.Trees.LearningRate, o.Trees.MinChildWeight, o.Trees.Lambda = 4, 2, nil, 0.3, 1, 1
	training := &Training{Stays: slices.Collect(made), Seed: 7, Threads: 2, Options: o, Pooling: true}
	training.Stays[0].Age = 12
	r, err := newRun(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	margins, err := r.crossValidate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.pool(t.Context(), margins, Calibration{Slope: 1})
	if err != nil || got == nil {
		t.Fatal(got, err)
	}

	var learn, hours []int32
	for row := range int32(r.rows.Total()) { //nolint:gosec // a few thousand
		stay, hourly := 0, int(row) < r.rows.Hours()
		if hourly {
			stay, _ = slices.BinarySearch(r.rows.Starts, int(row)+1)
			stay--
		} else if further := int(row) - r.rows.Hours(); further < len(r.rows.Snapshots) {
			stay = r.rows.Snapshots[further].Stay
		} else {
			stay = r.rows.Bedside[further-len(r.rows.Snapshots)].Stay
		}
		switch {
		case !training.Stays[stay].Adult():
		case r.fold[stay] == 0 && hourly:
			hours = append(hours, row)
		case r.fold[stay] > 1 && r.target.weights[row] != 0:
			learn = append(learn, row)
		}
	}
	dataset, err := r.withForecasts(r.foreseen[0])
	if err != nil {
		t.Fatal(err)
	}
	further := make([]float64, len(hours))
	for member := range o.Members {
		booster, err := r.train(t.Context(), dataset, learn, member, o.Folds*o.Members+member, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, margin := range booster.DatasetMargins(dataset, hours, 1) {
			further[i] += margin / float64(o.Members)
		}
	}
	own := make([]float64, len(hours))
	for i, row := range hours {
		own[i] = margins[row]
	}
	if want := stat.Correlation(own, further, nil); math.Abs(got.Correlation-want) > 1e-12 || got.Folds != o.Folds {
		t.Errorf("%+v, want a correlation of %g of %d folds", got, want, o.Folds)
	}
}

func calibrationOf(t *testing.T, c Calibration, margins []float64, septic []bool) (slope, inTheLarge float64) {
	t.Helper()
	probabilities := make([]float64, len(margins))
	for i, margin := range margins {
		probabilities[i] = c.Probability(margin)
	}
	fit, err := metric.Recalibrate(septic, probabilities, nil)
	if err != nil {
		t.Fatal(err)
	}
	inTheLarge, err = metric.CalibrationInTheLarge(septic, probabilities, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fit.Slope, inTheLarge
}
