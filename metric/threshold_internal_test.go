package metric

import (
	"math"
	"testing"
)

func TestBetween(t *testing.T) {
	tiny := math.SmallestNonzeroFloat64
	for _, c := range []struct{ low, high, want float64 }{
		{0, 1, 0.5},
		{-1, 1, 0},
		{0, tiny, tiny},
		{1, math.Nextafter(1, 2), math.Nextafter(1, 2)},
		{-math.MaxFloat64, math.MaxFloat64, 0},
	} {
		if got := between(c.low, c.high); got != c.want {
			t.Errorf("between %v and %v: got %v, want %v", c.low, c.high, got, c.want)
		}
	}
}
