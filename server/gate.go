package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/medtech-detect/sepsis"
)

// Gate tells who sent a request. What it refuses it refuses with a *sepsis.Refusal; any other error is a fault of
// the service. It is safe for concurrent use.
type Gate interface {
	Authenticate(r *http.Request) (sepsis.Principal, error)
}

// who may call a route: those with a role, or everybody.
type who struct {
	role    sepsis.Role
	public  bool
	clients bool // told by CDSClients in place of the gate, where there are any
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

// needsClient keeps a route of CDS Hooks to its clients, and to those with the role for predictions where none are named.
func (s *server) needsClient(operation huma.Operation) huma.Operation {
	operation = s.needs(sepsis.PredictRole, operation)
	operation.Metadata[whoKey] = who{role: sepsis.PredictRole, clients: true}
	return operation
}

// gateOf tells the callers of a route; it is nil when all may call.
func (s *server) gateOf(allowed who) Gate {
	switch {
	case allowed.public:
		return nil
	case allowed.clients && s.CDSClients != nil:
		return clientGate{s}
	}
	return s.Gate
}

// whoMay reads what public or needs wrote. A route of which nobody said it is a fault of this program.
func whoMay(operation huma.Operation) who {
	allowed, said := operation.Metadata[whoKey].(who)
	if !said {
		panic("server: nobody said who may call " + operation.Method + " " + operation.Path + ": wrap it in public or needs, in routes.go")
	}
	return allowed
}

// guarded stands before every route that huma knows, however it was registered. It lets those through who may call, and
// says of the request who they are.
func (s *server) guarded(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	allowed := whoMay(*ctx.Operation())
	gate := s.gateOf(allowed)
	if gate == nil {
		next(ctx)
		return
	}
	if refused := s.admit(r, gate, allowed.role); refused != nil {
		s.note(&call{request: r}, refused)
		refused.write(w)
		return
	}
	next(ctx)
}

// admit finds out who calls, and gives what is answered to those who may not.
func (s *server) admit(r *http.Request, gate Gate, role sepsis.Role) *problemDetails {
	caller, refused := s.recognise(r, gate)
	if refused != nil {
		return s.unknown(r, refused)
	}
	exchange := exchangeOf(r)
	if wait := s.callers.wait(caller, r.RemoteAddr, exchange.start); wait > 0 {
		return tooOften(wait)
	}
	return lacks(caller, role)
}

// still tells why somebody whom the gate of a route let in may not go on; nil when they may.
func (s *server) still(r *http.Request, allowed who) *problemDetails {
	gate := s.gateOf(allowed)
	if gate == nil {
		return nil
	}
	caller, err := gate.Authenticate(r)
	if err != nil {
		return s.refused(err)
	}
	return lacks(caller, allowed.role)
}

func lacks(caller sepsis.Principal, role sepsis.Role) *problemDetails {
	if caller.May(role) {
		return nil
	}
	return newProblem(http.StatusForbidden, "This needs the role "+string(role)+", which the caller does not have.")
}

// recognise finds out who calls. From an address that has failed too often nobody is asked, but those are let in who need to show nothing: they
// guess nothing. Neither do they prove anything of their address.
func (s *server) recognise(r *http.Request, gate Gate) (sepsis.Principal, *problemDetails) {
	exchange := exchangeOf(r)
	wait := s.strangers.wait(r.RemoteAddr, exchange.start)
	if wait > 0 && r.Header.Get("Authorization") != "" {
		return sepsis.Principal{}, failedTooOften(wait)
	}
	caller, err := gate.Authenticate(r)
	proven := err == nil && caller.Name != sepsis.Anonymous && caller.Name != sepsis.Local.Name
	switch {
	case wait > 0 && (err != nil || proven):
		return sepsis.Principal{}, failedTooOften(wait)
	case err != nil:
		return caller, s.refused(err)
	case proven:
		s.strangers.succeeded(r.RemoteAddr, exchange.start)
	}
	exchange.caller = caller.Name
	return caller, nil
}

func failedTooOften(wait time.Duration) *problemDetails {
	return later(http.StatusTooManyRequests, wait, "Too many requests from this address without a valid key; Retry-After says when to go on.")
}

// unknown counts a refusal, if it is of a stranger.
func (s *server) unknown(r *http.Request, refused *problemDetails) *problemDetails {
	if refused.Status == http.StatusUnauthorized {
		s.strangers.failed(r.RemoteAddr, exchangeOf(r).start)
	}
	return refused
}

func tooOften(wait time.Duration) *problemDetails {
	return later(http.StatusTooManyRequests, wait, "Too many requests from this caller; Retry-After says when to go on.")
}

func (s *server) refused(err error) *problemDetails {
	refusal, is := errors.AsType[*sepsis.Refusal](err)
	switch {
	case !is:
		return s.fault("callers cannot be told", err)
	case refusal.Cause == sepsis.Misdirected:
		return newProblem(http.StatusMisdirectedRequest, refusal.Detail)
	case refusal.Cause == sepsis.CannotTell:
		return later(http.StatusServiceUnavailable, retrySoon, refusal.Detail)
	}
	problem := newProblem(http.StatusUnauthorized, refusal.Detail)
	problem.reconnect = refusal.Reconnect
	return problem
}
