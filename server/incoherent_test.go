package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// complaint is one problem that is expected: its code and its exact place.
type complaint struct {
	code     sepsis.Code
	location string
}

// incoherentBodies are refused bodies with everything that is wrong with each, in the order of the body.
var incoherentBodies = []struct {
	name, body string
	want       []complaint
}{
	{"empty", ``, []complaint{{"invalid_json", "body"}}},
	{"white space only", " \n\t", []complaint{{"invalid_json", "body"}}},
	{"no JSON", `age=67`, []complaint{{"invalid_json", "body"}}},
	{"truncated", `{"age": 67, "heart_rate": 80`, []complaint{{"invalid_json", "body"}}},
	{"trailing data", `{"age": 67, "heart_rate": 80} {}`, []complaint{{"invalid_json", "body"}}},
	{"trailing garbage", `{"age": 67, "heart_rate": 80}]`, []complaint{{"invalid_json", "body"}}},
	{"trailing comma", `{"age": 67, "heart_rate": 80,}`, []complaint{{"invalid_json", "body"}}},
	{"comment", `{"age": 67, /* years */ "heart_rate": 80}`, []complaint{{"invalid_json", "body"}}},
	{"byte order mark", "\xef\xbb\xbf" + `{"age": 67, "heart_rate": 80}`, []complaint{{"invalid_json", "body"}}},
	{"invalid UTF-8", `{"age": 67, "heart_rate": 80, "patient_id": "` + "\xff" + `"}`, []complaint{{"invalid_json", "body"}}},
	{"half a surrogate pair", `{"age": 67, "heart_rate": 80, "patient_id": "\ud800"}`, []complaint{{"invalid_json", "body"}}},
	{"NaN", `{"age": 67, "heart_rate": NaN}`, []complaint{{"invalid_json", "body"}}},
	{"Infinity", `{"age": 67, "heart_rate": -Infinity}`, []complaint{{"invalid_json", "body"}}},
	{"syntax hides the rest", `{"age": 5, "HR": 80, "lactate": `, []complaint{{"invalid_json", "body"}}},
	{"too deep", `{"age": 67, "observations": [{"icu_hour": 1, "lactate": {"value": [3], "unit": "mg/dL"}}]}`, []complaint{{"invalid_json", "body"}}},
	{"too deep in an unknown field", `{"age": 67, "heart_rate": 80, "x": [[[[]]]]}`, []complaint{{"invalid_json", "body"}}},
	{"overflow", `{"age": 67, "heart_rate": 1e999, "spo2": -1e999}`, []complaint{{"invalid_json", "body.heart_rate"}, {"invalid_json", "body.spo2"}}},
	{"overflow in an object", `{"age": 67, "lactate": {"value": 1e999, "unit": "mg/dL"}}`, []complaint{{"invalid_json", "body.lactate.value"}}},

	{"array", `[{"age": 67}]`, []complaint{{"wrong_type", "body"}}},
	{"string", `"age"`, []complaint{{"wrong_type", "body"}}},
	{"null", `null`, []complaint{{"wrong_type", "body"}}},
	{"overflowing number", `1e999`, []complaint{{"wrong_type", "body"}}},

	{"duplicate", `{"age": 67, "heart_rate": 80, "age": 67}`, []complaint{{"duplicate_field", "body.age"}}},
	{"duplicate null", `{"age": 67, "heart_rate": 80, "heart_rate": null}`, []complaint{{"duplicate_field", "body.heart_rate"}}},
	{"duplicate by escape", `{"age": 67, "heart_rate": 80, "\u0061ge": 67}`, []complaint{{"duplicate_field", "body.age"}}},
	{"duplicate in an observation", `{"age": 67, "observations": [{"icu_hour": 1, "ph": 7.4, "ph": 7.4}]}`, []complaint{{"duplicate_field", "body.observations[0].ph"}}},
	{"duplicate in a measurement", `{"age": 67, "ph": {"value": 7.4, "value": 7.3, "unit": "[pH]"}}`, []complaint{{"duplicate_field", "body.ph.value"}}},
	{"duplicate of an unknown name", `{"age": 67, "ph": 7.4, "x": 1, "x": 2}`, []complaint{{"unknown_field", "body.x"}, {"duplicate_field", "body.x"}}},
	{"observations twice", `{"age": 67, "observations": [{"icu_hour": 1, "ph": 7.4}], "observations": []}`, []complaint{{"duplicate_field", "body.observations"}}},

	{"unknown", `{"age": 67, "heart_rate": 80, "SepsisLabel": 1}`, []complaint{{"unknown_field", "body.SepsisLabel"}}},
	{"unknown though null", `{"age": 67, "heart_rate": 80, "bmi": null}`, []complaint{{"unknown_field", "body.bmi"}}},
	{"wrong case", `{"AGE": 67, "age": 67, "heart_rate": 80}`, []complaint{{"unknown_field", "body.AGE"}}},
	{"unknown and odd", `{"age": 67, "heart_rate": 80, "": 1, "a.b": 2}`, []complaint{{"unknown_field", `body[""]`}, {"unknown_field", `body["a.b"]`}}},
	{"unknown in an observation", `{"age": 67, "observations": [{"icu_hour": 1, "ph": 7.4, "age": 67}]}`, []complaint{{"unknown_field", "body.observations[0].age"}}},
	{"unknown in a measurement", `{"age": 67, "ph": {"value": 7.4, "unit": "[pH]", "code": "x"}}`, []complaint{{"unknown_field", "body.ph.code"}}},

	{"string for a number", `{"age": "67", "heart_rate": "80"}`, []complaint{{"wrong_type", "body.age"}, {"wrong_type", "body.heart_rate"}}},
	{"array, boolean, object for a number", `{"age": {}, "heart_rate": [80], "spo2": true}`, []complaint{{"wrong_type", "body.age"}, {"wrong_type", "body.heart_rate"}, {"wrong_type", "body.spo2"}}},
	{"wrong words", `{"age": 67, "sex": "Female", "icu_unit": "cardiac", "ph": 7.4}`, []complaint{{"wrong_type", "body.sex"}, {"wrong_type", "body.icu_unit"}}},
	{"no words", `{"age": 67, "sex": 1, "icu_unit": "", "ph": 7.4}`, []complaint{{"wrong_type", "body.sex"}, {"wrong_type", "body.icu_unit"}}},
	{"wrong types of the stay", `{"age": 67, "patient_id": 12, "hours_in_hospital_before_icu": "3", "icu_hour": true, "ph": 7.4}`, []complaint{
		{"wrong_type", "body.patient_id"}, {"wrong_type", "body.hours_in_hospital_before_icu"}, {"wrong_type", "body.icu_hour"},
	}},
	{"wrong types of a measurement", `{"age": 67, "ph": {"value": "7.4", "unit": 5}}`, []complaint{{"wrong_type", "body.ph.value"}, {"wrong_type", "body.ph.unit"}}},
	{"observations no array", `{"age": 67, "observations": {"icu_hour": 1}}`, []complaint{{"wrong_type", "body.observations"}}},
	{"observation no object", `{"age": 67, "observations": [null, 3, {"icu_hour": 1, "ph": 7.4}]}`, []complaint{{"wrong_type", "body.observations[0]"}, {"wrong_type", "body.observations[1]"}}},

	{"no age", `{"heart_rate": 80}`, []complaint{{"missing_field", "body.age"}}},
	{"null age", `{"age": null, "heart_rate": 80}`, []complaint{{"missing_field", "body.age"}}},
	{"nothing", `{}`, []complaint{{"missing_field", "body.age"}, {"missing_field", "body"}}},
	{"no measurement", `{"age": 67, "sex": "male", "heart_rate": null, "ph": {"value": null, "unit": "[pH]"}}`, []complaint{{"missing_field", "body"}}},
	{"no measurement in observations", `{"age": 67, "observations": [{"icu_hour": 1}, {"icu_hour": 2}]}`, []complaint{{"missing_field", "body"}}},
	{"no observation", `{"age": 67, "observations": []}`, []complaint{{"missing_field", "body.observations"}}},
	{"no hour", `{"age": 67, "observations": [{"ph": 7.4}, {"icu_hour": null, "ph": 7.4}]}`, []complaint{{"missing_field", "body.observations[0].icu_hour"}, {"missing_field", "body.observations[1].icu_hour"}}},
	{"hour absent", `{"age": 67, "observations": [{"ph": 7.4}]}`, []complaint{{"missing_field", "body.observations[0].icu_hour"}}},
	{"unit absent", `{"age": 67, "ph": {"value": 7.4}}`, []complaint{{"missing_field", "body.ph.unit"}}},
	{"no unit", `{"age": 67, "ph": {"value": 7.4}, "lactate": {"value": 3, "unit": null}}`, []complaint{{"missing_field", "body.ph.unit"}, {"missing_field", "body.lactate.unit"}}},
	{"no value", `{"age": 67, "ph": {"unit": "[pH]"}}`, []complaint{{"missing_field", "body.ph.value"}}},
	{"neither value nor unit", `{"age": 67, "ph": {}}`, []complaint{{"missing_field", "body.ph.unit"}, {"missing_field", "body.ph.value"}}},

	{"too old", `{"age": 120.1, "ph": 7.4}`, []complaint{{"out_of_range", "body.age"}}},
	{"before birth", `{"age": -0.5, "ph": 7.4}`, []complaint{{"out_of_range", "body.age"}}},
	{"outside the hard range", `{"age": 67, "heart_rate": 9.99, "ph": 8.41}`, []complaint{{"out_of_range", "body.heart_rate"}, {"out_of_range", "body.ph"}}},
	{"outside after conversion", `{"age": 67, "temperature": {"value": 38, "unit": "[degF]"}}`, []complaint{{"out_of_range", "body.temperature.value"}}},
	{"infinite after conversion", `{"age": 67, "hematocrit": {"value": 1e308, "unit": "L/L"}}`, []complaint{{"out_of_range", "body.hematocrit.value"}}},
	{"hours", `{"age": 67, "ph": 7.4, "icu_hour": 0, "hours_in_hospital_before_icu": -1}`, []complaint{{"out_of_range", "body.icu_hour"}, {"out_of_range", "body.hours_in_hospital_before_icu"}}},
	{"hours too many", `{"age": 67, "ph": 7.4, "icu_hour": 8784.5, "hours_in_hospital_before_icu": 10001}`, []complaint{{"out_of_range", "body.icu_hour"}, {"out_of_range", "body.hours_in_hospital_before_icu"}}},
	{"long name", `{"age": 67, "ph": 7.4, "patient_id": "` + strings.Repeat("é", 129) + `"}`, []complaint{{"out_of_range", "body.patient_id"}}},

	{"unknown unit", `{"age": 67, "ph": {"value": 7.4, "unit": "furlong"}}`, []complaint{{"unknown_unit", "body.ph.unit"}}},
	{"unit of another variable", `{"age": 67, "heart_rate": {"value": 80, "unit": "mg/dL"}}`, []complaint{{"unknown_unit", "body.heart_rate.unit"}}},
	{"unit of nothing", `{"age": 67, "ph": 7.4, "lactate": {"value": null, "unit": "K/uL"}}`, []complaint{{"unknown_unit", "body.lactate.unit"}}},

	{"child", `{"age": 17.99, "ph": 7.4}`, []complaint{{"out_of_scope", "body.age"}}},
	{"newborn", `{"age": 0, "ph": 7.4}`, []complaint{{"out_of_scope", "body.age"}}},

	{"going back", `{"age": 67, "observations": [{"icu_hour": 3, "ph": 7.4}, {"icu_hour": 2}, {"icu_hour": 3}, {"icu_hour": 4}]}`, []complaint{{"time_order", "body.observations[1].icu_hour"}, {"time_order", "body.observations[2].icu_hour"}}},
	{"one hour twice", `{"age": 67, "observations": [{"icu_hour": 2.2, "ph": 7.4}, {"icu_hour": 2.9}]}`, []complaint{{"time_order", "body.observations[1].icu_hour"}}},

	{"both forms", `{"age": 67, "ph": 7.4, "observations": [{"icu_hour": 1, "ph": 7.4}]}`, []complaint{{"ambiguous_form", "body.observations"}}},
	{"both forms by the hour", `{"age": 67, "observations": [{"icu_hour": 1, "ph": 7.4}], "icu_hour": 1}`, []complaint{{"ambiguous_form", "body.observations"}}},

	{"pressures", `{"age": 67, "diastolic_bp": 90, "systolic_bp": 89}`, []complaint{{"diastolic_above_systolic", "body.diastolic_bp"}}},
	{"MAP above", `{"age": 67, "mean_arterial_pressure": 121, "systolic_bp": 100}`, []complaint{{"map_outside_pressures", "body.mean_arterial_pressure"}}},
	{"MAP below", `{"age": 67, "mean_arterial_pressure": 39, "diastolic_bp": 60}`, []complaint{{"map_outside_pressures", "body.mean_arterial_pressure"}}},
	{"bilirubin", `{"age": 67, "bilirubin_direct": 1.2, "bilirubin_total": 1}`, []complaint{{"direct_above_total_bilirubin", "body.bilirubin_direct"}}},
	// 0.0307 * 40 * 10^(7.4 - 6.1) = 24.5 mmol/L
	{"blood gas", `{"age": 67, "ph": 7.4, "paco2": 40, "bicarbonate": 40}`, []complaint{{"blood_gas_incoherent", "body.bicarbonate"}}},
	{"blood count", `{"age": 67, "hematocrit": 30, "hemoglobin": 30}`, []complaint{{"hematocrit_hemoglobin_incoherent", "body.hematocrit"}}},
	{"pressures in an observation", `{"age": 67, "observations": [{"icu_hour": 1, "systolic_bp": 89}, {"icu_hour": 2, "systolic_bp": 89, "diastolic_bp": 90}]}`, []complaint{{"diastolic_above_systolic", "body.observations[1].diastolic_bp"}}},
	{"incoherent in other units", `{"age": 67, "systolic_bp": {"value": 10, "unit": "kPa"}, "diastolic_bp": 76}`, []complaint{{"diastolic_above_systolic", "body.diastolic_bp"}}},
	{"no relation with what is wrong itself", `{"age": 67, "systolic_bp": "89", "diastolic_bp": 90}`, []complaint{{"wrong_type", "body.systolic_bp"}}},

	{
		"everything at once, in the order of the body",
		`{"sex": "x", "observations": [
			{"icu_hour": 2, "heart_rate": "80", "diastolic_bp": 90, "systolic_bp": 80, "HR": 3},
			{"icu_hour": 2, "lactate": {"value": 1, "unit": "x"}},
			{"ph": 9}], "age": 5, "age": 6, "spo2": 97}`,
		[]complaint{
			{"wrong_type", "body.sex"},
			{"ambiguous_form", "body.observations"},
			{"wrong_type", "body.observations[0].heart_rate"},
			{"diastolic_above_systolic", "body.observations[0].diastolic_bp"},
			{"unknown_field", "body.observations[0].HR"},
			{"time_order", "body.observations[1].icu_hour"},
			{"unknown_unit", "body.observations[1].lactate.unit"},
			{"out_of_range", "body.observations[2].ph"},
			{"missing_field", "body.observations[2].icu_hour"},
			{"out_of_scope", "body.age"},
			{"duplicate_field", "body.age"},
		},
	},
}

