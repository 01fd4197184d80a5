package server_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

const evaluatePath = "/fhir/RiskAssessment/$evaluate"

// Resources of an invented patient, who came to intensive care at 08:00 on 1 June 2021.
const (
	fhirPatient   = `{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1954-03-02"}`
	fhirEncounter = `{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},"period":{"start":"2021-06-01T08:00:00Z"}}`
)

// observation is of the given minute of the stay.
func observation(id, loinc string, minute int, value float64, unit string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","subject":{"reference":"Patient/p"},`+
		`"effectiveDateTime":"2021-06-01T%02d:%02d:00Z","code":{"coding":[{"system":"http://loinc.org","code":%q}]},`+
		`"valueQuantity":{"value":%g,"system":"http://unitsofmeasure.org","code":%q}}`, id, 8+minute/60, minute%60, loinc, value, unit)
}

func bundleOf(kind string, resources ...string) string {
	var entries []string
	for _, resource := range resources {
		entries = append(entries, `{"resource":`+resource+`}`)
	}
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

// goodBundle has a lactate of 9 mmol/L in hour 2 and a heart rate, and things that are left out.
var goodBundle = bundleOf("collection", fhirPatient, fhirEncounter,
	observation("lactate", "32693-4", 90, 81.072, "mg/dL"), observation("rate", "8867-4", 100, 118, "/min"),
	observation("weight", "29463-7", 100, 70, "kg"), `{"resourceType":"Condition","id":"c","code":{"text":"<b>pneumonia</b>"}}`)

func evaluate(handler http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	return send(handler, "POST", evaluatePath, body, append([]string{"Content-Type", "application/fhir+json"}, headers...)...)
}

type issue struct {
	Severity, Code string
	Details        struct {
		Coding []struct{ System, Code string }
		Text   string
	}
	Expression []string
}

// code is our own code of an issue.
func (i issue) code() string {
	if len(i.Details.Coding) == 0 {
		return ""
	}
	return i.Details.Coding[0].Code
}

// outcomeOf reads the OperationOutcome of a refused request.
func outcomeOf(t testing.TB, recorder *httptest.ResponseRecorder, status int) []issue {
	t.Helper()
	var outcome struct {
		ResourceType string
		Issue        []issue
	}
	decode(t, recorder, &outcome)
	if recorder.Code != status || outcome.ResourceType != "OperationOutcome" || len(outcome.Issue) == 0 {
		t.Fatalf("status %d, want %d: %s", recorder.Code, status, recorder.Body)
	}
	if got := recorder.Header().Get("Content-Type"); got != "application/fhir+json" {
		t.Errorf("Content-Type %q of an OperationOutcome", got)
	}
	return outcome.Issue
}

func TestEvaluate(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	recorder := evaluate(handler, goodBundle)
	var assessment struct {
		ResourceType, ID, Status, OccurrenceDateTime string
		Subject, Encounter, Performer                struct{ Reference string }
		Basis                                        []struct{ Reference string }
		Prediction                                   []struct {
			ProbabilityDecimal float64
			QualitativeRisk    struct {
				Coding []struct{ System, Code string }
			}
			WhenRange struct {
				Low, High struct {
					Value float64
					Code  string
				}
			}
			Rationale string
		}
		Note      []struct{ Text string }
		Contained []struct {
			ResourceType, ID string
			Identifier       []struct{ Value string }
			Issue            []issue
		}
		Text struct{ Div string }
	}
	decode(t, recorder, &assessment)
	if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != "application/fhir+json" || assessment.ResourceType != "RiskAssessment" {
		t.Fatalf("%d: %s", recorder.Code, recorder.Body)
	}
	if assessment.ID != "01FRAR5JG00000000000000000" || assessment.Subject.Reference != "Patient/p" || assessment.Encounter.Reference != "Encounter/e" || assessment.OccurrenceDateTime != "2022-01-01T12:00:00Z" {
		t.Errorf("%+v", assessment)
	}
	prediction := assessment.Prediction[0]
	if prediction.ProbabilityDecimal != 0.09 || prediction.QualitativeRisk.Coding[0].Code != "high" || prediction.QualitativeRisk.Coding[1].Code != "Positive" {
		t.Errorf("%+v", prediction)
	}
	if prediction.WhenRange.Low.Value != 0 || prediction.WhenRange.High.Value != 6 || prediction.WhenRange.High.Code != "h" || !strings.Contains(prediction.Rationale, "2021-06-01T09:40:00Z") {
		t.Errorf("%+v", prediction)
	}
	if len(assessment.Basis) != 2 || assessment.Basis[0].Reference != "Observation/rate" || assessment.Basis[1].Reference != "Observation/lactate" {
		t.Errorf("basis %+v", assessment.Basis)
	}
	device, report := assessment.Contained[0], assessment.Contained[1]
	if device.ResourceType != "Device" || "#"+device.ID != assessment.Performer.Reference || device.Identifier[0].Value != strings.Repeat("0", 64) {
		t.Errorf("%+v", device)
	}
	var told []string
	for _, issue := range report.Issue[1:] {
		told = append(told, issue.code()+" "+strings.Join(issue.Expression, ","))
	}
	want := []string{"converted Bundle.entry[2].resource.value", "unmapped_code Bundle.entry[4].resource", "not_read Bundle.entry[5].resource"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if !strings.Contains(assessment.Note[0].Text, "not a medical device") || strings.Contains(recorder.Body.String(), "pneumonia") {
		t.Errorf("%s", recorder.Body)
	}
}

// TestEvaluateRefuses: the codes of the JSON API as OperationOutcome, all of them at once, with FHIRPath expressions, and no prediction.
func TestEvaluateRefuses(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	body := bundleOf("collection", strings.Replace(fhirPatient, "1954", "2010", 1), fhirEncounter,
		observation("t", "8310-5", 90, 101.3, "Cel"), observation("s", "8480-6", 90, 80, "mm[Hg]"), observation("d", "8462-4", 90, 90, "mm[Hg]"),
		observation("u", "2160-0", 90, 1, "K/uL"))
	issues := outcomeOf(t, evaluate(handler, body), http.StatusUnprocessableEntity)
	var got []string
	for _, issue := range issues {
		got = append(got, issue.Severity+" "+issue.Code+" "+issue.code()+" "+issue.Expression[0])
	}
	want := []string{
		"error business-rule out_of_scope Bundle.entry[0].resource.birthDate", "error value out_of_range Bundle.entry[2].resource.value.value",
		"error invariant diastolic_above_systolic Bundle.entry[4].resource.value", "error code-invalid unknown_unit Bundle.entry[5].resource.value.code",
	}
	if !slices.Equal(got, want) || predictor.asked != nil {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestEvaluateWarnsOfThePatient who has died or is not in use: looking back is legitimate.
func TestEvaluateWarnsOfThePatient(t *testing.T) {
	for element, code := range map[string]string{`"deceasedBoolean":true`: "patient_deceased", `"deceasedDateTime":"2021-06-03"`: "patient_deceased", `"active":false`: "patient_inactive"} {
		recorder := evaluate(newServer(t, &fakePredictor{}), strings.Replace(goodBundle, `"id":"p"`, element+`,"id":"p"`, 1))
		var assessment struct{ Contained []struct{ Issue []issue } }
		decode(t, recorder, &assessment)
		if recorder.Code != http.StatusOK || !slices.ContainsFunc(assessment.Contained[1].Issue, func(i issue) bool { return i.Severity == "warning" && i.code() == code }) {
			t.Errorf("%s: %d: %s", element, recorder.Code, recorder.Body)
		}
	}
}

// unusualValues are 1,200 Observations, each of which is warned of.
func unusualValues() (resources []string) {
	for day := range 25 {
		for hour := range 16 {
			for _, unusual := range []string{
				observation("saturation", "59408-5", 60*hour, 30, "%"), observation("rate", "8867-4", 60*hour, 20, "/min"), observation("breaths", "9279-1", 60*hour, 60, "/min"),
			} {
				own := strings.NewReplacer("2021-06-01", fmt.Sprintf("2021-06-%02d", 2+day), `"id":"`, fmt.Sprintf(`"id":"%d-%d-`, day, hour))
				resources = append(resources, own.Replace(unusual))
			}
		}
	}
	return resources
}

// TestEvaluateCountsWarningsThatAreNotListed: of 1,200 unusual values 1,000 are listed, and the others are counted.
func TestEvaluateCountsWarningsThatAreNotListed(t *testing.T) {
	resources := append(unusualValues(), fhirPatient, fhirEncounter)
	recorder := evaluate(newServer(t, &fakePredictor{}), bundleOf("collection", resources...))
	if recorder.Code != http.StatusOK || !strings.Contains(recorder.Body.String(), "200 further issues are not listed") {
		t.Errorf("%d: %.300s", recorder.Code, recorder.Body)
	}
}

// TestEvaluateDoesNotCalm: what a person reads of an answer that cannot be judged is no low risk; a Positive stays, with the doubt beside it.
func TestEvaluateDoesNotCalm(t *testing.T) {
	for _, c := range []struct {
		lactate   float64
		codes     []string
		text, div string
	}{
		{
			1,
			[]string{"Negative"},
			"cannot be judged: too little is known, or unusual data",
			"<p>Sepsis within 6 hours of 2021-06-01T09:30:00Z: cannot be judged: too little is known, or unusual data. That the answer is Negative, at 1.0 %, means nothing here.</p>",
		},
		{9, []string{"high", "Positive"}, "Positive: 9.0 %", "<p>Sepsis within 6 hours of 2021-06-01T09:30:00Z: 9.0 % (Positive).</p>"},
	} {
		body := bundleOf("collection", fhirPatient, fhirEncounter, observation("lactate", "32693-4", 90, c.lactate, "mmol/L"))
		recorder := evaluate(newServer(t, &fakePredictor{}), body)
		var assessment struct {
			Text       struct{ Div string }
			Prediction []struct {
				QualitativeRisk struct {
					Coding []struct{ Code string }
					Text   string
				}
			}
		}
		decode(t, recorder, &assessment)
		risk := assessment.Prediction[0].QualitativeRisk
		var codes []string
		for _, coding := range risk.Coding {
			codes = append(codes, coding.Code)
		}
		if !slices.Equal(codes, c.codes) || risk.Text != c.text {
			t.Errorf("lactate %g: %q, %q", c.lactate, codes, risk.Text)
		}
		if !strings.Contains(assessment.Text.Div, c.div) || !strings.Contains(assessment.Text.Div, "Reliability is indeterminate") {
			t.Errorf("lactate %g: %s", c.lactate, assessment.Text.Div)
		}
	}
}

// TestEvaluateWarnsOfLocations that were not sent.
func TestEvaluateWarnsOfLocations(t *testing.T) {
	body := strings.Replace(goodBundle, `"period"`, `"location":[{"location":{"reference":"Location/icu"}}],"period"`, 1)
	var assessment struct{ Contained []struct{ Issue []issue } }
	decode(t, evaluate(newServer(t, &fakePredictor{}), body), &assessment)
	if issues := assessment.Contained[1].Issue; issues[1].Severity != "warning" || issues[1].code() != "icu_start_uncertain" || issues[1].Expression[0] != "Bundle.entry[1].resource.location" {
		t.Errorf("%+v", issues)
	}
}

func TestEvaluateLeniently(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	body := bundleOf("collection", fhirPatient, fhirEncounter, observation("t", "8310-5", 90, 101.3, "Cel"), observation("l", "32693-4", 90, 9, "mmol/L"))
	outcomeOf(t, evaluate(handler, body), http.StatusUnprocessableEntity)
	outcomeOf(t, evaluate(handler, body, "Prefer", "handling=strict"), http.StatusUnprocessableEntity)
	for _, prefer := range []string{"handling=lenient", `return=representation, handling="lenient"`} {
		if recorder := evaluate(handler, body, "Prefer", prefer); recorder.Code != http.StatusOK || !strings.Contains(recorder.Body.String(), "out_of_range") ||
			recorder.Header().Get("Preference-Applied") != "handling=lenient" {
			t.Errorf("%d: %s", recorder.Code, recorder.Body)
		}
	}
}

// TestFHIRStatuses: every error below /fhir/ is an OperationOutcome, with the status that the JSON API would have.
func TestFHIRStatuses(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	unfit := newServer(t, &fakePredictor{unfit: errUnfit})
	broken := newServer(t, &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("no") }})
	for _, c := range []struct {
		name     string
		recorder *httptest.ResponseRecorder
		status   int
		code     string
	}{
		{"unknown route", send(handler, "GET", "/fhir/Patient", ""), 404, "not-found"},
		{"other method", send(handler, "GET", evaluatePath, ""), 405, "not-supported"},
		{"not acceptable", evaluate(handler, goodBundle, "Accept", "application/fhir+xml"), 406, "not-supported"},
		{"XML", send(handler, "POST", evaluatePath, "<Bundle/>", "Content-Type", "application/fhir+xml"), 415, "not-supported"},
		{"FHIR R5", send(handler, "POST", evaluatePath, goodBundle, "Content-Type", "application/fhir+json; fhirVersion=5.0"), 415, "not-supported"},
		{"FHIR R3, in lines", send(handler, "POST", evaluatePath, goodBundle, "Content-Type", "application/fhir+ndjson;fhirVersion=3.0"), 415, "not-supported"},
		{"compressed", evaluate(handler, goodBundle, "Content-Encoding", "gzip"), 415, "not-supported"},
		{"too large", evaluate(handler, strings.Repeat(" ", 16<<20)+goodBundle), 413, "too-long"},
		{"no model", evaluate(unfit, goodBundle), 503, "transient"},
		{"a fault", evaluate(broken, goodBundle), 500, "exception"},
		{"no body", evaluate(handler, ""), 422, "structure"},
	} {
		if issues := outcomeOf(t, c.recorder, c.status); issues[0].Code != c.code {
			t.Errorf("%s: %+v, want %s", c.name, issues, c.code)
		}
	}
	if recorder := send(handler, "GET", evaluatePath, ""); recorder.Header().Get("Allow") != "POST" {
		t.Errorf("Allow %q", recorder.Header().Get("Allow"))
	}
	if recorder := evaluate(handler, strings.Repeat(" ", 5<<20)+goodBundle); recorder.Code != http.StatusOK {
		t.Errorf("5 MiB: %d", recorder.Code)
	}
}

func TestEvaluateForms(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	lines := strings.Join([]string{fhirPatient, fhirEncounter, observation("l", "32693-4", 90, 9, "mmol/L")}, "\n")
	for _, recorder := range []*httptest.ResponseRecorder{
		send(handler, "POST", evaluatePath, goodBundle),
		send(handler, "POST", evaluatePath, goodBundle, "Content-Type", "application/json; charset=UTF-8"),
		send(handler, "POST", strings.Replace(evaluatePath, "$", "%24", 1), goodBundle),
		send(handler, "POST", evaluatePath, lines, "Content-Type", "application/fhir+ndjson"),
		send(handler, "POST", evaluatePath, lines, "Content-Type", "application/x-ndjson"),
		send(handler, "POST", evaluatePath, goodBundle, "Content-Type", "application/fhir+json; fhirVersion=4.0; charset=utf-8"),
	} {
		if recorder.Code != http.StatusOK {
			t.Errorf("%d: %s", recorder.Code, recorder.Body)
		}
	}
	if recorder := evaluate(handler, goodBundle, "Accept", "application/json"); recorder.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%v", recorder.Header())
	}
}

// TestFormat: _format stands in place of Accept, on both routes.
func TestFormat(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, route := range []struct{ method, path, body string }{{"POST", evaluatePath, goodBundle}, {"GET", "/fhir/metadata", ""}} {
		for format, want := range map[string]string{
			"json": "application/fhir+json", "application/fhir%2Bjson": "application/fhir+json", "application/fhir+json": "application/fhir+json",
			"application/fhir%2Bjson%3B%20fhirVersion%3D4.0": "application/fhir+json", "application/json": "application/json", "": "application/fhir+json",
		} {
			accept := "text/html"
			if format == "" {
				accept = "application/fhir+json"
			}
			recorder := send(handler, route.method, route.path+"?_format="+format, route.body, "Accept", accept)
			if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != want {
				t.Errorf("%s %q: %d, %q", route.path, format, recorder.Code, recorder.Header().Get("Content-Type"))
			}
		}
		for _, format := range []string{"xml", "application/fhir%2Bxml", "text/html", "*/*", "ttl", "html"} {
			outcomeOf(t, send(handler, route.method, route.path+"?_format="+format, route.body, "Accept", "application/fhir+json"), http.StatusNotAcceptable)
		}
	}
	if recorder := send(handler, "GET", "/model?_format=xml", ""); recorder.Code != http.StatusOK {
		t.Errorf("_format is of FHIR alone: %d", recorder.Code)
	}
}

func TestMetadata(t *testing.T) {
	recorder := send(newServer(t, &fakePredictor{}), "GET", "/fhir/metadata", "")
	var statement struct {
		ResourceType, FHIRVersion, Kind string
		Rest                            []struct {
			Resource []struct {
				Type      string
				Operation []struct{ Name string }
			}
		}
	}
	decode(t, recorder, &statement)
	if statement.ResourceType != "CapabilityStatement" || statement.FHIRVersion != "4.0.1" || statement.Kind != "instance" ||
		statement.Rest[0].Resource[0].Type != "RiskAssessment" || statement.Rest[0].Resource[0].Operation[0].Name != "evaluate" {
		t.Errorf("%s", recorder.Body)
	}
}

// standards is the folder with HL7's examples: SEPSIS_STANDARDS, or the one beside the repository. They stay out of it.
func standards(t testing.TB) string {
	folder := os.Getenv("SEPSIS_STANDARDS")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "standards")
		if _, err := os.Stat(folder); err != nil {
			t.Skip("set SEPSIS_STANDARDS to the folder of HL7's examples (fhir-r4, cds-hooks)")
		}
	}
	return folder
}

