package features

import (
	"math"
	"math/bits"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// hourBits remembers in which of the last 64 hours something happened; the lowest bit is the current hour.
type hourBits uint64

func (b *hourBits) advance() { *b <<= 1 }

func (b *hourBits) mark(happened bool) {
	if happened {
		*b |= 1
	}
}

// within counts the hours among the last n, the current one included, in which it happened.
func (b hourBits) within(n int) float64 {
	return float64(bits.OnesCount64(uint64(b) & (1<<uint(n) - 1)))
}

// series is the history of one analyte.
type series struct {
	last, previous, first  float64
	low, high, sum         float64
	count                  int
	lastHour, previousHour int
	measured               hourBits
}

func newSeries() series {
	return series{last: sepsis.Missing, previous: sepsis.Missing, first: sepsis.Missing, low: sepsis.Missing, high: sepsis.Missing}
}

func (s *series) advance() { s.measured.advance() }

// recent is the last value if it counts for a bedside score, else missing.
func (s *series) recent(now int) float64 {
	if now-s.lastHour > score.WindowHours {
		return sepsis.Missing
	}
	return s.last
}

func (s *series) measure(hour int, value float64) {
	if s.count == 0 {
		s.first, s.low, s.high = value, value, value
	}
	s.previous, s.previousHour = s.last, s.lastHour
	s.last, s.lastHour = value, hour
	s.low, s.high = math.Min(s.low, value), math.Max(s.high, value)
	s.sum += value
	s.count++
	s.measured.mark(true)
}

// age is the hours since the last measurement, missing when there was none.
func (s *series) age(now int) float64 {
	if s.count == 0 {
		return sepsis.Missing
	}
	return float64(now - s.lastHour)
}

// mean is the mean of all measurements so far.
func (s *series) mean() float64 {
	if s.count == 0 {
		return sepsis.Missing
	}
	return s.sum / float64(s.count)
}

// adderOf adds features of one analyte. Ionised calcium is sent as calcium, so an explanation counts it to that.
func (t *table) adderOf(a int) func(name string, family Family, read func(s *state) float64) {
	source, group := analyteName(a), analyteName(a)
	if a == ionisedCalcium {
		group = sepsis.Calcium.String()
	}
	return func(name string, family Family, read func(s *state) float64) {
		t.addShared(name, family, source, []string{group}, read)
	}
}

// analytes adds what is read from the history of each analyte.
func (t *table) analytes() {
	for a := range numAnalytes {
		name, add := analyteName(a), t.adderOf(a)
		add(name+"_last", Level, func(s *state) float64 { return s.series[a].last })
		add(name+"_age", Timing, func(s *state) float64 { return s.series[a].age(s.hour) })
		add(name+"_count", Timing, func(s *state) float64 { return float64(s.series[a].count) })
		add(name+"_change", Trend, func(s *state) float64 { return s.series[a].last - s.series[a].previous })
	}
}

// labs adds what is read from the history of the analytes that are drawn and not watched.
func (t *table) labs() {
	for a := range numAnalytes {
		if !drawn[a] {
			continue
		}
		name, add := analyteName(a), t.adderOf(a)
		add(name+"_count_24h", Timing, func(s *state) float64 { return s.series[a].measured.within(24) })
		add(name+"_from_first", Trend, func(s *state) float64 { return s.series[a].last - s.series[a].first })
		add(name+"_low", WholeLOS, func(s *state) float64 { return s.series[a].low })
		add(name+"_high", WholeLOS, func(s *state) float64 { return s.series[a].high })
	}
}
