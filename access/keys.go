package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medtech-detect/sepsis"
)

// How old what is known of the keys may be. All keys are held in memory, a hundred bytes each, so that a check costs
// a hash, and so that IDs which do not exist take up no memory and ask nothing of the store.
const (
	freshFor = 5 * time.Second  // younger, it is used as it is; older, it is read again beside the request
	validFor = 10 * time.Second // the longest that a revoked key works while the store can be read
	restFor  = time.Second      // between two readings for keys that are not known, or after one that failed
	readFor  = 2 * time.Second  // how long a reading may take
)

// Keys knows the API keys of a store. It is safe for concurrent use.
type Keys struct {
	store   sepsis.KeyStore
	clock   func() time.Time
	grace   time.Duration
	logger  *slog.Logger
	ring    atomic.Pointer[keyring]
	reading sync.Mutex
}

// keyring is what was read; it is never changed.
type keyring struct {
	keys   map[string]sepsis.Key
	read   time.Time
	failed time.Time // when the store last could not be read; the zero time if it could
}

// NewKeys reads keys from a store when they are needed. While the store cannot be read, those that are known go on
// working until they were last read grace ago; less than 10 seconds counts as 10 seconds.
func NewKeys(store sepsis.KeyStore, clock func() time.Time, grace time.Duration, logger *slog.Logger) *Keys {
	k := &Keys{store: store, clock: clock, grace: max(grace, validFor), logger: logger}
	k.ring.Store(&keyring{})
	return k
}

// Authenticate finds the caller who holds a key. Unknown and wrong keys cost the same, and are told apart by nobody.
func (k *Keys) Authenticate(ctx context.Context, text string) (sepsis.Principal, error) {
	id, secret, formed := readKey(text)
	if !formed {
		return sepsis.Principal{}, unknown("This is not an API key: it should read sepsis_<id>_<secret>, whole.")
	}
	ring, err := k.knowing(ctx, id)
	if err != nil {
		return sepsis.Principal{}, err
	}
	key, known := ring.keys[id]
	hash := sha256.Sum256(secret)
	same := subtle.ConstantTimeCompare(hash[:], key.Hash[:]) == 1 // with zeros if it is not known
	switch {
	case !same || !known:
		return sepsis.Principal{}, unknown("The API key is not valid.")
	case !key.Revoked.IsZero():
		return sepsis.Principal{}, unknown("The API key was revoked.")
	}
	return sepsis.Principal{Name: key.Name, Roles: key.Roles}, nil
}

// knowing gives the keys as they are now or were a moment ago, after a look for one that is not among them.
func (k *Keys) knowing(ctx context.Context, id string) (*keyring, error) {
	ring, now := k.ring.Load(), k.clock()
	_, known := ring.keys[id]
	age, since := now.Sub(ring.read), now.Sub(ring.failed)
	rested := since < 0 || since >= restFor // a clock that was set back does not keep the store from being asked
	usable := age >= 0 && (age < validFor || !ring.failed.IsZero() && age < k.grace)
	switch {
	case usable && age < freshFor && (known || age < restFor):
		return ring, nil
	case usable && !rested:
		return ring, nil
	case usable && known:
		k.readBeside(ctx)
		return ring, nil
	case rested:
		ring = k.read(ctx, ring)
	}
	if ring.failed.IsZero() || k.clock().Sub(ring.read) < k.grace {
		return ring, nil
	}
	return nil, &sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "The keys cannot be read at present; try again."}
}

// readBeside reads the keys again without delay of the request, unless somebody does so already.
func (k *Keys) readBeside(ctx context.Context) {
	if !k.reading.TryLock() {
		return
	}
	go func() {
		defer k.reading.Unlock()
		k.fill(context.WithoutCancel(ctx))
	}()
}

// read reads the keys again, unless somebody else has done so since old was seen.
func (k *Keys) read(ctx context.Context, old *keyring) *keyring {
	k.reading.Lock()
	defer k.reading.Unlock()
	if k.ring.Load() == old {
		k.fill(context.WithoutCancel(ctx))
	}
	return k.ring.Load()
}

// fill reads the keys. Its time counts from the beginning: what was revoked since then may be missed.
func (k *Keys) fill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	start, old := k.clock(), k.ring.Load()
	list, err := k.store.Keys(ctx)
	if err != nil {
		if old.failed.IsZero() {
			k.logger.Error("the API keys cannot be read", "error", err, "known_keys_work_for", k.grace.String())
		}
		k.ring.Store(&keyring{keys: old.keys, read: old.read, failed: k.clock()})
		return
	}
	if !old.failed.IsZero() {
		k.logger.Info("the API keys can be read again")
	}
	keys := make(map[string]sepsis.Key, len(list))
	for _, key := range list {
		keys[key.ID] = key
	}
	k.ring.Store(&keyring{keys: keys, read: start})
}
