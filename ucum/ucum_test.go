package ucum_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis/ucum"
)

func TestParse(t *testing.T) {
	known := map[string]ucum.Unit{
		"mm[Hg]": "mm[Hg]", "mmHg": "mm[Hg]", "mg/dl": "mg/dL", "µmol/L": "umol/L", "μmol/l": "umol/L",
		"{beats}/min": "/min", "°C": "Cel", "[degF]": "[degF]", "G/L": "10*9/L", "mEq/L": "meq/L", "%{saturation}": "%",
	}
	for spelling, want := range known {
		if got, ok := ucum.Parse(spelling); !ok || got != want {
			t.Errorf("Parse(%q) = %q, %t; want %q", spelling, got, ok, want)
		}
	}
	// K is the kelvin, C the coulomb, F the farad in UCUM; the rest is no unit at all.
	for _, spelling := range []string{"", "K/uL", "C", "F", "mg", "furlong", "MG/DL", "{}", "{beats", "mg/dL "} {
		if got, ok := ucum.Parse(spelling); ok {
			t.Errorf("Parse(%q) = %q; want unknown", spelling, got)
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
		for _, c := range []ucum.Conversion{ucum.Times("g/L", factor), ucum.DividedBy("g/L", factor)} {
			if back := c.Invert(c.Convert(x)); math.Abs(back-x) > 1e-12*x {
				t.Fatalf("%v: %g came back as %g", c, x, back)
			}
		}
	})
}
