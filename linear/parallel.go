package linear

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blockRows is the fixed length of the blocks over which sums are taken. It does not depend on the number of
// threads, so neither do the sums.
const blockRows = 2048

func blocks(rows int) int { return (rows + blockRows - 1) / blockRows }

// block returns the bounds of one block.
func block(rows, i int) (begin, end int) { return i * blockRows, min((i+1)*blockRows, rows) }

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
