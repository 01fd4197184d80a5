package model

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAdjustedPPV(t *testing.T) {
	for _, test := range []struct{ inTime, anyTime, falseAlarm, prevalence, want float64 }{
		// Altman and Bland, BMJ 1994;309:102: sensitivity 0.90, specificity 0.63 and prevalence 0.64 give a predictive
		// value of 0.81; at a prevalence of 0.25 it is 0.45.
		{0.90, 0.90, 0.37, 0.64, 0.8122},
		{0.90, 0.90, 0.37, 0.25, 0.4478},
		// By hand: 0.07*0.4 / (0.07*0.5 + 0.93*0.05) = 0.028 / 0.0815.
		{0.4, 0.5, 0.05, 0.07, 0.3436},
		// Wong et al. 2021: 0.07*0.33 / (0.07*0.33 + 0.93*0.17) = 0.0231 / 0.1812; they give 0.12.
		{0.33, 0.33, 0.17, AlertPrevalence, 0.1275},
		{1, 1, 0, 0.07, 1},
		{0, 0.5, 0.05, 0.07, 0},
	} {
		if got := AdjustedPPV(test.inTime, test.anyTime, test.falseAlarm, test.prevalence); math.Abs(got-test.want) > 5e-5 {
			t.Errorf("%+v: %.4f", test, got)
		}
	}
	if got := AdjustedPPV(0, 0, 0, 0.07); !math.IsNaN(got) {
		t.Errorf("without alerts %g", got)
	}
}

func TestPeakOf(t *testing.T) {
	// The first label is in row 1, so onset is row 7 and the 0.9 of row 8 comes too late.
	labels := []bool{false, true, true, true, true, true, true, true, true}
	probabilities := []float64{0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.9}
	if got := peakOf("A", labels, probabilities); got != (peak{hospital: "A", septic: true, ever: 0.9, inTime: 0.3}) {
		t.Errorf("%+v", got)
	}
	if got := peakOf("", make([]bool, 3), []float64{0.1, 0.4, 0.2}); got != (peak{ever: 0.4}) {
		t.Errorf("%+v", got)
	}
	if got := peakOf("", nil, nil); got != (peak{}) {
		t.Errorf("%+v", got)
	}
}

// stays are n of the same peak.
func peaksOf(n int, p peak) []peak {
	all := make([]peak, n)
	for i := range all {
		all[i] = p
	}
	return all
}

// TestChooseAlert has 20 septic and 1,000 other stays. Alerted are at 0.8 10 septic stays and 25 others, at 0.5 also 5
// and 60, at 0.2 everybody. Adjusted values by hand: 0.8: .07*.5/(.07*.5+.93*.025) = 0.6009;
// 0.5: .07*.75/(.07*.75+.93*.085) = 0.3991; 0.2: 0.07.
func TestChooseAlert(t *testing.T) {
	septic := func(p float64) peak { return peak{septic: true, ever: p, inTime: p} }
	other := func(p float64) peak { return peak{ever: p} }
	cohort := append(append(append(append(append(peaksOf(10, septic(0.8)), peaksOf(5, septic(0.5))...), peaksOf(5, septic(0.2))...),
		peaksOf(25, other(0.8))...), peaksOf(60, other(0.5))...), peaksOf(915, other(0.2))...)
	got := chooseAlert(cohort, 0.1, "a test")
	if got.Threshold != 0.35 || got.PPV == nil || math.Abs(*got.PPV-0.3991) > 5e-5 {
		t.Errorf("threshold %g with %v, want midway between 0.2 and 0.5", got.Threshold, got.PPV)
	}
	if got.Clear != 0.175 || !strings.Contains(got.Choice, "lowest") {
		t.Errorf("it ends below %g: %s", got.Clear, got.Choice)
	}
	if got := chooseAlert(cohort, 0.3, "a test"); got.Threshold != 0.3 || got.Clear != 0.3 {
		t.Errorf("with Positive from 0.3 the alert is from %g until below %g", got.Threshold, got.Clear)
	}
	if got := chooseAlert(cohort, 0.9, "a test"); got.Threshold != 0.9 || got.PPV != nil || !strings.Contains(got.Choice, "too few") {
		t.Errorf("nobody is alerted, and yet %+v", got)
	}
	// Half of the septic alerts come too late: 0.8 has .07*.25/(.07*.5+.93*.025) = 0.3004, 0.5 has less than 0.3.
	late := append([]peak{}, cohort...)
	for i := range 15 {
		if i%2 == 1 {
			late[i].inTime = 0.05
		}
	}
	if got := chooseAlert(late, 0.1, "a test"); got.Threshold != 0.65 || math.Abs(*got.PPV-0.3004) > 5e-5 {
		t.Errorf("with late alerts: threshold %g with %g", got.Threshold, *got.PPV)
	}
	// All alike: no threshold tells septic stays from others, and the value is the prevalence.
	alike := append(peaksOf(50, septic(0.4)), peaksOf(50, other(0.4))...)
	if got := chooseAlert(alike, 0.1, "a test"); got.Threshold != 0.1 || math.Abs(*got.PPV-0.07) > 1e-12 || !strings.Contains(got.Choice, "none reaches") {
		t.Errorf("all alike: %+v", got)
	}
}

