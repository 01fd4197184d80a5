package model

import (
	"math/rand/v2"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// hoursOfHeartRate is a stay of so many hours with one value each.
func hoursOfHeartRate(hours int) *sepsis.Stay {
	stay := &sepsis.Stay{Age: 60}
	for hour := 1; hour <= hours; hour++ {
		values := sepsis.NoValues()
		values[sepsis.HeartRate] = float64(60 + hour)
		stay.Observations = append(stay.Observations, sepsis.Observation{Hour: hour, Values: values})
	}
	return stay
}

// TestFingerprintIsThatOfHashlib: Python 3's hashlib.sha256 over struct.pack(">I", h) + b"heart_rate\0" +
// struct.pack(">d", 60 + h) + b"\n" for the hours h from 1 to 32 ends in 36805493cc.
func TestFingerprintIsThatOfHashlib(t *testing.T) {
	if got, enough := fingerprint(hoursOfHeartRate(32)); got != 0x36805493cc || !enough {
		t.Errorf("%x, %v; want 36805493cc", got, enough)
	}
}

// TestFingerprintsNeedMoreThanCouldBeGuessed: a stay of few values, and one of a child, are in no list.
func TestFingerprintsNeedMoreThanCouldBeGuessed(t *testing.T) {
	child := sepsis.LabelledStay{Stay: *hoursOfHeartRate(40)}
	child.Age = 17
	few, enough := sepsis.LabelledStay{Stay: *hoursOfHeartRate(31)}, sepsis.LabelledStay{Stay: *hoursOfHeartRate(32)}
	listed := fingerprints([]sepsis.LabelledStay{few, child, enough, enough})
	if len(listed) != 1 || !listed.knows(&enough.Stay) || listed.knows(&few.Stay) || listed.knows(&child.Stay) {
		t.Errorf("%x", listed)
	}
}

// TestOperatingPointsAreOfAdults: what the trees say of a child's hours changes neither calibration nor thresholds.
func TestOperatingPointsAreOfAdults(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var stays []sepsis.LabelledStay
	for range 60 {
		stay := sepsis.LabelledStay{Stay: *hoursOfHeartRate(10), Labels: make([]bool, 10)}
		for hour := range stay.Labels {
			stay.Labels[hour] = len(stays)%3 == 0 && hour > 4
		}
		stays = append(stays, stay)
	}
	child := 6 // septic
	stays[child].Age = 17
	r, err := layOut(&Training{Stays: stays, Options: DefaultOptions()})
	if err != nil {
		t.Fatal(err)
	}
	margins := make([]float64, r.rows.Total())
	for row := range margins {
		margins[row] = random.NormFloat64() - 2
		if row < r.rows.Hours() && r.target.septic[row] {
			margins[row]++
		}
	}
	operate := func(stay int, shift float64) operation {
		changed := append([]float64{}, margins...)
		for row := r.rows.Starts[stay]; row < r.rows.Starts[stay+1]; row++ {
			changed[row] += shift
		}
		o, err := r.operate(changed, func(int) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	same := func(a, b operation) bool {
		return a.calibration == b.calibration && a.utility == b.utility && a.alert.Threshold == b.alert.Threshold
	}
	before := operate(child, 0)
	if after := operate(child, -8); !same(before, after) {
		t.Errorf("%+v, and %+v when a child's margins differ", before, after)
	}
	if same(before, operate(child-3, -8)) {
		t.Error("nor does it when an adult's differ: this tests nothing")
	}
}
