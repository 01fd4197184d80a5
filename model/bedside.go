package model

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// BedsideHour is one hour of a stay as a caller sees it who has vital signs and no laboratory: no laboratory value, blood gas or oxygen fraction is sent.
// Such hours are learnt from beside the hours themselves: in the records a long stay without any laboratory value is that of a patient who needs none, and
// a model that has only seen these takes "not sent" for "not needed".
type BedsideHour struct {
	Stay int // index of the stay
	Row  int // index of the hour among the stay's observations
}

const (
	// bedsideEvery is how many hours lie between the bedside hours of a stay.
	bedsideEvery = 8
	// aloneEvery makes every second of them one without history, as a [Snapshot] is.
	aloneEvery = 2
)

// bedsideHours picks the hours; where a stay begins to be picked is drawn from the seed and its name, by bits that pick no snapshots.
func bedsideHours(stays []sepsis.LabelledStay, seed uint64) []BedsideHour {
	var picked []BedsideHour
	for i := range stays {
		s := &stays[i]
		for row := int(draw(seed, s.Hospital, s.ID) >> 40 % bedsideEvery); row < len(s.Observations); row += bedsideEvery { //nolint:gosec // small
			picked = append(picked, BedsideHour{i, row})
		}
	}
	return picked
}

// Alone tells whether the hour is sent without its history.
func (h BedsideHour) Alone() bool { return h.Row == 0 || h.Row/bedsideEvery%aloneEvery == 1 }

// Hour is the ICU hour that such a caller tells; [sepsis.HourUnknown] if none.
func (h BedsideHour) Hour(stay *sepsis.LabelledStay) int {
	if h.Alone() {
		return Snapshot(h).Hour(stay)
	}
	return stay.Observations[h.Row].Hour
}

// features computes those of the hour.
func (h BedsideHour) features(stay *sepsis.LabelledStay, into []float32) {
	sent := &stay.Stay
	if h.Alone() {
		sent = Snapshot(h).flat(stay)
	}
	extractor := features.NewExtractor(sent)
	for i := range min(h.Row+1, len(sent.Observations)) {
		seen := sent.Observations[i]
		seen.Values.KeepVitals()
		extractor.Observe(&seen)
	}
	extractor.Vector(into)
}
