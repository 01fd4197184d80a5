package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/keyset"
)

const (
	trustFor      = time.Minute     // a token is not verified again for so long, nor beyond its end
	maxTrusted    = 4096            // tokens that are remembered as verified
	retryAfter    = 5 * time.Second // between two attempts to reach the issuer
	issuerTimeout = 5 * time.Second
	patience      = time.Second // callers wait no longer for the issuer's description, and again for its keys
)

// TokenConfig names the issuer whose tokens are accepted. All fields but Transport are required.
type TokenConfig struct {
	Issuer     string // URL, as in the tokens' iss
	Audience   string // which one of the tokens' aud must be
	RolesClaim string // the claim with the roles: a name, or a path such as realm_access.roles
	Clock      func() time.Time
	Logger     *slog.Logger
	Transport  http.RoundTripper // to the issuer; nil for the standard one
}

// Tokens knows callers by JSON Web Tokens of an OpenID Connect issuer. It is safe for concurrent use.
type Tokens struct {
	config    TokenConfig
	transport *issuerTransport
	client    *http.Client                         // through the transport
	verifier  atomic.Pointer[oidc.IDTokenVerifier] // nil until the issuer was reached

	discovering sync.Mutex
	tried       time.Time       // when the issuer was last asked in vain
	attempt     context.Context // of the attempt that goes on, nil without: done when it has ended, or callers should wait no longer

	trusting sync.Mutex
	trusted  map[[sha256.Size]byte]trust // by the hash of the token
}

type trust struct {
	principal sepsis.Principal
	until     time.Time
}

// NewTokens does not reach for the issuer yet: the service starts while the issuer is away.
func NewTokens(c TokenConfig) (*Tokens, error) {
	issuer, err := url.Parse(c.Issuer)
	switch {
	case err != nil:
		return nil, errors.New("access: the issuer is not a URL") // not told, for a password may be in it
	case issuer.User != nil:
		return nil, fmt.Errorf("access: the issuer %s has a user in it, and the log would show the password: leave both out", issuer.Redacted())
	case issuer.Host == "":
		return nil, fmt.Errorf("access: the issuer %q is not a URL", c.Issuer)
	case keyset.Authentic(issuer) != nil:
		return nil, fmt.Errorf("access: the issuer: %w", keyset.Authentic(issuer))
	case c.Audience == "":
		return nil, errors.New("access: no audience: tokens that were made for other services would be accepted; name this one's")
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	transport := newIssuerTransport(c.Transport, c.Clock)
	client := &http.Client{Timeout: issuerTimeout, Transport: transport}
	return &Tokens{config: c, transport: transport, client: client, trusted: map[[sha256.Size]byte]trust{}}, nil
}

// Authenticate finds the caller whom a token names.
func (t *Tokens) Authenticate(ctx context.Context, raw string) (sepsis.Principal, error) {
	digest, now := sha256.Sum256([]byte(raw)), t.config.Clock()
	if principal, known := t.recall(digest, now); known {
		return principal, nil
	}
	verifier, err := t.known(ctx)
	if err != nil {
		return sepsis.Principal{}, &sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "The issuer of tokens cannot be reached at present; try again."}
	}
	var away error
	token, err := verifier.Verify(context.WithValue(ctx, awayKey{}, &away), raw)
	switch {
	case away != nil:
		if !errors.Is(away, keyset.ErrJustRead) { // else it is in the log
			t.config.Logger.Warn("the keys of the issuer of tokens cannot be read", "error", away)
		}
		return sepsis.Principal{}, &sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "The issuer's keys cannot be read at present; try again."}
	case err != nil:
		return sepsis.Principal{}, unknown(whyNot(err))
	case token.Subject == "":
		return sepsis.Principal{}, unknown("The token names nobody: it has no sub.")
	}
	principal := sepsis.Principal{Name: "oidc:" + token.Subject, Roles: t.roles(token)}
	t.remember(digest, trust{principal, earlier(token.Expiry, now.Add(trustFor))}, now)
	return principal, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// whyNot tells a caller no more than can be read off the token.
func whyNot(err error) string {
	if _, is := errors.AsType[*oidc.TokenExpiredError](err); is {
		return "The token has expired."
	}
	return "The token is not valid: it must be signed by the issuer that this service knows, for this service's audience."
}

