package score

import (
	"math"

	"github.com/medtech-detect/sepsis"
)

// consciousness is the part that no score here can know: the Challenge data have no Glasgow Coma Scale and no
// ACVPU level.
var consciousness = Item{
	Name:   "consciousness",
	Points: func(*sepsis.Values) (int, bool) { return 0, false },
}

// side is the side of a cut-off on which its points are given.
type side int

const (
	below   side = iota // x < value
	atMost              // x <= value
	atLeast             // x >= value
	above               // x > value
)

// cutoff gives points on one side of a value.
type cutoff struct {
	side   side
	value  float64
	points int
}

func (c cutoff) holds(x float64) bool {
	switch c.side {
	case below:
		return x < c.value
	case atMost:
		return x <= c.value
	case atLeast:
		return x >= c.value
	default:
		return x > c.value
	}
}

// reading is the number that cut-offs are compared with, or [sepsis.Missing].
type reading func(v *sepsis.Values) float64

// exact is the precision to which a continuous measurement is compared: fine enough for every unit, and coarse
// enough that the rounding error of a unit conversion (309.4 µmol/L becomes 3.4999999999999996 mg/dL) does not
// cross a cut-off.
const exact = 6

// measured reads a variable, rounded to a number of decimals.
func measured(variable sepsis.Variable, decimals int) reading {
	scale := math.Pow10(decimals)
	return func(v *sepsis.Values) float64 { return math.Round(v[variable]*scale) / scale }
}

// graded is an item with the points of the first cut-off that holds, and 0 when none does.
func graded(name string, read reading, cutoffs ...cutoff) Item {
	return Item{Name: name, Points: func(v *sepsis.Values) (int, bool) {
		x := read(v)
		if sepsis.IsMissing(x) {
			return 0, false
		}
		for _, c := range cutoffs {
			if c.holds(x) {
				return c.points, true
			}
		}
		return 0, true
	}}
}

// either is an item with the higher points of two that measure the same thing. One of them is enough to know it.
func either(a, b Item) Item {
	return Item{Name: a.Name, Points: func(v *sepsis.Values) (int, bool) {
		first, firstKnown := a.Points(v)
		second, secondKnown := b.Points(v)
		return max(first, second), firstKnown || secondKnown
	}}
}
