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
		"septic stays ever alarmed":        {view.StaySepticEver, 1},
		"true alarmed stays of 7 in 100":   {view.StayPPVAdjusted, 0.07 * 0.5 / (0.07*1 + 0.93*0.5)}, // 0.035 / 0.535
		"the same, of known onset":         {view.StaySensitivityKnown, 1},                           // a alone
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

// TestOnsetFromTheFirstRow: a stay that is labelled from its first hour on is counted with the others and apart. Onset is
// row 18 in a, row 6 in b and c, so the leads are 16 in a and 4 in b; c is missed.
func TestOnsetFromTheFirstRow(t *testing.T) {
	s := sample{made("a", 22, 12, 2), made("b", 10, 0, 2), made("c", 10, 0), made("d", 10, -1)}
	view, measurable := wardView(s, pooled, operatingPoints("")[utilityAt], drawn)
	if !measurable || view.Septic != 3 || view.OnsetUnknown != 2 {
		t.Fatalf("%d septic stays, %d of unknown onset, want 3 and 2", view.Septic, view.OnsetUnknown)
	}
	for name, c := range map[string]struct {
		got  *Figure
		want float64
	}{
		"sensitivity":                  {view.StaySensitivity, 2. / 3},
		"sensitivity of known onsets":  {view.StaySensitivityKnown, 1},
		"lead, the median of 4 and 16": {view.LeadTime.Median, 4}, // definition 1 takes the lower
		"lead of known onsets":         {view.LeadTimeKnown.Median, 16},
	} {
		if c.got == nil || math.Abs(c.got.Value-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %g", name, c.got, c.want)
		}
	}
	if view.LeadTime.Count != 2 || view.LeadTimeKnown.Count != 1 {
		t.Errorf("%d leads, %d of known onset, want 2 and 1", view.LeadTime.Count, view.LeadTimeKnown.Count)
	}
}

// wavering is a stay whose probability goes to and fro about 0.4, where an alert begins; it lasts until below 0.2.
func wavering(index, labelled int) scoredStay {
	probabilities := []float64{0.5, 0.3, 0.5, 0.3, 0.5, 0.1, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1}
	labels := make([]bool, len(probabilities))
	for row := range labels {
		labels[row] = labelled >= 0 && row >= labelled
	}
	stay := predicted(index, labels, probabilities...)
	for row, alert := range (sepsis.AlertRule{Threshold: 0.4, Clear: 0.2}).States(probabilities) {
		stay.hours[row].alert = alert
	}
	return stay
}

// TestHysteresisByHand: the alert of each of two stays of 12 hours is rows 0 to 4 and row 6, 2 episodes. Without
// hysteresis it is rows 0, 2, 4 and 6, 4 episodes; at 2 of 3 hours rows 2, 4 and 6, 3 episodes. Two stays are one day.
func TestHysteresisByHand(t *testing.T) {
	s := sample{wavering(0, 6), wavering(1, -1)}
	found := hysteresis(s, pooled, func(int) float64 { return 0.4 }, drawn)
	if len(found) != 2 {
		t.Fatalf("%d variants", len(found))
	}
	for i, want := range []struct{ alarms, alarmsOver, time, timeOver float64 }{
		{8, 4, 8. / 24, -4. / 24},
		{6, 2, 6. / 24, -6. / 24},
	} {
		v := &found[i]
		for name, c := range map[string][2]float64{
			"alarms a day": {v.AlarmsPerPatientDay.Value, want.alarms}, "alarms over": {v.AlarmsDifference.Value, want.alarmsOver},
			"time in alarm": {v.AlarmTime.Value, want.time}, "time over": {v.AlarmTimeDifference.Value, want.timeOver},
			"sensitivity": {v.StaySensitivity.Value, 1}, "sensitivity over": {v.SensitivityDifference.Value, 0},
			"specificity": {v.StaySpecificity.Value, 0}, "timely over": {v.TimelyDifference.Value, 0},
		} {
			if math.Abs(c[0]-c[1]) > 1e-12 {
				t.Errorf("%s, %s: %g, want %g", v.Name, name, c[0], c[1])
			}
		}
		if v.AlarmsDifference.Low != v.AlarmsDifference.High {
			t.Errorf("%s: both stays differ by as much, so every draw does: %v", v.Name, v.AlarmsDifference)
		}
	}
}

// TestAlertThresholdOfEachFold: the rule asks for the threshold of the stay's own fold.
func TestAlertThresholdOfEachFold(t *testing.T) {
	s := sample{wavering(0, 6), wavering(1, -1)}
	found := hysteresis(s, pooled, func(stay int) float64 { return []float64{0.4, 0.9}[stay] }, drawn)
	if got := found[0]; got.AlarmsPerPatientDay.Value != 4 || got.StaySpecificity.Value != 1 {
		t.Errorf("%v alarms a day, specificity %v: want the first stay's 4 alone", got.AlarmsPerPatientDay, got.StaySpecificity)
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
