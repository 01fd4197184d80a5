package monitor

import (
	"sync"
	"time"

	"github.com/medtech-detect/sepsis"
)

// keptHours is how far back drift is told: 30 days.
const keptHours = 30 * 24

// tally counts the predictions of one model by the hour of the clock. Safe for concurrent use.
type tally struct {
	reference Reference
	since     time.Time
	offsets   []int // where the cells of each input begin; those of the score are the last
	cells     int
	mutex     sync.Mutex
	hours     [keptHours]hour
}

// hour holds, for each distribution, how many predictions lay in each bin. The last cell of an input is: missing.
type hour struct {
	at          int64 // hours since 1970
	predictions int
	counts      []uint32
}

func newTally(reference Reference, since time.Time) *tally {
	t := &tally{reference: reference, since: since}
	for i := range reference.Inputs {
		t.offsets = append(t.offsets, t.cells)
		t.cells += len(reference.Inputs[i].Counts) + 1
	}
	t.offsets = append(t.offsets, t.cells)
	if reference.Score != nil {
		t.cells += len(reference.Score.Counts)
	}
	return t
}

// filled are the cells that a prediction belongs to.
func (t *tally) filled(stay *sepsis.Stay, risk sepsis.Risk) []int {
	latest := stay.Latest(t.reference.WindowHours)
	filled := make([]int, 0, len(t.offsets))
	for v := range t.reference.Inputs {
		bins := &t.reference.Inputs[v]
		cell := len(bins.Counts)
		if !sepsis.IsMissing(latest[v]) {
			cell = bins.bin(latest[v])
		}
		filled = append(filled, t.offsets[v]+cell)
	}
	if score := t.reference.Score; score != nil {
		filled = append(filled, t.offsets[len(t.reference.Inputs)]+score.bin(risk.Probability))
	}
	return filled
}

// add counts a prediction. An hour 30 days before another takes its place, whichever way the clock moves.
func (t *tally) add(at time.Time, filled []int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	now := at.Unix() / 3600
	slot := &t.hours[((now%keptHours)+keptHours)%keptHours]
	if slot.counts == nil {
		slot.counts = make([]uint32, t.cells)
	}
	if slot.at != now {
		slot.at, slot.predictions = now, 0
		clear(slot.counts)
	}
	slot.predictions++
	for _, cell := range filled {
		slot.counts[cell]++
	}
}

// total is what was counted in the last so many hours.
type total struct {
	hours       int64
	predictions int
	counts      []int
}

// sum adds up the last hours of each total, before and with that of a time. All answers wait to be counted while the counts are held, and
// adding up 30 days takes milliseconds: so they are held for one hour after the other.
func (t *tally) sum(at time.Time, totals []total) {
	now := at.Unix() / 3600
	for i := range t.hours {
		t.mutex.Lock()
		slot := &t.hours[i]
		for j := range totals {
			if ago := now - slot.at; ago >= 0 && ago < totals[j].hours {
				totals[j].add(slot)
			}
		}
		t.mutex.Unlock()
	}
}

func (t *total) add(slot *hour) {
	t.predictions += slot.predictions
	for cell, count := range slot.counts {
		t.counts[cell] += int(count)
	}
}
