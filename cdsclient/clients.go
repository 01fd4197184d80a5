// Package cdsclient tells which CDS client called, by the JSON web token that CDS Hooks 2.0 asks for ("Trusting CDS
// Clients", https://cds-hooks.hl7.org/2.0/#trusting-cds-clients).
package cdsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/keyset"
)

// Bounds of a token.
const (
	maxToken    = 8 << 10          // bytes
	maxLifetime = time.Hour        // a token is for one call; CDS Hooks asks for a short life
	clockSkew   = 2 * time.Minute  // clocks of hospitals differ
	keyTimeout  = 2 * time.Second  // to read a client's keys, for which callers wait
	keyPause    = 10 * time.Second // between two readings of them, because anybody can send a token with an unknown key
)

// algorithms are those that CDS Hooks allows: signatures by a private key, never a shared secret.
var algorithms = []jose.SignatureAlgorithm{
	jose.ES256, jose.ES384, jose.ES512, jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.EdDSA,
}

// Clients are the CDS clients that may call. They are safe for concurrent use.
type Clients struct {
	clock   func() time.Time
	clients map[string]client // by issuer
}

type client struct {
	keysURL  string
	verifier *oidc.IDTokenVerifier
	seen     *seen
}

// New lets the named issuers call; each has its JSON web key set at an address. The log is told when one cannot be read. The
// transport reads the keys; nil for the usual one.
func New(keySets map[string]string, clock func() time.Time, logger *slog.Logger, transport http.RoundTripper) (*Clients, error) {
	if transport == nil {
		transport = http.DefaultTransport
	}
	c := &Clients{clock: clock, clients: map[string]client{}}
	for issuer, keys := range keySets {
		address, err := url.Parse(keys)
		if err != nil || issuer == "" || address.Host == "" || keyset.Authentic(address) != nil {
			return nil, fmt.Errorf("cdsclient: %q = %q is not an issuer with the address of its key set; write ISSUER=https://…", issuer, keys)
		}
		set := &keySet{logger: logger.With("issuer", issuer)}
		reader := &http.Client{Timeout: keyTimeout, Transport: &pausing{next: transport, clock: clock, read: set.readable}}
		begin := func() oidc.KeySet {
			return reading{keyset.Remote(context.Background(), reader, keys), set}
		}
		set.KeySet = keyset.NewRenewed(begin, clock, slog.New(slog.DiscardHandler)) // the set itself tells
		c.clients[issuer] = client{keys, oidc.NewVerifier(issuer, set, &oidc.Config{
			SkipClientIDCheck: true, // the audience is the address that was called, which is checked below
			Now:               clock, SupportedSigningAlgs: names(algorithms),
		}), newSeen()}
	}
	return c, nil
}

func names(algorithms []jose.SignatureAlgorithm) []string {
	var names []string
	for _, algorithm := range algorithms {
		names = append(names, string(algorithm))
	}
	return names
}

// Authenticate checks the token of a request that was sent to the audience. It is used up then, unless it is given back because nothing was
// done for the request. The error says what a client must send, and nothing of what was sent; a *sepsis.Refusal that nothing can be said of the token,
// because the client's keys cannot be read, or it has sent too many others.
func (c *Clients) Authenticate(r *http.Request, audience string) (caller sepsis.Principal, giveBack func(), err error) {
	token, err := c.verified(r, audience)
	if err != nil {
		return sepsis.Principal{}, nil, err
	}
	used := c.clients[token.issuer].seen
	if err := used.first(token.id, token.expiry, c.clock()); err != nil {
		return sepsis.Principal{}, nil, err
	}
	return sepsis.Principal{Name: "cds:" + token.issuer, Roles: []sepsis.Role{sepsis.PredictRole}}, func() { used.forget(token.id) }, nil
}

// verified gives the token of a request, which holds apart from that it may have been used before.
func (c *Clients) verified(r *http.Request, audience string) (*verifiedToken, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(r.Header.Values("Authorization")) != 1 || len(token) > maxToken {
		return nil, errors.New("send the client's JSON web token as Authorization: Bearer <token>")
	}
	issuer, err := c.issuerOf(token)
	if err != nil {
		return nil, err
	}
	var unread error
	verified, err := c.clients[issuer].verifier.Verify(context.WithValue(r.Context(), unreadKey{}, &unread), token)
	switch {
	case unread != nil:
		return nil, &sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "The client's key set cannot be read at present; try again."}
	case err != nil:
		return nil, reasonOf(err)
	}
	return c.read(verified, audience)
}

// reasonOf keeps what the verifier says of the token out of the answer, but for its age.
func reasonOf(err error) error {
	if _, is := errors.AsType[*oidc.TokenExpiredError](err); is {
		return errors.New("the token has expired")
	}
	return errors.New("the token cannot be verified: signature, issuer and key id must be those of the client's key set")
}

// issuerOf reads who claims to have signed, and refuses what could never be trusted before any key is asked for.
func (c *Clients) issuerOf(token string) (string, error) {
	signed, err := jose.ParseSigned(token, algorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return "", errors.New("the token is no JSON web token with one of the signatures that CDS Hooks allows")
	}
	var claimed struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claimed); err != nil {
		return "", errors.New("the token's payload is not JSON")
	}
	known, listed := c.clients[claimed.Issuer]
	if !listed {
		return "", errors.New("the token's issuer is not on the list of clients")
	}
	header := signed.Signatures[0].Protected
	if header.KeyID == "" {
		return "", errors.New("the token's header names no key (kid)")
	}
	if place, stated := header.ExtraHeaders["jku"]; stated && place != known.keysURL {
		return "", errors.New("the token's key set (jku) is not the one on the list of clients")
	}
	return claimed.Issuer, nil
}

// verifiedToken is what is used of one.
type verifiedToken struct {
	issuer, id string
	expiry     time.Time
}

// read checks what CDS Hooks asks of the payload beyond the issuer and the time.
func (c *Clients) read(token *oidc.IDToken, audience string) (*verifiedToken, error) {
	var claimed struct {
		ID string `json:"jti"`
	}
	if err := token.Claims(&claimed); err != nil {
		return nil, errors.New("the token's payload cannot be read")
	}
	switch {
	case !slices.Contains(token.Audience, audience):
		return nil, errors.New("the token is for another address (aud) than the one that was called")
	case token.IssuedAt.IsZero() || token.IssuedAt.After(c.clock().Add(clockSkew)):
		return nil, errors.New("the token was issued in the future, or does not say when (iat)")
	case token.Expiry.Sub(token.IssuedAt) > maxLifetime:
		return nil, errors.New("the token lives for longer than an hour")
	case claimed.ID == "":
		return nil, errors.New("the token has no id of its own (jti)")
	}
	return &verifiedToken{token.Issuer, claimed.ID, token.Expiry}, nil
}
