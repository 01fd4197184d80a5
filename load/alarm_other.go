//go:build !linux

package load

import (
	"os"
	"sync"
	"time"
)

// alarm is a timer of Go's runtime, which can be late by a millisecond.
type alarm struct {
	stopped chan struct{}
	once    func() // closes it
}

func newAlarm() (*alarm, error) {
	stopped := make(chan struct{})
	return &alarm{stopped, sync.OnceFunc(func() { close(stopped) })}, nil
}

// wait for so long; an error when it was stopped.
func (a *alarm) wait(long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-a.stopped:
		return os.ErrClosed
	}
}

func (a *alarm) stop() { a.once() }