func examples(t testing.TB, pattern string) map[string]string {
	files, err := filepath.Glob(filepath.Join(standards(t), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no example at %s: %v", pattern, err)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
	}
	return texts
}

// TestHL7Examples: each of HL7's examples of FHIR R4, as it is and in a Bundle with HL7's Patient, is accepted or refused for
// the reason that stands here.
func TestHL7Examples(t *testing.T) {
	all := examples(t, "fhir-r4/*.json")
	patient := all["Patient-example.json"]
	handler := newServer(t, &fakePredictor{})
	wanted := map[string]string{ // of the Bundle with the Patient; empty when it is accepted
		"Bundle-bundle-example.json": "not_read", "Observation-blood-pressure-cancel.json": "status", "Observation-blood-pressure-dar.json": "partial_time",
		"Observation-blood-pressure.json": "partial_time", "Observation-body-temperature.json": "partial_time", "Observation-heart-rate.json": "partial_time",
		"Observation-respiratory-rate.json": "partial_time", "Observation-satO2.json": "", "Observation-vitals-panel.json": "member_missing", "Patient-example.json": "duplicate",
		"RiskAssessment-breastcancer-risk.json": "not_read", "RiskAssessment-cardiac.json": "not_read", "RiskAssessment-genetic.json": "not_read",
		"RiskAssessment-population.json": "not_read", "RiskAssessment-prognosis.json": "not_read", "RiskAssessment-riskexample.json": "not_read",
	}
	for name, text := range all {
		want, listed := wanted[name]
		if !listed {
			t.Errorf("%s is new: say what becomes of it", name)
			continue
		}
		outcomeOf(t, evaluate(handler, text), http.StatusUnprocessableEntity) // alone, none has a Patient with Observations
		recorder := evaluate(handler, bundleOf("collection", text, patient))
		if want == "" {
			if recorder.Code != http.StatusOK {
				t.Errorf("%s: %d: %s", name, recorder.Code, recorder.Body)
			}
			continue
		}
		issues := outcomeOf(t, recorder, http.StatusUnprocessableEntity)
		if issues[0].code() != "missing_field" || !strings.Contains(issues[0].Details.Text, "left out as "+want) {
			t.Errorf("%s: %+v, want %s", name, issues, want)
		}
	}
}

// TestVitalSignsWithTimes: HL7's examples of vital signs, with the hour that they lack, make a stay.
func TestVitalSignsWithTimes(t *testing.T) {
	all := examples(t, "fhir-r4/*.json")
	var resources []string
	for name, text := range all {
		if strings.HasPrefix(name, "Observation-") || name == "Patient-example.json" {
			resources = append(resources, strings.NewReplacer(`"2012-09-17"`, `"2014-12-05T08:00:00+01:00"`, `"1999-07-02"`, `"2014-12-05T08:30:00+01:00"`).Replace(text))
		}
	}
	slices.Sort(resources)
	predictor := &fakePredictor{}
	recorder := evaluate(newServer(t, predictor), bundleOf("collection", resources...))
	if recorder.Code != http.StatusOK || len(predictor.asked.Observations) != 2 {
		t.Fatalf("%d: %s", recorder.Code, recorder.Body)
	}
	first, second := predictor.asked.Observations[0].Values, predictor.asked.Observations[1].Values
	if first[sepsis.SystolicBP] != 107 || first[sepsis.DiastolicBP] != 60 || first[sepsis.HeartRate] != 44 || first[sepsis.RespiratoryRate] != 26 ||
		first[sepsis.Temperature] != 36.5 || second[sepsis.SpO2] != 95 || second.Has(sepsis.SaO2) || predictor.asked.Age != 39 || predictor.asked.Sex != sepsis.Male {
		t.Errorf("%+v", predictor.asked)
	}
}

// FuzzEvaluate: no body is answered with anything but a RiskAssessment or an OperationOutcome that says why not.
func FuzzEvaluate(f *testing.F) {
	f.Add(goodBundle, false)
	f.Add(bundleOf("transaction", fhirPatient, fhirEncounter, observation("t", "8310-5", 90, 101.3, "Cel")), true)
	f.Add(`{"resourceType":"Parameters","parameter":[{"resource":`+goodBundle+`}]}`, false)
	f.Add(strings.Join([]string{fhirPatient, observation("l", "32693-4", 90, 9, "mmol/L")}, "\n"), true)
	handler := newServer(f, &fakePredictor{})
	f.Fuzz(func(t *testing.T, body string, lines bool) {
		header := "application/fhir+json"
		if lines {
			header = "application/fhir+ndjson"
		}
		checkEvaluated(t, send(handler, "POST", evaluatePath, body, "Content-Type", header))
	})
}

func checkEvaluated(t testing.TB, recorder *httptest.ResponseRecorder) {
	t.Helper()
	if recorder.Code == http.StatusOK {
		if !json.Valid(recorder.Body.Bytes()) || !strings.Contains(recorder.Body.String(), `"resourceType":"RiskAssessment"`) {
			t.Errorf("%s", recorder.Body)
		}
		return
	}
	outcomeOf(t, recorder, http.StatusUnprocessableEntity)
}

// TestAssessmentsStandInTheAuditLog: the record is found by the id of the RiskAssessment, and covers the body as it was sent.
func TestAssessmentsStandInTheAuditLog(t *testing.T) {
	handler, log := newAudited(t)
	var assessment struct{ ID string }
	decode(t, evaluate(handler, goodBundle), &assessment)
	record, err := log.Record(t.Context(), assessment.ID)
	if err != nil {
		t.Fatal(err)
	}
	if record.Route != "POST "+evaluatePath || record.InputSHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(goodBundle))) || record.Patient == "" || record.Patient == "Patient/p" {
		t.Errorf("%+v", record)
	}
}