// TestAlertIsWorthItAtEachHospital has 100 septic and 1,000 other stays at each of two hospitals. Alerted are at 0.8, at each, 50 septic stays and
// 25 others; at 0.5 25 septic stays more, and at A 205 others, at B none. Adjusted values by hand: 0.8: 0.6009 (see above); 0.5: at A
// .07*.75/(.07*.75+.93*.23) = 0.1971, and of both together, with one septic stay less, s = 150/199, .07*s/(.07*s+.93*.1275) = 0.3080.
func TestAlertIsWorthItAtEachHospital(t *testing.T) {
	hospital := func(name string, falseAlarms int) []peak {
		var all []peak
		for n, p := range map[int]float64{50: 0.8, 25: 0.5, 24: 0.2, 1: 0.1} {
			all = append(all, peaksOf(n, peak{hospital: name, septic: true, ever: p, inTime: p})...)
		}
		all = append(all, peaksOf(25, peak{hospital: name, ever: 0.8})...)
		all = append(all, peaksOf(falseAlarms, peak{hospital: name, ever: 0.5})...)
		return append(all, peaksOf(1000-25-falseAlarms, peak{hospital: name, ever: 0.2})...)
	}
	few := func(all []peak) []peak { // one septic stay less
		return slices.DeleteFunc(slices.Clone(all), func(p peak) bool { return p.ever == 0.1 })
	}
	for name, test := range map[string]struct {
		peaks     []peak
		threshold float64
		ppv       float64
		words     string
	}{
		"A is looked at apart":           {append(hospital("A", 205), hospital("B", 0)...), 0.65, 0.6009, "a test, at the hospital where it is least"},
		"B has too few septic stays":     {append(hospital("A", 205), few(hospital("B", 0))...), 0.35, 0.3080, "a test"},
		"it reaches at both":             {append(hospital("A", 60), hospital("B", 0)...), 0.35, 0.3991, "a test, at the hospital where it is least"},
		"a hospital alone needs no word": {hospital("A", 60), 0.35, 0.3991, "a test"},
	} {
		got := chooseAlert(test.peaks, 0.05, "a test")
		if got.Threshold != test.threshold || math.Abs(*got.PPV-test.ppv) > 5e-5 || !strings.HasSuffix(got.Choice, " of "+test.words) {
			t.Errorf("%s: threshold %g with %.4f: %s", name, got.Threshold, *got.PPV, got.Choice)
		}
	}
}

// TestOneStayDecidesNothing: a single septic stay at the top has a predictive value of 1, but is too few to choose by.
func TestOneStayDecidesNothing(t *testing.T) {
	cohort := append(peaksOf(1, peak{septic: true, ever: 0.9, inTime: 0.9}), peaksOf(100, peak{ever: 0.5})...)
	if got := chooseAlert(cohort, 0.1, "a test"); got.Threshold > 0.5 {
		t.Errorf("threshold %g: fewer than %d stays are alerted there", got.Threshold, minAlerted)
	}
}
