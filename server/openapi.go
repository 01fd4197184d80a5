package server

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// The types from which the schemas of the answers are made.
var (
	answerType         = reflect.TypeFor[answer]()
	healthType         = reflect.TypeFor[health]()
	vocabularyType     = reflect.TypeFor[vocabularyAnswer]()
	predictionListType = reflect.TypeFor[predictionList]()
	predictionType     = reflect.TypeFor[predictionAnswer]()
	outcomeType        = reflect.TypeFor[outcomeEntry]()
	problemDetailsType = reflect.TypeFor[problemDetails]()
	monitoringType     = reflect.TypeFor[sepsis.Monitoring]()
	callerType         = reflect.TypeFor[callerAnswer]()
	evidenceType       = reflect.TypeFor[sepsis.Evidence]()
	modelStateType     = reflect.TypeFor[modelState]()
	scoreType          = reflect.TypeFor[sepsis.Score]()
	servicesType       = reflect.TypeFor[cdsServices]()
	cardsType          = reflect.TypeFor[cardsAnswer]()
)

var labels = []any{string(sepsis.Positive), string(sepsis.Negative)}

const description = "Foresees sepsis from hourly data of intensive care. Not a medical device.\n\n" +
	"Whatever is wrong is answered as RFC 9457 `application/problem+json`. A request that is not coherent gets 422 with " +
	"all its problems, in the order in which they stand in the body; the list stops at 1,000, of one of many patients at 100, and `errors_omitted` counts the rest. " +
	"Where the JSON itself cannot be read, that is the only problem listed. " +
	"Nothing is repaired, clamped or guessed, and a refused body leaves no prediction. " +
	"Unknown routes get 404, other methods 405 with `Allow`. Every GET route answers to HEAD. " +
	"Every answer has the `X-Request-Id` of the request, which the log has too; one that is sent is kept if it is a UUID, a ULID, a W3C traceparent, or 16 to 64 hexadecimal digits that are not all decimal. " +
	"What cannot be taken for a request at all, such as one without `Host` (400), with too long headers (431) or an unknown `Expect` (417), " +
	"is answered in `text/plain` or without a body, without any of these headers, and the connection is closed. " +
	"Headers of up to 16 KiB are never too long, those of more than 24 KiB always: with the line of the method over HTTP/1, with 32 bytes for each header over HTTP/2."

// apiConfig is huma without the parts that would add to the answers ($schema), load a page from outside, or
// decode bodies a second time.
func apiConfig(version string) huma.Config {
	config := huma.DefaultConfig("Sepsis", version)
	config.Info.Description = description
	config.CreateHooks = nil
	config.Components.SecuritySchemes = securitySchemes
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	format := huma.Format{Marshal: writeJSON, Unmarshal: huma.DefaultJSONFormat.Unmarshal}
	config.Formats = map[string]huma.Format{jsonType: format, "json": format}
	return config
}

// The names of the ways to say who calls.
const (
	bearerScheme      = "bearer"
	certificateScheme = "certificate"
)

var securitySchemes = map[string]*huma.SecurityScheme{
	bearerScheme: {Type: "http", Scheme: "bearer", Description: "An API key, sepsis_<id>_<secret>, or a token of the hospital's OpenID Connect issuer. " +
		"Where the service listens to its own machine alone, it needs neither unless its operator says so."},
	certificateScheme: {Type: "mutualTLS", Description: "A client certificate of an authority that the operator named."},
}

func writeJSON(w io.Writer, answer any) error {
	body, err := encode(answer)
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// content maps a media type to the schema of an answer.
type content map[string]*huma.Schema

// operation describes a route: its answer, and the problems that it may answer with.
func (s *server) operation(id, method, path, summary string, answers content, problems ...int) huma.Operation {
	success := &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{}}
	for mediaType, schema := range answers {
		success.Content[mediaType] = &huma.MediaType{Schema: schema}
	}
	responses := map[string]*huma.Response{strconv.Itoa(http.StatusOK): success}
	for _, code := range slices.Concat(problems, []int{http.StatusNotAcceptable, http.StatusInternalServerError}) {
		responses[strconv.Itoa(code)] = s.problemResponse(code)
	}
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Responses: responses}
}

func (s *server) problemResponse(code int) *huma.Response {
	return &huma.Response{
		Description: statusOf(code).When,
		Content:     map[string]*huma.MediaType{problemType: {Schema: s.schema(problemDetailsType)}},
	}
}

func (s *server) schema(t reflect.Type) *huma.Schema {
	return s.api.OpenAPI().Components.Schemas.Schema(t, true, "")
}

