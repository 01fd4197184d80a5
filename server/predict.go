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
	chosen, problems := readQuery(c.request.URL.RawQuery)
	if c.accept == textType { // one word explains nothing
		chosen = options{}
	}
	read, found := decodePatient(body)
	if problems = append(problems, found.list()...); len(problems) > 0 {
		return nil, incoherent(problems, found.omitted)
	}
	return s.predicted(c, &read, chosen)
}

// predicted makes the answer for a patient with whom nothing is wrong.
func (s *server) predicted(c *call, p *patient, o options) (*reply, error) {
	given, err := s.assess(exchangeOf(c.request), p, o)
	if err != nil {
		return nil, err
	}
	encoded, err := encode(given)
	if err != nil {
		return nil, s.fault("the answer cannot be encoded", err)
	}
	if c.accept == textType {
		encoded = []byte(given.Prediction)
	}
	return &reply{Status: http.StatusOK, ContentType: c.accept, Body: encoded}, nil
}

// assess gives a new answer for a patient with whom nothing is wrong. Every door to a prediction leads through here.
func (s *server) assess(e *exchange, p *patient, o options) (answer, error) {
	id, err := s.newID(e)
	if err != nil {
		return answer{}, s.fault("no answer id", err)
	}
	given := s.answer(id, p, o)
	e.answer = given.ID
	return given, nil
}

// fault logs what went wrong inside and gives the answer that does not tell.
func (s *server) fault(message string, err error) *problemDetails {
	s.Logger.Error(message, "error", err)
	return newProblem(http.StatusInternalServerError, "")
}
