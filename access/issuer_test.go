package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/medtech-detect/sepsis/access"
)

const (
	issuerURL = "https://login.hospital.example/realms/icu"
	audience  = "sepsis"
)

// issuer is an OpenID Connect issuer without a network: it is the transport itself.
type issuer struct {
	mutex    sync.Mutex
	key      *ecdsa.PrivateKey
	keyID    string
	away     error
	status   int    // instead of 200, when it is not 0
	instead  any    // of its description and its keys, when it is not nil
	moved    string // where it leads to instead of answering, when it is not empty
	silent   string // of the URL of requests that it accepts and never answers
	requests int
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{}
	i.rotate(t, "first")
	return i
}

// rotate makes a new key, beside which the old one is not valid any more.
func (i *issuer) rotate(t testing.TB, keyID string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.key, i.keyID = key, keyID
}

func (i *issuer) answer(instead any) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.instead = instead
}

func (i *issuer) set(away error, status int) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.away, i.status = away, status
}

// move makes the issuer lead to another address.
func (i *issuer) move(address string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.moved = address
}

// silence makes the issuer accept requests for an address and leave them without an answer; "" ends that.
func (i *issuer) silence(address string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.silent = address
}

func (i *issuer) asked() int {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.requests
}

// RoundTrip answers as the issuer.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if i.leavesOpen(r.URL.String()) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.away != nil {
		return nil, i.away
	}
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Content-Type", "application/json")
	if i.status != 0 {
		recorder.WriteHeader(i.status)
		return recorder.Result(), nil
	}
	if i.moved != "" {
		recorder.Header().Set("Location", i.moved)
		recorder.WriteHeader(http.StatusFound)
		return recorder.Result(), nil
	}
	var answer any = map[string]any{
		"issuer": issuerURL, "jwks_uri": issuerURL + "/keys",
		// Some issuers offer what must not be believed.
		"id_token_signing_alg_values_supported": []string{"none", "HS256", "ES256"},
	}
	if r.URL.String() == issuerURL+"/keys" {
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: i.keyID, Algorithm: "ES256", Use: "sig"}}}
	}
	if i.instead != nil {
		answer = i.instead
	}
	err := json.NewEncoder(recorder).Encode(answer)
	return recorder.Result(), err
}

// leavesOpen counts a request.
func (i *issuer) leavesOpen(address string) bool {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.requests++
	return i.silent != "" && i.silent == address
}

// claims of a token that is good, with changes; nil takes a claim away.
func claims(changes map[string]any) map[string]any {
	noon := newClock().Now()
	all := map[string]any{
		"iss": issuerURL, "aud": audience, "sub": "jane", "iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
		"roles": []string{"predict"},
	}
	maps.Copy(all, changes)
	for name, claim := range all {
		if claim == nil {
			delete(all, name)
		}
	}
	return all
}

func (i *issuer) token(t testing.TB, changes map[string]any) string {
	t.Helper()
	return signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.keyID}}, claims(changes))
}

func signed(t testing.TB, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// unsigned is a token of the algorithm none.
func unsigned(t testing.TB) string {
	t.Helper()
	body, err := json.Marshal(claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(body) + "."
}

// confused is a token signed with the issuer's public key as if it were a shared secret.
func (i *issuer) confused(t testing.TB) string {
	t.Helper()
	public, err := x509.MarshalPKIXPublicKey(i.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return signed(t, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: i.keyID}}, claims(nil))
}

func newTokens(t testing.TB, transport http.RoundTripper, clock *clock, lines *log, rolesClaim string) *access.Tokens {
	t.Helper()
	tokens, err := access.NewTokens(access.TokenConfig{
		Issuer: issuerURL, Audience: audience, RolesClaim: rolesClaim, Clock: clock.Now, Logger: lines.logger(), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

var errNoRoute = errors.New("no route to host")
