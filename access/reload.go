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

// lookPatience is how long who shakes hands waits for a look at the files. A look that hangs, as on a share that is away, goes on beside.
const lookPatience = time.Second

// patienceOfLooks is lookPatience; tests whose files do not hang set more, so that they do not depend on how fast the machine is.
var patienceOfLooks = lookPatience

// tellEvery is the least time between two lines of the log about one look that hangs.
const tellEvery = time.Hour

// reloaded is what files hold, read again when they change. It is safe for concurrent use.
type reloaded[T any] struct {
	paths  []string
	read   func() (T, error)
	told   func(T) slog.Attr // what the log says of it
	clock  func() time.Time
	logger *slog.Logger

	// Who looks alone has these: the files when they were last read, and whether they were no good.
	seen   []stamp
	broken bool

	mutex   sync.Mutex
	looked  time.Time
	looking bool
	hanging time.Time // when the log was last told that the look hangs; zero when it was not
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

// get gives what is valid now. While the files are broken, or cannot be looked at, it is what was good before.
func (r *reloaded[T]) get() T {
	done := r.look()
	inVain := done != nil && !ended(done)
	if since, tell := r.hangs(inVain); tell {
		r.logger.Error("files of TLS cannot be looked at in time; the old content stays until they can",
			"files", r.paths, "since", since, "old", slog.GroupValue(r.told(r.present())))
	}
	return r.present()
}

func (r *reloaded[T]) present() T {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.current
}

// look begins a look at the files, and gives what is closed at its end; nil when the last was a moment ago, or goes on.
func (r *reloaded[T]) look() <-chan struct{} {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.clock()
	if since := now.Sub(r.looked); r.looking || since >= 0 && since < lookEvery {
		return nil
	}
	r.looked, r.looking = now, true
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.end(r.renewed())
	}()
	return done
}

// ended waits for a look to end, but not for long.
func ended(done <-chan struct{}) bool {
	enough := time.NewTimer(patienceOfLooks)
	defer enough.Stop()
	select {
	case <-done:
		return true
	case <-enough.C:
		return false
	}
}

// hangs tells whether the log is to be told of a look that hangs, and since when it does: once who waited for it has waited in vain, and each
// hour from then on, or sooner when the clock was set back.
func (r *reloaded[T]) hangs(inVain bool) (since time.Time, tell bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.clock()
	told := now.Sub(r.hanging)
	again := !r.hanging.IsZero() && (told < 0 || told >= tellEvery)
	if !r.looking || !inVain && !again {
		return time.Time{}, false
	}
	r.hanging = now
	return r.looked, true
}

// end keeps what a look has found.
func (r *reloaded[T]) end(found T) {
	r.mutex.Lock()
	hung := !r.hanging.IsZero()
	r.current, r.looking, r.hanging = found, false, time.Time{}
	r.mutex.Unlock()
	if hung {
		r.logger.Info("files of TLS can be looked at again", "files", r.paths)
	}
}

// renewed reads the files when they have changed, for better or worse: each change is told once. Broken ones it reads again each time: what
// cures them, such as a new owner, need not change their stamps.
func (r *reloaded[T]) renewed() T {
	old := r.present()
	seen, err := r.stamps()
	changed := !slices.Equal(seen, r.seen)
	if !changed && !r.broken {
		return old
	}
	r.seen = seen
	var renewed T
	if err == nil {
		renewed, err = r.read()
	}
	if r.broken = err != nil; r.broken {
		if changed {
			r.logger.Error("changed files of TLS cannot be used; the old content stays", "files", r.paths, "error", err, "old", slog.GroupValue(r.told(old)))
		}
		return old
	}
	r.logger.Info("changed files of TLS were read", "files", r.paths, r.told(renewed))
	return renewed
}

// stamps are none when a file cannot be found, or is none: a pipe would be waited for until somebody writes.
func (r *reloaded[T]) stamps() ([]stamp, error) {
	var stamps []stamp
	for _, path := range r.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file", path)
		}
		stamps = append(stamps, stamp{info.Size(), info.ModTime()})
	}
	return stamps, nil
}
