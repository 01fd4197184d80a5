package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// goneWriter is a client that goes away before it takes an answer.
type goneWriter struct{ *httptest.ResponseRecorder }

func (goneWriter) Write([]byte) (int, error) { return 0, errors.New("connection reset") }

// patientAudit keeps the record of the first patient, and of the others once nobody waits any longer.
type patientAudit struct{ keeping }

func (patientAudit) Record(ctx context.Context, record sepsis.Record) error {
	if record.Patient == "first" {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// TestAClientThatLeavesABatch is found out by many of its patients at once; with -race, this tells whether they share what they may not.
func TestAClientThatLeavesABatch(t *testing.T) {
	handler := guarded(t, func(c *server.Config) { c.Gate, c.Audit, c.AuditLog = nil, patientAudit{}, brokenLog{} })
	body := strings.Repeat(person(1, "first")+"\n", 16) + strings.Repeat(person(2, "other")+"\n", 64)
	request := httptest.NewRequest("POST", "/predict/patients", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/x-ndjson")
	func() {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
				t.Errorf("the batch ended with %v", cause)
			}
		}()
		handler.ServeHTTP(goneWriter{httptest.NewRecorder()}, request)
	}()
	if counted := metricsOf(t, handler); !strings.Contains(counted, `sepsis_batch_patients_total{status="503"} 0`) {
		t.Errorf("the service is blamed in\n%s", counted)
	}
}
