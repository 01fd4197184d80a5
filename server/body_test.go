package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// crowd holds bodies that do not end.
type crowd struct {
	handler   http.Handler
	held, end chan struct{}
	answers   chan *httptest.ResponseRecorder
	holding   int
}

func newCrowd(handler http.Handler) *crowd {
	return &crowd{handler, make(chan struct{}), make(chan struct{}), make(chan *httptest.ResponseRecorder), 0}
}

// holds lets callers send a body each, one after the other, and tells how many were refused. The callers are those of guarded.
func (c *crowd) holds(t *testing.T, body string, callers ...string) (refused int) {
	t.Helper()
	for _, caller := range callers {
		go func() {
			request := httptest.NewRequest("POST", "/predict/patient", &endless{strings.NewReader(body), c.held, c.end})
			request.ContentLength = int64(len(body))
			request.Header.Set("X-Caller", caller+" predict")
			recorder := httptest.NewRecorder()
			c.handler.ServeHTTP(recorder, request)
			c.answers <- recorder
		}()
		select {
		case <-c.held:
			c.holding++
		case answer := <-c.answers:
			problemOf(t, answer, http.StatusServiceUnavailable)
			refused++
		}
	}
	return refused
}

// ends lets the bodies end, and looks whether they are answered.
func (c *crowd) ends(t *testing.T) {
	t.Helper()
	close(c.end)
	for range c.holding {
		answerOf(t, <-c.answers)
	}
}

// each is so many callers.
func each(count int) []string {
	callers := make([]string, count)
	for i := range callers {
		callers[i] = fmt.Sprintf("caller%d", i)
	}
	return callers
}

// longest is the longest body, 4 MiB.
var longest = flatBody + strings.Repeat(" ", 4<<20-len(flatBody))

func calmGuarded(t *testing.T) http.Handler {
	t.Helper()
	return guarded(t, func(c *server.Config) { c.Models = only(&calm{}) })
}

// TestBodiesHeldAreBounded: of 40 bodies of 4 MiB that do not end, some are refused, so that the rest fit 128 MiB with some room left.
// When they have ended, there is room again.
func TestBodiesHeldAreBounded(t *testing.T) {
	handler := calmGuarded(t)
	crowd := newCrowd(handler)
	if refused := crowd.holds(t, longest, each(40)...); refused != 11 {
		t.Errorf("%d bodies are refused", refused)
	}
	crowd.ends(t)
	answerOf(t, send(handler, "POST", "/predict/patient", longest, "X-Caller", "ward predict"))
}

// eight long bodies are what one caller may hold.
func eight(caller string) []string { return slices.Repeat([]string{caller}, 8) }

// TestOneCallerHoldsAQuarter of the room for bodies, so that others are answered.
func TestOneCallerHoldsAQuarter(t *testing.T) {
	handler := calmGuarded(t)
	crowd := newCrowd(handler)
	if refused := crowd.holds(t, longest, slices.Repeat([]string{"greedy"}, 40)...); refused != 32 {
		t.Errorf("%d of 40 bodies are refused", refused)
	}
	answerOf(t, send(handler, "POST", "/predict/patient", longest, "X-Caller", "ward predict"))
	crowd.ends(t)
	answerOf(t, send(handler, "POST", "/predict/patient", longest, "X-Caller", "greedy predict"))
}

// TestGreedyCallersTogetherLeaveRoom: the more others hold, the less one may.
func TestGreedyCallersTogetherLeaveRoom(t *testing.T) {
	handler := calmGuarded(t)
	crowd := newCrowd(handler)
	for _, greedy := range each(8) {
		crowd.holds(t, longest, eight(greedy)...)
	}
	answerOf(t, send(handler, "POST", "/predict/patient", longest, "X-Caller", "ward predict"))
	crowd.ends(t)
}

// TestSmallBodiesHaveRoom while their caller's long ones fill what there is for them. Only an announced length counts.
func TestSmallBodiesHaveRoom(t *testing.T) {
	handler := calmGuarded(t)
	crowd := newCrowd(handler)
	if refused := crowd.holds(t, longest, eight("ward")...); refused != 0 {
		t.Fatalf("%d bodies are refused", refused)
	}
	answerOf(t, send(handler, "POST", "/predict/patient", flatBody+strings.Repeat(" ", 64<<10-len(flatBody)), "X-Caller", "ward predict"))
	problemOf(t, send(handler, "POST", "/predict/patient", flatBody+strings.Repeat(" ", 65<<10), "X-Caller", "ward predict"), http.StatusServiceUnavailable)
	unannounced := httptest.NewRequest("POST", "/predict/patient", io.MultiReader(strings.NewReader(flatBody)))
	unannounced.Header.Set("X-Caller", "ward predict")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, unannounced)
	problemOf(t, recorder, http.StatusServiceUnavailable)
	crowd.ends(t)
}

