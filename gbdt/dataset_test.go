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

// A value that most rows share gets a bin of its own, and leaves bins to the others: 8 codes (6 for
// values) tell 0 from -1 and from 1, and 1 from 4.
func TestFrequentValueLeavesBins(t *testing.T) {
	m := gbdt.Matrix{Cols: 1, Rows: 1000, Values: make([]float32, 1000)}
	labels := make([]float32, 1000)
	for i := range 90 {
		v := i%9 - 4
		m.Values[i*11] = float32(v)
		if v < 0 || v == 4 {
			labels[i*11] = 1
		}
	}
	d, err := gbdt.NewDataset(m, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	booster := trainOn(t, d, labels, gbdt.Options{Rounds: 1, LearningRate: 1, MaxDepth: 3, BaseScore: 0.5})
	margin := func(v float32) float64 { return booster.Margin([]float32{v}) }
	if !(margin(-1) > margin(0) && margin(4) > margin(1)) {
		t.Errorf("margins %v for -1, %v for 0, %v for 1, %v for 4", margin(-1), margin(0), margin(1), margin(4))
	}
}

// Extreme values are values like others.
func TestExtremeValues(t *testing.T) {
	values := []float32{
		-math.MaxFloat32, -1, -math.SmallestNonzeroFloat32, 0, math.SmallestNonzeroFloat32, 1, math.MaxFloat32, nan,
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
