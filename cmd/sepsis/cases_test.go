package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// timeline is a case of testdata/cases: a patient, what was measured in which hour, and what is to come of it.
type timeline struct {
	age       float64
	sex, unit string
	before    float64 // hours in hospital before; -1 when not said
	measured  []measured
	label     string   // expected; empty when the case is to be refused
	codes     []string // of the problems, sorted
}

type measured struct {
	hour     int
	variable sepsis.Variable
	value    float64
	unit     string
}

func readTimeline(t *testing.T, path string) timeline {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := timeline{before: -1}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		words := strings.Fields(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#") || words[0] == "hour":
		case words[0] == "patient":
			c.readPatient(t, strings.TrimPrefix(line, "patient"))
		case words[0] == "expect":
			c.label = words[1]
		case words[0] == "refuse":
			c.codes = words[1:]
			slices.Sort(c.codes)
		default:
			c.readMeasured(t, words)
		}
	}
	if lines.Err() != nil || c.label == "" && c.codes == nil || len(c.measured) == 0 {
		t.Fatalf("%s is no case: %+v, %v", path, c, lines.Err())
	}
	return c
}

func (c *timeline) readPatient(t *testing.T, text string) {
	t.Helper()
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		value := words[len(words)-1]
		switch words[0] {
		case "age":
			c.age = parsed(t, value)
		case "sex":
			c.sex = value
		case "unit":
			c.unit = value
		case "hours":
			c.before = parsed(t, value)
		default:
			t.Fatalf("unknown: %q", part)
		}
	}
}

func (c *timeline) readMeasured(t *testing.T, words []string) {
	t.Helper()
	variable, known := sepsis.VariableNamed(words[1])
	if !known || len(words) != 4 {
		t.Fatalf("%q", words)
	}
	c.measured = append(c.measured, measured{int(parsed(t, words[0])), variable, parsed(t, words[2]), words[3]})
}

