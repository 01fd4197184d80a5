package neural

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// threadCount resolves the meaning of 0: as many threads as Go may use.
func threadCount(threads int) int {
	if threads <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return threads
}

// forEach calls work once for each task from 0 on, on the given number of goroutines.
func forEach(threads, tasks int, work func(task int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(threads, tasks) {
		group.Go(func() {
			for task := int(next.Add(1)) - 1; task < tasks; task = int(next.Add(1)) - 1 {
				work(task)
			}
		})
	}
	group.Wait()
}
