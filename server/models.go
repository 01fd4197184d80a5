package server

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medtech-detect/sepsis"
)

// readTime is how long the reading of a model file may take. A file system that hangs must not keep its caller waiting.
const readTime = 10 * time.Second

// Why a swap is not possible. The model that answers goes on.
var (
	ErrNoModelFile     = errors.New("the service was started without a model file, so there is nothing to read again: start it with --model FILE")
	ErrModelIsRead     = errors.New("the model file is being read already; if that lasts, its file system hangs")
	errModelSlow       = fmt.Errorf("the model file could not be read within %v", readTime)
	ErrNoPreviousModel = errors.New("no model answered before this one since the service started")
)

// Models holds the model that answers, and swaps it while requests are under way: a request, and each
// patient of a batch, keeps the model that it began with. Safe for concurrent use.
type Models struct {
	answering atomic.Pointer[answering]
	open      func() (sepsis.Predictor, error)
	reading   atomic.Bool               // whether the file is being read, which may hang
	previous  atomic.Pointer[answering] // that answered before
	swapping  sync.Mutex                // one swap at a time, never while a file is read; guards what follows
	follow    func(sepsis.Predictor)
	tallies   [len(swapResults)]atomic.Int64
}

// answering is a model in the service.
type answering struct {
	sepsis.Predictor
	unfit error // why it must not be used; nil when its self-test passed
}

// refusal is the answer in place of a prediction by a model that must not be used; nil for one that may.
func (a *answering) refusal() *problemDetails {
	if a.unfit == nil {
		return nil
	}
	return newProblem(http.StatusServiceUnavailable, unfitReason)
}

// swapResult is an end that a swap may take.
type swapResult int

const (
	reloaded swapResult = iota
	unchanged
	reloadRefused
	rolledBack
	rollbackRefused
)

// swapResults names action and result for the metrics.
var swapResults = [...]struct{ action, result string }{
	reloaded: {"reload", "swapped"}, unchanged: {"reload", "unchanged"}, reloadRefused: {"reload", "refused"},
	rolledBack: {"rollback", "swapped"}, rollbackRefused: {"rollback", "refused"},
}

// NewModels begins with a model, whose self-test it runs; one that fails it is held, but never asked. open reads the
// model anew; nil when there is no file to read.
func NewModels(first sepsis.Predictor, open func() (sepsis.Predictor, error)) *Models {
	m := &Models{open: open, follow: func(sepsis.Predictor) {}}
	m.answering.Store(&answering{first, first.SelfTest()})
	return m
}

// Follow names who is told of each model before it answers, the present one first.
func (m *Models) Follow(follow func(sepsis.Predictor)) {
	m.swapping.Lock()
	defer m.swapping.Unlock()
	m.follow = follow
	follow(m.current().Predictor)
}

// Info names the model that answers.
func (m *Models) Info() sepsis.ModelInfo { return m.current().Info() }

// current is the model of a request that begins now.
func (m *Models) current() *answering { return m.answering.Load() }

// Reload reads the model file again, holds it to its self-test, and lets it answer. The error says why it was refused;
// the old model then goes on. A file that is as it was changes nothing.
func (m *Models) Reload() (sepsis.ModelInfo, error) {
	fresh, err := m.readInTime()
	m.swapping.Lock()
	defer m.swapping.Unlock()
	old := m.current()
	if err != nil {
		m.count(reloadRefused)
		return old.Info(), err
	}
	if fresh.Info() == old.Info() {
		m.count(unchanged)
		return old.Info(), nil
	}
	m.swap(&answering{Predictor: fresh})
	m.count(reloaded)
	return fresh.Info(), nil
}

// readInTime reads the model unless that takes too long, or goes on from an earlier time. What comes too late is dropped.
func (m *Models) readInTime() (sepsis.Predictor, error) {
	if !m.reading.CompareAndSwap(false, true) {
		return nil, ErrModelIsRead
	}
	type result struct {
		fresh sepsis.Predictor
		err   error
	}
	read := make(chan result, 1)
	go func() {
		fresh, err := m.read()
		m.reading.Store(false)
		read <- result{fresh, err}
	}()
	late := time.NewTimer(readTime)
	defer late.Stop()
	select {
	case r := <-read:
		return r.fresh, r.err
	case <-late.C:
		return nil, errModelSlow
	}
}

// Rollback lets the model answer that answered before; a second one goes forth again.
func (m *Models) Rollback() (sepsis.ModelInfo, error) {
	m.swapping.Lock()
	defer m.swapping.Unlock()
	previous := m.previous.Load()
	if previous == nil {
		m.count(rollbackRefused)
		return m.current().Info(), ErrNoPreviousModel
	}
	m.swap(previous)
	m.count(rolledBack)
	return m.current().Info(), nil
}

func (m *Models) swap(to *answering) {
	m.follow(to.Predictor)
	m.previous.Store(m.answering.Swap(to))
}

// read opens the model and tests it. A file that makes the program panic is refused like any other.
func (m *Models) read() (fresh sepsis.Predictor, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the model cannot be used: %v", cause)
		}
	}()
	if m.open == nil {
		return nil, ErrNoModelFile
	}
	if fresh, err = m.open(); err != nil {
		return nil, err
	}
	if err := fresh.SelfTest(); err != nil {
		return nil, err
	}
	return fresh, nil
}

func (m *Models) count(result swapResult) { m.tallies[result].Add(1) }

// earlier names the model that a rollback would lead to; nil if there is none.
func (m *Models) earlier() *sepsis.ModelInfo {
	previous := m.previous.Load()
	if previous == nil {
		return nil
	}
	info := previous.Info()
	return &info
}
