package load

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm wakes at a moment. The timers of Go's runtime are late by up to a millisecond when nothing else is to do (it then waits for the
// network, in whole milliseconds), which would be charged to the service. A timer of the kernel is a file, which the runtime waits for
// as for the network.
type alarm struct{ timer *os.File }

func newAlarm() (*alarm, error) {
	descriptor, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	return &alarm{os.NewFile(uintptr(descriptor), "timer")}, nil
}

// wait for so long; an error when it was stopped.
func (a *alarm) wait(long time.Duration) error {
	if long <= 0 {
		return nil
	}
	setting := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(long))}
	connection, err := a.timer.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = connection.Control(func(descriptor uintptr) {
		refused = unix.TimerfdSettime(int(descriptor), 0, &setting, nil) //nolint:gosec // a descriptor is an int
	})
	if err = errors.Join(err, refused); err != nil {
		return fmt.Errorf("set the timer: %w", err)
	}
	var expirations [8]byte
	_, err = a.timer.Read(expirations[:])
	return err
}

func (a *alarm) stop() { _ = a.timer.Close() } // nobody waits any longer
