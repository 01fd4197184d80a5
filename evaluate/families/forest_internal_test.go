package families

import (
	"math"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// TestTreeGivesShares: a tree that sees all rows answers with the weighted share of label 1 among the rows of a leaf.
func TestTreeGivesShares(t *testing.T) {
	m := gbdt.Matrix{Rows: 8, Cols: 1, Values: []float32{2, 2, 2, 2, 6, 6, 6, 6}}
	labels := []float32{0, 0, 0, 1, 0, 1, 1, 1}
	weights := []float32{1, 1, 1, 1, 6, 1, 1, 2} // shares 1/4 and 4/10
	d, err := gbdt.NewDataset(m, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := ForestOptions{Trees: 1, Depth: 3, RowShare: 1, ColumnShare: 1, NodeColumnShare: 1, MinLeafWeight: 1}
	tree, err := gbdt.Train(t.Context(), d, gbdt.Subset{Rows: []int32{0, 1, 2, 3, 4, 5, 6, 7}, Labels: labels, Weights: weights}, nil, o.tree(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := gbdt.Average(tree, tree, tree)
	if err != nil {
		t.Fatal(err)
	}
	for i, margin := range (grown{mean}).Margins(m, 1) {
		want := 0.25
		if i >= 4 {
			want = 0.4
		}
		if got := 1 / (1 + math.Exp(-margin)); math.Abs(got-want) > 1e-6 {
			t.Errorf("row %d: probability %g, want the share %g", i, got, want)
		}
	}
}

func TestDrawnRows(t *testing.T) {
	rows := make([]int32, 10_000)
	for i := range rows {
		rows[i] = int32(2 * i)
	}
	drawn := drawRows(rows, 0.3, 1)
	if len(drawn) < 2800 || len(drawn) > 3200 || !slices.IsSorted(drawn) || len(slices.Compact(slices.Clone(drawn))) != len(drawn) {
		t.Errorf("%d rows drawn, want about 3,000, each once and in order", len(drawn))
	}
	if slices.Equal(drawn, drawRows(rows, 0.3, 2)) || !slices.Equal(drawn, drawRows(rows, 0.3, 1)) {
		t.Error("rows do not follow the seed")
	}
	if got := drawRows(rows, 1, 1); !slices.Equal(got, rows) {
		t.Errorf("%d rows of a share of 1", len(got))
	}
	if got := drawRows(rows[:1], 1e-12, 1); len(got) != 1 {
		t.Errorf("%d rows drawn of one, want it", len(got))
	}
}
