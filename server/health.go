package server

import "net/http"

// unfitReason is the one line that says why the service does not predict. The log has the rest.
const unfitReason = "the model failed its self-test"

// health is the JSON form of GET /health.
type health struct {
	Status string       `json:"status" enum:"OK" doc:"OK when the service can predict"`
	Checks healthChecks `json:"checks"`
}

type healthChecks struct {
	SelfTest string `json:"self_test" enum:"OK" doc:"the model gives the same predictions as when it was trained"`
}

// checkHealth answers GET /health. The self-test ran once, when the service started.
func (s *server) checkHealth(c *call) (*reply, error) {
	switch {
	case s.unfit != nil && c.accept == jsonType:
		return nil, newProblem(http.StatusServiceUnavailable, unfitReason)
	case s.unfit != nil:
		return &reply{Status: http.StatusServiceUnavailable, ContentType: textType, Body: []byte(unfitReason)}, nil
	case c.accept == jsonType:
		body, err := encode(health{Status: "OK", Checks: healthChecks{SelfTest: "OK"}})
		return &reply{Status: http.StatusOK, ContentType: jsonType, Body: body}, err
	}
	return &reply{Status: http.StatusOK, ContentType: textType, Body: []byte("OK")}, nil
}
