package monitor

import (
	"slices"
	"sync"
	"time"

	"github.com/medtech-detect/sepsis"
)

// keptModels is of how many models counts are kept: the one that answers, and those that a rollback may bring back.
const keptModels = 3

// Monitor counts the predictions of the models of a service. It keeps no value of any patient, and its memory has a
// bound: less than 2 MiB for each of the last 3 models. Safe for concurrent use.
type Monitor struct {
	mutex       sync.Mutex
	tallies     map[sepsis.ModelInfo]*tally
	order       []sepsis.ModelInfo // of the tallies, the model that answers last
	performance map[sepsis.ModelInfo]*sepsis.Performance
}

// New counts nothing until it follows a model.
func New() *Monitor {
	return &Monitor{tallies: map[sepsis.ModelInfo]*tally{}, performance: map[sepsis.ModelInfo]*sepsis.Performance{}}
}

// Follow makes a model the one whose figures are told. A model that comes back keeps its counts.
func (m *Monitor) Follow(model sepsis.ModelInfo, reference Reference, now time.Time) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.tallies[model] == nil {
		m.tallies[model] = newTally(reference, now)
	}
	m.order = append(slices.DeleteFunc(m.order, func(other sepsis.ModelInfo) bool { return other == model }), model)
	if len(m.order) > keptModels {
		delete(m.tallies, m.order[0])
		delete(m.performance, m.order[0])
		m.order = m.order[1:]
	}
}

// Observe counts a prediction. One of a model that it does not follow any more is left out.
func (m *Monitor) Observe(at time.Time, by sepsis.ModelInfo, stay *sepsis.Stay, risk sepsis.Risk) {
	m.mutex.Lock()
	counted := m.tallies[by]
	m.mutex.Unlock()
	if counted == nil {
		return
	}
	counted.add(at, counted.filled(stay, risk))
}

// Monitoring tells the figures of the model that answers. It must follow one.
func (m *Monitor) Monitoring(now time.Time) sepsis.Monitoring {
	m.mutex.Lock()
	model := m.order[len(m.order)-1]
	counted, performance := m.tallies[model], m.performance[model]
	m.mutex.Unlock()
	return sepsis.Monitoring{Model: model, Since: counted.since, Drift: counted.drift(now), Performance: performance}
}

// answering names the model whose figures are told.
func (m *Monitor) answering() sepsis.ModelInfo {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.order[len(m.order)-1]
}
