package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
)

func loadDocument(t testing.TB, handler http.Handler) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(send(handler, "GET", "/openapi.json", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestOpenAPIDocumentIsValid(t *testing.T) {
	document := loadDocument(t, newServer(t, &fakePredictor{}))
	if !strings.HasPrefix(document.OpenAPI, "3.1") {
		t.Errorf("version %s", document.OpenAPI)
	}
	if err := document.Validate(context.Background(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Error(err)
	}
}

func TestOpenAPIDocumentListsEveryStatus(t *testing.T) {
	document := loadDocument(t, newServer(t, &fakePredictor{}))
	for path, want := range map[string]string{
		"/predict/patient":          "200 401 403 406 408 413 415 421 422 429 500 503",
		"/predict/patients":         "200 401 403 406 408 413 415 421 422 429 500 503",
		"/health":                   "200 406 500 503",
		"/predictions":              "200 401 403 406 421 422 429 500 503",
		"/predictions/{id}":         "200 401 403 404 406 421 429 500 503",
		"/predictions/{id}/outcome": "200 401 403 404 406 408 409 413 415 421 422 429 500 503",
		"/readyz":                   "200 406 500 503",
		"/livez":                    "200 406 500",
		"/metrics":                  "200 401 403 406 421 429 500 503",
		"/admin/model":              "200 401 403 406 421 429 500 503",
		"/admin/model/reload":       "200 401 403 406 409 421 429 500 503",
		"/admin/model/rollback":     "200 401 403 406 409 421 429 500 503",
		"/variables":                "200 406 500",
		"/model":                    "200 406 500",
		"/caller":                   "200 401 406 421 429 500 503",
		"/model/evidence":           "200 404 406 500",
		"/openapi.json":             "200 406 500",
		"/docs":                     "200 406 500",
	} {
		item := document.Paths.Value(path)
		if item == nil {
			t.Errorf("%s is not described", path)
			continue
		}
		for _, operation := range item.Operations() {
			var statuses []string
			for status := range operation.Responses.Map() {
				statuses = append(statuses, status)
			}
			slices.Sort(statuses)
			if got := strings.Join(statuses, " "); got != want {
				t.Errorf("%s has %s, want %s", path, got, want)
			}
		}
	}
}

// TestOpenAPIDocumentSaysWhatTheAlertsPPVIs: it has no interval, because it is of the stays on which the threshold was chosen.
func TestOpenAPIDocumentSaysWhatTheAlertsPPVIs(t *testing.T) {
	said := loadDocument(t, newServer(t, &fakePredictor{})).Paths.Value("/model").Get.Description
	for _, want := range []string{"`alert_point.ppv`", "on which the threshold was chosen", "(0.07)", "`stay_ppv` in `/model/evidence`"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
}

func TestOpenAPIDocumentHoldsNothingOfHuma(t *testing.T) {
	text := send(newServer(t, &fakePredictor{}), "GET", "/openapi.json", "").Body.String()
	for _, foreign := range []string{"$schema", "ErrorModel", "ErrorDetail", "octet-stream", "{$}"} {
		if strings.Contains(text, foreign) {
			t.Errorf("the document holds %s", foreign)
		}
	}
}

// TestOpenAPIDocumentSaysWhatIsNeeded holds that whoever makes up calls from the document reaches the services, and not just 404 and 422.
func TestOpenAPIDocumentSaysWhatIsNeeded(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	document := loadDocument(t, handler)
	for path, refused := range map[string][]string{
		"/cds-services/{service}": {`{}`, `{"hook": "other", "hookInstance": "1", "context": {"patientId": "1"}}`, `{"hook": "patient-view", "hookInstance": "", "context": {}}`},
		"/cds-services/{service}/feedback": {
			`{}`, `{"feedback": []}`, `{"feedback": [{"card": ""}]}`,
			`{"feedback": [{"card": "017e1582-ca00-0000-0000-000000000000", "outcome": "accepted"}]}`,
			`{"feedback": [{"card": "017e1582-ca00-0000-0000-000000000000", "outcome": "ignored", "outcomeTimestamp": "2022-01-01T11:59:00Z"}]}`,
		},
		"/fhir/RiskAssessment/$evaluate": {`{}`, `{"resourceType": "Patient"}`},
	} {
		operation := document.Paths.Value(path).Post
		schema := operation.RequestBody.Value.Content["application/json"].Schema.Value
		for _, body := range refused {
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				t.Fatal(err)
			}
			if schema.VisitJSON(value) == nil {
				t.Errorf("%s: the document allows %s", path, body)
			}
			address := strings.Replace(path, "{service}", "sepsis-risk", 1)
			if code := send(handler, "POST", address, body).Code; code != http.StatusUnprocessableEntity && code != http.StatusServiceUnavailable {
				t.Errorf("%s answers %d to %s", path, code, body)
			}
		}
		if service := operation.Parameters.GetByInAndName("path", "service"); service != nil && !slices.Equal(service.Schema.Value.Enum, []any{"sepsis-risk", "sepsis-risk-encounter"}) {
			t.Errorf("%s: services %v", path, service.Schema.Value.Enum)
		}
	}
	conforms(t, document.Paths.Value("/cds-services/{service}").Post.RequestBody.Value.Content["application/json"].Schema.Value, []byte(cdsBody()))
}

func TestOpenAPIDocumentSaysTimesInWords(t *testing.T) {
	properties := loadDocument(t, newServer(t, &fakePredictor{})).Components.Schemas["Patient"].Value.Properties
	for name, unit := range map[string]string{"age": ", in years", "hours_in_hospital_before_icu": ", in hours"} {
		if got := properties[name].Value.Description; !strings.HasSuffix(got, unit) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestOpenAPIDocumentKnowsTheCodes(t *testing.T) {
	document := loadDocument(t, newServer(t, &fakePredictor{}))
	listed := document.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum
	for _, folder := range []string{"..", "../fhir", "."} {
		for name, code := range problemCodesOf(t, folder) {
			if !slices.Contains(listed, any(code)) {
				t.Errorf("%s of %s, %s, is not in the document", name, folder, code)
			}
		}
	}
	if got := len(document.Components.Schemas["Warning"].Value.Properties["code"].Value.Enum); got != len(sepsis.WarningCodes) {
		t.Errorf("%d warnings", got)
	}
	if got := len(document.Components.Schemas["Reason"].Value.Properties["code"].Value.Enum); got != len(sepsis.ReasonCodes) {
		t.Errorf("%d reasons", got)
	}
	if got := document.Components.Schemas["Answer"].Value.Properties["risk_band"].Value.Enum; len(got) != 3 {
		t.Errorf("risk bands %v", got)
	}
	if got := document.Components.Schemas["Reliability"].Value.Properties["level"].Value.Enum; len(got) != 3 {
		t.Errorf("levels of reliability %v", got)
	}
}

// problemCodesOf are the constants of type Code in the source of a package.
func problemCodesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	codes := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, isValue := node.(*ast.ValueSpec)
			if !isValue || spec.Type == nil || len(spec.Values) != 1 || !slices.Contains([]string{"Code", "sepsis.Code"}, types.ExprString(spec.Type)) {
				return true
			}
			if literal, isLiteral := spec.Values[0].(*ast.BasicLit); isLiteral {
				codes[spec.Names[0].Name] = strings.Trim(literal.Value, `"`)
			}
			return true
		})
	}
	return codes
}

func TestListsOfAnswersAreNeverNull(t *testing.T) {
	schemas := loadDocument(t, newServer(t, &fakePredictor{})).Components.Schemas
	for schema, property := range map[string]string{"Answer": "warnings", "Score": "missing", "Reliability": "reasons", "ProblemDetails": "errors"} {
		if kind := schemas[schema].Value.Properties[property].Value.Type; !kind.Is("array") {
			t.Errorf("%s.%s is %v", schema, property, kind)
		}
	}
}

// TestExamplesAreAccepted sends the document's own examples.
func TestExamplesAreAccepted(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	content := loadDocument(t, handler).Paths.Value("/predict/patient").Post.RequestBody.Value.Content["application/json"]
	if len(content.Examples) != 2 {
		t.Errorf("%d examples", len(content.Examples))
	}
	for name, example := range content.Examples {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			t.Fatal(err)
		}
		if recorder := predict(handler, string(body)); recorder.Code != http.StatusOK {
			t.Errorf("example %s: %s", name, recorder.Body)
		}
		conforms(t, content.Schema.Value, body)
	}
}

