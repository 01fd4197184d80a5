package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"

	"github.com/medtech-detect/sepsis/keyset"
)

// How often the issuer is asked at most. Its keys are read again whenever a token names a key that is not known, and
// anybody can send such a token.
const (
	issuerPause = 5 * time.Second
	issuerBurst = 3 // its description, its keys, and its keys again
)

// issuerTransport asks the issuer no more often than it should be asked.
type issuerTransport struct {
	next  http.RoundTripper
	clock func() time.Time
	limit *rate.Limiter

	mutex  sync.Mutex
	failed error // why the last request failed; nil if it did not
}

func newIssuerTransport(next http.RoundTripper, clock func() time.Time) *issuerTransport {
	return &issuerTransport{next: next, clock: clock, limit: rate.NewLimiter(rate.Every(issuerPause), issuerBurst)}
}

// RoundTrip fails with an awayError when the issuer does not answer as it should, or did not a moment ago.
func (t *issuerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.limit.AllowN(t.clock(), 1) {
		return nil, t.justNow()
	}
	response, err := t.ask(r)
	t.note(err)
	return response, err
}

// justNow is what was found a moment ago, which still holds.
func (t *issuerTransport) justNow() error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.failed == nil {
		return keyset.ErrJustRead
	}
	return &awayError{fmt.Errorf("%w: %w", keyset.ErrJustRead, t.failed)}
}

// note keeps why the last request failed, or nil.
func (t *issuerTransport) note(failed error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.failed = failed
}

func (t *issuerTransport) ask(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, &awayError{err}
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(&awayError{fmt.Errorf("%s answers %s", r.URL.Redacted(), response.Status)}, response.Body.Close())
	}
	return response, nil
}

// awayError says that the issuer could not be asked, which is not the caller's fault.
type awayError struct{ cause error }

func (e *awayError) Error() string { return e.cause.Error() }
func (e *awayError) Unwrap() error { return e.cause }

// awayKey leads to the variable of a call in which keySet leaves an awayError: the verifier drops it on its way.
type awayKey struct{}

type keySet struct {
	oidc.KeySet
	transport *issuerTransport
}

// VerifySignature is called by the verifier. Keys that must be fetched are waited for no longer than patience; the
// fetching goes on beside the request.
func (k keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	payload, err := k.KeySet.VerifySignature(waiting, token)
	if away := k.away(waiting, err); away != nil {
		*ctx.Value(awayKey{}).(*error) = away
		return nil, away
	}
	return payload, err
}

// away tells whether it was the issuer by which a verification failed. go-oidc wraps what failed on the way to the keys, and nothing else.
func (k keySet) away(waiting context.Context, err error) error {
	var away *awayError
	switch {
	case errors.Is(waiting.Err(), context.DeadlineExceeded) && err != nil:
		return &awayError{errors.New("the issuer does not send its keys in time")}
	case errors.As(err, &away):
		return away
	case errors.Unwrap(err) == nil || errors.Is(err, keyset.ErrJustRead) || waiting.Err() != nil:
		return nil
	}
	k.transport.note(err) // it answered, and not with keys
	return &awayError{err}
}
