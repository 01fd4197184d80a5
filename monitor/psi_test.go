package monitor_test

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/monitor"
)

// TestPSI: expected values by hand, from the formula of Siddiqi 2006.
func TestPSI(t *testing.T) {
	for _, test := range []struct {
		name           string
		reference, now []float64
		want           float64
	}{
		{"no change", []float64{0.2, 0.3, 0.5}, []float64{0.2, 0.3, 0.5}, 0},
		{"two bins", []float64{0.5, 0.5}, []float64{0.6, 0.4}, 0.1*math.Log(1.2) - 0.1*math.Log(0.8)},
		{"a large shift", []float64{0.5, 0.5}, []float64{0.9, 0.1}, 0.8 * math.Log(3)}, // 0.4 ln 1.8 + 0.4 ln 5 = 0.4 ln 9
		{"either way", []float64{0.6, 0.4}, []float64{0.5, 0.5}, 0.1*math.Log(1.2) - 0.1*math.Log(0.8)},
	} {
		if got, err := monitor.PSI(test.reference, test.now); err != nil || math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %g, %v, want %g", test.name, got, err, test.want)
		}
	}
	for name, pair := range map[string][2][]float64{
		"one bin": {{1}, {1}}, "no bin": {nil, nil}, "different bins": {{0.5, 0.5}, {0.2, 0.3, 0.5}},
		"empty in the reference": {{0, 1}, {0.5, 0.5}}, "empty now": {{0.5, 0.5}, {1, 0}}, "NaN": {{math.NaN(), 1}, {0.5, 0.5}},
	} {
		if got, err := monitor.PSI(pair[0], pair[1]); err == nil {
			t.Errorf("%s: %g", name, got)
		}
	}
}
