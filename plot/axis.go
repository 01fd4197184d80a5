package plot

import (
	"math"
)

// Interval is a closed interval; it is used where Low < High.
type Interval struct{ Low, High float64 }

// Tick is a marked place of an axis.
type Tick struct {
	At    float64
	Label string
}

// Axis says how values become places. The zero value is a linear axis that fits the data.
type Axis struct {
	Log        bool     // logarithmic, base 10; values must be above 0
	Percent    bool     // numbers are shares: 0.25 is written as 25 %
	FromZero   bool     // a fitted linear axis includes 0
	Fixed      Interval // the ends, where Low < High; otherwise they fit the data
	Ticks      []Tick   // nil: round numbers
	Categories []string // words at the places 0, 1, …, in place of numbers; on the vertical axis the first is on top
}

// Bounds of the automatic ticks of an axis: with fewer than two nobody can read a value.
const (
	minTicks = 2
	maxTicks = 24
)

// scale turns values into places of the picture.
type scale struct {
	low, high float64 // the ends, as logarithms on a logarithmic axis
	from, to  float64 // their places
	log       bool
}

// at is the place of a value, and whether it has one. A place far outside the picture is drawn nearer.
func (s scale) at(value float64) (float64, bool) {
	if !finite(value) || (s.log && value <= 0) {
		return 0, false
	}
	if s.log {
		value = math.Log10(value)
	}
	const farOutside = 1e5
	share := (value - s.low) / (s.high - s.low)
	place := s.from + share*(s.to-s.from)
	return math.Max(-farOutside, math.Min(farOutside, place)), true
}

// within is at for values inside the axis alone.
func (s scale) within(value float64) (float64, bool) {
	const rounding = 1e-6 // of a pixel
	place, there := s.at(value)
	inside := place >= math.Min(s.from, s.to)-rounding && place <= math.Max(s.from, s.to)+rounding
	return place, there && inside
}

// extent is the interval that some values cover.
type extent struct {
	low, high float64
	log       bool // values that are not above 0 do not count
	any       bool
}

func (e *extent) add(values ...float64) {
	for _, value := range values {
		if !finite(value) || (e.log && value <= 0) {
			continue
		}
		if !e.any {
			e.low, e.high, e.any = value, value, true
		}
		e.low, e.high = math.Min(e.low, value), math.Max(e.high, value)
	}
}

// resolved is an axis whose ends and ticks are settled.
type resolved struct {
	low, high float64 // in the units of scale
	log       bool
	ticks     []Tick
}

func (a Axis) resolve(data extent, wanted int) resolved {
	switch {
	case len(a.Categories) > 0:
		return a.categorical()
	case a.Log:
		return a.logarithmic(data)
	}
	return a.linear(data, wanted)
}

func (a Axis) categorical() resolved {
	r := resolved{low: -0.5, high: float64(len(a.Categories)) - 0.5, ticks: a.Ticks}
	if r.ticks != nil {
		return r
	}
	for i, category := range a.Categories {
		r.ticks = append(r.ticks, Tick{float64(i), category})
	}
	return r
}

// fixed gives the fixed ends, if there are usable ones.
func (a Axis) fixed() (Interval, bool) {
	f := a.Fixed
	return f, f.Low < f.High && finite(f.Low) && finite(f.High) && (!a.Log || f.Low > 0)
}

func (a Axis) linear(data extent, wanted int) resolved {
	if !data.any {
		data.low, data.high = 0, 1
	}
	if a.FromZero {
		data.low, data.high = math.Min(0, data.low), math.Max(0, data.high)
	}
	fixed, isFixed := a.fixed()
	if isFixed {
		data.low, data.high = fixed.Low, fixed.High
	}
	data.low, data.high = widen(data.low, data.high)
	step := RoundStep((data.high - data.low) / float64(wanted))
	if !isFixed {
		data.low, data.high = step*math.Floor(data.low/step+1e-9), step*math.Ceil(data.high/step-1e-9)
	}
	r := resolved{low: data.low, high: data.high, ticks: a.Ticks}
	if r.ticks == nil {
		r.ticks = a.linearTicks(data, step)
	}
	return r
}

// widen gives an interval a length where it has none, or one that is lost in rounding.
func widen(low, high float64) (wideLow, wideHigh float64) {
	magnitude := math.Max(math.Abs(low), math.Abs(high))
	if high-low > 1e-9*magnitude && high-low > 1/largest {
		return low, high
	}
	if magnitude < 1/largest {
		return 0, 1
	}
	return low - magnitude/10, high + magnitude/10
}

