package server

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// cdsRequest is what is read of a call of a service (CDS Hooks 2.0, "Calling a CDS Service"). The service asks no FHIR
// server, so that it does not read fhirServer, and fhirAuthorization only to keep it out of the audit log.
type cdsRequest struct {
	Hook         string `json:"hook"`
	HookInstance string `json:"hookInstance"`
	Context      struct {
		PatientID   string `json:"patientId"`
		EncounterID string `json:"encounterId"`
	} `json:"context"`
	Prefetch      map[string]jsontext.Value `json:"prefetch"`
	Authorization jsontext.Value            `json:"fhirAuthorization"`
}

// callExample is the beginning of a call.
const callExample = `{"hook": "patient-view", "hookInstance": "…", "context": {…}, "prefetch": {…}}`

// callService answers POST /cds-services/{service}.
func (s *server) callService(c *call) (*reply, error) {
	if refused := noService(c); refused != nil {
		return nil, refused
	}
	if refused := exchangeOf(c.request).model.refusal(); refused != nil {
		return nil, refused
	}
	var request cdsRequest
	body, refused := c.decodeJSON(&request, callExample)
	if refused != nil {
		return nil, refused
	}
	if problems := request.problems(); len(problems) > 0 {
		return nil, incoherent(problems, 0)
	}
	return s.cards(c, body, &request)
}

// cards answers a call that says what it has to say. Its body is recorded, without the token that it may hold.
func (s *server) cards(c *call, body []byte, request *cdsRequest) (*reply, error) {
	reading, refused := request.read(exchangeOf(c.request))
	if refused != nil {
		return nil, refused
	}
	answered := cardsAnswer{Cards: []card{}}
	if !isOutOfScope(reading.Problems) {
		input, err := request.withoutToken(body)
		if err != nil {
			return nil, s.fault("the call cannot be recorded", err)
		}
		given, err := s.assess(c.request, exchangeOf(c.request), input, patientOf(reading), options{explain: true})
		if err != nil {
			return nil, err
		}
		answered.Cards = append(answered.Cards, newCard(&given.answer, reading, languageOf(c.request.Header), s.publicURL(c.request), exchangeOf(c.request).start))
	}
	return s.json(answered)
}

// withoutToken is the body from which the request was read, with null for the value of fhirAuthorization: that opens the
// client's FHIR server.
func (r *cdsRequest) withoutToken(body []byte) ([]byte, error) {
	if r.Authorization == nil {
		return body, nil
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.ReadToken(); err != nil { // the brace
		return nil, err
	}
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		isAuthorization := token.String() == "fhirAuthorization"
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		if isAuthorization {
			to := int(decoder.InputOffset())
			return slices.Concat(body[:to-len(value)], []byte("null"), body[to:]), nil
		}
	}
}

// decodeJSON reads a JSON body, also into a value. Who sends nothing is told the example.
func (c *call) decodeJSON(into any, example string) ([]byte, *problemDetails) {
	if !isJSON(c.request.Header) {
		return nil, wrongType()
	}
	body, refused := c.read(maxFHIRBody)
	if refused == nil {
		refused = unmarshal(body, into, example)
	}
	return body, refused
}

func unmarshal(body []byte, into any, example string) *problemDetails {
	if problem := fhir.TextProblem(body, "body"); problem != nil && len(body) > 0 {
		return incoherent([]sepsis.Problem{*problem}, 0)
	}
	err := json.Unmarshal(body, into)
	semantic, isSemantic := errors.AsType[*json.SemanticError](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return incoherent([]sepsis.Problem{{Location: "body", Code: sepsis.DuplicateField, Message: "a name stands twice in one object"}}, 0)
	case isSemantic:
		return incoherent([]sepsis.Problem{{Location: placeIn(semantic.JSONPointer), Code: sepsis.WrongType, Message: kindName(semantic.JSONKind) + " is not expected here"}}, 0)
	}
	return incoherent([]sepsis.Problem{syntaxProblem(body, err, example)}, 0)
}

// placeIn is a place in a body, as answers name it.
func placeIn(pointer jsontext.Pointer) string {
	location := "body"
	for token := range pointer.Tokens() {
		if strings.Trim(token, "0123456789") == "" && token != "" {
			location += "[" + sepsis.Clip(token) + "]"
			continue
		}
		location += "." + sepsis.Clip(token)
	}
	return location
}

