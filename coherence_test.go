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
		{"direct 0.11 above total bilirubin", map[string]float64{"bilirubin_direct": 1.11, "bilirubin_total": 1}, sepsis.DirectAboveTotalBilirubin, "bilirubin_direct"},
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
			continue
		}
		if problem := found[0].Problem; problem.Value != c.given[c.where] {
			t.Errorf("%s: the value of %s is said to be %v", c.name, c.where, problem.Value)
		}
		for name := range c.given {
			if !strings.Contains(found[0].Problem.Hint, name) {
				t.Errorf("%s: the hint does not name %s: %s", c.name, name, found[0].Problem.Hint)
			}
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
		_, problem, found := sepsis.CheckSent(c.variable, c.value, mustConvert(t, c.variable, string(c.variable.Info().Unit)))
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
		{"MAP equals systolic", map[string]float64{"mean_arterial_pressure": 80, "systolic_bp": 80}, ""},
		{"MAP equals diastolic", map[string]float64{"mean_arterial_pressure": 60, "diastolic_bp": 60}, ""},
		{"saturations 20 apart", map[string]float64{"spo2": 95, "sao2": 75}, ""},
		{"83.9 and 63.9, whose binary difference is above 20", map[string]float64{"spo2": 83.9, "sao2": 63.9}, ""},
		{"saturations 21 apart", map[string]float64{"spo2": 96, "sao2": 75}, sepsis.SaturationsDisagree},
		{"EtCO2 10 above PaCO2", map[string]float64{"etco2": 45, "paco2": 35}, ""},
		{"EtCO2 11 above PaCO2", map[string]float64{"etco2": 46, "paco2": 35}, sepsis.EtCO2AbovePaCO2},
		{"ionised calcium", map[string]float64{"calcium": 1.2}, sepsis.CalciumLooksIonised},
		{"calcium 4", map[string]float64{"calcium": 4}, ""},
		{"pulse pressure 5", map[string]float64{"systolic_bp": 85, "diastolic_bp": 80}, ""},
		{"132.7 and 127.7, whose binary difference is below 5", map[string]float64{"systolic_bp": 132.7, "diastolic_bp": 127.7}, ""},
		{"pulse pressure 4", map[string]float64{"systolic_bp": 84, "diastolic_bp": 80}, sepsis.NarrowPulsePressure},
		{"lactate 10 without an acidosis", map[string]float64{"lactate": 10, "base_excess": -2}, ""},
		{"lactate above 10 without an acidosis", map[string]float64{"lactate": 10.1, "base_excess": -2}, sepsis.LactateWithoutAcidosis},
		{"lactate above 10 with an acidosis", map[string]float64{"lactate": 15, "base_excess": -2.1}, ""},
		{"lactate above 10 alone", map[string]float64{"lactate": 15}, ""},
		{"hematocrit 4 times hemoglobin", map[string]float64{"hematocrit": 32, "hemoglobin": 8}, ""},
		{"28.4 and 7.1, whose binary quotient may be above 4", map[string]float64{"hematocrit": 28.4, "hemoglobin": 7.1}, ""},
		{"hematocrit above 4 times hemoglobin", map[string]float64{"hematocrit": 32.1, "hemoglobin": 8}, sepsis.HemoglobinLowForHematocrit},
	}
	for _, c := range cases {
		found := sepsis.Doubts(values(t, c.given), nil)
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || found[0].Code != c.want) {
			t.Errorf("%s: %+v, want %q", c.name, found, c.want)
		}
	}
}

// TestNumbersAreSaidAsTheyWereSent: a message that rounds tells of a number that nobody sent, and a hint changes it.
func TestNumbersAreSaidAsTheyWereSent(t *testing.T) {
	for _, c := range []struct {
		variable sepsis.Variable
		value    float64
		message  string
		hint     string
	}{
		{sepsis.Platelets, 1234567, "Platelet count of 1234567 is outside 0 to 3500 10³/µL", `1234567 looks like /µL; send {"value": 1234567, "unit": "/uL"}`},
		{sepsis.WBC, 16437.25, "Leukocyte count of 16437.25 is outside 0 to 1100 10³/µL", `16437.25 looks like /µL; send {"value": 16437.25, "unit": "/uL"}`},
		{sepsis.Temperature, 45.0000001, "Body temperature of 45.0000001 is outside 20 to 45 °C", ""},
		{sepsis.Temperature, 45.000000000000007, "Body temperature of 45.00000000000001 is outside 20 to 45 °C", ""},
		{sepsis.AST, 1e22, "Aspartate transaminase of 1e+22 is outside 0 to 22000 U/L", ""},
	} {
		problem, found := sepsis.CheckRange(c.variable, c.value)
		if !found || problem.Message != c.message || problem.Hint != c.hint {
			t.Errorf("%s %g: %+v", c.variable, c.value, problem)
		}
	}
	found := sepsis.Incoherences(values(t, map[string]float64{"diastolic_bp": 80.0000002, "systolic_bp": 80}))
	if len(found) != 1 || !strings.HasSuffix(found[0].Problem.Message, "diastolic_bp 80.0000002 mmHg, systolic_bp 80 mmHg") {
		t.Errorf("%+v", found)
	}
}

