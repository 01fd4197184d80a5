package model_test

import (
	"math"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// What other kinds of models are given to learn is what the recipe's own trees learn.
func TestTheTargetIsThatOfTheRecipe(t *testing.T) {
	made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 30, Seed: 5, SepticShare: 0.4, Hospital: "synthetic_setA"})
	if err != nil {
		t.Fatal(err)
	}
	stays := slices.Collect(made)
	for target, expected := range map[model.Target]func(septic bool, gain float64) (label, weight float32){
		model.LabelTarget: func(septic bool, _ float64) (float32, float32) {
			if septic {
				return 1, 1
			}
			return 0, 0.05
		},
		model.UtilityTarget: func(_ bool, gain float64) (float32, float32) {
			if gain > 0 {
				return 1, float32(gain)
			}
			return 0, float32(math.Abs(gain))
		},
	} {
		options := model.DefaultOptions()
		options.Kinds = []model.Kind{{Target: target}}
		layout, err := model.NewLayout(model.Training{Stays: stays, Seed: 1, Threads: 1, Options: options})
		if err != nil {
			t.Fatal(err)
		}
		checkTarget(t, layout, stays, expected)
	}
}

func checkTarget(t *testing.T, layout *model.Layout, stays []sepsis.LabelledStay, expected func(bool, float64) (label, weight float32)) {
	t.Helper()
	labels, weights := layout.Target()
	for i := range stays {
		for hour, gain := range metric.RowGains(stays[i].Labels) {
			row := layout.Rows().Starts[i] + hour
			label, weight := expected(stays[i].Labels[hour], gain)
			if labels[row] != label || weights[row] != weight {
				t.Fatalf("%s, hour %d: label %v of weight %v, want %v of %v", stays[i].ID, hour, labels[row], weights[row], label, weight)
			}
		}
	}
}
