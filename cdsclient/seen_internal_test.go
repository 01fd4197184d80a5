package cdsclient

import (
	"errors"
	"fmt"
	"log/slog"
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
