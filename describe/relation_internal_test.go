package describe

import (
	"testing"

	"github.com/medtech-detect/sepsis"
)

// TestRelationsAreThoseOfTheDoubts: a warning about several variables needs what its relation calls comparable, so
// that no share exceeds 1; and each such warning has a relation.
func TestRelationsAreThoseOfTheDoubts(t *testing.T) {
	odd := map[sepsis.WarningCode]map[sepsis.Variable]float64{
		sepsis.MAPBeyondPressures:  {sepsis.MeanArterialPressure: 60, sepsis.DiastolicBP: 70, sepsis.SystolicBP: 120},
		sepsis.SaturationsDisagree: {sepsis.SpO2: 98, sepsis.SaO2: 60},
		sepsis.EtCO2AbovePaCO2:     {sepsis.EtCO2: 60, sepsis.PaCO2: 40},
		sepsis.NarrowPulsePressure: {sepsis.SystolicBP: 80, sepsis.DiastolicBP: 78},
		sepsis.CalciumLooksIonised: {sepsis.Calcium: 1.2},

		sepsis.LactateWithoutAcidosis:     {sepsis.Lactate: 15, sepsis.BaseExcess: 0},
		sepsis.HemoglobinLowForHematocrit: {sepsis.Hemoglobin: 6.2, sepsis.Hematocrit: 30},
	}
	seen := make(map[sepsis.WarningCode]bool)
	for code, measured := range odd {
		values := sepsis.NoValues()
		for v, value := range measured {
			values[v] = value
		}
		given := false
		for _, warning := range sepsis.Doubts(&values, nil) {
			given = given || warning.Code == code
		}
		if !given {
			t.Errorf("%s is not given for %v", code, measured)
		}
		for _, r := range relations {
			if r.code != code {
				continue
			}
			seen[code] = true
			if len(r.variables) != len(measured) || !r.comparable(&values) {
				t.Errorf("%s: the relation is between %v", code, r.variables)
			}
			alone := sepsis.NoValues()
			alone[r.variables[0]] = measured[r.variables[0]]
			for _, warning := range sepsis.Doubts(&alone, nil) {
				if warning.Code == code {
					t.Errorf("%s is given for %s alone", code, r.variables[0])
				}
			}
		}
		if !seen[code] && len(measured) > 1 {
			t.Errorf("%s has no relation", code)
		}
	}
}
