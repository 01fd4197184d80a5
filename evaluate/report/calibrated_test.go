package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// part is a part of the hours of which the share with the label is known to 0.001.
func part(predicted, observed float64) evaluate.CalibrationPart {
	return evaluate.CalibrationPart{Low: predicted / 2, High: 2 * predicted, Hours: 100, Predicted: predicted, Observed: &evaluate.Figure{Value: observed, Low: observed - 0.001, High: observed + 0.001}}
}

// bent is a report whose risks are too high below and above and too low between, as an S.
func bent() evaluate.Report {
	r := handMade()
	r.AtHome.Threshold = 0.027
	pooled, south := &r.Calibration[0], r.Calibration[0]
	pooled.Bins = []evaluate.CalibrationPart{part(0.004, 0.002), part(0.006, 0.003), part(0.01, 0.0105), part(0.02, 0.025), part(0.2, 0.2)}
	pooled.Top = []evaluate.CalibrationPart{part(0.16, 0.1605), part(0.24, 0.23)}
	pooled.Smoothed.Points = []evaluate.SmoothedPoint{{Predicted: 0.02, Observed: fig(0.5)}, {Predicted: 0.025, Observed: fig(0.03)}, {Predicted: 0.03, Observed: fig(0.6)}}
	south.Hospital, south.Bins, south.Top = "south", []evaluate.CalibrationPart{part(0.2, 0.15)}, nil
	r.Calibration = append(r.Calibration, south)
	return r
}

// calibrationTexts are the first screen, and the part of the card.
func calibrationTexts(t *testing.T, r evaluate.Report) map[string]string {
	t.Helper()
	screen, _, _ := strings.Cut(readable(write(t, r)), "\nWhat a ward would see #\n")
	_, after, found := strings.Cut(cardText(t, r), "\n## How far its risks are off\n")
	if !found {
		t.Fatal("the card does not say how far risks are off")
	}
	part, _, _ := strings.Cut(after, "\n## ")
	return map[string]string{"first screen": screen, "card": part}
}

func cardText(t *testing.T, r evaluate.Report) string {
	t.Helper()
	card, err := report.ModelCard(handMadeCard(), &r)
	if err != nil {
		t.Fatal(err)
	}
	return string(card)
}

// TestHowFarRisksAreOff is told beside slope and calibration in the large, which do not show it.
func TestHowFarRisksAreOff(t *testing.T) {
	for where, text := range calibrationTexts(t, bent()) {
		for _, want := range []string{
			"calibration slope 1.000 (0.990 to 1.010)", "both come near their ideals by how risks are fitted",
			"off by 2.00 (1.00 to 3.00) percentage points on the mean of all hours, and by 3.00 (2.00 to 4.00) on the mean of the hours on the watch list. For scale: 2.00 % of hours have the label.",
			"Near 2.7 %, where the watch list begins: pooled, 2.5 % foretold and 3.0 % (2.0 to 4.0) seen; south, ",
			"Of 5 parts of equal size by rising risk (pooled), the mean risk lies outside the interval of what is seen in 3: too high in 1 and 2 and too low in 4, counted from the lowest.",
			"Furthest off, of all parts beyond their intervals, are risks from 10.0 % to 40.0 % (south): 20.0 % foretold, 15.0 % (14.9 to 15.1) seen.",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: it lacks %q:\n%s", where, want, text)
			}
		}
	}
}

// TestOnlyWhatIsKnownOfRisksIsTold: nothing without its figures, and nothing off where nothing is.
func TestOnlyWhatIsKnownOfRisksIsTold(t *testing.T) {
	const slope, smooth, near, parts, furthest = "calibration slope", "Without bins, risks", "where the watch list begins", "parts of equal size by rising risk (", "Furthest off"
	for name, c := range map[string]struct {
		spoil func(r *evaluate.Report)
		told  []string
	}{
		"whole":          {func(*evaluate.Report) {}, []string{slope, smooth, near, parts, furthest}},
		"no curves":      {func(r *evaluate.Report) { r.Calibration = nil }, []string{slope}},
		"nothing smooth": {func(r *evaluate.Report) { r.Calibration[0].Smoothed, r.Calibration[1].Smoothed = nil, nil }, []string{slope, parts, furthest}},
		"all right": {func(r *evaluate.Report) {
			r.Calibration = r.Calibration[:1]
			r.Calibration[0].Bins, r.Calibration[0].Top = []evaluate.CalibrationPart{part(0.01, 0.01), part(0.1, 0.1)}, nil
		}, []string{slope, smooth, near}},
		"a part unknown": {func(r *evaluate.Report) {
			r.Calibration = r.Calibration[:1]
			r.Calibration[0].Bins, r.Calibration[0].Top = []evaluate.CalibrationPart{{Predicted: 0.5}}, nil
		}, []string{slope, smooth, near}},
	} {
		r := bent()
		c.spoil(&r)
		for where, text := range calibrationTexts(t, r) {
			for _, sentence := range []string{slope, smooth, near, parts, furthest} {
				want := false
				for _, told := range c.told {
					want = want || told == sentence
				}
				if got := strings.Contains(text, sentence); got != want {
					t.Errorf("%s, %s: %q is told: %t", name, where, sentence, got)
				}
			}
		}
	}
}
