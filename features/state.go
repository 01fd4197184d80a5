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
	courses  [len(vitals)]course
	bedside  [len(bedsideScores)]window
	points   [len(bedsideScores)]rolling
	usual    [len(bedsideScores)]fading
	pattern  pattern
	values   analyteValues // of the current hour
	carried  sepsis.Values // latest values that count for bedside scores, with ionised calcium kept out
	burdened [len(burdens)]hourBits
	burden   [len(burdens)]lastHour
}

func (s *state) reset(stay *sepsis.Stay) {
	*s = state{stay: stay, carried: sepsis.NoValues()}
	for a := range s.series {
		s.series[a] = newSeries()
	}
	for v := range s.courses {
		s.courses[v] = newCourse()
	}
	for b := range s.usual {
		s.usual[b] = newFading(usualWeight)
	}
}

// observe takes in an observation. Hours since the one before count as hours in which nothing was measured, so that
// leaving out an empty hour between two others and sending it are the same. Before the first one they are not: the record begins
// with the first observation, and an empty one says that it began then. One at the end says that the stay has come so far.
func (s *state) observe(observation *sepsis.Observation) {
	s.known = observation.Hour != sepsis.HourUnknown
	hour := observation.Hour
	if !s.known {
		hour = 1
	}
	if !s.started {
		s.started, s.first, s.hour = true, hour, hour-1
	}
	nothing := sepsis.NoValues()
	for s.hour+1 < hour {
		s.pass(&nothing)
	}
	s.pass(&observation.Values)
}

// pass takes in the next hour.
func (s *state) pass(measured *sepsis.Values) {
	s.hour++
	s.values = split(measured)
	for a := range s.series {
		s.series[a].advance()
		if value := s.values[a]; !sepsis.IsMissing(value) {
			s.series[a].measure(s.hour, value)
		}
	}
	for v := range sepsis.NumVariables {
		s.carried[v] = s.series[v].recent(s.hour)
	}
	for i, v := range vitals {
		s.windows[i].advance()
		s.windows[i].set(s.values[v])
		s.courses[i].add(s.values[v])
	}
	for i := range bedsideScores {
		s.bedside[i].advance()
		total := points(&bedsideScores[i], &s.carried)
		s.bedside[i].set(total)
		s.usual[i].add(total)
	}
	for i := range burdens {
		s.burdened[i].advance()
		holds := burdens[i].holds(&s.values)
		s.burdened[i].mark(holds)
		s.burden[i].mark(s.hour, holds)
	}
	s.pattern.observe(s.hour, &s.values)
}

// summarise takes the statistics of what the windows hold now. Hours of which no vector is asked need none.
func (s *state) summarise() {
	for i := range s.windows {
		s.rolling[i] = s.windows[i].statistics()
	}
	for i := range s.bedside {
		s.points[i] = s.bedside[i].statistics()
	}
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
