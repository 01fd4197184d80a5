package features

import "github.com/medtech-detect/sepsis"

// burdens are states whose hours are counted: how long a patient has been unwell, and how lately, tells more than a value.
// The cut-offs are those of SIRS (fever, hypothermia, white cells), qSOFA (respiratory rate, systolic pressure), the Surviving
// Sepsis Campaign 2021 (mean arterial pressure 65 mmHg, doi:10.1097/CCM.0000000000005337), NEWS2 (SpO2, pulse) and Sepsis-3
// (lactate above 2 mmol/L, doi:10.1001/jama.2016.0287). That of oxygen is ours: half of what is breathed.
var burdens = [...]struct {
	name     string
	variable sepsis.Variable
	holds    func(v *analyteValues) bool
}{
	{"fever", sepsis.Temperature, func(v *analyteValues) bool { return v[sepsis.Temperature] > 38 }},
	{"hypothermia", sepsis.Temperature, func(v *analyteValues) bool { return v[sepsis.Temperature] < 36 }},
	{"tachycardia", sepsis.HeartRate, func(v *analyteValues) bool { return v[sepsis.HeartRate] > 110 }},
	{"tachypnoea", sepsis.RespiratoryRate, func(v *analyteValues) bool { return v[sepsis.RespiratoryRate] >= 22 }},
	{"hypotension", sepsis.SystolicBP, func(v *analyteValues) bool { return v[sepsis.SystolicBP] <= 100 }},
	{"low_map", sepsis.MeanArterialPressure, func(v *analyteValues) bool { return v[sepsis.MeanArterialPressure] < 65 }},
	{"hypoxaemia", sepsis.SpO2, func(v *analyteValues) bool { return v[sepsis.SpO2] <= 93 }},
	{"high_fio2", sepsis.FiO2, func(v *analyteValues) bool { return v[sepsis.FiO2] >= 0.5 }},
	{"high_lactate", sepsis.Lactate, func(v *analyteValues) bool { return v[sepsis.Lactate] > 2 }},
	{"abnormal_wbc", sepsis.WBC, func(v *analyteValues) bool { return v[sepsis.WBC] > 12 || v[sepsis.WBC] < 4 }},
}

// derived adds ratios and differences that clinicians use, and the hours spent in abnormal states.
func (t *table) derived() {
	last := func(v sepsis.Variable) func(s *state) float64 {
		return func(s *state) float64 { return s.series[v].last }
	}
	quotient := func(name string, a, b sepsis.Variable) {
		over, under := last(a), last(b)
		t.addShared(name, Derived, a.String(), names(a, b), func(s *state) float64 { return ratio(over(s), under(s)) })
	}
	quotient("shock_index", sepsis.HeartRate, sepsis.SystolicBP)
	quotient("modified_shock_index", sepsis.HeartRate, sepsis.MeanArterialPressure)
	quotient("bun_creatinine_ratio", sepsis.BUN, sepsis.Creatinine)
	quotient("spo2_fio2_ratio", sepsis.SpO2, sepsis.FiO2)
	quotient("sao2_fio2_ratio", sepsis.SaO2, sepsis.FiO2)
	quotient("wbc_platelet_ratio", sepsis.WBC, sepsis.Platelets)
	quotient("heart_rate_temperature_ratio", sepsis.HeartRate, sepsis.Temperature)
	quotient("hematocrit_hemoglobin_ratio", sepsis.Hematocrit, sepsis.Hemoglobin)
	quotient("map_respiratory_rate_ratio", sepsis.MeanArterialPressure, sepsis.RespiratoryRate)
	t.addShared("pulse_pressure", Derived, sepsis.SystolicBP.String(), names(sepsis.SystolicBP, sepsis.DiastolicBP), func(s *state) float64 {
		return s.carried[sepsis.SystolicBP] - s.carried[sepsis.DiastolicBP]
	})
	// ROX index (Roca 2016, doi:10.1016/j.jcrc.2016.05.022): SpO2/FiO2 over the respiratory rate.
	t.addShared("rox_index", Derived, sepsis.SpO2.String(), names(sepsis.SpO2, sepsis.FiO2, sepsis.RespiratoryRate), func(s *state) float64 {
		return ratio(ratio(s.carried[sepsis.SpO2], s.carried[sepsis.FiO2]), s.carried[sepsis.RespiratoryRate])
	})
	t.addShared("age_shock_index", Derived, sepsis.HeartRate.String(), append(names(sepsis.HeartRate, sepsis.SystolicBP), "age"), func(s *state) float64 {
		return s.stay.Age * ratio(s.carried[sepsis.HeartRate], s.carried[sepsis.SystolicBP])
	})
	for i, b := range burdens {
		t.add(b.name+"_hours_24h", Derived, b.variable.String(), func(s *state) float64 { return s.burdened[i].within(24) })
		t.add("hours_since_"+b.name, Derived, b.variable.String(), func(s *state) float64 { return s.burden[i].since(s.hour) })
	}
}

func names(variables ...sepsis.Variable) []string {
	all := make([]string, len(variables))
	for i, v := range variables {
		all[i] = v.String()
	}
	return all
}
