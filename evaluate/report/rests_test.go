package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
)

// about is a figure with an interval of ± half.
func about(x, half float64) *evaluate.Figure {
	return &evaluate.Figure{Value: x, Low: x - half, High: x + half}
}

const betterWithout = "the model is better, beyond the noise of the stays and of the trees' seeds together, without: "

// TestBeyondNoiseIsOneJudgement: the half-widths of both intervals make one, by hand the hypotenuse of 3, 4, 5.
func TestBeyondNoiseIsOneJudgement(t *testing.T) {
	infinite := math.Inf(1)
	for name, c := range map[string]struct {
		stays, trainings *evaluate.Figure
		want             string
		hurts            bool
	}{
		"beyond both together":            {about(0.051, 0.03), about(0.051, 0.04), "+0.051 (+0.001 to +0.101), beyond noise", true},
		"beyond each, and not together":   {about(0.049, 0.03), about(0.049, 0.04), "+0.049 (-0.001 to +0.099), within noise", false},
		"below both together":             {about(-0.051, 0.03), about(-0.051, 0.04), "-0.051 (-0.101 to -0.001), beyond noise", false},
		"below each, and not together":    {about(-0.049, 0.03), about(-0.049, 0.04), "-0.049 (-0.099 to +0.001), within noise", false},
		"within the stays' alone":         {about(0.02, 0.03), about(0.02, 0.004), "+0.020 (-0.010 to +0.050), within noise", false},
		"within the trainings' alone":     {about(0.02, 0.003), about(0.02, 0.04), "+0.020 (-0.020 to +0.060), within noise", false},
		"around the mean of the training": {&evaluate.Figure{Value: 0.06, Low: 0.01, High: 0.07}, about(0.051, 0.04), "+0.051 (+0.001 to +0.101), beyond noise", true},
		"trainings undefined":             {about(0.051, 0.03), &evaluate.Figure{Value: 0.051, Low: -infinite, High: infinite}, "+0.051 (+0.021 to +0.081), of which the noise is not known", false},
		"stays undefined":                 {nil, about(0.051, 0.04), "undefined, of which the noise is not known", false},
		"neither":                         {nil, nil, "undefined, of which the noise is not known", false},
	} {
		r := handMade()
		p := &r.Ablation.Parts[0]
		p.UtilityDifference, p.UtilityTrainings = c.stays, &evaluate.OverTrainings{Mean: c.trainings}
		w := r.WithoutHours
		w.UtilityDifference, w.UtilityTrainings = p.UtilityDifference, p.UtilityTrainings
		text := readable(write(t, r))
		for _, want := range []string{"\nWithout timing: utility " + c.want + "; AUROC ", "\nBoth chances together: utility " + c.want + "; AUROC "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
		if hurts := strings.Contains(whereItFails(t, r), betterWithout+"timing (utility "); hurts != c.hurts {
			t.Errorf("%s: told among the failures: %t", name, hurts)
		}
	}
}

// TestTrainingsShareTheirHalves is said where there are several trainings, and there alone.
func TestTrainingsShareTheirHalves(t *testing.T) {
	const shared = "The trainings share the same halves of the stays, so their spread is that of the trees' seeds alone"
	several, once := readable(write(t, handMade())), readable(write(t, older()))
	if n := strings.Count(several, shared); n != 2 || strings.Contains(once, shared) {
		t.Errorf("it is said %d times of several trainings, 2 expected: of the ablation and of the training without the clock; of one: %t", n, strings.Contains(once, shared))
	}
}
