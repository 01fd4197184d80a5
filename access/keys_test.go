package access_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
)

// entropy is the same for the same seed.
func entropy(seed int) io.Reader {
	var full [32]byte
	binary.LittleEndian.PutUint64(full[:], uint64(seed)) //nolint:gosec // seeds are small
	return rand.NewChaCha8(full)
}

// newKey makes a key and keeps it.
func newKey(t testing.TB, store *fakeStore, name string, roles ...sepsis.Role) (sepsis.Key, string) {
	t.Helper()
	key, text, err := access.NewKey(name, roles, newClock().Now(), entropy(len(store.keys)))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.AddKey(context.Background(), key); err != nil {
		t.Fatal(err)
	}
	return key, text
}

// TestTheTextOfAKey is worked out by hand: RFC 4648 base32 of 10 zero bytes and of 32 zero bytes, and SHA-256 of the
// latter as `head -c 32 /dev/zero | sha256sum` gives it.
func TestTheTextOfAKey(t *testing.T) {
	key, text, err := access.NewKey("Ward 3", []sepsis.Role{sepsis.PredictRole}, newClock().Now().Add(999*time.Microsecond), bytes.NewReader(make([]byte, 42)))
	if err != nil {
		t.Fatal(err)
	}
	if want := "sepsis_" + strings.Repeat("a", 16) + "_" + strings.Repeat("a", 52); text != want {
		t.Errorf("text %s, want %s", text, want)
	}
	if got := sha256.Sum256(make([]byte, 32)); key.Hash != got || key.Hash[0] != 0x66 || key.Hash[31] != 0x25 {
		t.Errorf("hash %x", key.Hash)
	}
	if key.ID != strings.Repeat("a", 16) || key.Name != "Ward 3" || !key.Created.Equal(newClock().Now()) || !key.Revoked.IsZero() {
		t.Errorf("%+v", key)
	}
}

func TestKeysThatAreNotMade(t *testing.T) {
	predict := []sepsis.Role{sepsis.PredictRole}
	for _, test := range []struct {
		name    string
		roles   []sepsis.Role
		entropy io.Reader
	}{
		{"", predict, entropy(0)},
		{"local", predict, entropy(0)},
		{"anonymous", predict, entropy(0)},
		{"oidc:jane", predict, entropy(0)},
		{"CN=ward", predict, entropy(0)},
		{" ward", predict, entropy(0)},
		{"ward\n", predict, entropy(0)},
		{strings.Repeat("w", 65), predict, entropy(0)},
		{"ward", nil, entropy(0)},
		{"ward", predict, iotest.ErrReader(errors.New("dry"))},
		{"ward", predict, bytes.NewReader(make([]byte, 41))},
	} {
		if _, text, err := access.NewKey(test.name, test.roles, newClock().Now(), test.entropy); err == nil || text != "" {
			t.Errorf("%q with %v: %q, %v", test.name, test.roles, text, err)
		}
	}
}

func TestKeysAreKnown(t *testing.T) {
	store, clock := &fakeStore{}, newClock()
	_, text := newKey(t, store, "ward", sepsis.PredictRole)
	_, boss := newKey(t, store, "boss", sepsis.AdminRole, sepsis.AuditRole)
	gone, revoked := newKey(t, store, "gone", sepsis.AdminRole)
	if err := store.RevokeKey(t.Context(), gone.ID, clock.Now()); err != nil {
		t.Fatal(err)
	}
	keys := access.NewKeys(store, clock.Now, 0, new(log).logger())
	caller, err := keys.Authenticate(t.Context(), text)
	if err != nil || caller.Name != "ward" || !slices.Equal(caller.Roles, []sepsis.Role{sepsis.PredictRole}) {
		t.Errorf("%+v, %v", caller, err)
	}
	if caller, err := keys.Authenticate(t.Context(), boss); err != nil || caller.Name != "boss" || len(caller.Roles) != 2 {
		t.Errorf("%+v, %v", caller, err)
	}
	id, secret := text[:len("sepsis_")+16], text[len("sepsis_")+17:]
	_, stranger, err := access.NewKey("stranger", []sepsis.Role{sepsis.AdminRole}, clock.Now(), entropy(99))
	if err != nil {
		t.Fatal(err)
	}
	for what, wrong := range map[string]string{
		"nothing":           "",
		"prefix":            "sepsis_",
		"no secret":         id,
		"empty secret":      id + "_",
		"short":             text[:len(text)-1],
		"long":              text + "a",
		"capitals":          strings.ToUpper(text),
		"first letter":      id + "_" + other(secret[0]) + secret[1:],
		"late letter":       id + "_" + secret[:50] + other(secret[50]) + secret[51:],
		"same bytes":        text[:len(text)-1] + map[byte]string{'a': "b", 'q': "r"}[text[len(text)-1]],
		"another's secret":  id + boss[len(id):],
		"unknown":           stranger,
		"revoked":           revoked,
		"not base32":        id + "_" + strings.Repeat("1", 52),
		"line break inside": id + "_" + secret[:51] + "\n",
	} {
		caller, err := keys.Authenticate(t.Context(), wrong)
		refusedFor(t, what, err, sepsis.NotKnown)
		if caller.Name != "" || caller.Roles != nil {
			t.Errorf("%s: refused, but %+v", what, caller)
		}
	}
}

