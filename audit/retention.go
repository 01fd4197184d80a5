package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/medtech-detect/sepsis"
)

// MaxRetention is the longest retention, in days: about a century.
const MaxRetention = 36_500

// maxJump is by how much more than the time that has passed the clock may go forward between two looks at the log. Beyond that, what it
// says is not believed.
const maxJump = time.Hour

// ErrFuture says that something was to be erased from before a time that has yet to come: the whole log.
var ErrFuture = errors.New("only what is past can be erased")

// What Retention says of a clock by which it erases nothing.
var (
	errJumped = errors.New("the clock was set forward, and may be wrong: set it right, or start the service anew if it is right")
	errGap    = errors.New("all predictions but the newest are older than the retention, as they seem when the clock is ahead: " +
		"set it right, or erase them by `sepsis audit erase` if it is right")
)

// Erase erases the records from before a time, which must not be later than now.
func Erase(ctx context.Context, log sepsis.AuditLog, before, now time.Time) (int64, error) {
	if before.After(now) {
		return 0, fmt.Errorf("%w: %s is yet to come", ErrFuture, before.UTC().Format(time.RFC3339))
	}
	return log.Erase(ctx, before)
}

// Retention erases what is older than so many days. As a clock that is ahead would erase the whole log, it erases nothing when the clock
// is hard to believe. All fields are required.
type Retention struct {
	Log     sepsis.AuditLog
	Days    int
	Clock   func() time.Time
	Elapsed func() time.Duration // since any one moment, by a clock that nobody can set
	Held    *atomic.Bool         // is set by each look: whether it left what is too old, because the clock was not believed or the log failed
	Logger  *slog.Logger
}

// Keep erases at once and with each tick, until the context ends. A failure is told to the log, and the next tick tries again.
func (r Retention) Keep(ctx context.Context, ticks <-chan time.Time) {
	for believed := (belief{}); ; {
		r.look(ctx, &believed)
		select {
		case <-ticks:
		case <-ctx.Done():
			return
		}
	}
}

// look erases once, if the clock is believed.
func (r Retention) look(ctx context.Context, believed *belief) {
	now := r.Clock().UTC().Truncate(time.Millisecond) // also without what Go knows of the time that has passed
	before := now.AddDate(0, 0, -r.Days)
	var erased int64
	err := believed.check(ctx, r.Log, now, before, r.Elapsed())
	if err == nil {
		erased, err = Erase(ctx, r.Log, before, now)
	}
	if ctx.Err() != nil {
		return
	}
	r.Held.Store(err != nil && !errors.Is(err, sepsis.ErrTraces))
	switch {
	case errors.Is(err, sepsis.ErrTraces):
		r.Logger.Warn("erased old predictions, the next hour tries again to remove their traces", "erased", erased, "before", before, "error", err)
	case err != nil:
		r.Logger.Error("old predictions cannot be erased", "erased", erased, "before", before, "error", err)
	case erased > 0:
		r.Logger.Info("erased old predictions", "erased", erased, "before", before)
	}
}

// belief is a clock that was believed once. The zero value is of none.
type belief struct {
	held bool
	zero time.Time // what the clock said, or would have, when Elapsed was 0
}

// check believes a clock whose cut between what is erased and what is kept goes through the midst of the log. From then on, it believes
// it as long as it goes as time does: there may be nothing new to be kept.
func (b *belief) check(ctx context.Context, log sepsis.AuditLog, now, before time.Time, elapsed time.Duration) error {
	zero := now.Add(-elapsed)
	switch {
	case b.held && zero.Sub(b.zero) > maxJump:
		return errJumped
	case !b.held:
		if err := throughTheMidst(ctx, log, before, now); err != nil {
			return err
		}
		b.zero = zero
	case zero.After(b.zero):
		b.zero = zero // one that was set back, and then right, has not jumped
	}
	b.held = true
	return nil
}

// throughTheMidst is an errGap when there are records from before a time, and none of the first half of the time from then until now. When the
// clock is ahead by more than the retention, there are none but those that were recorded under it.
func throughTheMidst(ctx context.Context, log sepsis.AuditLog, before, now time.Time) error {
	old, err := holds(ctx, log, sepsis.AuditQuery{To: &before})
	if err != nil || !old {
		return err
	}
	half := before.Add(now.Sub(before) / 2)
	kept, err := holds(ctx, log, sepsis.AuditQuery{From: &before, To: &half})
	if err == nil && !kept {
		err = errGap
	}
	return err
}

func holds(ctx context.Context, log sepsis.AuditLog, query sepsis.AuditQuery) (found bool, err error) {
	query.Limit, query.Brief = 1, true
	err = log.Records(ctx, query, func(sepsis.Record) error {
		found = true
		return nil
	})
	return found, err
}