// TestEverythingBelowFHIRIsAnOutcome: also what is refused before the route is reached.
func TestEverythingBelowFHIRIsAnOutcome(t *testing.T) {
	handler := guarded(t, func(c *server.Config) { c.Limits = server.Limits{Rate: 1, Burst: 1} })
	outcomeOf(t, evaluate(handler, goodBundle), http.StatusUnauthorized)
	if recorder := evaluate(handler, goodBundle, "X-Caller", "ward predict"); recorder.Code != http.StatusOK {
		t.Errorf("%d: %s", recorder.Code, recorder.Body)
	}
	refused := evaluate(handler, goodBundle, "X-Caller", "ward predict")
	outcomeOf(t, refused, http.StatusTooManyRequests)
	if refused.Header().Get("Retry-After") != "1" {
		t.Errorf("%v", refused.Header())
	}
	outcomeOf(t, evaluate(handler, goodBundle, "X-Caller", "auditor audit"), http.StatusForbidden)
}

// TestFHIRTakesASlot, as any prediction.
func TestFHIRTakesASlot(t *testing.T) {
	predictor := newWaiting()
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Models, c.Limits = nil, only(predictor), server.Limits{InFlight: 1}
	})
	answers := make(chan *httptest.ResponseRecorder)
	go func() { answers <- evaluate(handler, goodBundle) }()
	<-predictor.entered
	outcomeOf(t, evaluate(handler, goodBundle), http.StatusServiceUnavailable)
	problemOf(t, callCDS(handler, cdsBody()), http.StatusServiceUnavailable)
	close(predictor.answer)
	if recorder := <-answers; recorder.Code != http.StatusOK {
		t.Errorf("%d: %s", recorder.Code, recorder.Body)
	}
}

