package server_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
)

func TestHealth(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	recorder := send(handler, "GET", "/health", "")
	if recorder.Code != http.StatusOK || recorder.Body.String() != "OK" || recorder.Header().Get("Content-Type") != "text/plain" {
		t.Errorf("%d %q %v", recorder.Code, recorder.Body, recorder.Header())
	}
	recorder = send(handler, "GET", "/health", "", "Accept", "application/json")
	if got := recorder.Body.String(); got != `{"status":"OK","checks":{"self_test":"OK","audit":"off"}}` {
		t.Error(got)
	}
}

// TestShuttingDown: not ready any more, but alive, and whoever asks is answered.
func TestShuttingDown(t *testing.T) {
	stopping := make(chan struct{})
	c := config(&fakePredictor{}, io.Discard)
	c.Stopping = stopping
	handler := serverOf(t, c)
	for _, target := range []string{"/health", "/readyz", "/livez"} {
		if recorder := send(handler, "GET", target, ""); recorder.Code != http.StatusOK || recorder.Body.String() != "OK" {
			t.Errorf("%s: %d %q", target, recorder.Code, recorder.Body)
		}
	}
	close(stopping)
	for _, target := range []string{"/health", "/readyz"} {
		if recorder := send(handler, "GET", target, ""); recorder.Code != http.StatusServiceUnavailable || recorder.Body.String() != "shutting down" {
			t.Errorf("%s: %d %q", target, recorder.Code, recorder.Body)
		}
		if p := problemOf(t, send(handler, "GET", target, "", "Accept", "application/json"), http.StatusServiceUnavailable); p.Detail != "shutting down" {
			t.Errorf("%s: %q", target, p.Detail)
		}
	}
	if recorder := send(handler, "GET", "/livez", ""); recorder.Code != http.StatusOK {
		t.Errorf("not alive: %d", recorder.Code)
	}
	answerOf(t, predict(handler, flatBody))
}

func TestUnfitModel(t *testing.T) {
	var log bytes.Buffer
	handler := serverOf(t, config(&fakePredictor{unfit: errUnfit}, &log))
	recorder := send(handler, "GET", "/health", "")
	if recorder.Code != http.StatusServiceUnavailable || recorder.Body.String() != "the model failed its self-test" {
		t.Errorf("%d %q", recorder.Code, recorder.Body)
	}
	p := problemOf(t, send(handler, "GET", "/health", "", "Accept", "application/json"), http.StatusServiceUnavailable)
	if p.Detail != "the model failed its self-test" {
		t.Errorf("detail %q", p.Detail)
	}
	problemOf(t, predict(handler, flatBody), http.StatusServiceUnavailable)
	if recorder := send(handler, "GET", "/livez", ""); recorder.Code != http.StatusOK {
		t.Errorf("not alive: %d", recorder.Code)
	}
	if !strings.Contains(log.String(), errUnfit.Error()) {
		t.Errorf("log %s", &log)
	}
}

func TestSelfTestRunsOnce(t *testing.T) {
	predictor := &countingPredictor{}
	handler := newServer(t, predictor)
	for range 3 {
		send(handler, "GET", "/health", "")
		predict(handler, flatBody)
	}
	if predictor.tests != 1 {
		t.Errorf("%d self-tests", predictor.tests)
	}
}

type countingPredictor struct {
	fakePredictor
	tests int
}

func (c *countingPredictor) SelfTest() error { c.tests++; return nil }

