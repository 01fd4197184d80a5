package metric_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

// reference is testdata/scikit_learn.json, written by testdata/scikit_learn.py.
type reference struct {
	Cases            []referenceCase
	CalibrationCurve struct {
		Labels        []int
		Probabilities []float64
		Bins          int
		Observed      []float64
		Mean          []float64
	} `json:"calibration_curve"`
	ScoreVectors map[string]struct{ AUROC, AUPRC float64 } `json:"score_vectors"`
}

type referenceCase struct {
	Rows          int
	Levels        int
	Weighted      bool
	Labels        []int
	Probabilities []float64
	Weights       []float64

	AUROC      float64 `json:"roc_auc_score"`
	AUPRC      float64 `json:"average_precision_score"`
	Brier      float64 `json:"brier_score_loss"`
	LogLoss    float64 `json:"log_loss"`
	Intercept  float64
	Slope      float64
	InTheLarge float64 `json:"in_the_large"`
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	body, err := os.ReadFile(path) //nolint:gosec // the test's own data
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func readReference(t *testing.T) reference {
	t.Helper()
	var r reference
	readJSON(t, "testdata/scikit_learn.json", &r)
	if len(r.Cases) < 10 || len(r.ScoreVectors) != 6 {
		t.Fatalf("scikit_learn.json holds %d cases and %d folders", len(r.Cases), len(r.ScoreVectors))
	}
	return r
}

func bools(values ...int) []bool {
	out := make([]bool, len(values))
	for i, value := range values {
		out[i] = value == 1
	}
	return out
}

func TestAgreesWithScikitLearn(t *testing.T) {
	for _, c := range readReference(t).Cases {
		labels, p, w := bools(c.Labels...), c.Probabilities, c.Weights
		if !c.Weighted {
			w = nil
		}
		for _, m := range []struct {
			name      string
			want      float64
			tolerance float64
			of        func([]bool, []float64, []float64) (float64, error)
		}{
			{"AUROC", c.AUROC, 1e-9, metric.AUROC},
			{"AUPRC", c.AUPRC, 1e-9, metric.AUPRC},
			{"Brier", c.Brier, 1e-9, metric.Brier},
			{"LogLoss", c.LogLoss, 1e-9, metric.LogLoss},
			{"intercept", c.Intercept, 1e-9, intercept},
			{"slope", c.Slope, 1e-9, slope},
			{"in the large", c.InTheLarge, 1e-9, metric.CalibrationInTheLarge},
		} {
			got, err := m.of(labels, p, w)
			if err != nil || differ(got, m.want, m.tolerance) {
				t.Errorf("%s of %d rows, %d levels, weighted %t: got %v, %v; scikit-learn has %v", m.name, c.Rows, c.Levels, c.Weighted, got, err, m.want)
			}
		}
	}
}

func intercept(labels []bool, p, w []float64) (float64, error) {
	fit, err := metric.Recalibrate(labels, p, w)
	return fit.Intercept, err
}

func slope(labels []bool, p, w []float64) (float64, error) {
	fit, err := metric.Recalibrate(labels, p, w)
	return fit.Slope, err
}

func TestCalibrationCurveAgreesWithScikitLearn(t *testing.T) {
	want := readReference(t).CalibrationCurve
	curve, err := metric.CalibrationCurve(bools(want.Labels...), want.Probabilities, nil, want.Bins)
	if err != nil || len(curve) != len(want.Mean) {
		t.Fatalf("got %d bins, %v; want %d", len(curve), err, len(want.Mean))
	}
	for i, bin := range curve {
		if differ(bin.MeanProbability, want.Mean[i], 1e-9) || differ(bin.ObservedRate, want.Observed[i], 1e-9) {
			t.Errorf("bin %d: got mean %v, observed %v; want %v, %v", i, bin.MeanProbability, bin.ObservedRate, want.Mean[i], want.Observed[i])
		}
	}
}
