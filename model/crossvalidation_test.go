package model_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

// quickTraining trains a few trees on 3 folds.
func quickTraining(t *testing.T) model.Training {
	t.Helper()
	o := model.DefaultOptions().WithRounds(5)
	o.Folds, o.Network, o.Trees.LearningRate, o.Trees.MinChildWeight, o.Trees.Lambda = 3, nil, 0.3, 1, 1
	return model.Training{Stays: synthetic(t, 60), Name: "test", Version: "0", Seed: 7, Threads: 2, Options: o}
}

// TestCrossValidationIsThatOfTrain also predicts every stay again by its fold's model.
func TestCrossValidationIsThatOfTrain(t *testing.T) { crossValidatedAsTrained(t, quickTraining(t)) }

func crossValidatedAsTrained(t *testing.T, training model.Training) {
	t.Helper()
	_, want, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	validated, err := model.CrossValidate(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	got := validated.Predicted
	if !slices.Equal(got.Probabilities, want.Probabilities) || !slices.Equal(got.Positive, want.Positive) || !slices.Equal(got.Alert, want.Alert) {
		t.Error("other predictions than Train has")
	}
	if got.Threshold != want.Threshold || got.AlertPoint.Threshold != want.AlertPoint.Threshold {
		t.Errorf("thresholds %g and %g, Train has %g and %g", got.Threshold, got.AlertPoint.Threshold, want.Threshold, want.AlertPoint.Threshold)
	}
	for i := range training.Stays {
		stay := &training.Stays[i]
		from := got.Rows.Starts[i]
		for hour, risk := range validated.Models[got.Fold[i]].Trajectory(&stay.Stay) {
			row := from + hour
			if risk.Probability != got.Probabilities[row] || (risk.Label == sepsis.Positive) != got.Positive[row] || risk.Alert != got.Alert[row] {
				t.Fatalf("stay %d, hour %d: %+v, out of fold %g, %v, %v", i, hour, risk, got.Probabilities[row], got.Positive[row], got.Alert[row])
			}
		}
	}
}

func everything(features.Feature) bool { return false }

// trees are a booster's bytes.
func trees(t *testing.T, b *gbdt.Booster) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := b.WriteXGBoost(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestWorkbenchLearnsTheSameTrees before and after features were left out.
func TestWorkbenchLearnsTheSameTrees(t *testing.T) {
	training := quickTraining(t)
	validated, err := model.CrossValidate(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	bench, err := model.NewWorkbench(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	other, err := bench.CrossValidate(t.Context(), 2, training.Seed+100, everything)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(trees(t, other.Models[0].Bundle().Trees), trees(t, validated.Models[0].Bundle().Trees)) || !slices.Equal(other.Predicted.Fold, validated.Predicted.Fold) {
		t.Error("another seed must give other trees on the same folds")
	}
	isLevel := func(f features.Feature) bool { return f.Family == features.Level }
	for _, without := range []func(features.Feature) bool{everything, isLevel, everything} {
		part, err := bench.CrossValidate(t.Context(), 2, training.Seed, without)
		if err != nil {
			t.Fatal(err)
		}
		if len(part.Models) != 3 || part.Models[2] != nil {
			t.Fatal("want 2 of 3 folds")
		}
		for fold := range 2 {
			learnt := part.Models[fold].Bundle().Trees
			for i, gain := range learnt.Importance() {
				if without(model.Columns()[i]) && gain != 0 {
					t.Errorf("fold %d splits on %s, which was left out", fold, model.Columns()[i].Name)
				}
			}
			if !without(features.Table[slices.IndexFunc(features.Table, isLevel)]) && !bytes.Equal(trees(t, learnt), trees(t, validated.Models[fold].Bundle().Trees)) {
				t.Errorf("fold %d: other trees than in the whole cross-validation", fold)
			}
		}
	}
}

func TestWorkbenchErrors(t *testing.T) {
	bench, err := model.NewWorkbench(t.Context(), quickTraining(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, folds := range []int{1, 4} {
		if _, err := bench.CrossValidate(t.Context(), folds, 1, everything); err == nil || !strings.Contains(err.Error(), "at least 2") {
			t.Errorf("%d folds: %v", folds, err)
		}
	}
	if _, err := bench.CrossValidate(t.Context(), 2, 1, func(features.Feature) bool { return true }); err == nil || !strings.Contains(err.Error(), "no feature") {
		t.Errorf("no features: %v", err)
	}
}
