package monitor

import (
	"context"
	"time"
)

// Keep refreshes the performance at once and at each tick, until the context ends. A tick that comes while the log is
// still being read is left out by a time.Ticker. failed is told why a reading failed; the earlier performance stays.
func (m *Monitor) Keep(ctx context.Context, log Log, clock func() time.Time, ticks <-chan time.Time, failed func(error)) {
	for {
		if err := m.Refresh(ctx, log, clock()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}
