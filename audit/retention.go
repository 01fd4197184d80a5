package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/medtech-detect/sepsis"
)

// MaxRetention is the longest retention, in days: about a century.
const MaxRetention = 36_500

// ErrFuture says that something was to be erased from before a time that has yet to come: the whole log.
var ErrFuture = errors.New("only what is past can be erased")

// Erase erases the records from before a time, which must not be later than now.
func Erase(ctx context.Context, log sepsis.AuditLog, before, now time.Time) (int64, error) {
	if before.After(now) {
		return 0, fmt.Errorf("%w: %s is yet to come", ErrFuture, before.UTC().Format(time.RFC3339))
	}
	return log.Erase(ctx, before)
}

// Retain erases what is older than so many days, at once and with each tick, until the context ends. A failure is told to the
// log, and the next tick tries again.
func Retain(ctx context.Context, log sepsis.AuditLog, days int, clock func() time.Time, ticks <-chan time.Time, logger *slog.Logger) {
	for {
		now := clock().UTC()
		before := now.AddDate(0, 0, -days)
		erased, err := Erase(ctx, log, before, now)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, sepsis.ErrTraces):
			logger.Warn("erased old predictions, the next hour tries again to remove their traces", "erased", erased, "before", before, "error", err)
		case err != nil:
			logger.Error("old predictions cannot be erased", "erased", erased, "error", err)
		case erased > 0:
			logger.Info("erased old predictions", "erased", erased, "before", before)
		}
		select {
		case <-ticks:
		case <-ctx.Done():
			return
		}
	}
}
