package score

import "github.com/medtech-detect/sepsis"

// maxSurrogateSpO2 is the highest SpO2, in %, from which the SpO2/FiO2 surrogate was derived (Pandharipande
// 2009). Above it the oxygen dissociation curve is flat and saturation says nothing of PaO2.
const maxSurrogateSpO2 = 98

// SOFA is the Sequential Organ Failure Assessment, 0 to 24, as far as it can be known here. Vincent et al.,
// Intensive Care Med 1996, doi:10.1007/BF01709751, table 3.
//
// Respiration. PaO2 is not among the measurements, so PaO2/FiO2 is replaced by SpO2/FiO2 with the equivalents
// of 400 and 300 mmHg of Pandharipande et al., Crit Care Med 2009, doi:10.1097/CCM.0b013e31819cefa9: 512 and
// 357. They were derived from SpO2 up to 98 %; above that the part is missing. Their equivalents of 200 and
// 100 mmHg, 214 and 89, are not used: Vincent gives 3 and 4 points only with respiratory support, which is not
// known, so the part ends at 2. The surrogate is crude at its upper end: in room air SpO2/FiO2 is at most 467,
// so whoever has a known respiration has at least 1 point.
//
// Cardiovascular ends at 1, since vasopressors are not known; renal is creatinine without urine output.
// Consciousness (Glasgow Coma Scale) is never known. At most 15 can be reached.
var SOFA = BedsideScore{
	Name:    "sofa",
	English: "Sequential Organ Failure Assessment",
	French:  "Défaillance d'organes (SOFA)",
	Source:  "Vincent 1996, doi:10.1007/BF01709751; respiration: Pandharipande 2009, doi:10.1097/CCM.0b013e31819cefa9",
	Maximum: 24,
	Items: []Item{
		graded("respiration", saturationRatio, cutoff{below, 357, 2}, cutoff{below, 512, 1}),
		graded(
			"coagulation", measured(sepsis.Platelets, exact), // 10³/µL
			cutoff{below, 20, 4}, cutoff{below, 50, 3}, cutoff{below, 100, 2}, cutoff{below, 150, 1},
		),
		// mg/dL. The table prints 6.0-11.9 for 3 points and > 12.0 for 4; 12.0 itself is read as 4.
		graded(
			"liver", measured(sepsis.BilirubinTotal, exact),
			cutoff{atLeast, 12, 4}, cutoff{atLeast, 6, 3}, cutoff{atLeast, 2, 2}, cutoff{atLeast, 1.2, 1},
		),
		graded("cardiovascular", measured(sepsis.MeanArterialPressure, exact), cutoff{below, 70, 1}), // mmHg
		consciousness,
		// mg/dL. The table prints 3.5-4.9 for 3 points and > 5.0 for 4; 5.0 itself is read as 4.
		graded(
			"renal", measured(sepsis.Creatinine, exact),
			cutoff{atLeast, 5, 4}, cutoff{atLeast, 3.5, 3}, cutoff{atLeast, 2, 2}, cutoff{atLeast, 1.2, 1},
		),
	},
}

// saturationRatio is SpO2 (%) divided by FiO2 (fraction), missing outside the surrogate's domain.
func saturationRatio(v *sepsis.Values) float64 {
	if v[sepsis.SpO2] > maxSurrogateSpO2 {
		return sepsis.Missing
	}
	return v[sepsis.SpO2] / v[sepsis.FiO2]
}
