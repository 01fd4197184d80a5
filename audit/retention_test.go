package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
)

const day = 24 * time.Hour

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// retained is a log from which old records are erased.
type retained struct {
	stage
	now     time.Time
	elapsed time.Duration
	ticks   chan time.Time
	held    atomic.Bool
	log     bytes.Buffer
}

// retain begins to erase what is older than so many days, in the bubble of synctest.
func retain(t *testing.T, r *retained, days int) {
	t.Helper()
	r.ticks = make(chan time.Time)
	r.begin(t.Context(), days)
}

func (r *retained) begin(ctx context.Context, days int) {
	go audit.Retention{
		Log: &r.stage, Days: days, Clock: func() time.Time { return r.now }, Elapsed: func() time.Duration { return r.elapsed },
		Held: &r.held, Logger: slog.New(slog.NewJSONHandler(&r.log, nil)),
	}.Keep(ctx, r.ticks)
	synctest.Wait()
}

// tick lets time pass, and the clock go by something else.
func (r *retained) tick(passes, clock time.Duration) {
	r.elapsed += passes
	r.now = r.now.Add(clock)
	r.ticks <- r.now
	synctest.Wait()
}

// hourly are records of the days before a time.
func hourly(until time.Time, days int) (times []time.Time) {
	for age := range days * 24 {
		times = append(times, until.Add(-time.Duration(age)*time.Hour))
	}
	return times
}

func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &retained{stage: stage{fails: errDisk}, now: noon} // a failure ends nothing
		retain(t, r, 30)
		if !r.held.Load() {
			t.Error("nobody is told that the log failed")
		}
		r.set(func(s *stage) { s.fails = nil })
		r.tick(time.Hour, time.Hour)
		if r.held.Load() {
			t.Error("nobody is told that it was erased from again")
		}
		want := []time.Time{time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 13, 0, 0, 0, time.UTC)}
		if !slices.EqualFunc(r.erased, want, time.Time.Equal) {
			t.Errorf("erased before %v", r.erased)
		}
	})
}

// TestRetentionEndsWithItsContext, at once.
func TestRetentionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		r := &retained{now: noon}
		r.begin(ctx, 30)
		end() // the bubble waits for all in it
	})
}

// TestAClockThatJumpsErasesNothing: neither what it would make old by itself, nor the whole log, until it is right again. One that is set back
// and right again has not jumped, and a leap of minutes is none.
func TestAClockThatJumpsErasesNothing(t *testing.T) {
	for _, jump := range []time.Duration{2 * time.Hour, 20 * day, 2 * 365 * day} {
		synctest.Test(t, func(t *testing.T) {
			r := &retained{stage: stage{times: hourly(noon, 40)}, now: noon}
			retain(t, r, 30)
			r.tick(time.Hour, time.Hour+10*time.Minute)
			r.tick(time.Hour, -20*day)
			r.tick(time.Hour, 20*day+2*time.Hour)
			if len(r.erased) != 4 || r.log.Len() > 0 && strings.Contains(r.log.String(), "ERROR") {
				t.Fatalf("erased before %v: %s", r.erased, &r.log)
			}
			left := len(r.times)
			r.tick(time.Hour, time.Hour+jump)
			r.times = append([]time.Time{r.now}, r.times...) // recorded under the wrong time
			r.tick(time.Hour, time.Hour)
			if len(r.erased) != 4 || len(r.times) != left+1 || !r.held.Load() || strings.Count(r.log.String(), `"level":"ERROR"`) != 2 {
				t.Errorf("%v: erased before %v, %d records left of %d: %s", jump, r.erased, len(r.times), left+1, &r.log)
			}
			r.tick(time.Hour, time.Hour-jump)
			if len(r.erased) != 5 || r.held.Load() {
				t.Errorf("%v: not erased once the clock is right: %s", jump, &r.log)
			}
		})
	}
}

// TestLeapsOfMinutesAreNoJump however many there are, as of a machine that sleeps each night: what is too old is erased all the same.
func TestLeapsOfMinutesAreNoJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &retained{stage: stage{times: hourly(noon, 40)}, now: noon}
		retain(t, r, 30)
		for range 3 {
			r.tick(time.Hour, time.Hour+40*time.Minute)
		}
		if len(r.erased) != 4 || r.held.Load() {
			t.Errorf("erased before %v: %s", r.erased, &r.log)
		}
	})
}

