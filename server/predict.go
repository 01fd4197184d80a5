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
	read, found := decodePatient(body)
	if problems = append(problems, found.list()...); len(problems) > 0 {
		return nil, incoherent(problems, found.omitted)
	}
	return s.predicted(c, &read, chosen)
}

// predicted makes the answer for a patient with whom nothing is wrong.
func (s *server) predicted(c *call, p *patient, o options) (*reply, error) {
	exchange := exchangeOf(c.request)
	id, err := s.newID(exchange)
	if err != nil {
		return nil, s.fault("no answer id", err)
	}
	given := s.answer(id, p, o)
	encoded, err := encode(given)
	if err != nil {
		return nil, s.fault("the answer cannot be encoded", err)
	}
	exchange.answer = given.ID
	if c.accept == textType {
		encoded = []byte(given.Prediction)
	}
	return &reply{Status: http.StatusOK, ContentType: c.accept, Body: encoded}, nil
}

// fault logs what went wrong inside and gives the answer that does not tell.
func (s *server) fault(message string, err error) *problemDetails {
	s.Logger.Error(message, "error", err)
	return newProblem(http.StatusInternalServerError, "")
}
