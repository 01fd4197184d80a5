package server

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/medtech-detect/sepsis/fhir"
)

// inFHIR says below /fhir/ as an OperationOutcome whatever the rest of the server says as a problem: errors there have
// the same codes and places in another form.
func inFHIR(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, fhirBase) {
			next.ServeHTTP(w, r)
			return
		}
		translator := &translator{ResponseWriter: w}
		next.ServeHTTP(translator, r)
		translator.finish(r.Method)
	})
}

// translator holds back problems until they are whole. All else it lets pass.
type translator struct {
	http.ResponseWriter
	status  int // of a problem that is held back; 0 when there is none
	problem bytes.Buffer
}

func (t *translator) WriteHeader(status int) {
	if t.Header().Get("Content-Type") == problemType {
		t.status = status
		return
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *translator) Write(body []byte) (int, error) {
	if t.status != 0 {
		return t.problem.Write(body)
	}
	return t.ResponseWriter.Write(body)
}

// Unwrap gives http.ResponseController the writer beneath.
func (t *translator) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *translator) finish(method string) {
	if t.status == 0 {
		return
	}
	var problem problemDetails
	if err := json.Unmarshal(t.problem.Bytes(), &problem); err != nil && t.problem.Len() > 0 {
		panic(err) // the problem is our own
	}
	outcome, err := encode(fhir.NewOutcome(t.status, problem.Detail, problem.Errors, problem.Omitted))
	if err != nil {
		panic(err)
	}
	t.Header().Set("Content-Type", fhirType)
	t.Header().Del("Content-Length")
	t.ResponseWriter.WriteHeader(t.status)
	if method != http.MethodHead {
		_, _ = t.ResponseWriter.Write(outcome) // the client has gone; nobody is left to tell
	}
}
