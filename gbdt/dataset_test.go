package gbdt_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
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

// wide is a matrix of random columns, some values missing, and labels that follow the first and the last column.
func wide(rows, cols int) (gbdt.Matrix, []float32) {
	m, labels := synthetic(rows, cols, 0.2, 7)
	m.Names = nil
	for c := range cols {
		m.Names = append(m.Names, fmt.Sprintf("c%d", c))
	}
	return m, labels
}

// columnsOf is some of the columns of a matrix.
func columnsOf(m gbdt.Matrix, from, to int) gbdt.Matrix {
	part := gbdt.Matrix{Names: m.Names[from:to], Rows: m.Rows, Cols: to - from}
	for i := range m.Rows {
		part.Values = append(part.Values, m.Row(i)[from:to]...)
	}
	return part
}

// TestAppendIsAllAtOnce: wherever a block of 64 columns ends, training on appended columns gives the bytes of training on all.
func TestAppendIsAllAtOnce(t *testing.T) {
	options := gbdt.Options{Rounds: 5, LearningRate: 0.5, MaxDepth: 4, ColumnSample: 0.5, Seed: 3}
	for _, c := range []struct{ cols, first int }{{5, 3}, {70, 64}, {70, 63}, {130, 65}, {130, 1}, {4, 0}, {4, 4}} {
		m, labels := wide(300, c.cols)
		whole, err := gbdt.NewDataset(m, 32, 2)
		if err != nil {
			t.Fatal(err)
		}
		part, err := gbdt.NewDataset(columnsOf(m, 0, c.first), 32, 2)
		if err != nil {
			t.Fatal(err)
		}
		before := part.Cols()
		joined, err := part.Append(columnsOf(m, c.first, c.cols), 32, 2)
		if err != nil {
			t.Fatal(err)
		}
		if part.Cols() != before || !slices.Equal(joined.Features(), m.Names) {
			t.Errorf("%d and %d columns: %d in the part, features %v", c.first, c.cols-c.first, part.Cols(), joined.Features())
		}
		if want, got := encode(t, trainOn(t, whole, labels, options)), encode(t, trainOn(t, joined, labels, options)); !bytes.Equal(want, got) {
			t.Errorf("%d and %d columns: other trees than on all at once", c.first, c.cols-c.first)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	m, _ := wide(10, 3)
	d, err := gbdt.NewDataset(m, 32, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Append(gbdt.Matrix{Names: []string{"x"}, Rows: 9, Cols: 1, Values: make([]float32, 9)}, 32, 1)
	wantError(t, err, "9 rows cannot be appended to a dataset of 10")
	_, err = d.Append(columnsOf(m, 0, 1), 32, 1)
	wantError(t, err, "both named")
}

// TestHiddenColumns: no split uses them, and what is left is learnt as if their values were missing throughout.
func TestHiddenColumns(t *testing.T) {
	m, labels := wide(300, 6)
	d, err := gbdt.NewDataset(m, 32, 1)
	if err != nil {
		t.Fatal(err)
	}
	options := gbdt.Options{Rounds: 8, LearningRate: 0.5, MaxDepth: 3, ColumnSample: 0.5, Seed: 1}
	hidden := trainOn(t, d.Hide(func(column int) bool { return column == 0 || column == 4 }), labels, options)
	for i, gain := range hidden.Importance() {
		if hides := i == 0 || i == 4; (gain == 0) != hides {
			t.Errorf("column %d: gain %v, hidden %v", i, gain, hides)
		}
	}
	blank := gbdt.Matrix{Names: m.Names, Rows: m.Rows, Cols: m.Cols, Values: slices.Clone(m.Values)}
	for i := range blank.Rows {
		blank.Row(i)[0], blank.Row(i)[4] = nan, nan
	}
	missing, err := gbdt.NewDataset(blank, 32, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encode(t, hidden), encode(t, trainOn(t, missing, labels, options))) {
		t.Error("other trees than without the values")
	}
	if all := trainOn(t, d, labels, options); all.Importance()[0] == 0 {
		t.Error("hiding a column changed the dataset that it was hidden in")
	}
}
