package ucum

import "math"

// Conversion takes a value in unit From to the analyte's own unit: (x - Offset) * Numerator / Denominator.
// It is kept as a ratio so that published factors ("divide by 18.016") are applied as published.
type Conversion struct {
	From                           Unit
	Offset, Numerator, Denominator float64
}

// Times converts by multiplying with factor.
func Times(from Unit, factor float64) Conversion {
	return Conversion{From: from, Numerator: factor, Denominator: 1}
}

// DividedBy converts by dividing by divisor.
func DividedBy(from Unit, divisor float64) Conversion {
	return Conversion{From: from, Numerator: 1, Denominator: divisor}
}

// Fahrenheit converts degrees Fahrenheit to degrees Celsius: (x - 32) / 1.8.
func Fahrenheit() Conversion {
	return Conversion{From: "[degF]", Offset: 32, Numerator: 1, Denominator: 1.8}
}

// Convert takes a value in c.From to the analyte's own unit.
func (c Conversion) Convert(x float64) float64 {
	return (x - c.Offset) * c.Numerator / c.Denominator
}

// Invert takes a value in the analyte's own unit to c.From.
func (c Conversion) Invert(x float64) float64 {
	return x*c.Denominator/c.Numerator + c.Offset
}

// Through extends the conversion to another unit of the same kind of quantity: from nmol/L, when c is from umol/L.
// It is false when the two units measure different things, or when c has an offset.
func (c Conversion) Through(unit Unit) (Conversion, bool) {
	numerator, denominator, same := ratio(unit, c.From)
	if !same || c.Offset != 0 {
		return Conversion{}, false
	}
	return Conversion{From: unit, Numerator: c.Numerator * numerator, Denominator: c.Denominator * denominator}, true
}

// ratio is how many of the second unit one of the first is, when both measure the same kind of quantity.
func ratio(from, to Unit) (numerator, denominator float64, same bool) {
	a, known := measureOf(string(from))
	b, alsoKnown := measureOf(string(to))
	if !known || !alsoKnown || a.exponents != b.exponents {
		return 0, 0, false
	}
	numerator, denominator = reduce(a.numerator*b.denominator, a.denominator*b.numerator)
	return numerator, denominator, true
}

// SameKind tells whether two units measure the same kind of quantity, such as moles by volume.
func SameKind(a, b Unit) bool {
	_, _, same := ratio(a, b)
	return same
}

// SameSize tells whether two units are the same amount of the same kind of quantity, such as g/L and mg/mL.
func SameSize(a, b Unit) bool {
	numerator, denominator, same := ratio(a, b)
	return same && numerator == denominator
}

// reduce cancels what divides exactly, so that units of the same size give 1 and 1.
func reduce(numerator, denominator float64) (float64, float64) {
	if whole := numerator / denominator; whole == math.Trunc(whole) && whole*denominator == numerator {
		return whole, 1
	}
	if whole := denominator / numerator; whole == math.Trunc(whole) && whole*numerator == denominator {
		return 1, whole
	}
	return numerator, denominator
}
