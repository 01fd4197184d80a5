package challenge

import (
	"math"
	"math/rand/v2"

	sepsis "github.com/medtech-detect/sepsis"
)

// pulsePressure is systolic minus diastolic pressure: a series of its own, so that the pressures cannot contradict
// each other.
const pulsePressure = sepsis.Variable(sepsis.NumVariables)

// level is how one quantity behaves in synthetic patients. On a logarithmic scale the deviations are of the logarithm.
type level struct {
	centre   float64
	between  float64 // standard deviation between patients
	within   float64 // standard deviation within a patient over time
	drift    float64 // shift at the height of a septic decline of ordinary size
	log      bool
	decimals int
}

// levels are round figures, chosen to look like intensive care. What is not listed is derived from what is.
var levels = [sepsis.NumVariables + 1]level{
	sepsis.HeartRate:            {centre: 84, between: 12, within: 7, drift: 16},
	sepsis.SpO2:                 {centre: 97, between: 1.5, within: 1.4, drift: -1.2},
	sepsis.Temperature:          {centre: 36.9, between: 0.35, within: 0.4, drift: 0.7, decimals: 1},
	sepsis.MeanArterialPressure: {centre: 81, between: 9, within: 8, drift: -10, decimals: 2},
	pulsePressure:               {centre: 58, between: 11, within: 7, drift: -5},
	sepsis.RespiratoryRate:      {centre: 18, between: 3, within: 3, drift: 4},
	sepsis.Bicarbonate:          {centre: 24, between: 3, within: 1.2, drift: -3},
	sepsis.FiO2:                 {centre: 0.45, between: 0.2, within: 0.1, drift: 0.2, log: true, decimals: 2},
	sepsis.PaCO2:                {centre: 40, between: 5, within: 3, drift: -3},
	sepsis.AST:                  {centre: 40, between: 0.9, within: 0.15, drift: 0.3, log: true},
	sepsis.BUN:                  {centre: 19, between: 0.5, within: 0.1, drift: 0.25, log: true},
	sepsis.AlkalinePhosphatase:  {centre: 80, between: 0.5, within: 0.1, drift: 0.1, log: true},
	sepsis.Calcium:              {centre: 8.4, between: 0.5, within: 0.25, drift: -0.2, decimals: 1},
	sepsis.Chloride:             {centre: 105, between: 4, within: 2, drift: 1},
	sepsis.Creatinine:           {centre: 0.95, between: 0.4, within: 0.1, drift: 0.3, log: true, decimals: 2},
	sepsis.Glucose:              {centre: 128, between: 0.22, within: 0.15, drift: 0.1, log: true},
	sepsis.Lactate:              {centre: 1.6, between: 0.35, within: 0.2, drift: 0.5, log: true, decimals: 1},
	sepsis.Magnesium:            {centre: 2, between: 0.25, within: 0.15, decimals: 1},
	sepsis.Phosphate:            {centre: 3.4, between: 0.8, within: 0.4, drift: 0.3, decimals: 1},
	sepsis.Potassium:            {centre: 4.1, between: 0.4, within: 0.3, drift: 0.1, decimals: 1},
	sepsis.BilirubinTotal:       {centre: 0.8, between: 0.6, within: 0.08, drift: 0.25, log: true, decimals: 1},
	sepsis.TroponinI:            {centre: 0.1, between: 1.5, within: 0.2, drift: 0.2, log: true, decimals: 2},
	sepsis.Hemoglobin:           {centre: 10.4, between: 1.5, within: 0.4, drift: -0.3, decimals: 1},
	sepsis.PTT:                  {centre: 32, between: 0.25, within: 0.08, drift: 0.12, log: true, decimals: 1},
	sepsis.WBC:                  {centre: 10.5, between: 0.35, within: 0.1, drift: 0.35, log: true, decimals: 1},
	sepsis.Fibrinogen:           {centre: 290, between: 0.4, within: 0.08, drift: 0.2, log: true},
	sepsis.Platelets:            {centre: 200, between: 0.4, within: 0.06, drift: -0.25, log: true},
}

// Persistence from hour to hour of the deviation from a patient's own level: vital signs return within some hours,
// blood values within a day or two.
const (
	vitalPersistence = 0.85
	bloodPersistence = 0.97
)

// disease is a chronic condition and how it moves levels, in the scale of each.
type disease struct {
	prevalence float64
	shifts     map[sepsis.Variable]float64
}

