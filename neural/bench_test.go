package neural_test

import (
	"math/rand/v2"
	"testing"

	"github.com/medtech-detect/sepsis/neural"
)

// wide is a table of 471 columns of which half of the values are missing, as those of patients are.
func wide(rows int) table {
	random := rand.New(rand.NewPCG(1, 1))
	values, labels := make([][]float32, rows), make([]float32, rows)
	for r := range values {
		values[r] = make([]float32, 471)
		for c := range values[r] {
			values[r][c] = float32(random.NormFloat64())
			if random.IntN(2) == 0 {
				values[r][c] = nan
			}
		}
		labels[r] = float32(random.IntN(2))
	}
	return cutAt(values, labels)
}

func BenchmarkTrain(b *testing.B) {
	made := wide(8192)
	d := made.design(b)
	o := neural.Options{Units: []int{128, 64}, InputDropout: 0.3, Dropout: 0.3, Passes: 1, BatchRows: 1024, LearningRate: 0.002, WeightDecay: 1, Threads: 1}
	b.ResetTimer()
	for range b.N {
		train(b, d, all(8192), made.labels, nil, o)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/8192, "µs/row")
}

// ten is the mean of ten networks, and what it is measured on.
func ten(b *testing.B) (*neural.Network, table) {
	made := wide(1024)
	o := neural.Options{Units: []int{128, 64}, Passes: 1, BatchRows: 1024, LearningRate: 0.002, Threads: 2}
	n := train(b, made.design(b), all(1024), made.labels, nil, o)
	mean, err := neural.Average(n, n, n, n, n, n, n, n, n, n)
	if err != nil {
		b.Fatal(err)
	}
	return mean, made
}

func BenchmarkMargins(b *testing.B) {
	n, made := ten(b)
	for b.Loop() {
		n.Margins(made.values, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1024, "µs/row")
}
