package server_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

func TestWhoCalls(t *testing.T) {
	type who struct {
		Name  string
		Roles []sepsis.Role
		May   []sepsis.Role
	}
	asked := func(handler http.Handler, headers ...string) who {
		t.Helper()
		var told who
		recorder := send(handler, "GET", "/caller", "", headers...)
		answerConforms(t, loadDocument(t, handler).Paths.Value("/caller").Get, recorder)
		decode(t, recorder, &told)
		return told
	}
	gated := guarded(t, unchanged)
	if told := asked(gated); told.Name != "" || told.Roles == nil || len(told.Roles) != 0 || told.May == nil || len(told.May) != 0 {
		t.Errorf("nobody is %+v", told)
	}
	if told := asked(gated, "X-Caller", "ward predict audit"); told.Name != "ward" || !slices.Equal(told.Roles, []sepsis.Role{"predict", "audit"}) {
		t.Errorf("the ward is %+v", told)
	}
	for role, may := range map[string][]sepsis.Role{"predict": {"predict"}, "metrics": {"metrics"}, "audit": {"metrics", "audit"}, "admin": sepsis.Roles} {
		if told := asked(gated, "X-Caller", "somebody "+role); !slices.Equal(told.May, may) {
			t.Errorf("whoever has %s may %v, not %v", role, told.May, may)
		}
	}
	if told := asked(newServer(t, &fakePredictor{})); told.Name != "local" || !slices.Equal(told.Roles, sepsis.Roles) {
		t.Errorf("whoever is on this machine is %+v", told)
	}
	problemOf(t, send(gated, "GET", "/caller", "", "Authorization", "Bearer sepsis_wrong"), http.StatusUnauthorized)
	for status, err := range map[int]error{
		http.StatusMisdirectedRequest:  &sepsis.Refusal{Cause: sepsis.Misdirected},
		http.StatusServiceUnavailable:  &sepsis.Refusal{Cause: sepsis.CannotTell},
		http.StatusInternalServerError: errors.New("broken"),
	} {
		problemOf(t, send(guarded(t, func(c *server.Config) { c.Gate = refusing{err} }), "GET", "/caller", ""), status)
	}
}
