package server

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
	"github.com/medtech-detect/sepsis/score"
)

// Paths and media types of FHIR.
const (
	fhirBase     = "/fhir/"
	evaluatePath = fhirBase + "RiskAssessment/$evaluate"
	metadataPath = fhirBase + "metadata"
	fhirType     = fhir.MediaType
	unknownType  = "unknown/unknown" // offered by no route
)

// maxFHIRBody is the largest body of FHIR or CDS Hooks, in bytes: 16 MiB, some 10,000 Observations. FHIR says the same
// in more words than the JSON API.
const maxFHIRBody = 16 << 20

// clockSkew is how much later than the request's time something may have been measured: clocks of hospitals differ.
const clockSkew = 5 * time.Minute

// lineTypes are the media types of resources that stand in one line each.
var lineTypes = []string{"application/fhir+ndjson", "application/ndjson", "application/x-ndjson"}

// addFHIR registers the routes of FHIR.
func (s *server) addFHIR() {
	s.add(inOutcomes(s.needs(sepsis.PredictRole, s.fhirOperation("evaluateRisk", http.MethodPost, evaluatePath, "A FHIR R4 Bundle in, a RiskAssessment out",
		bodyProblems...))),
		[]string{fhirType, jsonType}, s.evaluateRisk)
	s.add(inOutcomes(public(s.fhirOperation("getFHIRMetadata", http.MethodGet, metadataPath, "What the service can do with FHIR: a CapabilityStatement"))),
		[]string{fhirType, jsonType}, func(c *call) (*reply, error) { return success(c.accept, s.capability), nil })
}

// fhirOperation describes a route that answers with FHIR resources.
func (s *server) fhirOperation(id, method, path, summary string, problems ...int) huma.Operation {
	resource := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "a FHIR R4 resource"}
	operation := s.operation(id, method, path, summary, content{fhirType: resource, jsonType: resource}, problems...)
	operation.Parameters = []*huma.Param{{
		Name: formatParameter, In: "query", Description: "The type of the answer, in place of Accept: json, or a media type.", Schema: &huma.Schema{Type: huma.TypeString},
	}}
	return operation
}

// formatParameter overrides Accept, for callers who cannot set it (FHIR R4, RESTful API, "Content Types and encodings").
const formatParameter = "_format"

// wanted is what a request accepts: its Accept header, or _format of FHIR in its place. A plus sign that was not escaped has come
// as a space. What FHIR does not name is accepted by nobody.
func wanted(r *http.Request) http.Header {
	if !strings.HasPrefix(r.URL.Path, fhirBase) {
		return r.Header
	}
	format, _, _ := strings.Cut(r.URL.Query().Get(formatParameter), ";")
	switch format = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(format), " ", "+")); format {
	case "":
		return r.Header
	case "json":
		format = fhirType
	case fhirType, jsonType:
	default:
		format = unknownType
	}
	return http.Header{"Accept": {format}}
}

// inOutcomes describes that a route's problems are OperationOutcomes.
func inOutcomes(operation huma.Operation) huma.Operation {
	outcome := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "a FHIR R4 OperationOutcome"}
	for code, response := range operation.Responses {
		if code != strconv.Itoa(http.StatusOK) {
			response.Content = map[string]*huma.MediaType{fhirType: {Schema: outcome}}
		}
	}
	return operation
}

// describeFHIR says what the operation reads.
func describeFHIR(operation *huma.Operation) {
	resource := openObject("a Bundle, or Parameters that hold one", map[string]*huma.Schema{
		"resourceType": {Type: huma.TypeString, Enum: []any{"Bundle", "Parameters"}},
	}, "resourceType")
	lines := &huma.Schema{Type: huma.TypeString, Description: "a resource a line"}
	named := map[string]*huma.Example{"one_value": {Summary: "one value in the first hours of a stay", Value: fhirExample()}}
	operation.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		fhirType: {Schema: resource, Examples: named}, jsonType: {Schema: resource}, lineTypes[0]: {Schema: lines},
	}}
}

// fhirExample is a Bundle that can be sent as it stands.
func fhirExample() map[string]any {
	subject := map[string]any{"reference": "Patient/p"}
	coding := func(system, code string) map[string]any {
		return map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}
	}
	return map[string]any{"resourceType": "Bundle", "type": "collection", "entry": []any{
		map[string]any{"resource": map[string]any{"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1954-03-02"}},
		map[string]any{"resource": map[string]any{
			"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": map[string]any{"code": "IMP"}, "subject": subject,
			"period": map[string]any{"start": "2021-06-01T08:00:00Z"},
		}},
		map[string]any{"resource": map[string]any{
			"resourceType": "Observation", "id": "lactate", "status": "final", "subject": subject, "code": coding("http://loinc.org", "32693-4"),
			"effectiveDateTime": "2021-06-01T09:30:00Z",
			"valueQuantity":     map[string]any{"value": 37, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
		}},
	}}
}

