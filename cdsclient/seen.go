package cdsclient

import (
	"errors"
	"sync"
	"time"

	"github.com/medtech-detect/sepsis"
)

// maxSeen bounds how many tokens of a client are remembered. Beyond, its tokens are refused until some have expired: those of other clients are not.
const maxSeen = 100_000

// errUsedBefore is why a token is not taken by its id.
var errUsedBefore = errors.New("the token was used before (jti)")

// errTooManySeen says that it cannot be told whether a token was used before: with that the token is not wrong.
var errTooManySeen error = &sepsis.Refusal{
	Cause:  sepsis.CannotTell,
	Detail: "The client has sent too many tokens that have not expired: let them live for minutes, and try again when some have expired.",
}

// seen remembers the tokens of a client until they expire, so that none is used twice.
type seen struct {
	mutex  sync.Mutex
	until  map[string]time.Time
	purged time.Time
}

func newSeen() *seen { return &seen{until: map[string]time.Time{}} }

// first takes a token that is used for the first time.
func (s *seen) first(id string, expiry, now time.Time) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if now.Sub(s.purged) > time.Minute || len(s.until) >= maxSeen {
		for other, end := range s.until {
			if end.Before(now) {
				delete(s.until, other)
			}
		}
		s.purged = now
	}
	if _, again := s.until[id]; again {
		return errUsedBefore
	}
	if len(s.until) >= maxSeen {
		return errTooManySeen
	}
	s.until[id] = expiry
	return nil
}

// forget gives a token back that first has taken.
func (s *seen) forget(id string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.until, id)
}