// TestLongBodiesAreCountedWhole: of 10 bodies of 16 MiB that do not end, no more than 2 fit one caller's 32 MiB.
func TestLongBodiesAreCountedWhole(t *testing.T) {
	handler := newServer(t, &calm{})
	whole := goodBundle + strings.Repeat(" ", 16<<20-len(goodBundle))
	held, end, answers := make(chan struct{}), make(chan struct{}), make(chan *httptest.ResponseRecorder, 10)
	waits, shed := 0, 0
	for range 10 {
		go func() {
			request := httptest.NewRequest("POST", evaluatePath, &endless{strings.NewReader(whole), held, end})
			request.ContentLength = int64(len(whole))
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			answers <- recorder
		}()
		select {
		case <-held:
			waits++
		case refused := <-answers:
			outcomeOf(t, refused, http.StatusServiceUnavailable)
			shed++
		}
	}
	if waits != 2 || shed != 8 {
		t.Errorf("%d bodies are held, %d refused", waits, shed)
	}
	close(end)
	for range waits {
		if recorder := <-answers; recorder.Code != http.StatusOK {
			t.Errorf("%d", recorder.Code)
		}
	}
}

// TestABundleThatIsDeclaredTwice is refused, whatever the first declaration says.
func TestABundleThatIsDeclaredTwice(t *testing.T) {
	for _, headers := range [][]string{
		{"Content-Type", "application/json", "Content-Type", "text/plain"}, {"Content-Encoding", "identity", "Content-Encoding", "gzip"},
	} {
		outcomeOf(t, send(newServer(t, &calm{}), "POST", evaluatePath, goodBundle, headers...), http.StatusUnsupportedMediaType)
	}
}
