package monitor

import (
	"maps"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// What a rate of alerts needs: patient-days, and patients, of whom one tells nothing of how they differ.
const fewestDays, fewestPatients = 10, 2

// burden counts the alerts that begin. Of several predictions of one hour the newest, which comes first, counts. Hours
// that were not asked about neither end an alert nor begin one.
func burden(predictions []prediction) sepsis.AlarmBurden {
	var b sepsis.AlarmBurden
	patients := map[string]map[int]bool{} // by patient and hour: whether the alert was on
	for i := range predictions {
		one := &predictions[i]
		if one.patient == "" || one.risk.Hour == sepsis.HourUnknown {
			b.NotCounted++
			continue
		}
		if patients[one.patient] == nil {
			patients[one.patient] = map[int]bool{}
		}
		if _, newer := patients[one.patient][one.risk.Hour]; !newer {
			patients[one.patient][one.risk.Hour] = one.risk.Alert
		}
	}
	hours := 0
	var each []watched
	for _, patient := range slices.Sorted(maps.Keys(patients)) {
		states := patients[patient]
		begun := episodes(states)
		hours += len(states)
		b.Alerts += begun
		each = append(each, watched{begun, float64(len(states)) / 24})
	}
	b.Patients, b.PatientDays = len(patients), float64(hours)/24
	b.PerPatientDay.Insufficient = b.PatientDays < fewestDays || b.Patients < fewestPatients
	if hours > 0 {
		value, low, high := rate(each)
		b.PerPatientDay.Value, b.PerPatientDay.Low, b.PerPatientDay.High = &value, &low, &high
	}
	return b
}

func episodes(states map[int]bool) int {
	begun, alerting := 0, false
	for _, hour := range slices.Sorted(maps.Keys(states)) {
		if states[hour] && !alerting {
			begun++
		}
		alerting = states[hour]
	}
	return begun
}
