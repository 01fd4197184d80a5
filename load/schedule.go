package load

import (
	"context"
	"math/rand/v2"
	"time"
)

// moments give when the next request is due, since the start of the run.
type moments func() time.Duration

// evenly is one request after the other at the same distance.
func evenly(rate float64) moments {
	i := -1
	return func() time.Duration {
		i++
		return time.Duration(float64(i) / rate * float64(time.Second))
	}
}

// independently is as callers come who know nothing of each other: at exponentially distributed distances, a Poisson process. A service
// meets several at once as often as it will in use, which an even pace hides (Zhang et al. 2016, Treadmill, doi:10.1109/ISCA.2016.47).
func independently(rate float64, chance *rand.Rand) moments {
	at := 0.0
	return func() time.Duration {
		at += chance.ExpFloat64() / rate
		return time.Duration(at * float64(time.Second))
	}
}

func (p *Plan) moments() moments {
	if p.Chance != nil {
		return independently(p.Rate, p.Chance)
	}
	return evenly(p.Rate)
}

// waker wakes at a moment, as [alarm] does.
type waker interface {
	wait(long time.Duration) error // an error when it was stopped
	stop()
}

var _ waker = (*alarm)(nil)

// announce tells each moment when it has come, as long as there are clients, and counts the rest. Who takes them late, because no client was
// free, finds them as they were due. It ends with the context.
func (r *run) announce(ctx context.Context, alarm waker, clients <-chan struct{}) error {
	defer close(r.due)
	defer context.AfterFunc(ctx, alarm.stop)()
	for next := r.moments(); ctx.Err() == nil; {
		moment := next()
		if moment >= r.Warmup+r.Length {
			return nil
		}
		if moment >= r.Warmup {
			r.asked++
		}
		due := r.start.Add(moment)
		if err := alarm.wait(due.Sub(r.Clock())); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case r.due <- due:
		case <-clients:
		case <-ctx.Done():
		}
	}
	return nil
}