// other is another letter of the alphabet.
func other(letter byte) string {
	if letter == 'b' {
		return "c"
	}
	return "b"
}

// TestUnknownAndWrongAreNotToldApart: the answers are the same to the letter.
func TestUnknownAndWrongAreNotToldApart(t *testing.T) {
	store := &fakeStore{}
	_, text := newKey(t, store, "ward", sepsis.PredictRole)
	keys := access.NewKeys(store, newClock().Now, 0, new(log).logger())
	_, wrong := keys.Authenticate(t.Context(), text[:len(text)-2]+other(text[len(text)-2])+"a")
	_, unknown := keys.Authenticate(t.Context(), "sepsis_"+strings.Repeat("q", 16)+text[len("sepsis_")+16:])
	if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() {
		t.Errorf("%v, %v", wrong, unknown)
	}
}

// TestTheClockJumps, back while the store cannot be read and forward: a key that is revoked ends at once, though the
// keys were read at a time that has not come yet.
func TestTheClockJumps(t *testing.T) {
	for what, by := range map[string]time.Duration{"back": -24 * time.Hour, "forward": 24 * time.Hour} {
		store, clock := &fakeStore{}, newClock()
		_, text := newKey(t, store, "ward", sepsis.PredictRole)
		keys := access.NewKeys(store, clock.Now, time.Hour, new(log).logger())
		ask := func() error { _, err := keys.Authenticate(t.Context(), text); return err }
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		store.fail(errors.New("gone"))
		clock.advance(20 * time.Second)
		if err := ask(); err != nil {
			t.Errorf("%s: in the time of grace: %v", what, err)
		}
		store.fail(nil)
		clock.advance(by)
		if err := ask(); err != nil {
			t.Errorf("%s: after the jump: %v", what, err)
		}
		store.revoke(clock.Now())
		clock.advance(10 * time.Second)
		refusedFor(t, what, ask(), sepsis.NotKnown)
	}
}

// TestARevokedKeyEnds within 10 seconds, at a steady rate of requests and after a silence.
func TestARevokedKeyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &fakeStore{}
		_, text := newKey(t, store, "ward", sepsis.PredictRole)
		keys := access.NewKeys(store, time.Now, time.Hour, new(log).logger()) //nolint:forbidigo // the bubble's clock
		works := func() bool { _, err := keys.Authenticate(t.Context(), text); return err == nil }
		if !works() {
			t.Fatal("the key does not work")
		}
		store.revoke(newClock().Now())
		for range 10 {
			time.Sleep(time.Second)
			works()
		}
		if works() {
			t.Error("it works 10 s after it was revoked, at a request a second")
		}
		store.revoke(time.Time{})
		time.Sleep(time.Minute)
		if !works() {
			t.Fatal("the key does not work")
		}
		store.revoke(newClock().Now())
		time.Sleep(10 * time.Second)
		if works() {
			t.Error("it works 10 s after it was revoked, without a request between")
		}
	})
}

