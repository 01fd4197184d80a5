package server

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/medtech-detect/sepsis"
)

const problemType = "application/problem+json"

// status is one of the answers that say what is wrong.
type status struct {
	Code  int
	Title string
	When  string
}

// statuses is the one table of answers that say what is wrong.
var statuses = []status{
	{http.StatusUnauthorized, "Unauthorized", "No key or token, or one that is not valid."},
	{http.StatusForbidden, "Forbidden", "The caller does not have the role that this needs, or a page of another site sent the request."},
	{http.StatusNotFound, "Not Found", "There is no such route, or no such prediction, service or card."},
	{http.StatusMethodNotAllowed, "Method Not Allowed", "The route exists; the Allow header lists its methods."},
	{http.StatusNotAcceptable, "Not Acceptable", "The Accept header, or _format of FHIR, allows no type in which the answer can be given."},
	{http.StatusRequestTimeout, "Request Timeout", "The body came too slowly: each 5 seconds must bring 80 KiB of it, or its end, and 30 seconds the whole; of many patients, 30 seconds the next one."},
	{http.StatusConflict, "Conflict", "The state of the service, or of a prediction, does not allow it; the detail says why."},
	{http.StatusPreconditionFailed, "Precondition Failed", "The data that the service needs were not sent; the detail names them."},
	{http.StatusRequestEntityTooLarge, "Content Too Large", "The body, or one of many patients, is larger than 4 MiB; for FHIR and CDS Hooks, the body is larger than 16 MiB."},
	{http.StatusUnsupportedMediaType, "Unsupported Media Type", "The body is not declared as JSON in UTF-8, without compression, or is declared twice."},
	{http.StatusMisdirectedRequest, "Misdirected Request", "Without a key, the service on this machine answers to localhost alone."},
	{http.StatusUnprocessableEntity, "Unprocessable Content", "The request is not coherent; every problem is listed."},
	{http.StatusTooManyRequests, "Too Many Requests", "The caller asks too often; Retry-After says in how many seconds to go on."},
	{http.StatusInternalServerError, "Internal Server Error", "A fault of the service."},
	{http.StatusServiceUnavailable, "Service Unavailable", "The service cannot predict, or tell who calls, at present, or has too much to do; Retry-After, if there, says when to try again."},
}

func statusOf(code int) status {
	for _, s := range statuses {
		if s.Code == code {
			return s
		}
	}
	panic(fmt.Sprintf("server: status %d is not in the table", code))
}

// problemDetails is the body of every answer that says what is wrong (RFC 9457).
type problemDetails struct {
	Type    string           `json:"type" doc:"always about:blank: the status tells the kind"`
	Title   string           `json:"title" doc:"the name of the status"`
	Status  int              `json:"status" doc:"the HTTP status"`
	Detail  string           `json:"detail,omitempty" doc:"what is wrong, in a sentence"`
	Errors  []sepsis.Problem `json:"errors,omitempty" doc:"everything that is wrong, in the order of the request"`
	Checks  *healthChecks    `json:"checks,omitempty" doc:"of GET /health: what was found"`
	Audit   *auditHealth     `json:"audit,omitempty" doc:"of GET /health: how complete the audit log is"`
	Omitted int              `json:"errors_omitted,omitempty" doc:"how many further problems are not listed; the list stops at 1,000, and at 100 of one of many patients"`
	Line    int              `json:"line,omitempty" doc:"of many patients in application/x-ndjson, the line that it is about, the first being 1"`
	Index   *int             `json:"index,omitempty" doc:"of many patients in an array, the element that it is about, the first being 0"`

	retryAfter   time.Duration // when the same may do better; 0 when that is not known
	allow        string        // the methods of the route, for 405
	reconnect    bool          // whether the connection is to be closed, because the client may do better with a new one
	faultMessage string        // what went wrong inside, for the log, when fault is not nil
	fault        error
}

func newProblem(code int, detail string) *problemDetails {
	return &problemDetails{Type: "about:blank", Title: statusOf(code).Title, Status: code, Detail: detail}
}

// later answers that nothing was done, and that the same request may do better after a while. Callers take a 503 with Retry-After for
// leave to ask again by themselves, so one whose prediction or outcome may be on record all the same must not be answered by it.
func later(code int, wait time.Duration, detail string) *problemDetails {
	problem := newProblem(code, detail)
	problem.retryAfter = wait
	return problem
}

// incoherent is the 422 answer.
func incoherent(problems []sepsis.Problem, omitted int) *problemDetails {
	p := newProblem(http.StatusUnprocessableEntity, "The request has 1 problem.")
	if total := len(problems) + omitted; total != 1 {
		p.Detail = fmt.Sprintf("The request has %d problems.", total)
	}
	if omitted > 0 {
		p.Detail += fmt.Sprintf(" The first %d are listed.", len(problems))
	}
	p.Errors, p.Omitted = problems, omitted
	return p
}

// Error makes it an error, as huma wants it.
func (p *problemDetails) Error() string { return p.Title + ": " + p.Detail }

// GetStatus tells huma the status.
func (p *problemDetails) GetStatus() int { return p.Status }

// ContentType tells huma the type of the body.
func (p *problemDetails) ContentType(string) string { return problemType }

// encoded is the problem as JSON. Its parts can always be encoded.
func (p *problemDetails) encoded() []byte {
	body, err := encode(p)
	if err != nil {
		panic(err)
	}
	return body
}

// GetHeaders tells huma the headers that go with the problem: when to try again, in whole seconds, what to show (RFC 9110, 15.5.2),
// which methods there are, and that the connection ends.
func (p *problemDetails) GetHeaders() http.Header {
	headers := http.Header{}
	if p.retryAfter > 0 {
		seconds := (p.retryAfter + time.Second - 1) / time.Second
		headers.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	if p.Status == http.StatusUnauthorized {
		headers.Set("WWW-Authenticate", "Bearer")
	}
	if p.allow != "" {
		headers.Set("Allow", p.allow)
	}
	if p.reconnect {
		headers.Set("Connection", "close") // net/http ends HTTP/2's by it, too
	}
	return headers
}

// write answers with the problem outside huma's routes.
func (p *problemDetails) write(w http.ResponseWriter) {
	body := p.encoded()
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client has gone; nobody is left to tell
}
