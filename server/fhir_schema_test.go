package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiledSchemas are those that were compiled before: each takes seconds.
var compiledSchemas = map[string]*jsonschema.Schema{}

// fhirSchema compiles a definition of HL7's JSON schema of FHIR R4 (fhir.schema.json, 4.0.1). The file uses two names that it
// does not define; neither is used by the resources here.
func fhirSchema(t *testing.T, definition string) *jsonschema.Schema {
	t.Helper()
	if compiled, before := compiledSchemas[definition]; before {
		return compiled
	}
	path := os.Getenv("SEPSIS_FHIR_SCHEMA")
	if path == "" {
		t.Skip("set SEPSIS_FHIR_SCHEMA to HL7's fhir.schema.json of R4; .ci/fhir.sh gets it")
	}
	file, err := os.ReadFile(path) //nolint:gosec // whoever runs the test names the file
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(file)))
	if err != nil {
		t.Fatal(err)
	}
	definitions := document.(map[string]any)["definitions"].(map[string]any)
	for _, undefined := range []string{"Resource", "integer64"} {
		if _, there := definitions[undefined]; !there {
			definitions[undefined] = true
		}
	}
	delete(document.(map[string]any), "$schema")
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft6)
	if err := compiler.AddResource("fhir.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("fhir.json#/definitions/" + definition)
	if err != nil {
		t.Fatal(err)
	}
	compiledSchemas[definition] = schema
	return schema
}

func against(schema *jsonschema.Schema, text string) error {
	resource, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(resource)
}

// TestFHIRSchema: every kind of answer below /fhir/ is valid by HL7's schema, contained resources included.
func TestFHIRSchema(t *testing.T) {
	handler := newServer(t, &fakePredictor{synthetic: true})
	unfit := newServer(t, &fakePredictor{unfit: errUnfit})
	answers := map[string][]*httptest.ResponseRecorder{
		"RiskAssessment": {
			evaluate(handler, goodBundle),
			evaluate(handler, bundleOf("collection", fhirPatient, observation("l", "32693-4", 90, 1, "mmol/L"))),
			evaluate(handler, bundleOf("collection", strings.Replace(fhirPatient, `"id":"p",`, `"id":"p","identifier":[{"system":"urn:mrn","value":"4"}],`, 1), fhirEncounter,
				strings.Replace(observation("l", "32693-4", 90, 9, "mmol/L"), `"id":"l",`, "", 1))),
			evaluate(handler, bundleOf("collection", fhirPatient, fhirEncounter, observation("t", "8310-5", 90, 101.3, "Cel"), observation("l", "32693-4", 90, 4, "mmol/L")), "Prefer", "handling=lenient"),
		},
		"OperationOutcome": {
			evaluate(handler, ""), evaluate(handler, "{}"), evaluate(handler, bundleOf("collection", fhirPatient)), evaluate(handler, bundleOf("history")),
			evaluate(handler, bundleOf("collection", fhirPatient, fhirEncounter, observation("t", "8310-5", 90, 101.3, "Cel"), observation("u", "2160-0", 90, 1, "furlong"))),
			evaluate(handler, goodBundle, "Accept", "text/html"), evaluate(handler, goodBundle, "Content-Encoding", "br"), evaluate(unfit, goodBundle),
			send(handler, "GET", "/fhir/", ""), send(handler, "DELETE", "/fhir/metadata", ""), evaluate(handler, strings.Repeat(" ", 17<<20)),
		},
		"CapabilityStatement": {send(handler, "GET", "/fhir/metadata", "")},
	}
	for definition, recorders := range answers {
		schema := fhirSchema(t, definition)
		for _, recorder := range recorders {
			if (recorder.Code == http.StatusOK) == (definition == "OperationOutcome") {
				t.Errorf("%s: %d: %s", definition, recorder.Code, recorder.Body)
			}
			if err := against(schema, recorder.Body.String()); err != nil {
				t.Errorf("%s: %v in %s", definition, err, recorder.Body)
			}
			checkContained(t, recorder.Body.Bytes())
		}
	}
}

// checkContained holds what is contained in a resource against the definition of its own type.
func checkContained(t *testing.T, body []byte) {
	t.Helper()
	var resource struct{ Contained []json.RawMessage }
	if err := json.Unmarshal(body, &resource); err != nil {
		t.Fatal(err)
	}
	for _, contained := range resource.Contained {
		var kind struct{ ResourceType string }
		if err := json.Unmarshal(contained, &kind); err != nil {
			t.Fatal(err)
		}
		if err := against(fhirSchema(t, kind.ResourceType), string(contained)); err != nil {
			t.Errorf("contained %s: %v", kind.ResourceType, err)
		}
	}
}

// TestFHIRSchemaRefuses: the schema can say no.
func TestFHIRSchemaRefuses(t *testing.T) {
	schema := fhirSchema(t, "RiskAssessment")
	good := evaluate(newServer(t, &fakePredictor{}), goodBundle).Body.String()
	for _, change := range [][2]string{
		{`"status":"final"`, `"status":5`},
		{`"subject":{"reference":"Patient/p"},`, ""},
		{`"status":"final"`, `"status":"final","unheard":1`},
		{`"occurrenceDateTime":"2022-01-01T12:00:00Z"`, `"occurrenceDateTime":"noon"`},
		{`"resourceType":"OperationOutcome"`, `"resourceType":"Nothing"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || against(schema, bad) == nil {
			t.Errorf("%s for %s is valid", change[1], change[0])
		}
	}
}
