package model

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// BedsideHour is one hour of a stay as a caller sees it who has vital signs and no laboratory: no laboratory value, blood gas or oxygen fraction is sent.
// Such hours are learnt from beside the hours themselves: in the records a long stay without any laboratory value is that of a patient who needs none, and
// a model that has only seen these takes "not sent" for "not needed".
type BedsideHour struct {
	Snapshot      // that is sent, if it is sent alone
	Alone    bool // whether it is sent without its history
}

// bedsideEvery is how many hours lie between the bedside hours of a stay. Every second of them is sent alone.
const bedsideEvery = 8

// bedsideHours picks the hours; where a stay begins to be picked, which are alone, and which of these do not tell their hour, is drawn as for snapshots, by other bits.
func bedsideHours(stays []sepsis.LabelledStay, seed uint64) []BedsideHour {
	var picked []BedsideHour
	for i := range stays {
		s := &stays[i]
		drawn := draw(seed, s.Hospital, s.ID) >> 16
		turn := drawn >> 32
		for row := int(drawn % bedsideEvery); row < len(s.Observations); row += bedsideEvery { //nolint:gosec // small
			alone := row == 0 || turn&1 == 1
			picked = append(picked, BedsideHour{Snapshot{i, row, alone && turn>>1%hourlessEvery == 0}, alone})
			turn++
		}
	}
	return picked
}

// features computes those of the hour.
func (h BedsideHour) features(stay *sepsis.LabelledStay, into []float32) {
	sent := &stay.Stay
	if h.Alone {
		sent = h.flat(stay)
	}
	extractor := features.NewExtractor(sent)
	for i := range min(h.Row+1, len(sent.Observations)) {
		seen := sent.Observations[i]
		seen.Values.KeepVitals()
		extractor.Observe(&seen)
	}
	extractor.Vector(into)
}
