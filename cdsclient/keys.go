package cdsclient

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/medtech-detect/sepsis/keyset"
)

// unreadKey leads to the variable of a call in which keySet leaves why the keys could not be read: the verifier drops it on its way.
type unreadKey struct{}

// keySet tells a token that the keys do not fit from keys that could not be read, which is not the client's fault.
type keySet struct {
	oidc.KeySet
	logger *slog.Logger
	mutex  sync.Mutex
	unread error // why the last reading failed; nil if it did not
}

// VerifySignature is called by the verifier.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, token)
	if unread := k.note(err); unread != nil {
		*ctx.Value(unreadKey{}).(*error) = unread
	}
	return payload, err
}

// note gives why the keys could not be read, if they could not. go-oidc wraps what failed on the way to the keys, and nothing else.
func (k *keySet) note(err error) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	switch {
	case err == nil: // by a key that is known, which says nothing of whether others can be read
		return nil
	case errors.Is(err, keyset.ErrJustRead): // what was found then still holds
		return k.unread
	case errors.Is(err, context.Canceled): // the client has gone while the keys were read
		return err
	}
	earlier := k.unread
	if k.unread = errors.Unwrap(err); k.unread != nil && !errors.Is(k.unread, earlier) { // those who wait for one reading share its error
		k.logger.Warn("the key set of a CDS client cannot be read; its calls by keys that are not known are refused with 503 until it can", "error", k.unread)
	}
	return k.unread
}

// reading is a set that is read, for a token or each hour beside them: of either the keySet knows why it failed.
type reading struct {
	oidc.KeySet
	of *keySet
}

// VerifySignature is called by keyset.Renewed.
func (r reading) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := r.KeySet.VerifySignature(ctx, token)
	_ = r.of.note(err)
	return payload, err
}

// readable forgets why the keys could not be read.
func (k *keySet) readable() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.unread = nil
}

// pausing reads a key set no more often than it should be read.
type pausing struct {
	next  http.RoundTripper
	clock func() time.Time
	read  func() // called when the keys came
	mutex sync.Mutex
	last  time.Time
}

// RoundTrip fails with keyset.ErrJustRead when the last request was a moment ago.
func (p *pausing) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mutex.Lock()
	now := p.clock()
	since := now.Sub(p.last)
	wait := since >= 0 && since < keyPause // a clock that was set back makes nobody wait
	if !wait {
		p.last = now
	}
	p.mutex.Unlock()
	if wait {
		return nil, keyset.ErrJustRead
	}
	response, err := p.next.RoundTrip(r)
	if err == nil && response.StatusCode == http.StatusOK {
		p.read()
	}
	return response, err
}
