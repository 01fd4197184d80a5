// Package ucum reads the units that hospitals write and converts between the units of one analyte.
//
// It holds a closed list of unit symbols with their prefixes, and of common notations beside UCUM: what is not in it
// is unknown, never guessed. Codes follow the Unified Code for Units of Measure (UCUM 2.1, https://ucum.org), which is
// case-sensitive.
package ucum

import (
	"fmt"
	"regexp"
	"strings"
)

// Unit is a unit as a UCUM code, such as "mg/dL" or "mm[Hg]". The units of the vocabulary have one spelling each.
type Unit string

// canonical lists the units of the vocabulary, each in its canonical spelling.
var canonical = map[Unit]bool{
	"/min": true, "%": true, "1": true, "Cel": true, "[degF]": true, "mm[Hg]": true, "kPa": true,
	"mmol/L": true, "umol/L": true, "meq/L": true, "[pH]": true, "U/L": true, "[IU]/L": true, "ukat/L": true,
	"mg/dL": true, "g/dL": true, "g/L": true, "ng/mL": true, "ng/L": true, "ug/L": true, "L/L": true, "s": true,
	"10*3/uL": true, "10*9/L": true, "/uL": true, "a": true, "h": true,
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

// Amount is a number with its unit as people write it: "88 mmHg", and "0.4" where the unit is that of a pure number.
func (u Unit) Amount(number string) string {
	if u == "1" {
		return number
	}
	return strings.TrimSpace(number + " " + u.Symbol())
}

// Refusal says why a spelling is not read as a unit.
type Refusal struct {
	Spelling string
	Reason   string
}

func (r *Refusal) Error() string { return fmt.Sprintf("the unit %q %s", r.Spelling, r.Reason) }

// annotation is a UCUM annotation in braces, which carries no meaning for the unit: "{beats}/min" is "/min".
var annotation = regexp.MustCompile(`\{[\x21-\x7A\x7C\x7E]*\}`)

// characters are the letters and digits that people write and UCUM does not have. The micro sign (U+00B5) and the
// Greek mu (U+03BC) look the same, as the degree sign and the masculine ordinal (U+00BA) do. A raised 3 is an exponent of the metre and a power
// of ten elsewhere: the longer one comes first. So do the volumes that are written in other letters.
var characters = strings.NewReplacer("\u00b5", "u", "\u03bc", "u", "\u00ba", "°", "m³", "m3", "⁻¹", "-1", "³", "*3", "⁶", "*6", "⁹", "*9", "℃", "Cel", "℉", "[degF]", "×", "x", "·", ".",
	"/mcL", "/uL", "/mcl", "/uL", "/mm³", "/uL", "/mm3", "/uL", "/cu mm", "/uL", "/cumm", "/uL", "/cmm", "/uL", "/100mL", "/dL", "/100 mL", "/dL", "/100ml", "/dL", "/100 ml", "/dL")

// Parse gives the unit of a spelling. The error is a *Refusal: unknown, or known to mean more than one thing.
func Parse(spelling string) (Unit, error) {
	if canonical[Unit(spelling)] {
		return Unit(spelling), nil // as nearly always
	}
	code := characters.Replace(annotation.ReplaceAllString(spelling, ""))
	if code == "" && spelling != "" {
		return "", &Refusal{spelling, "is an annotation alone, which says nothing of the unit"}
	}
	if unit, common := notation(code); common {
		return unit, nil
	}
	if reason, ambiguous := ambiguities[code]; ambiguous {
		return "", &Refusal{spelling, "is ambiguous: " + reason}
	}
	code = count(code)
	if canonical[Unit(code)] {
		return Unit(code), nil
	}
	m, known := measureOf(code)
	if !known {
		return "", &Refusal{spelling, unknownReason(code)}
	}
	return m.spelling(Unit(code)), nil
}

func notation(code string) (Unit, bool) {
	if unit, common := notations[code]; common {
		return unit, true
	}
	unit, common := words[strings.ToLower(code)]
	return unit, common
}

// count gives a count of cells as UCUM has it, and any other code as it is.
func count(code string) string {
	for _, c := range counts {
		code = c.form.ReplaceAllString(code, c.code)
	}
	return code
}

// spelling is the vocabulary's spelling of a unit that another expression says in other letters: "mmol.L-1" is
// "mmol/L". Units that only have the same size, such as "10*3/uL" and "10*9/L", keep their own.
func (m measure) spelling(code Unit) Unit {
	plain := strings.NewReplacer("l", "L", ".L-1", "/L", "10^", "10*", "1/", "/", "[iU]", "[IU]").Replace(string(code))
	plain = strings.ReplaceAll(plain, "moL", "mol")
	if canonical[Unit(plain)] {
		return Unit(plain)
	}
	return code
}

func unknownReason(code string) string {
	lower := strings.ToLower(code)
	for unit := range canonical {
		if lower == strings.ToLower(string(unit)) {
			return fmt.Sprintf("is not known: UCUM is case-sensitive; was %q meant?", unit)
		}
	}
	return "is not known"
}
