package challenge_test

import (
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
)

// TestPublished: 40,336 stays are public in both sets together; of another hospital nothing is known.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		hospitals []string
		stays     int
		known     bool
	}{
		{[]string{"training_setA", "training_setB"}, 40336, true},
		{[]string{"training_setB"}, 20000, true},
		{[]string{"training_setA", "ours"}, 0, false},
		{nil, 0, false},
	} {
		if stays, known := challenge.Published(c.hospitals...); stays != c.stays || known != c.known {
			t.Errorf("%v: %d, %v; want %d, %v", c.hospitals, stays, known, c.stays, c.known)
		}
	}
}