func parsed(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// asJSON is the body of POST /predict/patient.
func (c *timeline) asJSON(t *testing.T) string {
	t.Helper()
	body := map[string]any{"age": c.age}
	if c.sex != "" {
		body["sex"] = c.sex
	}
	if c.unit != "" {
		body["icu_unit"] = c.unit
	}
	if c.before >= 0 {
		body["hours_in_hospital_before_icu"] = c.before
	}
	var observations []map[string]any
	for _, m := range c.measured {
		if len(observations) == 0 || observations[len(observations)-1]["icu_hour"] != m.hour {
			observations = append(observations, map[string]any{"icu_hour": m.hour})
		}
		observations[len(observations)-1][m.variable.String()] = map[string]any{"value": m.value, "unit": m.unit}
	}
	body["observations"] = observations
	return marshalled(t, body)
}

func marshalled(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// admitted is when every patient came to intensive care.
var admitted = time.Date(2021, 6, 1, 9, 0, 0, 0, time.UTC)

// asFHIR is the Bundle of POST /fhir/RiskAssessment/$evaluate: each value is of the middle of its hour.
func (c *timeline) asFHIR(t *testing.T) string {
	t.Helper()
	type object = map[string]any
	subject := object{"reference": "Patient/p"}
	coding := func(system, code string) object {
		return object{"coding": []any{object{"system": system, "code": code}}}
	}
	place := coding("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	if c.unit != "" {
		place = coding("https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html", map[string]string{"medical": "1027-2", "surgical": "1030-6"}[c.unit])
	}
	encounter := object{
		"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": object{"code": "IMP"}, "subject": subject,
		"location": []any{object{"location": object{"reference": "Location/l"}, "period": object{"start": admitted.Format(time.RFC3339)}}},
	}
	if c.before >= 0 {
		encounter["period"] = object{"start": admitted.Add(-time.Duration(c.before * float64(time.Hour))).Format(time.RFC3339Nano)}
	}
	patient := object{"resourceType": "Patient", "id": "p", "birthDate": fmt.Sprintf("%d-01-01", admitted.Year()-int(c.age))}
	if c.sex != "" {
		patient["gender"] = c.sex
	}
	resources := []object{patient, {"resourceType": "Location", "id": "l", "type": []any{place}}, encounter}
	for i, m := range c.measured {
		resources = append(resources, object{
			"resourceType": "Observation", "id": fmt.Sprint("o", i), "status": "final", "subject": subject,
			"effectiveDateTime": admitted.Add(time.Duration(m.hour)*time.Hour - 30*time.Minute).Format(time.RFC3339),
			"code":              coding("http://loinc.org", m.variable.Info().LOINC[0]),
			"category":          []any{coding("http://terminology.hl7.org/CodeSystem/observation-category", category(m.variable))},
			"valueQuantity":     object{"value": m.value, "unit": m.unit},
		})
	}
	var entries []object
	for _, resource := range resources {
		entries = append(entries, object{"resource": resource})
	}
	return marshalled(t, object{"resourceType": "Bundle", "type": "collection", "entry": entries})
}

// category tells the two meanings of LOINC 2708-6 apart.
func category(variable sepsis.Variable) string {
	if variable.IsVital() {
		return "vital-signs"
	}
	return "laboratory"
}

// asPSV is a file of the Challenge's format: its columns have no units, so values are converted before.
func (c *timeline) asPSV(t *testing.T) string {
	t.Helper()
	stay := sepsis.LabelledStay{Stay: sepsis.Stay{Age: c.age, Sex: sepsis.Sex(c.sex), ICUUnit: sepsis.ICUUnit(c.unit), HoursBefore: sepsis.Missing}}
	if c.before >= 0 {
		stay.HoursBefore = c.before
	}
	for _, m := range c.measured {
		if len(stay.Observations) == 0 || stay.Observations[len(stay.Observations)-1].Hour != m.hour {
			stay.Observations = append(stay.Observations, sepsis.Observation{Hour: m.hour, Values: sepsis.NoValues()})
		}
		conversion, problem, refused := m.variable.Info().ConversionFrom(m.unit)
		if refused {
			t.Fatal(problem.Message)
		}
		stay.Observations[len(stay.Observations)-1].Values[m.variable] = conversion.Convert(m.value)
	}
	var text strings.Builder
	if err := challenge.WriteStay(&text, &stay); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// shippedService is the API with the shipped model.
func shippedService(t testing.TB) (http.Handler, *model.Model) {
	t.Helper()
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	handler, err := server.New(server.Config{
		Models: server.NewModels(shipped, nil), Clock: time.Now, Entropy: zeros{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler, shipped
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func post(handler http.Handler, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// TestCases drives each case through the three doors: JSON, FHIR and the Challenge's files. The probability is the same to
// the last bit, and what is refused is refused for the same reasons.
func TestCases(t *testing.T) {
	handler, shipped := shippedService(t)
	paths, err := filepath.Glob("../../testdata/cases/*.txt")
	if err != nil || len(paths) < 9 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			c := readTimeline(t, path)
			byJSON, byFHIR := post(handler, "/predict/patient", c.asJSON(t)), post(handler, "/fhir/RiskAssessment/$evaluate", c.asFHIR(t))
			if c.codes != nil {
				checkRefused(t, &c, byJSON, byFHIR)
				return
			}
			checkAnswered(t, &c, byJSON, byFHIR, psvRisk(t, shipped, c.asPSV(t)))
		})
	}
}

func checkAnswered(t *testing.T, c *timeline, byJSON, byFHIR *httptest.ResponseRecorder, byPSV sepsis.Risk) {
	t.Helper()
	var answer struct {
		Prediction  string
		Probability float64
		Alert       bool
	}
	var assessment struct {
		Prediction []struct{ ProbabilityDecimal float64 }
	}
	if err := json.Unmarshal(byJSON.Body.Bytes(), &answer); err != nil || byJSON.Code != http.StatusOK {
		t.Fatalf("%d: %s", byJSON.Code, byJSON.Body)
	}
	if err := json.Unmarshal(byFHIR.Body.Bytes(), &assessment); err != nil || byFHIR.Code != http.StatusOK {
		t.Fatalf("%d: %s", byFHIR.Code, byFHIR.Body)
	}
	probability := assessment.Prediction[0].ProbabilityDecimal
	if answer.Probability != probability || answer.Probability != byPSV.Probability || answer.Alert != byPSV.Alert {
		t.Errorf("JSON %v, FHIR %v, PSV %v", answer.Probability, probability, byPSV.Probability)
	}
	if answer.Prediction != c.label || string(byPSV.Label) != c.label {
		t.Errorf("%s with %v, want %s", answer.Prediction, answer.Probability, c.label)
	}
}

// psvRisk predicts a file as sepsis predict does, and gives its last hour.
func psvRisk(t *testing.T, predictor sepsis.Predictor, text string) sepsis.Risk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p1.psv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cohort, err := challenge.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	record, err := cohort.Read(0)
	if err != nil || record.Cleaning.Removed() > 0 {
		t.Fatalf("%v, %d values were removed", err, record.Cleaning.Removed())
	}
	risks := predictor.Trajectory(&record.Stay)
	return risks[len(risks)-1]
}

func checkRefused(t *testing.T, c *timeline, byJSON, byFHIR *httptest.ResponseRecorder) {
	t.Helper()
	var problem struct{ Errors []sepsis.Problem }
	var outcome struct {
		Issue []struct {
			Details struct{ Coding []struct{ Code string } }
		}
	}
	if err := json.Unmarshal(byJSON.Body.Bytes(), &problem); err != nil || byJSON.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", byJSON.Code, byJSON.Body)
	}
	if err := json.Unmarshal(byFHIR.Body.Bytes(), &outcome); err != nil || byFHIR.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", byFHIR.Code, byFHIR.Body)
	}
	var codes, issues []string
	for _, found := range problem.Errors {
		codes = append(codes, string(found.Code))
	}
	for _, issue := range outcome.Issue {
		issues = append(issues, issue.Details.Coding[0].Code)
	}
	slices.Sort(codes)
	slices.Sort(issues)
	if !slices.Equal(codes, c.codes) || !slices.Equal(issues, c.codes) {
		t.Errorf("JSON %v, FHIR %v, want %v", codes, issues, c.codes)
	}
}
