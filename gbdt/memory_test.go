package gbdt_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// The estimate is close to what is allocated, of which little is given back on the way.
func TestEstimateMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	const rows, cols = 150_000, 40
	m, labels := synthetic(rows, cols, 0.2, 2)
	all := allRows(rows)
	for name, o := range map[string]gbdt.Options{
		"all":      {Rounds: 3, LearningRate: 0.1, MaxDepth: 5, Lambda: 1, Threads: 2},
		"sampled":  {Rounds: 3, LearningRate: 0.1, MaxDepth: 5, Lambda: 1, Threads: 2, RowSample: 0.3, ColumnSample: 0.5, Sampling: gbdt.GradientBased},
		"leafwise": {Rounds: 2, LearningRate: 0.1, Growth: gbdt.LeafWise, MaxLeaves: 31, Threads: 1, RowSample: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			estimate := gbdt.EstimateMemory(rows, cols, o)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, err := gbdt.NewDataset(m, 256, o.Threads)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: all, Labels: labels}, nil, o, nil); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			allocated := float64(after.TotalAlloc - before.TotalAlloc)
			if ratio := allocated / float64(estimate.Total()-estimate.Matrix); ratio < 0.75 || ratio > 1.25 {
				t.Errorf("%.1f MB allocated, %.2f times the estimate", allocated/1e6, ratio)
			}
		})
	}
}

func TestFootprintWithin(t *testing.T) {
	f := gbdt.EstimateMemory(10_000_000, 100, gbdt.Options{Rounds: 100, LearningRate: 0.1, MaxDepth: 6, Threads: 2})
	if err := f.Within(24 << 30); err != nil {
		t.Error(err)
	}
	wantError(t, f.Within(4<<30), "10000000 rows of 100 columns need about ", "(3.7 GiB for the values, ", "there are 4.0 GiB: ") // 4 bytes each
	small := gbdt.EstimateMemory(1000, 100, gbdt.Options{Rounds: 100, LearningRate: 0.1, MaxDepth: 6, Threads: 2})
	wantError(t, small.Within(1000), "1000 rows of 100 columns need about ", " MiB (390.6 KiB for the values, ", "there are 1.0 KiB: ")
}
