package gbdt_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// synthetic makes rows with a non-linear signal in the first columns, about a tenth positive, and the
// given share of missing values.
func synthetic(rows, cols int, missing float64, seed uint64) (gbdt.Matrix, []float32) {
	random := rand.New(rand.NewPCG(seed, 7))
	m := gbdt.Matrix{Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
	labels := make([]float32, rows)
	for i := range rows {
		row := m.Row(i)
		for c := range row {
			row[c] = float32(random.NormFloat64())
			if c%3 == 2 {
				row[c] = float32(math.Round(float64(row[c]) * 3))
			}
			if random.Float64() < missing {
				row[c] = float32(math.NaN())
			}
		}
		margin := -2.2 + value(row[0]) + value(row[1])*value(row[2])/2
		if cols > 4 && row[4] != row[4] {
			margin++
		}
		if random.Float64() < 1/(1+math.Exp(-margin)) {
			labels[i] = 1
		}
	}
	return m, labels
}

func value(v float32) float64 {
	if v != v {
		return 0
	}
	return float64(v)
}

func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// BenchmarkTrain reports the time of a round and of a cell of the training matrix in it.
func BenchmarkTrain(b *testing.B) {
	const rows, cols, rounds = 200_000, 128, 5
	m, labels := synthetic(rows, cols, 0.2, 1)
	d, err := gbdt.NewDataset(m, 256, 0)
	if err != nil {
		b.Fatal(err)
	}
	full := gbdt.Options{Rounds: rounds, LearningRate: 0.1, MaxDepth: 5, Lambda: 1, MinChildWeight: 1}
	sampled := full
	sampled.RowSample, sampled.Sampling, sampled.ColumnSample = 0.3, gbdt.GradientBased, 0.5
	for _, run := range []struct {
		name    string
		options gbdt.Options
	}{{"all rows", full}, {"sampled", sampled}} {
		b.Run(run.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(rows), Labels: labels}, nil, run.options, nil); err != nil {
					b.Fatal(err)
				}
			}
			round := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / rounds
			b.ReportMetric(round/1e6, "ms/round")
			b.ReportMetric(round/(rows*cols), "ns/cell")
		})
	}
}

// BenchmarkNewDataset reports the time of binning one value.
func BenchmarkNewDataset(b *testing.B) {
	m, _ := synthetic(200_000, 64, 0.2, 1)
	for b.Loop() {
		if _, err := gbdt.NewDataset(m, 256, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(m.Values)), "ns/cell")
}

// BenchmarkMargin predicts one row with 300 trees of depth 5.
func BenchmarkMargin(b *testing.B) {
	m, labels := synthetic(20_000, 64, 0.2, 1)
	d, err := gbdt.NewDataset(m, 256, 0)
	if err != nil {
		b.Fatal(err)
	}
	o := gbdt.Options{Rounds: 300, LearningRate: 0.1, MaxDepth: 5, Lambda: 1, MinChildWeight: 1}
	booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(m.Rows), Labels: labels}, nil, o, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	row := 0
	for b.Loop() {
		booster.Margin(m.Row(row))
		row = (row + 1) % m.Rows
	}
}
