package features

import "github.com/medtech-detect/sepsis"

// context adds the stay variables and the clock.
func (t *table) context() {
	t.add("age", Context, "age", func(s *state) float64 { return s.stay.Age })
	t.add("male", Context, "sex", func(s *state) float64 { return indicator(s.stay.Sex == sepsis.Male, s.stay.Sex != "") })
	t.add("surgical_icu", Context, "icu_unit", func(s *state) float64 {
		return indicator(s.stay.ICUUnit == sepsis.SurgicalICU, s.stay.ICUUnit != "")
	})
	t.add("hours_before_icu", Context, "hours_in_hospital_before_icu", func(s *state) float64 { return s.stay.HoursBefore })
	t.add("icu_hour", Context, "icu_hour", (*state).icuHour)
	t.addShared("hospital_hour", Context, "icu_hour", []string{"icu_hour", "hours_in_hospital_before_icu"}, func(s *state) float64 { return s.icuHour() + s.stay.HoursBefore })
	t.add("hours_observed", Context, "icu_hour", func(s *state) float64 { return float64(s.hour - s.first + 1) })
}

// icuHour is the hour since ICU admission, missing when it was not given.
func (s *state) icuHour() float64 {
	if !s.known {
		return sepsis.Missing
	}
	return float64(s.hour)
}

// indicator is 1 or 0, missing when the fact is not known.
func indicator(holds, known bool) float64 {
	switch {
	case !known:
		return sepsis.Missing
	case holds:
		return 1
	default:
		return 0
	}
}
