package cdsclient_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/cdsclient"
)

const (
	issuer   = "https://ehr.example"
	audience = "https://sepsis.example/cds-services/sepsis-risk"
)

var tokens atomic.Int64

var noon = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

// ehr is a CDS client: a key, and an address where its public half can be read. It is the transport to there itself, without a network.
type ehr struct {
	key   *ecdsa.PrivateKey
	keys  string // the address
	asked int
	now   time.Time
	log   bytes.Buffer
	spoil func() (*http.Response, error) // what answers in place of the keys; nil for the keys
	*cdsclient.Clients
}

func newEHR(t *testing.T) *ehr {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e := &ehr{key: key, keys: "https://ehr.example/keys", now: noon}
	e.Clients, err = cdsclient.New(map[string]string{issuer: e.keys}, func() time.Time { return e.now }, slog.New(slog.NewJSONHandler(&e.log, nil)), e)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// RoundTrip answers with the keys.
func (e *ehr) RoundTrip(*http.Request) (*http.Response, error) {
	e.asked++
	if e.spoil != nil {
		return e.spoil()
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: e.key.Public(), KeyID: "k1", Algorithm: "ES384", Use: "sig"}}}
	recorder := httptest.NewRecorder()
	err := json.NewEncoder(recorder).Encode(set)
	return recorder.Result(), err
}

func badGateway() (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(http.StatusBadGateway)
	return recorder.Result(), nil
}

// claims are those of CDS Hooks, with some replaced or, by nil, left out.
func claims(changes map[string]any) map[string]any {
	payload := map[string]any{"iss": issuer, "aud": audience, "exp": noon.Add(5 * time.Minute).Unix(), "iat": noon.Unix(), "jti": fmt.Sprint(tokens.Add(1))}
	maps.Copy(payload, changes)
	maps.DeleteFunc(payload, func(_ string, value any) bool { return value == nil })
	return payload
}

// token signs a payload.
func token(t *testing.T, algorithm jose.SignatureAlgorithm, key any, headers map[jose.HeaderKey]any, payload map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	for name, value := range headers {
		options = options.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// send calls as a client within a bubble of synctest, and waits until a reading of the keys has ended in all its parts: for a moment after
// it, go-oidc gives its result to others too.
func (e *ehr) send(header string) (sepsis.Principal, error) {
	caller, _, err := e.authenticate(header)
	return caller, err
}

func (e *ehr) authenticate(header string) (caller sepsis.Principal, giveBack func(), err error) {
	defer synctest.Wait()
	request := httptest.NewRequest(http.MethodPost, "/cds-services/sepsis-risk", nil)
	if header != "" {
		request.Header.Set("Authorization", header)
	}
	return e.Authenticate(request, audience)
}

var kid = map[jose.HeaderKey]any{"kid": "k1"}

func TestTrustedClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		for _, payload := range []map[string]any{claims(nil), claims(map[string]any{"aud": []string{"x", audience}}), claims(map[string]any{"tenant": "north"})} {
			principal, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, payload))
			if err != nil || principal.Name != "cds:"+issuer || !principal.May(sepsis.PredictRole) || principal.May(sepsis.AuditRole) {
				t.Errorf("%+v, %v", principal, err)
			}
		}
		if _, err := e.send("bearer " + token(t, jose.ES384, e.key, kid, claims(nil))); err != nil {
			t.Errorf("in small letters: %v", err)
		}
		with := map[jose.HeaderKey]any{"kid": "k1", "jku": e.keys}
		if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, with, claims(nil))); err != nil {
			t.Errorf("with its jku: %v", err)
		}
		if e.asked != 1 {
			t.Errorf("the keys were read %d times", e.asked)
		}
	})
}

func TestDistrustedClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		signed := func(changes map[string]any) string {
			return "Bearer " + token(t, jose.ES384, e.key, kid, claims(changes))
		}
		unsigned := "Bearer eyJhbGciOiJub25lIn0." + strings.SplitN(signed(nil), ".", 3)[1] + "."
		for _, c := range []struct{ name, header, says string }{
			{"no token", "", "Authorization"},
			{"another scheme", "Basic eDp5", "Authorization"},
			{"no JWT", "Bearer abc", "no JSON web token"},
			{"far too long", "Bearer " + strings.Repeat("x", 10_000), "Authorization"},
			{"unsigned", unsigned, "no JSON web token"},
			{"a shared secret", "Bearer " + token(t, jose.HS256, []byte(strings.Repeat("k", 32)), kid, claims(nil)), "no JSON web token"},
			{"another's key", "Bearer " + token(t, jose.ES384, other, kid, claims(nil)), "cannot be verified"},
			{"an unknown key", "Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": "k2"}, claims(nil)), "cannot be verified"},
			{"no key named", "Bearer " + token(t, jose.ES384, e.key, nil, claims(nil)), "kid"},
			{"keys elsewhere", "Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": "k1", "jku": "https://evil.example"}, claims(nil)), "jku"},
			{"a stranger", signed(map[string]any{"iss": "https://evil.example"}), "issuer"},
			{"no issuer", signed(map[string]any{"iss": nil}), "issuer"},
			{"for another service", signed(map[string]any{"aud": "https://sepsis.example/cds-services"}), "aud"},
			{"for nobody", signed(map[string]any{"aud": nil}), "aud"},
			{"expired", signed(map[string]any{"exp": noon.Add(-time.Minute).Unix()}), "expired"},
			{"without end", signed(map[string]any{"exp": nil}), "expired"},
			{"for a day", signed(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}), "hour"},
			{"from the future", signed(map[string]any{"iat": noon.Add(4 * time.Minute).Unix()}), "iat"},
			{"of no time", signed(map[string]any{"iat": nil}), "iat"},
			{"without an id", signed(map[string]any{"jti": nil}), "jti"},
		} {
			if principal, err := e.send(c.header); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %+v, %v, want what says %q", c.name, principal, err, c.says)
			}
		}
	})
}

// TestReplay: no token is used twice, until it has expired anyway.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		once := "Bearer " + token(t, jose.ES384, e.key, kid, claims(nil))
		if _, err := e.send(once); err != nil {
			t.Fatal(err)
		}
		if _, err := e.send(once); err == nil || !strings.Contains(err.Error(), "jti") {
			t.Errorf("%v", err)
		}
		e.now = noon.Add(10 * time.Minute)
		if _, err := e.send(once); err == nil || !strings.Contains(err.Error(), "expired") {
			t.Errorf("%v", err)
		}
	})
}

// TestATokenIsGivenBack: nothing was done for the request, and the same may come again, once.
func TestATokenIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		once, other := "Bearer "+token(t, jose.ES384, e.key, kid, claims(nil)), "Bearer "+token(t, jose.ES384, e.key, kid, claims(nil))
		if _, err := e.send(other); err != nil {
			t.Fatal(err)
		}
		_, giveBack, err := e.authenticate(once)
		if err != nil {
			t.Fatal(err)
		}
		giveBack()
		if _, err := e.send(once); err != nil {
			t.Errorf("given back: %v", err)
		}
		for _, used := range []string{once, other} {
			if _, _, err := e.authenticate(used); err == nil || !strings.Contains(err.Error(), "jti") {
				t.Errorf("%v", err)
			}
		}
	})
}

// TestKeysAreNotAskedForAllTheTime: tokens with keys that nobody knows cannot be used to bother a client.
func TestKeysAreNotAskedForAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		for i := range 20 {
			header := map[jose.HeaderKey]any{"kid": fmt.Sprint("x", i)}
			if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, header, claims(nil))); err == nil {
				t.Fatal("an unknown key was trusted")
			}
		}
		if e.asked != 1 {
			t.Errorf("the keys were read %d times", e.asked)
		}
	})
}

// TestTheClockIsSetBackAfterAReading: keys are read again at once, not only when the clock has caught up, and then no more often than ever.
func TestTheClockIsSetBackAfterAReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		e.spoil = badGateway
		if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, claims(nil))); err == nil {
			t.Fatal("trusted without its key")
		}
		e.spoil, e.now = nil, noon.Add(-time.Minute)
		if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, claims(nil))); err != nil {
			t.Errorf("the keys were not read: %v", err)
		}
		for range 5 {
			if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": "x"}, claims(nil))); err == nil {
				t.Fatal("an unknown key was trusted")
			}
		}
		if e.asked != 2 {
			t.Errorf("the keys were read %d times", e.asked)
		}
	})
}

