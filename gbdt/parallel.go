package gbdt

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// chunkRows is the fixed length of the chunks over which sums of float64 are taken. It does not
// depend on the number of threads, so neither do the sums.
const chunkRows = 2048

// threadCount resolves the meaning of 0: as many threads as Go may use.
func threadCount(threads int) int {
	if threads <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return threads
}

// forEach calls work once for each task in [0, tasks), on at most threads goroutines. Tasks start
// in ascending order; worker, in [0, threads), names the goroutine, for its own buffers.
func forEach(threads, tasks int, work func(worker, task int)) {
	threads = min(threads, tasks)
	if threads <= 1 {
		for task := range tasks {
			work(0, task)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	run := func(worker int) {
		for task := int(next.Add(1)) - 1; task < tasks; task = int(next.Add(1)) - 1 {
			work(worker, task)
		}
	}
	for worker := 1; worker < threads; worker++ {
		group.Go(func() { run(worker) })
	}
	run(0)
	group.Wait()
}

// chunks is the number of chunks of size rows in n rows.
func chunks(n, size int) int { return (n + size - 1) / size }

// chunk returns the bounds of chunk i of n rows.
func chunk(n, size, i int) (begin, end int) {
	return i * size, min((i+1)*size, n)
}

// sumInOrder adds from first to last, the one order that every float64 sum here uses.
func sumInOrder(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