// evaluateRisk answers POST /fhir/RiskAssessment/$evaluate.
func (s *server) evaluateRisk(c *call) (*reply, error) {
	exchange, lenient := exchangeOf(c.request), prefersLenient(c.request.Header)
	if refused := exchange.model.refusal(); refused != nil {
		return nil, refused
	}
	body, input, refused := c.resources()
	if refused != nil {
		return nil, refused
	}
	if lenient {
		c.writer.Header().Set("Preference-Applied", "handling=lenient")
	}
	reading := fhir.Read(input, fhir.Options{Lenient: lenient, Now: exchange.start.Add(clockSkew)})
	if len(reading.Problems) > 0 {
		return nil, incoherent(listed(reading.Problems))
	}
	if holdAnswer(c.request, listsOf(reading), 0) != nil { // before it is on record
		return nil, busy()
	}
	given, err := s.assess(c.request, exchange, body, patientOf(reading), options{explain: true})
	if err != nil {
		return nil, err
	}
	encoded, err := encode(fhir.NewRiskAssessment(assessmentOf(&given.answer, exchange.start), reading))
	if err != nil {
		return nil, s.fault("the RiskAssessment cannot be encoded", err)
	}
	return success(c.accept, encoded), nil
}

// issueBytes is how long an issue of a RiskAssessment's report is, in bytes of JSON, about.
const issueBytes = 320

// listsOf is how long the report of a reading may be, in bytes: most of an answer to a long Bundle.
func listsOf(reading *fhir.Reading) int64 {
	return issueBytes * int64(len(reading.Warnings)+len(reading.Ignored)+len(reading.Used))
}

// prefersLenient reads Prefer: handling=lenient (RFC 7240, section 4.4), as FHIR uses it.
func prefersLenient(header http.Header) bool {
	for _, line := range header.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			if strings.EqualFold(strings.ReplaceAll(strings.TrimSpace(part), `"`, ""), "handling=lenient") {
				return true
			}
		}
	}
	return false
}

// listed cuts a list of problems to the length that an answer has.
func listed(problems []sepsis.Problem) ([]sepsis.Problem, int) {
	most := min(len(problems), maxFindings)
	return problems[:most], len(problems) - most
}

// resources reads a body of FHIR, and the resources in it.
func (c *call) resources() ([]byte, *fhir.Input, *problemDetails) {
	declared := declaredType(c.request.Header)
	if !readsVersion(c.request.Header) || declared != fhirType && declared != jsonType && !slices.Contains(lineTypes, declared) {
		return nil, nil, newProblem(http.StatusUnsupportedMediaType, "Send "+fhirType+" or "+lineTypes[0]+" of FHIR R4, in UTF-8, uncompressed.")
	}
	body, refused := c.read(maxFHIRBody)
	switch {
	case refused != nil:
		return nil, nil, refused
	case slices.Contains(lineTypes, declared):
		return body, fhir.SplitLines(body), nil
	}
	return body, fhir.Split(body), nil
}

// readVersions are the values of the parameter fhirVersion of a body that is read: R4, and R4B, which has the same of the resources that are read
// here (https://hl7.org/fhir/R4/http.html#version-parameter).
var readVersions = []string{"", "4.0", "4.0.1", "4.3", "4.3.0"}

// readsVersion is whether a body of the declared version of FHIR, or of none, is read.
func readsVersion(header http.Header) bool {
	_, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err != nil || slices.Contains(readVersions, parameters["fhirversion"]) // what cannot be read declares no type either
}

// patientOf is what a reading says, as the other doors have it.
func patientOf(reading *fhir.Reading) *patient {
	p := &patient{stay: reading.Stay}
	for i, warning := range reading.Warnings {
		p.warnings.add(int64(i), warning)
	}
	return p
}

// assessmentOf is an answer, as FHIR needs it.
func assessmentOf(given *answer, at time.Time) fhir.Assessment {
	a := fhir.Assessment{
		ID: given.ID, Time: at, Threshold: given.Threshold, AlertThreshold: given.AlertThreshold,
		Risk:        sepsis.Risk{Probability: given.Probability, Label: given.Prediction, Alert: given.Alert, Band: given.RiskBand},
		Reliability: sepsis.Reliability(given.Reliability), Warnings: given.Warnings, Unlisted: given.WarningsOmitted, Contributions: given.Explanation, Model: given.Model,
	}
	for i, value := range given.Scores {
		a.Scores = append(a.Scores, fhir.NamedScore{Name: score.All[i].Name, Score: value})
	}
	return a
}