// TestKeysThatCannotBeRead are not the client's fault: it is told to try again, and the log says why, once a reading. Afterwards a token that the
// keys do not fit is refused as ever.
func TestKeysThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := func(body string) (*http.Response, error) {
			return (&httptest.ResponseRecorder{Code: http.StatusOK, Body: bytes.NewBufferString(body)}).Result(), nil
		}
		for name, spoil := range map[string]func() (*http.Response, error){
			"an error": badGateway,
			"a page":   func() (*http.Response, error) { return answer("<html>") },
			"no keys":  func() (*http.Response, error) { return answer(`{"keys": []}`) },
			"elsewhere": func() (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"https://ehr.example/other"}}, Body: http.NoBody}, nil
			},
			"cut off": func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		} {
			e := newEHR(t)
			e.spoil = spoil
			for range 3 {
				_, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, claims(nil)))
				var refusal *sepsis.Refusal
				if !errors.As(err, &refusal) || refusal.Cause != sepsis.CannotTell || strings.Contains(refusal.Detail, e.keys) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if said := e.log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, issuer) || e.asked != 1 {
				t.Errorf("%s: asked %d times, log %s", name, e.asked, said)
			}
			e.spoil, e.now = nil, noon.Add(time.Minute)
			if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, claims(nil))); err != nil {
				t.Errorf("%s: afterwards: %v", name, err)
			}
			_, err := e.send("Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": "k2"}, claims(nil)))
			if err == nil || !strings.Contains(err.Error(), "cannot be verified") {
				t.Errorf("%s: an unknown key: %v", name, err)
			}
		}
	})
}

// TestAKnownKeySaysNothingOfTheOthers: while the keys cannot be read, a token of a key read before is trusted, and one of another key waits, whatever
// came in between.
func TestAKnownKeySaysNothingOfTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		if _, err := e.send("Bearer " + token(t, jose.ES384, e.key, kid, claims(nil))); err != nil {
			t.Fatal(err)
		}
		e.spoil, e.now = badGateway, noon.Add(time.Minute)
		for _, id := range []string{"k2", "k2", "k1", "k2"} {
			_, err := e.send("Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": id}, claims(nil)))
			var refusal *sepsis.Refusal
			if waits := errors.As(err, &refusal) && refusal.Cause == sepsis.CannotTell; waits != (id == "k2") || id == "k1" && err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

// TestAnotherKeyWaitsForAReadingBeside: the hourly reading that a known key has begun has failed, which is not the fault of a client that comes a
// moment later with its new key.
func TestAnotherKeyWaitsForAReadingBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		for _, step := range []struct {
			after time.Duration
			id    string
			waits bool
		}{{0, "k1", false}, {time.Hour, "k1", false}, {time.Hour + time.Second, "k2", true}, {time.Hour + 2*time.Second, "k1", false}} {
			e.now = noon.Add(step.after)
			when := map[string]any{"iat": e.now.Unix(), "exp": e.now.Add(time.Minute).Unix()}
			_, err := e.send("Bearer " + token(t, jose.ES384, e.key, map[jose.HeaderKey]any{"kid": step.id}, claims(when)))
			var refusal *sepsis.Refusal
			if waits := errors.As(err, &refusal) && refusal.Cause == sepsis.CannotTell; waits != step.waits || !waits && err != nil {
				t.Errorf("%s after %v: %v", step.id, step.after, err)
			}
			e.spoil = badGateway
		}
		if said := e.log.String(); strings.Count(said, "\n") != 1 {
			t.Errorf("one reading failed, log %s", said)
		}
	})
}

// TestAWithdrawnKeyEnds: what is signed by a key that the client has taken back, because others have it, is trusted for an hour at most.
func TestAWithdrawnKeyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEHR(t)
		stolen := e.key
		forge := func() error {
			_, err := e.send("Bearer " + token(t, jose.ES384, stolen, kid, claims(map[string]any{"iat": e.now.Unix(), "exp": e.now.Add(time.Minute).Unix()})))
			return err
		}
		if err := forge(); err != nil {
			t.Fatal(err)
		}
		other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		e.key, e.now = other, noon.Add(time.Hour)
		_ = forge() // has the keys read again
		if err := forge(); err == nil {
			t.Error("a key that was withdrawn is trusted")
		}
	})
}

func TestConfiguration(t *testing.T) {
	for issuer, keys := range map[string]string{
		"": "https://ehr.example/keys", "https://ehr.example": "keys", "https://other.example": "file:///keys", "https://plain.example": "http://plain.example/keys",
	} {
		if _, err := cdsclient.New(map[string]string{issuer: keys}, func() time.Time { return noon }, slog.New(slog.DiscardHandler), nil); err == nil || !strings.Contains(err.Error(), "ISSUER=") {
			t.Errorf("%q=%q: %v", issuer, keys, err)
		}
	}
}
