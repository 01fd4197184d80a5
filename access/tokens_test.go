package access_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
)

func TestTokens(t *testing.T) {
	issuer, clock := newIssuer(t), newClock()
	tokens := newTokens(t, issuer, clock, new(log), "roles")
	for range 2 { // verified, then remembered
		caller, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
		if err != nil || caller.Name != "oidc:jane" || !slices.Equal(caller.Roles, []sepsis.Role{sepsis.PredictRole}) {
			t.Errorf("%+v, %v", caller, err)
		}
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := issuer.token(t, nil)
	for what, token := range map[string]string{
		"nothing":                 "",
		"no token":                "e30",
		"another audience":        issuer.token(t, map[string]any{"aud": "payroll"}),
		"no audience":             issuer.token(t, map[string]any{"aud": nil}),
		"another issuer":          issuer.token(t, map[string]any{"iss": "https://login.hospital.example/realms/other"}),
		"expired":                 issuer.token(t, map[string]any{"exp": clock.Now().Add(-time.Second).Unix()}),
		"never expires":           issuer.token(t, map[string]any{"exp": nil}),
		"not yet":                 issuer.token(t, map[string]any{"nbf": clock.Now().Add(time.Hour).Unix()}),
		"nobody":                  issuer.token(t, map[string]any{"sub": nil}),
		"unsigned":                unsigned(t),
		"signed with the public":  issuer.confused(t),
		"signed by a stranger":    signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: stranger, KeyID: "first"}}, claims(nil)),
		"signature of another":    good[:strings.LastIndex(good, ".")] + strings.TrimLeft(issuer.token(t, map[string]any{"sub": "joe"}), "."),
		"body of another":         swapBody(good, issuer.token(t, map[string]any{"roles": []string{"admin"}})),
		"signature without start": good[:len(good)-4],
	} {
		caller, err := tokens.Authenticate(t.Context(), token)
		refusedFor(t, what, err, sepsis.NotKnown)
		if caller.Name != "" || caller.Roles != nil {
			t.Errorf("%s: refused, but %+v", what, caller)
		}
	}
}

// swapBody puts the body of one token between header and signature of another.
func swapBody(of, with string) string {
	parts := strings.Split(of, ".")
	return parts[0] + "." + strings.Split(with, ".")[1] + "." + parts[2]
}

// TestATokenEnds although it was verified and remembered.
func TestATokenEnds(t *testing.T) {
	issuer, clock := newIssuer(t), newClock()
	tokens := newTokens(t, issuer, clock, new(log), "roles")
	token := issuer.token(t, map[string]any{"exp": clock.Now().Add(30 * time.Second).Unix()})
	if _, err := tokens.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	clock.advance(31 * time.Second)
	_, err := tokens.Authenticate(t.Context(), token)
	refusedFor(t, "ended", err, sepsis.NotKnown)
	if !strings.Contains(err.Error(), "expired") {
		t.Errorf("%v", err)
	}
}

// TestRolesOfTokens reads the claims of Entra ID (app roles), Keycloak (realm and client roles) and of a scope.
func TestRolesOfTokens(t *testing.T) {
	issuer := newIssuer(t)
	for _, test := range []struct {
		claim   string
		changes map[string]any
		want    []sepsis.Role
	}{
		{"roles", map[string]any{"roles": []string{"audit", "predict"}}, []sepsis.Role{sepsis.AuditRole, sepsis.PredictRole}},
		{"roles", map[string]any{"roles": []string{"metrics"}}, []sepsis.Role{sepsis.MetricsRole}},
		{"roles", map[string]any{"roles": []string{"Predict", "default-roles-icu", "predict "}}, nil},
		{"roles", map[string]any{"roles": []any{1, nil, "admin"}}, []sepsis.Role{sepsis.AdminRole}},
		{"roles", map[string]any{"roles": nil}, nil},
		{"roles", map[string]any{"roles": map[string]any{"predict": true}}, nil},
		{"realm_access.roles", map[string]any{"realm_access": map[string]any{"roles": []string{"admin"}}}, []sepsis.Role{sepsis.AdminRole}},
		{"resource_access.sepsis.roles", ofClient("sepsis", "predict"), []sepsis.Role{sepsis.PredictRole}},
		{"resource_access.sepsis.roles", ofClient("payroll", "predict"), nil},
		{"https://hospital.example/roles", map[string]any{"https://hospital.example/roles": []string{"audit"}}, []sepsis.Role{sepsis.AuditRole}},
		{"scope", map[string]any{"scope": "openid predict email"}, []sepsis.Role{sepsis.PredictRole}},
	} {
		tokens := newTokens(t, issuer, newClock(), new(log), test.claim)
		caller, err := tokens.Authenticate(t.Context(), issuer.token(t, test.changes))
		if err != nil || !slices.Equal(caller.Roles, test.want) {
			t.Errorf("%s in %v: %v, %v; want %v", test.claim, test.changes, caller.Roles, err, test.want)
		}
	}
}

