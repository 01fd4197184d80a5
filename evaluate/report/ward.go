package report

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/plot"
)

// The operating points, by their names in the JSON.
const (
	utilityPoint = "utility"
	alertPoint   = "alert"
)

// pointName is an operating point as a clinician would call it.
func pointName(point string) string {
	switch point {
	case utilityPoint:
		return "watch list (highest utility)"
	case alertPoint:
		return "alert (high precision)"
	}
	return point
}

func wardOf(r *evaluate.Report, hospital, point string) *evaluate.WardView {
	for i := range r.Ward {
		if r.Ward[i].Hospital == hospital && r.Ward[i].Point == point {
			return &r.Ward[i]
		}
	}
	return nil
}

// window is where the Challenge rewards an alarm.
var window = fmt.Sprintf("from %d before onset to %d after it", -metric.EarlyHours, metric.LateHours)

// wardAtAGlance shows natural frequencies, which people read more rightly than conditional probabilities (Gigerenzer
// and Hoffrage 1995, doi:10.1037/0033-295X.102.4.684).
func wardAtAGlance(r *evaluate.Report) section {
	s := newSection("ward")
	for i := range r.Ward {
		if w := &r.Ward[i]; w.Hospital == pooledName {
			s.Blocks = append(s.Blocks, glance(w)...)
		}
	}
	if len(s.Blocks) == 0 {
		s.Blocks = append(s.Blocks, whyNot(r, "ward"))
		return s
	}
	s.Blocks = append(s.Blocks, text("An alarm is an unbroken run of hours in which it is on. All hospitals together; each alone is in \"The ward in full\" below."))
	return s
}

func glance(w *evaluate.WardView) []block {
	blocks := []block{
		head("ward-"+w.Point, capital(pointName(w.Point))),
		{Hundred: &hundreds{Groups: []hundred{withSepsis(w.StaySensitivity), withoutSepsis(complement(w.StaySpecificity))}}},
	}
	lines := []string{
		fmt.Sprintf("Of 100 stays with sepsis, about %s.", hundredOr(w.StayTimely, "have an alarm in the hours in which the Challenge rewards it, "+window)),
		fmt.Sprintf("Of 100 stays with any alarm, about %s.", hundredOr(w.StayPPV, "have sepsis with an alarm at or before onset")),
		fmt.Sprintf("Were %.0f of 100 stays septic, as in a study of 38,455 hospital stays (Wong et al. 2021), it would be about %s.", 100*w.AdjustedTo, hundredOr(w.StayPPVAdjusted, "of 100 stays with any alarm")),
		fmt.Sprintf("Of 100 alarms, about %s.", hundredOr(w.EpisodePPV, "touch the hours "+window)),
		fmt.Sprintf("Of 100 alarms, about %s.", hundredOr(w.EpisodeTimely, "begin in these hours")),
		fmt.Sprintf("Of 100 hours in alarm, about %s.", hundredOr(w.HourPPV, "have the label")),
		fmt.Sprintf("A unit of %d patients sees %s alarms a day.", bedsOfAUnit, interval(scaled(w.AlarmsPerPatientDay, bedsOfAUnit), 1)),
		"From the first alarm to onset, in septic stays that are alarmed in time: " + leadTime(w.LeadTime) + ".",
		"From the beginning of the last alarm before onset to onset: " + leadTime(w.LeadTimeCurrent) + ".",
	}
	return append(blocks, list(lines...))
}

func withSepsis(f *evaluate.Figure) hundred {
	h := hundred{Of: "Of 100 patients with sepsis", Text: "How many are alarmed by onset is undefined.", Marked: "good"}
	if !defined(f) {
		return h
	}
	h.Draw, h.Count = true, ofHundred(f.Value)
	h.Text = fmt.Sprintf("about %d have an alarm at or before onset, however early (%s), and %d have none by then.", h.Count, percent(f), 100-h.Count)
	return h
}

func withoutSepsis(f *evaluate.Figure) hundred {
	h := hundred{Of: "Of 100 patients without sepsis", Text: "How many are alarmed is undefined.", Marked: "bad"}
	if !defined(f) {
		return h
	}
	h.Draw, h.Count = true, ofHundred(f.Value)
	h.Text = fmt.Sprintf("about %d have at least one alarm during their stay (%s), and %d have none.", h.Count, percent(f), 100-h.Count)
	return h
}

// hundredOr is a share as a count of a hundred with what is true of them.
func hundredOr(f *evaluate.Figure, what string) string {
	if !defined(f) {
		return "an undefined number " + what
	}
	return fmt.Sprintf("%d %s (%s)", ofHundred(f.Value), what, percent(f))
}

