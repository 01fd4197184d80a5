package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// recalibratedTexts are the section of the page, and the card.
func recalibratedTexts(t *testing.T, r evaluate.Report) map[string]string {
	t.Helper()
	_, after, _ := strings.Cut(readable(write(t, r)), "\nRecalibrated at the other hospital #\n")
	section, _, _ := strings.Cut(after, "Recalibrated: utility and Brier score")
	card, err := report.ModelCard(handMadeCard(), &r)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"page": section, "card": string(card)}
}

// TestOneFitToFewStaysIsNotClear: of few stays no change is called clear, as another choice of them would give another.
func TestOneFitToFewStaysIsNotClear(t *testing.T) {
	for _, c := range []struct {
		name  string
		asked int
		by    float64
		want  string
	}{
		{"all, up", 0, 0.04, "fitted to all of a half: the utility clearly rises (+0.040"},
		{"all, down", 0, -0.04, "fitted to all of a half: the utility clearly falls (-0.040"},
		{"all, neither", 0, 0.005, "fitted to all of a half: the utility does not clearly change (+0.005"},
		{"few, up", 500, 0.04, "fitted to 500 stays: the utility rises (+0.040"},
		{"few, down", 500, -0.04, "fitted to 500 stays: the utility falls (-0.040"},
		{"few, neither", 500, 0.005, "fitted to 500 stays: the utility may rise or fall (+0.005"},
	} {
		r := handMade()
		r.Recalibrated = r.Recalibrated[1:]
		r.Recalibrated[0].Asked, r.Recalibrated[0].UtilityDifference = c.asked, fig(c.by)
		for where, text := range recalibratedTexts(t, r) {
			if !strings.Contains(text, c.want) || !strings.Contains(text, "The intervals hold the fitted calibration and thresholds fixed") {
				t.Errorf("%s, %s: it lacks %q, or what the intervals hold:\n%s", c.name, where, c.want, text)
			}
			if once := strings.Contains(text, "This is one fit; other stays would give other thresholds."); once != (c.asked > 0) {
				t.Errorf("%s, %s: it is said to be one fit: %t", c.name, where, once)
			}
		}
		if few := recalibratedTexts(t, r)["page"]; c.asked > 0 && strings.Contains(few, "clearly") {
			t.Errorf("%s: a fit to few stays is called clear:\n%s", c.name, few)
		}
	}
}

// TestForecastsLearntFromWhatCalibrates is told of the variant of which it is so, where it could be fitted.
func TestForecastsLearntFromWhatCalibrates(t *testing.T) {
	const told = "is calibrated on stays from which its forecasts were learnt, too"
	for name, c := range map[string]struct {
		variant, failed string
		want            bool
	}{
		"forecasts of the other hospital": {evaluate.PortableAdapted, "", true},
		"none could be fitted":            {evaluate.PortableAdapted, "too few", false},
		"as is":                           {evaluate.AsIs, "", false},
	} {
		r := handMade()
		r.Recalibrated[1].Variant, r.Recalibrated[1].Failed = c.variant, c.failed
		for where, text := range recalibratedTexts(t, r) {
			if got := strings.Contains(text, told); got != c.want {
				t.Errorf("%s, %s: told: %t", name, where, got)
			}
		}
	}
}
