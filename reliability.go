package sepsis

import (
	"fmt"
	"slices"
)

// How old data may be, and how little, before an answer should be doubted.
const (
	// RecentVitalsHours: without any vital sign in so many hours nothing is known of the patient's present state.
	// Intensive care takes them every hour; in the Challenge data 7 % (set A) and 12 % (set B) of the hours have none.
	RecentVitalsHours = 6
	// RecentLabsHours: in intensive care blood is drawn at least once a day, and SOFA is made of the worst values of
	// each day (Vincent et al. 1996, doi:10.1007/BF01709751).
	RecentLabsHours = 24
	// FewMeasurements: five of the parts of NEWS2 are numbers (respiratory rate, saturation, systolic pressure, pulse,
	// temperature; Royal College of Physicians 2017). With fewer different measurements in a day not even these are known.
	FewMeasurements = 5
)

// ReliabilityLevel says how far to rely on an answer.
type ReliabilityLevel string

// The levels.
const (
	GoodReliability    ReliabilityLevel = "good"
	LimitedReliability ReliabilityLevel = "limited"
	// Indeterminate: too little is known for an answer (the word is that of COMPOSER, Shashikumar et al. 2021,
	// doi:10.1038/s41746-021-00504-6).
	Indeterminate ReliabilityLevel = "indeterminate"
)

// ReliabilityLevels lists the levels, the best first.
var ReliabilityLevels = []ReliabilityLevel{GoodReliability, LimitedReliability, Indeterminate}

// Reason is one cause to doubt an answer.
type Reason struct {
	Code    ReasonCode `json:"code"`
	Message string     `json:"message"`
}

// Reliability is how far to rely on an answer: the worst level of its reasons, and good without any.
type Reliability struct {
	Level   ReliabilityLevel `json:"level"`
	Reasons []Reason         `json:"reasons"` // never nil, in the order of ReasonCodes
}

// Doubt adds a reason and lowers the level to the given one, unless it is that low already.
func (r *Reliability) Doubt(level ReliabilityLevel, code ReasonCode, message string) {
	r.Reasons = append(r.Reasons, Reason{code, message})
	if slices.Index(ReliabilityLevels, level) > slices.Index(ReliabilityLevels, r.Level) {
		r.Level = level
	}
}

// Sufficiency is the reliability as far as it depends on how much is known of a stay at its last observation, and
// how old that is. A stay without observations is indeterminate.
func Sufficiency(stay *Stay) Reliability {
	r := Reliability{Level: GoodReliability, Reasons: []Reason{}}
	recent, day := stay.Latest(RecentVitalsHours), stay.Latest(RecentLabsHours)
	if recent.Count(Variable.IsVital) == 0 {
		r.Doubt(Indeterminate, NoRecentVitals, fmt.Sprintf("no vital sign measured in the last %d hours", RecentVitalsHours))
	}
	if day.Count(Variable.IsLaboratoryValue) == 0 {
		r.Doubt(LimitedReliability, NoRecentLabs, fmt.Sprintf("no laboratory value in the last %d hours", RecentLabsHours))
	}
	if known := day.Known(); known < FewMeasurements {
		r.Doubt(LimitedReliability, TooLittleMeasured, fmt.Sprintf("%d of %d measurements known from the last %d hours, fewer than %d",
			known, NumVariables, RecentLabsHours, FewMeasurements))
	}
	if len(stay.Observations) == 1 {
		r.doubtSingle(stay.Observations[0].Hour)
	}
	return r
}

// doubtSingle adds what is missing when the only observation is of the given hour. Before the first hour there was
// nothing to send.
func (r *Reliability) doubtSingle(hour int) {
	if hour == HourUnknown {
		r.Doubt(LimitedReliability, HourNotGiven, "no icu_hour: the model relies on it")
	}
	if hour != 1 {
		r.Doubt(LimitedReliability, NoHistory, "one observation without the hours before it: trends and earlier values are not known")
	}
}
