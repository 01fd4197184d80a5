package describe

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/medtech-detect/sepsis/challenge"
)

// Cohort is a list of recorded stays; [challenge.Cohort] is one.
type Cohort interface {
	// Len is the number of stays.
	Len() int
	// Read reads and cleans stay i, from 0 to Len-1. It is safe for concurrent use.
	Read(i int) (challenge.Record, error)
}

var _ Cohort = (*challenge.Cohort)(nil)

// Read describes all stays of a cohort with the given number of threads (all processors if under 1). The error, if any,
// is that of the first stay that has one. Progress, if not nil, is called after each stay, never twice at a time.
func Read(ctx context.Context, cohort Cohort, threads int, progress func(done, total int)) (*Report, error) {
	if cohort.Len() == 0 {
		return nil, errors.New("describe: there are no stays to describe")
	}
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	counted := counter(cohort.Len(), progress)
	parts := make([]tallies, min(threads, cohort.Len()))
	failures := make([]error, len(parts))
	var workers sync.WaitGroup
	for part := range parts {
		workers.Go(func() {
			from, to := part*cohort.Len()/len(parts), (part+1)*cohort.Len()/len(parts)
			parts[part], failures[part] = readPart(ctx, cohort, from, to, counted)
		})
	}
	workers.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	all := tallies{}
	for _, part := range parts { // in order: the parts follow each other as the stays do
		all.merge(part)
	}
	return newReport(ctx, all, threads)
}

func readPart(ctx context.Context, cohort Cohort, from, to int, counted func()) (tallies, error) {
	part := tallies{}
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		record, err := cohort.Read(i)
		if err != nil {
			return nil, err
		}
		part.add(&record)
		counted()
	}
	return part, nil
}

// counter counts the stays of all threads together.
func counter(total int, progress func(done, total int)) func() {
	var mutex sync.Mutex
	done := 0
	return func() {
		mutex.Lock()
		defer mutex.Unlock()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
}
