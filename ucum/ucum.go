// Package ucum reads the units that hospitals write and converts between the units of one analyte.
//
// It holds a closed list: a spelling that is not in it is unknown, never guessed. Codes follow the
// Unified Code for Units of Measure (UCUM, https://ucum.org), which is case-sensitive.
package ucum

import (
	"regexp"
	"strings"
)

// Unit is a unit in its one canonical UCUM spelling, such as "mg/dL" or "mm[Hg]".
type Unit string

// canonical lists every unit that the project knows, in its canonical spelling.
var canonical = map[Unit]bool{
	"/min": true, "%": true, "1": true, "Cel": true, "[degF]": true, "mm[Hg]": true, "kPa": true,
	"mmol/L": true, "umol/L": true, "meq/L": true, "[pH]": true, "U/L": true, "[IU]/L": true, "ukat/L": true,
	"mg/dL": true, "g/dL": true, "g/L": true, "ng/mL": true, "ng/L": true, "ug/L": true, "L/L": true, "s": true,
	"10*3/uL": true, "10*9/L": true, "/uL": true, "a": true, "h": true,
}

// spellings maps what is written in practice to the canonical code. UCUM itself allows "l" and "L" for the
// litre; the other entries are common notations that can mean one thing only.
var spellings = map[string]Unit{
	"1/min": "/min", "[degC]": "Cel", "°C": "Cel", "degC": "Cel", "°F": "[degF]", "degF": "[degF]",
	"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]",
	"mmol/l": "mmol/L", "umol/l": "umol/L", "meq/l": "meq/L", "mEq/L": "meq/L", "mEq/l": "meq/L",
	"U/l": "U/L", "[IU]/l": "[IU]/L", "[iU]/L": "[IU]/L", "[iU]/l": "[IU]/L", "IU/L": "[IU]/L", "IU/l": "[IU]/L", "UI/L": "[IU]/L",
	"ukat/l": "ukat/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "g/l": "g/L",
	"ng/ml": "ng/mL", "ng/l": "ng/L", "ug/l": "ug/L", "l/l": "L/L",
	"10*3/ul": "10*3/uL", "10^3/uL": "10*3/uL", "10^3/ul": "10*3/uL", "10*3/mm3": "10*3/uL",
	"10*9/l": "10*9/L", "10^9/L": "10*9/L", "10^9/l": "10*9/L", "G/L": "10*9/L", "G/l": "10*9/L",
	"/ul": "/uL", "1/uL": "/uL", "/mm3": "/uL",
}

// symbols are the units that people write otherwise than UCUM does.
var symbols = map[Unit]string{
	"Cel": "°C", "[degF]": "°F", "mm[Hg]": "mmHg", "umol/L": "µmol/L", "ug/L": "µg/L", "ukat/L": "µkat/L", "meq/L": "mEq/L",
	"[IU]/L": "IU/L", "[pH]": "", "10*3/uL": "10³/µL", "10*9/L": "10⁹/L", "/uL": "/µL", "1": "a fraction of 1",
}

// Symbol is the unit as people write it: "mmHg" for "mm[Hg]".
func (u Unit) Symbol() string {
	if symbol, special := symbols[u]; special {
		return symbol
	}
	return string(u)
}

// annotation is a UCUM annotation in braces, which carries no meaning for the unit: "{beats}/min" is "/min".
var annotation = regexp.MustCompile(`\{[\x21-\x7A\x7C\x7E]*\}`)

var micro = strings.NewReplacer("\u00b5", "u", "\u03bc", "u")

// Parse gives the canonical unit of a spelling, and false when the spelling is not known.
// The micro sign (U+00B5) and the Greek mu (U+03BC) are read as UCUM's "u".
func Parse(spelling string) (Unit, bool) {
	if canonical[Unit(spelling)] {
		return Unit(spelling), true
	}
	code := micro.Replace(annotation.ReplaceAllString(spelling, ""))
	if canonical[Unit(code)] {
		return Unit(code), true
	}
	unit, known := spellings[code]
	return unit, known
}

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
