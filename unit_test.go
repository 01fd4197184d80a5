package sepsis_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// TestUnitsAgreeWithUCUM holds the vocabulary's conversions against the U.S. National Library of Medicine's
// implementation of UCUM 2.1 (@lhncbc/ucum-lhc 7.1.10; ucum/testdata/oracle.mjs makes the file).
func TestUnitsAgreeWithUCUM(t *testing.T) {
	file, err := os.ReadFile("ucum/testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Variable, Unit   string
		Value, Converted float64
		MolarMass        float64 `json:"molar_mass"`
	}
	if err := json.Unmarshal(file, &rows); err != nil || len(rows) < 90 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		variable, _ := sepsis.VariableNamed(row.Variable)
		conversion, problem, refused := variable.Info().ConversionFrom(row.Unit)
		if refused {
			t.Errorf("%s in %s: %s", row.Variable, row.Unit, problem.Message)
			continue
		}
		tolerance := 1e-12
		if row.MolarMass > 0 {
			tolerance = 3e-4 // the published factors have four digits: magnesium 2.431 for 2.4305
		}
		got := conversion.Convert(row.Value)
		if math.Abs(got-row.Converted) > tolerance*math.Abs(row.Converted) {
			t.Errorf("%g %s of %s is %.17g, want %.17g", row.Value, row.Unit, row.Variable, got, row.Converted)
		}
		if back := conversion.Invert(got); math.Abs(back-row.Value) > 1e-12*row.Value {
			t.Errorf("%g %s of %s came back as %.17g", row.Value, row.Unit, row.Variable, back)
		}
	}
}

// TestUnitsOfOtherAnalytes: what is a unit for one analyte is none for another.
func TestUnitsOfOtherAnalytes(t *testing.T) {
	for _, c := range []struct {
		variable sepsis.Variable
		unit     string
		says     string
	}{
		{sepsis.HeartRate, "mm[Hg]", "heart_rate is not accepted in this unit; send one of /min"},
		{sepsis.Temperature, "K/uL", "temperature is not accepted in this unit; send one of Cel, [degF]"},
		{sepsis.Temperature, "C", "Celsius"},
		{sepsis.WBC, "mmol/L", "not accepted"},
		{sepsis.FiO2, "L/min", "not accepted"},
		{sepsis.BUN, "g/L", "usual unit of urea"},
		{sepsis.BUN, "g.L-1", "usual unit of urea"},
		{sepsis.BUN, "mg/mL", "usual unit of urea"},
		{sepsis.BUN, "kg/m3", "usual unit of urea"},
		{sepsis.Potassium, "mg/dL", "not accepted"},
		{sepsis.AST, "mg/dL", "not accepted"},
		{sepsis.Lactate, "mg", "without the volume"},
	} {
		_, problem, refused := c.variable.Info().ConversionFrom(c.unit)
		if !refused || problem.Code != sepsis.UnknownUnit || problem.Location != c.variable.String() || !strings.Contains(problem.Message+"; "+problem.Hint, c.says) || problem.Hint == "" {
			t.Errorf("%s in %q: %+v, %t", c.variable, c.unit, problem, refused)
		}
	}
}
