package model

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// Snapshot is one hour of a stay as a caller sees it who sends no history: the latest values of that hour as one
// observation. Snapshots are learnt from and measured beside the hours themselves, because without them a
// model that has only seen histories takes "sent once" for "measured once in thirty hours".
type Snapshot struct {
	Stay     int  // index of the stay
	Row      int  // index of the hour among the stay's observations
	Hourless bool // whether it does not tell the ICU hour, which callers may leave out
}

const (
	// snapshotEvery is how many hours lie between the snapshots of a stay.
	snapshotEvery = 6
	// hourlessEvery makes every fourth of them one that does not tell the ICU hour.
	hourlessEvery = 4
)

// snapshots picks the hours; where a stay begins to be picked, and which do not tell their hour, is drawn from the seed and its name: neither may hang on the
// hour, or what is learnt of the one would be of the other.
func snapshots(stays []sepsis.LabelledStay, seed uint64) []Snapshot {
	var picked []Snapshot
	for i := range stays {
		s := &stays[i]
		drawn := draw(seed, s.Hospital, s.ID)
		turn := drawn >> 48
		for row := int(drawn % snapshotEvery); row < len(s.Observations); row += snapshotEvery {
			picked = append(picked, Snapshot{i, row, turn%hourlessEvery == 0})
			turn++
		}
	}
	return picked
}

// flat is the stay that a caller would send at that hour without history.
func (s Snapshot) flat(stay *sepsis.LabelledStay) *sepsis.Stay {
	past := stay.Stay
	past.Observations = stay.Observations[:s.Row+1]
	now := past
	now.Observations = []sepsis.Observation{{Values: past.Latest(score.WindowHours)}}
	now.Observations[0].Hour = s.Hour(stay)
	return &now
}

// Hour is the ICU hour that such a caller tells; [sepsis.HourUnknown] if none.
func (s Snapshot) Hour(stay *sepsis.LabelledStay) int {
	if s.Hourless {
		return sepsis.HourUnknown
	}
	return stay.Observations[s.Row].Hour
}
