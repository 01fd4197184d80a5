package server

import (
	"net/http"
	"slices"
	"strings"
)

// anyOrigin lets pages of every site call.
const anyOrigin = "*"

// sharedCDS lets CDS clients that run in a browser call the routes of CDS Hooks from the named sites, and no other
// routes (CDS Hooks 2.0, "Cross-Origin Resource Sharing"). Cookies are never let through. Where requests of other sites
// are refused otherwise, open is what these requests come to instead.
func sharedCDS(origins []string, open, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if len(origins) == 0 || origin == "" || r.URL.Path != cdsPath && !strings.HasPrefix(r.URL.Path, cdsPath+"/") {
			next.ServeHTTP(w, r)
			return
		}
		if !slices.Contains(origins, origin) && !slices.Contains(origins, anyOrigin) {
			w.Header().Add("Vary", "Origin")
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Vary", "Origin")
		cdsAccess.grant(w, r, origin, open)
	})
}

// cdsAccess is what CDS clients in a browser may do.
var cdsAccess = originAccess{
	methods: "GET, POST, OPTIONS", headers: "Origin, Accept, Accept-Language, Authorization, Content-Type, X-Requested-With, " + requestIDHeader,
	answers: "Retry-After, WWW-Authenticate, " + requestIDHeader,
}
