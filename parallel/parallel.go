// Package parallel does independent pieces of work on several goroutines. (gbdt has its own: it imports nothing of this project.)
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work once for each task in [0, tasks), on so many goroutines, and returns when all is done. threads 0 and less are as many as Go may
// use at once. Tasks start in ascending order; each must write to places of its own.
func Each(threads, tasks int, work func(task int)) {
	_ = EachUntil(context.Background(), threads, tasks, work) // nothing ends it early
}

// EachUntil is [Each] until the context ends: then it starts no more tasks, and returns the context's error when those that run are done.
func EachUntil(ctx context.Context, threads, tasks int, work func(task int)) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(threads, tasks) {
		group.Go(func() {
			for task := int(next.Add(1)) - 1; task < tasks && ctx.Err() == nil; task = int(next.Add(1)) - 1 {
				work(task)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
