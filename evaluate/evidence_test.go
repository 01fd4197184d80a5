package evaluate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// cohort is a made-up cohort with made-up, informative predictions that have ties.
func cohort(t *testing.T) ([]sepsis.LabelledStay, *model.OutOfFold) {
	t.Helper()
	var stays []sepsis.LabelledStay
	for _, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 40, Seed: 5, SepticShare: 0.3, Hospital: hospital})
		if err != nil {
			t.Fatal(err)
		}
		stays = append(stays, slices.Collect(made)...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	predicted := &model.OutOfFold{Rows: model.NewRows(stays, 1), Threshold: 0.3}
	for i := range stays {
		for _, label := range stays[i].Labels {
			x := random.NormFloat64()
			if label {
				x += 1.5
			}
			p := 1 / (1 + math.Exp(2-x))
			predicted.Probabilities = append(predicted.Probabilities, (math.Round(p*500)+1)/502)
		}
	}
	for _, snapshot := range predicted.Rows.Snapshots { // as good as with history
		predicted.Probabilities = append(predicted.Probabilities, predicted.Probabilities[predicted.Rows.Starts[snapshot.Stay]+snapshot.Row])
	}
	for _, p := range predicted.Probabilities {
		predicted.Positive = append(predicted.Positive, p >= predicted.Threshold)
	}
	return stays, predicted
}