// TestAnswersConform compares one answer of each route and status with the document.
func TestAnswersConform(t *testing.T) {
	handler := newServer(t, &fakePredictor{synthetic: true})
	unfit := newServer(t, &fakePredictor{unfit: errUnfit})
	audited, _ := newAudited(t)
	recorded := answerOf(t, send(audited, "POST", "/predict/patient", historyBody)).ID
	document := loadDocument(t, handler)
	for path, recorders := range map[string][]*httptest.ResponseRecorder{
		"/predict/patient": {
			predict(handler, flatBody),
			send(handler, "POST", "/predict/patient?trajectory=true", `{"age": 67, "ph": 7.4, "patient_id": "x"}`),
			send(handler, "POST", "/predict/patient", flatBody, "Accept", "image/png"),
			send(handler, "POST", "/predict/patient", strings.Repeat(" ", 5<<20)),
			send(handler, "POST", "/predict/patient", flatBody, "Content-Type", "text/csv"),
			predict(newServer(t, &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("broken") }}), flatBody),
			predict(unfit, flatBody),
		},
		"/predict/patients": {
			send(handler, "POST", "/predict/patients", "["+flatBody+`, {"age": 3}]`),
			send(handler, "POST", "/predict/patients", `{"age": 67}`),
			send(handler, "POST", "/predict/patients", "[]", "Accept", "image/png"),
			send(handler, "POST", "/predict/patients", "["+strings.Repeat(" ", 5<<20)),
			send(handler, "POST", "/predict/patients", "[]", "Content-Type", "text/csv"),
			send(unfit, "POST", "/predict/patients", "[]"),
		},
		"/predictions": {
			send(audited, "GET", "/predictions", ""), send(audited, "GET", "/predictions?limit=0", ""), send(handler, "GET", "/predictions", ""),
		},
		"/predictions/{id}": {
			send(audited, "GET", "/predictions/"+recorded, ""), send(audited, "GET", "/predictions/x", ""), send(handler, "GET", "/predictions/x", ""),
		},
		"/predictions/{id}/outcome": {
			tell(audited, recorded, `{"septic": true, "onset_hours": 3.5}`), tell(audited, recorded, `{"septic": false}`), tell(audited, "x", `{"septic": true}`),
			tell(audited, recorded, `{}`), tell(handler, recorded, `{"septic": true}`),
		},
		"/health":    {send(handler, "GET", "/health", "", "Accept", "application/json"), send(unfit, "GET", "/health", "", "Accept", "application/json")},
		"/variables": {send(handler, "GET", "/variables", "")},
		"/model":     {send(handler, "GET", "/model", "")},
	} {
		for _, operation := range document.Paths.Value(path).Operations() {
			for _, recorder := range recorders {
				answerConforms(t, operation, recorder)
			}
		}
	}
}

