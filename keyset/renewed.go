// Package keyset reads the keys by which tokens are signed, and reads them again from time to time.
package keyset

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// every is how long keys are used before they are read again. A set of go-oidc reads them only for a token that names one it does not know:
	// a key that was withdrawn because others have it would sign for ever.
	every = time.Hour
	// again is the pause after a reading that failed.
	again = time.Minute
)

// ErrJustRead is what the way to the keys fails with when they were asked for a moment ago.
var ErrJustRead = errors.New("the keys were asked for a moment ago")

// Renewed is a set of keys that is read again each hour in which a token comes, beside the requests: a key that is no longer published is
// trusted for no longer than that, and one request more. While the keys cannot be read, those that are known go on. It is safe for concurrent use.
type Renewed struct {
	begin  func() oidc.KeySet
	clock  func() time.Time
	logger *slog.Logger

	mutex   sync.Mutex
	present oidc.KeySet
	tried   time.Time // when they were last read, or it was tried
	pause   time.Duration
	reading bool
}

// NewRenewed begins with a set that reads its keys for the first token, as those that begin gives do. The logger is told of readings that fail.
func NewRenewed(begin func() oidc.KeySet, clock func() time.Time, logger *slog.Logger) *Renewed {
	return &Renewed{begin: begin, clock: clock, logger: logger, present: begin(), tried: clock(), pause: every}
}

// VerifySignature is called by the verifier. A token of a key that is not known has had the keys read already.
func (r *Renewed) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := r.current().VerifySignature(ctx, token)
	if err == nil && r.due() {
		go r.renew(context.WithoutCancel(ctx), token)
	}
	return payload, err
}

func (r *Renewed) current() oidc.KeySet {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.present
}

// due tells whether the keys are to be read again, which is then begun. A clock that was set back keeps no key for longer.
func (r *Renewed) due() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.clock()
	if since := now.Sub(r.tried); r.reading || since >= 0 && since < r.pause {
		return false
	}
	r.tried, r.reading = now, true
	return true
}

// renew has a new set read its keys for a token, whatever they say of that. go-oidc wraps what failed on the way to the keys, and nothing else.
func (r *Renewed) renew(ctx context.Context, token string) {
	next := r.begin()
	_, err := next.VerifySignature(ctx, token)
	failed := errors.Unwrap(err)
	if failed != nil && !errors.Is(err, ErrJustRead) {
		r.logger.Warn("the keys by which tokens are signed cannot be read again; those that are known go on", "error", failed)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.reading, r.pause = false, again
	if failed == nil {
		r.present, r.pause = next, every
	}
}
