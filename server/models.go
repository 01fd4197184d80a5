package server

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/medtech-detect/sepsis"
)

// Why a swap is not possible. The model that answers goes on.
var (
	ErrNoModelFile     = errors.New("the service was started without a model file, so there is nothing to read again: start it with --model FILE")
	ErrNoPreviousModel = errors.New("no model answered before this one since the service started")
)

// Models holds the model that answers, and swaps it while requests are under way: a request keeps the model that it
// began with. Safe for concurrent use.
type Models struct {
	answering atomic.Pointer[answering]
	open      func() (sepsis.Predictor, error)
	swapping  sync.Mutex // one swap at a time; guards what follows
	previous  *answering
	follow    func(sepsis.Predictor)
	tallies   [len(swapResults)]atomic.Int64
}

// answering is a model in the service.
type answering struct {
	sepsis.Predictor
	unfit error // why it must not be used; nil when its self-test passed
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
	m.swapping.Lock()
	defer m.swapping.Unlock()
	old := m.current()
	fresh, err := m.read()
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

// Rollback lets the model answer that answered before; a second one goes forth again.
func (m *Models) Rollback() (sepsis.ModelInfo, error) {
	m.swapping.Lock()
	defer m.swapping.Unlock()
	if m.previous == nil {
		m.count(rollbackRefused)
		return m.current().Info(), ErrNoPreviousModel
	}
	m.swap(m.previous)
	m.count(rolledBack)
	return m.current().Info(), nil
}

func (m *Models) swap(to *answering) {
	m.follow(to.Predictor)
	m.previous = m.answering.Swap(to)
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
	m.swapping.Lock()
	defer m.swapping.Unlock()
	if m.previous == nil {
		return nil
	}
	info := m.previous.Info()
	return &info
}
