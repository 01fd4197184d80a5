package sepsis_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
)

func TestAlertStates(t *testing.T) {
	rule := sepsis.AlertRule{Threshold: 0.2, Clear: 0.1}
	for _, test := range []struct {
		name          string
		probabilities []float64
		want          []bool
	}{
		{"no hours", nil, []bool{}},
		{"below the threshold nothing begins", []float64{0.15, 0.19, 0.1}, []bool{false, false, false}},
		{"at the threshold it begins", []float64{0.2}, []bool{true}},
		{"at the lower one it lasts", []float64{0.2, 0.1, 0.15}, []bool{true, true, true}},
		{"below that it ends, and stays ended", []float64{0.2, 0.099, 0.19}, []bool{true, false, false}},
		{"a second episode", []float64{0.3, 0.05, 0.3, 0.12}, []bool{true, false, true, true}},
		{"not a number", []float64{0.3, math.NaN(), 0.12}, []bool{true, false, false}},
	} {
		if got := rule.States(test.probabilities); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	simple := sepsis.AlertRule{Threshold: 0.2, Clear: 0.2}
	if got := simple.States([]float64{0.2, 0.19, 0.2}); !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("without hysteresis: %v", got)
	}
}

// TestAlertLooksAtThePast: the state of an hour is the same whatever comes later, follows from the state before, and
// needs no more of the past than the last hour that decides.
func TestAlertLooksAtThePast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.Float64Range(0.01, 0.99).Draw(t, "threshold")
		rule := sepsis.AlertRule{Threshold: threshold, Clear: threshold * rapid.Float64Range(0.1, 1).Draw(t, "clear")}
		probabilities := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 50).Draw(t, "probabilities")
		states := rule.States(probabilities)
		cut := rapid.IntRange(1, len(probabilities)).Draw(t, "cut")
		if !slices.Equal(rule.States(probabilities[:cut]), states[:cut]) {
			t.Fatal("later hours change the state")
		}
		before := rapid.Bool().Draw(t, "before")
		if p := probabilities[cut-1]; rule.Decides(p) && rule.Next(before, p) != states[cut-1] {
			t.Fatalf("%g decides, but not for %v", p, rule)
		}
		if states[cut-1] && probabilities[cut-1] < rule.Clear {
			t.Fatal("an alert below where it ends")
		}
	})
}

func TestBands(t *testing.T) {
	points := sepsis.OperatingPoints{Threshold: 0.02, Alert: sepsis.AlertRule{Threshold: 0.1, Clear: 0.05}}
	for probability, want := range map[float64]sepsis.Risk{
		0:      {Label: sepsis.Negative, Band: sepsis.LowRisk},
		0.0199: {Label: sepsis.Negative, Band: sepsis.LowRisk},
		0.02:   {Label: sepsis.Positive, Band: sepsis.ElevatedRisk},
		0.0999: {Label: sepsis.Positive, Band: sepsis.ElevatedRisk},
		0.1:    {Label: sepsis.Positive, Band: sepsis.HighRisk, Alert: true},
		1:      {Label: sepsis.Positive, Band: sepsis.HighRisk, Alert: true},
	} {
		want.Hour, want.Probability = 3, probability
		if got := points.Risk(3, probability, false); got != want {
			t.Errorf("%g: %+v, want %+v", probability, got, want)
		}
	}
	if got := points.Risk(3, 0.05, true); !got.Alert || got.Band != sepsis.ElevatedRisk {
		t.Errorf("within an episode: %+v", got)
	}
}