// ofClient is how Keycloak gives a client's role.
func ofClient(client, role string) map[string]any {
	return map[string]any{"resource_access": map[string]any{client: map[string]any{"roles": []string{role}}}}
}

// TestTheIssuerIsAwayAtFirst: callers are told to try again, and are let in when the issuer is back.
func TestTheIssuerIsAwayAtFirst(t *testing.T) {
	for what, set := range map[string]func(*issuer){
		"no route":     func(i *issuer) { i.set(errNoRoute, 0) },
		"server error": func(i *issuer) { i.set(nil, http.StatusBadGateway) },
	} {
		issuer, clock, lines := newIssuer(t), newClock(), new(log)
		set(issuer)
		tokens := newTokens(t, issuer, clock, lines, "roles")
		tokens.Discover(t.Context())
		if !strings.Contains(lines.String(), "cannot be reached") {
			t.Errorf("%s: log %s", what, lines)
		}
		for range 100 {
			_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
			refusedFor(t, what, err, sepsis.CannotTell)
		}
		if got := issuer.asked(); got != 1 {
			t.Errorf("%s: asked %d times at once", what, got)
		}
		issuer.set(nil, 0)
		clock.advance(5 * time.Second)
		if _, err := tokens.Authenticate(t.Context(), issuer.token(t, nil)); err != nil {
			t.Errorf("%s is over: %v", what, err)
		}
	}
}

// TestASilentIssuer accepts what is asked of it and never answers. However many callers there are, each is told within
// two seconds, and the issuer is asked once.
func TestASilentIssuer(t *testing.T) {
	const description, keys = issuerURL + "/.well-known/openid-configuration", issuerURL + "/keys"
	for _, silent := range []string{description, keys} {
		synctest.Test(t, func(t *testing.T) {
			issuer, clock := newIssuer(t), newClock()
			issuer.silence(silent)
			tokens := newTokens(t, issuer, clock, new(log), "roles")
			var callers sync.WaitGroup
			for i := range 20 {
				callers.Go(func() {
					time.Sleep(time.Duration(i) * 200 * time.Millisecond) // of the bubble
					late, cancel := context.WithTimeout(t.Context(), 2*time.Second+1)
					defer cancel()
					_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
					refusedFor(t, silent, err, sepsis.CannotTell)
					if late.Err() != nil {
						t.Errorf("%s: caller %d waited for more than two seconds", silent, i)
					}
				})
			}
			callers.Wait()
			if got := issuer.asked(); got > 2 {
				t.Errorf("%s: asked %d times", silent, got)
			}
			time.Sleep(5 * time.Second) // the attempt ends
			synctest.Wait()
			issuer.silence("")
			clock.advance(5 * time.Second)
			if _, err := tokens.Authenticate(t.Context(), issuer.token(t, nil)); err != nil {
				t.Errorf("%s: it speaks again: %v", silent, err)
			}
		})
	}
}

// TestACallerDoesNotWaitForTheAttempt: who comes while it goes on without hope is told at once.
func TestACallerDoesNotWaitForTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t)
		issuer.silence(issuerURL + "/.well-known/openid-configuration")
		tokens := newTokens(t, issuer, newClock(), new(log), "roles")
		tokens.Discover(t.Context())
		late, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
		refusedFor(t, "in vain", err, sepsis.CannotTell)
		if late.Err() != nil {
			t.Error("waited")
		}
		time.Sleep(5 * time.Second)
	})
}

