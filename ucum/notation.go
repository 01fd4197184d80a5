package ucum

import "regexp"

// notations maps what is written in practice beside UCUM to the code of the vocabulary. Each can mean one thing only
// among the units of intensive care.
var notations = map[string]Unit{
	"°C": "Cel", "° C": "Cel", "[degC]": "Cel", "°F": "[degF]", "° F": "[degF]",
	"mEq/L": "meq/L", "mEq/l": "meq/L", "mval/L": "meq/L", "mval/l": "meq/L",
	"IU/L": "[IU]/L", "IU/l": "[IU]/L", "UI/L": "[IU]/L", "UI/l": "[IU]/L",
	"mcmol/L": "umol/L", "micromol/L": "umol/L", "mcg/L": "ug/L", "mcg/l": "ug/L", "gm/dL": "g/dL", "gm/dl": "g/dL", "gms/dL": "g/dL",
	"pH": "[pH]", "pH units": "[pH]", "pH unit": "[pH]",
}

// words are units written out or shortened in English, French and German, in lower case: records write them in any.
var words = map[string]Unit{
	"bpm": "/min", "rpm": "/min", "cpm": "/min", "/minute": "/min", "/mn": "/min", "per min": "/min", "per minute": "/min",
	"beats/min": "/min", "beats/minute": "/min", "beats per minute": "/min", "bat/min": "/min", "batt/min": "/min", "battements/min": "/min", "schläge/min": "/min",
	"breaths/min": "/min", "breaths/minute": "/min", "breaths per minute": "/min", "br/min": "/min", "resp/min": "/min", "cycles/min": "/min", "mvts/min": "/min", "atemzüge/min": "/min",
	"degc": "Cel", "deg c": "Cel", "celsius": "Cel", "degree celsius": "Cel", "degrees celsius": "Cel", "degré celsius": "Cel", "degrés celsius": "Cel", "grad celsius": "Cel",
	"degf": "[degF]", "deg f": "[degF]", "fahrenheit": "[degF]", "degree fahrenheit": "[degF]", "degrees fahrenheit": "[degF]",
	"mmhg": "mm[Hg]", "mm hg": "mm[Hg]", "mm_hg": "mm[Hg]", "mm(hg)": "mm[Hg]", "millimeter of mercury": "mm[Hg]",
	"sec": "s", "sec.": "s", "secs": "s", "second": "s", "seconds": "s", "seconde": "s", "secondes": "s", "sek": "s", "sek.": "s", "sekunden": "s",
	"percent": "%", "pct": "%", "unit/l": "U/L", "units/l": "U/L", "cells/ul": "/uL",
	"giga/l": "10*9/L", "gpt/l": "10*9/L",
}

// counts are the many ways to write thousands of cells in a microlitre, and 10^9 in a litre. "K/uL" and "G/L" are kelvin and gauss per
// volume by the letter of UCUM; nobody measures these, and laboratories write them for counts, so they are read as such.
var counts = []struct {
	form *regexp.Regexp
	code string
}{
	{regexp.MustCompile(`^[xX]? ?10 ?(?:\*\*?|\^|[xX]|[eE]\+?|\()([369])\)?/`), "10*$1/"}, // x10(3)/uL, 10E+9/L, 10**3/uL
	{regexp.MustCompile(`^(?:[Kk]|[Tt]h|(?i:thou|thousand|tsd)\.?|1000)/u[lL]$`), "10*3/uL"},
	{regexp.MustCompile(`^G/[lL]$`), "10*9/L"},
}

// ambiguities are spellings that laboratories do send and that mean more than one thing, with what.
var ambiguities = map[string]string{
	"C":     "the coulomb in UCUM, or degrees Celsius; send Cel",
	"F":     "the farad in UCUM, or degrees Fahrenheit; send [degF]",
	"K":     "the kelvin, or thousands",
	"deg":   "degrees of an angle, of Celsius or of Fahrenheit; send Cel or [degF]",
	"°":     "degrees of an angle, of Celsius or of Fahrenheit; send Cel or [degF]",
	"M/uL":  "millions, or thousands (mille), per microlitre; send 10*6/uL or 10*3/uL",
	"M/L":   "molar, or millions, per litre",
	"mM":    "millimolar, or millimetres; send mmol/L",
	"mm":    "millimetres; of mercury are mm[Hg]",
	"mg%":   "per cent of what is not said; send mg/dL",
	"g%":    "per cent of what is not said; send g/dL",
	"vol%":  "per cent by volume of gas or of blood",
	"mg":    "a mass without the volume that it is in",
	"g":     "a mass without the volume that it is in",
	"mmol":  "an amount without the volume that it is in",
	"umol":  "an amount without the volume that it is in",
	"meq":   "an amount without the volume that it is in",
	"mEq":   "an amount without the volume that it is in",
	"U":     "an activity without the volume that it is in",
	"IU":    "an activity without the volume that it is in",
	"units": "a word for many units",
	"unit":  "a word for many units",
	"ratio": "a ratio of what to what is not said",
	"ppm":   "parts of what is not said",
	"MG/DL": "megagram by the letter of UCUM; send mg/dL",
}