// completeDocument adds what the tables of package sepsis know and Go's types do not.
func completeDocument(document *huma.OpenAPI) {
	schemas := document.Components.Schemas.Map()
	// huma's own form of a problem, which no route uses.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		neverNull(schema)
	}
	maps.Copy(schemas, patientSchemas())
	describeCodes(schemas["Problem"], "code", problemCodes())
	describeCodes(schemas["Warning"], "code", codesOf(sepsis.WarningCodes))
	describeCodes(schemas["Reason"], "code", codesOf(sepsis.ReasonCodes))
	for _, holder := range []string{"Answer", "Moment", "RecordEntry", "PredictionAnswer"} {
		schemas[holder].Properties["risk_band"].Enum = words(sepsis.RiskBands)
	}
	schemas["Reliability"].Properties["level"].Enum = words(sepsis.ReliabilityLevels)
	schemas["Moment"].Properties["reliability"].Enum = words(sepsis.ReliabilityLevels)
	describePredict(document.Paths[predictPath].Post)
	describeCDS(document)
	describeFHIR(document.Paths[evaluatePath].Post)
	describeBatch(document.Paths[manyPath].Post)
	describeUnfit(document.Paths[healthPath].Get)
	describeUnfit(document.Paths[readyPath].Get)
	for _, list := range []string{"roles", "may"} {
		schemas["CallerAnswer"].Properties[list].Items.Enum = words(sepsis.Roles)
	}
	if drift := schemas["Drift"]; drift != nil {
		drift.Properties["level"].Enum = words(sepsis.DriftLevels)
	}
	describePredictions(document)
}

// neverNull says of an answer's lists that they are never null: an empty one is [].
func neverNull(schema *huma.Schema) {
	for _, property := range schema.Properties {
		if property.Type == huma.TypeArray {
			property.Nullable = false
		}
	}
}

// describeCodes lists the values of a property and what each means.
func describeCodes(schema *huma.Schema, property string, codes []code) {
	for _, c := range codes {
		schema.Properties[property].Enum = append(schema.Properties[property].Enum, c.Code)
		schema.Properties[property].Description += fmt.Sprintf("- `%s`: %s\n", c.Code, c.When)
	}
}

// code is an entry of one of the tables of codes.
type code struct{ Code, When string }

// problemCodes are those of all doors: CDS Hooks reads FHIR and answers with problems.
func problemCodes() []code { return codesOf(slices.Concat(sepsis.Codes, fhir.Codes)) }

func codesOf[C ~string](table []sepsis.CodeInfo[C]) []code {
	codes := make([]code, len(table))
	for i, info := range table {
		codes[i] = code{string(info.Code), info.When}
	}
	return codes
}

// words are the values of an enumeration.
func words[W ~string](values []W) []any {
	all := make([]any, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all
}

func describePredict(operation *huma.Operation) {
	operation.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{jsonType: {
			Schema: reference("Patient"), Examples: patientExamples(),
		}},
	}
	describeParameters(operation, patientParameters)
}

const batchDescription = "As many patients as one likes, as a JSON array or as newline-delimited JSON, a patient a line. The answers come in the " +
	"same order and, unless Accept asks for the other, in the same form, while the body is still being sent; a client that does not take them is not read on. " +
	"Empty lines are counted and passed over, and get no answer: pair answers with patients by their `line`, which those to newline-delimited JSON have, or by `patient_id`, and not by counting. " +
	"What is wrong with one patient is a problem in the place of its answer, with its `line` or `index`, and does not stop the rest; each patient may have 4 MiB. " +
	"Where an array is not JSON, it cannot be read on; the problem's `location` names the element, as `body[1]`. " +
	"A caller's patients are read no faster than their rate allows; a batch whose next patient would wait for more than 30 seconds ends with 429. " +
	"The caller is checked again every 5 seconds: when the key was revoked or the token has ended, the batch ends with 401 before its next patient; with 403 when the caller has lost the role; " +
	"with 503 when it cannot be told at present who calls, as the keys cannot be read; with 500 when that fails in the service. " +
	"After a swap of the model the next patients are answered by the new one, as the `model` of each answer says. " +
	"A body that cannot be read to its end gets a problem as the whole answer while nothing was sent, then as a last line; an answer that is an array is then " +
	"cut off and not well-formed. Patients who were answered until then stay recorded."

func describeBatch(operation *huma.Operation) {
	operation.Description = batchDescription
	operation.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			jsonType:   {Schema: &huma.Schema{Type: huma.TypeArray, Items: reference("Patient")}},
			ndjsonType: {Schema: reference("Patient")},
		},
	}
	describeParameters(operation, batchParameters)
}

// outcomeSchema is what one of many patients gets.
func (s *server) outcomeSchema() *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{s.schema(answerType), s.schema(problemDetailsType)}}
}

// describeUnfit adds the plain form of the 503 answer.
func describeUnfit(operation *huma.Operation) {
	unfit := operation.Responses[strconv.Itoa(http.StatusServiceUnavailable)]
	unfit.Content[textType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Description: "the reason, in one line"}}
}

func reference(name string) *huma.Schema {
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}
