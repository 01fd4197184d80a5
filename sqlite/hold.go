package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// ErrHeld says that another service uses a file.
var ErrHeld = errors.New("another service uses it")

// Hold keeps the file for one service until it is closed, or the process ends: ErrHeld when another has it. It is a lock on a file of its
// own beside it (flock), so that commands may still read and write the store.
func Hold(path string) (io.Closer, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrHeld
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", lock.Name(), errors.Join(err, lock.Close()))
	}
	return lock, nil
}