// slowStore tells after a while what was true when it was asked.
type slowStore struct {
	*fakeStore
	takes time.Duration
}

func (s slowStore) Keys(ctx context.Context) ([]sepsis.Key, error) {
	keys, err := s.fakeStore.Keys(ctx)
	time.Sleep(s.takes)
	return keys, err
}

// TestAKeyThatIsRevokedWhileKeysAreRead ends within 10 seconds all the same.
func TestAKeyThatIsRevokedWhileKeysAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &fakeStore{}
		_, text := newKey(t, store, "ward", sepsis.PredictRole)
		keys := access.NewKeys(slowStore{store, 1900 * time.Millisecond}, time.Now, time.Hour, new(log).logger()) //nolint:forbidigo // the bubble's clock
		go func() {
			time.Sleep(100 * time.Millisecond)
			store.revoke(newClock().Now())
		}()
		begun := time.Now() //nolint:forbidigo // the bubble's clock
		if _, err := keys.Authenticate(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Second + 100*time.Millisecond - time.Since(begun)) //nolint:forbidigo // the bubble's clock
		_, err := keys.Authenticate(t.Context(), text)
		refusedFor(t, "10 s after it was revoked", err, sepsis.NotKnown)
	})
}

func TestANewKeyWorksWithinASecond(t *testing.T) {
	store, clock := &fakeStore{}, newClock()
	keys := access.NewKeys(store, clock.Now, 0, new(log).logger())
	_, first := newKey(t, store, "first", sepsis.PredictRole)
	if _, err := keys.Authenticate(t.Context(), first); err != nil {
		t.Error(err)
	}
	_, second := newKey(t, store, "second", sepsis.PredictRole)
	clock.advance(time.Second)
	if _, err := keys.Authenticate(t.Context(), second); err != nil {
		t.Error(err)
	}
}

// TestGuessingAsksNothingOfTheStore: however many keys are tried, the store is read once a second.
func TestGuessingAsksNothingOfTheStore(t *testing.T) {
	store, clock := &fakeStore{}, newClock()
	keys := access.NewKeys(store, clock.Now, 0, new(log).logger())
	guess := func() {
		_, text, err := access.NewKey("guess", []sepsis.Role{sepsis.AdminRole}, clock.Now(), entropy(1))
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.Authenticate(t.Context(), text)
		refusedFor(t, "guess", err, sepsis.NotKnown)
	}
	for range 3000 {
		guess()
		clock.advance(time.Millisecond)
	}
	if got := store.readings(); got != 3 {
		t.Errorf("%d readings in 3 s, want 3", got)
	}
}

// TestTheStoreIsAway: known keys work for the time of grace, from when they were last read; then nobody is let in,
// and as soon as the store is back, all work.
func TestTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, lines := &fakeStore{}, new(log)
		_, text := newKey(t, store, "ward", sepsis.PredictRole)
		keys := access.NewKeys(store, time.Now, time.Minute, lines.logger()) //nolint:forbidigo // the bubble's clock
		ask := func() error { _, err := keys.Authenticate(t.Context(), text); return err }
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		store.fail(errors.New("gone"))
		for range 58 {
			time.Sleep(time.Second)
			if err := ask(); err != nil {
				t.Fatalf("within the time of grace: %v", err)
			}
			synctest.Wait()
		}
		time.Sleep(3 * time.Second)
		refusedFor(t, "after the time of grace", ask(), sepsis.CannotTell)
		if got := strings.Count(lines.String(), "cannot be read"); got != 1 {
			t.Errorf("the failure is logged %d times:\n%s", got, lines)
		}
		store.fail(nil)
		time.Sleep(time.Second)
		if err := ask(); err != nil {
			t.Errorf("the store is back: %v", err)
		}
		if !strings.Contains(lines.String(), "can be read again") {
			t.Errorf("log %s", lines)
		}
	})
}

// TestAStoreThatWasNeverThere lets nobody in, and says that it cannot tell.
func TestAStoreThatWasNeverThere(t *testing.T) {
	store := &fakeStore{err: errors.New("gone")}
	_, text := newKey(t, store, "ward", sepsis.PredictRole)
	keys := access.NewKeys(store, newClock().Now, time.Hour, new(log).logger())
	for range 3 {
		_, err := keys.Authenticate(t.Context(), text)
		refusedFor(t, "no store", err, sepsis.CannotTell)
	}
	if got := store.readings(); got != 1 {
		t.Errorf("%d readings at one time", got)
	}
}