func (t *Tokens) recall(digest [sha256.Size]byte, now time.Time) (sepsis.Principal, bool) {
	t.trusting.Lock()
	defer t.trusting.Unlock()
	known, found := t.trusted[digest]
	return known.principal, found && now.Before(known.until)
}

// remember keeps verified tokens alone, so that only the issuer could fill it; then it starts anew.
func (t *Tokens) remember(digest [sha256.Size]byte, known trust, now time.Time) {
	t.trusting.Lock()
	defer t.trusting.Unlock()
	if len(t.trusted) >= maxTrusted {
		for old, entry := range t.trusted {
			if !now.Before(entry.until) {
				delete(t.trusted, old)
			}
		}
	}
	if len(t.trusted) >= maxTrusted {
		clear(t.trusted)
	}
	t.trusted[digest] = known
}

// Discover reaches for the issuer before the first token comes, so that the log tells early if it is away. It waits for
// a second at most; the attempt goes on beside it.
func (t *Tokens) Discover(ctx context.Context) {
	_, _ = t.known(ctx) // it is in the log, and the first token tries again
}

// known gives the issuer's verifier. It waits for an attempt to reach the issuer no longer than patience after its
// beginning: an issuer that accepts and is silent delays few, and those little.
func (t *Tokens) known(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	if verifier := t.verifier.Load(); verifier != nil {
		return verifier, nil
	}
	if attempt := t.attempted(ctx); attempt != nil {
		select {
		case <-attempt.Done():
		case <-ctx.Done():
		}
	}
	if verifier := t.verifier.Load(); verifier != nil {
		return verifier, nil
	}
	return nil, errors.New("access: the issuer could not be reached")
}

// attempted gives the attempt to reach the issuer that goes on, or begins one, unless one failed a moment ago: nil.
func (t *Tokens) attempted(ctx context.Context) context.Context {
	t.discovering.Lock()
	defer t.discovering.Unlock()
	// A clock that was set back does not make it wait.
	since := t.config.Clock().Sub(t.tried)
	switch {
	case t.attempt != nil:
		return t.attempt
	case t.verifier.Load() != nil || since >= 0 && since < retryAfter:
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	attempt, settle := context.WithTimeout(ctx, patience)
	t.attempt = attempt
	go func() {
		defer settle()
		t.reach(ctx)
	}()
	return attempt
}

// reach is one attempt; only one goes on at a time.
func (t *Tokens) reach(ctx context.Context) {
	verifier, err := t.discover(ctx)
	t.discovering.Lock()
	defer t.discovering.Unlock()
	t.attempt = nil
	if err != nil {
		t.tried = t.config.Clock()
		t.config.Logger.Error("the issuer of tokens cannot be reached; its tokens are refused with 503 until it can", "issuer", t.config.Issuer, "error", err)
		return
	}
	t.config.Logger.Info("the issuer of tokens was reached", "issuer", t.config.Issuer)
	t.verifier.Store(verifier)
}

// discover reads the issuer's description: where its keys are, and how it signs.
func (t *Tokens) discover(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	ctx = oidc.ClientContext(ctx, t.client)
	provider, err := oidc.NewProvider(ctx, t.config.Issuer)
	if err != nil {
		return nil, err
	}
	var description struct {
		KeysURL    string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&description); err != nil {
		return nil, err
	}
	keys, err := url.Parse(description.KeysURL)
	if err == nil {
		err = keyset.Authentic(keys)
	}
	if err != nil {
		return nil, fmt.Errorf("the address of its keys (jwks_uri): %w", err)
	}
	signed := slices.DeleteFunc(description.Algorithms, func(name string) bool {
		return name == "none" || strings.HasPrefix(name, "HS") // nobody, or anybody who knows a shared secret
	})
	begin := func() oidc.KeySet { return keyset.Remote(ctx, t.client, description.KeysURL) }
	return oidc.NewVerifier(t.config.Issuer, keySet{keyset.NewRenewed(begin, t.config.Clock, t.config.Logger), t.transport},
		&oidc.Config{ClientID: t.config.Audience, SupportedSigningAlgs: signed, Now: t.config.Clock}), nil
}
