package server

import (
	"net/http"
	"slices"
	"strings"
)

// anyOrigin lets pages of every site call.
const anyOrigin = "*"

// sharedCDS lets CDS clients that run in a browser call the routes of CDS Hooks from the named sites, and no other
// routes (CDS Hooks 2.0, "Cross-Origin Resource Sharing"). Cookies are never let through.
func sharedCDS(origins []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if len(origins) == 0 || origin == "" || r.URL.Path != cdsPath && !strings.HasPrefix(r.URL.Path, cdsPath+"/") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Origin")
		if !slices.Contains(origins, origin) && !slices.Contains(origins, anyOrigin) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
			w.Header().Set("Access-Control-Allow-Headers", "Origin, Accept, Accept-Language, Authorization, Content-Type, X-Requested-With")
			w.Header().Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