// TestABatchWithoutRoom is refused as overload, as every other request is, and not as a broken body.
func TestABatchWithoutRoom(t *testing.T) {
	handler := calmGuarded(t)
	crowd := newCrowd(handler)
	if refused := crowd.holds(t, longest, eight("ward")...); refused != 0 {
		t.Fatalf("%d bodies are refused", refused)
	}
	for mediaType, body := range map[string]string{"application/x-ndjson": person(1, "a"), "application/json": "[" + person(1, "a") + "]"} {
		request := httptest.NewRequest("POST", "/predict/patients", io.MultiReader(strings.NewReader(body)))
		request.Header.Set("Content-Type", mediaType)
		request.Header.Set("X-Caller", "ward predict")
		shed := httptest.NewRecorder()
		handler.ServeHTTP(shed, request)
		problemOf(t, shed, http.StatusServiceUnavailable)
		if got := shed.Header().Get("Retry-After"); got != "1" {
			t.Errorf("%s: Retry-After %q", mediaType, got)
		}
	}
	crowd.ends(t)
	linesOf(t, sendMany(handler, "application/x-ndjson", person(1, "a"), "X-Caller", "ward predict"))
}

// slowLine is a slow network: so many bytes take a while, unless the deadline is over.
type slowLine struct {
	*httptest.ResponseRecorder
	clock    *clock
	body     io.Reader
	bytes    int
	takes    time.Duration
	deadline time.Time
}

func (l *slowLine) SetReadDeadline(at time.Time) error {
	l.deadline = at
	return nil
}

func (l *slowLine) Read(p []byte) (int, error) {
	n := min(len(p), l.bytes)
	l.clock.now = l.clock.now.Add(l.takes * time.Duration(n) / time.Duration(l.bytes))
	if !l.deadline.IsZero() && l.clock.now.After(l.deadline) {
		l.clock.now = l.deadline
		return 0, os.ErrDeadlineExceeded
	}
	return l.body.Read(p[:n])
}

// TestSlowBodies are broken off by 408 when 5 seconds bring less than 80 KiB, however fast they began; and after 30 seconds.
func TestSlowBodies(t *testing.T) {
	whole := flatBody + strings.Repeat(" ", 1<<20)
	bundle := goodBundle + strings.Repeat(" ", 1<<20)
	for name, test := range map[string]struct {
		path, body string
		bytes      int
		takes      time.Duration
		status     int
		after      time.Duration // at most
	}{
		"20 KiB a second":               {"/predict/patient", whole[:400<<10], 20 << 10, time.Second, http.StatusOK, 25 * time.Second},
		"10 KiB a second":               {"/predict/patient", whole, 10 << 10, time.Second, http.StatusRequestTimeout, 5 * time.Second},
		"dribbled":                      {"/predict/patient", flatBody, 1, 50 * time.Millisecond, http.StatusRequestTimeout, 5 * time.Second},
		"a small one in 4 s":            {"/predict/patient", flatBody, len(flatBody), 2 * time.Second, http.StatusOK, 4 * time.Second},
		"30 KiB a second, for too long": {"/predict/patient", whole, 30 << 10, time.Second, http.StatusRequestTimeout, 30 * time.Second},
		"FHIR, dribbled":                {evaluatePath, bundle, 1, 50 * time.Millisecond, http.StatusRequestTimeout, 5 * time.Second},
		"a cards' call, dribbled":       {"/cds-services/sepsis-risk", flatBody, 1, 50 * time.Millisecond, http.StatusRequestTimeout, 5 * time.Second},
	} {
		handler, clock := timed(t)
		line := &slowLine{httptest.NewRecorder(), clock, strings.NewReader(test.body), test.bytes, test.takes, time.Time{}}
		handler.ServeHTTP(line, httptest.NewRequest("POST", test.path, line))
		if took := clock.now.Sub(noon); line.Code != test.status || took > test.after {
			t.Errorf("%s: %d after %v: %.200s", name, line.Code, took, line.Body)
		}
		if line.Code == http.StatusOK && !line.deadline.IsZero() {
			t.Errorf("%s: the deadline of the body goes on while the answer is made", name)
		}
	}
}

// timed is a server by a clock of the test's own.
func timed(t *testing.T) (http.Handler, *clock) {
	t.Helper()
	clock := &clock{noon}
	c := config(&calm{}, io.Discard)
	c.Clock = clock.Now
	return serverOf(t, c), clock
}

// TestABodyThatBeganFastMayNotStall: what has come is held all the while.
func TestABodyThatBeganFastMayNotStall(t *testing.T) {
	handler, clock := timed(t)
	line := &slowLine{ResponseRecorder: httptest.NewRecorder(), clock: clock, bytes: 1 << 20}
	line.body = io.MultiReader(strings.NewReader(longest[:4<<20-1]), stalling{line})
	handler.ServeHTTP(line, httptest.NewRequest("POST", "/predict/patient", line))
	problemOf(t, line.ResponseRecorder, http.StatusRequestTimeout)
	if took := clock.now.Sub(noon); took > 5*time.Second {
		t.Errorf("it was held for %v", took)
	}
}

// stalling makes the line wait for longer than any deadline.
type stalling struct{ line *slowLine }

func (s stalling) Read([]byte) (int, error) {
	s.line.clock.now = s.line.deadline
	return 0, os.ErrDeadlineExceeded
}
