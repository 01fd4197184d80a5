package metric_test

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

// TestWilson: the first four are the intervals of Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), Table I,
// method 3, to 4 digits; the others of scipy.stats.binomtest(…).proportion_ci(method="wilson"), scipy 1.17.1.
func TestWilson(t *testing.T) {
	for _, test := range []struct {
		part, whole          int
		low, high, tolerance float64
	}{
		{81, 263, 0.2553, 0.3662, 5e-5},
		{15, 148, 0.0624, 0.1605, 5e-5},
		{0, 20, 0, 0.1611, 5e-5},
		{1, 29, 0.0061, 0.1718, 5e-5},
		{10, 100, 0.0552291371, 0.1743656615, 1e-10},
		{0, 20, 0, 0.1611251581, 1e-10},
	} {
		share := float64(test.part) / float64(test.whole)
		low, high := metric.Wilson(share, float64(test.whole))
		if differ(low, test.low, test.tolerance) || differ(high, test.high, test.tolerance) {
			t.Errorf("%d of %d: %v to %v, want %v to %v", test.part, test.whole, low, high, test.low, test.high)
		}
		mirroredLow, mirroredHigh := metric.Wilson(1-share, float64(test.whole))
		if differ(mirroredLow, 1-high, 1e-15) || differ(mirroredHigh, 1-low, 1e-15) {
			t.Errorf("the others of %d: %v to %v", test.whole, mirroredLow, mirroredHigh)
		}
	}
	if low, high := metric.Wilson(math.NaN(), 0); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("0 of 0: %v to %v", low, high)
	}
	for _, whole := range []float64{13, 20} { // of 13 the sum is above 1 by rounding
		if _, high := metric.Wilson(1, whole); high != 1 {
			t.Errorf("%v of them: up to %v", whole, high)
		}
	}
}