// TestTheClockIsSetBackAfterAnAttempt: the next one is not left until the clock is there again.
func TestTheClockIsSetBackAfterAnAttempt(t *testing.T) {
	issuer, clock := newIssuer(t), newClock()
	issuer.set(errNoRoute, 0)
	tokens := newTokens(t, issuer, clock, new(log), "roles")
	tokens.Discover(t.Context())
	issuer.set(nil, 0)
	clock.advance(-time.Minute)
	token := issuer.token(t, map[string]any{"iat": clock.Now().Unix()})
	if _, err := tokens.Authenticate(t.Context(), token); err != nil {
		t.Error(err)
	}
}

// TestTheIssuerGoesAwayLater: its keys are known, so that nothing changes until it has new ones. The verifier puts the
// keys away beside the request that asked for them: the test waits for that.
func TestTheIssuerGoesAwayLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, clock := newIssuer(t), newClock()
		tokens := newTokens(t, issuer, clock, new(log), "roles")
		ask := func() error {
			_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
			synctest.Wait()
			return err
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		issuer.set(errNoRoute, 0)
		clock.advance(10 * time.Minute)
		if err := ask(); err != nil {
			t.Errorf("the keys are known: %v", err)
		}
		issuer.rotate(t, "second")
		refusedFor(t, "new key of an issuer that is away", ask(), sepsis.CannotTell)
		issuer.set(nil, 0)
		clock.advance(5 * time.Second)
		if err := ask(); err != nil {
			t.Errorf("the issuer is back with a new key: %v", err)
		}
	})
}

// TestAWithdrawnKeyEnds: what is signed by a key that the issuer has taken back, because others have it, is trusted for an hour at most, also
// when all that comes is of a key that was known before. While the issuer is away, known keys go on.
func TestAWithdrawnKeyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, clock, lines := newIssuer(t), newClock(), new(log)
		tokens := newTokens(t, issuer, clock, lines, "roles")
		stolen := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: issuer.key, KeyID: "first"}}
		forge := func() error {
			_, err := tokens.Authenticate(t.Context(), signed(t, stolen, claims(map[string]any{"sub": "mallory", "exp": clock.Now().Add(time.Minute).Unix()})))
			synctest.Wait()
			return err
		}
		if err := forge(); err != nil {
			t.Fatal(err)
		}
		issuer.rotate(t, "second")
		issuer.set(errNoRoute, 0)
		clock.advance(time.Hour)
		for range 3 {
			if err := forge(); err != nil {
				t.Errorf("the key is known: %v", err)
			}
		}
		if told := strings.Count(lines.String(), "cannot be read again"); told != 1 {
			t.Errorf("told %d times:\n%s", told, lines)
		}
		issuer.set(nil, 0)
		clock.advance(time.Minute)
		_ = forge() // has the keys read again
		refusedFor(t, "a key that was withdrawn", forge(), sepsis.NotKnown)
	})
}

// TestAnIssuerThatIsAwayIsNotTheCallersFault, however often it was asked: a token of a new key is not refused before the keys could be read,
// and the log tells it only when the issuer is asked.
func TestAnIssuerThatIsAwayIsNotTheCallersFault(t *testing.T) {
	for name, spoil := range map[string]func(*issuer){
		"no route": func(i *issuer) { i.set(errNoRoute, 0) },
		"an error": func(i *issuer) { i.set(nil, http.StatusBadGateway) },
		"a page":   func(i *issuer) { i.answer("<html>") },
		"no keys":  func(i *issuer) { i.answer(map[string]any{"keys": []any{}}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer, clock, lines := newIssuer(t), newClock(), new(log)
				tokens := newTokens(t, issuer, clock, lines, "roles")
				ask := func() error {
					_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
					synctest.Wait()
					return err
				}
				if err := ask(); err != nil {
					t.Fatal(err)
				}
				issuer.rotate(t, "second")
				spoil(issuer)
				before := issuer.asked()
				clock.advance(10 * time.Minute)
				for range 20 {
					refusedFor(t, "new key of an issuer that is away", ask(), sepsis.CannotTell)
					clock.advance(500 * time.Millisecond)
				}
				if asked, told := issuer.asked()-before, strings.Count(lines.String(), "cannot be read"); asked > 5 || told != asked {
					t.Errorf("asked %d times and told %d times:\n%s", asked, told, lines)
				}
				issuer.set(nil, 0)
				issuer.answer(nil)
				clock.advance(5 * time.Second)
				if err := ask(); err != nil {
					t.Errorf("the issuer is back: %v", err)
				}
				forged := signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: newPrivateKey(t), KeyID: "second"}}, claims(nil))
				for range 5 {
					_, err := tokens.Authenticate(t.Context(), forged)
					refusedFor(t, "another's signature in the name of the key", err, sepsis.NotKnown)
				}
			})
		})
	}
}