func leadTime(q *evaluate.Quartiles) string {
	if q == nil || !defined(q.Median) {
		return undefined
	}
	text := "median " + interval(q.Median, 0) + " hours"
	if defined(q.Lower) && defined(q.Upper) {
		text += fmt.Sprintf(", the middle half from %.0f to %.0f", q.Lower.Value, q.Upper.Value)
	}
	return text
}

// capital begins with a capital letter; the names are ASCII.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// wardInFull has every figure of the ward, and the lead times as a picture.
func wardInFull(r *evaluate.Report) section {
	const about = "What staff would meet at each operating point. A stay counts as found when an alarm comes at or before onset; false alarms are those that touch no hour near an onset."
	if len(r.Ward) == 0 {
		return study(r, "ward-in-full", about)
	}
	var blocks []block
	for _, point := range points(r.Ward) {
		blocks = append(blocks, block{Table: wardTable(r.Ward, point)})
	}
	blocks = append(append(blocks, leadTimes(r.Ward)), hysteresis(r)...)
	return study(r, "ward-in-full", about, blocks...)
}

// hysteresis holds the alert beside other rules at the same threshold.
func hysteresis(r *evaluate.Report) []block {
	if len(r.Hysteresis) == 0 {
		return nil
	}
	level := &table{Caption: "Other rules at the threshold of the alert", Header: []string{"rule, hospital", "alarms per patient-day", "septic stays alarmed by onset", "other stays without any alarm", "alarms near an onset (PPV)", "time in alarm"}}
	change := &table{Caption: "Other rules at the threshold of the alert: differences to the alert as it is (paired), in percentage points but for the alarms", Header: slices.Clone(level.Header)}
	meaning := &table{Caption: "The rules", Header: []string{"rule", "what it is"}, Words: true}
	seen := map[string]bool{}
	for _, v := range r.Hysteresis {
		level.add(v.Name+", "+v.Hospital, interval(v.AlarmsPerPatientDay, 3), percent(v.StaySensitivity), percent(v.StaySpecificity), percent(v.EpisodePPV), percent(v.AlarmTime))
		change.add(v.Name+", "+v.Hospital, difference(v.AlarmsDifference, 3), percentagePoints(v.SensitivityDifference), percentagePoints(v.SpecificityDifference), percentagePoints(v.EpisodePPVDifference), percentagePoints(v.AlarmTimeDifference))
		if !seen[v.Name] {
			seen[v.Name] = true
			meaning.add(v.Name, capital(v.Description)+".")
		}
	}
	blocks := []block{
		head("hysteresis", "What the hysteresis of the alert does"),
		text("The alert goes on until the risk has clearly fallen. Here it is held beside rules without that: above 0, the other rule has more."),
	}
	return append(append(blocks, methodOf(r, "hysteresis")...), block{Table: level}, block{Table: change}, block{Table: meaning})
}

// points are the operating points in the order in which they first come.
func points(ward []evaluate.WardView) []string {
	var all []string
	seen := map[string]bool{}
	for _, w := range ward {
		if !seen[w.Point] {
			all, seen[w.Point] = append(all, w.Point), true
		}
	}
	return all
}

// wardTable has a column for each hospital at one operating point.
func wardTable(ward []evaluate.WardView, point string) *table {
	var views []*evaluate.WardView
	for i := range ward {
		if ward[i].Point == point {
			views = append(views, &ward[i])
		}
	}
	t := &table{Caption: fmt.Sprintf("%s. Threshold: %s", capital(pointName(point)), views[0].Choice), Header: []string{""}}
	for _, w := range views {
		t.Header = append(t.Header, w.Hospital)
	}
	for _, line := range wardLines {
		cells := []string{line.name}
		for _, w := range views {
			cells = append(cells, line.of(w))
		}
		t.add(cells...)
	}
	return t
}

// wardLine is one figure of the ward.
type wardLine struct {
	name string
	of   func(w *evaluate.WardView) string
}

