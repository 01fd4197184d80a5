package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
)

// asked is what the shipped model answers of a stay, but for the id.
type asked struct {
	Probability float64
	Prediction  string
	Alert       bool
	RiskBand    string `json:"risk_band"`
	Reliability struct{ Level string }
	Scores      map[string]any
	Explanation []sepsis.Contribution
	Trajectory  []momentAsked
}

type momentAsked struct {
	ICUHour     *int `json:"icu_hour"`
	Probability float64
	Prediction  string
	Alert       bool
	RiskBand    string `json:"risk_band"`
	Reliability string
}

func askShipped(t rapid.TB, handler http.Handler, body string) asked {
	t.Helper()
	recorder := post(handler, "/predict/patient?trajectory=true", body)
	var answer asked
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != http.StatusOK {
		t.Fatalf("%d: %s of %s", recorder.Code, recorder.Body, body)
	}
	return answer
}

// hour is an observation as it is sent. Its values are coherent.
type hour = map[string]any

// bedsideHours draws the hours of a stay with gaps, in which any of the measurements may be missing.
func bedsideHours(t *rapid.T) []hour {
	ranges := map[sepsis.Variable]sepsis.Range{}
	for v, info := range sepsis.Variables {
		ranges[sepsis.Variable(v)] = info.Usual
	}
	for _, bound := range []sepsis.Variable{sepsis.DiastolicBP, sepsis.MeanArterialPressure, sepsis.BilirubinDirect, sepsis.Bicarbonate, sepsis.Hemoglobin} {
		delete(ranges, bound) // by the coherence rules to others
	}
	variables := slices.Sorted(maps.Keys(ranges))
	var hours []hour
	at := 0
	for range rapid.IntRange(1, 12).Draw(t, "hours") {
		at += rapid.SampledFrom([]int{1, 1, 1, 2, 30}).Draw(t, "gap")
		h := hour{"icu_hour": at, sepsis.HeartRate.String(): rapid.Float64Range(40, 150).Draw(t, "pulse")}
		for range rapid.IntRange(0, 10).Draw(t, "measured") {
			v := rapid.SampledFrom(variables).Draw(t, "variable")
			h[v.String()] = rapid.Float64Range(ranges[v].Min, ranges[v].Max).Draw(t, v.String())
		}
		hours = append(hours, h)
	}
	return hours
}

func bodyOf(hours []hour) hour {
	return hour{"age": 67, "sex": "female", "icu_unit": "medical", "hours_in_hospital_before_icu": 12.5, "observations": hours}
}

// TestLaterHoursChangeNothing: the answer at an hour is that of the stay up to that hour, whatever comes later.
func TestLaterHoursChangeNothing(t *testing.T) {
	handler, _ := shippedService(t)
	rapid.Check(t, func(t *rapid.T) {
		hours := bedsideHours(t)
		whole := askShipped(t, handler, fields(bodyOf(hours), forwards)).Trajectory
		cut := rapid.IntRange(1, len(hours)).Draw(t, "cut")
		past := askShipped(t, handler, fields(bodyOf(hours[:cut]), forwards))
		last := momentAsked{whole[cut-1].ICUHour, past.Probability, past.Prediction, past.Alert, past.RiskBand, past.Reliability.Level}
		if !reflect.DeepEqual(past.Trajectory, whole[:cut]) || last != whole[cut-1] {
			t.Fatalf("%+v from the past alone, %+v with the later hours", past.Trajectory, whole[:cut])
		}
	})
}

// TestSpellingChangesNothing: neither the order of the fields, nor who the patient is, nor null for what was not measured, nor the same value in
// another unit.
func TestSpellingChangesNothing(t *testing.T) {
	handler, _ := shippedService(t)
	rapid.Check(t, func(t *rapid.T) {
		hours := bedsideHours(t)
		var otherwise []hour
		for _, h := range hours {
			otherwise = append(otherwise, spelledOtherwise(t, h))
		}
		body := bodyOf(otherwise)
		body["patient_id"] = rapid.String().Draw(t, "patient")
		want, got := askShipped(t, handler, fields(bodyOf(hours), forwards)), askShipped(t, handler, fields(body, backwards))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, spelled otherwise %+v", want, got)
		}
	})
}

// Orders of the fields of an object.
func forwards(names iter.Seq[string]) []string { return slices.Sorted(names) }

func backwards(names iter.Seq[string]) []string {
	sorted := slices.Sorted(names)
	slices.Reverse(sorted)
	return sorted
}

// spelledOtherwise is the same hour in other units, where they give exactly the same value, and with null for what was not measured.
func spelledOtherwise(t *rapid.T, h hour) hour {
	other := maps.Clone(h)
	for v, info := range sepsis.Variables {
		value, measured := h[info.Name].(float64)
		if !measured {
			other[info.Name] = nil
			continue
		}
		unit := rapid.SampledFrom(info.Units()).Draw(t, "unit")
		conversion, _ := info.Conversion(unit)
		sent := conversion.Invert(value)
		if conversion.Convert(sent) == value && sepsis.Variable(v) != sepsis.Calcium { // of calcium, the unit tells the kind
			other[info.Name] = hour{"value": sent, "unit": unit}
		}
	}
	return other
}

// fields writes JSON with the fields of each object in the given order.
func fields(value any, order func(iter.Seq[string]) []string) string {
	switch v := value.(type) {
	case hour:
		var parts []string
		for _, name := range order(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q:%s", name, fields(v[name], order)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []hour:
		var parts []string
		for _, one := range v {
			parts = append(parts, fields(one, order))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestUnitOfIonisedCalcium: what is read as ionised calcium is not shown as total calcium in mg/dL, which nobody survives.
func TestUnitOfIonisedCalcium(t *testing.T) {
	handler, _ := shippedService(t)
	for value, want := range map[float64]string{1.15: "mmol/L", 3.99: "mmol/L", 4: "mg/dL", 9: "mg/dL"} {
		answer := askShipped(t, handler, fmt.Sprintf(`{"age": 67, "icu_hour": 3, "heart_rate": 118, "calcium": %g}`, value))
		at := slices.IndexFunc(answer.Explanation, func(c sepsis.Contribution) bool { return c.Name == "calcium" })
		if at < 0 || *answer.Explanation[at].Value != value || *answer.Explanation[at].Unit != want {
			t.Errorf("calcium %g: %+v", value, answer.Explanation)
		}
	}
}
