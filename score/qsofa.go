package score

import "github.com/medtech-detect/sepsis"

// QSOFA is the quick SOFA of the Sepsis-3 consensus, 0 to 3; 2 or more is positive. Singer et al., JAMA 2016,
// doi:10.1001/jama.2016.0287, box 4. Altered mentation is never known here, so at most 2 can be reached.
var QSOFA = BedsideScore{
	Name:    "qsofa",
	English: "Quick SOFA",
	French:  "SOFA rapide (qSOFA)",
	Source:  "Singer 2016, doi:10.1001/jama.2016.0287",
	Maximum: 3,
	Items: []Item{
		graded("respiratory_rate", measured(sepsis.RespiratoryRate, exact), cutoff{atLeast, 22, 1}),
		consciousness,
		graded("systolic_bp", measured(sepsis.SystolicBP, exact), cutoff{atMost, 100, 1}),
	},
}
