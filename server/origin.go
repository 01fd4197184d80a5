package server

import (
	"fmt"
	"net/http"
	"slices"
)

// crossOrigin refuses requests that a browser sends for a page of another site, unless that site is named. Reading
// is never refused here: the browser keeps the answer from such a page, because it is not told otherwise.
func crossOrigin(origins []string, next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("server: origin %s: %w; write it as https://host or https://host:port", origin, err)
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		newProblem(http.StatusForbidden, "A page of another site sent this; the operator can name the site with --cors-origin.").write(w)
	}))
	return shared(origins, protection.Handler(next)), nil
}

// shared lets pages of the named sites read answers (CORS), with a key that they send themselves: there are no
// cookies here, and none are let through.
func shared(origins []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(origins) > 0 {
			w.Header().Add("Vary", "Origin")
		}
		origin := r.Header.Get("Origin")
		if origin == "" || !slices.Contains(origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		siteAccess.grant(w, r, origin, next)
	})
}

// siteAccess is what pages of the named sites may do.
var siteAccess = originAccess{
	methods: "GET, POST", headers: "Accept, Authorization, Content-Type, " + requestIDHeader,
	answers: "Location, Retry-After, WWW-Authenticate, " + requestIDHeader,
}

// originAccess is what a page of another site may do: the methods and headers of its requests, and the headers of answers that it may read.
type originAccess struct{ methods, headers, answers string }

// grant answers what a browser asks beforehand (a preflight), which holds for 10 minutes, and lets all else through to next, to be read by
// pages of the origin.
func (a originAccess) grant(w http.ResponseWriter, r *http.Request, origin string, next http.Handler) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", a.methods)
		header.Set("Access-Control-Allow-Headers", a.headers)
		header.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	header.Set("Access-Control-Expose-Headers", a.answers)
	next.ServeHTTP(w, r)
}
