package server_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
)

func TestFlatForm(t *testing.T) {
	predictor := &fakePredictor{}
	a := answerOf(t, predict(newServer(t, predictor), flatBody))
	// 37 mg/dL of lactate / 9.008 = 4.107 mmol/L; the fake predictor divides by 100.
	if a.Prediction != sepsis.Positive || a.Probability != 0.04107 || a.Threshold != fakeThreshold {
		t.Errorf("answer %+v", a)
	}
	if a.ID != "01FRAR5JG00000000000000000" || a.PatientID != nil || a.Trajectory != nil || len(a.Warnings) != 0 {
		t.Errorf("answer %+v", a)
	}
	stay := predictor.asked
	if stay.Age != 67 || stay.Sex != sepsis.Female || stay.ICUUnit != "" || !sepsis.IsMissing(stay.HoursBefore) {
		t.Errorf("stay %+v", stay)
	}
	observation := stay.Observations[0]
	if len(stay.Observations) != 1 || observation.Hour != 30 || observation.Values[sepsis.HeartRate] != 118 || observation.Values.Has(sepsis.SpO2) {
		t.Errorf("observations %+v", stay.Observations)
	}
}

func TestHistoryForm(t *testing.T) {
	predictor := &fakePredictor{}
	a := answerOf(t, send(newServer(t, predictor), "POST", "/predict/patient?trajectory=true", historyBody))
	if a.Prediction != sepsis.Positive || a.Probability != 0.031 {
		t.Errorf("answer %+v", a)
	}
	if len(a.Trajectory) != 2 || *a.Trajectory[0].ICUHour != 1 || a.Trajectory[0].Probability != 0.01 || a.Trajectory[1].Prediction != sepsis.Positive {
		t.Errorf("trajectory %+v", a.Trajectory)
	}
	stay := predictor.asked
	if stay.ICUUnit != sepsis.MedicalICU || stay.HoursBefore != 12.5 || len(stay.Observations) != 2 || stay.Observations[1].Hour != 2 {
		t.Errorf("stay %+v", stay)
	}
}

// otherSpelling is accepted though the schema, which lists UCUM codes only, does not know it.
const otherSpelling = `{"age": 67, "systolic_bp": {"value": 80, "unit": "mmHg"}, "heart_rate": {"value": 80, "unit": "{beats}/min"}}`

var acceptedBodies = map[string]string{
	"nulls":                       `{"age": 67, "sex": null, "icu_unit": null, "hours_in_hospital_before_icu": null, "patient_id": null, "icu_hour": null, "ph": 7.4, "lactate": null, "observations": null}`,
	"null flat beside a history":  `{"age": 67, "ph": null, "icu_hour": null, "observations": [{"icu_hour": 1, "ph": 7.4}]}`,
	"an empty hour":               `{"age": 67, "observations": [{"icu_hour": 1, "ph": 7.4}, {"icu_hour": 8784}]}`,
	"fractions of hours":          `{"age": 67, "observations": [{"icu_hour": 0.1, "ph": 7.4}, {"icu_hour": 1.1}, {"icu_hour": 3}]}`,
	"limits":                      `{"age": 18, "hours_in_hospital_before_icu": 0, "icu_hour": 8784, "heart_rate": 300, "patient_id": "` + strings.Repeat("é", 128) + `"}`,
	"other limits":                `{"age": 120, "hours_in_hospital_before_icu": 10000, "icu_hour": 0.001, "heart_rate": 10}`,
	"not measured, with its unit": `{"age": 67, "ph": 7.4, "lactate": {"value": null, "unit": "mg/dL"}}`,
	"unit before value":           `{"age": 67, "lactate": {"unit": "mg/dL", "value": 37}}`,
	"common spelling":             otherSpelling,
	"exponent":                    `{"age": 6.7e1, "ph": 0.74E+1}`,
	"underflow":                   `{"age": 67, "base_excess": 1e-400}`,
	"white space":                 " \r\n\t{ \"age\" : 67 , \"ph\" : 7.4 } \n",
	"escaped name":                `{"\u0061ge": 67, "ph": 7.4}`,
}

