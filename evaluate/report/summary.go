package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/metric"
)

// bedsOfAUnit is the size of unit for which alarms are counted: the 20 beds of Shashikumar et al. 2021
// (doi:10.1038/s41746-021-00504-6).
const bedsOfAUnit = 20

// summary is the first screen: what it is, what it is not, and the sentences that matter.
func summary(r *evaluate.Report) section {
	s := newSection("summary")
	s.Blocks = append(s.Blocks,
		notice("Research use only. Not a medical device: no clearance, no conformity assessment, no prospective study. It stands beside clinical judgement and never in its place."))
	if r.Data.Synthetic {
		s.Blocks = append(s.Blocks, notice("SYNTHETIC data: the patients are made up. Nothing here says anything about real ones."))
	}
	if r.Data.Sample > 0 {
		s.Blocks = append(s.Blocks, notice("A sample of at most %s stays of each hospital, not the whole data: figures for trying out, not for quoting.", count(r.Data.Sample)))
	}
	if len(r.NotMeasured) > 0 {
		s.Blocks = append(s.Blocks, notice("The stays are too few, or tell too little, for these studies, which have no figures here: %s. \"%s\" says why.",
			join(slices.Sorted(maps.Keys(r.NotMeasured))), placeAt("not-run").title))
	}
	s.Blocks = append(s.Blocks,
		text("A model that reads the hourly record of an adult in intensive care and gives, each hour, the chance that the criteria of sepsis will be met within about 6 hours. "+
			"This report says how good that is, measured on patients whom the model had not seen."),
		list(discriminationSentence(r), utilitySentence(r), wardSentence(r), alertSentence(r), transferSentence(r)))
	if len(r.Transfers) > 0 {
		s.Blocks = append(s.Blocks, block{Table: carriedUtilities(r.Transfers)})
	}
	s.Blocks = append(s.Blocks, head("summary-risks", risksTitle), list(calibrationSentences(r)...))
	return s
}

func discriminationSentence(r *evaluate.Report) string {
	g := pooled(r)
	if g == nil {
		return "How well it tells hours near the onset of sepsis from other hours was not measured."
	}
	return fmt.Sprintf("It tells hours apart: given an hour with the label (from %d hours before the onset of sepsis to %d after it) and another hour, it gives the first one the higher risk in %s of such pairs (AUROC; 50 %% is chance).",
		-metric.OptimalHours, metric.LateHours, percent(g.AUROC))
}

func utilitySentence(r *evaluate.Report) string {
	g := pooled(r)
	if g == nil {
		return "Its worth on the Challenge's utility was not measured."
	}
	const scale = "Its alarms are worth %s on a scale where 0 is never to alarm and 1 is an alarm at every right hour and no other; "
	clock := clockOf(r)
	if clock == nil {
		return fmt.Sprintf(scale+"it was not compared with counting the hours in intensive care.", interval(g.Utility, 3))
	}
	return fmt.Sprintf(scale+"simply counting the hours in intensive care is worth %s, and on the same stays the model is %s above that.",
		interval(g.Utility, 3), interval(clock.Utility, 3), difference(clock.ModelUtility, 3))
}

// clockOf is the rule of counting hours on all stays, with the model's paired difference.
func clockOf(r *evaluate.Report) *evaluate.Baseline {
	for i := range r.Baselines {
		if b := &r.Baselines[i]; b.Name == evaluate.HoursRuleName && b.Hospital == pooledName {
			return b
		}
	}
	return nil
}

func wardSentence(r *evaluate.Report) string {
	w := wardOf(r, pooledName, utilityPoint)
	if w == nil {
		return "What a ward would see was not measured."
	}
	return fmt.Sprintf("As a watch list it raises an alarm in %s of septic stays at or before onset, and also in %s of the other stays. A unit of %d patients would see %s alarms a day, of which %s touch the hours %s. From the beginning of the last alarm to onset, in septic stays alarmed in time: %s.",
		percent(w.StaySensitivity), percent(complement(w.StaySpecificity)), bedsOfAUnit, interval(scaled(w.AlarmsPerPatientDay, bedsOfAUnit), 1), percent(w.EpisodePPV), window, leadTime(w.LeadTimeCurrent))
}

