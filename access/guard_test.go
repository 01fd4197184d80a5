package access_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
)

func TestGuard(t *testing.T) {
	store, issuer := &fakeStore{}, newIssuer(t)
	_, key := newKey(t, store, "ward", sepsis.PredictRole)
	guard := access.Guard{
		Keys:   access.NewKeys(store, newClock().Now, 0, new(log).logger()),
		Tokens: newTokens(t, issuer, newClock(), new(log), "roles"),
	}
	token := issuer.token(t, nil)
	for _, test := range []struct {
		headers []string
		want    string // empty: refused
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"Bearer " + key}, "ward"},
		{[]string{"bearer   " + key + " "}, "ward"},
		{[]string{"Bearer " + token}, "oidc:jane"},
		{[]string{"Bearer"}, ""},
		{[]string{key}, ""},
		{[]string{"Basic " + key}, ""},
		{[]string{"Bearer " + key, "Bearer " + key}, ""},
		{[]string{"Bearer " + strings.Repeat("a", 9000)}, ""},
		{[]string{"Bearer sepsis_"}, ""},
	} {
		caller, err := guard.Authenticate(request(test.headers...))
		if caller.Name != test.want {
			t.Errorf("%q is %q, want %q", test.headers, caller.Name, test.want)
		}
		if test.want == "" {
			refusedFor(t, strings.Join(test.headers, ", "), err, sepsis.NotKnown)
		}
	}
	keysAlone := access.Guard{Keys: guard.Keys}
	_, err := keysAlone.Authenticate(request("Bearer " + token))
	refusedFor(t, "a token where there are keys alone", err, sepsis.NotKnown)
	_, err = (&access.Guard{}).Authenticate(request("Bearer " + key))
	refusedFor(t, "a guard that knows nobody", err, sepsis.NotKnown)
}

// TestOpenLocally: what comes from this machine is let in, and what only looks so is not.
func TestOpenLocally(t *testing.T) {
	store := &fakeStore{}
	_, key := newKey(t, store, "ward", sepsis.PredictRole)
	guard := access.Guard{
		Keys: access.NewKeys(store, newClock().Now, 0, new(log).logger()),
		Open: access.OpenLocally(netip.MustParseAddr("127.0.0.2")),
	}
	for _, host := range []string{"localhost", "localhost:8080", "LOCALHOST:9999", "127.0.0.1:8080", "[::1]:8080", "[::1]", "127.0.0.2:8080"} {
		r := request()
		r.Host = host
		if caller, err := guard.Authenticate(r); err != nil || caller.Name != "local" || !slices.Equal(caller.Roles, sepsis.Roles) {
			t.Errorf("%s: %+v, %v", host, caller, err)
		}
	}
	for _, host := range []string{"", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.3:8080", "127.0.0.1.evil.example", "10.0.0.1"} {
		r := request()
		r.Host = host
		_, err := guard.Authenticate(r)
		refusedFor(t, "host "+host, err, sepsis.Misdirected)
	}
	for _, header := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		r := request()
		r.Header.Set(header, "10.0.0.1")
		_, err := guard.Authenticate(r)
		refusedFor(t, header, err, sepsis.NotKnown)
		if !strings.Contains(err.Error(), "--require-keys") {
			t.Errorf("%s: %v does not tell the cure", header, err)
		}
	}
	hidden := request() // HAProxy adds its line behind those of the client
	hidden.Header["X-Forwarded-For"] = []string{"", "10.0.0.1"}
	_, err := guard.Authenticate(hidden)
	refusedFor(t, "a proxy's header behind an empty one of the client", err, sepsis.NotKnown)
	old := request()
	old.Proto, old.ProtoMajor, old.ProtoMinor = "HTTP/1.0", 1, 0
	_, err = guard.Authenticate(old)
	refusedFor(t, "HTTP/1.0, as nginx before 1.29.7 sends it", err, sepsis.NotKnown)

	behind := request("Bearer " + key)
	behind.Host = "sepsis.hospital.example"
	behind.Header.Set("X-Forwarded-For", "10.0.0.1")
	if caller, err := guard.Authenticate(behind); err != nil || caller.Name != "ward" {
		t.Errorf("a key through a proxy: %+v, %v", caller, err)
	}
	_, err = guard.Authenticate(request("Bearer sepsis_wrong", "Bearer sepsis_wrong"))
	refusedFor(t, "two headers where none is needed", err, sepsis.NotKnown)
	_, err = guard.Authenticate(request("Bearer sepsis_wrong"))
	refusedFor(t, "a wrong key where none is needed", err, sepsis.NotKnown)
}

