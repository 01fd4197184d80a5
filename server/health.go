package server

import (
	"net/http"
	"time"
)

// What the one line says that tells why the service is not fit. The log has the rest.
const (
	unfitReason    = "the model failed its self-test"
	unauditReason  = "the audit log cannot be written"
	stoppingReason = "shutting down"
	auditSpared    = "not needed"
)

// degradedFor is how long the loss of a record is told as a state: some looks of whoever looks once in a few minutes.
const degradedFor = 10 * time.Minute

// health is the JSON form of GET /health.
type health struct {
	Status string       `json:"status" enum:"OK" doc:"OK when the service can predict"`
	Checks healthChecks `json:"checks"`
	Audit  *auditHealth `json:"audit,omitempty" doc:"how complete the audit log is; absent when none is kept"`
}

// auditHealth is what became of records since the service started.
type auditHealth struct {
	Degraded bool       `json:"degraded" doc:"whether records of given predictions were lost within the last 10 minutes"`
	Lost     int64      `json:"lost" doc:"predictions given since the start that the log will never have; only with best-effort"`
	LastLoss *time.Time `json:"last_loss" doc:"when the last of them was lost; null if none was"`
	Refused  int64      `json:"refused" doc:"predictions not given since the start because their records could not be written in time"`
}

// auditHealth is nil when no log is kept.
func (s *server) auditHealth() *auditHealth {
	if s.Audit == nil {
		return nil
	}
	counts := s.Audit.Counts()
	found := &auditHealth{Lost: counts.Lost, Refused: counts.Refused}
	if !counts.LastLoss.IsZero() {
		at := wholeMilliseconds(counts.LastLoss)
		found.LastLoss, found.Degraded = &at, s.Clock().Sub(at) < degradedFor // also when the clock was set back
	}
	return found
}

type healthChecks struct {
	SelfTest string `json:"self_test" doc:"OK when the model gives the same predictions as when it was trained"`
	Audit    string `json:"audit" doc:"OK when the audit log can be written; off when none is kept; not needed at GET /readyz where predictions are given without it"`
}

// checks finds out how the service is, and why no new request should be sent here; that is empty when one should. The
// self-test ran once, when the model was read. A log that is spared is not waited for.
func (s *server) checks(c *call, spared bool) (found healthChecks, reason string) {
	found = healthChecks{SelfTest: "OK", Audit: "OK"}
	switch {
	case s.Audit == nil:
		found.Audit = "off"
	case spared:
		found.Audit = auditSpared
	case s.Audit.Check(c.request.Context()) != nil: // the recorder tells the log why
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
func alive(*call) (*reply, error) { return success(textType, []byte("OK")), nil }

// showHealth answers GET /health: how the whole service is.
func (s *server) showHealth(c *call) (*reply, error) { return s.checkHealth(c, false) }

// showReadiness answers GET /readyz: whether predictions are given.
func (s *server) showReadiness(c *call) (*reply, error) { return s.checkHealth(c, s.AuditSpared) }

func (s *server) checkHealth(c *call, spared bool) (*reply, error) {
	found, reason := s.checks(c, spared)
	switch {
	case reason != "" && c.accept == jsonType:
		problem := newProblem(http.StatusServiceUnavailable, reason)
		problem.Checks, problem.Audit = &found, s.auditHealth()
		return nil, problem
	case reason != "":
		return &reply{Status: http.StatusServiceUnavailable, ContentType: textType, Body: []byte(reason)}, nil
	case c.accept == jsonType:
		return s.json(health{Status: "OK", Checks: found, Audit: s.auditHealth()})
	}
	return success(textType, []byte("OK")), nil
}
