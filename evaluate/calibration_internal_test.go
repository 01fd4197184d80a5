package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCoarseBinsHardlyChangeCalibration compares 200 bins of 100 rows with no bins at all.
func TestCoarseBinsHardlyChangeCalibration(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	stay := scoredStay{septic: true}
	for range 20000 {
		p := 1 / (1 + math.Exp(3-random.NormFloat64()))
		stay.hours = append(stay.hours, scoredHour{probability: p, label: random.Float64() < p*0.8, gain: 1})
	}
	r := newRows(sample{stay}, 0)
	coarse, coarseLarge := r.calibration([]float64{1}, 200)
	exact, exactLarge := r.calibration([]float64{1}, len(r.sorted))
	if math.Abs(coarse-exact) > 5e-3 || math.Abs(coarseLarge-exactLarge) > 5e-3 {
		t.Errorf("slope %g, in the large %g with 200 bins; %g, %g without", coarse, coarseLarge, exact, exactLarge)
	}
}
