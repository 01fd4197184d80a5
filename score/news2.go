package score

import "github.com/medtech-detect/sepsis"

// roomAir is the fraction of oxygen in air, as the vocabulary writes it. More than this is supplemental oxygen.
const roomAir = 0.21

// Decimals to which the NEWS2 chart is printed: whole numbers, and tenths of a degree. Values are rounded to
// these first, so that none falls between two bands (8.4 breaths a minute is charted as 8, 8.5 as 9).
const (
	charted            = 0
	chartedTemperature = 1
)

// NEWS2 is the National Early Warning Score 2, 0 to 20; 5 or more is urgent, 7 or more an emergency. Royal
// College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1. SpO2 is read on scale 1:
// whether a patient has hypercapnic respiratory failure, for whom scale 2 is meant, is not known here. Oxygen
// counts as supplemental when FiO2 is above 0.21. At most 17 can be reached without consciousness.
var NEWS2 = BedsideScore{
	Name:    "news2",
	English: "National Early Warning Score 2",
	French:  "Score national d'alerte précoce 2 (NEWS2)",
	Source:  "Royal College of Physicians 2017, National Early Warning Score (NEWS) 2, chart 1",
	Maximum: 20,
	Items: []Item{
		graded(
			"respiration", measured(sepsis.RespiratoryRate, charted), // 12 to 20: 0
			cutoff{atMost, 8, 3}, cutoff{atMost, 11, 1}, cutoff{atLeast, 25, 3}, cutoff{atLeast, 21, 2},
		),
		graded(
			"oxygen_saturation", measured(sepsis.SpO2, charted), // 96 or more: 0
			cutoff{atMost, 91, 3}, cutoff{atMost, 93, 2}, cutoff{atMost, 95, 1},
		),
		graded("supplemental_oxygen", measured(sepsis.FiO2, exact), cutoff{above, roomAir, 2}),
		graded(
			"systolic_bp", measured(sepsis.SystolicBP, charted), // 111 to 219: 0
			cutoff{atMost, 90, 3}, cutoff{atMost, 100, 2}, cutoff{atMost, 110, 1}, cutoff{atLeast, 220, 3},
		),
		graded(
			"pulse", measured(sepsis.HeartRate, charted), // 51 to 90: 0
			cutoff{atMost, 40, 3}, cutoff{atMost, 50, 1},
			cutoff{atLeast, 131, 3}, cutoff{atLeast, 111, 2}, cutoff{atLeast, 91, 1},
		),
		consciousness,
		graded(
			"temperature", measured(sepsis.Temperature, chartedTemperature), // 36.1 to 38.0: 0
			cutoff{atMost, 35, 3}, cutoff{atMost, 36, 1}, cutoff{atLeast, 39.1, 2}, cutoff{atLeast, 38.1, 1},
		),
	},
}
