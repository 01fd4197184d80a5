package access

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// lookEvery is the least time between two looks at the files of TLS.
const lookEvery = time.Second

// reloaded is what files hold, read again when they change. It is safe for concurrent use.
type reloaded[T any] struct {
	paths  []string
	read   func() (T, error)
	told   func(T) slog.Attr // what the log says of it
	clock  func() time.Time
	logger *slog.Logger

	mutex   sync.Mutex
	looked  time.Time
	seen    []stamp // of the files when they were last read, whether or not they were good
	current T
}

// stamp tells whether a file has changed.
type stamp struct {
	size     int64
	modified time.Time
}

// open reads the files for the first time.
func (r *reloaded[T]) open() error {
	seen, err := r.stamps()
	if err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	r.seen, r.looked = seen, r.clock()
	r.current, err = r.read()
	return err
}

// get gives what is valid now. While the files are broken, it is what was good before.
func (r *reloaded[T]) get() T {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.clock()
	if since := now.Sub(r.looked); since >= 0 && since < lookEvery {
		return r.current
	}
	r.looked = now
	r.renew()
	return r.current
}

// renew reads the files when they have changed, for better or worse: each change is told once.
func (r *reloaded[T]) renew() {
	seen, err := r.stamps()
	if slices.Equal(seen, r.seen) {
		return
	}
	r.seen = seen
	var renewed T
	if err == nil {
		renewed, err = r.read()
	}
	if err != nil {
		r.logger.Error("changed files of TLS cannot be used; the old content stays", "files", r.paths, "error", err, "old", slog.GroupValue(r.told(r.current)))
		return
	}
	r.current = renewed
	r.logger.Info("changed files of TLS were read", "files", r.paths, r.told(renewed))
}

// stamps are none when a file cannot be found.
func (r *reloaded[T]) stamps() ([]stamp, error) {
	var stamps []stamp
	for _, path := range r.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, stamp{info.Size(), info.ModTime()})
	}
	return stamps, nil
}
