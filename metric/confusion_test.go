package metric_test

import (
	"errors"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

func TestConfusion(t *testing.T) {
	want := metric.Confusion{TruePositives: 2, FalsePositives: 1, FalseNegatives: 1, TrueNegatives: 3}
	counted, err := metric.NewConfusion(bools(1, 1, 1, 0, 0, 0, 0), bools(1, 1, 0, 1, 0, 0, 0))
	if err != nil || counted != want {
		t.Fatalf("got %+v, %v; want %+v", counted, err, want)
	}
	for name, c := range map[string]struct {
		of   func() (float64, error)
		want float64
	}{
		"sensitivity": {want.Sensitivity, 2.0 / 3},
		"specificity": {want.Specificity, 3.0 / 4},
		"PPV":         {want.PPV, 2.0 / 3},
		"NPV":         {want.NPV, 3.0 / 4},
		"accuracy":    {want.Accuracy, 5.0 / 7},
		"F1":          {want.F1, 4.0 / 6},
	} {
		if got, err := c.of(); err != nil || !near(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
}

// Rows and columns of the matrix that are empty make undefined exactly what divides by them.
func TestConfusionUndefined(t *testing.T) {
	for _, c := range []struct {
		name      string
		confusion metric.Confusion
		undefined map[string]bool
	}{
		{"no rows", metric.Confusion{}, map[string]bool{"sensitivity": true, "specificity": true, "PPV": true, "NPV": true, "accuracy": true, "F1": true}},
		{"only true negatives", metric.Confusion{TrueNegatives: 5}, map[string]bool{"sensitivity": true, "PPV": true, "F1": true}},
		{"only true positives", metric.Confusion{TruePositives: 5}, map[string]bool{"specificity": true, "NPV": true}},
		{"only false positives", metric.Confusion{FalsePositives: 5}, map[string]bool{"sensitivity": true, "NPV": true}},
		{"only false negatives", metric.Confusion{FalseNegatives: 5}, map[string]bool{"specificity": true, "PPV": true}},
	} {
		for name, of := range map[string]func() (float64, error){
			"sensitivity": c.confusion.Sensitivity, "specificity": c.confusion.Specificity,
			"PPV": c.confusion.PPV, "NPV": c.confusion.NPV,
			"accuracy": c.confusion.Accuracy, "F1": c.confusion.F1,
		} {
			_, err := of()
			if _, undefined := errors.AsType[*metric.UndefinedError](err); undefined != c.undefined[name] || (err != nil) != c.undefined[name] {
				t.Errorf("%s, %s: got %v", c.name, name, err)
			}
		}
	}
}

func TestConfusionRefuses(t *testing.T) {
	if _, err := metric.NewConfusion(bools(1, 0), bools(1)); err == nil {
		t.Error("2 labels and 1 prediction were taken")
	}
}
