package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

// Gate tells who sent a request. What it refuses it refuses with a *sepsis.Refusal; any other error is a fault of
// the service. It is safe for concurrent use.
type Gate interface {
	Authenticate(r *http.Request) (sepsis.Principal, error)
}

// who may call a route: those with a role, or everybody.
type who struct {
	role   sepsis.Role
	public bool
}

// whoKey is where an operation says who may call it.
const whoKey = "who"

// public opens a route to everybody: it tells nothing that is not in the program itself.
func public(operation huma.Operation) huma.Operation {
	operation.Metadata = map[string]any{whoKey: who{public: true}}
	return operation
}

// needs keeps a route to those with a role, and describes what others get.
func (s *server) needs(role sepsis.Role, operation huma.Operation) huma.Operation {
	operation.Metadata = map[string]any{whoKey: who{role: role}}
	// OpenAPI 3.1: for schemes other than OAuth 2 the list holds the roles that are needed.
	operation.Security = []map[string][]string{{bearerScheme: {string(role)}}, {certificateScheme: {string(role)}}}
	for _, code := range []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusMisdirectedRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable,
	} {
		operation.Responses[strconv.Itoa(code)] = s.problemResponse(code)
	}
	return operation
}

// whoMay reads what public or needs wrote. A route of which nobody said it is a fault of this program.
func whoMay(operation huma.Operation) who {
	allowed, said := operation.Metadata[whoKey].(who)
	if !said {
		panic("server: nobody said who may call " + operation.Method + " " + operation.Path + ": wrap it in public or needs, in routes.go")
	}
	return allowed
}

// admit finds out who calls, remembers it in the request, and gives what is answered to those who may not; nil for
// those who may.
func (s *server) admit(c *call, allowed who) *problemDetails {
	if allowed.public || s.Gate == nil {
		return nil
	}
	caller, err := s.Gate.Authenticate(c.request)
	if err != nil {
		return s.refused(c, err)
	}
	c.request = withPrincipal(c.request, caller)
	exchangeOf(c.request).caller = caller.Name
	if wait := s.callers.wait(c.request, exchangeOf(c.request).start); wait > 0 {
		return later(c, http.StatusTooManyRequests, wait, "Too many requests from this caller; Retry-After says when to go on.")
	}
	if !caller.May(allowed.role) {
		return newProblem(http.StatusForbidden, "This needs the role "+string(allowed.role)+", which the caller does not have.")
	}
	return nil
}

func (s *server) refused(c *call, err error) *problemDetails {
	var refusal *sepsis.Refusal
	switch {
	case !errors.As(err, &refusal):
		return s.fault("callers cannot be told", err)
	case refusal.Cause == sepsis.Misdirected:
		return newProblem(http.StatusMisdirectedRequest, refusal.Detail)
	case refusal.Cause == sepsis.CannotTell:
		return later(c, http.StatusServiceUnavailable, time.Second, refusal.Detail)
	}
	c.writer.Header().Set("WWW-Authenticate", "Bearer")
	return newProblem(http.StatusUnauthorized, refusal.Detail)
}

// later answers that the same request may do better after a while, in whole seconds.
func later(c *call, code int, wait time.Duration, detail string) *problemDetails {
	seconds := (wait + time.Second - 1) / time.Second
	c.writer.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	return newProblem(code, detail)
}
