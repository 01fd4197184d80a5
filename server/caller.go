package server

import (
	"net/http"

	"github.com/medtech-detect/sepsis"
)

const callerPath = "/caller"

// callerAnswer is who the service takes somebody to be.
type callerAnswer struct {
	Name  string        `json:"name,omitempty" doc:"As the audit log will have it; absent when nothing was shown and something is asked for."`
	Roles []sepsis.Role `json:"roles" doc:"What this caller may do; an administrator may do all, and audit includes metrics. Empty: a key, a token or a certificate is needed."`
	May   []sepsis.Role `json:"may" doc:"The roles and all that they include: what is not among them is refused with 403."`
}

func tellCaller(caller sepsis.Principal) callerAnswer {
	return callerAnswer{caller.Name, caller.Roles, caller.Rights()}
}

// addCaller registers the route by which a program, such as the page, asks beforehand what it may do.
func (s *server) addCaller() {
	s.add(public(s.operation("getCaller", http.MethodGet, callerPath, "Who calls, and what they may do", content{
		jsonType: s.schema(callerType),
	}, http.StatusUnauthorized, http.StatusMisdirectedRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable)), []string{jsonType}, s.showCaller)
}

// showCaller answers GET /caller. Who shows nothing may ask; what is shown must hold, as everywhere.
func (s *server) showCaller(c *call) (*reply, error) {
	if s.Gate == nil {
		return s.json(tellCaller(sepsis.Local))
	}
	caller, refused := s.recognise(c.request, s.Gate)
	if refused == nil {
		if wait := s.callers.wait(caller, c.request.RemoteAddr, exchangeOf(c.request).start); wait > 0 {
			return nil, tooOften(wait)
		}
		return s.json(tellCaller(caller))
	}
	if refused.Status != http.StatusUnauthorized || c.request.Header.Get("Authorization") != "" {
		return nil, s.unknown(c.request, refused)
	}
	return s.json(callerAnswer{Roles: []sepsis.Role{}, May: []sepsis.Role{}})
}