// answerConforms holds an answer against the schema that the document has for its status and type.
func answerConforms(t interface {
	Helper()
	Fatalf(string, ...any)
}, operation *openapi3.Operation, recorder *httptest.ResponseRecorder,
) {
	t.Helper()
	response := operation.Responses.Value(strconv.Itoa(recorder.Code))
	if response == nil {
		t.Fatalf("status %d is not described: %s", recorder.Code, recorder.Body)
	}
	content := response.Value.Content[recorder.Header().Get("Content-Type")]
	if content == nil {
		t.Fatalf("%s is not described for status %d", recorder.Header().Get("Content-Type"), recorder.Code)
	}
	conforms(t, content.Schema.Value, recorder.Body.Bytes())
}

func conforms(t interface {
	Helper()
	Fatalf(string, ...any)
}, schema *openapi3.Schema, body []byte,
) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

// TestSchemaOfTheTables holds the schema against the bodies whose fate is known.
func TestSchemaOfTheTables(t *testing.T) {
	schema := loadDocument(t, newServer(t, &fakePredictor{})).Components.Schemas["Patient"].Value
	for name, body := range acceptedBodies {
		if err := verdict(t, schema, body); body != otherSpelling && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, test := range incoherentBodies {
		if slices.ContainsFunc(test.want, schemaDecides) && verdict(t, schema, test.body) == nil {
			t.Errorf("%s: the schema accepts %s", test.name, test.body)
		}
	}
}

func verdict(t *testing.T, schema *openapi3.Schema, body string) error {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

// schemaDecides tells whether a schema can see the problem: it knows neither conversions nor relations.
func schemaDecides(c complaint) bool {
	switch c.code {
	case sepsis.UnknownField, sepsis.UnknownUnit, sepsis.OutOfScope:
		return true
	case sepsis.WrongType:
		return c.location != "body" // json.Unmarshal cannot read 1e999
	case sepsis.MissingField:
		return c.location != "body"
	case sepsis.OutOfRange:
		return !strings.HasSuffix(c.location, ".value")
	}
	return false
}

// TestSchemaAndServerAgree draws bodies from the vocabulary, right and wrong. What the schema refuses, the server
// refuses; what the server accepts, the schema accepts. (The schema knows nothing of relations between fields, so
// it accepts some of what the server refuses.) Every answer is as the document says.
func TestSchemaAndServerAgree(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	document := loadDocument(t, handler)
	operation := document.Paths.Value("/predict/patient").Post
	patient := document.Components.Schemas["Patient"].Value
	verdicts := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		body := drawBody().Draw(t, "body")
		var sent bytes.Buffer
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			t.Fatal(err)
		}
		refused := patient.VisitJSON(body, openapi3.EnableJSONSchema2020())
		recorder := predict(handler, sent.String())
		if refused != nil && recorder.Code != http.StatusUnprocessableEntity {
			t.Fatalf("status %d where the schema says %v", recorder.Code, refused)
		}
		if recorder.Code != http.StatusOK && recorder.Code != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", recorder.Code)
		}
		answerConforms(t, operation, recorder)
		verdicts[strconv.Itoa(recorder.Code)+" "+strconv.FormatBool(refused == nil)]++
	})
	t.Logf("status and schema verdict: %v", verdicts)
	for _, verdict := range []string{"200 true", "422 false"} {
		if verdicts[verdict] < 5 {
			t.Errorf("the bodies are too alike: %v", verdicts)
		}
	}
}

