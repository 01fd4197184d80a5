package evaluate

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// TestConformalByHand counts the flagged hours of three stays of two hospitals. A p-value at a level is flagged.
func TestConformalByHand(t *testing.T) {
	stays := []checkedStay{
		{"north", []bool{false, true, true}, []float64{1, 0.01, 0.0005}},
		{"north", []bool{false, false}, []float64{0.02, 0.001}},
		{"south", []bool{false}, []float64{0.2}},
	}
	undefined := math.NaN()
	for _, c := range []struct {
		hospital     string
		stays, hours int
		want         [2][numFlagged]float64 // at 0.01 and at 0.001
	}{
		{pooled, 3, 6, [2][numFlagged]float64{{3. / 6, 2. / 2, 1. / 4}, {2. / 6, 1. / 2, 1. / 4}}},
		{"north", 2, 5, [2][numFlagged]float64{{3. / 5, 2. / 2, 1. / 3}, {2. / 5, 1. / 2, 1. / 3}}},
		{"south", 1, 1, [2][numFlagged]float64{{0, undefined, 0}, {0, undefined, 0}}},
	} {
		part := conformal(c.hospital, AllHours, stays, drawn)
		if part.Stays != c.stays || part.Hours != c.hours || len(part.Levels) != len(model.ConformalLevels) {
			t.Fatalf("%s: %+v", c.hospital, part)
		}
		for i, level := range part.Levels {
			for k, figure := range []*Figure{level.All, level.Labelled, level.Other} {
				want := c.want[i][k]
				if (figure == nil) != math.IsNaN(want) || figure != nil && math.Abs(figure.Value-want) > 1e-12 {
					t.Errorf("%s at %g: share %d is %v, want %g", c.hospital, level.Nominal, k, figure, want)
				}
			}
		}
	}
	if all := conformal(pooled, AllHours, stays, drawn).Levels[0].All; all.Low >= all.Value || all.High <= all.Value {
		t.Errorf("draws of stays that differ move the share: %v", all)
	}
}
