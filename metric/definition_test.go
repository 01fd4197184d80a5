package metric_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

func TestDefinitionsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	// The others are best at 1.
	bestAtZero := map[string]bool{"Brier score": true, "log loss": true, "calibration intercept": true, "calibration in the large": true}
	for _, d := range metric.Definitions() {
		if d.Name == "" || seen[d.Name] {
			t.Errorf("name %q is empty or used twice", d.Name)
		}
		seen[d.Name] = true
		if d.Direction == "" || d.Range == "" || d.Formula == "" || d.UndefinedWhen == "" {
			t.Errorf("%s: incomplete: %+v", d.Name, d)
		}
		if (d.Ideal == 0) != bestAtZero[d.Name] || d.Ideal != 0 && d.Ideal != 1 {
			t.Errorf("%s: the ideal is %v", d.Name, d.Ideal)
		}
		if !strings.Contains(d.Citation, "doi:10.") {
			t.Errorf("%s: no DOI in %q", d.Name, d.Citation)
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d definitions, want 14", len(seen))
	}
}
