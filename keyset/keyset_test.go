package keyset_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/medtech-detect/sepsis/keyset"
)

const address = "https://login.hospital.example/keys"

// issuer publishes keys. It is the transport to its address, without a network.
type issuer struct {
	mutex  sync.Mutex
	answer func(context.Context) (*http.Response, error)
	asked  int
}

// RoundTrip answers as was said last.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mutex.Lock()
	i.asked++
	answer := i.answer
	i.mutex.Unlock()
	return answer(r.Context())
}

func (i *issuer) answers(answer func(context.Context) (*http.Response, error)) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.answer = answer
}

// sends makes the issuer answer 200 with a body.
func (i *issuer) sends(body string) {
	i.answers(func(context.Context) (*http.Response, error) {
		recorder := &httptest.ResponseRecorder{Code: http.StatusOK, Body: bytes.NewBufferString(body)}
		return recorder.Result(), nil
	})
}

// publishes makes the issuer answer with keys.
func (i *issuer) publishes(t *testing.T, keys ...jose.JSONWebKey) {
	t.Helper()
	i.sends(encoded(t, keys...))
}

func encoded(t *testing.T, keys ...jose.JSONWebKey) string {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return string(set)
}

// signer is who holds a private key.
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

func newSigner(t *testing.T, id string) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, key}
}

// public is the key as it is published.
func (s signer) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: s.key.Public(), KeyID: s.id, Algorithm: string(jose.ES256), Use: "sig"}
}

func (s signer) sign(t *testing.T, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: s.key, KeyID: s.id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// scene is an issuer, and the keys of it that are read again. It belongs into a bubble, where it waits for what goes on beside.
type scene struct {
	issuer
	now  time.Time
	log  bytes.Buffer // is read when nothing is written
	keys *keyset.Renewed
}

func newScene(t *testing.T, keys ...jose.JSONWebKey) *scene {
	t.Helper()
	s := &scene{now: time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)}
	s.publishes(t, keys...)
	begin := func() oidc.KeySet { return keyset.Remote(t.Context(), &http.Client{Transport: &s.issuer}, address) }
	s.keys = keyset.NewRenewed(begin, func() time.Time { return s.now }, slog.New(slog.NewTextHandler(&s.log, nil)))
	return s
}

// verify waits until all that it has begun has ended.
func (s *scene) verify(t *testing.T, by signer) error {
	t.Helper()
	payload, err := s.keys.VerifySignature(t.Context(), by.sign(t, "who"))
	synctest.Wait()
	if err == nil && string(payload) != "who" {
		t.Errorf("payload %q", payload)
	}
	return err
}

func (s *scene) check(t *testing.T, what string, by signer, trusted bool) {
	t.Helper()
	if err := s.verify(t, by); (err == nil) != trusted {
		t.Errorf("%s: %v", what, err)
	}
}

func (s *scene) checkReadings(t *testing.T, asked, told int) {
	t.Helper()
	if lines := strings.Count(s.log.String(), "cannot be read again"); s.asked != asked || lines != told {
		t.Errorf("the keys were read %d times, want %d; the log tells of %d failures, want %d:\n%s", s.asked, asked, lines, told, &s.log)
	}
}

// TestKeysAreReadEachHour, beside the tokens, as long as tokens come. What is published then counts from the next token on.
func TestKeysAreReadEachHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newSigner(t, "first"), newSigner(t, "second")
		s := newScene(t, first.public())
		for range 3 {
			s.check(t, "published", first, true)
		}
		s.now = s.now.Add(time.Hour - time.Second)
		s.check(t, "within the hour", first, true)
		s.checkReadings(t, 1, 0)
		s.publishes(t, second.public())
		s.now = s.now.Add(time.Second)
		s.check(t, "withdrawn, but the one whose token has the keys read", first, true)
		s.check(t, "withdrawn", first, false)
		s.check(t, "the new one", second, true)
	})
}

// TestANewKeyIsReadAtOnce: beside it the known ones stay.
func TestANewKeyIsReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newSigner(t, "first"), newSigner(t, "second")
		s := newScene(t, first.public())
		s.check(t, "the first", first, true)
		s.publishes(t, first.public(), second.public())
		s.check(t, "the new one", second, true)
		s.check(t, "the first, still", first, true)
		s.check(t, "one of the same name", newSigner(t, "second"), false)
	})
}

