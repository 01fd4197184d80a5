package describe

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// unknown is the name of what was not recorded.
const unknown = "not recorded"

// ageBands are the ages, in years, at which bands begin; the first is that of the adults.
var ageBands = []float64{sepsis.AdultAge, 45, 65, 80}

// ageBand names the band of an age.
func ageBand(age float64) string {
	if sepsis.IsMissing(age) {
		return "age " + unknown
	}
	if age < ageBands[0] {
		return fmt.Sprintf("age under %g", ageBands[0])
	}
	for i := len(ageBands) - 1; i > 0; i-- {
		if age < ageBands[i] {
			continue
		}
		if i == len(ageBands)-1 {
			return fmt.Sprintf("age %g and over", ageBands[i])
		}
		return fmt.Sprintf("age %g to under %g", ageBands[i], ageBands[i+1])
	}
	return fmt.Sprintf("age %g to under %g", ageBands[0], ageBands[1])
}

// subgroupNames lists the subgroups in the order in which tables show them.
func subgroupNames() []string {
	names := []string{ageBand(ageBands[0] - 1)}
	for _, begin := range ageBands {
		names = append(names, ageBand(begin))
	}
	names = append(names, ageBand(sepsis.Missing))
	for _, sex := range []sepsis.Sex{sepsis.Female, sepsis.Male, ""} {
		names = append(names, sexName(sex))
	}
	for _, unit := range []sepsis.ICUUnit{sepsis.MedicalICU, sepsis.SurgicalICU, ""} {
		names = append(names, unitName(unit))
	}
	return names
}

// subgroupsOf names the subgroups to which a stay belongs: one by age, one by sex, one by unit.
func subgroupsOf(stay *sepsis.LabelledStay) []string {
	return []string{ageBand(stay.Age), sexName(stay.Sex), unitName(stay.ICUUnit)}
}

func sexName(sex sepsis.Sex) string {
	if sex == "" {
		return "sex " + unknown
	}
	return string(sex)
}

func unitName(unit sepsis.ICUUnit) string {
	if unit == "" {
		return "unit " + unknown
	}
	return string(unit) + " ICU"
}
