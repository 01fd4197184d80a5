package cdsclient

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
)

// TestClientsShareNoMemory: one that has sent more tokens than are remembered is told so, and keeps no other client out.
func TestClientsShareNoMemory(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c, err := New(map[string]string{"busy": "https://busy.example/keys", "calm": "https://calm.example/keys"}, func() time.Time { return now }, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxSeen {
		if err := c.clients["busy"].seen.first(fmt.Sprint(i), now.Add(time.Hour), now); err != nil {
			t.Fatal(err)
		}
	}
	for _, use := range []struct {
		client, id string
		after      time.Duration
		want       error
	}{
		{"busy", "0", 0, errUsedBefore},
		{"busy", "new", 0, errTooManySeen},
		{"calm", "0", 0, nil},
		{"busy", "new", time.Hour + time.Second, nil},
	} {
		if err := c.clients[use.client].seen.first(use.id, now.Add(2*time.Hour), now.Add(use.after)); !errors.Is(err, use.want) {
			t.Errorf("%s, %s: %v, want %v", use.client, use.id, err, use.want)
		}
	}
	if refusal, is := errTooManySeen.(*sepsis.Refusal); !is || refusal.Cause != sepsis.CannotTell { //nolint:errorlint // nothing wraps it
		t.Errorf("%v is told as the token's fault", errTooManySeen)
	}
}

// TestLongIDsTakeNoMemory: what is remembered of a token does not grow with its id, for a client's tokens are many.
func TestLongIDsTakeNoMemory(t *testing.T) {
	const tokens, long = 4000, 6 << 10
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	used := newSeen()
	before := inUse()
	for i := range tokens {
		if err := used.first(fmt.Sprintf("%0*d", long, i), now.Add(time.Hour), now); err != nil {
			t.Fatal(err)
		}
	}
	if taken := inUse() - before; taken > tokens*long/4 {
		t.Errorf("%d tokens take %d bytes", tokens, taken)
	}
	if err := used.first(fmt.Sprintf("%0*d", long, 1), now.Add(time.Hour), now); !errors.Is(err, errUsedBefore) {
		t.Errorf("used twice: %v", err)
	}
}

// inUse is how many bytes the program has in use.
func inUse() int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc) //nolint:gosec // less than an int
}