// TestKeysOfSomebodyBetween: an issuer whose keys anybody between could replace is as one that is away, and the log says why.
func TestKeysOfSomebodyBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, lines := newIssuer(t), new(log)
		issuer.answer(map[string]any{"issuer": issuerURL, "jwks_uri": "http://login.hospital.example/keys", "id_token_signing_alg_values_supported": []string{"ES256"}})
		tokens := newTokens(t, issuer, newClock(), lines, "roles")
		_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
		synctest.Wait()
		refusedFor(t, "keys by plain HTTP", err, sepsis.CannotTell)
		if issuer.asked() != 1 || strings.Count(lines.String(), "not https") != 1 {
			t.Errorf("asked %d times:\n%s", issuer.asked(), lines)
		}
	})
}

// TestTheIssuerLeadsElsewhere: a redirect of its description is not followed, lest it lead to where anybody between could answer for it.
func TestTheIssuerLeadsElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, lines := newIssuer(t), new(log)
		issuer.move("http://login.hospital.example/description")
		tokens := newTokens(t, issuer, newClock(), lines, "roles")
		_, err := tokens.Authenticate(t.Context(), issuer.token(t, nil))
		synctest.Wait()
		refusedFor(t, "a redirect", err, sepsis.CannotTell)
		if issuer.asked() != 1 || !strings.Contains(lines.String(), "302 Found") {
			t.Errorf("asked %d times; the log says %s", issuer.asked(), lines)
		}
	})
}

// TestGarbageDoesNotFloodTheIssuer: a token that names an unknown key makes the verifier ask for keys; anybody can
// send such tokens.
func TestGarbageDoesNotFloodTheIssuer(t *testing.T) {
	issuer, clock := newIssuer(t), newClock()
	tokens := newTokens(t, issuer, clock, new(log), "roles")
	garbage := signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: issuer.key, KeyID: "unheard of"}}, claims(nil))
	for range 200 {
		_, err := tokens.Authenticate(t.Context(), garbage)
		refusedFor(t, "garbage", err, sepsis.NotKnown)
	}
	if got := issuer.asked(); got > 3 {
		t.Errorf("the issuer was asked %d times at once", got)
	}
	if _, err := tokens.Authenticate(t.Context(), issuer.token(t, nil)); err != nil {
		t.Errorf("a good token beside them: %v", err)
	}
}

func TestIssuersThatAreNone(t *testing.T) {
	for _, test := range []struct{ issuer, audience, complaint string }{
		{"login.hospital.example", "sepsis", "not a URL"},
		{"://", "sepsis", "not a URL"},
		{"http://login.hospital.example", "sepsis", "not https"},
		{"ftp://login.hospital.example", "sepsis", "not https"},
		{"https://login.hospital.example", "", "no audience"},
		{"https://sepsis:secret@login.hospital.example", "sepsis", "the password"},
	} {
		_, err := access.NewTokens(access.TokenConfig{Issuer: test.issuer, Audience: test.audience, Clock: newClock().Now})
		if err == nil || !strings.Contains(err.Error(), test.complaint) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s for %q: %v", test.issuer, test.audience, err)
		}
	}
	if _, err := access.NewTokens(access.TokenConfig{Issuer: "http://127.0.0.1:8081/realms/icu", Audience: "sepsis", Clock: newClock().Now}); err != nil {
		t.Error(err)
	}
}

func BenchmarkToken(b *testing.B) {
	issuer, clock := newIssuer(b), newClock()
	guard := access.Guard{Tokens: newTokens(b, issuer, clock, new(log), "roles")}
	r := request("Bearer " + issuer.token(b, map[string]any{"exp": clock.Now().AddDate(100, 0, 0).Unix()}))
	for name, pause := range map[string]time.Duration{"remembered": 0, "verified": time.Minute} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				clock.advance(pause)
				if _, err := guard.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
