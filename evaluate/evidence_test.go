package evaluate_test

import (
	"math"
	"math/rand/v2"
	"slices"
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
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 60, Seed: 5, SepticShare: 0.3, Hospital: hospital})
		if err != nil {
			t.Fatal(err)
		}
		stays = append(stays, slices.Collect(made)...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	predicted := &model.OutOfFold{Rows: model.NewRows(stays), Threshold: 0.3}
	for i := range stays {
		for _, label := range stays[i].Labels {
			x := random.NormFloat64()
			if label {
				x += 1.5
			}
			p := 1 / (1 + math.Exp(2-x))
			predicted.Probabilities = append(predicted.Probabilities, math.Round(p*500+0.5)/501)
		}
	}
	return stays, predicted
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
	brier, err := metric.Brier(labels, predicted.Probabilities, nil)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := metric.Recalibrate(labels, predicted.Probabilities, nil)
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
		{"calibration slope", pooled.CalibrationSlope.Value, fit.Slope, 1e-3},
	}
	for _, c := range checks {
		if math.Abs(c.got-c.want) > c.tolerance {
			t.Errorf("%s = %.6f, package metric has %.6f", c.name, c.got, c.want)
		}
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
	if len(evidence.Groups) != 3 {
		t.Fatalf("%d groups, want pooled and two hospitals", len(evidence.Groups))
	}
	for _, g := range evidence.Groups {
		for name, f := range map[string]evaluate.Figure{"utility": g.Utility, "AUROC": g.AUROC, "slope": g.CalibrationSlope} {
			if !(f.Low < f.Value && f.Value < f.High) {
				t.Errorf("%s: %s %g is not inside %g to %g", g.Name, name, f.Value, f.Low, f.High)
			}
		}
	}
}

func TestNeedsSepticStays(t *testing.T) {
	stays, predicted := cohort(t)
	for i := range stays {
		clear(stays[i].Labels)
	}
	if _, err := evaluate.OutOfFold(stays, predicted, 3); err == nil {
		t.Error("figures for a cohort without sepsis")
	}
}