func TestStatuses(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, test := range []struct {
		method, target string
		headers        []string
		status         int
	}{
		{"GET", "/nowhere", nil, 404},
		{"POST", "/", nil, 405},
		{"POST", "/predict", nil, 404},
		{"POST", "/predict/patient/", nil, 404},
		{"GET", "/predict/patient", nil, 405},
		{"HEAD", "/predict/patient", nil, 405},
		{"OPTIONS", "/predict/patient", nil, 405},
		{"DELETE", "/health", nil, 405},
		{"POST", "/health", nil, 405},
		{"BREW", "/health", nil, 405},
		{"GET", "/health", []string{"Accept", "image/png"}, 406},
		{"GET", "/variables", []string{"Accept", "text/html"}, 406},
		{"POST", "/predict/patient", []string{"Accept", "application/xml"}, 406},
		{"POST", "/predict/patient", []string{"Accept", "application/json;q=0, text/*;q=0.0"}, 406},
		{"POST", "/predict/patient", []string{"Accept", "nonsense"}, 406},
		{"POST", "/predict/patient", []string{"Content-Type", "text/plain"}, 415},
		{"POST", "/predict/patient", []string{"Content-Type", "application/xml"}, 415},
		{"POST", "/predict/patient", []string{"Content-Type", "application/fhir+json"}, 415},
		{"POST", "/predict/patient", []string{"Content-Type", "application/json; charset=latin1"}, 415},
		{"POST", "/predict/patient", []string{"Content-Type", "application/json; charset"}, 415},
		{"POST", "/predict/patient", []string{"Content-Encoding", "gzip"}, 415},
		{"POST", "/predict/patient", []string{"Content-Encoding", "identity", "Content-Encoding", "gzip"}, 415},
		{"POST", "/predict/patient", []string{"Content-Type", "application/json", "Content-Type", "text/plain"}, 415},
	} {
		problemOf(t, send(handler, test.method, test.target, flatBody, test.headers...), test.status)
	}
}

func TestAllowNamesTheMethods(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for target, want := range map[string]string{"/predict/patient": "POST", "/health": "GET, HEAD"} {
		if got := send(handler, "PUT", target, "").Header().Get("Allow"); got != want {
			t.Errorf("%s allows %q, want %q", target, got, want)
		}
	}
}

func TestNegotiation(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, test := range []struct{ contentType, accept, want string }{
		{"", "", "application/json"},
		{"application/json", "*/*", "application/json"},
		{"application/json; charset=UTF-8", "application/*", "application/json"},
		{"APPLICATION/JSON", "text/*", "text/plain"},
		{"", "text/plain, application/json", "application/json"},
		{"", "text/plain, application/json;q=0.9", "text/plain"},
		{"", "application/json;q=0, */*", "text/plain"},
		{"", "text/plain;q=0.5, */*;q=0.1", "text/plain"},
		{"", "text/html, */*;q=0.8", "application/json"},
		{"", "text/plain;q=2, application/json;q=0.1", "application/json"},
		{"", "application/json; charset=utf-8", "application/json"},
	} {
		var headers []string
		if test.contentType != "" {
			headers = append(headers, "Content-Type", test.contentType)
		}
		if test.accept != "" {
			headers = append(headers, "Accept", test.accept)
		}
		recorder := send(handler, "POST", "/predict/patient", flatBody, headers...)
		if got := recorder.Header().Get("Content-Type"); recorder.Code != 200 || got != test.want {
			t.Errorf("Content-Type %q, Accept %q: %d %s, want %s", test.contentType, test.accept, recorder.Code, got, test.want)
		}
	}
	// Several Accept lines are one list.
	recorder := send(handler, "POST", "/predict/patient", flatBody, "Accept", "image/png", "Accept", "text/plain")
	if got := recorder.Header().Get("Content-Type"); got != "text/plain" {
		t.Errorf("two Accept lines give %s", got)
	}
}

func TestBodyLimit(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	const limit = 4 << 20
	body := flatBody + strings.Repeat(" ", limit-len(flatBody))
	answerOf(t, predict(handler, body))
	problemOf(t, predict(handler, body+" "), http.StatusRequestEntityTooLarge)
}

func TestTransferBrokenOffAfterWholeJSON(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	body := io.MultiReader(strings.NewReader(flatBody), iotest.ErrReader(io.ErrUnexpectedEOF))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("POST", "/predict/patient", body))
	p := problemOf(t, recorder, http.StatusUnprocessableEntity)
	if got := complaints(p); len(got) != 1 || got[0] != (complaint{sepsis.InvalidJSON, "body"}) {
		t.Errorf("%v", got)
	}
}

func TestFaultsAreAnsweredWithoutDetail(t *testing.T) {
	for name, broken := range map[string]func(*sepsis.Stay) sepsis.Risk{
		"panic": func(*sepsis.Stay) sepsis.Risk { panic("secret /models/a.json") },
		"NaN":   func(*sepsis.Stay) sepsis.Risk { return sepsis.Risk{Probability: sepsis.Missing} },
	} {
		var log bytes.Buffer
		handler := serverOf(t, config(&fakePredictor{broken: broken}, &log))
		recorder := predict(handler, flatBody)
		p := problemOf(t, recorder, http.StatusInternalServerError)
		if p.Detail != "" || strings.Contains(recorder.Body.String(), "secret") {
			t.Errorf("%s: %s", name, recorder.Body)
		}
		if !strings.Contains(log.String(), `"level":"ERROR"`) || !strings.Contains(log.String(), `"status":500`) {
			t.Errorf("%s: log %s", name, &log)
		}
		if name == "panic" && !strings.Contains(log.String(), "fake_test.go") {
			t.Errorf("no stack in %s", &log)
		}
	}
}

