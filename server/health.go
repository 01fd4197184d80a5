package server

import "net/http"

// What the one line says that tells why the service is not fit. The log has the rest.
const (
	unfitReason    = "the model failed its self-test"
	unauditReason  = "the audit log cannot be written"
	stoppingReason = "shutting down"
)

// health is the JSON form of GET /health.
type health struct {
	Status string       `json:"status" enum:"OK" doc:"OK when the service can predict"`
	Checks healthChecks `json:"checks"`
}

type healthChecks struct {
	SelfTest string `json:"self_test" doc:"OK when the model gives the same predictions as when it was trained"`
	Audit    string `json:"audit" doc:"OK when the audit log can be written; off when none is kept"`
}

// checks finds out how the service is, and why no new request should be sent here; that is empty when one should. The
// self-test ran once, when the model was read.
func (s *server) checks(c *call) (found healthChecks, reason string) {
	found = healthChecks{SelfTest: "OK", Audit: "OK"}
	if s.Audit == nil {
		found.Audit = "off"
	} else if s.Audit.Check(c.request.Context()) != nil { // the recorder tells the log why
		found.Audit, reason = unauditReason, unauditReason
	}
	if exchangeOf(c.request).model.unfit != nil {
		found.SelfTest, reason = unfitReason, unfitReason
	}
	select {
	case <-s.Stopping:
		reason = stoppingReason
	default:
	}
	return found, reason
}

// alive answers GET /livez: whoever reads it knows that the process answers, and no more.
func alive(*call) (*reply, error) { return unchanging(textType, []byte("OK")), nil }

// checkHealth answers GET /health and GET /readyz.
func (s *server) checkHealth(c *call) (*reply, error) {
	found, reason := s.checks(c)
	switch {
	case reason != "" && c.accept == jsonType:
		problem := newProblem(http.StatusServiceUnavailable, reason)
		problem.Checks = &found
		return nil, problem
	case reason != "":
		return &reply{Status: http.StatusServiceUnavailable, ContentType: textType, Body: []byte(reason)}, nil
	case c.accept == jsonType:
		body, err := encode(health{Status: "OK", Checks: found})
		return &reply{Status: http.StatusOK, ContentType: jsonType, Body: body}, err
	}
	return &reply{Status: http.StatusOK, ContentType: textType, Body: []byte("OK")}, nil
}
