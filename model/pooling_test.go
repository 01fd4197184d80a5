package model_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// TestPoolingFactorByHand: of k margins with variance 1 whose pairs correlate by r, the mean has the variance (1 + (k-1) r) / k.
func TestPoolingFactorByHand(t *testing.T) {
	for _, c := range []struct {
		folds             int
		correlation, want float64
	}{{5, 1, 1}, {5, 0, 5}, {2, 0.5, 4.0 / 3}, {5, 0.75, 1.25}} {
		p := model.Pooling{Folds: c.folds, Correlation: c.correlation}
		if got := p.Factor(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%d folds, correlation %g: factor %g, want %g", c.folds, c.correlation, got, c.want)
		}
	}
}

// TestPoolingChangesCalibrationAlone: what was measured out of fold, and the thresholds that were chosen there, stay.
func TestPoolingChangesCalibrationAlone(t *testing.T) {
	training := quickTraining(t)
	plain, _, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	training.Pooling = true
	trained, outOfFold, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	trained.Evidence = json.RawMessage(`{"method": "a test"}`)
	again, _ := reopened(t, trained)
	pooled := again.Bundle()
	if pooled.Pooling == nil || pooled.Pooling.Folds != 3 || pooled.Pooling.Correlation <= 0 || pooled.Pooling.Correlation >= 1 {
		t.Fatalf("pooling %+v", pooled.Pooling)
	}
	if got, want := pooled.Calibration.Slope, plain.Calibration.Slope*pooled.Pooling.Factor(); math.Abs(got-want) > 1e-12 || got <= plain.Calibration.Slope {
		t.Errorf("slope %g, want %g", got, want)
	}
	centre := pooled.Pooling.Centre
	if got, want := pooled.Calibration.Probability(centre), plain.Calibration.Probability(centre); math.Abs(got-want) > 1e-12 {
		t.Errorf("probability %g at the centre, was %g", got, want)
	}
	if !slices.Equal(trees(t, pooled.Trees), trees(t, plain.Trees)) || asJSON(t, pooled.Alert) != asJSON(t, plain.Alert) || pooled.Operating != plain.Operating {
		t.Error("trees or thresholds have changed")
	}
	if outOfFold.Threshold != plain.Operating.Threshold {
		t.Errorf("threshold %g, was %g", outOfFold.Threshold, plain.Operating.Threshold)
	}
	if card := string(again.Card()); !strings.Contains(card, "mean of what 3 folds have learnt, whose risks are closer together") {
		t.Errorf("the card does not say it: %s", card)
	}
	if err := again.SelfTest(); err != nil {
		t.Error(err)
	}
}

// TestPoolingNeedsThreeFolds: of two, nothing is left for a further booster.
func TestPoolingNeedsThreeFolds(t *testing.T) {
	training := quickTraining(t)
	training.Options.Folds = 2
	plain, _, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	training.Pooling = true
	pooled, _, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	if pooled.Pooling != nil || pooled.Calibration != plain.Calibration {
		t.Errorf("pooling %+v, calibration %+v, without it %+v", pooled.Pooling, pooled.Calibration, plain.Calibration)
	}
}

// TestRecalibratedIsNotPooled: a site's calibration is fitted to the mean itself.
func TestRecalibratedIsNotPooled(t *testing.T) {
	parent, _ := trained(t)
	if parent.Bundle().Pooling == nil {
		t.Fatal("the parent is not pooled: this tests nothing")
	}
	child, err := parent.Recalibrate(t.Context(), site(t), 2, model.Recalibration{Command: "a test", Data: []string{"site.zip"}, DataDigest: "d", Synthetic: true})
	if err != nil {
		t.Fatal(err)
	}
	if child.Pooling != nil {
		t.Errorf("pooling %+v", child.Pooling)
	}
}