func TestIncoherentBodies(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	for _, test := range incoherentBodies {
		t.Run(test.name, func(t *testing.T) {
			p := problemOf(t, predict(handler, test.body), http.StatusUnprocessableEntity)
			if got := complaints(p); !slices.Equal(got, test.want) {
				t.Errorf("got  %v\nwant %v", got, test.want)
			}
		})
	}
	if predictor.asked != nil {
		t.Error("a refused body was predicted")
	}
}

func TestEveryCodeIsTested(t *testing.T) {
	tested := map[sepsis.Code]bool{}
	for _, test := range incoherentBodies {
		for _, c := range test.want {
			tested[c.code] = true
		}
	}
	for _, test := range incoherentOutcomes {
		for _, c := range test.want {
			tested[c.code] = true
		}
	}
	for _, info := range sepsis.Codes {
		if !tested[info.Code] {
			t.Errorf("no body with %s", info.Code)
		}
	}
}

func complaints(p problem) []complaint {
	var found []complaint
	for _, e := range p.Errors {
		found = append(found, complaint{e.Code, e.Location})
	}
	return found
}

func TestHints(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for body, hint := range map[string]string{
		goodBundle: "resources of FHIR go to POST /fhir/RiskAssessment/$evaluate",
		`{"age": 67, "heart_rate": 80, "resourceType": "Patient"}`: "resources of FHIR go to POST /fhir/RiskAssessment/$evaluate",
		`{"age": 67, "HR": 80}`:                                  `did you mean "heart_rate"?`,
		`{"age": 67, "O2Sat": 97}`:                               `did you mean "spo2"?`,
		`{"age": 67, "Unit2": 1}`:                                `did you mean "icu_unit"?`,
		`{"age": 67, "HospAdmTime": -3}`:                         `did you mean "hours_in_hospital_before_icu"?`,
		`{"age": 67, "Lactate": 3}`:                              `did you mean "lactate"?`,
		`{"age": 67, "hart_rate": 80}`:                           `did you mean "heart_rate"?`,
		`{"age": 67, "sytolic_pb": 80}`:                          `did you mean "systolic_bp"?`,
		`{"age": 67, "weight": 80}`:                              ``,
		`{"age": 67, "pao2": 80}`:                                `it is none of the measurements that the model uses; leave it out`,
		`{"age": 67, "ALT": 80}`:                                 `it is none of the measurements that the model uses; leave it out`,
		`{"age": 67, "troponin_t": 1}`:                           `it is none of the measurements that the model uses; leave it out`,
		`{"age": 67, "SepsisLabel": 0}`:                          `SepsisLabel is what the model foresees; leave it out`,
		`{"age": 67, "ph": {"valu": 7.4}}`:                       `did you mean "value"?`,
		`{"age": 67, "temperature": 101.3}`:                      `101.3 looks like °F; send {"value": 101.3, "unit": "[degF]"}`,
		`{"age": 67, "creatinine": 180}`:                         `180 looks like µmol/L; send {"value": 180, "unit": "umol/L"}`,
		`{"age": 67, "fio2": 40}`:                                `40 looks like %; send {"value": 40, "unit": "%"}`,
		`{"age": 67, "diastolic_bp": 90, "systolic_bp": 80}`:     `correct what is wrong; where that cannot be known, leave out diastolic_bp and systolic_bp`,
		`{"age": 67, "ph": 7.4, "paco2": 40, "bicarbonate": 60}`: `correct what is wrong; where that cannot be known, leave out bicarbonate and ph and paco2`,
		`{"age": 67, "lactate": {"value": 3}}`:                   `send one of mmol/L, mg/dL`,
		`{"age": 67, "lactate": "3"}`:                            `send a number in mmol/L, or {"value": …, "unit": "mg/dL"}`,
		`{"age": 67, "sex": "F", "ph": 7.4}`:                     `send female or male, in lower case, or leave it out`,
		`{"age": 67, "ph": NaN}`:                                 `NaN is not JSON; leave out what was not measured, or send null`,
		`{"age": 67, "observations": [{"Age": 67}]}`:             `it describes the stay; send it beside observations`,
		// 9,000 µmol/L are 101.8 mg/dL, which would look like µmol/L were it what was sent.
		`{"age": 67, "creatinine": {"value": 9000, "unit": "umol/L"}}`: ``,
	} {
		p := problemOf(t, predict(handler, body), http.StatusUnprocessableEntity)
		if got := p.Errors[0].Hint; got != hint {
			t.Errorf("%s: hint %q, want %q", body, got, hint)
		}
	}
}

