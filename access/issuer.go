package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"
)

// How often the issuer is asked at most. Its keys are read again whenever a token names a key that is not known, and
// anybody can send such a token.
const (
	issuerPause = 5 * time.Second
	issuerBurst = 3 // its description, its keys, and its keys again
)

var errAskedJustNow = errors.New("the issuer was asked a moment ago")

// issuerTransport asks the issuer no more often than it should be asked.
type issuerTransport struct {
	next  http.RoundTripper
	clock func() time.Time
	limit *rate.Limiter
}

func newIssuerTransport(next http.RoundTripper, clock func() time.Time) *issuerTransport {
	return &issuerTransport{next: next, clock: clock, limit: rate.NewLimiter(rate.Every(issuerPause), issuerBurst)}
}

// RoundTrip fails with an awayError when the issuer does not answer as it should.
func (t *issuerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.limit.AllowN(t.clock(), 1) {
		return nil, errAskedJustNow
	}
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

type keySet struct{ oidc.KeySet }

// VerifySignature is called by the verifier. Keys that must be fetched are waited for no longer than patience; the
// fetching goes on beside the request.
func (k keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	payload, err := k.KeySet.VerifySignature(waiting, token)
	var away *awayError
	if err != nil && errors.Is(waiting.Err(), context.DeadlineExceeded) {
		err = &awayError{errors.New("the issuer does not send its keys in time")}
	}
	if errors.As(err, &away) {
		*ctx.Value(awayKey{}).(*error) = away
	}
	return payload, err
}
