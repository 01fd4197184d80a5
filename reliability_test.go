package sepsis_test

import (
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// known makes an observation in which some variables have a value.
func known(hour int, variables ...sepsis.Variable) sepsis.Observation {
	o := sepsis.Observation{Hour: hour, Values: sepsis.NoValues()}
	for _, v := range variables {
		o.Values[v] = sepsis.Variables[v].Usual.Min
	}
	return o
}

func TestSufficiency(t *testing.T) {
	vitals := []sepsis.Variable{sepsis.HeartRate, sepsis.SpO2, sepsis.Temperature, sepsis.SystolicBP}
	all := append([]sepsis.Variable{sepsis.WBC}, vitals...)
	for _, test := range []struct {
		name         string
		observations []sepsis.Observation
		level        sepsis.ReliabilityLevel
		codes        []sepsis.ReasonCode
	}{
		{"five in the first hour", []sepsis.Observation{known(1, all...)}, sepsis.GoodReliability, nil},
		{"nothing", nil, sepsis.Indeterminate, []sepsis.ReasonCode{sepsis.NoRecentVitals, sepsis.NoRecentLabs, sepsis.TooLittleMeasured}},
		{"an empty hour", []sepsis.Observation{known(1)}, sepsis.Indeterminate, []sepsis.ReasonCode{sepsis.NoRecentVitals, sepsis.NoRecentLabs, sepsis.TooLittleMeasured}},
		{"vitals 6 hours old", []sepsis.Observation{known(1, all...), known(7)}, sepsis.GoodReliability, nil},
		{"vitals 7 hours old", []sepsis.Observation{known(1, all...), known(8)}, sepsis.Indeterminate, []sepsis.ReasonCode{sepsis.NoRecentVitals}},
		{"labs 24 hours old", []sepsis.Observation{known(1, all...), known(25, vitals...)}, sepsis.GoodReliability, nil},
		{
			"labs 25 hours old",
			[]sepsis.Observation{known(1, all...), known(26, append(vitals, sepsis.EtCO2)...)},
			sepsis.LimitedReliability,
			[]sepsis.ReasonCode{sepsis.NoRecentLabs},
		},
		{
			"a set oxygen fraction is no laboratory value",
			[]sepsis.Observation{known(1, append(vitals, sepsis.FiO2)...)},
			sepsis.LimitedReliability,
			[]sepsis.ReasonCode{sepsis.NoRecentLabs},
		},
		{"four", []sepsis.Observation{known(1, all[:4]...)}, sepsis.LimitedReliability, []sepsis.ReasonCode{sepsis.TooLittleMeasured}},
		{"single, later", []sepsis.Observation{known(30, all...)}, sepsis.LimitedReliability, []sepsis.ReasonCode{sepsis.NoHistory}},
		{
			"single, of unknown hour",
			[]sepsis.Observation{known(sepsis.HourUnknown, all...)},
			sepsis.LimitedReliability,
			[]sepsis.ReasonCode{sepsis.HourNotGiven, sepsis.NoHistory},
		},
		{
			"the worst level counts",
			[]sepsis.Observation{known(30, sepsis.WBC)},
			sepsis.Indeterminate,
			[]sepsis.ReasonCode{sepsis.NoRecentVitals, sepsis.TooLittleMeasured, sepsis.NoHistory},
		},
	} {
		got := sepsis.Sufficiency(&sepsis.Stay{Age: 60, Observations: test.observations})
		var codes []sepsis.ReasonCode
		for _, reason := range got.Reasons {
			codes = append(codes, reason.Code)
		}
		if got.Level != test.level || !slices.Equal(codes, test.codes) || got.Reasons == nil {
			t.Errorf("%s: %s because of %v, want %s because of %v", test.name, got.Level, codes, test.level, test.codes)
		}
	}
}

func TestReasonsAreListed(t *testing.T) {
	seen := map[sepsis.ReasonCode]bool{}
	for _, info := range sepsis.ReasonCodes {
		if info.When == "" || seen[info.Code] {
			t.Errorf("%+v has no meaning, or stands twice", info)
		}
		seen[info.Code] = true
	}
	for _, code := range []sepsis.ReasonCode{
		sepsis.NoRecentVitals, sepsis.NoRecentLabs, sepsis.TooLittleMeasured, sepsis.HourNotGiven, sepsis.NoHistory, sepsis.UnlikeTraining,
	} {
		if !seen[code] {
			t.Errorf("%s is not in the table", code)
		}
	}
}
