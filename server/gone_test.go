package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// leavingLog keeps nothing: whatever it is asked, the client goes away meanwhile.
type leavingLog struct {
	sepsis.AuditLog
	leave context.CancelFunc
	over  <-chan struct{}
}

func (l leavingLog) Append(ctx context.Context, _ []sepsis.Record) error {
	l.leave()
	select {
	case <-ctx.Done():
	case <-l.over:
	}
	return errBroken
}

func (l leavingLog) Records(ctx context.Context, _ sepsis.AuditQuery, _ func(sepsis.Record) error) error {
	l.leave()
	<-ctx.Done()
	return ctx.Err()
}

// TestClientThatGoesAway before its record is kept, or what it asked for is read, is no fault of the service: it has a status of its own in
// the metrics and the log.
func TestClientThatGoesAway(t *testing.T) {
	for _, c := range []struct{ method, route, body string }{
		{"POST", "/predict/patient", flatBody}, {"POST", evaluatePath, goodBundle}, {"GET", "/predictions", ""},
	} {
		var said bytes.Buffer
		s := newScene(t)
		ctx, leave := context.WithCancel(t.Context())
		s.audit.Log = leavingLog{s.audit.Log, leave, t.Context().Done()}
		s.config.Logger = slog.New(slog.NewJSONHandler(&said, nil))
		handler := s.start(t)
		request := httptest.NewRequestWithContext(ctx, c.method, c.route, strings.NewReader(c.body))
		request.Header.Set("Content-Type", "application/json")
		handler.ServeHTTP(httptest.NewRecorder(), request)
		if got := said.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"status":499`) || strings.Contains(got, "ERROR") {
			t.Errorf("log %s", got)
		}
		counted := metricsOf(t, handler)
		if want := `sepsis_http_requests_total{route="` + c.method + " " + c.route + `",status="499"} 1`; !strings.Contains(counted, want) || strings.Contains(counted, c.route+`",status="503"`) {
			t.Errorf("no %s in\n%s", want, counted)
		}
	}
}

// TestGoneIsNeverAnswered: 499 stands in no table of answers.
func TestGoneIsNeverAnswered(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for path, item := range loadDocument(t, handler).Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Responses.Value("499") != nil {
				t.Errorf("%s %s answers 499", method, path)
			}
		}
	}
	if text := http.StatusText(499); text != "" {
		t.Errorf("499 is %s by now", text)
	}
}