// notKeys are answers that say nothing of the keys.
func notKeys(t *testing.T) map[string]func(*issuer) {
	t.Helper()
	encryption := newSigner(t, "first").public()
	encryption.Use = "enc"
	secret := jose.JSONWebKey{Key: bytes.Repeat([]byte("k"), 32), KeyID: "first", Algorithm: string(jose.HS256), Use: "sig"}
	answers := map[string]func(*issuer){
		"no route": func(i *issuer) {
			i.answers(func(context.Context) (*http.Response, error) { return nil, errors.New("no route to host") })
		},
		"an error": func(i *issuer) {
			i.answers(func(context.Context) (*http.Response, error) {
				return (&httptest.ResponseRecorder{Code: http.StatusBadGateway}).Result(), nil
			})
		},
		"another address": func(i *issuer) {
			i.answers(func(context.Context) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {address + "/new"}}, Body: http.NoBody}, nil
			})
		},
		"cut off": func(i *issuer) {
			i.answers(func(context.Context) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"keys": [`), broken{}))}, nil
			})
		},
	}
	for what, body := range map[string]string{
		"a page": "<html>", "nothing": "", "an empty set": `{"keys": []}`, "null": `{"keys": null}`, "no set": "{}", "an array": "[]",
		"a kind that is not known": `{"keys": [{"kty": "OKP", "crv": "Ed448", "kid": "first", "x": "AAAA"}]}`,
		"keys for encryption":      encoded(t, encryption), "a shared secret": encoded(t, secret),
		"a flood": encoded(t, newSigner(t, "first").public()) + strings.Repeat(" ", 1<<20),
	} {
		answers[what] = func(i *issuer) { i.sends(body) }
	}
	return answers
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestKnownKeysGoOn while what comes in place of the keys says nothing of them; that they are to be read is tried again after a minute, and told.
// A token of another key fails on the way to the keys, which is an error that wraps another: it is not the token's fault.
func TestKnownKeysGoOn(t *testing.T) {
	for what, spoil := range notKeys(t) {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := newSigner(t, "first"), newSigner(t, "second")
				s := newScene(t, first.public())
				s.check(t, "published", first, true)
				spoil(&s.issuer)
				s.now = s.now.Add(time.Hour)
				for range 3 {
					s.check(t, "known", first, true)
				}
				s.checkReadings(t, 2, 1)
				if err := s.verify(t, second); errors.Unwrap(err) == nil {
					t.Errorf("a key that is not known: %v", err)
				}
				s.check(t, "known, after a reading for another", first, true)
				s.publishes(t, second.public())
				s.now = s.now.Add(time.Minute)
				s.check(t, "known, whose token has the keys read", first, true)
				s.check(t, "withdrawn", first, false)
				s.check(t, "the new one", second, true)
			})
		})
	}
}

// TestNothingIsTrustedBeforeTheKeysAreRead, and then the log of a renewal has nothing to tell.
func TestNothingIsTrustedBeforeTheKeysAreRead(t *testing.T) {
	for what, spoil := range notKeys(t) {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := newSigner(t, "first")
				s := newScene(t, first.public())
				spoil(&s.issuer)
				if err := s.verify(t, first); errors.Unwrap(err) == nil {
					t.Errorf("before the keys are read: %v", err)
				}
				s.publishes(t, first.public())
				s.check(t, "afterwards", first, true)
				s.checkReadings(t, 2, 0)
			})
		})
	}
}

// TestKeysAmongOthers: what cannot be used keeps nobody from the keys beside it.
func TestKeysAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newSigner(t, "first")
		s := newScene(t)
		s.sends(strings.Replace(encoded(t, first.public()), "[", `[{"kty": "OKP", "crv": "Ed448", "kid": "x", "x": "AAAA"}, `, 1))
		s.check(t, "beside a kind that is not known", first, true)
	})
}

// TestAuthentic: this machine is trusted without https.
func TestAuthentic(t *testing.T) {
	for at, authentic := range map[string]bool{
		address: true, "http://127.0.0.1:8081/keys": true, "http://[::1]/keys": true, "http://localhost/keys": true,
		"http://login.hospital.example/keys": false, "http://127.0.0.1.example/keys": false, "http://localhost.example/keys": false,
		"http://10.0.0.7/keys": false, "http://[fd00::7]/keys": false, "ftp://localhost/keys": false, "/keys": false,
	} {
		parsed, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := keyset.Authentic(parsed); (err == nil) != authentic {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// TestAskedAMomentAgo: that says nothing new, and is not told.
func TestAskedAMomentAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newSigner(t, "first")
		s := newScene(t, first.public())
		s.check(t, "published", first, true)
		s.answers(func(context.Context) (*http.Response, error) { return nil, keyset.ErrJustRead })
		s.now = s.now.Add(time.Hour)
		s.check(t, "known", first, true)
		s.checkReadings(t, 2, 0)
	})
}

// TestAReadingHoldsUpNoToken: of many that come while the keys are read again, each is answered at once, and the keys are asked for once.
func TestAReadingHoldsUpNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, held := newSigner(t, "first"), make(chan struct{})
		s := newScene(t, first.public())
		s.check(t, "published", first, true)
		s.answers(func(context.Context) (*http.Response, error) {
			<-held
			return nil, errors.New("no route to host")
		})
		s.now = s.now.Add(time.Hour)
		for range 10 {
			s.check(t, "known", first, true)
			s.now = s.now.Add(time.Hour)
		}
		close(held)
		synctest.Wait()
		s.checkReadings(t, 2, 1)
	})
}

// TestTheClockIsSetBack: no key is kept for longer.
func TestTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newSigner(t, "first")
		s := newScene(t, first.public())
		s.check(t, "published", first, true)
		s.now = s.now.Add(-time.Hour)
		s.check(t, "known", first, true)
		s.checkReadings(t, 2, 0)
	})
}