func TestEchoedValues(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	long := strings.Repeat("é", 70)
	for body, want := range map[string]any{
		`{"age": "x"}`:                   "x",
		`{"age": ""}`:                    "",
		`{"age": 5}`:                     5.0,
		`{"age": false}`:                 false,
		`{"age": 1e999}`:                 "1e999",
		`{"age": [1]}`:                   nil,
		`{"age": {"a": 1}}`:              nil,
		`{"age": "` + long + `"}`:        strings.Repeat("é", 63) + "…",
		`{"age": NaN, "patient_id": "x"`: nil,
		`{"lactate": {"value": 4000, "unit": "mg/dL"}, "age": 67}`: 4000.0,
	} {
		p := problemOf(t, predict(handler, body), http.StatusUnprocessableEntity)
		if got := p.Errors[0].Value; got != want {
			t.Errorf("%s: value %v, want %v", body, got, want)
		}
	}
}

func TestSyntaxProblemTellsThePlace(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for body, place := range map[string]string{
		"{\"age\": 67,\n \"ph\": x}":        "line 2, column 8 (byte 19)",
		"{\"patient_id\": \"é\", x}":        "line 1, column 21 (byte 21)",
		"{\"patient_id\": \"é\xff\"}":       "line 1, column 18 (byte 18)",
		"{\"age\": 67,\n\"heart_rate\": 80": "line 2, column 17 (byte 28)",
	} {
		p := problemOf(t, predict(handler, body), http.StatusUnprocessableEntity)
		if message := p.Errors[0].Message; !strings.Contains(message, place) {
			t.Errorf("%q: %q does not name %s", body, message, place)
		}
	}
}

