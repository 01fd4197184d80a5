package evaluate

import "fmt"

// At least persistentHours of persistentOf hours in a row must be at or above the threshold, for the variant of the alert
// that asks for persistence.
const (
	persistentHours = 2
	persistentOf    = 3
)

// alertVariants are other rules at the threshold of the alert, which is asked for by a stay's index in the cohort.
func alertVariants(threshold func(stay int) float64) []operatingPoint {
	above := func(stay *scoredStay, h int) bool {
		return h >= 0 && stay.hours[h].probability >= threshold(stay.index)
	}
	return []operatingPoint{
		{"without hysteresis", "on in the hours at or above the threshold, and in no other", above},
		{
			fmt.Sprintf("%d of %d hours", persistentHours, persistentOf),
			fmt.Sprintf("on when at least %d of the last %d hours, this one included, are at or above the threshold", persistentHours, persistentOf),
			func(stay *scoredStay, h int) bool {
				hours := 0
				for back := range persistentOf {
					if above(stay, h-back) {
						hours++
					}
				}
				return hours >= persistentHours
			},
		},
	}
}

// hysteresis compares the alert with other rules at the same threshold: what it saves in alarms, and what that costs.
func hysteresis(s sample, hospital string, threshold func(stay int) float64, how bootstrap) []AlertVariant {
	found := []AlertVariant{}
	_, served, _ := measureWard(s, hospital, operatingPoints("")[alertAt], how)
	for _, rule := range alertVariants(threshold) {
		view, m, measurable := measureWard(s, hospital, rule, how)
		if !measurable {
			continue
		}
		found = append(found, AlertVariant{
			Hospital: hospital, Name: rule.name, Description: rule.choice,
			AlarmsPerPatientDay: view.AlarmsPerPatientDay, StaySensitivity: view.StaySensitivity, StayTimely: view.StayTimely,
			StaySpecificity: view.StaySpecificity, EpisodePPV: view.EpisodePPV, AlarmTime: view.AlarmTime,
			AlarmsDifference: m.less(served, wardAlarmsPerDay), SensitivityDifference: m.less(served, wardSensitivity),
			TimelyDifference: m.less(served, wardTimely), SpecificityDifference: m.less(served, wardSpecificity),
			EpisodePPVDifference: m.less(served, wardEpisodePPV), AlarmTimeDifference: m.less(served, wardAlarmTime),
		})
	}
	return found
}
