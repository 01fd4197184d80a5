package gbdt_test

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// Trees give the same for a row whatever the order of its columns, and whatever else stands in it.
func TestWithFeatures(t *testing.T) {
	m, labels := synthetic(400, 6, 0.2, 3)
	m.Names = []string{"a", "b", "c", "d", "e", "f"}
	booster := train(t, m, labels, gbdt.Options{Rounds: 10, LearningRate: 0.3, MaxDepth: 4, Lambda: 1})
	names := []string{"f", "new", "d", "b", "e", "c", "a"}
	moved, err := booster.WithFeatures(names)
	if err != nil {
		t.Fatal(err)
	}
	from := map[string]int{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}
	row := make([]float32, len(names))
	for i := range m.Rows {
		for c, name := range names {
			row[c] = float32(math.Inf(1))
			if at, known := from[name]; known {
				row[c] = m.Row(i)[at]
			}
		}
		if got, want := moved.Margin(row), booster.Margin(m.Row(i)); got != want {
			t.Fatalf("row %d: %v, %v before", i, got, want)
		}
	}
}

func TestWithFeaturesRefuses(t *testing.T) {
	m, labels := synthetic(200, 3, 0, 3)
	booster := train(t, m, labels, gbdt.Options{Rounds: 5, LearningRate: 0.3, MaxDepth: 3})
	_, err := booster.WithFeatures([]string{"f1", "f2"})
	wantError(t, err, `a tree splits on "f0", which is none of the 2 columns`)
	_, err = booster.WithFeatures([]string{"f0", "f0"})
	wantError(t, err, "both named")
	only := train(t, gbdt.Matrix{Rows: 200, Cols: 3, Values: m.Values}, make([]float32, 200), gbdt.Options{Rounds: 1, LearningRate: 1, MaxDepth: 1})
	none, err := only.WithFeatures(nil)
	if err != nil || none.Margin(nil) != only.Margin(m.Row(0)) {
		t.Errorf("trees without splits, without columns: %v", err)
	}
}
