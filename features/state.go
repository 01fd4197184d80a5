package features

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// Analytes are the 34 measurements and ionised calcium, which some laboratories send as calcium.
const (
	ionisedCalcium = sepsis.NumVariables
	numAnalytes    = sepsis.NumVariables + 1
)

// state is what is remembered of a stay up to the current hour. Its size does not depend on the stay's length.
type state struct {
	stay     *sepsis.Stay
	known    bool // whether the hour since ICU admission is known
	hour     int  // the current hour
	first    int  // the hour of the first observation
	started  bool
	series   [numAnalytes]series
	windows  [len(vitals)]window
	rolling  [len(vitals)]rolling
	bedside  [len(bedsideScores)]window
	course   [len(bedsideScores)]rolling
	pattern  pattern
	carried  sepsis.Values // last known values, with ionised calcium kept out
	burdened [len(burdens)]hourBits
}

func (s *state) reset(stay *sepsis.Stay) {
	*s = state{stay: stay, carried: sepsis.NoValues()}
	for a := range s.series {
		s.series[a] = newSeries()
	}
	for v := range s.windows {
		s.windows[v] = newWindow()
	}
	for b := range s.bedside {
		s.bedside[b] = newWindow()
	}
}

func (s *state) observe(observation *sepsis.Observation) {
	s.advance(observation.Hour)
	values := split(&observation.Values)
	for a := range s.series {
		if value := values[a]; !sepsis.IsMissing(value) {
			s.series[a].measure(s.hour, value)
		}
	}
	for v := range sepsis.NumVariables {
		s.carried[v] = s.series[v].last
	}
	for i, v := range vitals {
		s.windows[i].set(values[v])
		s.rolling[i] = s.windows[i].statistics()
	}
	for i := range bedsideScores {
		s.bedside[i].set(points(&bedsideScores[i].score, &s.carried))
		s.course[i] = s.bedside[i].statistics()
	}
	for i := range burdens {
		s.burdened[i].mark(burdens[i].holds(&values))
	}
	s.pattern.observe(s.hour, &values)
}

// advance moves the clock to the hour of the next observation; hours between count as hours without one.
func (s *state) advance(hour int) {
	s.known = hour != sepsis.HourUnknown
	if !s.known {
		hour = 1
	}
	elapsed := hour - s.hour
	if !s.started {
		s.started, s.first, elapsed = true, hour, 1
	}
	s.hour = hour
	for a := range s.series {
		s.series[a].advance(elapsed)
	}
	for v := range s.windows {
		s.windows[v].advance(elapsed)
	}
	for b := range s.bedside {
		s.bedside[b].advance(elapsed)
	}
	for i := range s.burdened {
		s.burdened[i].advance(elapsed)
	}
	s.pattern.advance(elapsed)
}

// analyteValues are the values of one hour with total and ionised calcium told apart.
type analyteValues [numAnalytes]float64

func split(values *sepsis.Values) analyteValues {
	var split analyteValues
	copy(split[:], values[:])
	split[ionisedCalcium] = sepsis.Missing
	if values[sepsis.Calcium] < sepsis.IonisedCalciumBelow {
		split[sepsis.Calcium], split[ionisedCalcium] = sepsis.Missing, values[sepsis.Calcium]
	}
	return split
}

func analyteName(a int) string {
	if a == ionisedCalcium {
		return "ionised_calcium"
	}
	return sepsis.Variable(a).String()
}

// points is a partial bedside score, missing when none of its parts is known.
func points(s *score.BedsideScore, values *sepsis.Values) float64 {
	total, known := s.Points(values)
	if known == 0 {
		return sepsis.Missing
	}
	return float64(total)
}