// TestConvertedNumbersAreReadable, without what arithmetic adds in the last binary digits, unless that is what makes them wrong.
func TestConvertedNumbersAreReadable(t *testing.T) {
	kilopascal, _, _ := sepsis.DiastolicBP.Info().ConversionFrom("kPa")
	diastolic, _, outside := sepsis.CheckSent(sepsis.DiastolicBP, 10.67, kilopascal)
	found := sepsis.Incoherences(values(t, map[string]float64{"diastolic_bp": diastolic, "systolic_bp": 70}))
	if outside || len(found) != 1 || !strings.HasSuffix(found[0].Problem.Message, "diastolic_bp 80.0316154 mmHg, systolic_bp 70 mmHg") {
		t.Errorf("%+v", found)
	}
	if found := sepsis.Doubts(values(t, map[string]float64{"lactate": 1e-10}), nil); len(found) != 1 || found[0].Message != "Lactate of 1e-10 is outside the usual 0.4 to 21.9 mmol/L" {
		t.Errorf("too small for so many decimals: %+v", found)
	}
	_, problem, outside := sepsis.CheckSent(sepsis.Creatinine, 1234567.5, mustConvert(t, sepsis.Creatinine, "umol/L"))
	if !outside || problem.Message != "Creatinine of 13965.695701357 is outside 0 to 66 mg/dL, converted from 1234567.5 µmol/L" || problem.Value != 1234567.5 || problem.Hint != "" {
		t.Errorf("%+v", problem)
	}
}

func mustConvert(t *testing.T, variable sepsis.Variable, unit string) ucum.Conversion {
	t.Helper()
	conversion, problem, refused := variable.Info().ConversionFrom(unit)
	if refused {
		t.Fatal(problem)
	}
	return conversion
}

// TestUnusualValuesNameTheLikelyUnit, as refused ones do.
func TestUnusualValuesNameTheLikelyUnit(t *testing.T) {
	for _, c := range []struct {
		variable sepsis.Variable
		value    float64
		want     string // empty: no hint
	}{
		{sepsis.Glucose, 5.5, `5.5 looks like mmol/L; send {"value": 5.5, "unit": "mmol/L"}`},
		{sepsis.PaCO2, 5.3, `5.3 looks like kPa; send {"value": 5.3, "unit": "kPa"}`},
		{sepsis.Fibrinogen, 5.5, `5.5 looks like g/L; send {"value": 5.5, "unit": "g/L"}`},
		{sepsis.Creatinine, 60, `60 looks like µmol/L; send {"value": 60, "unit": "umol/L"}`},
		{sepsis.Lactate, 37, `37 looks like mg/dL; send {"value": 37, "unit": "mg/dL"}`},
		{sepsis.SpO2, 1, `1 looks like a proportion; send {"value": 1, "unit": "1"}`},
		{sepsis.Glucose, 600, ""},  // no unit makes it usual
		{sepsis.HeartRate, 20, ""}, // there is one unit
		{sepsis.BUN, 1, ""},        // usual in mmol/L, but nearly always a low one in mg/dL
		{sepsis.WBC, 400, ""},
		{sepsis.Calcium, 0.9, ""},
	} {
		values := sepsis.NoValues()
		values[c.variable] = c.value
		found := sepsis.Doubts(&values, nil)
		if len(found) == 0 || found[0].Code != sepsis.UnusualValue || found[0].Hint != c.want {
			t.Errorf("%s %g: %+v, want the hint %q", c.variable, c.value, found, c.want)
		}
	}
	for _, c := range []struct {
		given map[string]float64
		sent  sepsis.Sent
		want  string
	}{
		{map[string]float64{"lactate": 14, "base_excess": 1}, nil, `14 looks like mg/dL; send {"value": 14, "unit": "mg/dL"}`},
		{map[string]float64{"hemoglobin": 7.5, "hematocrit": 36}, nil, `7.5 looks like mmol/L; send {"value": 7.5, "unit": "mmol/L"}`},
		{map[string]float64{"hemoglobin": 7.5, "hematocrit": 36}, sepsis.Sent{sepsis.Hemoglobin: {Value: 75, Unit: "g/L"}}, ""},
		{map[string]float64{"spo2": 96, "sao2": 70}, nil, ""},
	} {
		if found := sepsis.Doubts(values(t, c.given), c.sent); len(found) != 1 || found[0].Hint != c.want {
			t.Errorf("%v: %+v, want the hint %q", c.given, found, c.want)
		}
	}
	values := sepsis.NoValues()
	values[sepsis.Glucose] = 36.032
	if found := sepsis.Doubts(&values, sepsis.Sent{sepsis.Glucose: {Value: 2, Unit: "mmol/L"}}); len(found) != 1 || found[0].Hint != "" {
		t.Errorf("2 mmol/L: %+v", found)
	}
}

