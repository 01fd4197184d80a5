package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/medtech-detect/sepsis"
)

// Audit is where every prediction is recorded. Safe for concurrent use.
type Audit interface {
	// Record keeps a record; Patient and Input are as they were sent. An error means: do not answer.
	Record(ctx context.Context, record sepsis.Record) error
	// PatientAs is how the log keeps a patient's id.
	PatientAs(id string) string
	// Check tells whether records can be kept at present.
	Check(ctx context.Context) error
	// Counts tells what became of the records so far.
	Counts() sepsis.AuditCounts
}

const (
	notRecorded = "The audit log cannot be written at present, so no prediction is given; it may be on record all the same. Try again."
	auditAway   = "The audit log cannot be reached at present. Try again."
	auditBusy   = "Too many use the audit log at present. Try again."
)

// noAudit is the answer where there is nothing to read or to tell.
func noAudit() *problemDetails {
	return newProblem(http.StatusServiceUnavailable, "No audit log is kept here.")
}

// record keeps an answer before it is given: what the record says of the patient, the body, the answer as JSON without
// patient_id, and the risks is there already.
func (s *server) record(r *http.Request, e *exchange, record sepsis.Record, given *answer) error {
	if s.Audit == nil {
		return nil
	}
	record.ID, record.Time, record.Caller, record.Route = given.ID, wholeMilliseconds(e.start), callerOf(r), routeOf(r)
	record.Model, record.Reliability = given.Model, given.Reliability.Level
	record.Latency = max(0, s.Clock().Sub(e.start)) // the clock may have been set back
	if err := s.Audit.Record(r.Context(), record); err != nil {
		return newProblem(http.StatusServiceUnavailable, notRecorded) // it may be on record: see later
	}
	return nil
}

func wholeMilliseconds(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// named puts the patient's id and line, where there are any, into an encoded answer, at the place where encoding the whole would have put them.
func named(output []byte, id string, line int) ([]byte, error) {
	if id == "" && line == 0 {
		return output, nil
	}
	quoted, err := encode(id)
	if err != nil {
		return nil, err
	}
	after := bytes.IndexByte(output, ',') // the answer begins with its own id, which holds none
	whole := append(make([]byte, 0, len(output)+len(quoted)+len(`,"patient_id":,"line":`)+len("9223372036854775807")), output[:after]...)
	if id != "" {
		whole = append(append(whole, `,"patient_id":`...), quoted...)
	}
	if line > 0 {
		whole = strconv.AppendInt(append(whole, `,"line":`...), int64(line), 10)
	}
	return append(whole, output[after:]...), nil
}

// errSearch is why a search ends that takes too long. That it takes too long to reach the log is another thing.
var errSearch = fmt.Errorf("the search took longer than %v", auditTime)

// searchFault is the answer when the log cannot be searched. Only time and patient have an index, because each costs every prediction.
func searchFault(err error) *problemDetails {
	problem := auditFault(err)
	if errors.Is(err, errSearch) {
		problem.Detail = fmt.Sprintf("The search took longer than %v. Narrow it by from and to.", auditTime)
		problem.faultMessage = "the audit log was searched for too long"
	}
	return problem
}

// auditFault is the answer when the log cannot be read or told. The service's own log tells why, by note.
func auditFault(err error) *problemDetails {
	if errors.Is(err, sepsis.ErrBusy) {
		return later(http.StatusServiceUnavailable, retrySoon, auditBusy)
	}
	problem := newProblem(http.StatusServiceUnavailable, auditAway) // what was told may be on record: see later
	problem.faultMessage, problem.fault = "the audit log cannot be reached", err
	return problem
}
