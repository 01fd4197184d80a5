package server_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// lactates makes a history of lactate values, an hour apart; the fake predictor's probability is a hundredth of them.
func lactates(values ...string) string {
	var observations []string
	for i, value := range values {
		observations = append(observations, `{"icu_hour": `+string(rune('1'+i))+`, "lactate": `+value+`}`)
	}
	return `{"age": 67, "observations": [` + strings.Join(observations, ",") + `]}`
}

// TestAlertAndBand: Positive from 3.1, an alert from 5 until below 4 (all in lactate).
func TestAlertAndBand(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, test := range []struct {
		body       string
		alert      bool
		band       sepsis.RiskBand
		prediction sepsis.Label
	}{
		{lactates("1"), false, sepsis.LowRisk, sepsis.Negative},
		{lactates("3.1"), false, sepsis.ElevatedRisk, sepsis.Positive},
		{lactates("4.9"), false, sepsis.ElevatedRisk, sepsis.Positive},
		{lactates("5"), true, sepsis.HighRisk, sepsis.Positive},
		{lactates("5", "4.5"), true, sepsis.ElevatedRisk, sepsis.Positive},
		{lactates("5", "3.9"), false, sepsis.ElevatedRisk, sepsis.Positive},
		{lactates("5", "3.9", "4.5"), false, sepsis.ElevatedRisk, sepsis.Positive},
		{lactates("5", "4.5", "1"), false, sepsis.LowRisk, sepsis.Negative},
	} {
		a := answerOf(t, send(handler, "POST", "/predict/patient?trajectory=true", test.body))
		if a.Alert != test.alert || a.RiskBand != test.band || a.Prediction != test.prediction || a.AlertThreshold != fakeAlertThreshold {
			t.Errorf("%s: alert %t, %s, %s, from %g", test.body, a.Alert, a.RiskBand, a.Prediction, a.AlertThreshold)
		}
		if last := a.Trajectory[len(a.Trajectory)-1]; last.Alert != a.Alert || last.RiskBand != a.RiskBand {
			t.Errorf("%s: the trajectory ends with %+v", test.body, last)
		}
	}
}

// TestReliabilityOfEachHour: each hour of a course is judged by itself and what came before, as it would have been then.
func TestReliabilityOfEachHour(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	full := `"heart_rate": 90, "temperature": 37, "spo2": 97, "systolic_bp": 120, "wbc": 9`
	a := answerOf(t, send(handler, "POST", "/predict/patient?trajectory=true",
		`{"age": 67, "observations": [{"icu_hour": 1, "lactate": 1}, {"icu_hour": 2, `+full+`}, {"icu_hour": 20}]}`))
	want := []sepsis.ReliabilityLevel{sepsis.Indeterminate, sepsis.GoodReliability, sepsis.Indeterminate}
	for i, level := range want {
		if a.Trajectory[i].Reliability != level {
			t.Errorf("observation %d is %q, want %q", i, a.Trajectory[i].Reliability, level)
		}
	}
	if a.Reliability.Level != want[2] {
		t.Errorf("the answer is %q, its last hour %q", a.Reliability.Level, want[2])
	}
}

func TestReliability(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, test := range []struct {
		body  string
		level sepsis.ReliabilityLevel
		codes string
	}{
		{
			`{"age": 67, "icu_hour": 1, "heart_rate": 90, "temperature": 37, "spo2": 97, "systolic_bp": 120, "wbc": 9}`,
			sepsis.GoodReliability, "",
		},
		{`{"age": 67, "icu_hour": 1, "lactate": 1}`, sepsis.Indeterminate, "no_recent_vitals few_measurements"},
		{`{"age": 67, "heart_rate": 90}`, sepsis.LimitedReliability, "no_recent_labs few_measurements hour_unknown no_history"},
	} {
		a := answerOf(t, predict(handler, test.body))
		var codes []string
		for _, reason := range a.Reliability.Reasons {
			codes = append(codes, string(reason.Code))
		}
		if got := strings.Join(codes, " "); got != test.codes || a.Reliability.Level != test.level || a.Reliability.Reasons == nil {
			t.Errorf("%s: %s because of %q, want %s because of %q", test.body, a.Reliability.Level, got, test.level, test.codes)
		}
	}
}
