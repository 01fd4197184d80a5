package access_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
)

// fakeStore keeps keys in memory, counts how often they are read, and can be made to fail or to hang.
type fakeStore struct {
	mutex sync.Mutex
	keys  []sepsis.Key
	reads int
	err   error
	hold  chan struct{} // when set, readings wait for it
}

var _ sepsis.KeyStore = (*fakeStore)(nil)

func (s *fakeStore) AddKey(_ context.Context, key sepsis.Key) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.keys = append(s.keys, key)
	return nil
}

func (s *fakeStore) Keys(ctx context.Context) ([]sepsis.Key, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.reads++
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return slices.Clone(s.keys), s.err
}

func (s *fakeStore) RevokeKey(_ context.Context, id string, at time.Time) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for i := range s.keys {
		if s.keys[i].ID == id {
			s.keys[i].Revoked = at
			return nil
		}
	}
	return sepsis.ErrNotFound
}

func (s *fakeStore) fail(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.err = err
}

// revoke sets when the first key was revoked.
func (s *fakeStore) revoke(at time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.keys[0].Revoked = at
}

func (s *fakeStore) hang() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.hold = make(chan struct{})
}

func (s *fakeStore) readings() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.reads
}

// clock is moved by the test.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func newClock() *clock { return &clock{now: time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(by)
}

// log gathers what was logged.
type log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// request makes one with an Authorization header, or several, or none.
func request(authorization ...string) *http.Request {
	r := httptest.NewRequest("POST", "http://localhost:8080/predict/patient", nil)
	for _, header := range authorization {
		r.Header.Add("Authorization", header)
	}
	return r
}

// refusedFor checks that nobody was let in, and for which cause.
func refusedFor(t *testing.T, what string, err error, cause sepsis.RefusalCause) {
	t.Helper()
	refusal, ok := err.(*sepsis.Refusal) //nolint:errorlint // nothing wraps it
	if !ok || refusal.Cause != cause || refusal.Detail == "" {
		t.Errorf("%s: refused with %#v, want cause %d", what, err, cause)
	}
}