func TestAcceptedBodies(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for name, body := range acceptedBodies {
		if recorder := predict(handler, body); recorder.Code != http.StatusOK {
			t.Errorf("%s: %s", name, recorder.Body)
		}
	}
}

// TestUnits sends the same amount in every accepted unit and expects the same value at the model.
func TestUnits(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	for v, info := range sepsis.Variables {
		amount := (info.Usual.Min + info.Usual.Max) / 2
		for _, conversion := range info.Accepted {
			body := fmt.Sprintf(`{"age": 67, %q: {"value": %v, "unit": %q}}`, info.Name, conversion.Invert(amount), conversion.From)
			answerOf(t, predict(handler, body))
			if got := predictor.asked.Observations[0].Values[v]; math.Abs(got-amount) > 1e-9*math.Abs(amount) {
				t.Errorf("%s gives %v, want %v", body, got, amount)
			}
		}
	}
}

// Published conversions, from outside the tables.
func TestKnownConversions(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	for _, test := range []struct {
		variable sepsis.Variable
		sent     string
		want     float64
	}{
		{sepsis.Temperature, `{"value": 98.6, "unit": "[degF]"}`, 37},      // 98.6 °F is 37 °C
		{sepsis.Creatinine, `{"value": 88.4, "unit": "umol/L"}`, 1},        // AMA Manual of Style, SI conversion
		{sepsis.Glucose, `{"value": 10, "unit": "mmol/L"}`, 180.2},         // ADA: 10 mmol/L is 180 mg/dL
		{sepsis.PaCO2, `{"value": 5.3, "unit": "kPa"}`, 39.75},             // 1 kPa is 7.5 mmHg
		{sepsis.Hemoglobin, `{"value": 120, "unit": "g/L"}`, 12},           // ten to one
		{sepsis.WBC, `{"value": 12000, "unit": "/uL"}`, 12},                // a thousand to one
		{sepsis.Platelets, `{"value": 150, "unit": "10*9/L"}`, 150},        // the same number
		{sepsis.BilirubinTotal, `{"value": 34.2, "unit": "umol/L"}`, 2},    // 17.1 µmol/L is 1 mg/dL
		{sepsis.FiO2, `{"value": 40, "unit": "%"}`, 0.4},                   // per cent
		{sepsis.MeanArterialPressure, `{"value": 65, "unit": "mmHg"}`, 65}, // another spelling of mm[Hg]
	} {
		answerOf(t, predict(handler, fmt.Sprintf(`{"age": 67, %q: %s}`, test.variable, test.sent)))
		if got := predictor.asked.Observations[0].Values[test.variable]; math.Abs(got-test.want) > 0.001*test.want {
			t.Errorf("%s %s gives %v, want %v", test.variable, test.sent, got, test.want)
		}
	}
}

func TestTextPlain(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for body, want := range map[string]string{flatBody: "Positive", `{"age": 67, "lactate": 1}`: "Negative"} {
		recorder := send(handler, "POST", "/predict/patient", body, "Accept", "text/plain")
		if got := recorder.Body.String(); got != want || recorder.Header().Get("Content-Type") != "text/plain" {
			t.Errorf("%q as %s, want %q", got, recorder.Header().Get("Content-Type"), want)
		}
	}
	problemOf(t, send(handler, "POST", "/predict/patient", "{}", "Accept", "text/plain"), http.StatusUnprocessableEntity)
}

func TestPatientIDIsEchoed(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	a := answerOf(t, predict(handler, `{"age": 67, "ph": 7.4, "patient_id": "<bed 3>\u0000 é"}`))
	if a.PatientID == nil || *a.PatientID != "<bed 3>\x00 é" {
		t.Errorf("patient_id %v", a.PatientID)
	}
}

func TestHourUnknown(t *testing.T) {
	predictor := &fakePredictor{}
	a := answerOf(t, send(newServer(t, predictor), "POST", "/predict/patient?trajectory=true", `{"age": 67, "ph": 7.4}`))
	if predictor.asked.Observations[0].Hour != sepsis.HourUnknown {
		t.Errorf("hour %d", predictor.asked.Observations[0].Hour)
	}
	if len(a.Warnings) != 1 || a.Warnings[0].Code != sepsis.ICUHourUnknown || a.Warnings[0].Location != "body.icu_hour" {
		t.Errorf("warnings %+v", a.Warnings)
	}
	if len(a.Trajectory) != 1 || a.Trajectory[0].ICUHour != nil {
		t.Errorf("trajectory %+v", a.Trajectory)
	}
}