func TestOpenToAll(t *testing.T) {
	guard := access.Guard{Open: access.OpenToAll()}
	r := request()
	r.Host = "sepsis.hospital.example"
	caller, err := guard.Authenticate(r)
	if err != nil || caller.Name != "anonymous" || !caller.May(sepsis.PredictRole) || caller.May(sepsis.AuditRole) || caller.May(sepsis.AdminRole) {
		t.Errorf("%+v, %v", caller, err)
	}
}

func TestClientCertificates(t *testing.T) {
	guard := access.Guard{Certificates: []sepsis.Role{sepsis.PredictRole}, Clock: newClock().Now}
	shown := func(name string) *tls.ConnectionState {
		certificate := &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotAfter: newClock().Now()}
		return &tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{certificate}, VerifiedChains: [][]*x509.Certificate{{certificate}},
		}
	}
	r := request()
	r.TLS = shown("ward-3")
	if caller, err := guard.Authenticate(r); err != nil || caller.Name != "CN=ward-3" || !slices.Equal(caller.Roles, guard.Certificates) {
		t.Errorf("%+v, %v", caller, err)
	}
	r.TLS.VerifiedChains = nil
	_, err := guard.Authenticate(r)
	refusedFor(t, "not verified", err, sepsis.NotKnown)
	r.TLS = shown("")
	_, err = guard.Authenticate(r)
	refusedFor(t, "no common name", err, sepsis.NotKnown)
	r.TLS = &tls.ConnectionState{}
	_, err = guard.Authenticate(r)
	refusedFor(t, "no certificate", err, sepsis.NotKnown)
	guard.Open = access.OpenToAll()
	for what, connection := range map[string]*tls.ConnectionState{"without a certificate": r.TLS, "without TLS": nil} {
		r.TLS = connection
		if caller, err := guard.Authenticate(r); err != nil || caller.Name != "anonymous" {
			t.Errorf("%s, where nobody needs one: %+v, %v", what, caller, err)
		}
	}
}

// TestACertificateExpires while its connection stands: that of the client, or one on the way to its authority. One way is enough.
func TestACertificateExpires(t *testing.T) {
	clock := newClock()
	guard := access.Guard{Certificates: []sepsis.Role{sepsis.PredictRole}, Clock: clock.Now}
	until := func(hours ...time.Duration) (chain []*x509.Certificate) {
		for _, h := range hours {
			chain = append(chain, &x509.Certificate{Subject: pkix.Name{CommonName: "ward-3"}, NotAfter: newClock().Now().Add(h * time.Hour)})
		}
		return chain
	}
	connections := map[string]*http.Request{}
	for name, chains := range map[string][][]*x509.Certificate{
		"client": {until(1, 9, 9)}, "between": {until(9, 1, 9)}, "authority": {until(9, 9, 1)}, "second way": {until(9, 1, 9), until(9, 2)},
	} {
		connections[name] = request()
		connections[name].TLS = &tls.ConnectionState{VerifiedChains: chains}
	}
	check := func(good ...string) {
		t.Helper()
		for name, r := range connections {
			_, err := guard.Authenticate(r)
			if slices.Contains(good, name) {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			refusedFor(t, name, err, sepsis.NotKnown)
			if refusal := new(sepsis.Refusal); !errors.As(err, &refusal) || !refusal.Reconnect {
				t.Errorf("%s: a client with a new certificate is not told to connect anew: %v", name, err)
			}
		}
	}
	clock.advance(time.Hour) // the last moment
	check("client", "between", "authority", "second way")
	clock.advance(time.Nanosecond)
	check("second way")
	clock.advance(time.Hour)
	check()
}
