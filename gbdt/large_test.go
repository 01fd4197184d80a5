package gbdt_test

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// BenchmarkLarge trains on 10 million synthetic rows of 100 columns, if SEPSIS_LARGE_GIB says how much memory there is and that is
// enough. It reports what was expected to be taken, and what was.
func BenchmarkLarge(b *testing.B) {
	gibibytes, err := strconv.Atoi(os.Getenv("SEPSIS_LARGE_GIB"))
	if err != nil {
		b.Skip("SEPSIS_LARGE_GIB is not set")
	}
	rows, cols := 10_000_000, 100
	if text := os.Getenv("SEPSIS_LARGE_ROWS"); text != "" { // for a trial
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	o := gbdt.Options{Rounds: 50, LearningRate: 0.1, MaxDepth: 6, Lambda: 1, MinChildWeight: 1}
	estimate := gbdt.EstimateMemory(rows, cols, o)
	if err := estimate.Within(int64(gibibytes) << 30); err != nil {
		b.Fatal(err)
	}
	m, labels := synthetic(rows, cols, 0.2, 1)
	binning := 0.0
	for b.Loop() {
		d, err := gbdt.NewDataset(m, 256, 0)
		if err != nil {
			b.Fatal(err)
		}
		binning = b.Elapsed().Seconds()
		if _, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(rows), Labels: labels}, nil, o, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64(cols), "columns")
	b.ReportMetric(float64(o.Rounds), "rounds")
	b.ReportMetric(float64(o.MaxDepth), "depth")
	b.ReportMetric(binning, "bin-s")
	b.ReportMetric(b.Elapsed().Seconds(), "train-s")
	b.ReportMetric(float64(estimate.Total())/(1<<30), "expected-GiB")
	b.ReportMetric(peakMemory(b)/1024, "peak-GiB")
}