// RoundStep is the smallest of 1, 2, 5 times a power of ten that is not below the given step, which must be above 0
// (Heckbert, "Nice Numbers for Graph Labels", Graphics Gems 1990).
func RoundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= step*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// linearTicks are the multiples of a step within the ends, or of a finer one if these are too few.
func (a Axis) linearTicks(ends extent, step float64) []Tick {
	ticks := a.multiples(ends, step)
	const mostFiner = 6 // rounding makes more useless
	for finer := 0; len(ticks) < minTicks && finer < mostFiner; finer++ {
		step = RoundStep(step / 2.5) // the next finer round step
		ticks = a.multiples(ends, step)
	}
	return ticks
}

func (a Axis) multiples(ends extent, step float64) []Tick {
	var ticks []Tick
	first, last := math.Ceil(ends.low/step-1e-6), math.Floor(ends.high/step+1e-6)
	for n := first; n <= last && len(ticks) < maxTicks; n++ {
		ticks = append(ticks, Tick{n * step, a.number(n*step, step)})
	}
	return ticks
}

// number writes a tick's value with the decimals that its step needs.
func (a Axis) number(value, step float64) string {
	suffix := ""
	if a.Percent {
		value, step, suffix = 100*value, 100*step, " %"
	}
	decimals := int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
	return label(value, min(decimals, 9)) + suffix
}

func (a Axis) logarithmic(data extent) resolved {
	if !data.any {
		data.low, data.high = 1, 10
	}
	fixed, isFixed := a.fixed()
	if isFixed {
		data.low, data.high = fixed.Low, fixed.High
	}
	low, high := math.Log10(data.low), math.Log10(data.high)
	factors := []float64{1}
	if high-low < 2 { // decades: too few ticks, so 2 and 5 are marked as well
		factors = []float64{1, 2, 5}
	}
	if !isFixed {
		low, high = outwards(low, high, factors)
	}
	r := resolved{low: low, high: high, log: true, ticks: a.Ticks}
	if r.ticks == nil {
		r.ticks = a.enoughLogTicks(low, high, factors)
	}
	return r
}

// enoughLogTicks marks more factors, and at last round numbers, where the ends are so near that there are too few marks.
func (a Axis) enoughLogTicks(low, high float64, factors []float64) []Tick {
	for _, marked := range [][]float64{factors, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		if ticks := a.logTicks(low, high, marked); len(ticks) >= minTicks {
			return ticks
		}
	}
	ends := extent{low: math.Pow(10, low), high: math.Pow(10, high)}
	return a.linearTicks(ends, RoundStep((ends.high-ends.low)/minTicks))
}

// outwards moves both ends to the next marks.
func outwards(low, high float64, factors []float64) (wideLow, wideHigh float64) {
	wideLow, wideHigh = math.Floor(low+1e-9), math.Ceil(high-1e-9)
	for _, factor := range factors {
		if mark := math.Floor(low+1e-9) + math.Log10(factor); mark <= low+1e-9 {
			wideLow = math.Max(wideLow, mark)
		}
		if mark := math.Ceil(high-1e-9) - 1 + math.Log10(factor); mark >= high-1e-9 {
			wideHigh = math.Min(wideHigh, mark)
		}
	}
	if wideHigh-wideLow < 1e-9 {
		return wideLow - 1, wideHigh + 1
	}
	return wideLow, wideHigh
}

func (a Axis) logTicks(low, high float64, factors []float64) []Tick {
	var ticks []Tick
	every := math.Max(1, math.Ceil((high-low)/maxTicks)) // decades
	for decade := math.Floor(low); decade <= high+1e-9 && len(ticks) < maxTicks; decade += every {
		for _, factor := range factors {
			if place := decade + math.Log10(factor); place < low-1e-9 || place > high+1e-9 {
				continue
			}
			value := factor * math.Pow(10, decade)
			ticks = append(ticks, Tick{value, a.number(value, math.Pow(10, decade))})
		}
	}
	return ticks
}

// value is the value at a share of the axis, from 0 at its low end to 1.
func (s scale) value(share float64) float64 {
	value := s.low + share*(s.high-s.low)
	if s.log {
		return math.Pow(10, value)
	}
	return value
}
