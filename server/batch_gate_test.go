package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// event happens while a body is read, at its place.
type event func()

func (happen event) Read([]byte) (int, error) {
	happen()
	return 0, io.EOF
}

// sendParts sends a batch of the parts, one after the other.
func sendParts(handler http.Handler, mediaType string, parts ...io.Reader) *httptest.ResponseRecorder {
	request := httptest.NewRequest("POST", "/predict/patients", io.MultiReader(parts...))
	request.Header.Set("Content-Type", mediaType)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// changingGate lets the ward in until it is told otherwise.
type changingGate struct {
	roles []sepsis.Role
	err   error
	asked atomic.Int64
}

func (g *changingGate) Authenticate(*http.Request) (sepsis.Principal, error) {
	g.asked.Add(1)
	return sepsis.Principal{Name: "ward", Roles: g.roles}, g.err
}

// TestABatchEndsWithItsKey within seconds, before the next patient is taken.
func TestABatchEndsWithItsKey(t *testing.T) {
	revoked := &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: "The API key was revoked."}
	for _, test := range []struct {
		change func(*changingGate)
		after  time.Duration
		status int // of the last line; 0 for an answer
	}{
		{func(g *changingGate) { g.err = revoked }, 5 * time.Second, http.StatusUnauthorized},
		{func(g *changingGate) { g.err = revoked }, -time.Minute, http.StatusUnauthorized}, // the clock was set back
		{func(g *changingGate) { g.err = revoked }, 4 * time.Second, 0},
		{func(g *changingGate) { g.roles = nil }, 5 * time.Second, http.StatusForbidden},
		{func(g *changingGate) { g.err = &sepsis.Refusal{Cause: sepsis.CannotTell} }, 5 * time.Second, http.StatusServiceUnavailable},
		{func(g *changingGate) { g.err = errBroken }, 5 * time.Second, http.StatusInternalServerError},
		{func(*changingGate) {}, 5 * time.Second, 0},
	} {
		gate := &changingGate{roles: []sepsis.Role{sepsis.PredictRole}}
		var passed atomic.Int64
		var log bytes.Buffer
		handler := guarded(t, func(c *server.Config) {
			c.Gate, c.Clock = gate, func() time.Time { return noon.Add(time.Duration(passed.Load())) }
			c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		})
		recorder := sendParts(handler, "application/x-ndjson", strings.NewReader(people(2)), event(func() {
			test.change(gate)
			passed.Add(int64(test.after))
		}), strings.NewReader("\n"+people(3)))
		outcomes := linesOf(t, recorder)
		last := outcomes[len(outcomes)-1]
		switch {
		case test.status == 0 && (len(outcomes) != 5 || last.Status != 0):
			t.Errorf("%v after %v: %+v", gate.err, test.after, outcomes)
		case test.status != 0 && (len(outcomes) != 3 || last.Status != test.status || last.Line != 4 || outcomes[1].Status != 0):
			t.Errorf("%v after %v: %+v", gate.err, test.after, outcomes)
		case gate.asked.Load() > 2:
			t.Errorf("%v after %v: the gate was asked %d times", gate.err, test.after, gate.asked.Load())
		}
		told := regexp.MustCompile(`"level":"WARN".*"caller":"ward","status":(\d+)`).FindAllStringSubmatch(log.String(), -1)
		if test.status == 0 && len(told) > 0 || test.status != 0 && (len(told) != 1 || told[0][1] != strconv.Itoa(test.status)) {
			t.Errorf("%v after %v: log %s", gate.err, test.after, &log)
		}
	}
}

// TestABatchWhoseKeyEndsFirst gets the refusal as its whole answer, in either form.
func TestABatchWhoseKeyEndsFirst(t *testing.T) {
	for mediaType, body := range map[string]string{"application/x-ndjson": people(2), "application/json": "[" + person(1, "a") + "]"} {
		gate := &changingGate{roles: []sepsis.Role{sepsis.PredictRole}}
		var passed atomic.Int64
		handler := guarded(t, func(c *server.Config) {
			c.Gate, c.Clock = gate, func() time.Time { return noon.Add(time.Duration(passed.Load())) }
		})
		recorder := sendParts(handler, mediaType, event(func() {
			gate.err = &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: "The token has expired."}
			passed.Add(int64(5 * time.Second))
		}), strings.NewReader(body))
		if p := problemOf(t, recorder, http.StatusUnauthorized); p.Detail != "The token has expired." || recorder.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %+v %v", mediaType, p, recorder.Header())
		}
	}
}

// answeredWriter tells of the first answer.
type answeredWriter struct {
	*httptest.ResponseRecorder
	answered chan struct{}
}

func (w answeredWriter) Flush() {
	select {
	case <-w.answered:
	default:
		close(w.answered)
	}
}

// TestABatchFollowsTheModel: a patient is answered by the model that is in the service then, or not at all when that is not fit.
func TestABatchFollowsTheModel(t *testing.T) {
	reload := func(m *server.Models) error { _, err := m.Reload(); return err }
	back := func(m *server.Models) error { _, err := m.Rollback(); return err }
	wasUnfit := server.NewModels(&fakePredictor{unfit: errUnfit}, (&shelf{next: modelOne}).open)
	if err := reload(wasUnfit); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		models  *server.Models // the first answers
		change  func(*server.Models) error
		version string // of the model that answers then
		status  int
	}{
		{server.NewModels(modelOne, (&shelf{next: modelTwo}).open), reload, "2", 0},
		{wasUnfit, back, "", http.StatusServiceUnavailable},
	} {
		handler := guarded(t, func(c *server.Config) { c.Gate, c.Models = nil, test.models })
		writer := answeredWriter{httptest.NewRecorder(), make(chan struct{})}
		request := httptest.NewRequest("POST", "/predict/patients", io.MultiReader(strings.NewReader(people(1)), event(func() {
			<-writer.answered
			if err := test.change(test.models); err != nil {
				t.Error(err)
			}
		}), strings.NewReader(people(1))))
		request.Header.Set("Content-Type", "application/x-ndjson")
		handler.ServeHTTP(writer, request)
		outcomes := linesOf(t, writer.ResponseRecorder)
		if len(outcomes) != 2 || outcomes[0].Model.Version != "1" || outcomes[1].Model.Version != test.version || outcomes[1].Status != test.status {
			t.Errorf("%+v", outcomes)
		}
	}
}
