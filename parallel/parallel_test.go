package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/medtech-detect/sepsis/parallel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Each task is done once, however many threads there are.
func TestEach(t *testing.T) {
	for _, threads := range []int{-1, 0, 1, 3, 100} {
		for _, tasks := range []int{0, 1, 2, 50} {
			t.Run(fmt.Sprint(threads, " threads, ", tasks, " tasks"), func(t *testing.T) {
				done := make([]int, tasks)
				parallel.Each(threads, tasks, func(task int) { done[task]++ })
				if slices.ContainsFunc(done, func(times int) bool { return times != 1 }) {
					t.Errorf("times that each was done: %v", done)
				}
			})
		}
	}
}

// Two threads work at the same time: each of two tasks waits for the other.
func TestEachIsParallel(t *testing.T) {
	first, second := make(chan struct{}), make(chan struct{})
	parallel.Each(2, 2, func(task int) {
		mine, other := first, second
		if task == 1 {
			mine, other = second, first
		}
		close(mine)
		<-other
	})
}

// When the context ends in task 10, of the later ones at most one has begun, on the other goroutine.
func TestEachUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var started atomic.Int64
	err := parallel.EachUntil(ctx, 2, 1000, func(task int) {
		started.Add(1)
		if task == 10 {
			cancel()
		}
		if task >= 10 {
			<-ctx.Done()
		}
	})
	if !errors.Is(err, context.Canceled) || started.Load() > 12 {
		t.Errorf("%v after %d tasks", err, started.Load())
	}
	if err := parallel.EachUntil(t.Context(), 2, 10, func(int) {}); err != nil {
		t.Error(err)
	}
}
