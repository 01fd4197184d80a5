package ucum_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis/ucum"
)

func TestParse(t *testing.T) {
	known := map[string]ucum.Unit{
		"mm[Hg]": "mm[Hg]", "mmHg": "mm[Hg]", "mg/dl": "mg/dL", "µmol/L": "umol/L", "μmol/l": "umol/L",
		"{beats}/min": "/min", "°C": "Cel", "[degF]": "[degF]", "G/L": "10*9/L", "mEq/L": "meq/L", "%{saturation}": "%",
		"/mm³": "/uL", "10³/mm³": "10*3/uL", "min⁻¹": "min-1", "µmol·L⁻¹": "umol/L",
		"K/uL": "10*3/uL", "/µl": "/uL", "1/uL": "/uL", "10³/µL": "10*3/uL", "10^9/l": "10*9/L", "mmol.L-1": "mmol/L", "Cel": "Cel", "1": "1",
		"L/L": "L/L", "l/l": "L/L", "pH": "[pH]", "10*3/mm3": "10*3/uL", "nmol/mL": "nmol/mL", "[iU]/L": "[IU]/L", "{cells}/uL": "/uL",
	}
	for spelling, want := range known {
		if got, err := ucum.Parse(spelling); err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", spelling, got, err, want)
		}
	}
}

// TestRefused: what is no unit, and what could be more than one.
func TestRefused(t *testing.T) {
	refused := map[string]string{
		"": "not known", "furlong": "not known", "{beats": "not known", "10*/": "not known", "/": "not known",
		"mg/dL/": "not known", "mg//dL": "not known", "10*99/L": "not known", "mmol/L0": "not known", "kmin": "not known", "xg/L": "not known",
		"mg/dL\t": "not known", "MMOL/L": "mmol/L", "ph": "not known",
		"{}": "annotation alone", "{percent}": "annotation alone",
		"C": "Celsius", "F": "Fahrenheit", "mg": "without the volume", "MG/DL": "mg/dL", "M/uL": "millions",
	}
	for spelling, reason := range refused {
		unit, err := ucum.Parse(spelling)
		if refusal, is := errors.AsType[*ucum.Refusal](err); !is || !strings.Contains(refusal.Reason, reason) || unit != "" {
			t.Errorf("Parse(%q) = %q, %v; want a refusal that says %q", spelling, unit, err, reason)
		}
	}
}

func TestAmount(t *testing.T) {
	for unit, want := range map[ucum.Unit]string{"mm[Hg]": "0.4 mmHg", "%": "0.4 %", "1": "0.4", "[pH]": "0.4", "nmol/mL": "0.4 nmol/mL"} {
		if got := unit.Amount("0.4"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestConvert(t *testing.T) {
	cases := []struct {
		name           string
		conversion     ucum.Conversion
		given, written float64
	}{
		// NIST SP 811: 0 °C = 32 °F, 100 °C = 212 °F.
		{"freezing point", ucum.Fahrenheit(), 32, 0},
		{"boiling point", ucum.Fahrenheit(), 212, 100},
		// AMA Manual of Style, table of SI conversions: glucose 1 mmol/L = 18.016 mg/dL.
		{"glucose", ucum.Times("mmol/L", 18.016), 5, 90.08},
		{"lactate", ucum.DividedBy("mg/dL", 9.008), 18.016, 2},
	}
	for _, c := range cases {
		if got := c.conversion.Convert(c.given); math.Abs(got-c.written) > 1e-12 {
			t.Errorf("%s: Convert(%g) = %g, want %g", c.name, c.given, got, c.written)
		}
	}
}

func TestConvertAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(0.001, 1e5).Draw(t, "x")
		factor := rapid.Float64Range(0.001, 1e3).Draw(t, "factor")
		through, _ := ucum.Times("g/L", factor).Through("ug/dL")
		for _, c := range []ucum.Conversion{ucum.Times("g/L", factor), ucum.DividedBy("g/L", factor), through} {
			if back := c.Invert(c.Convert(x)); math.Abs(back-x) > 1e-12*x {
				t.Fatalf("%v: %g came back as %g", c, x, back)
			}
		}
		celsius := rapid.Float64Range(10, 50).Draw(t, "celsius")
		if back := ucum.Fahrenheit().Convert(ucum.Fahrenheit().Invert(celsius)); math.Abs(back-celsius) > 1e-12 {
			t.Fatalf("%g °C came back as %g", celsius, back)
		}
	})
}

