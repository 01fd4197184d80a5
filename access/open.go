package access

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// Open lets callers in who show nothing.
type Open struct {
	principal sepsis.Principal
	hosts     []string // the names under which the service may be called, without ports; nil for any
}

// OpenLocally lets in whoever is on this machine. It is for a listener that nobody else can reach, at the given
// loopback address.
func OpenLocally(address netip.Addr) *Open {
	return &Open{principal: sepsis.Local, hosts: []string{"localhost", "127.0.0.1", "::1", address.String()}}
}

// OpenToAll lets everybody ask for predictions, and nothing else.
func OpenToAll() *Open {
	return &Open{principal: sepsis.Principal{Name: sepsis.Anonymous, Roles: []sepsis.Role{sepsis.PredictRole}}}
}

// Authenticate refuses what only looks as if it came from this machine: pages of other sites that a browser here
// shows (their host has another name, which was made to point here), and what a reverse proxy here passes on.
func (o *Open) Authenticate(r *http.Request) (sepsis.Principal, error) {
	if o.hosts == nil {
		return o.principal, nil
	}
	if forwarded(r) {
		return sepsis.Principal{}, unknown("This came through a proxy, and only what comes from this machine itself needs no key. " +
			"Send a key, and start the service with --require-keys.")
	}
	if !o.named(r.Host) {
		return sepsis.Principal{}, &sepsis.Refusal{Cause: sepsis.Misdirected, Detail: "Without a key this service answers to localhost alone. " +
			"Send a key, and start the service with --require-keys."}
	}
	return o.principal, nil
}

func (o *Open) named(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	for _, name := range o.hosts {
		if strings.EqualFold(host, name) {
			return true
		}
	}
	return false
}

// proxyHeaders are what proxies add. No client on this machine sends them.
var proxyHeaders = []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// forwarded tells whether a proxy betrays itself. One with the defaults of nginx before 1.29.7 sends no header, and
// HTTP/1.0; a later one cannot be told from a client. A header counts also when it is empty: whoever calls may have sent it so, and the
// proxy's own stands behind it.
func forwarded(r *http.Request) bool {
	for _, name := range proxyHeaders {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return !r.ProtoAtLeast(1, 1)
}