// drawBody draws the body of a prediction. Half of them have one value put out of order.
func drawBody() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		body := map[string]any{"age": rapid.Float64Range(18, 120).Draw(t, "age")}
		holder := body
		if rapid.Bool().Draw(t, "history") {
			var observations []any
			for hour := range rapid.IntRange(1, 3).Draw(t, "observations") {
				observations = append(observations, drawMeasurements(t, map[string]any{"icu_hour": float64(hour + 1)}))
			}
			body["observations"] = observations
			holder = rapid.SampledFrom(observations).Draw(t, "observation").(map[string]any)
		} else {
			drawMeasurements(t, body)
		}
		drawStay(t, body)
		switch rapid.IntRange(0, 3).Draw(t, "spoil") {
		case 0:
			spoil(t, body)
		case 1:
			spoil(t, holder)
		}
		return body
	})
}

func drawStay(t *rapid.T, body map[string]any) {
	for _, member := range []struct {
		name    string
		choices []any
	}{
		{"sex", []any{"female", "male", nil}},
		{"icu_unit", []any{"medical", "surgical", nil}},
		{"hours_in_hospital_before_icu", []any{0.0, 12.5, 10000.0, nil}},
		{"patient_id", []any{"x", nil}},
	} {
		if rapid.Bool().Draw(t, member.name) {
			body[member.name] = rapid.SampledFrom(member.choices).Draw(t, member.name)
		}
	}
}

func drawMeasurements(t *rapid.T, holder map[string]any) map[string]any {
	for range rapid.IntRange(0, 3).Draw(t, "measurements") {
		info := rapid.SampledFrom(sepsis.Variables[:]).Draw(t, "variable")
		amount := rapid.Float64Range(info.Usual.Min, info.Usual.Max).Draw(t, "amount")
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			holder[info.Name] = nil
		case 1:
			holder[info.Name] = map[string]any{"value": amount, "unit": string(info.Unit)}
		default:
			holder[info.Name] = amount
		}
	}
	return holder
}

// spoil puts one member out of order, or takes it away.
func spoil(t *rapid.T, holder map[string]any) {
	names := []string{"unheard_of", "age", "icu_hour", "heart_rate", "sex", "patient_id", "observations"}
	for name := range holder {
		names = append(names, name)
	}
	slices.Sort(names)
	name := rapid.SampledFrom(names).Draw(t, "spoilt")
	wrong := []any{
		nil, "67", "", true, -1.0, 0.0, 1e9,
		[]any{},
		[]any{nil},
		map[string]any{},
		map[string]any{"value": 70.0},
		map[string]any{"value": 70.0, "unit": "furlong"},
		map[string]any{"value": "70", "unit": "/min"},
		map[string]any{"value": nil, "unit": "/min"},
		map[string]any{"value": 70.0, "unit": "/min", "code": 1.0},
	}
	if rapid.Bool().Draw(t, "delete") {
		delete(holder, name)
		return
	}
	holder[name] = rapid.SampledFrom(wrong).Draw(t, "value")
}
