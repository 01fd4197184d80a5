package main

import (
	"context"
	"errors"
	"io"
	"sync"
)

// inSequence does independent work on some goroutines and keeps the results in the order of the work, one at a time. next gives the
// work until its error, io.EOF after the last. Only a few results wait, so memory does not grow with the work. It stops
// at the first error, of next, of keep or of the context; what came before an error of next is kept.
func inSequence[R any](ctx context.Context, threads int, next func() (func() R, error), keep func(R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type job struct {
		do   func() R
		done chan R
	}
	work, order := make(chan job), make(chan chan R, 4*threads)
	var group sync.WaitGroup
	for range threads {
		group.Go(func() {
			for j := range work {
				j.done <- j.do()
			}
		})
	}
	var ended error
	group.Go(func() {
		defer close(order)
		defer close(work)
		for {
			do, err := next()
			if err != nil {
				ended = err
				return
			}
			j := job{do, make(chan R, 1)}
			select {
			case order <- j.done:
				work <- j
			case <-ctx.Done():
				ended = ctx.Err()
				return
			}
		}
	})
	var failed error
	for result := range order {
		if r := <-result; failed == nil {
			if failed = keep(r); failed != nil {
				cancel()
			}
		}
	}
	group.Wait()
	if errors.Is(ended, io.EOF) {
		ended = nil
	}
	if failed != nil {
		return failed
	}
	return ended
}