// TestCalciumOfTheOtherKind is told by the unit in which it was sent.
func TestCalciumOfTheOtherKind(t *testing.T) {
	for _, c := range []struct {
		value         float64
		unit          ucum.Unit // empty: a plain number
		message, hint string    // their beginnings; empty: no warning
	}{
		{1.15, "", "looks like ionised calcium in mmol/L, and is read as such", ""},
		{2.09, "", "looks like ionised", ""},
		{2.1, "", "looks like total calcium in mmol/L", "2.1 looks like mmol/L"},
		{2.6, "", "looks like total calcium in mmol/L", "2.6 looks like mmol/L"},
		{2.61, "", "looks like ionised", ""},
		{2.3, "", "looks like total calcium in mmol/L", `2.3 looks like mmol/L; send {"value": 2.3, "unit": "mmol/L"}`},
		{9.2, "", "", ""},
		{1.15, "mmol/L", "1.15 mmol/L looks like ionised calcium, but is converted as total calcium, to 4.6092 mg/dL", "if it is ionised calcium, send the plain number in mmol/L, 1.15 (JSON API)"},
		{1150, "umol/L", "1150 µmol/L looks like ionised", "if it is ionised calcium, send the plain number in mmol/L, 1.15 (JSON API)"},
		{2.3, "meq/L", "2.3 mEq/L looks like ionised", "if it is ionised calcium, send the plain number in mmol/L, 1.15 (JSON API)"},
		{0.9, "mmol/L", "0.9 mmol/L looks like ionised calcium, but is converted as total calcium, to 3.6072 mg/dL, which is so low that it is read as ionised", "if it is"},
		{1.4, "mmol/L", "1.4 mmol/L looks like ionised", "if it is"},
		{1.41, "mmol/L", "", ""},
		{2.3, "mmol/L", "", ""},
		{92, "mg/L", "", ""},
	} {
		values, sent := sepsis.NoValues(), sepsis.Sent(nil)
		values[sepsis.Calcium] = c.value
		if c.unit != "" {
			values[sepsis.Calcium], _, _ = sepsis.CheckSent(sepsis.Calcium, c.value, mustConvert(t, sepsis.Calcium, string(c.unit)))
			sent = sepsis.Sent{sepsis.Calcium: {Value: c.value, Unit: c.unit}}
		}
		found := sepsis.Doubts(&values, sent)
		if c.message == "" {
			if len(found) != 0 {
				t.Errorf("%g %s: %+v", c.value, c.unit, found)
			}
			continue
		}
		if len(found) == 1 && strings.Contains(found[0].Message, "so low") != strings.Contains(c.message, "so low") {
			t.Errorf("%g %s: %s", c.value, c.unit, found[0].Message)
		}
		if len(found) != 1 || found[0].Code != sepsis.CalciumLooksIonised || !strings.HasPrefix(found[0].Message, c.message) || !strings.HasPrefix(found[0].Hint, c.hint) {
			t.Errorf("%g %s: %+v", c.value, c.unit, found)
		}
	}
}

