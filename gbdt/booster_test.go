package gbdt_test

import (
	"context"
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
	"pgregory.net/rapid"
)

// trainOn fits a booster to all rows of a dataset.
func trainOn(t testing.TB, d *gbdt.Dataset, labels []float32, o gbdt.Options) *gbdt.Booster {
	t.Helper()
	booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(d.Rows()), Labels: labels}, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return booster
}

// drawMatrix makes small tables with ties and missing values.
func drawMatrix(t *rapid.T, cols int) (gbdt.Matrix, []float32) {
	rows := rapid.IntRange(1, 60).Draw(t, "rows")
	m := gbdt.Matrix{Rows: rows, Cols: cols}
	cell := rapid.OneOf(rapid.Just(nan), rapid.Float32Range(-1e30, 1e30), rapid.Map(rapid.IntRange(-3, 3), func(i int) float32 { return float32(i) }))
	m.Values = rapid.SliceOfN(cell, rows*cols, rows*cols).Draw(t, "values")
	labels := rapid.SliceOfN(rapid.SampledFrom([]float32{0, 1, 0.25}), rows, rows).Draw(t, "labels")
	return m, labels
}

func drawOptions(t *rapid.T) gbdt.Options {
	return gbdt.Options{
		Rounds:             rapid.IntRange(1, 6).Draw(t, "rounds"),
		LearningRate:       rapid.Float64Range(0.05, 1).Draw(t, "rate"),
		Growth:             gbdt.Growth(rapid.IntRange(0, 1).Draw(t, "growth")),
		MaxDepth:           rapid.IntRange(1, 5).Draw(t, "depth"),
		MaxLeaves:          rapid.IntRange(2, 12).Draw(t, "leaves"),
		Lambda:             rapid.Float64Range(0, 2).Draw(t, "lambda"),
		Alpha:              rapid.Float64Range(0, 0.2).Draw(t, "alpha"),
		RowSample:          rapid.Float64Range(0.3, 1).Draw(t, "sample"),
		Sampling:           gbdt.Sampling(rapid.IntRange(0, 1).Draw(t, "sampling")),
		ColumnSampleByNode: rapid.Float64Range(0.3, 1).Draw(t, "columns"),
		Seed:               rapid.Uint64().Draw(t, "seed"),
		Threads:            1,
	}
}

func mustTrain(t *rapid.T, m gbdt.Matrix, labels []float32, o gbdt.Options) (*gbdt.Dataset, *gbdt.Booster) {
	d, err := gbdt.NewDataset(m, rapid.IntRange(4, 256).Draw(t, "bins"), 1)
	if err != nil {
		t.Fatal(err)
	}
	booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(m.Rows), Labels: labels}, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d, booster
}

// The bins, the values, rows made ready, and the written model all give the same margin, bit by bit.
func TestMarginsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, labels := drawMatrix(t, 3)
		d, booster := mustTrain(t, m, labels, drawOptions(t))
		binned, raw := booster.DatasetMargins(d, allRows(m.Rows), 1), booster.Margins(m, 2)
		again, row := reread(t, booster), gbdt.NewRow(m.Cols+1)
		for i := range raw {
			one := booster.Margin(m.Row(i))
			row.Set(0, m.Row(i)...)
			if raw[i] != binned[i] || raw[i] != one || raw[i] != booster.MarginOf(row) || raw[i] != again.Margin(m.Row(i)) {
				t.Fatalf("row %d: %v from values, %v from bins, %v alone, %v made ready, %v after writing",
					i, raw[i], binned[i], one, booster.MarginOf(row), again.Margin(m.Row(i)))
			}
			if math.IsNaN(raw[i]) || math.IsInf(raw[i], 0) {
				t.Fatalf("row %d: margin %v", i, raw[i])
			}
		}
	})
}

func largestLeaf(tree treeFile) float64 {
	largest := 0.0
	for id, left := range tree.Left {
		if left < 0 {
			largest = max(largest, math.Abs(tree.Condition[id]))
		}
	}
	return largest
}

func TestAverageIsMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, labels := drawMatrix(t, 2)
		var members []*gbdt.Booster
		for range rapid.IntRange(1, 4).Draw(t, "members") {
			o := drawOptions(t)
			o.BaseScore = rapid.Float64Range(0.0001, 0.9999).Draw(t, "base")
			o.Lambda += 1
			_, booster := mustTrain(t, m, labels, o)
			members = append(members, booster)
		}
		average, err := gbdt.Average(members...)
		if err != nil {
			t.Fatal(err)
		}
		// Each leaf of the average is rounded to float32, by up to 2^-24 of it, and of the base margin up to 1e-7 is let go.
		tolerance := 1.5e-7
		for _, member := range members {
			for _, tree := range treesOf(t, member) {
				tolerance += 0x1p-24 * largestLeaf(tree) / float64(len(members))
			}
		}
		for i := range m.Rows {
			mean := 0.0
			for _, member := range members {
				mean += member.Margin(m.Row(i)) / float64(len(members))
			}
			if got := average.Margin(m.Row(i)); !(math.Abs(got-mean) <= tolerance) {
				t.Fatalf("row %d: %v, the mean is %v, within %v", i, got, mean, tolerance)
			}
		}
	})
}

// The log-odds of probabilities near 1 get lost in float32 and must be made up for.
func TestAverageOfExtremeBases(t *testing.T) {
	o := oneTree()
	mean := 0.0
	var members []*gbdt.Booster
	for _, base := range []float64{0.9999, 0.9997} {
		o.BaseScore = base
		members = append(members, train(t, column(1), []float32{1}, o))
		mean += members[len(members)-1].Margin([]float32{1}) / 2
	}
	average, err := gbdt.Average(members...)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "margin", average.Margin([]float32{1}), mean)
}

func TestAverageRefuses(t *testing.T) {
	one := train(t, column(1, 2), []float32{0, 1}, oneTree())
	other := train(t, gbdt.Matrix{Names: []string{"y"}, Rows: 2, Cols: 1, Values: []float32{1, 2}}, []float32{0, 1}, oneTree())
	_, err := gbdt.Average()
	wantError(t, err, "needs a booster")
	_, err = gbdt.Average(one, nil)
	wantError(t, err, "booster 1", "nil")
	_, err = gbdt.Average(one, other)
	wantError(t, err, "booster 1", "other features")
}

func TestImportanceFindsTheSignal(t *testing.T) {
	m, labels := synthetic(4000, 12, 0.1, 3)
	booster := train(t, m, labels, someOptions()["depth"])
	gain := booster.Importance()
	if len(gain) != 12 {
		t.Fatalf("%d features", len(gain))
	}
	for feature, g := range gain { // 0, 1, 2 carry signal, as does missing 4
		if feature > 4 && g > gain[0]/4 {
			t.Errorf("feature %d of noise gains %v, the first %v", feature, g, gain[0])
		}
	}
}

func TestMarginPanics(t *testing.T) {
	m, labels := synthetic(100, 3, 0, 1)
	booster := train(t, m, labels, oneTree())
	foreign, err := gbdt.NewDataset(gbdt.Matrix{Rows: 2, Cols: 3, Values: make([]float32, 6)}, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(){
		"short row":       func() { booster.Margin([]float32{1}) },
		"row too narrow":  func() { booster.MarginOf(gbdt.NewRow(2)) },
		"narrow matrix":   func() { booster.Margins(gbdt.Matrix{Rows: 1, Cols: 2, Values: []float32{1, 2}}, 1) },
		"foreign dataset": func() { booster.DatasetMargins(foreign, []int32{0}, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func TestMarginDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector sync.Pool forgets at random")
	}
	m, labels := synthetic(500, 5, 0.1, 1)
	booster := train(t, m, labels, someOptions()["depth"])
	row := gbdt.NewRow(5)
	if n := testing.AllocsPerRun(10, func() { booster.Margin(m.Row(1)); row.Set(0, m.Row(2)...); booster.MarginOf(row) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
