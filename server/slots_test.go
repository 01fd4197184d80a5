package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
)

// hangingLog answers nothing but new records until it is released.
type hangingLog struct {
	sepsis.AuditLog
	entered, release chan struct{}
}

func (l *hangingLog) hang(ctx context.Context) error {
	l.entered <- struct{}{}
	select {
	case <-l.release:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (l *hangingLog) AddOutcome(ctx context.Context, outcome sepsis.Outcome) (sepsis.Outcome, error) {
	if err := l.hang(ctx); err != nil {
		return outcome, err
	}
	return l.AuditLog.AddOutcome(ctx, outcome)
}

func (l *hangingLog) Records(ctx context.Context, query sepsis.AuditQuery, take func(sepsis.Record) error) error {
	if err := l.hang(ctx); err != nil {
		return err
	}
	return l.AuditLog.Records(ctx, query, take)
}

func (l *hangingLog) Record(ctx context.Context, id string) (sepsis.Record, error) {
	if err := l.hang(ctx); err != nil {
		return sepsis.Record{}, err
	}
	return l.AuditLog.Record(ctx, id)
}

// TestAStoreThatHangsStopsNoPrediction: those who wait for it have few slots of their own, and get 503 beyond them.
func TestAStoreThatHangsStopsNoPrediction(t *testing.T) {
	scene := newScene(t)
	scene.audit.Policy = audit.BestEffort
	hanging := &hangingLog{scene.audit.Log, make(chan struct{}), make(chan struct{})}
	scene.audit.Log = hanging
	scene.config.Limits = server.Limits{InFlight: 32} // two of which wait for the store
	handler := scene.start(t)
	id := answerOf(t, predict(handler, flatBody)).ID
	answers := make(chan *httptest.ResponseRecorder)
	for _, ask := range []func() *httptest.ResponseRecorder{
		func() *httptest.ResponseRecorder { return tell(handler, id, `{"septic": true}`) },
		func() *httptest.ResponseRecorder { return send(handler, "GET", "/predictions", "") },
	} {
		go func() { answers <- ask() }()
		<-hanging.entered
	}
	for _, shed := range []*httptest.ResponseRecorder{
		tell(handler, id, `{"septic": true}`), send(handler, "GET", "/predictions", ""), send(handler, "GET", "/predictions/"+id, ""), send(handler, "HEAD", "/predictions", ""),
	} {
		problemOf(t, shed, http.StatusServiceUnavailable)
		if got := shed.Header().Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
	}
	for range 33 {
		answerOf(t, predict(handler, flatBody))
	}
	if recorder := send(handler, "GET", "/metrics", ""); recorder.Code != http.StatusOK {
		t.Errorf("metrics: %d", recorder.Code)
	}
	close(hanging.release)
	for range 2 {
		if recorder := <-answers; recorder.Code != http.StatusOK && recorder.Code != http.StatusNotFound { // the record may not be there yet
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
	}
}

// slowMonitoring gathers until it is told to end.
type slowMonitoring struct {
	knownMonitoring
	entered, release chan struct{}
}

func (m *slowMonitoring) Monitoring(now time.Time) sepsis.Monitoring {
	m.entered <- struct{}{}
	<-m.release
	return m.knownMonitoring.Monitoring(now)
}

// TestGatheringFiguresIsBounded, and what is public is always answered.
func TestGatheringFiguresIsBounded(t *testing.T) {
	monitor := &slowMonitoring{entered: make(chan struct{}), release: make(chan struct{})}
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Monitor, c.Limits = nil, monitor, server.Limits{InFlight: 16}
	})
	answers := make(chan *httptest.ResponseRecorder)
	go func() { answers <- send(handler, "GET", "/monitoring", "") }()
	<-monitor.entered
	for _, path := range []string{"/monitoring", "/metrics"} {
		problemOf(t, send(handler, "GET", path, ""), http.StatusServiceUnavailable)
	}
	for _, path := range []string{"/health", "/livez", "/docs", "/openapi.json", "/variables", "/model"} {
		if recorder := send(handler, "GET", path, ""); recorder.Code != http.StatusOK {
			t.Errorf("%s: %d", path, recorder.Code)
		}
	}
	close(monitor.release)
	if recorder := <-answers; recorder.Code != http.StatusOK {
		t.Errorf("%d", recorder.Code)
	}
}
