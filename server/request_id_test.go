package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// ownID is the ULID that the tests' clock and entropy make.
const ownID = "01FRAR5JG00000000000000000"

func TestRequestID(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	longest := strings.Repeat("a", 64)
	for _, test := range []struct {
		name string
		sent []string
		want string
	}{
		{"none", nil, ownID},
		{"a UUID", []string{"9f0cbf0a-0f0e-4c5e-9a3c-0d2f6f1c2b11"}, "9f0cbf0a-0f0e-4c5e-9a3c-0d2f6f1c2b11"},
		{"all kinds of characters", []string{"aZ09._-"}, "aZ09._-"},
		{"the longest", []string{longest}, longest},
		{"too long", []string{longest + "a"}, ownID},
		{"empty", []string{""}, ownID},
		{"two", []string{"a", "b"}, ownID},
		{"a space", []string{"a b"}, ownID},
		{"a line break", []string{"a\nlevel=ERROR"}, ownID},
		{"not ASCII", []string{"é"}, ownID},
		{"markup", []string{`"><script>`}, ownID},
	} {
		var headers []string
		for _, id := range test.sent {
			headers = append(headers, "X-Request-Id", id)
		}
		for _, target := range []string{"/health", "/nowhere"} {
			if got := send(handler, "GET", target, "", headers...).Header().Values("X-Request-Id"); len(got) != 1 || got[0] != test.want {
				t.Errorf("%s: %s answers %q, want %q", test.name, target, got, test.want)
			}
		}
	}
}

// TestEveryLineOfARequestHasItsID: also those of faults.
func TestEveryLineOfARequestHasItsID(t *testing.T) {
	for name, broken := range map[string]func(*sepsis.Stay) sepsis.Risk{
		"panic": func(*sepsis.Stay) sepsis.Risk { panic("broken") },
		"NaN":   func(*sepsis.Stay) sepsis.Risk { return sepsis.Risk{Probability: sepsis.Missing} },
	} {
		var log bytes.Buffer
		synctest.Test(t, func(t *testing.T) { // the model beside outlives the request whose own model panics
			c := config(&fakePredictor{broken: broken}, &log)
			c.Shadow = &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("beside") }}
			handler, err := server.New(c)
			if err != nil {
				t.Fatal(err)
			}
			send(handler, "POST", "/predict/patient", flatBody, "X-Request-Id", "mine")
		})
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 3 {
			t.Errorf("%s: %d lines", name, len(lines))
		}
		for _, text := range lines {
			var line struct {
				ID string `json:"request_id"`
			}
			if err := json.Unmarshal([]byte(text), &line); err != nil || line.ID != "mine" {
				t.Errorf("%s: %v in %s", name, err, text)
			}
		}
	}
}

// TestNoEntropyForTheRequestID: the request is answered all the same.
func TestNoEntropyForTheRequestID(t *testing.T) {
	c := config(&fakePredictor{}, new(bytes.Buffer))
	c.Entropy = iotest.ErrReader(errors.New("no entropy"))
	handler, err := server.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if recorder := send(handler, "GET", "/health", ""); recorder.Code != 200 || recorder.Header().Get("X-Request-Id") != "" {
		t.Errorf("%d %v", recorder.Code, recorder.Header())
	}
}
