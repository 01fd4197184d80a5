package evaluate

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// eachStay does independent work for each of n stays, on all processors, until all is done or the context ends.
func eachStay(ctx context.Context, n int, work func(i int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
