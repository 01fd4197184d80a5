package server

import (
	"net/http"
)

// predictPatient answers POST /predict/patient.
func (s *server) predictPatient(c *call) (*reply, error) {
	if s.unfit != nil {
		return nil, newProblem(http.StatusServiceUnavailable, unfitReason)
	}
	body, refused := c.body()
	if refused != nil {
		return nil, refused
	}
	chosen, problems := readQuery(c.request.URL.RawQuery, parameters)
	if c.accept == textType { // one word explains nothing
		chosen = options{}
	}
	read, found := decodePatient(body)
	if problems = append(problems, found.list()...); len(problems) > 0 {
		return nil, incoherent(problems, found.omitted)
	}
	return s.predicted(c, body, &read, chosen)
}

// predicted makes the answer for a patient with whom nothing is wrong.
func (s *server) predicted(c *call, body []byte, p *patient, o options) (*reply, error) {
	given, err := s.assess(c.request, body, p, o)
	if err != nil {
		return nil, err
	}
	if c.accept == textType {
		return &reply{Status: http.StatusOK, ContentType: textType, Body: []byte(given.Prediction)}, nil
	}
	encoded, err := named(given.output, given.PatientID)
	if err != nil {
		return nil, s.fault("the answer cannot be encoded", err)
	}
	return &reply{Status: http.StatusOK, ContentType: c.accept, Body: encoded}, nil
}

// assessment is an answer that was recorded and may be given.
type assessment struct {
	answer
	output []byte // the answer as JSON, without patient_id
}

// assess gives a new answer for a patient with whom nothing is wrong, and records it with the input, the bytes from
// which the patient was read. Every door to a prediction leads through here.
func (s *server) assess(r *http.Request, input []byte, p *patient, o options) (assessment, error) {
	e := exchangeOf(r)
	id, err := s.newID(e)
	if err != nil {
		return assessment{}, s.fault("no answer id", err)
	}
	given := s.answer(id, p, o)
	nameless := given
	nameless.PatientID = ""
	output, err := encode(nameless)
	if err != nil {
		return assessment{}, s.fault("the answer cannot be encoded", err)
	}
	if err := s.record(r, input, output, p, &given); err != nil {
		return assessment{}, err
	}
	e.answer = given.ID
	return assessment{given, output}, nil
}

// fault logs what went wrong inside and gives the answer that does not tell.
func (s *server) fault(message string, err error) *problemDetails {
	s.Logger.Error(message, "error", err)
	return newProblem(http.StatusInternalServerError, "")
}
