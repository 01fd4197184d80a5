package evaluate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/model"
)

// hospitalOf are made-up stays, half of them septic.
func hospitalOf(t *testing.T, name string, stays int, seed uint64) []sepsis.LabelledStay {
	t.Helper()
	made, err := challenge.Synthesize(challenge.SynthOptions{Stays: stays, Seed: seed, SepticShare: 0.5, Hospital: name})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(made)
}

// carriedModel is a quick model of one hospital, and what it answers at another one of so many stays.
func carriedModel(t *testing.T, stays int) (target, carriedTo) {
	t.Helper()
	options := model.DefaultOptions().WithRounds(5)
	options.Folds, options.Forecasts, options.Network = 2, nil, nil
	options.Trees.LearningRate, options.Trees.MinChildWeight, options.Trees.Lambda = 0.3, 1, 1
	bundle, _, err := model.Train(t.Context(), model.Training{Stays: hospitalOf(t, "synthetic_setA", 60, 1), Name: "a", Version: "1", Seed: 1, Threads: 1, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	to := target{from: "synthetic_setA", to: "synthetic_setB", stays: hospitalOf(t, "synthetic_setB", stays, 2), how: drawn}
	_, c, err := to.variant(t.Context(), model.Training{}, bundle, Adaptation{Name: AsIs, Adapt: asIs})
	if err != nil {
		t.Fatal(err)
	}
	return to, c
}

// TestRecalibratedAnswersAreThoseOfTheFittedModels, each for the half that it was not fitted to.
func TestRecalibratedAnswersAreThoseOfTheFittedModels(t *testing.T) {
	to, c := carriedModel(t, 170)
	halves := to.halved()
	if len(halves[0]) == len(halves[1]) {
		t.Fatal("halves of one size do not tell which one was taken")
	}
	models, _ := modelsOf(c.carried)
	var r Recalibrated
	fitted, err := r.fit(t.Context(), models, to.halved(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var served [2]*model.Model
	for half := range served {
		if served[half], err = opened(fitted[half]); err != nil {
			t.Fatal(err)
		}
	}
	hours, alerts := 0, 0
	for i, stay := range c.answered.recalibrated(models, fitted) {
		for h, risk := range served[halfOf(&to.stays[i].Stay)].Trajectory(&to.stays[i].Stay) {
			hour := stay.hours[h]
			if math.Abs(hour.probability-risk.Probability) > 1e-12 || hour.positive != (risk.Label == sepsis.Positive) || hour.alert != risk.Alert {
				t.Fatalf("stay %d, hour %d: %+v, served %+v", i, h, hour, risk)
			}
			hours++
			if hour.alert {
				alerts++
			}
		}
	}
	if alerts == 0 || alerts == hours || r.Fitted[0] != len(halves[1]) || r.Fitted[1] != len(halves[0]) {
		t.Errorf("%d alerts in %d hours; fitted to %v stays, want all of the other half", alerts, hours, r.Fitted)
	}
}

// TestRecalibrationMendsCalibration of the stays that it was not fitted to.
func TestRecalibrationMendsCalibration(t *testing.T) {
	to, c := carriedModel(t, 400)
	found, err := to.recalibrations(t.Context(), AsIs, c, 1)
	if err != nil || len(found) != 1 || found[0].Failed != "" {
		t.Fatalf("%+v, %v: want one, fitted to all stays of the other half", found, err)
	}
	r := found[0]
	if *r.Before.Group.Utility != *c.measured.figure(utility) {
		t.Errorf("before: utility %v, carried %v", r.Before.Group.Utility, c.measured.figure(utility))
	}
	if before, after := r.Before.Group.CalibrationInLarge.Value, r.After.Group.CalibrationInLarge.Value; math.Abs(after) >= math.Abs(before) || math.Abs(after) > 0.1 {
		t.Errorf("calibration in the large is %g before, %g after", before, after)
	}
	for name, c := range map[string]struct {
		difference    *Figure
		after, before *Figure
	}{
		"utility":   {r.UtilityDifference, r.After.Group.Utility, r.Before.Group.Utility},
		"slope":     {r.SlopeDifference, r.After.Group.CalibrationSlope, r.Before.Group.CalibrationSlope},
		"in large":  {r.InLargeDifference, r.After.Group.CalibrationInLarge, r.Before.Group.CalibrationInLarge},
		"Brier":     {r.BrierDifference, r.After.Group.Brier, r.Before.Group.Brier},
		"alert PPV": {r.AlertPPVDifference, r.After.Alert.StayPPV, r.Before.Alert.StayPPV},
		"adjusted":  {r.AlertPPVAtDifference, r.After.Alert.StayPPVAdjusted, r.Before.Alert.StayPPVAdjusted},
		"found":     {r.SensitivityDifference, r.After.Alert.StaySensitivity, r.Before.Alert.StaySensitivity},
	} {
		if c.difference == nil || math.Abs(c.difference.Value-(c.after.Value-c.before.Value)) > 1e-12 || c.difference.Low > c.difference.High {
			t.Errorf("%s: difference %v of %v and %v", name, c.difference, c.after, c.before)
		}
	}
}

// TestTooFewStaysToRecalibrateIsAResult as `sepsis model recalibrate` would say it.
func TestTooFewStaysToRecalibrateIsAResult(t *testing.T) {
	to, c := carriedModel(t, 60) // some 15 septic stays in each half
	found, err := to.recalibrations(t.Context(), AsIs, c, 1)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Failed, "at least 30 of both are needed") || found[0].After != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := to.recalibrations(t.Context(), PortableRecipe, c, 1); err != nil || found != nil {
		t.Errorf("a variant that is not asked for: %+v, %v", found, err)
	}
}

// TestDifferencesOverTrainingsByHand: 1, 2 and 3 have a deviation of 1, and Student's quantile for 2 degrees of freedom is 4.303.
func TestDifferencesOverTrainingsByHand(t *testing.T) {
	side := func(values ...float64) *trained {
		var s trained
		for _, x := range values {
			s.each = append(s.each, measured{point: []float64{x}})
		}
		return &s
	}
	got := side(2, 5, 4).over(side(1, 3, 1), 0)
	if half := 4.302653 / math.Sqrt(3); !slices.Equal(got.Each, []float64{1, 2, 3}) || math.Abs(got.Mean.Value-2) > 1e-12 || math.Abs(got.Mean.High-2-half) > 1e-5 || math.Abs(got.Mean.Low-2+half) > 1e-5 {
		t.Errorf("%v, mean %v", got.Each, got.Mean)
	}
}

// TestMeanOfTrainingsIsTakenWithinDraws: a draw that one of them cannot measure is none.
func TestMeanOfTrainingsIsTakenWithinDraws(t *testing.T) {
	m := mean([]measured{{[]float64{1, 2}, [][]float64{{1, 4}, nil, {3, 0}}}, {[]float64{3, 2}, [][]float64{{3, 0}, {9, 9}, {5, 2}}}})
	if !slices.Equal(m.point, []float64{2, 2}) || !slices.Equal(m.draws[0], []float64{2, 2}) || m.draws[1] != nil || !slices.Equal(m.draws[2], []float64{4, 1}) {
		t.Errorf("%+v", m)
	}
}

// TestEachFamilyIsLeftOutOnce, in one group or another.
func TestEachFamilyIsLeftOutOnce(t *testing.T) {
	for _, f := range features.Table {
		groups := 0
		for _, part := range leftOuts() {
			if part.holds(f) {
				groups++
			}
		}
		if groups != 1 {
			t.Errorf("%s, of family %s, is left out with %d groups", f.Name, f.Family, groups)
		}
	}
}
