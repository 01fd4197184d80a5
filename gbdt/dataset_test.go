package gbdt_test

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

func TestNewDatasetRefuses(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name string
		m    gbdt.Matrix
		bins int
		want string
	}{
		{"infinite", gbdt.Matrix{Names: []string{"a", "b"}, Rows: 2, Cols: 2, Values: []float32{1, nan, 2, inf}}, 256, "row 1, column 1 (b) is +Inf"},
		{"first of two", gbdt.Matrix{Rows: 2, Cols: 1, Values: []float32{-inf, inf}}, 256, "row 0, column 0 (f0) is -Inf"},
		{"too few values", gbdt.Matrix{Rows: 2, Cols: 2, Values: []float32{1}}, 256, "need 4"},
		{"negative size", gbdt.Matrix{Rows: -1}, 256, "-1 rows"},
		{"names", gbdt.Matrix{Names: []string{"a"}, Rows: 1, Cols: 2, Values: []float32{1, 2}}, 256, "1 feature names for 2"},
		{"same name", gbdt.Matrix{Names: []string{"a", "a"}, Cols: 2}, 256, "both named"},
		{"empty name", gbdt.Matrix{Names: []string{"a", ""}, Cols: 2}, 256, "empty name"},
		{"not UTF-8", gbdt.Matrix{Names: []string{"\xff"}, Cols: 1}, 256, "not UTF-8"},
		{"few bins", column(1), 3, "need 4 to 256"},
		{"many bins", column(1), 257, "need 4 to 256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := gbdt.NewDataset(c.m, c.bins, 2)
			wantError(t, err, c.want)
		})
	}
}

func TestNewDatasetOfNothing(t *testing.T) {
	for _, m := range []gbdt.Matrix{{}, {Cols: 3}, {Rows: 3}} {
		d, err := gbdt.NewDataset(m, 256, 0)
		if err != nil || d.Rows() != m.Rows || d.Cols() != m.Cols {
			t.Errorf("%d x %d: %v", m.Rows, m.Cols, err)
		}
	}
}

// A value that most rows share must not take the bins of the others: with 8 codes (6 for values), the
// rare values 1 to 5 are still told apart from 0.
func TestFrequentValueLeavesBins(t *testing.T) {
	m := gbdt.Matrix{Cols: 1, Rows: 1000, Values: make([]float32, 1000)}
	labels := make([]float32, 1000)
	for i := range 50 {
		m.Values[i*20] = float32(i%5 + 1)
		if i%5 == 3 {
			labels[i*20] = 1
		}
	}
	d, err := gbdt.NewDataset(m, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	booster := trainOn(t, d, labels, gbdt.Options{Rounds: 1, LearningRate: 1, MaxDepth: 2, BaseScore: 0.5})
	if low, four := booster.Margin([]float32{3}), booster.Margin([]float32{4}); !(four > low) {
		t.Errorf("margin %v for 4 and %v for 3", four, low)
	}
}

// Extreme values are values like others.
func TestExtremeValues(t *testing.T) {
	values := []float32{-math.MaxFloat32, -1, -math.SmallestNonzeroFloat32, 0, math.SmallestNonzeroFloat32, 1, math.MaxFloat32, nan,
		float32(math.Copysign(0, -1)),
	}
	labels := []float32{1, 0, 1, 0, 1, 0, 1, 0, 0}
	m := column(values...)
	d, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		t.Fatal(err)
	}
	booster := trainOn(t, d, labels, gbdt.Options{Rounds: 4, LearningRate: 1, MaxDepth: 6})
	binned := booster.DatasetMargins(d, allRows(len(values)), 1)
	for i, margin := range booster.Margins(m, 1) {
		if margin != binned[i] || (margin > 0) != (labels[i] == 1) {
			t.Errorf("%v: margin %v, %v from bins, label %v", values[i], margin, binned[i], labels[i])
		}
	}
}