func TestVocabularyHoldsTogether(t *testing.T) {
	names, columns := map[string]bool{}, map[string]bool{}
	for i, v := range sepsis.Variables {
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
		for _, end := range []float64{v.Hard.Min, v.Hard.Max} {
			if problem, outside := sepsis.CheckRange(sepsis.Variable(i), end); outside {
				t.Errorf("%s: an end of its range is outside: %s", v.Name, problem.Message)
			}
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

// TestNearestName: too far is more than a third of the name, or more than three edits; of those that are equally near, the first is taken.
func TestNearestName(t *testing.T) {
	known := []string{"HR", "Temp", "lactate", "bilirubin_direct", "bilirubin_total", "hours_in_hospital_before_icu"}
	for name, want := range map[string]string{
		"RR": "", "hr": "HR", "Tmp": "Temp", "Timp": "Temp", "Trip": "", "Lctat": "", "lacate": "lactate", "bilirubin_direkt": "bilirubin_direct",
		"hours_in_hospital_befor": "", "hours_hospital_before_icu": "hours_in_hospital_before_icu", "": "", "bilirubin_xxxxx": "",
	} {
		if got := sepsis.NearestName(name, known); got != want {
			t.Errorf("%q is taken for %q, want %q", name, got, want)
		}
	}
}

// TestDecimal has an exponent where ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20) has one.
func TestDecimal(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1e-6: "0.000001", -1e-6: "-0.000001", 9.9e-7: "9.9e-07", 123456789012345680000: "123456789012345680000", 1e21: "1e+21", -1e21: "-1e+21", 0.1: "0.1",
	} {
		if got := sepsis.Decimal(x); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHourBin(t *testing.T) {
	for hour, want := range map[float64]int{0: 1, 1e-12: 1, 0.001: 1, 1: 1, 1.0001: 2, 2: 2, 2.0000000000001: 2, 2.000001: 3, 8784: 8784} {
		if got := sepsis.HourBin(hour); got != want {
			t.Errorf("HourBin(%g) = %d, want %d", hour, got, want)
		}
	}
}

// TestEndsOfTheRangeInOtherUnits: what is the last possible value in its own unit is so in every other.
func TestEndsOfTheRangeInOtherUnits(t *testing.T) {
	for _, c := range []struct {
		variable sepsis.Variable
		sent     float64
		unit     string
		want     float64
	}{
		{sepsis.BilirubinTotal, 1710.4, "umol/L", 100}, // 100.00000000000001 in binary
		{sepsis.Temperature, 113, "[degF]", 45},
	} {
		value, problem, outside := sepsis.CheckSent(c.variable, c.sent, mustConvert(t, c.variable, c.unit))
		if outside || value != c.want {
			t.Errorf("%g %s of %s: %v, %+v", c.sent, c.unit, c.variable, value, problem)
		}
	}
	for variable, sent := range map[sepsis.Variable]struct {
		value float64
		unit  string
	}{sepsis.Hematocrit: {0.518, "L/L"}, sepsis.Creatinine: {17.68, "umol/L"}} { // 51.800000000000004 % and 0.19999999999999998 mg/dL
		value, _, _ := sepsis.CheckSent(variable, sent.value, mustConvert(t, variable, sent.unit))
		if found := sepsis.Doubts(values(t, map[string]float64{variable.String(): value}), nil); len(found) > 0 {
			t.Errorf("%g %s of %s: %+v", sent.value, sent.unit, variable, found)
		}
	}
	if _, _, outside := sepsis.CheckSent(sepsis.BilirubinTotal, 1710.41, mustConvert(t, sepsis.BilirubinTotal, "umol/L")); !outside {
		t.Error("bilirubin of 100.0006 mg/dL was accepted")
	}
}

// TestNumbersWithoutUnit: pH has none, and that of a fraction is not read aloud.
func TestNumbersWithoutUnit(t *testing.T) {
	refused := func(variable sepsis.Variable, value float64) string {
		problem, _ := sepsis.CheckRange(variable, value)
		return problem.Message
	}
	_, converted, _ := sepsis.CheckSent(sepsis.SpO2, 0.001, mustConvert(t, sepsis.SpO2, "1"))
	for got, want := range map[string]string{
		refused(sepsis.FiO2, 40): "Fraction of inspired oxygen of 40 is outside 0.2 to 1",
		refused(sepsis.PH, 40):   "Arterial blood pH of 40 is outside 6.3 to 8.4",
		converted.Message:        "Oxygen saturation by pulse oximetry of 0.1 is outside 1 to 100 %, converted from 0.001",
		sepsis.Doubts(values(t, map[string]float64{"fio2": 0.2}), nil)[0].Message:                                        "Fraction of inspired oxygen of 0.2 is outside the usual 0.21 to 1",
		sepsis.Doubts(values(t, map[string]float64{"mean_arterial_pressure": 110, "systolic_bp": 100}), nil)[0].Message:  "mean arterial pressure is outside diastolic to systolic: mean_arterial_pressure 110 mmHg, systolic_bp 100 mmHg",
		sepsis.Incoherences(values(t, map[string]float64{"ph": 7.4, "paco2": 40, "bicarbonate": 40}))[0].Problem.Message: "bicarbonate is more than 15 mmol/L from what pH and PaCO2 imply: bicarbonate 40 mmol/L, ph 7.4, paco2 40 mmHg",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
