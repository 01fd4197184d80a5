// Package access tells who calls: by API key, by a token of an OpenID Connect issuer, by a client certificate, or
// because the service listens to this machine alone. It does not say what a caller may do: that stands beside
// each route of package server.
package access

import (
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
)

// maxToken is the longest token that is looked at, in bytes; tokens with many groups have some 4 KiB.
const maxToken = 8 << 10

// Guard tells who sent a request. The parts that are nil let nobody in.
type Guard struct {
	Keys         *Keys
	Tokens       *Tokens
	Certificates []sepsis.Role    // what callers may do who show a client certificate that the TLS server has verified
	Authorities  *Authorities     // by which it verified them; with nil, what was verified stays so until it expires
	Clock        func() time.Time // by which certificates expire; required with Certificates
	Open         *Open            // those who show nothing
}

// Authenticate gives the caller, or a *sepsis.Refusal. What a caller shows counts, even where nothing is needed: a
// wrong key is refused everywhere.
func (g *Guard) Authenticate(r *http.Request) (sepsis.Principal, error) {
	shown := r.Header.Values("Authorization")
	switch {
	case len(shown) > 1:
		return sepsis.Principal{}, unknown("Send one Authorization header.")
	case len(shown) == 1:
		return g.bearer(r, shown[0])
	case len(g.Certificates) > 0 && verified(r):
		return g.certificate(r)
	case g.Open != nil:
		return g.Open.Authenticate(r)
	}
	return sepsis.Principal{}, unknown("Send a key: Authorization: Bearer <key>.")
}

func (g *Guard) bearer(r *http.Request, header string) (sepsis.Principal, error) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return sepsis.Principal{}, unknown("Send the key as Authorization: Bearer <key>.")
	case len(token) > maxToken:
		return sepsis.Principal{}, unknown("The token is too long.")
	case strings.HasPrefix(token, keyPrefix) && g.Keys != nil:
		return g.Keys.Authenticate(r.Context(), token)
	case g.Tokens != nil:
		return g.Tokens.Authenticate(r.Context(), token)
	}
	return sepsis.Principal{}, unknown("This is not an API key: it should read sepsis_<id>_<secret>, whole.")
}

func verified(r *http.Request) bool {
	return r.TLS != nil && len(r.TLS.VerifiedChains) > 0
}

// certificate names the caller by the common name of the certificate. Connections last for longer than what was verified when they began.
func (g *Guard) certificate(r *http.Request) (sepsis.Principal, error) {
	chains := unexpired(r.TLS.VerifiedChains, g.Clock())
	switch {
	case len(chains) == 0:
		return sepsis.Principal{}, outdated("The client certificate, or that of its authority, has expired.")
	case g.Authorities != nil && !g.Authorities.trust(chains):
		return sepsis.Principal{}, outdated("The authority of the client certificate is not accepted any more.")
	}
	name := r.TLS.VerifiedChains[0][0].Subject.CommonName
	if name == "" {
		return sepsis.Principal{}, unknown("The client certificate has no common name (CN).")
	}
	return sepsis.Principal{Name: "CN=" + name, Roles: g.Certificates}, nil
}

// unexpired are the chains of which no certificate has expired.
func unexpired(chains [][]*x509.Certificate, now time.Time) [][]*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(chains), func(chain []*x509.Certificate) bool {
		return slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return now.After(c.NotAfter) })
	})
}

func unknown(detail string) *sepsis.Refusal {
	return &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: detail}
}

// outdated is about what was shown when the connection began. The client may have a new certificate since then.
func outdated(detail string) *sepsis.Refusal {
	return &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: detail, Reconnect: true}
}
