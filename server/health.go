package server

import "net/http"

// The one line that says why the service does not predict. The log has the rest.
const (
	unfitReason    = "the model failed its self-test"
	stoppingReason = "shutting down"
)

// health is the JSON form of GET /health.
type health struct {
	Status string       `json:"status" enum:"OK" doc:"OK when the service can predict"`
	Checks healthChecks `json:"checks"`
}

type healthChecks struct {
	SelfTest string `json:"self_test" enum:"OK" doc:"the model gives the same predictions as when it was trained"`
}

// unready says in one line why no new request should be sent here; empty when it should.
func (s *server) unready(c *call) string {
	select {
	case <-s.Stopping:
		return stoppingReason
	default:
	}
	if exchangeOf(c.request).model.unfit != nil {
		return unfitReason
	}
	return ""
}

// alive answers GET /livez: whoever reads it knows that the process answers, and no more.
func alive(*call) (*reply, error) { return unchanging(textType, []byte("OK")), nil }

// checkHealth answers GET /health and GET /readyz. The self-test ran once, when the model was read.
func (s *server) checkHealth(c *call) (*reply, error) {
	reason := s.unready(c)
	switch {
	case reason != "" && c.accept == jsonType:
		return nil, newProblem(http.StatusServiceUnavailable, reason)
	case reason != "":
		return &reply{Status: http.StatusServiceUnavailable, ContentType: textType, Body: []byte(reason)}, nil
	case c.accept == jsonType:
		body, err := encode(health{Status: "OK", Checks: healthChecks{SelfTest: "OK"}})
		return &reply{Status: http.StatusOK, ContentType: jsonType, Body: body}, err
	}
	return &reply{Status: http.StatusOK, ContentType: textType, Body: []byte("OK")}, nil
}
