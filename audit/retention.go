package audit

import (
	"context"
	"log/slog"
	"time"

	"github.com/medtech-detect/sepsis"
)

// Retain erases what is older than keep, at once and with each tick, until the context ends. A failure is told to the
// log, and the next tick tries again.
func Retain(ctx context.Context, log sepsis.AuditLog, keep time.Duration, clock func() time.Time, ticks <-chan time.Time, logger *slog.Logger) {
	for {
		before := clock().Add(-keep)
		erased, err := log.Erase(ctx, before)
		switch {
		case ctx.Err() != nil:
			return
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
