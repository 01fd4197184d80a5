package sepsis_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/ucum"
)

// values makes a set of values from name and number.
func values(t *testing.T, given map[string]float64) *sepsis.Values {
	t.Helper()
	v := sepsis.NoValues()
	for name, x := range given {
		variable, known := sepsis.VariableNamed(name)
		if !known {
			t.Fatalf("no variable %s", name)
		}
		v[variable] = x
	}
	return &v
}

// TestIncoherences takes each rule at its limit, which is allowed, and just beyond it.
func TestIncoherences(t *testing.T) {
	cases := []struct {
		name  string
		given map[string]float64
		want  sepsis.Code // empty: coherent
		where string
	}{
		{"nothing measured", nil, "", ""},
		{"diastolic equals systolic", map[string]float64{"diastolic_bp": 80, "systolic_bp": 80}, "", ""},
		{"diastolic above systolic", map[string]float64{"diastolic_bp": 81, "systolic_bp": 80}, sepsis.DiastolicAboveSystolic, "diastolic_bp"},
		{"MAP 20 above systolic", map[string]float64{"mean_arterial_pressure": 120, "systolic_bp": 100}, "", ""},
		{"MAP 21 above systolic", map[string]float64{"mean_arterial_pressure": 121, "systolic_bp": 100}, sepsis.MAPOutsidePressures, "mean_arterial_pressure"},
		{"MAP 20 below diastolic", map[string]float64{"mean_arterial_pressure": 40, "diastolic_bp": 60}, "", ""},
		{"MAP 21 below diastolic", map[string]float64{"mean_arterial_pressure": 39, "diastolic_bp": 60}, sepsis.MAPOutsidePressures, "mean_arterial_pressure"},
		{"direct just above total bilirubin", map[string]float64{"bilirubin_direct": 1.05, "bilirubin_total": 1}, "", ""},
		{"0.8 and 0.7, whose binary difference is above 0.1", map[string]float64{"bilirubin_direct": 0.8, "bilirubin_total": 0.7}, "", ""},
		{"direct above total bilirubin", map[string]float64{"bilirubin_direct": 1.2, "bilirubin_total": 1}, sepsis.DirectAboveTotalBilirubin, "bilirubin_direct"},
		// pH 7.40 and PaCO2 40 mmHg go with 0.0307*40*10^1.3 = 24.5 mmol/L.
		{"normal blood gas", map[string]float64{"ph": 7.4, "paco2": 40, "bicarbonate": 24.5}, "", ""},
		{"bicarbonate 14.9 too high", map[string]float64{"ph": 7.4, "paco2": 40, "bicarbonate": 39.4}, "", ""},
		{"bicarbonate 15.1 too high", map[string]float64{"ph": 7.4, "paco2": 40, "bicarbonate": 39.6}, sepsis.BloodGasIncoherent, "bicarbonate"},
		{"bicarbonate 15.1 too low", map[string]float64{"ph": 7.4, "paco2": 40, "bicarbonate": 9.4}, sepsis.BloodGasIncoherent, "bicarbonate"},
		{"no pH, no rule", map[string]float64{"paco2": 40, "bicarbonate": 60}, "", ""},
		{"hematocrit three times hemoglobin", map[string]float64{"hematocrit": 30, "hemoglobin": 10}, "", ""},
		{"ratio 6", map[string]float64{"hematocrit": 60, "hemoglobin": 10}, "", ""},
		{"ratio above 6", map[string]float64{"hematocrit": 61, "hemoglobin": 10}, sepsis.HematocritHemoglobinIncoherent, "hematocrit"},
		{"ratio 1.5", map[string]float64{"hematocrit": 15, "hemoglobin": 10}, "", ""},
		{"ratio below 1.5", map[string]float64{"hematocrit": 14, "hemoglobin": 10}, sepsis.HematocritHemoglobinIncoherent, "hematocrit"},
	}
	for _, c := range cases {
		found := sepsis.Incoherences(values(t, c.given))
		if c.want == "" {
			if len(found) > 0 {
				t.Errorf("%s: %+v", c.name, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Problem.Code != c.want || found[0].Problem.Location != c.where {
			t.Errorf("%s: %+v, want %s at %s", c.name, found, c.want, c.where)
		}
	}
}

func TestHintsNameTheLikelyUnit(t *testing.T) {
	cases := []struct {
		variable sepsis.Variable
		value    float64
		want     string // empty: no hint
	}{
		{sepsis.Temperature, 101.3, "101.3 looks like °F"},
		{sepsis.Temperature, 106, "106 looks like °F"}, // 41.1 °C: rare, but possible
		{sepsis.Creatinine, 180, "180 looks like µmol/L"},
		{sepsis.FiO2, 40, "40 looks like %"},
		{sepsis.Hemoglobin, 120, "120 looks like g/L"},
		{sepsis.Platelets, 250000, "250000 looks like /µL"},
		{sepsis.HeartRate, 900, ""},
		{sepsis.Glucose, -3, ""},
	}
	for _, c := range cases {
		problem, found := sepsis.CheckRange(c.variable, c.value)
		if !found || problem.Code != sepsis.OutOfRange || !strings.HasPrefix(problem.Hint, c.want) || (c.want == "" && problem.Hint != "") {
			t.Errorf("%s %g: %+v, want a hint that begins with %q", c.variable, c.value, problem, c.want)
		}
	}
}

func TestDoubts(t *testing.T) {
	cases := []struct {
		name  string
		given map[string]float64
		want  sepsis.WarningCode // empty: none
	}{
		{"usual", map[string]float64{"heart_rate": 80, "calcium": 9}, ""},
		{"rare heart rate", map[string]float64{"heart_rate": 170}, sepsis.UnusualValue},
		{"MAP above systolic", map[string]float64{"mean_arterial_pressure": 110, "systolic_bp": 100}, sepsis.MAPBeyondPressures},
		{"MAP below diastolic", map[string]float64{"mean_arterial_pressure": 55, "diastolic_bp": 60}, sepsis.MAPBeyondPressures},
		{"saturations 20 apart", map[string]float64{"spo2": 95, "sao2": 75}, ""},
		{"saturations 21 apart", map[string]float64{"spo2": 96, "sao2": 75}, sepsis.SaturationsDisagree},
		{"EtCO2 10 above PaCO2", map[string]float64{"etco2": 45, "paco2": 35}, ""},
		{"EtCO2 11 above PaCO2", map[string]float64{"etco2": 46, "paco2": 35}, sepsis.EtCO2AbovePaCO2},
		{"ionised calcium", map[string]float64{"calcium": 1.2}, sepsis.CalciumLooksIonised},
		{"calcium 4", map[string]float64{"calcium": 4}, ""},
		{"pulse pressure 5", map[string]float64{"systolic_bp": 85, "diastolic_bp": 80}, ""},
		{"pulse pressure 4", map[string]float64{"systolic_bp": 84, "diastolic_bp": 80}, sepsis.NarrowPulsePressure},
	}
	for _, c := range cases {
		found := sepsis.Doubts(values(t, c.given))
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || found[0].Code != c.want) {
			t.Errorf("%s: %+v, want %q", c.name, found, c.want)
		}
	}
}

func TestVocabularyHoldsTogether(t *testing.T) {
	names, columns := map[string]bool{}, map[string]bool{}
	for _, v := range sepsis.Variables {
		if names[v.Name] || columns[v.Challenge] || v.Name == "" || v.Challenge == "" || v.English == "" || v.French == "" || v.Group == "" || len(v.LOINC) == 0 {
			t.Errorf("%+v: a name stands twice, or a fact is missing", v)
		}
		names[v.Name], columns[v.Challenge] = true, true
		if !(v.Hard.Min <= v.Usual.Min && v.Usual.Min < v.Usual.Max && v.Usual.Max <= v.Hard.Max) {
			t.Errorf("%s: usual range %v is not inside hard range %v", v.Name, v.Usual, v.Hard)
		}
		if _, own := v.Conversion(v.Unit); !own {
			t.Errorf("%s does not accept its own unit", v.Name)
		}
	}
}

// TestConversions compares with published pairs.
func TestConversions(t *testing.T) {
	cases := []struct {
		variable  sepsis.Variable
		given     float64
		unit      string
		want      float64
		tolerance float64
	}{
		{sepsis.Temperature, 98.6, "[degF]", 37, 1e-9},   // NIST SP 811
		{sepsis.PaCO2, 5.333, "kPa", 40, 0.01},           // NIST SP 811: 1 mmHg = 133.322 Pa
		{sepsis.Creatinine, 88.4, "umol/L", 1, 1e-3},     // AMA Manual of Style, SI conversion table
		{sepsis.Glucose, 5.55, "mmol/L", 100, 0.1},       // the same
		{sepsis.BUN, 0.357, "mmol/L", 1, 1e-3},           // the same
		{sepsis.Lactate, 9.01, "mg/dL", 1, 1e-3},         // the same
		{sepsis.BilirubinTotal, 17.1, "umol/L", 1, 1e-3}, // the same
		{sepsis.Calcium, 0.25, "mmol/L", 1, 3e-3},        // the same
		{sepsis.Phosphate, 0.323, "mmol/L", 1, 1e-3},     // the same
		{sepsis.Magnesium, 0.411, "mmol/L", 1, 1e-3},     // the same
		{sepsis.Hemoglobin, 8.7, "mmol/L", 14.0, 0.03},   // IFCC
		{sepsis.AST, 1, "ukat/L", 60, 1e-9},              // IUBMB
		{sepsis.WBC, 16400, "/uL", 16.4, 1e-9},           // arithmetic
		{sepsis.Hematocrit, 0.42, "L/L", 42, 1e-9},       // arithmetic
		{sepsis.FiO2, 40, "%", 0.4, 1e-12},               // arithmetic
		{sepsis.TroponinI, 250, "ng/L", 0.25, 1e-12},     // arithmetic
		{sepsis.Fibrinogen, 3.2, "g/L", 320, 1e-9},       // arithmetic
	}
	for _, c := range cases {
		conversion, accepted := c.variable.Info().Conversion(ucum.Unit(c.unit))
		if got := conversion.Convert(c.given); !accepted || math.Abs(got-c.want) > c.tolerance {
			t.Errorf("%s %g %s = %g, want %g", c.variable, c.given, c.unit, got, c.want)
		}
	}
}

func TestLatestForgetsWhatIsOld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window, age := rapid.IntRange(0, 48).Draw(t, "window"), rapid.IntRange(0, 48).Draw(t, "age")
		stay := sepsis.Stay{}
		first, last := sepsis.NoValues(), sepsis.NoValues()
		first[sepsis.Lactate] = 2
		stay.Observations = []sepsis.Observation{{Hour: 1, Values: first}, {Hour: 1 + age, Values: last}}
		latest := stay.Latest(window)
		if latest.Has(sepsis.Lactate) != (age <= window) {
			t.Fatalf("a value of %d hours ago in a window of %d: %g", age, window, latest[sepsis.Lactate])
		}
	})
}

func TestEditDistance(t *testing.T) {
	// The first two are the examples of textbooks.
	for names, want := range map[[2]string]int{
		{"kitten", "sitting"}: 3, {"saturday", "sunday"}: 3, {"", "abc"}: 3, {"lactate", "lactate"}: 0, {"lactat", "lactate"}: 1,
	} {
		if got := sepsis.EditDistance(names[0], names[1]); got != want || sepsis.EditDistance(names[1], names[0]) != want {
			t.Errorf("%q to %q is %d, want %d", names[0], names[1], got, want)
		}
	}
}

func TestHourBin(t *testing.T) {
	for hour, want := range map[float64]int{0.001: 1, 1: 1, 1.0001: 2, 2: 2, 8784: 8784} {
		if got := sepsis.HourBin(hour); got != want {
			t.Errorf("HourBin(%g) = %d, want %d", hour, got, want)
		}
	}
}