func TestWarnings(t *testing.T) {
	handler := newServer(t, &fakePredictor{synthetic: true})
	a := answerOf(t, predict(handler, `{"age": 67, "observations": [
		{"icu_hour": 1, "systolic_bp": 100, "mean_arterial_pressure": 110},
		{"icu_hour": 2, "sao2": 75, "calcium": 1.2, "spo2": 97, "heart_rate": 160, "etco2": 60, "paco2": 40},
		{"icu_hour": 3, "systolic_bp": 80, "diastolic_bp": 76}]}`))
	var got []string
	for _, w := range a.Warnings {
		got = append(got, w.Location+" "+string(w.Code))
	}
	want := []string{
		"body.observations[0].mean_arterial_pressure map_beyond_pressures",
		"body.observations[1].calcium calcium_looks_ionised",
		"body.observations[1].spo2 saturations_disagree",
		"body.observations[1].heart_rate unusual_value",
		"body.observations[1].etco2 etco2_above_paco2",
		"body.observations[2].systolic_bp narrow_pulse_pressure",
		"model trained_on_synthetic_data",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWarningsTellTheUnit that was probably meant; the unit that was sent counts, also where a body has several observations.
func TestWarningsTellTheUnit(t *testing.T) {
	a := answerOf(t, predict(newServer(t, &fakePredictor{}), `{"age": 67, "observations": [
		{"icu_hour": 1, "glucose": {"value": 2, "unit": "mmol/L"}, "calcium": {"value": 1.15, "unit": "mmol/L"}},
		{"icu_hour": 2, "glucose": 5.5, "calcium": 2.3}, {"icu_hour": 3, "glucose": {"value": 5.5, "unit": "mg/dL"}, "calcium": 4.61}]}`))
	var got []string
	for _, w := range a.Warnings {
		got = append(got, w.Location+": "+w.Hint)
	}
	want := []string{
		"body.observations[0].glucose: ",
		"body.observations[0].calcium: if it is ionised calcium, send the plain number in mmol/L, 1.15 (JSON API)",
		`body.observations[1].glucose: 5.5 looks like mmol/L; send {"value": 5.5, "unit": "mmol/L"}`,
		`body.observations[1].calcium: 2.3 looks like mmol/L; send {"value": 2.3, "unit": "mmol/L"}`,
		`body.observations[2].glucose: 5.5 looks like mmol/L; send {"value": 5.5, "unit": "mmol/L"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestHoursThatAreRoundBySums: whoever adds up minutes in floating point means whole hours.
func TestHoursThatAreRoundBySums(t *testing.T) {
	predictor := &fakePredictor{}
	answerOf(t, predict(newServer(t, predictor), `{"age": 67, "observations": [
		{"icu_hour": 2.0000000000001, "ph": 7.4}, {"icu_hour": 3.0000000000000004}, {"icu_hour": 4}, {"icu_hour": 4.0001}]}`))
	for i, observation := range predictor.asked.Observations {
		if observation.Hour != i+2 {
			t.Errorf("observation %d is of hour %d", i, observation.Hour)
		}
	}
}

func TestWarningsAreBounded(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	var observations []string
	for hour := range 6000 {
		observations = append(observations, fmt.Sprintf(`{"icu_hour": %d, "heart_rate": 200, "spo2": 50}`, hour+1))
	}
	a := answerOf(t, predict(handler, `{"age": 67, "observations": [`+strings.Join(observations, ",")+`]}`))
	if len(a.Warnings) != 1000 || a.Omitted != 11_000 {
		t.Errorf("%d warnings, %d omitted", len(a.Warnings), a.Omitted)
	}
}

// Scores count what was measured in the last 24 hours: here bilirubin 6.5 mg/dL (3 points) is 25 hours old at
// the end, platelets 90 (2 points) are 24.
func TestScoresLookBackOneDay(t *testing.T) {
	a := answerOf(t, predict(newServer(t, &fakePredictor{}), `{"age": 67, "observations": [
		{"icu_hour": 1, "bilirubin_total": 6.5}, {"icu_hour": 2, "platelets": 90}, {"icu_hour": 26, "heart_rate": 80}]}`))
	if sofa := a.Scores["sofa"]; sofa.Value == nil || *sofa.Value != 2 {
		t.Errorf("SOFA %+v", sofa)
	}
	for _, name := range []string{"news2", "sirs", "qsofa", "sofa"} {
		if _, there := a.Scores[name]; !there {
			t.Errorf("no %s", name)
		}
	}
}

func TestQueryParameters(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for query, want := range map[string]complaint{
		"trajectory=yes":                   {sepsis.WrongType, "query.trajectory"},
		"trajectory=":                      {sepsis.WrongType, "query.trajectory"},
		"explain=1":                        {sepsis.WrongType, "query.explain"},
		"trajectory=true&trajectory=false": {sepsis.DuplicateField, "query.trajectory"},
		"Trajectory=true":                  {sepsis.UnknownField, "query.Trajectory"},
		"%ff=1":                            {sepsis.UnknownField, "query[\"\uFFFD\"]"},
		"%zz":                              {sepsis.WrongType, "query"},
	} {
		p := problemOf(t, send(handler, "POST", "/predict/patient?"+query, flatBody), http.StatusUnprocessableEntity)
		if got := complaints(p); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"", "trajectory=false", "explain=false&trajectory=true", "explain=true"} {
		answerOf(t, send(handler, "POST", "/predict/patient?"+query, flatBody))
	}
	p := problemOf(t, send(handler, "POST", "/predict/patient?z=1&a=2", `{"age": 5, "ph": 7}`), http.StatusUnprocessableEntity)
	if got := fmt.Sprint(complaints(p)); got != "[{unknown_field query.a} {unknown_field query.z} {out_of_scope body.age}]" {
		t.Errorf("query and body: %s", got)
	}
}

// TestFlatEqualsItsTwin holds that a flat body and the same as the one observation of a history say the same.
func TestFlatEqualsItsTwin(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	rapid.Check(t, func(t *rapid.T) {
		members := strings.Join(rapid.SliceOfNDistinct(coherentMember(), 1, 6, func(m string) string {
			name, _, _ := strings.Cut(m, ":")
			return name
		}).Draw(t, "members"), ", ")
		hour := rapid.Float64Range(0.01, 8784).Draw(t, "hour")
		flat := predict(handler, fmt.Sprintf(`{"age": 67, "icu_hour": %v, %s}`, hour, members))
		asked := *predictor.asked
		twin := predict(handler, fmt.Sprintf(`{"age": 67, "observations": [{"icu_hour": %v, %s}]}`, hour, members))
		if flat.Code != http.StatusOK || fmt.Sprint(asked) != fmt.Sprint(*predictor.asked) {
			t.Fatalf("%s\n%+v\n%+v", flat.Body, asked, *predictor.asked)
		}
		if got := strings.ReplaceAll(twin.Body.String(), "body.observations[0].", "body."); got != flat.Body.String() {
			t.Fatalf("flat %s\ntwin %s", flat.Body, got)
		}
	})
}

// coherentMember draws a member of an observation that contradicts no other: chemistry has no relations.
func coherentMember() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		variable := rapid.SampledFrom([]sepsis.Variable{
			sepsis.HeartRate, sepsis.Temperature, sepsis.Lactate, sepsis.Glucose, sepsis.Creatinine, sepsis.WBC, sepsis.Potassium,
		}).Draw(t, "variable")
		info := variable.Info()
		amount := rapid.Float64Range(info.Hard.Min, info.Hard.Max).Draw(t, "amount")
		if rapid.Bool().Draw(t, "plain") {
			return fmt.Sprintf("%q: %v", info.Name, amount)
		}
		return fmt.Sprintf(`%q: {"value": %v, "unit": %q}`, info.Name, amount, info.Unit)
	})
}
