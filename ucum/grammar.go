package ucum

import (
	"math"
	"strconv"
	"strings"
)

// measure is what a unit expression comes to: a product of powers of the kinds of quantity below, and how many of
// the kind's base unit one of it is, as a ratio of whole numbers so that nothing is lost.
type measure struct {
	numerator, denominator float64
	exponents              [numKinds]int
}

// kind is a quantity that is never converted to another without knowing the analyte. Pressure in pascal and in
// millimetres of mercury are two kinds, and so are the mole and the gram: what joins them is the caller's to say.
type kind int

const (
	mass         kind = iota // g
	substance                // mol
	charge                   // eq
	enzymeUnit               // U
	internatUnit             // [IU]
	katal                    // kat
	volume                   // L
	duration                 // s
	pascal                   // Pa
	mercury                  // m[Hg]
	numKinds
)

// atom is a unit symbol of the closed list.
type atom struct {
	kind     kind
	exponent int     // of the kind; 0 for pure numbers
	scale    float64 // in base units, a whole number, or the inverse of one when inverse is set
	inverse  bool
	metric   bool // whether prefixes may precede it
}

// atoms are the symbols of which the units of the vocabulary are made (UCUM 2.1, tables 1, 3 to 7). 1 bar = 1e5 Pa.
var atoms = map[string]atom{
	"g": {kind: mass, exponent: 1, scale: 1, metric: true}, "mol": {kind: substance, exponent: 1, scale: 1, metric: true},
	"eq": {kind: charge, exponent: 1, scale: 1, metric: true}, "U": {kind: enzymeUnit, exponent: 1, scale: 1, metric: true},
	"[IU]": {kind: internatUnit, exponent: 1, scale: 1, metric: true}, "[iU]": {kind: internatUnit, exponent: 1, scale: 1, metric: true},
	"kat": {kind: katal, exponent: 1, scale: 1, metric: true},
	"L":   {kind: volume, exponent: 1, scale: 1, metric: true}, "l": {kind: volume, exponent: 1, scale: 1, metric: true},
	"m3": {kind: volume, exponent: 1, scale: 1000}, "dm3": {kind: volume, exponent: 1, scale: 1},
	"cm3": {kind: volume, exponent: 1, scale: 1e3, inverse: true}, "mm3": {kind: volume, exponent: 1, scale: 1e6, inverse: true},
	"s": {kind: duration, exponent: 1, scale: 1, metric: true}, "min": {kind: duration, exponent: 1, scale: 60},
	"h": {kind: duration, exponent: 1, scale: 3600}, "d": {kind: duration, exponent: 1, scale: 86400},
	"Pa": {kind: pascal, exponent: 1, scale: 1, metric: true}, "bar": {kind: pascal, exponent: 1, scale: 1e5, metric: true},
	"m[Hg]": {kind: mercury, exponent: 1, scale: 1, metric: true},
	"%":     {scale: 100, inverse: true},
}

// prefixes are powers of ten (UCUM 2.1, table 1), those that are met in laboratories.
var prefixes = map[string]int{"k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}

// measureOf reads a UCUM expression: atoms with prefixes and exponents, joined by "." and "/", and powers of ten.
func measureOf(expression string) (measure, bool) {
	total := measure{numerator: 1, denominator: 1}
	rest, inverted := strings.CutPrefix(expression, "/")
	if rest == "" {
		return measure{}, false
	}
	for {
		end := strings.IndexAny(rest, "./")
		component := rest
		if end >= 0 {
			component = rest[:end]
		}
		if !total.multiply(component, inverted) {
			return measure{}, false
		}
		if end < 0 {
			return total, total.isExact()
		}
		inverted, rest = rest[end] == '/', rest[end+1:]
	}
}

// maxExact is the largest power of ten that a float64 holds without rounding.
const maxExact = 1e22

func (m measure) isExact() bool { return m.numerator <= maxExact && m.denominator <= maxExact }

// multiply takes one component into the product, or divides by it.
func (m *measure) multiply(component string, divide bool) bool {
	if power, isPower := powerOfTen(component); isPower {
		m.scale(power, divide)
		return true
	}
	symbol, exponent := splitExponent(component)
	unit, prefix, known := findAtom(symbol)
	if !known || exponent == 0 || exponent < -3 || exponent > 3 {
		return false
	}
	for range max(exponent, -exponent) {
		m.one(unit, prefix, divide != (exponent < 0))
	}
	return true
}

// one takes a single power of an atom into the product.
func (m *measure) one(unit atom, prefix int, divide bool) {
	m.scale(prefix, divide)
	if divide != unit.inverse {
		m.denominator *= unit.scale
	} else {
		m.numerator *= unit.scale
	}
	if divide {
		m.exponents[unit.kind] -= unit.exponent
	} else {
		m.exponents[unit.kind] += unit.exponent
	}
}

// scale multiplies by a power of ten, or divides by it.
func (m *measure) scale(power int, divide bool) {
	if divide {
		power = -power
	}
	if power < 0 {
		m.denominator *= math.Pow10(-power)
	} else {
		m.numerator *= math.Pow10(power)
	}
}

// powerOfTen reads "1", "10*9", "10^9" and "10*": the pure numbers of laboratory units.
func powerOfTen(component string) (int, bool) {
	if component == "1" {
		return 0, true
	}
	digits, found := strings.CutPrefix(component, "10*")
	if !found {
		if digits, found = strings.CutPrefix(component, "10^"); !found {
			return 0, false
		}
	}
	if digits == "" {
		return 1, true
	}
	power, err := strconv.Atoi(digits)
	return power, err == nil && power >= -12 && power <= 12
}

// splitExponent parts "L-1" into "L" and -1. The cubes of the metre are atoms of their own.
func splitExponent(component string) (string, int) {
	if _, whole := atoms[component]; whole {
		return component, 1
	}
	end := len(component)
	for end > 0 && (component[end-1] >= '0' && component[end-1] <= '9') {
		end--
	}
	if end == len(component) {
		return component, 1
	}
	if end > 0 && (component[end-1] == '-' || component[end-1] == '+') {
		end--
	}
	exponent, err := strconv.Atoi(component[end:])
	if err != nil {
		return component, 0
	}
	return component[:end], exponent
}

// findAtom finds a symbol, with or without a prefix. A symbol without one wins: "min" is no milli-"in".
func findAtom(symbol string) (unit atom, prefix int, known bool) {
	if unit, known = atoms[symbol]; known {
		return unit, 0, true
	}
	if len(symbol) < 2 {
		return atom{}, 0, false
	}
	prefix, known = prefixes[symbol[:1]]
	unit, found := atoms[symbol[1:]]
	return unit, prefix, known && found && unit.metric
}