// TestMethodTellsWhoIsNotLearntFrom: stays of unknown age are predicted and not learnt from either, and where there are any the method says so. Where there are
// none its text stays as it is, since it is part of bundles.
func TestMethodTellsWhoIsNotLearntFrom(t *testing.T) {
	stays, predicted := cohort(t)
	for _, c := range []struct {
		unknown int
		want    string
	}{{0, "Stays under 18 are predicted, not learnt from. Intervals: 95 %, bootstrap"}, {2, "Stays under 18, and those of unknown age (2 of all), are predicted, not learnt from. Intervals: 95 %, bootstrap"}} {
		for i := range c.unknown {
			stays[i].Age = sepsis.Missing
		}
		evidence, err := evaluate.OutOfFold(stays, predicted, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(evidence.Method, c.want) {
			t.Errorf("%d of unknown age: %q, want %q", c.unknown, evidence.Method, c.want)
		}
	}
}

// TestFiguresAgreeWithMetric holds the one-pass figures equal to those of package metric, which is tested against
// scikit-learn and the official scorer.
func TestFiguresAgreeWithMetric(t *testing.T) {
	stays, predicted := cohort(t)
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	pooled := evidence.Groups[0]
	var scored []metric.Stay
	var labels, decisions []bool
	for i := range stays {
		p := predicted.Probabilities[predicted.Rows.Starts[i]:predicted.Rows.Starts[i+1]]
		var decided []bool
		for _, x := range p {
			decided = append(decided, x >= predicted.Threshold)
		}
		scored = append(scored, metric.Stay{Labels: stays[i].Labels, Predictions: decided, Probabilities: p})
		labels, decisions = append(labels, stays[i].Labels...), append(decisions, decided...)
	}
	card, err := metric.Score(scored)
	if err != nil {
		t.Fatal(err)
	}
	brier, err := metric.Brier(labels, predicted.Probabilities[:predicted.Rows.Hours()], nil)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := metric.Recalibrate(labels, predicted.Probabilities[:predicted.Rows.Hours()], nil)
	if err != nil {
		t.Fatal(err)
	}
	confusion, err := metric.NewConfusion(labels, decisions)
	if err != nil {
		t.Fatal(err)
	}
	ppv, err := confusion.PPV()
	if err != nil {
		t.Fatal(err)
	}
	sensitivity, err := confusion.Sensitivity()
	if err != nil {
		t.Fatal(err)
	}
	specificity, err := confusion.Specificity()
	if err != nil {
		t.Fatal(err)
	}
	inLarge, err := metric.CalibrationInTheLarge(labels, predicted.Probabilities[:predicted.Rows.Hours()], nil)
	if err != nil {
		t.Fatal(err)
	}
	checks := []struct {
		name      string
		got, want float64
		tolerance float64
	}{
		{"utility", pooled.Utility.Value, card.Utility, 1e-12},
		{"AUROC", pooled.AUROC.Value, card.AUROC, 1e-12},
		{"AUPRC", pooled.AUPRC.Value, card.AUPRC, 1e-12},
		{"Brier", pooled.Brier.Value, brier, 1e-12},
		{"PPV", pooled.PPV.Value, ppv, 1e-12},
		{"sensitivity", pooled.Sensitivity.Value, sensitivity, 1e-12},
		{"specificity", pooled.Specificity.Value, specificity, 1e-12},
		{"calibration in the large", pooled.CalibrationInLarge.Value, inLarge, 1e-3},
		{"calibration slope", pooled.CalibrationSlope.Value, fit.Slope, 1e-3},
	}
	for _, c := range checks {
		if math.Abs(c.got-c.want) > c.tolerance {
			t.Errorf("%s = %.6f, package metric has %.6f", c.name, c.got, c.want)
		}
	}
}

// TestEvidenceOfABundle: the figures of its format, and the report keeps its own.
func TestEvidenceOfABundle(t *testing.T) {
	stays, predicted := cohort(t)
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	if kept := evidence.ForBundle(); kept.Groups[0].OverHoursRule != nil || evidence.Groups[0].OverHoursRule == nil || kept.Groups[0].Utility != evidence.Groups[0].Utility {
		t.Errorf("a bundle's figures %+v are not those of %+v", kept.Groups[0], evidence.Groups[0])
	}
}

// TestTableOfUndefinedFigures: a figure that is missing, as of a bundle that was made elsewhere, is told as such.
func TestTableOfUndefinedFigures(t *testing.T) {
	table := (&evaluate.Evidence{Groups: []evaluate.Group{{Name: "pooled"}}}).Table()
	if !strings.Contains(table, "| Brier score | undefined |") || strings.Count(table, "| undefined |") != 12 {
		t.Error(table)
	}
}

func TestIntervalsHoldTheirValue(t *testing.T) {
	stays, predicted := cohort(t)
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	again, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	if evidence.Table() != again.Table() {
		t.Error("the same seed gives other intervals")
	}
	if len(evidence.Groups) != 4 {
		t.Fatalf("%d groups, want pooled, two hospitals, and now only", len(evidence.Groups))
	}
	for _, g := range evidence.Groups {
		for name, f := range map[string]*evaluate.Figure{"utility": g.Utility, "AUROC": g.AUROC, "slope": g.CalibrationSlope} {
			if !(f.Low < f.Value && f.Value < f.High) {
				t.Errorf("%s: %s %g is not inside %g to %g", g.Name, name, f.Value, f.Low, f.High)
			}
		}
	}
}

// TestSnapshotsHaveNoFiguresOverStays: every sixth hour cannot say how often a stay is alarmed.
func TestSnapshotsHaveNoFiguresOverStays(t *testing.T) {
	stays, predicted := cohort(t)
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	now := &evidence.Groups[3]
	if now.Name != evaluate.NowOnly || now.StaySensitivity != nil || now.StayFalseAlarm != nil || now.Sensitivity == nil {
		t.Errorf("%s: %v, %v, and of hours %v", now.Name, now.StaySensitivity, now.StayFalseAlarm, now.Sensitivity)
	}
	now.StaySensitivity, now.StayFalseAlarm = now.Sensitivity, now.Sensitivity // as bundles had them
	for _, line := range strings.Split(evidence.Table(), "\n") {
		if ofStays := strings.HasPrefix(line, "| septic stays") || strings.HasPrefix(line, "| other stays"); ofStays != strings.HasSuffix(line, " | – |") {
			t.Errorf("the last cell of %q", line)
		}
	}
}

// TestStayFiguresByHand has two septic and two other stays, of which every figure over stays can be counted.
func TestStayFiguresByHand(t *testing.T) {
	stay := func(id string, labels ...bool) sepsis.LabelledStay {
		s := sepsis.LabelledStay{ID: id, Hospital: "synthetic_setA", Labels: labels}
		for hour := range labels {
			s.Observations = append(s.Observations, sepsis.Observation{Hour: hour + 1, Values: sepsis.NoValues()})
		}
		return s
	}
	// Onset is 6 hours after the first label: the ninth row of a, the seventh of b.
	stays := []sepsis.LabelledStay{
		stay("a", false, false, true, true, true, true, true, true, true, true),
		stay("b", true, true, true, true, true, true, true, true, true),
		stay("c", false, false, false, false),
		stay("d", false, false),
	}
	predicted := &model.OutOfFold{Rows: model.Rows{Starts: []int{0, 10, 19, 23, 25}}, Threshold: 0.5}
	positive := map[int]bool{0: true, 10 + 7: true, 19: true} // a in hour 1, b in hour 8 after its onset, c in hour 1
	for row := range 25 {
		p := 0.1 + float64(row)/100
		predicted.Positive = append(predicted.Positive, positive[row])
		predicted.Probabilities = append(predicted.Probabilities, p)
	}
	evidence, err := evaluate.OutOfFold(stays, predicted, 1)
	if err != nil {
		t.Fatal(err)
	}
	pooled := evidence.Groups[0]
	if got := pooled.StaySensitivity.Value; got != 0.5 {
		t.Errorf("alarmed by onset: %g of septic stays, want 1 of 2", got)
	}
	if got := pooled.StayFalseAlarm.Value; got != 0.5 {
		t.Errorf("ever alarmed: %g of other stays, want 1 of 2", got)
	}
	if len(evidence.Omitted) != 1 || evidence.Omitted[0] != evaluate.NowOnly {
		t.Errorf("omitted %v, want the snapshots, of which there are none", evidence.Omitted)
	}
}

func TestFewSepticStaysAreMeasuredAllTheSame(t *testing.T) {
	stays, predicted := cohort(t)
	septic := 0
	for i := range stays {
		if stays[i].Hospital != "synthetic_setA" {
			clear(stays[i].Labels)
		}
		if stays[i].Septic() {
			if septic++; septic > 2 {
				clear(stays[i].Labels)
			}
		}
	}
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence.Omitted) == 0 || evidence.Omitted[0] != "synthetic_setB" {
		t.Errorf("omitted %v, want the hospital without sepsis", evidence.Omitted)
	}
	clear(predicted.Positive)
	if evidence, err = evaluate.OutOfFold(stays, predicted, 3); err != nil || evidence.Groups[0].PPV != nil {
		t.Errorf("without any alarm: PPV %v, %v; want it undefined", evidence.Groups[0].PPV, err)
	}
}

func TestNeedsSepticStays(t *testing.T) {
	stays, predicted := cohort(t)
	for i := range stays {
		clear(stays[i].Labels)
	}
	evidence, err := evaluate.OutOfFold(stays, predicted, 3)
	if err != nil || len(evidence.Groups) != 0 {
		t.Errorf("figures for a cohort without sepsis: %v, %v", evidence, err)
	}
}