var diseases = []disease{
	{0.15, map[sepsis.Variable]float64{sepsis.Creatinine: 1, sepsis.BUN: 0.7, sepsis.Potassium: 0.3, sepsis.Phosphate: 1, sepsis.Bicarbonate: -2, sepsis.Hemoglobin: -0.8}}, // kidney
	{0.07, map[sepsis.Variable]float64{sepsis.BilirubinTotal: 1.2, sepsis.AST: 0.8, sepsis.Platelets: -0.6, sepsis.PTT: 0.3, sepsis.Lactate: 0.2}},                          // liver
	{0.15, map[sepsis.Variable]float64{sepsis.PaCO2: 9, sepsis.Bicarbonate: 4, sepsis.SpO2: -2.5, sepsis.RespiratoryRate: 2}},                                               // lung
	{0.30, map[sepsis.Variable]float64{sepsis.MeanArterialPressure: 6, pulsePressure: 12}},                                                                                  // hypertension
	{0.25, map[sepsis.Variable]float64{sepsis.Glucose: 0.35}},                                                                                                               // diabetes
}

// physiology is the hidden state of one patient.
type physiology struct {
	random    *rand.Rand
	own       [sepsis.NumVariables + 1]float64 // the patient's level, as a deviation from the centre
	deviation [sepsis.NumVariables + 1]float64 // from the patient's level, in standard deviations
	direct    float64                          // share of direct bilirubin in the total
}

func newPhysiology(random *rand.Rand) *physiology {
	p := &physiology{random: random, direct: 0.2 + 0.5*random.Float64()}
	for v, l := range levels {
		p.own[v] = l.between * random.NormFloat64()
		p.deviation[v] = random.NormFloat64()
	}
	for _, d := range diseases {
		if random.Float64() >= d.prevalence {
			continue
		}
		for v, shift := range d.shifts {
			p.own[v] += shift
		}
	}
	return p
}

// pass lets an hour go by.
func (p *physiology) pass() {
	for v := range p.deviation {
		persistence := bloodPersistence
		if variable := sepsis.Variable(v); variable <= sepsis.RespiratoryRate || variable == pulsePressure {
			persistence = vitalPersistence
		}
		p.deviation[v] = persistence*p.deviation[v] + math.Sqrt(1-persistence*persistence)*p.random.NormFloat64()
	}
}

// at is the present value of a listed quantity, for a decline from 0 (none) upwards, within the usual range.
func (p *physiology) at(v sepsis.Variable, decline float64) float64 {
	l := levels[v]
	shift := p.own[v] + l.within*p.deviation[v] + l.drift*decline
	value := l.centre + shift
	if l.log {
		value = l.centre * math.Exp(shift)
	}
	if v == pulsePressure {
		return min(max(value, 15), 110) // mmHg
	}
	return bounded(v, value, l.decimals)
}

// bounded keeps a value in its usual range, and rounds it.
func bounded(v sepsis.Variable, value float64, decimals int) float64 {
	usual := v.Info().Usual
	power := math.Pow10(decimals)
	return min(max(math.Round(value*power)/power, usual.Min), usual.Max)
}

// values are all measurements as they are now, each consistent with the others.
func (p *physiology) values(decline float64) sepsis.Values {
	values := sepsis.NoValues()
	for v, l := range levels[:sepsis.NumVariables] {
		if l.centre != 0 {
			values[v] = p.at(sepsis.Variable(v), decline)
		}
	}
	mean, pulse := values[sepsis.MeanArterialPressure], p.at(pulsePressure, decline)
	carbonDioxide, bicarbonate := values[sepsis.PaCO2], values[sepsis.Bicarbonate]
	// Henderson-Hasselbalch, solved for pH; base excess after Siggaard-Andersen (doi:10.3109/00365517709098927).
	acidity := 6.1 + math.Log10(bicarbonate/(0.0307*carbonDioxide))
	derive := func(v sepsis.Variable, value float64, decimals int) { values[v] = bounded(v, value, decimals) }
	derive(sepsis.SystolicBP, mean+pulse*2/3, 0)
	derive(sepsis.DiastolicBP, mean-pulse/3, 0)
	derive(sepsis.EtCO2, carbonDioxide-4+p.random.NormFloat64(), 0)
	derive(sepsis.SaO2, values[sepsis.SpO2]+p.random.NormFloat64(), 0)
	derive(sepsis.BaseExcess, 0.93*(bicarbonate-24.4+14.8*(acidity-7.4)), 0)
	derive(sepsis.BilirubinDirect, values[sepsis.BilirubinTotal]*p.direct, 2)
	derive(sepsis.Hematocrit, 3*values[sepsis.Hemoglobin]+0.6*p.random.NormFloat64(), 1)
	values[sepsis.PH] = math.Round(acidity*100) / 100 // not bounded: that would contradict the bicarbonate
	return values
}
