package challenge

import "testing"

// A septic decline takes 12 hours and stays; another wears off again.
func TestDecline(t *testing.T) {
	for hour, want := range map[int]struct{ septic, other float64 }{
		1: {0, 0}, 18: {0, 0}, 24: {1, 1}, 30: {2, 2}, 33: {2, 1.5}, 42: {2, 0}, 99: {2, 0},
	} {
		septic, other := patient{septic: true, peak: 30, size: 2}, patient{peak: 30, size: 2}
		if got := septic.decline(hour); got != want.septic {
			t.Errorf("hour %d of a septic decline: %v, want %v", hour, got, want.septic)
		}
		if got := other.decline(hour); got != want.other {
			t.Errorf("hour %d of another decline: %v, want %v", hour, got, want.other)
		}
	}
}
