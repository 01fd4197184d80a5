package cdsclient

import (
	"sync"
	"time"
)

// maxSeen bounds how many tokens are remembered. Beyond, tokens are refused until some have expired.
const maxSeen = 100_000

// seen remembers tokens until they expire, so that none is used twice.
type seen struct {
	mutex  sync.Mutex
	until  map[string]time.Time
	purged time.Time
}

func newSeen() *seen { return &seen{until: map[string]time.Time{}} }

// first tells whether a token is used for the first time.
func (s *seen) first(id string, expiry, now time.Time) bool {
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
	if _, again := s.until[id]; again || len(s.until) >= maxSeen {
		return false
	}
	s.until[id] = expiry
	return true
}
