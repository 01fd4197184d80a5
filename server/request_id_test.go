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
	const uuid, ulid, trace = "9f0cbf0a-0f0e-4c5e-9a3c-0d2f6f1c2b11", "01JD9Z0000000000000000000A", "4bf92f3577b34da6a3ce929d0e0e4736"
	most := strings.Repeat("a1", 32)
	for _, test := range []struct {
		name string
		sent []string
		want string
	}{
		{"none", nil, ownID},
		{"a UUID", []string{uuid}, uuid},
		{"a UUID in capitals", []string{strings.ToUpper(uuid)}, strings.ToUpper(uuid)},
		{"a ULID", []string{ulid}, ulid},
		{"a W3C trace id", []string{trace}, trace},
		{"a W3C traceparent", []string{"00-" + trace + "-00f067aa0ba902b7-01"}, "00-" + trace + "-00f067aa0ba902b7-01"},
		{"16 digits", []string{"00f067aa0ba902b7"}, "00f067aa0ba902b7"},
		{"64 digits", []string{most}, most},
		{"15 digits", []string{"00f067aa0ba902b"}, ownID},
		{"65 digits", []string{most + "a"}, ownID},
		{"a patient's name", []string{"Jane-Doe-1954-03-02"}, ownID},
		{"a patient's number", []string{"2540375123456789"}, ownID},
		{"a patient's number, as a UUID", []string{"25403751-2345-6789-0000-000000000000"}, ownID},
		{"a name after an id", []string{uuid + "\nJane"}, ownID},
		{"two", []string{uuid, ulid}, ownID},
		{"empty", []string{""}, ownID},
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
	panics := func(*sepsis.Stay) sepsis.Risk { panic("broken") }
	for name, fault := range map[string]struct {
		target  string
		broken  func(*sepsis.Stay) sepsis.Risk
		monitor server.Monitor
	}{
		"panic":            {"/predict/patient", panics, nil},
		"NaN":              {"/predict/patient", func(*sepsis.Stay) sepsis.Risk { return sepsis.Risk{Probability: sepsis.Missing} }, nil},
		"panic in a batch": {"/predict/patients", panics, nil},
		"monitor":          {"/predict/patient", nil, &brokenMonitor{}},
	} {
		body := flatBody
		if fault.target == "/predict/patients" {
			body = "[" + body + "]"
		}
		var log bytes.Buffer
		synctest.Test(t, func(t *testing.T) { // the model beside outlives the request whose own model panics
			c := config(&fakePredictor{broken: fault.broken}, &log)
			c.Monitor = fault.monitor
			c.Shadow = &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("beside") }}
			handler := serverOf(t, c)
			send(handler, "POST", fault.target, body, "X-Request-Id", "00f067aa0ba902b7")
		})
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 3 {
			t.Errorf("%s: %d lines", name, len(lines))
		}
		for _, text := range lines {
			var line struct {
				ID string `json:"request_id"`
			}
			if err := json.Unmarshal([]byte(text), &line); err != nil || line.ID != "00f067aa0ba902b7" {
				t.Errorf("%s: %v in %s", name, err, text)
			}
		}
	}
}

// TestNoEntropyForTheRequestID: the request is answered all the same.
func TestNoEntropyForTheRequestID(t *testing.T) {
	c := config(&fakePredictor{}, new(bytes.Buffer))
	c.Entropy = iotest.ErrReader(errors.New("no entropy"))
	handler := serverOf(t, c)
	if recorder := send(handler, "GET", "/health", ""); recorder.Code != 200 || recorder.Header().Get("X-Request-Id") != "" {
		t.Errorf("%d %v", recorder.Code, recorder.Header())
	}
}
