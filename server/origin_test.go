package server_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/server"
)

const ehr = "https://ehr.example"

// TestPagesOfOtherSites: what a browser sends for them is refused, by either of the two headers that tell.
func TestPagesOfOtherSites(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, test := range []struct {
		name, value string
		status      int
	}{
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"Origin", ehr, http.StatusForbidden},
		{"Origin", "null", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"Sec-Fetch-Site", "none", http.StatusOK},
		{"Origin", "http://example.com", http.StatusOK}, // the host of httptest's requests
	} {
		recorder := send(handler, "POST", "/predict/patient", flatBody, test.name, test.value)
		if recorder.Code != test.status {
			t.Errorf("%s: %s gives %d, want %d", test.name, test.value, recorder.Code, test.status)
		}
		if recorder.Code == http.StatusForbidden {
			problemOf(t, recorder, http.StatusForbidden)
		}
		if got := recorder.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: %s may read", test.name, test.value)
		}
	}
}

func TestNamedSites(t *testing.T) {
	handler := guarded(t, func(c *server.Config) { c.Gate, c.Origins = nil, []string{ehr} })
	preflight := send(handler, "OPTIONS", "/predict/patient", "", "Origin", ehr, "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type")
	allowed := preflight.Header()
	if preflight.Code != http.StatusNoContent || allowed.Get("Access-Control-Allow-Origin") != ehr ||
		!strings.Contains(allowed.Get("Access-Control-Allow-Methods"), "POST") ||
		!strings.Contains(allowed.Get("Access-Control-Allow-Headers"), "Authorization") || !strings.Contains(allowed.Get("Access-Control-Allow-Headers"), "X-Request-Id") || allowed.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight %d %v", preflight.Code, allowed)
	}
	answered := send(handler, "POST", "/predict/patient", flatBody, "Origin", ehr, "Sec-Fetch-Site", "cross-site")
	answerOf(t, answered)
	if !strings.Contains(answered.Header().Get("Access-Control-Expose-Headers"), "X-Request-Id") || answered.Header().Get("Access-Control-Allow-Origin") != ehr || answered.Header().Get("Vary") != "Origin" {
		t.Errorf("%v", answered.Header())
	}
	for _, other := range []string{"https://ehr.example.evil.example", "http://ehr.example", "https://EHR.example", "null"} {
		recorder := send(handler, "POST", "/predict/patient", flatBody, "Origin", other, "Sec-Fetch-Site", "cross-site")
		problemOf(t, recorder, http.StatusForbidden)
		if recorder.Header().Get("Access-Control-Allow-Origin") != "" || recorder.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: %v", other, recorder.Header())
		}
		problemOf(t, send(handler, "OPTIONS", "/predict/patient", "", "Origin", other, "Access-Control-Request-Method", "POST"), http.StatusMethodNotAllowed)
	}
}

func TestOriginsThatAreNone(t *testing.T) {
	for _, origin := range []string{"*", "ehr.example", "https://ehr.example/", ""} {
		c := config(&fakePredictor{}, nil)
		c.Origins = []string{origin}
		if _, err := server.New(c); err == nil || !strings.Contains(err.Error(), "https://host") {
			t.Errorf("origin %q: %v", origin, err)
		}
	}
}

// TestTransportSecurityIsAskedForUnderTLS, and never without: a header on plain HTTP would mean nothing (RFC 6797, 7.2).
func TestTransportSecurityIsAskedForUnderTLS(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, state := range []*tls.ConnectionState{nil, {}} {
		request := httptest.NewRequest("GET", "/health", nil)
		request.TLS = state
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		if got := recorder.Header().Get("Strict-Transport-Security"); (got != "") != (state != nil) {
			t.Errorf("TLS %t: %q", state != nil, got)
		}
	}
}
