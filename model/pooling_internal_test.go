package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"

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