// problems lists what a request lacks.
func (r *cdsRequest) problems() []sepsis.Problem {
	var problems []sepsis.Problem
	for _, required := range []struct{ name, value string }{{"hook", r.Hook}, {"hookInstance", r.HookInstance}, {"context.patientId", r.Context.PatientID}} {
		if required.value == "" {
			problems = append(problems, sepsis.Problem{Location: "body." + required.name, Code: sepsis.MissingField, Message: required.name + " is required"})
		}
	}
	if r.Hook != "" && !slices.ContainsFunc(services, func(s cdsService) bool { return s.Hook == r.Hook }) {
		problems = append(problems, sepsis.Problem{
			Location: "body.hook", Code: sepsis.WrongType, Message: "the service is not for this hook", Value: sepsis.Clip(r.Hook), Hint: "it is for " + joined(services, " and ", func(s cdsService) string { return s.Hook }),
		})
	}
	return problems
}

// read makes a stay of the prefetch. What a client cannot correct is left out and told on the card; what is needed and
// was not sent is 412.
func (r *cdsRequest) read(e *exchange) (*fhir.Reading, *problemDetails) {
	if lacking := r.lacking(); len(lacking) > 0 {
		return nil, newProblem(http.StatusPreconditionFailed, "The prefetch lacks "+strings.Join(lacking, ", ")+".")
	}
	input := &fhir.Input{}
	for _, key := range []string{patientKey, encounterKey, vitalsKey, labsKey} {
		if r.state(key) == sent {
			input.Add(r.Prefetch[key], "body.prefetch."+key)
		}
	}
	options := fhir.Options{Lenient: true, Bedside: true, Patient: r.Context.PatientID, Now: e.start.Add(clockSkew)}
	if r.state(encounterKey) == sent {
		options.Encounter = r.Context.EncounterID
	}
	reading := fhir.Read(input, options)
	switch {
	case isOutOfScope(reading.Problems):
		return reading, nil
	case len(reading.Problems) > 0:
		return nil, refusedReading(reading)
	case reading.Truncated():
		return nil, newProblem(http.StatusPreconditionFailed,
			"The prefetch lacks Observations: a searchset says that there are more, by further pages or by its total, and what it holds does not reach back to the beginning of the stay. "+
				"Send all pages in one Bundle; where a total is only an estimate, ask the FHIR server for an exact one (_total=accurate) or for none (_total=none), or take it out.")
	}
	return reading, nil
}

// isOutOfScope tells whether the patient is a child or not in intensive care, and nothing else is wrong: the service has
// nothing to say, and that is no error.
func isOutOfScope(problems []sepsis.Problem) bool {
	inScope := func(p sepsis.Problem) bool { return p.Code != sepsis.OutOfScope }
	return len(problems) > 0 && !slices.ContainsFunc(problems, inScope)
}

// refusedReading is 412 when something is missing, and 422 when something is wrong.
func refusedReading(reading *fhir.Reading) *problemDetails {
	missing := func(p sepsis.Problem) bool { return p.Code == sepsis.MissingField || p.Code == fhir.UnknownEncounter }
	answer := incoherent(listed(reading.Problems))
	if !slices.ContainsFunc(reading.Problems, func(p sepsis.Problem) bool { return !missing(p) }) {
		first := reading.Problems[0]
		answer = newProblem(http.StatusPreconditionFailed, fmt.Sprintf("The prefetch is not enough: %s (%s).", first.Message, first.Location))
		answer.Errors, answer.Omitted = listed(reading.Problems)
	}
	return answer
}

// keyState is what came for a key of the prefetch.
type keyState int

const (
	absent  keyState = iota // not sent: the client did not look, or failed
	nothing                 // null: the client looked, and there is nothing
	failed                  // an OperationOutcome in place of the data
	sent
)

func (r *cdsRequest) state(key string) keyState {
	value, stated := r.Prefetch[key]
	switch {
	case !stated:
		return absent
	case value.Kind() == 'n':
		return nothing
	case fhir.IsOutcome(value):
		return failed
	}
	return sent
}

// lacking names the keys without which there is nothing to judge by, with the reason.
func (r *cdsRequest) lacking() []string {
	var lacking []string
	for _, key := range requiredKeys {
		switch state := r.state(key); {
		case state == absent:
			lacking = append(lacking, key+" (not sent)")
		case state == failed:
			lacking = append(lacking, key+" (an OperationOutcome came in its place)")
		case state == nothing && key == patientKey:
			lacking = append(lacking, key+" (null)")
		}
	}
	return lacking
}