var wardLines = []wardLine{
	{"stays (septic)", func(w *evaluate.WardView) string { return fmt.Sprintf("%s (%s)", count(w.Stays), count(w.Septic)) }},
	{"hours (in alarm)", func(w *evaluate.WardView) string { return fmt.Sprintf("%s (%s)", count(w.Hours), count(w.AlarmHour)) }},
	{"septic stays labelled from the first hour on, onset unknown", func(w *evaluate.WardView) string {
		return fmt.Sprintf("%s (%s)", count(w.OnsetUnknown), share(w.OnsetUnknown, w.Septic))
	}},
	{"alarms", func(w *evaluate.WardView) string { return count(w.Episodes) }},
	{"septic stays alarmed by onset", func(w *evaluate.WardView) string { return percent(w.StaySensitivity) }},
	{"– of those whose onset is known", func(w *evaluate.WardView) string { return percent(w.StaySensitivityKnown) }},
	{"septic stays alarmed in the hours " + window, func(w *evaluate.WardView) string { return percent(w.StayTimely) }},
	{"other stays without any alarm", func(w *evaluate.WardView) string { return percent(w.StaySpecificity) }},
	{"stays with an alarm that are septic and alarmed by onset (PPV)", func(w *evaluate.WardView) string { return percent(w.StayPPV) }},
	{"alarms that touch the hours near an onset (PPV)", func(w *evaluate.WardView) string { return percent(w.EpisodePPV) }},
	{"alarms that begin near an onset", func(w *evaluate.WardView) string { return percent(w.EpisodeTimely) }},
	{"alarm hours with the label (PPV)", func(w *evaluate.WardView) string { return percent(w.HourPPV) }},
	{"PPV of stays with an alarm, adjusted to a share of septic stays", adjustedPPV},
	{"alarms per patient-day", func(w *evaluate.WardView) string { return interval(w.AlarmsPerPatientDay, 2) }},
	{"false alarms per patient-hour", func(w *evaluate.WardView) string { return interval(w.FalseAlarmsPerPatientHour, 4) }},
	{"time in alarm", func(w *evaluate.WardView) string { return percent(w.AlarmTime) }},
	{"hours from first alarm to onset, median", func(w *evaluate.WardView) string { return median(w.LeadTime) }},
	{"– of those whose onset is known", func(w *evaluate.WardView) string { return median(w.LeadTimeKnown) }},
	{"hours from last alarm to onset, median", func(w *evaluate.WardView) string { return median(w.LeadTimeCurrent) }},
}

// adjustedPPV is the predictive value of an alarmed stay at the prevalence by which the alert was chosen.
func adjustedPPV(w *evaluate.WardView) string {
	return fmt.Sprintf("at %.0f %%: %s", 100*w.AdjustedTo, percent(w.StayPPVAdjusted))
}

func median(q *evaluate.Quartiles) string {
	if q == nil {
		return undefined
	}
	return interval(q.Median, 1)
}

// leadTimes draws medians with quartiles.
func leadTimes(ward []evaluate.WardView) block {
	c := plot.Chart{Title: "Hours from alarm to onset", XLabel: "hours before onset: median, and the middle half", X: plot.Axis{FromZero: true}, Width: 720}
	t := &table{Caption: c.Title, Header: []string{"", "stays", "lower quartile", "median", "upper quartile"}}
	first, last := plot.ErrorBars{Name: "first alarm", Horizontal: true}, plot.ErrorBars{Name: "last alarm", Horizontal: true}
	for i := range ward {
		w := &ward[i]
		name := fmt.Sprintf("%s, %s", w.Hospital, w.Point)
		c.Y.Categories = append(c.Y.Categories, name)
		addQuartiles(&first, float64(i)-0.15, w.LeadTime)
		addQuartiles(&last, float64(i)+0.15, w.LeadTimeCurrent)
		t.add(quartileRow(name+": first alarm", w.LeadTime)...)
		t.add(quartileRow(name+": last alarm", w.LeadTimeCurrent)...)
	}
	c.Height = forestHead + 2*forestRow*len(ward)
	c.Layers = []plot.Layer{first, last}
	return picture(c, "The bars are quartiles over septic stays that were alarmed in time, not intervals. A long time before onset is not a merit by itself: an alarm days ahead may be forgotten.", t)
}

func addQuartiles(bars *plot.ErrorBars, y float64, q *evaluate.Quartiles) {
	if q == nil {
		return
	}
	median, _, _ := parts(q.Median)
	lower, _, _ := parts(q.Lower)
	upper, _, _ := parts(q.Upper)
	bars.X, bars.Y, bars.Low, bars.High = append(bars.X, median), append(bars.Y, y), append(bars.Low, lower), append(bars.High, upper)
}

func quartileRow(name string, q *evaluate.Quartiles) []string {
	if q == nil {
		return []string{name, "0", undefined, undefined, undefined}
	}
	return []string{name, count(q.Count), interval(q.Lower, 1), interval(q.Median, 1), interval(q.Upper, 1)}
}