// TestThroughKeepsKinds: mass is never taken for moles, activity for mass, pascal for mercury.
func TestThroughKeepsKinds(t *testing.T) {
	units := []ucum.Unit{"mg/dL", "mmol/L", "meq/L", "U/L", "[IU]/L", "ukat/L", "10*9/L", "kPa", "mm[Hg]", "s", "1", "/min", "Cel", "[pH]"}
	for i, from := range units {
		for j, to := range units {
			same := i == j && from != "Cel" && from != "[pH]" // these two have no prefixes and no multiples
			if _, through := ucum.Times(to, 1).Through(from); through != same {
				t.Errorf("%q through %q: %t", from, to, through)
			}
		}
	}
	if _, through := ucum.Fahrenheit().Through("[degF]"); through {
		t.Error("an offset was carried to another unit")
	}
}

// TestParseNeverPanics, and what it accepts it accepts again.
func TestParseNeverPanics(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"m", "g", "mol", "/", ".", "d", "L", "10*", "3", "-", "[Hg]", "{x}", "%", "u", "min", "[degF]", "K", "1", " ", "µ", "}"})
	rapid.Check(t, func(t *rapid.T) {
		spelling := strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
		unit, err := ucum.Parse(spelling)
		if err != nil {
			return
		}
		if again, err := ucum.Parse(string(unit)); err != nil || again != unit {
			t.Fatalf("%q is %q, which is %q, %v", spelling, unit, again, err)
		}
	})
}

// TestHospitals: what the records of hospitals call the units of the vocabulary, in English, French and German.
func TestHospitals(t *testing.T) {
	written := map[ucum.Unit][]string{
		"/min": {"bpm", "BPM", "Beats/min", "battements/min", "batt/min", "Schläge/min", "/mn", "br/min", "breaths per minute", "Resp/min", "rpm", "cpm", "Atemzüge/min"},
		"Cel":  {"DegC", "Deg C", "° C", "ºC", "celsius", "Degrés Celsius", "Grad Celsius"}, "[degF]": {"DegF", "° F", "ºF", "fahrenheit"},
		"mm[Hg]": {"MMHG", "mmhg", "mm Hg"}, "meq/L": {"mval/L", "mval/l"}, "s": {"sec.", "Sek.", "secondes", "SEC"}, "%": {"Percent", "pct"},
		"U/L": {"Units/L", "unit/L"}, "g/dL": {"g/100mL", "g/100 ml"}, "mg/dL": {"mg/100 mL"},
		"10*3/uL": {"x10(3)/mcL", "X10E3/uL", "10**3/uL", "10x3/uL", "x 10*3/µl", "10E+3/uL", "thou/cu mm", "Thou/uL", "THOU/mm3", "K/cumm", "K/mm³", "Tsd./µl", "Tsd/µl", "1000/µl", "10(3)/mm3"},
		"10*9/L":  {"x10(9)/L", "10(9)/L", "x10E9/l", "10 E9/L", "Gpt/l", "Gpt/L", "giga/l", "×10⁹/L"},
		"/uL":     {"/cmm", "/cumm", "cells/mm3", "Cells/uL"},
	}
	for want, spellings := range written {
		for _, spelling := range spellings {
			if got, err := ucum.Parse(spelling); err != nil || got != want {
				t.Errorf("Parse(%q) = %q, %v; want %q", spelling, got, err, want)
			}
		}
	}
}

// TestNearHospitals: what only looks like one of them stays refused.
func TestNearHospitals(t *testing.T) {
	for _, spelling := range []string{"K", "G", "k/L", "M/uL", "1000", "x10/uL", "10(4)/uL", "10x/uL", "x/uL", "T/L", "mval", "MEQ/L", "G/DL", "min", "c/min", "units", "10(3)"} {
		if unit, err := ucum.Parse(spelling); err == nil && unit != ucum.Unit(spelling) {
			t.Errorf("Parse(%q) = %q", spelling, unit)
		}
	}
}