// TestAClockThatIsAheadAtTheStart: nothing is erased, also not when the service starts again after predictions under the wrong time.
func TestAClockThatIsAheadAtTheStart(t *testing.T) {
	for name, under := range map[string]int{"at once": 0, "after two days": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ahead := noon.AddDate(2, 0, 0)
				r := &retained{stage: stage{times: append(hourly(ahead, under), hourly(noon, 40)...)}, now: ahead}
				retain(t, r, 30)
				r.times = append([]time.Time{ahead}, r.times...)
				r.tick(time.Hour, time.Hour)
				if len(r.erased) > 0 || !r.held.Load() || strings.Count(r.log.String(), `"level":"ERROR"`) != 2 || !strings.Contains(r.log.String(), "sepsis audit erase") {
					t.Fatalf("erased before %v: %s", r.erased, &r.log)
				}
				r.times = r.times[:under*24+1] // the operator has erased the others
				r.tick(time.Hour, time.Hour)
				if len(r.erased) != 1 || r.held.Load() {
					t.Errorf("not erased though nothing is in doubt: %s", &r.log)
				}
			})
		})
	}
}

// TestALogThatCannotBeReadIsNotBelieved: at the start nothing is erased, and each hour tries again.
func TestALogThatCannotBeReadIsNotBelieved(t *testing.T) {
	for _, unread := range []error{errDisk, sepsis.ErrBusy} {
		synctest.Test(t, func(t *testing.T) {
			r := &retained{stage: stage{times: hourly(noon, 40), unread: unread}, now: noon}
			retain(t, r, 30)
			r.tick(time.Hour, time.Hour)
			if len(r.erased) > 0 || !r.held.Load() || strings.Count(r.log.String(), unread.Error()) != 2 {
				t.Errorf("erased before %v: %s", r.erased, &r.log)
			}
			r.set(func(s *stage) { s.unread = nil })
			r.tick(time.Hour, time.Hour)
			if len(r.erased) != 1 || r.held.Load() {
				t.Errorf("not erased once it can be read: %s", &r.log)
			}
		})
	}
}

// TestTheLastRecordsAreErased when no new ones come.
func TestTheLastRecordsAreErased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &retained{stage: stage{times: hourly(noon, 2)}, now: noon}
		retain(t, r, 1)
		for range 25 {
			r.tick(time.Hour, time.Hour)
		}
		if len(r.times) > 0 {
			t.Errorf("left are %v: %s", r.times, &r.log)
		}
	})
}

// TestNothingToComeIsErased: whatever leads to such a time, it would be the whole log.
func TestNothingToComeIsErased(t *testing.T) {
	s := &stage{}
	if _, err := audit.Erase(t.Context(), s, noon.Add(time.Second), noon); !errors.Is(err, audit.ErrFuture) || len(s.erased) > 0 {
		t.Errorf("erased %v, error %v", s.erased, err)
	}
	if _, err := audit.Erase(t.Context(), s, noon, noon); err != nil || len(s.erased) != 1 {
		t.Errorf("erased %v, error %v", s.erased, err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := &retained{now: noon}
		retain(t, r, -1)
		if len(r.erased) > 0 || !strings.Contains(r.log.String(), audit.ErrFuture.Error()) {
			t.Errorf("erased %v, log %s", r.erased, &r.log)
		}
	})
}

// TestTracesAreTold as a warning, because the next hour tries again.
func TestTracesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &retained{stage: stage{fails: fmt.Errorf("checkpoint: %w", sepsis.ErrTraces)}, now: noon}
		retain(t, r, 365)
		r.tick(time.Hour, time.Hour)
		if len(r.erased) != 2 || r.held.Load() || strings.Count(r.log.String(), `"level":"WARN"`) != 2 || !strings.Contains(r.log.String(), sepsis.ErrTraces.Error()) {
			t.Errorf("erased %v, log %s", r.erased, &r.log)
		}
	})
}
