package cdsclient

import (
	"crypto/sha256"
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
	until  map[tokenID]time.Time
	purged time.Time
}

// tokenID is the SHA-256 of a token's id, which may be almost as long as the token: of the most tokens, 600 MB.
type tokenID [sha256.Size]byte

func idOf(id string) tokenID { return sha256.Sum256([]byte(id)) }

func newSeen() *seen { return &seen{until: map[tokenID]time.Time{}} }

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
	hashed := idOf(id)
	if _, again := s.until[hashed]; again {
		return errUsedBefore
	}
	if len(s.until) >= maxSeen {
		return errTooManySeen
	}
	s.until[hashed] = expiry
	return nil
}

// forget gives a token back that first has taken.
func (s *seen) forget(id string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.until, idOf(id))
}