// TestAStoreThatHangs delays nobody whose key is known, and others by 2 s.
func TestAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &fakeStore{}
		_, text := newKey(t, store, "ward", sepsis.PredictRole)
		keys := access.NewKeys(store, time.Now, time.Minute, new(log).logger()) //nolint:forbidigo // the bubble's clock
		if _, err := keys.Authenticate(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		store.hang()
		for range 50 {
			time.Sleep(time.Second)
			before := time.Now() //nolint:forbidigo // the bubble's clock
			if _, err := keys.Authenticate(t.Context(), text); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(before); took != 0 { //nolint:forbidigo // the bubble's clock
				t.Errorf("delayed by %v", took)
			}
		}
		time.Sleep(2 * time.Second) // the last reading gives up
		time.Sleep(time.Minute)
		before := time.Now() //nolint:forbidigo // the bubble's clock
		_, err := keys.Authenticate(t.Context(), text)
		refusedFor(t, "a store that hangs", err, sepsis.CannotTell)
		if took := time.Since(before); took > 2*time.Second { //nolint:forbidigo // the bubble's clock
			t.Errorf("delayed by %v", took)
		}
	})
}

// TestNothingSecretIsLogged while keys are made and used.
func TestNothingSecretIsLogged(t *testing.T) {
	store, lines := &fakeStore{}, new(log)
	_, text := newKey(t, store, "ward", sepsis.PredictRole)
	keys := access.NewKeys(store, newClock().Now, 0, lines.logger())
	store.fail(errors.New("gone"))
	_, err := keys.Authenticate(t.Context(), text)
	secret := regexp.MustCompile(text[len("sepsis_")+17:])
	if err == nil || secret.MatchString(err.Error()) || secret.MatchString(lines.String()) {
		t.Errorf("%v\n%s", err, lines)
	}
}

// TestChecksTakeTheSameTime compares the fastest of many measurements, which noise does not touch: a secret that is
// wrong in its first letter, one that is wrong at its end, and an ID that does not exist.
func TestChecksTakeTheSameTime(t *testing.T) {
	store := &fakeStore{}
	_, text := newKey(t, store, "ward", sepsis.PredictRole)
	keys := access.NewKeys(store, newClock().Now, 0, new(log).logger())
	id, secret := text[:len("sepsis_")+16], text[len("sepsis_")+17:]
	fastest := map[string]float64{}
	for range 100 {
		for what, guess := range map[string]string{
			"first letter": id + "_" + other(secret[0]) + secret[1:],
			"late letter":  id + "_" + secret[:50] + other(secret[50]) + secret[51:],
			"unknown":      "sepsis_" + strings.Repeat("q", 16) + "_" + secret,
		} {
			each := perCheck(t, keys, guess)
			if best, measured := fastest[what]; !measured || each < best {
				fastest[what] = each
			}
		}
	}
	for what, each := range fastest {
		if base := fastest["late letter"]; each > 1.5*base || each < base/1.5 {
			t.Errorf("%s: %.0f ns, a late letter %.0f ns", what, each, base)
		}
	}
	t.Log(fastest)
}

// perCheck gives the nanoseconds of one check, over 200.
func perCheck(t *testing.T, keys *access.Keys, text string) float64 {
	t.Helper()
	const checks = 200
	start := time.Now() //nolint:forbidigo // this measures
	for range checks {
		if _, err := keys.Authenticate(t.Context(), text); err == nil {
			t.Fatal("a wrong key is let in")
		}
	}
	return float64(time.Since(start).Nanoseconds()) / checks //nolint:forbidigo // this measures
}

func BenchmarkKey(b *testing.B) {
	store := &fakeStore{}
	_, text := newKey(b, store, "ward", sepsis.PredictRole)
	guard := access.Guard{Keys: access.NewKeys(store, newClock().Now, 0, new(log).logger())}
	r := request("Bearer " + text)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := guard.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
