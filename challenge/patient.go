package challenge

import (
	"math"
	"math/rand/v2"

	sepsis "github.com/medtech-detect/sepsis"
)

// The Challenge's records (doi:10.1097/CCM.0000000000004145): at least 8 hours and at most two weeks long; labelled from
// 6 hours before the onset of sepsis; septic ones end 3 hours after it.
const (
	shortestStay   = 8
	longestStay    = 336
	labelledBefore = 6
	recordedAfter  = 3
)

// declineBefore is how long before the onset of sepsis, in hours, a synthetic patient begins to worsen.
const declineBefore = 12

// patient is a made-up patient, whose stay is made hour by hour.
type patient struct {
	random *rand.Rand
	body   *physiology
	hours  int
	septic bool
	peak   int     // the hour at which a decline ends: of the onset if septic
	size   float64 // of the decline; 1 is ordinary, 0 is none
	panels []schedule
}

func newPatient(random *rand.Rand, septic bool) *patient {
	p := &patient{random: random, body: newPhysiology(random), septic: septic}
	if septic {
		p.peak = p.onset()
		p.hours = p.peak + recordedAfter
		p.size = math.Exp(0.5 * random.NormFloat64())
	} else {
		p.hours = p.length()
		p.peak = 1 + random.IntN(p.hours)
		if random.Float64() < 0.2 { // other causes make patients worsen too
			p.size = 0.5 * math.Exp(0.5*random.NormFloat64())
		}
	}
	for _, panel := range panels {
		p.panels = append(p.panels, newSchedule(panel, random))
	}
	return p
}

// onset is the hour of sepsis. One patient in eight arrives with it, so that even the first hour is labelled.
func (p *patient) onset() int {
	earliest := shortestStay - recordedAfter
	if p.random.Float64() < 0.125 {
		return earliest + p.random.IntN(3)
	}
	return min(earliest+int(math.Exp(3.3+0.9*p.random.NormFloat64())), longestStay-recordedAfter)
}

// length is half below 35 hours, with a long tail.
func (p *patient) length() int {
	return min(shortestStay+int(math.Exp(3.3+0.6*p.random.NormFloat64())), longestStay)
}

// decline rises to its size over the hours before its peak. The septic one stays; another wears off as fast.
func (p *patient) decline(hour int) float64 {
	distance := float64(p.peak - hour)
	if p.septic {
		distance = max(distance, 0)
	}
	return p.size * max(0, 1-math.Abs(distance)/declineBefore)
}

func (p *patient) stay() sepsis.LabelledStay {
	stay := sepsis.LabelledStay{Stay: p.description()}
	for hour := 1; hour <= p.hours; hour++ {
		decline := p.decline(hour)
		stay.Observations = append(stay.Observations, sepsis.Observation{Hour: hour, Values: p.observe(hour, decline)})
		stay.Labels = append(stay.Labels, p.septic && hour >= p.peak-labelledBefore)
		p.body.pass()
	}
	return stay
}

// observe measures what is due in this hour.
func (p *patient) observe(hour int, decline float64) sepsis.Values {
	present := p.body.values(decline)
	observed := sepsis.NoValues()
	for i := range p.panels {
		for _, v := range p.panels[i].due(hour, decline, p.random) {
			observed[v] = present[v]
		}
	}
	return observed
}

func (p *patient) description() sepsis.Stay {
	stay := sepsis.Stay{
		Age:         math.Round(100*min(max(63+16*p.random.NormFloat64(), sepsis.AdultAge), 100)) / 100,
		Sex:         sepsis.Female,
		HoursBefore: math.Round(100*min(math.Exp(1.5+2*p.random.NormFloat64()), 5000)) / 100,
	}
	if p.random.Float64() < 0.56 {
		stay.Sex = sepsis.Male
	}
	switch unit := p.random.Float64(); {
	case unit < 0.3:
		stay.ICUUnit = sepsis.MedicalICU
	case unit < 0.6:
		stay.ICUUnit = sepsis.SurgicalICU
	}
	return stay
}
