package challenge

import (
	"math/rand/v2"

	sepsis "github.com/medtech-detect/sepsis"
)

// panel is a group of measurements that are taken together.
type panel struct {
	patients float64 // the share of patients in whom it is taken at all
	interval float64 // mean hours between two; 1 is every hour
	items    []item
}

// item is one measurement of a panel and the chance that it is among the results.
type item struct {
	variable sepsis.Variable
	chance   float64
}

var panels = []panel{
	{1, 1, []item{
		{sepsis.HeartRate, 0.92},
		{sepsis.SpO2, 0.88},
		{sepsis.Temperature, 0.34},
		{sepsis.SystolicBP, 0.86},
		{sepsis.MeanArterialPressure, 0.88},
		{sepsis.DiastolicBP, 0.7},
		{sepsis.RespiratoryRate, 0.86},
	}},
	{0.05, 1, []item{{sepsis.EtCO2, 0.7}}},
	{0.6, 7, []item{
		{sepsis.PH, 0.95},
		{sepsis.PaCO2, 0.95},
		{sepsis.BaseExcess, 0.6},
		{sepsis.FiO2, 0.7},
		{sepsis.SaO2, 0.4},
		{sepsis.Lactate, 0.4},
	}},
	{1, 12, []item{
		{sepsis.BUN, 0.95},
		{sepsis.Creatinine, 0.95},
		{sepsis.Potassium, 0.98},
		{sepsis.Chloride, 0.7},
		{sepsis.Bicarbonate, 0.7},
		{sepsis.Calcium, 0.7},
		{sepsis.Magnesium, 0.75},
		{sepsis.Phosphate, 0.6},
		{sepsis.Glucose, 0.9},
	}},
	{0.6, 5, []item{{sepsis.Glucose, 0.9}}},
	{1, 14, []item{
		{sepsis.Hematocrit, 0.98},
		{sepsis.Hemoglobin, 0.9},
		{sepsis.WBC, 0.85},
		{sepsis.Platelets, 0.85},
	}},
	{0.6, 20, []item{{sepsis.PTT, 0.95}, {sepsis.Fibrinogen, 0.15}}},
	{0.4, 24, []item{
		{sepsis.AST, 0.95},
		{sepsis.AlkalinePhosphatase, 0.95},
		{sepsis.BilirubinTotal, 0.95},
		{sepsis.BilirubinDirect, 0.1},
	}},
	{0.15, 10, []item{{sepsis.TroponinI, 0.9}}},
}

// schedule tells when a panel is next due in one patient.
type schedule struct {
	panel
	next  float64 // hour
	taken bool    // at all, in this patient
}

func newSchedule(p panel, random *rand.Rand) schedule {
	return schedule{panel: p, taken: random.Float64() < p.patients, next: 1 + p.interval*random.Float64()}
}

// due lists what is measured in this hour. The worse a patient is, the more often blood is drawn.
func (s *schedule) due(hour int, decline float64, random *rand.Rand) []sepsis.Variable {
	if !s.taken || float64(hour) < s.next && s.interval > 1 {
		return nil
	}
	s.next = float64(hour) + s.interval*(0.6+0.8*random.Float64())/(1+decline)
	var due []sepsis.Variable
	for _, item := range s.items {
		if random.Float64() < item.chance {
			due = append(due, item.variable)
		}
	}
	return due
}
