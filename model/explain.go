package model

import (
	"slices"
	"sync"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/score"
)

// Explain gives the risk at the last observation of the stay and says what it comes from: the Shapley values of all that the trees see
// (see [gbdt.Explainer]), and what the network makes of it (see [neural.Network.Contributions]), added up for each variable. What is made of several variables is divided equally among
// them, as the Shapley value divides what takes all of them together. Bedside scores are a group each. Forecasts are one group: what each
// variable did for them could be told only as shares of sums that may be next to 0.
func (m *Model) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	w := m.workspaces.Get().(*workspace)
	defer m.workspaces.Put(w)
	margin := w.observe(m.bundle, stay)
	base := m.contribute(w)
	groups := describeGroups(stay)
	for column, contribution := range w.contributions {
		among := columnGroups[column]
		for _, group := range among {
			groups[group].Contribution += contribution / float64(len(among))
		}
	}
	return m.risk(stay, margin), sepsis.NewExplanation(base, margin, groups)
}

// contribute finds what each column did to the margin that has just been found, and gives what it would be without any.
func (m *Model) contribute(w *workspace) (base float64) {
	base = m.explainer().Contributions(w.room.whole.Values(), w.contributions)
	if single(w.features) {
		return base + m.bundle.SingleHour
	}
	if m.bundle.Network == nil {
		return base
	}
	network, share := m.bundle.Network, m.bundle.NetworkShare
	own := make([]float64, network.Columns())
	base = blend(base, network.Contributions(w.room.network, own), share)
	for column := range w.contributions {
		w.contributions[column] *= 1 - share
		if column < len(own) {
			w.contributions[column] += share * own[column]
		}
	}
	return base
}

// explained are the names of all groups: first the measurements, in the order of the vocabulary, then the rest.
var explained = func() []string {
	var names []string
	for v := range sepsis.Variables {
		names = append(names, sepsis.Variable(v).String())
	}
	for _, v := range sepsis.StayVariables {
		if !slices.Contains(names, v.Name) { // icu_unit stands twice
			names = append(names, v.Name)
		}
	}
	for _, s := range score.All {
		names = append(names, s.Name)
	}
	for _, g := range sepsis.ExplanationGroups {
		names = append(names, g.Name)
	}
	return names
}()

// Explained are the names of all that an explanation can name.
func Explained() []string { return slices.Clone(explained) }

// columnGroups are the groups of each column that the trees see, as indexes of explained.
var columnGroups = func() [][]int {
	columns := Columns()
	groups := make([][]int, len(columns))
	for i, column := range columns {
		for _, name := range column.Groups {
			groups[i] = append(groups[i], slices.Index(explained, name))
		}
	}
	return groups
}()

// describeGroups tells of each group the value that holds at the last observation of the stay.
func describeGroups(stay *sepsis.Stay) []sepsis.Contribution {
	groups := make([]sepsis.Contribution, len(explained))
	for i, name := range explained {
		groups[i].Name = name
	}
	describeMeasurements(groups[:sepsis.NumVariables], stay)
	for i := sepsis.NumVariables; i < len(groups); i++ {
		describeStay(&groups[i], stay)
	}
	latest := stay.Latest(score.WindowHours)
	first := slices.Index(explained, score.All[0].Name)
	for i, bedside := range score.All {
		if total, known := bedside.Points(&latest); known > 0 {
			groups[first+i].Value = new(float64(total))
		}
	}
	return groups
}

// describeMeasurements gives the latest value of each variable, however old.
func describeMeasurements(groups []sepsis.Contribution, stay *sepsis.Stay) {
	now := stay.Observations[len(stay.Observations)-1].Hour
	wanted := len(groups)
	for v := range groups {
		groups[v].Unit = units[v]
	}
	for i := len(stay.Observations) - 1; i >= 0 && wanted > 0; i-- {
		o := &stay.Observations[i]
		for v := range groups {
			if groups[v].Value == nil && !sepsis.IsMissing(o.Values[v]) {
				groups[v].Value, groups[v].HoursAgo = new(o.Values[v]), new(now-o.Hour)
				if unit := string(sepsis.Variable(v).ReadUnit(o.Values[v])); unit != *groups[v].Unit {
					groups[v].Unit = new(unit)
				}
				wanted--
			}
		}
	}
}

// units are those of the explained measurements.
var units = func() [sepsis.NumVariables]*string {
	var units [sepsis.NumVariables]*string
	for v, info := range sepsis.Variables {
		units[v] = new(string(info.Unit))
	}
	return units
}()

// describeStay gives the value of a stay variable.
func describeStay(group *sepsis.Contribution, stay *sepsis.Stay) {
	value := sepsis.Missing
	switch group.Name {
	case "age":
		value = stay.Age
	case "sex":
		group.Choice = string(stay.Sex)
	case "icu_unit":
		group.Choice = string(stay.ICUUnit)
	case "hours_in_hospital_before_icu":
		value = stay.HoursBefore
	case "icu_hour":
		if hour := stay.Observations[len(stay.Observations)-1].Hour; hour != sepsis.HourUnknown {
			value = float64(hour)
		}
	}
	for _, v := range sepsis.StayVariables {
		if v.Name == group.Name && v.Unit != "" {
			group.Unit = new(v.Unit)
		}
	}
	if !sepsis.IsMissing(value) {
		group.Value = new(value)
	}
}

// newExplainer prepares the trees for explanation, when the first is asked for.
func newExplainer(b *Bundle) func() *gbdt.Explainer {
	return sync.OnceValue(func() *gbdt.Explainer { return gbdt.NewExplainer(b.Trees) })
}
