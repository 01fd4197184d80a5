package model

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis"
)

// SelfTestCase is a made-up stay and the probability that the model gave when it was trained.
type SelfTestCase struct {
	Name        string  `json:"name"`
	Probability float64 `json:"probability"`
}

// What a self-test may be off by: the last digits of exp differ between processors, and of sums of float32, of which networks are made.
const (
	selfTestTolerance    = 1e-9
	networkTestTolerance = 1e-6
)

// selfTestStays are made-up patients that reach most of what the features do: a well one, one who gets worse over
// a day, a single observation of unknown hour, one of whom everything is measured, and one of whom next to nothing is known.
func selfTestStays() map[string]*sepsis.Stay {
	well := made(54, 24, func(hour int, v *sepsis.Values) {
		v[sepsis.HeartRate], v[sepsis.SpO2], v[sepsis.RespiratoryRate] = 72, 98, 14
		v[sepsis.SystolicBP], v[sepsis.DiastolicBP], v[sepsis.MeanArterialPressure] = 124, 74, 90
		if hour%6 == 1 {
			v[sepsis.Temperature], v[sepsis.WBC], v[sepsis.Creatinine] = 36.8, 7.5, 0.8
		}
	})
	worse := made(71, 60, func(hour int, v *sepsis.Values) {
		drift := math.Max(0, float64(hour-36)) / 24
		v[sepsis.HeartRate], v[sepsis.RespiratoryRate] = 84+40*drift, 16+14*drift
		v[sepsis.SystolicBP], v[sepsis.MeanArterialPressure] = 122-36*drift, 84-24*drift
		v[sepsis.SpO2] = 97 - 5*drift
		if hour%4 == 1 {
			v[sepsis.Temperature], v[sepsis.Lactate] = 37+2.2*drift, 1.1+4*drift
			v[sepsis.WBC], v[sepsis.Platelets], v[sepsis.Creatinine] = 9+10*drift, 220-130*drift, 0.9+1.6*drift
			v[sepsis.Calcium], v[sepsis.FiO2] = 1.1, 0.3+0.4*drift
		}
	})
	single := made(67, 1, func(_ int, v *sepsis.Values) {
		v[sepsis.HeartRate], v[sepsis.Temperature], v[sepsis.Lactate] = 118, 38.9, 4.1
	})
	single.Observations[0].Hour = sepsis.HourUnknown
	everything := made(60, 40, func(hour int, v *sepsis.Values) {
		for variable := range v { // each within its usual range, moving, and every third one now and then
			usual := sepsis.Variables[variable].Usual
			if (hour+variable)%3 != 0 {
				v[variable] = usual.Min + (usual.Max-usual.Min)*(0.3+0.4*float64((hour*7+variable*3)%10)/10)
			}
		}
	})
	sparse := made(80, 3, func(_ int, v *sepsis.Values) { v[sepsis.SpO2] = 95 })
	return map[string]*sepsis.Stay{"well": well, "worse": worse, "single": single, "everything": everything, "sparse": sparse}
}

// selfTestNames is the order of the self-test.
var selfTestNames = []string{"well", "worse", "single", "everything", "sparse"}

func made(age float64, hours int, fill func(hour int, v *sepsis.Values)) *sepsis.Stay {
	stay := &sepsis.Stay{Age: age, Sex: sepsis.Female, ICUUnit: sepsis.MedicalICU, HoursBefore: sepsis.Missing}
	for hour := 1; hour <= hours; hour++ {
		observation := sepsis.Observation{Hour: hour, Values: sepsis.NoValues()}
		fill(hour, &observation.Values)
		stay.Observations = append(stay.Observations, observation)
	}
	return stay
}

// recordSelfTest writes down what the model gives for the made-up stays.
func recordSelfTest(m *Model) []SelfTestCase {
	stays := selfTestStays()
	cases := make([]SelfTestCase, len(selfTestNames))
	for i, name := range selfTestNames {
		cases[i] = SelfTestCase{Name: name, Probability: m.Predict(stays[name]).Probability}
	}
	return cases
}

// anotherProgram ends the errors of a self-test with the cure.
const anotherProgram = ": the file was changed, or this program does not compute as the one that it was trained with did; take the file anew, use that program, or train the model again"

// SelfTest predicts the made-up stays again and compares.
func (m *Model) SelfTest() error {
	stays, tolerance := selfTestStays(), selfTestTolerance
	if m.bundle.Network != nil {
		tolerance = networkTestTolerance
	}
	for _, c := range m.bundle.SelfTest {
		stay, known := stays[c.Name]
		if !known {
			return fmt.Errorf("self-test: no stay named %q%s", c.Name, anotherProgram)
		}
		if got := m.Predict(stay).Probability; !(math.Abs(got-c.Probability) <= tolerance) {
			return fmt.Errorf("self-test: stay %q gives %.12f, %.12f when the model was trained%s", c.Name, got, c.Probability, anotherProgram)
		}
	}
	return nil
}