// brokenPipe fails in the middle of an answer.
type brokenPipe struct{ http.ResponseWriter }

func (brokenPipe) Write([]byte) (int, error) { panic("broken pipe") }

func TestHalfAnAnswerIsCutOff(t *testing.T) {
	defer func() {
		if cause := recover(); cause != any(http.ErrAbortHandler) {
			t.Errorf("recovered %v", cause)
		}
	}()
	request := httptest.NewRequest("GET", "/health", nil)
	newServer(t, &fakePredictor{}).ServeHTTP(brokenPipe{httptest.NewRecorder()}, request)
}

func TestNoEntropyIsAFault(t *testing.T) {
	c := config(&fakePredictor{}, io.Discard)
	c.Entropy = iotest.ErrReader(errors.New("dry"))
	handler := serverOf(t, c)
	problemOf(t, predict(handler, flatBody), http.StatusInternalServerError)
}

func TestIncompleteConfiguration(t *testing.T) {
	for name, spoil := range map[string]func(*server.Config){
		"models":  func(c *server.Config) { c.Models = nil },
		"clock":   func(c *server.Config) { c.Clock = nil },
		"entropy": func(c *server.Config) { c.Entropy = nil },
		"logger":  func(c *server.Config) { c.Logger = nil },
		"version": func(c *server.Config) { c.Version = "" },
		"log":     func(c *server.Config) { c.Audit = new(audit.Recorder) },
		"audit":   func(c *server.Config) { c.AuditLog = &brokenLog{} },
	} {
		c := config(&fakePredictor{}, io.Discard)
		spoil(&c)
		if _, err := server.New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, target := range []string{"/health", "/docs", "/docs/style.css", "/", "/nowhere", "/predict/patient"} {
		header := send(handler, "GET", target, "").Header()
		for name, want := range map[string]string{
			"Cache-Control":          "no-store",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
	}
}

// TestHead uses a real connection, for it is net/http that drops the body.
func TestHead(t *testing.T) {
	service := httptest.NewServer(newServer(t, &fakePredictor{}))
	defer service.Close()
	for _, target := range []string{"/health", "/variables", "/model", "/openapi.json", "/docs", "/docs/style.css", "/"} {
		response, err := http.Head(service.URL + target)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.Body.Close() != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK || len(body) != 0 || response.ContentLength <= 0 {
			t.Errorf("HEAD %s: %d, %d bytes, length %d", target, response.StatusCode, len(body), response.ContentLength)
		}
	}
}

func TestModelCard(t *testing.T) {
	recorder := send(newServer(t, &fakePredictor{}), "GET", "/model", "")
	if recorder.Body.String() != `{"name":"fake"}` || recorder.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s", recorder.Body)
	}
}

func TestVariables(t *testing.T) {
	var vocabulary struct {
		Variables []struct {
			Name          string
			Description   map[string]string
			AcceptedUnits []string `json:"accepted_units"`
			Hard          struct{ Min, Max float64 }
		}
		Stay []struct {
			Name        string
			Description map[string]string
			Choices     []string
		}
	}
	decode(t, send(newServer(t, &fakePredictor{}), "GET", "/variables", ""), &vocabulary)
	if len(vocabulary.Variables) != 34 || len(vocabulary.Stay) != 5 {
		t.Fatalf("%d variables, %d of the stay", len(vocabulary.Variables), len(vocabulary.Stay))
	}
	temperature := vocabulary.Variables[sepsis.Temperature]
	if temperature.Name != "temperature" || temperature.Description["fr"] != "Température corporelle" || temperature.Hard.Max != 45 ||
		strings.Join(temperature.AcceptedUnits, " ") != "Cel [degF]" {
		t.Errorf("%+v", temperature)
	}
	unit := vocabulary.Stay[2]
	if unit.Name != "icu_unit" || unit.Description["en"] != "Kind of intensive care unit" || unit.Description["fr"] != "Type de réanimation" || len(unit.Choices) != 2 {
		t.Errorf("%+v", unit)
	}
}
