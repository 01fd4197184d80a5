package evaluate

import (
	"math"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// made is a stay of so many hours with the label from a row on (-1: never) and alarms in some rows.
func made(id string, hours, labelled int, alarms ...int) scoredStay {
	stay := &sepsis.LabelledStay{ID: id, Hospital: "synthetic_setA", Labels: make([]bool, hours)}
	for row := range hours {
		stay.Labels[row] = labelled >= 0 && row >= labelled
		stay.Observations = append(stay.Observations, sepsis.Observation{Hour: row + 1, Values: sepsis.NoValues()})
	}
	said := make([]answer, hours)
	for i := range said {
		said[i].probability = 0.01
	}
	for _, row := range alarms {
		said[row] = answer{0.5, true, true}
	}
	return newScoredStay(stay, 0, func(row int) answer { return said[row] })
}

// TestWardByHand counts four stays. Onset is 6 hours after the first label: row 18 in a, row 6 in b; the window is rows
// 6 to 21 in a, all rows in b.
func TestWardByHand(t *testing.T) {
	s := sample{
		made("a", 22, 12, 2, 3, 10, 17, 18, 19, 20), // an episode before the window, two that begin in it
		made("b", 10, 0, 8),                         // alarmed in the window, but after onset
		made("c", 24, -1, 0, 1, 5),                  // two false episodes
		made("d", 16, -1),
	}
	view, measurable := wardView(s, pooled, operatingPoints("")[0], drawn)
	if !measurable || view.Hours != 72 || view.Episodes != 6 || view.AlarmHour != 11 || view.Stays != 4 || view.Septic != 2 {
		t.Fatalf("%d stays, %d septic, %d hours, %d episodes, %d alarm hours", view.Stays, view.Septic, view.Hours, view.Episodes, view.AlarmHour)
	}
	for name, c := range map[string]struct {
		got  *Figure
		want float64
	}{
		"septic stays alarmed by onset":    {view.StaySensitivity, 1. / 2},
		"septic stays alarmed in window":   {view.StayTimely, 1},
		"other stays without alarm":        {view.StaySpecificity, 1. / 2},
		"true alarmed stays":               {view.StayPPV, 1. / 3},
		"episodes in window":               {view.EpisodePPV, 3. / 6},
		"episodes begun in window":         {view.EpisodeTimely, 3. / 6},
		"labelled alarm hours":             {view.HourPPV, 5. / 11},
		"episodes a day":                   {view.AlarmsPerPatientDay, 2},
		"time in alarm":                    {view.AlarmTime, 11. / 72},
		"false episodes an hour":           {view.FalseAlarmsPerPatientHour, 3. / 72},
		"lead of the first alarm":          {view.LeadTime.Median, 16},
		"lead of the last episode's begin": {view.LeadTimeCurrent.Median, 1},
	} {
		if c.got == nil || math.Abs(c.got.Value-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %g", name, c.got, c.want)
		}
	}
	if view.LeadTime.Count != 1 {
		t.Errorf("%d leads, want that of a alone", view.LeadTime.Count)
	}
}

func TestWardWithoutAlarms(t *testing.T) {
	view, measurable := wardView(sample{made("a", 22, 12), made("b", 9, -1)}, pooled, operatingPoints("")[1], drawn)
	if !measurable || view.StayPPV != nil || view.EpisodePPV != nil || view.LeadTime != nil {
		t.Errorf("without alarms: PPV %v, %v, lead %v; want them undefined", view.StayPPV, view.EpisodePPV, view.LeadTime)
	}
	if view.StaySensitivity.Value != 0 || view.StaySpecificity.Value != 1 || view.AlarmsPerPatientDay.Value != 0 {
		t.Error("without alarms: want sensitivity 0, specificity 1, no alarms a day")
	}
}

// TestEpisodesOfEachPoint: hours of the alert alone are no alarms of the other operating point.
func TestEpisodesOfEachPoint(t *testing.T) {
	stay := made("a", 12, -1, 3, 4, 5)
	for h := range stay.hours {
		stay.hours[h].alert = h == 4
	}
	for point, hours := range map[int]int{0: 3, 1: 1} {
		if view, _ := wardView(sample{stay}, pooled, operatingPoints("")[point], drawn); view.AlarmHour != hours {
			t.Errorf("%s: %d alarm hours, want %d", view.Point, view.AlarmHour, hours)
		}
	}
}

// TestQuartilesByHand follows definition 1 of Hyndman and Fan: of 1, 2, 3, 4 the quartiles are 1, 2, 3.
func TestQuartilesByHand(t *testing.T) {
	leads := []leadTime{{1, 0}, {2, 1}, {3, 2}, {4, 3}}
	var eight []leadTime
	ones := make([]float64, 8)
	for i := range ones {
		eight, ones[i] = append(eight, leadTime{float64(i + 1), i}), 1
	}
	if got := quartiles(eight, ones); got != [3]float64{2, 4, 6} {
		t.Errorf("1 to 8: %v, want 2, 4, 6", got)
	}
	for _, c := range []struct {
		weights []float64
		want    [3]float64
	}{
		{[]float64{1, 1, 1, 1}, [3]float64{1, 2, 3}},
		{[]float64{0, 0, 0, 2}, [3]float64{4, 4, 4}},
		{[]float64{3, 0, 0, 1}, [3]float64{1, 1, 1}}, // as 1, 1, 1, 4
		{[]float64{0, 1, 0, 0}, [3]float64{2, 2, 2}},
	} {
		if got := quartiles(leads, c.weights); got != c.want {
			t.Errorf("weights %v: %v, want %v", c.weights, got, c.want)
		}
	}
	if q := quartiles(leads, make([]float64, 4)); !math.IsNaN(q[0]) || !math.IsNaN(q[1]) || !math.IsNaN(q[2]) {
		t.Errorf("no stays: %v, want undefined", q)
	}
}
