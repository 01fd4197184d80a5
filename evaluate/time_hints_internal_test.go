package evaluate

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/features"
)

// TestSpearmanByHand: without ties it is 1 - 6 Σd² / (n(n² - 1)); with ties, Pearson's correlation of mean ranks, of
// which 1.5 1.5 3 4 and 1 2 3 4 less their means have products that sum to 4.5, and squares that sum to 4.5 and 5.
func TestSpearmanByHand(t *testing.T) {
	of := func(values ...float64) *pairs {
		var p pairs
		for i, value := range values {
			p.all = append(p.all, pair{value, float64(i + 1), i})
		}
		p.sort()
		return &p
	}
	for name, c := range map[string]struct {
		p       *pairs
		weights []float64
		want    float64
	}{
		"rising":               {of(1, 2, 4, 8), []float64{1, 1, 1, 1}, 1},
		"falling":              {of(8, 4, 2, 1), []float64{1, 1, 1, 1}, -1},
		"ranks 2 1 4 3 5":      {of(20, 10, 40, 30, 50), []float64{1, 1, 1, 1, 1}, 1 - 6*4./(5*24)},
		"ranks 1.5 1.5 3 4":    {of(7, 7, 9, 10), []float64{1, 1, 1, 1}, 4.5 / math.Sqrt(4.5*5)},
		"weight 2 is two rows": {of(9, 7, 10), []float64{2, 1, 1}, 1.5 / 4.5}, // ranks 2.5 2.5 1 4 and 1.5 1.5 3 4
		"weight 0 is no row":   {of(1, 99, 2, 3), []float64{1, 0, 1, 1}, 1},
	} {
		if got := c.p.spearman(c.weights); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", name, got, c.want)
		}
	}
	if got := of(3, 3, 3).spearman([]float64{1, 1, 1}); !math.IsNaN(got) {
		t.Errorf("always the same: %g", got)
	}
}

// TestTellsTime: counts of measurements and hours go, what was measured stays.
func TestTellsTime(t *testing.T) {
	known := map[string]bool{}
	for _, f := range features.Table {
		known[f.Name] = tellsTime(f)
	}
	for name, want := range map[string]bool{
		"icu_hour": true, "hospital_hour": true, "hours_observed": true, "lactate_count": true, "lactate_count_24h": true, "heart_rate_count_6h": true,
		"vital_hours_24h": true, "lab_hours_24h": true, "lab_hours_48h": true, "panel_hours_48h": true, "tachycardia_hours_24h": true, "analytes_seen": true,
		"lactate_last": false, "lactate_age": false, "labs_per_hour": false, "hours_before_icu": false, "labs_mean_24h": false, "hours_since_lab": false,
	} {
		if got, there := known[name]; !there || got != want {
			t.Errorf("%s (there: %v) tells the time: %v, want %v", name, there, got, want)
		}
	}
}