func TestBodyIsNeverEchoedWhenItCannotBeRead(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, body := range []string{`{"patient_id": "Jane Doe", }`, `Jane Doe`, `{"age": 67, "Jane Doe`, `{"Jane Doe": {"Jane Doe": [[[[[`} {
		if answer := predict(handler, body).Body.String(); strings.Contains(answer, "Jane") {
			t.Errorf("%s is repeated in %s", body, answer)
		}
	}
}

func TestProblemsAreBounded(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	var body strings.Builder
	body.WriteString(`{"age": 67, "ph": 7.4`)
	for i := range 1007 {
		fmt.Fprintf(&body, `, "x%d": 0`, i)
	}
	body.WriteString("}")
	p := problemOf(t, predict(handler, body.String()), http.StatusUnprocessableEntity)
	if len(p.Errors) != 1000 || p.Omitted != 7 || p.Detail != "The request has 1007 problems. The first 1000 are listed." {
		t.Errorf("%d listed, %d omitted, %q", len(p.Errors), p.Omitted, p.Detail)
	}
}

func TestObservationsAreBounded(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	most := strings.Repeat(`{"icu_hour": 1, "ph": 7.4},`, 8784) + `{"icu_hour": 1}`
	p := problemOf(t, predict(handler, `{"age": 67, "observations": [`+most+`]}`), http.StatusUnprocessableEntity)
	if first := p.Errors[0]; first.Code != sepsis.OutOfRange || first.Location != "body.observations" {
		t.Errorf("first problem %+v", first)
	}
}

func TestDeepNestingIsRefusedAtOnce(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, opening := range []string{`[`, `{"a":`, `{"age":[`} {
		p := problemOf(t, predict(handler, strings.Repeat(opening, 10_000)), http.StatusUnprocessableEntity)
		if len(p.Errors) != 1 || p.Errors[0].Code != sepsis.InvalidJSON {
			t.Errorf("%s…: %v", opening, complaints(p))
		}
	}
}
