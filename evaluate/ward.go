package evaluate

import (
	"cmp"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// operatingPoint is one way to turn probabilities into alarms.
type operatingPoint struct {
	name, choice string
	alarm        func(stay *scoredStay, h int) bool // in the h-th hour of a whole stay
}

// The operating points of the model, by their place in operatingPoints.
const (
	utilityAt = iota
	alertAt
)

// operatingPoints are the two of the model.
func operatingPoints(alertChoice string) []operatingPoint {
	return []operatingPoint{
		utilityAt: {
			"utility", "threshold of highest Challenge utility on the other folds; an hour is an alarm from it on",
			func(stay *scoredStay, h int) bool { return stay.hours[h].positive },
		},
		alertAt: {
			"alert", alertChoice + "; chosen on the other folds; an alert lasts until the probability is below its lower threshold",
			func(stay *scoredStay, h int) bool { return stay.hours[h].alert },
		},
	}
}

// The ratios of a ward view, by their place.
const (
	wardSensitivity = iota
	wardTimely
	wardSpecificity
	wardStayPPV
	wardEpisodePPV
	wardEpisodeTimely
	wardHourPPV
	wardAlarmsPerDay
	wardAlarmTime
	wardFalsePerHour
	wardSepticEver       // septic stays with an alarm at any time, also after onset
	wardSensitivityKnown // as wardSensitivity, of the stays whose onset is known
	numWardRatios
)

// wardStay is what the alarms of one stay come to.
type wardStay struct {
	septic           bool
	onsetUnknown     bool // septic and labelled from the first hour on: the true onset may be earlier
	hours, alarms    int
	labelledAlarms   int
	episodes         int
	inWindow         int // episodes with an hour in the window
	beginInWindow    int
	byOnset          bool // an alarm at or before onset
	timely           bool // an alarm in the window
	lead, currentEnd int  // hours from the first alarm, and from the last episode begun by onset, to onset
}

// ward counts the alarms of a stay.
func (s *scoredStay) ward(alarm func(stay *scoredStay, h int) bool) wardStay {
	w := wardStay{septic: s.septic, onsetUnknown: s.septic && s.Labels[0], hours: len(s.hours)}
	began, counted := false, false // whether an episode is under way, and whether it was counted in the window
	for h := range s.hours {
		hour := &s.hours[h]
		if !alarm(s, h) {
			began = false
			continue
		}
		inWindow := s.septic && hour.row >= s.onset+metric.EarlyHours && hour.row <= s.onset+metric.LateHours
		if !began {
			began, counted = true, false
			w.begin(hour, s.onset, inWindow)
		}
		if inWindow && !counted {
			counted = true
			w.inWindow++
		}
		w.alarms++
		w.timely = w.timely || inWindow
		if hour.label {
			w.labelledAlarms++
		}
	}
	return w
}

// begin counts an episode that begins.
func (w *wardStay) begin(hour *scoredHour, onset int, inWindow bool) {
	w.episodes++
	if inWindow {
		w.beginInWindow++
	}
	if !hour.byOnset {
		return
	}
	if !w.byOnset {
		w.lead = onset - hour.row
	}
	w.byOnset, w.currentEnd = true, onset-hour.row
}

// put adds the stay to the ratios, at its place.
func (w *wardStay) put(ratios []ratio, i int) {
	set := func(figure int, above, below float64) {
		ratios[figure].above[i], ratios[figure].below[i] = above, below
	}
	septic, caught, onsetKnown := count(w.septic), count(w.septic && w.byOnset), count(!w.onsetUnknown)
	set(wardSensitivity, caught, septic)
	set(wardTimely, count(w.timely), septic)
	set(wardSpecificity, count(!w.septic && w.episodes == 0), 1-septic)
	set(wardStayPPV, caught, count(w.episodes > 0))
	set(wardEpisodePPV, float64(w.inWindow), float64(w.episodes))
	set(wardEpisodeTimely, float64(w.beginInWindow), float64(w.episodes))
	set(wardHourPPV, float64(w.labelledAlarms), float64(w.alarms))
	set(wardAlarmsPerDay, float64(w.episodes), float64(w.hours)/24)
	set(wardAlarmTime, float64(w.alarms), float64(w.hours))
	set(wardFalsePerHour, float64(w.episodes-w.inWindow), float64(w.hours))
	set(wardSepticEver, count(w.septic && w.episodes > 0), septic)
	set(wardSensitivityKnown, caught*onsetKnown, septic*onsetKnown)
}

func count(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// leadTime is the lead of one stay, in hours.
type leadTime struct {
	hours float64
	stay  int
}

// quartiles of the leads in a draw: the smallest lead that at least a quarter, a half, three quarters of the stays do not
// exceed (Hyndman and Fan 1996, doi:10.2307/2684934, definition 1). NaN when the draw has none. leads rise.
func quartiles(leads []leadTime, weights []float64) [3]float64 {
	total, below := 0.0, 0.0
	for _, lead := range leads {
		total += weights[lead.stay]
	}
	q := [3]float64{math.NaN(), math.NaN(), math.NaN()}
	next := 0
	for _, lead := range leads {
		below += weights[lead.stay]
		for next < 3 && below > 0 && below >= total*float64(next+1)/4 {
			q[next] = lead.hours
			next++
		}
	}
	return q
}

// wardView measures a sample of whole stays at an operating point.
func wardView(s sample, hospital string, point operatingPoint, how bootstrap) (WardView, bool) {
	view, _, measurable := measureWard(s, hospital, point, how)
	return view, measurable
}

// The distributions of leads in a ward view, each with three quartiles after the ratios.
const (
	leadFirst = iota
	leadCurrent
	leadFirstKnown // as leadFirst, of the stays whose onset is known
	numLeads
)

// measureWard gives the draws beside the view, so that two operating points can be compared draw by draw.
func measureWard(s sample, hospital string, point operatingPoint, how bootstrap) (WardView, measured, bool) {
	view := WardView{Hospital: hospital, Point: point.name, Choice: point.choice, Stays: len(s), AdjustedTo: model.AlertPrevalence}
	ratios := make([]ratio, numWardRatios)
	for i := range ratios {
		ratios[i] = newRatio(len(s))
	}
	var leads [numLeads][]leadTime
	for i := range s {
		w := s[i].ward(point.alarm)
		w.put(ratios, i)
		view.count(&w)
		if !w.septic || !w.byOnset {
			continue
		}
		leads[leadFirst] = append(leads[leadFirst], leadTime{float64(w.lead), i})
		leads[leadCurrent] = append(leads[leadCurrent], leadTime{float64(w.currentEnd), i})
		if !w.onsetUnknown {
			leads[leadFirstKnown] = append(leads[leadFirstKnown], leadTime{float64(w.lead), i})
		}
	}
	for i := range leads {
		sortLeads(leads[i])
	}
	ratioFigures := ratiosOf(ratios)
	m, measurable := resample(len(s), how, func(weights []float64) []float64 {
		values := ratioFigures(weights)
		for i := range leads {
			q := quartiles(leads[i], weights)
			values = append(values, q[:]...)
		}
		return values
	})
	view.fill(m, leads)
	return view, m, measurable
}

// count adds a stay to the counts of a view.
func (v *WardView) count(w *wardStay) {
	v.Hours, v.Episodes, v.AlarmHour = v.Hours+w.hours, v.Episodes+w.episodes, v.AlarmHour+w.alarms
	if w.septic {
		v.Septic++
	}
	if w.onsetUnknown {
		v.OnsetUnknown++
	}
}

func sortLeads(leads []leadTime) {
	slices.SortFunc(leads, func(a, b leadTime) int { return cmp.Or(cmp.Compare(a.hours, b.hours), cmp.Compare(a.stay, b.stay)) })
}

// fill puts the figures in their places.
func (v *WardView) fill(m measured, leads [numLeads][]leadTime) {
	for i, figure := range []**Figure{
		wardSensitivity: &v.StaySensitivity, wardTimely: &v.StayTimely, wardSpecificity: &v.StaySpecificity,
		wardStayPPV: &v.StayPPV, wardEpisodePPV: &v.EpisodePPV, wardEpisodeTimely: &v.EpisodeTimely, wardHourPPV: &v.HourPPV,
		wardAlarmsPerDay: &v.AlarmsPerPatientDay, wardAlarmTime: &v.AlarmTime, wardFalsePerHour: &v.FalseAlarmsPerPatientHour,
		wardSepticEver: &v.StaySepticEver, wardSensitivityKnown: &v.StaySensitivityKnown,
	} {
		*figure = m.figure(i)
	}
	v.StayPPVAdjusted = m.derive(adjustedPPV)
	for i, quartiles := range []**Quartiles{leadFirst: &v.LeadTime, leadCurrent: &v.LeadTimeCurrent, leadFirstKnown: &v.LeadTimeKnown} {
		if at := numWardRatios + 3*i; len(leads[i]) > 0 {
			*quartiles = &Quartiles{Count: len(leads[i]), Lower: m.figure(at), Median: m.figure(at + 1), Upper: m.figure(at + 2)}
		}
	}
}

// adjustedPPV is the predictive value of an alarmed stay at the prevalence by which alerts are chosen, from the ratios
// of a draw.
func adjustedPPV(ratios []float64) float64 {
	return model.AdjustedPPV(ratios[wardSensitivity], ratios[wardSepticEver], 1-ratios[wardSpecificity], model.AlertPrevalence)
}