// alertSentence tells what the alert finds, at the price of how many alarms, how long before onset, and how often it is right, by each way of
// counting, the least flattering too.
func alertSentence(r *evaluate.Report) string {
	w := wardOf(r, pooledName, alertPoint)
	if w == nil {
		return "What the alert is worth was not measured."
	}
	return fmt.Sprintf("As an alert, which is rarer, it raises an alarm in %s of septic stays at or before onset and in %s of the other stays; the unit would see %s alarms a day. From the beginning of the last one to onset, in septic stays alarmed in time: %s. "+
		"Of the alarms %s touch the hours near an onset and %s begin in them; of the hours in alarm %s have the label.",
		percent(w.StaySensitivity), percent(complement(w.StaySpecificity)), interval(scaled(w.AlarmsPerPatientDay, bedsOfAUnit), 1), leadTime(w.LeadTimeCurrent),
		percent(w.EpisodePPV), percent(w.EpisodeTimely), percent(w.HourPPV))
}

func scaled(f *evaluate.Figure, by float64) *evaluate.Figure {
	if !defined(f) {
		return nil
	}
	return &evaluate.Figure{Value: by * f.Value, Low: by * f.Low, High: by * f.High}
}

// transferSentence tells of the recipe that ships; the other variants are in the table.
func transferSentence(r *evaluate.Report) string {
	if len(r.Transfers) == 0 {
		return "How it does at a hospital that it has not learnt from was not measured."
	}
	const table = "the table below has the recipe of the shipped model (" + evaluate.AsIs + ") and recipes that do not ship."
	if worthLessElsewhere(r.Transfers) {
		return "Carried to a hospital of which it has seen no label, its alarms are worth less: " + table
	}
	return "What its alarms are worth at a hospital of which it has seen no label: " + table
}

// worthLessElsewhere tells whether the recipe that ships has less utility in every direction than where it has learnt at that hospital, too.
func worthLessElsewhere(all []evaluate.Transfer) bool {
	compared := false
	for i := range all {
		t := &all[i]
		if t.Variant != evaluate.AsIs || t.Failed != "" {
			continue
		}
		if !defined(t.Group.Utility) || !defined(t.HomeUtility) || t.Group.Utility.Value >= t.HomeUtility.Value {
			return false
		}
		compared = true
	}
	return compared
}

// carriedUtilities has a row for each variant and a column for each direction, with what to compare it with.
func carriedUtilities(all []evaluate.Transfer) *table {
	t := &table{Caption: "Challenge utility at a hospital of which no label was used", Header: []string{""}}
	var directions, variants []string
	cells, seen := map[string]string{}, map[string]bool{}
	clock, home := []string{"counting hours there"}, []string{"learning at that hospital, too"}
	for i := range all {
		x := &all[i]
		direction := x.From + " to " + x.To
		if !seen["direction "+direction] {
			seen["direction "+direction] = true
			directions = append(directions, direction)
			clock, home = append(clock, interval(x.Group.HoursRule, 3)), append(home, interval(x.HomeUtility, 3))
		}
		if !seen["variant "+x.Variant] {
			seen["variant "+x.Variant] = true
			variants = append(variants, x.Variant)
		}
		cells[x.Variant+" "+direction] = interval(x.Group.Utility, 3)
		if x.Failed != "" {
			cells[x.Variant+" "+direction] = failure(x)
		}
	}
	t.Header = append(t.Header, directions...)
	t.add(clock...)
	for _, variant := range variants {
		row := []string{variantName(variant)}
		for _, direction := range directions {
			row = append(row, cmp.Or(cells[variant+" "+direction], "–"))
		}
		t.add(row...)
	}
	t.add(home...)
	return t
}
