package ucum

// notations maps what is written in practice beside UCUM to the code of the vocabulary. Each can mean one thing only
// among the units of intensive care. "K/uL" and "G/L" are kelvin and gauss per volume by the letter of UCUM; nobody
// measures these, and laboratories write them for thousands and for 10^9, so they are read as counts of cells.
var notations = map[string]Unit{
	"bpm": "/min", "beats/min": "/min", "beats/minute": "/min", "breaths/min": "/min", "breaths/minute": "/min", "per min": "/min", "/minute": "/min",
	"°C": "Cel", "degC": "Cel", "deg C": "Cel", "[degC]": "Cel", "Celsius": "Cel", "degrees Celsius": "Cel", "degree Celsius": "Cel",
	"°F": "[degF]", "degF": "[degF]", "deg F": "[degF]", "Fahrenheit": "[degF]", "degrees Fahrenheit": "[degF]", "degree Fahrenheit": "[degF]",
	"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "mm_Hg": "mm[Hg]", "mm(Hg)": "mm[Hg]", "millimeter of mercury": "mm[Hg]",
	"mEq/L": "meq/L", "mEq/l": "meq/L", "IU/L": "[IU]/L", "IU/l": "[IU]/L", "UI/L": "[IU]/L", "UI/l": "[IU]/L",
	"mcmol/L": "umol/L", "micromol/L": "umol/L", "mcg/L": "ug/L", "mcg/l": "ug/L", "gm/dL": "g/dL", "gm/dl": "g/dL", "gms/dL": "g/dL",
	"sec": "s", "secs": "s", "second": "s", "seconds": "s", "pH": "[pH]", "pH units": "[pH]", "pH unit": "[pH]", "percent": "%",
	"G/L": "10*9/L", "G/l": "10*9/L", "Giga/L": "10*9/L", "giga/L": "10*9/L", "x10*9/L": "10*9/L", "x10^9/L": "10*9/L", "x10E9/L": "10*9/L", "10E9/L": "10*9/L", "10e9/L": "10*9/L",
	"K/uL": "10*3/uL", "K/ul": "10*3/uL", "k/uL": "10*3/uL", "k/ul": "10*3/uL", "K/mm3": "10*3/uL", "K/mcL": "10*3/uL", "thou/uL": "10*3/uL", "Thousand/uL": "10*3/uL", "thousand/uL": "10*3/uL",
	"x10*3/uL": "10*3/uL", "x10^3/uL": "10*3/uL", "x10E3/uL": "10*3/uL", "10E3/uL": "10*3/uL", "10e3/uL": "10*3/uL", "10*3/mm3": "10*3/uL", "10^3/mm3": "10*3/uL", "10*3/mcL": "10*3/uL", "10^3/mcL": "10*3/uL",
	"cells/uL": "/uL", "cells/ul": "/uL", "/mm3": "/uL", "/mcL": "/uL",
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
