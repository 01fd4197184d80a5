package gbdt_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// TestTrainingBytes: the same data, options and seed give the bytes that they gave when the first model was shipped, whatever the number
// of threads. Who changes one of these changes every model, and must say so.
func TestTrainingBytes(t *testing.T) {
	golden := map[string]string{
		"depth": "1627714bd62e6e54", "leaf": "b2955c319adcbbee", "sampled": "bee6d605741c2447", "uniform": "5d49474d78d4f3d6",
	}
	const rows, cols = 6000, 75 // more than one block, and more than one chunk of rows
	m, labels := synthetic(rows, cols, 0.3, 21)
	weights := make([]float32, rows)
	var some, rest []int32
	for i := range rows {
		weights[i] = 0.5 + float32(i%3)
		if i%7 == 0 {
			rest = append(rest, int32(i))
		} else {
			some = append(some, int32(i))
		}
	}
	d, err := gbdt.NewDataset(m, 64, 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range someOptions() {
		for _, o.Threads = range []int{1, 3} {
			o.EarlyStopping = 15
			booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: some, Labels: labels, Weights: weights}, &gbdt.Subset{Rows: rest, Labels: labels}, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(encode(t, booster))
			if got := hex.EncodeToString(sum[:8]); got != golden[name] {
				t.Errorf("%s, %d threads: %s, want %s", name, o.Threads, got, golden[name])
			}
		}
	}
}
