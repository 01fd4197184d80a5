package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// limited is a server with limits, by the clock of a synctest bubble.
func limited(t *testing.T, limits server.Limits) http.Handler {
	t.Helper()
	return guarded(t, func(c *server.Config) {
		c.Clock, c.Models, c.Limits = time.Now, only(&calm{}), limits //nolint:forbidigo // the bubble's
	})
}

func people(count int) string { return strings.Repeat(person(1, "a")+"\n", count) }

func since(start time.Time) time.Duration { return time.Since(start) } //nolint:forbidigo // the bubble's

// TestPatientsOfBatchesKeepTheRate: they wait and are not refused, and leave their caller the other requests.
func TestPatientsOfBatchesKeepTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := limited(t, server.Limits{Rate: 10, Burst: 5})
		start := time.Now() //nolint:forbidigo // the bubble's
		answered := make(chan *httptest.ResponseRecorder)
		go func() {
			answered <- sendMany(handler, "application/x-ndjson", people(105), "X-Caller", "ward predict")
		}()
		time.Sleep(5 * time.Second) // of the bubble
		answerOf(t, send(handler, "POST", "/predict/patient", flatBody, "X-Caller", "ward predict"))
		outcomes := linesOf(t, <-answered)
		for _, o := range outcomes {
			if o.Status != 0 {
				t.Fatalf("%+v", o)
			}
		}
		if took := since(start); len(outcomes) != 105 || took < 9900*time.Millisecond || took > 10100*time.Millisecond {
			t.Errorf("%d answers in %v", len(outcomes), took)
		}
		start = time.Now() //nolint:forbidigo // the bubble's
		if got := elementsOf(t, sendMany(handler, "application/json", "["+strings.TrimSuffix(strings.ReplaceAll(people(20), "\n", ","), ",")+"]", "X-Caller", "other predict")); len(got) != 20 {
			t.Errorf("%d elements", len(got))
		}
		if took := since(start); took < 1400*time.Millisecond || took > 1600*time.Millisecond {
			t.Errorf("20 elements in %v", took)
		}
		start = time.Now() //nolint:forbidigo // the bubble's
		linesOf(t, sendMany(handler, "application/x-ndjson", people(1000), "X-Caller", "local predict"))
		if took := since(start); took != 0 {
			t.Errorf("the caller on this machine waited %v", took)
		}
	})
}

// TestABatchThatWouldWaitTooLong ends with 429, which says where.
func TestABatchThatWouldWaitTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := limited(t, server.Limits{Rate: 0.01, Burst: 3})
		outcomes := linesOf(t, sendMany(handler, "application/x-ndjson", people(5), "X-Caller", "ward predict"))
		if len(outcomes) != 4 || outcomes[2].Status != 0 || outcomes[3].Status != http.StatusTooManyRequests || outcomes[3].Line != 4 {
			t.Errorf("%+v", outcomes)
		}
		for mediaType, body := range map[string]string{"application/x-ndjson": people(2), "application/json": "[" + person(1, "a") + "]"} {
			shed := sendMany(handler, mediaType, body, "X-Caller", "ward predict")
			problemOf(t, shed, http.StatusTooManyRequests)
			if got := shed.Header().Get("Retry-After"); got != "100" {
				t.Errorf("%s: Retry-After %q", mediaType, got)
			}
		}
		time.Sleep(100 * time.Second) // of the bubble
		linesOf(t, sendMany(handler, "application/x-ndjson", people(1), "X-Caller", "ward predict"))
	})
}
