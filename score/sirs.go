package score

import "github.com/medtech-detect/sepsis"

// SIRS counts the criteria of the systemic inflammatory response syndrome, 0 to 4; 2 or more is positive. Bone
// et al., Chest 1992, doi:10.1378/chest.101.6.1644. Respiration is known from the rate or from PaCO2. The
// alternative leukocyte criterion, more than 10 % immature forms, is not among the measurements.
var SIRS = BedsideScore{
	Name:    "sirs",
	English: "Systemic inflammatory response syndrome",
	French:  "Syndrome de réponse inflammatoire systémique (SRIS)",
	Source:  "Bone 1992, doi:10.1378/chest.101.6.1644",
	Maximum: 4,
	Items: []Item{
		graded("temperature", measured(sepsis.Temperature, exact), cutoff{above, 38, 1}, cutoff{below, 36, 1}),
		graded("heart_rate", measured(sepsis.HeartRate, exact), cutoff{above, 90, 1}),
		either(
			graded("respiration", measured(sepsis.RespiratoryRate, exact), cutoff{above, 20, 1}),
			graded("respiration", measured(sepsis.PaCO2, exact), cutoff{below, 32, 1}), // mmHg
		),
		// 12,000 and 4,000 per mm³.
		graded("leukocytes", measured(sepsis.WBC, exact), cutoff{above, 12, 1}, cutoff{below, 4, 1}),
	},
}
