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

func BenchmarkMargins(b *testing.B) {
	made := wide(2048)
	o := neural.Options{Units: []int{128, 64}, Passes: 1, BatchRows: 1024, LearningRate: 0.002, Threads: 2}
	n := train(b, made.design(b), all(2048), made.labels, nil, o)
	b.ResetTimer()
	for range b.N {
		n.Margins(made.values, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2048, "µs/row")
}
