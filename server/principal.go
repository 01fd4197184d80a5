package server

import (
	"net/http"

	"github.com/medtech-detect/sepsis"
)

// local is who calls when nobody was asked for credentials.
var local = sepsis.Principal{Name: "local", Roles: sepsis.Roles}

type principalKey struct{}

// principalOf is who makes a request: whom the context names, or else local, who may do everything.
func principalOf(r *http.Request) sepsis.Principal {
	if principal, named := r.Context().Value(principalKey{}).(sepsis.Principal); named {
		return principal
	}
	return local
}
