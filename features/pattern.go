package features

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// PanelSize is how many laboratory values in one hour count as a panel and not as a single test.
const PanelSize = 4

// CountsAsDrawn tells whether the features, and the forecasts, count a variable among the laboratory values. They count the inspired oxygen,
// which is none, too: the trees have learnt from features that do, and without it these would be others, for trees that are trained anew.
func CountsAsDrawn(v sepsis.Variable) bool { return v.IsLaboratoryValue() || v == sepsis.FiO2 }

// drawn are the analytes that count as laboratory values.
var drawn = func() [numAnalytes]bool {
	var drawn [numAnalytes]bool
	for a := range drawn {
		drawn[a] = a == ionisedCalcium || CountsAsDrawn(sepsis.Variable(a))
	}
	return drawn
}()

// pattern is how much was measured and when, whatever the values: staff measure more when they worry.
type pattern struct {
	vitalsNow, labsNow       int
	vitalHours, labHours     hourBits
	panelHours               hourBits
	labs, vitals             int
	distinct                 int
	seen                     [numAnalytes]bool
	hours                    int // hours since the first observation, that one included
	lastLab, lastPanel       lastHour
	labsByHour, vitalsByHour window
	labCourse, vitalCourse   rolling
}

func (p *pattern) observe(hour int, values *analyteValues) {
	p.hours++
	p.vitalHours.advance()
	p.labHours.advance()
	p.panelHours.advance()
	p.labsByHour.advance()
	p.vitalsByHour.advance()
	p.vitalsNow, p.labsNow = 0, 0
	for a, value := range values {
		if sepsis.IsMissing(value) {
			continue
		}
		if !p.seen[a] {
			p.seen[a] = true
			p.distinct++
		}
		if drawn[a] {
			p.labsNow++
		} else {
			p.vitalsNow++
		}
	}
	p.labs += p.labsNow
	p.vitals += p.vitalsNow
	p.vitalHours.mark(p.vitalsNow > 0)
	p.labHours.mark(p.labsNow > 0)
	p.panelHours.mark(p.labsNow >= PanelSize)
	p.labsByHour.set(float64(p.labsNow))
	p.vitalsByHour.set(float64(p.vitalsNow))
	p.labCourse, p.vitalCourse = p.labsByHour.statistics(), p.vitalsByHour.statistics()
	p.lastLab.mark(hour, p.labsNow > 0)
	p.lastPanel.mark(hour, p.labsNow >= PanelSize)
}

// lastHour is the hour in which something happened last.
type lastHour struct {
	hour     int
	happened bool
}

func (l *lastHour) mark(now int, happens bool) {
	if happens {
		*l = lastHour{now, true}
	}
}

// since is the hours from then to now, missing when it never happened.
func (l *lastHour) since(now int) float64 {
	if !l.happened {
		return sepsis.Missing
	}
	return float64(now - l.hour)
}

// measuredWithin counts those of some variables that were measured in the last so many hours, the current one included.
func (s *state) measuredWithin(variables []sepsis.Variable, hours int) float64 {
	count := 0.0
	for _, v := range variables {
		if its := &s.series[v]; its.count > 0 && s.hour-its.lastHour < hours {
			count++
		}
	}
	return count
}

// members are the variables of a group.
func members(group sepsis.Group) (variables []sepsis.Variable) {
	for v := range sepsis.Variables {
		if sepsis.Variables[v].Group == group {
			variables = append(variables, sepsis.Variable(v))
		}
	}
	return variables
}

// pattern adds how much was measured, whatever it was.
func (t *table) pattern() {
	add := func(name string, read func(s *state) float64) { t.add(name, Pattern, sepsis.MeasurementPattern, read) }
	add("vitals_now", func(s *state) float64 { return float64(s.pattern.vitalsNow) })
	add("labs_now", func(s *state) float64 { return float64(s.pattern.labsNow) })
	add("labs_previous_hour", func(s *state) float64 { return s.pattern.labsByHour.ago(1) })
	add("vitals_previous_hour", func(s *state) float64 { return s.pattern.vitalsByHour.ago(1) })
	add("labs_so_far", func(s *state) float64 { return float64(s.pattern.labs) })
	add("vitals_so_far", func(s *state) float64 { return float64(s.pattern.vitals) })
	add("analytes_seen", func(s *state) float64 { return float64(s.pattern.distinct) })
	add("labs_per_hour", func(s *state) float64 { return ratio(float64(s.pattern.labs), float64(s.pattern.hours)) })
	add("vitals_per_hour", func(s *state) float64 { return ratio(float64(s.pattern.vitals), float64(s.pattern.hours)) })
	add("labs_mean_24h", func(s *state) float64 { return s.pattern.labCourse.day.mean })
	add("labs_mean_6h", func(s *state) float64 { return s.pattern.labCourse.six.mean })
	add("vitals_mean_6h", func(s *state) float64 { return s.pattern.vitalCourse.six.mean })
	add("vitals_mean_24h", func(s *state) float64 { return s.pattern.vitalCourse.day.mean })
	add("lab_hours_24h", func(s *state) float64 { return s.pattern.labHours.within(24) })
	add("lab_hours_48h", func(s *state) float64 { return s.pattern.labHours.within(48) })
	add("vital_hours_24h", func(s *state) float64 { return s.pattern.vitalHours.within(24) })
	add("panel_hours_48h", func(s *state) float64 { return s.pattern.panelHours.within(48) })
	add("hours_since_lab", func(s *state) float64 { return s.pattern.lastLab.since(s.hour) })
	add("hours_since_panel", func(s *state) float64 { return s.pattern.lastPanel.since(s.hour) })
	for _, group := range drawnGroups {
		variables := members(group)
		for _, hours := range []int{3, 24} {
			add(fmt.Sprintf("%s_measured_%dh", group, hours), func(s *state) float64 { return s.measuredWithin(variables, hours) })
		}
	}
}

// drawnGroups are the groups of the vocabulary that need blood.
var drawnGroups = []sepsis.Group{sepsis.BloodGas, sepsis.Chemistry, sepsis.Liver, sepsis.Cardiac, sepsis.Haematology, sepsis.Coagulation}
