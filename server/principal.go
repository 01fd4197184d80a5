package server

import (
	"context"
	"net/http"

	"github.com/medtech-detect/sepsis"
)

type principalKey struct{}

// withPrincipal says in the context of a request who sent it.
func withPrincipal(ctx context.Context, caller sepsis.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, caller)
}

// principalOf tells who sent a request. Where nobody was asked for a key, it is sepsis.Local.
func principalOf(r *http.Request) sepsis.Principal {
	if caller, known := r.Context().Value(principalKey{}).(sepsis.Principal); known {
		return caller
	}
	return sepsis.Local
}
