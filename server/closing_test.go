package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// closingServer serves over loopback, by the real clock, until the test closes it.
func closingServer(t *testing.T, change func(*server.Config)) (address string, closing chan struct{}) {
	t.Helper()
	closing = make(chan struct{})
	c := config(&calm{}, io.Discard)
	c.Clock, c.Closing = time.Now, closing //nolint:forbidigo // deadlines are those of the network
	change(&c)
	handler := serverOf(t, c)
	running := httptest.NewServer(handler)
	t.Cleanup(running.Close)
	return running.URL, closing
}

// TestABatchEndsWithTheService: those who were read are answered, the last line says that there is more to send and from where.
func TestABatchEndsWithTheService(t *testing.T) {
	address, closing := closingServer(t, unchanged)
	body, feed := io.Pipe()
	go func() { _, _ = io.WriteString(feed, person(1, "a")+"\n"+person(2, "b")+"\n"+`{"age": 6`) }()
	answers := bufio.NewReader(post(t, address, body))
	for range 2 {
		if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, `"id"`) {
			t.Fatalf("%v: %s", err, line)
		}
	}
	close(closing)
	rest, err := io.ReadAll(answers)
	var last outcome
	if err != nil || json.Unmarshal(rest, &last) != nil || last.Status != http.StatusServiceUnavailable || last.Line != 3 || !strings.Contains(last.Detail, "shutting down") {
		t.Errorf("%v: %s", err, rest)
	}
	_ = feed.Close()
}

// slowAudit tells that it has a record, and keeps it a while later unless nobody waits any longer.
type slowAudit struct {
	server.Audit
	asked chan struct{}
}

func (a slowAudit) Record(ctx context.Context, _ sepsis.Record) error {
	close(a.asked)
	select {
	case <-time.After(200 * time.Millisecond): // the network's time, in which the reader's wait ends
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestWhoWasReadIsAnsweredAtTheEnd: also who still waits for the record when the service ends.
func TestWhoWasReadIsAnsweredAtTheEnd(t *testing.T) {
	slow := slowAudit{asked: make(chan struct{})}
	address, closing := closingServer(t, func(c *server.Config) { c.Audit, c.AuditLog = slow, brokenLog{} })
	body, feed := io.Pipe()
	go func() {
		_, _ = io.WriteString(feed, person(1, "a")+"\n"+`{"age": 6`)
		<-slow.asked
		close(closing)
	}()
	outcomes, err := io.ReadAll(post(t, address, body))
	if lines := strings.Split(string(outcomes), "\n"); err != nil || !strings.Contains(lines[0], `"id"`) || !strings.Contains(lines[1], `"line":2`) {
		t.Errorf("%v: %s", err, outcomes)
	}
	_ = feed.Close()
}

// TestABatchThatBeginsTooLate is refused whole.
func TestABatchThatBeginsTooLate(t *testing.T) {
	closing := make(chan struct{})
	close(closing)
	handler := guarded(t, func(c *server.Config) { c.Gate, c.Closing = nil, closing })
	for mediaType, body := range map[string]string{"application/x-ndjson": people(3), "application/json": "[" + person(1, "a") + "]"} {
		refused := sendMany(handler, mediaType, body)
		if p := problemOf(t, refused, http.StatusServiceUnavailable); !strings.Contains(p.Detail, "shutting down") || refused.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: %+v %v", mediaType, p, refused.Header())
		}
	}
}

// TestAnArrayEndsWithTheService: cut off, so that nobody takes the part for the whole.
func TestAnArrayEndsWithTheService(t *testing.T) {
	address, closing := closingServer(t, unchanged)
	body, feed := io.Pipe()
	go func() { _, _ = io.WriteString(feed, "["+strings.Repeat(person(1, "a")+",", 16)) }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/predict/patients", body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	close(closing)
	rest, err := io.ReadAll(response.Body)
	if err == nil || json.Valid(rest) {
		t.Errorf("%v: %s", err, rest)
	}
	_ = feed.Close()
	_ = response.Body.Close()
}
