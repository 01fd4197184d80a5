package report

import (
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
)

// bedsOfAUnit is the size of unit for which alarms are counted: the 20 beds of Shashikumar et al. 2021
// (doi:10.1038/s41746-021-00504-6).
const bedsOfAUnit = 20

// summary is the first screen: what it is, what it is not, and the five sentences that matter.
func summary(r *evaluate.Report) section {
	s := section{ID: "summary", Title: "What this is, and what it shows"}
	s.Blocks = append(s.Blocks,
		notice("Research use only. Not a medical device: no clearance, no conformity assessment, no prospective study. It stands beside clinical judgement and never in its place."))
	if r.Data.Synthetic {
		s.Blocks = append(s.Blocks, notice("SYNTHETIC data: the patients are made up. Nothing here says anything about real ones."))
	}
	if r.Data.Sample > 0 {
		s.Blocks = append(s.Blocks, notice("A sample of at most %s stays of each hospital, not the whole data: figures for trying out, not for quoting.", count(r.Data.Sample)))
	}
	s.Blocks = append(s.Blocks,
		text("A model that reads the hourly record of an adult in intensive care and gives, each hour, the chance that the criteria of sepsis will be met within about 6 hours. "+
			"This report says how good that is, measured on patients whom the model had not seen."),
		list(discriminationSentence(r), utilitySentence(r), wardSentence(r), transferSentence(r), calibrationSentence(r)))
	return s
}

func discriminationSentence(r *evaluate.Report) string {
	g := pooled(r)
	if g == nil {
		return "How well it tells hours before sepsis from other hours was not measured."
	}
	return fmt.Sprintf("It tells hours apart: given an hour shortly before sepsis and another hour, it gives the first one the higher risk in %s of such pairs (AUROC; 50 %% is chance).", percent(g.AUROC))
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
	return fmt.Sprintf("As a watch list it raises an alarm in %s of septic stays at or before onset, and also in %s of the other stays; %s of its alarms are near an onset, and a unit of %d patients would see %s of them a day.",
		percent(w.StaySensitivity), percent(complement(w.StaySpecificity)), percent(w.EpisodePPV), bedsOfAUnit, interval(scaled(w.AlarmsPerPatientDay, bedsOfAUnit), 1))
}

func scaled(f *evaluate.Figure, by float64) *evaluate.Figure {
	if !defined(f) {
		return nil
	}
	return &evaluate.Figure{Value: by * f.Value, Low: by * f.Low, High: by * f.High}
}

// transferSentence gathers the variants of each direction.
func transferSentence(r *evaluate.Report) string {
	if len(r.Transfers) == 0 {
		return "How it does at a hospital that it has not learnt from was not measured."
	}
	var directions []string
	byDirection := map[string][]*evaluate.Transfer{}
	for i := range r.Transfers {
		t := &r.Transfers[i]
		direction := "from " + t.From + " to " + t.To
		if byDirection[direction] == nil {
			directions = append(directions, direction)
		}
		byDirection[direction] = append(byDirection[direction], t)
	}
	for i, direction := range directions {
		directions[i] = direction + ": " + variantClause(byDirection[direction])
	}
	return "Carried to a hospital of which it has seen no label, its alarms are worth, " + strings.Join(directions, "; ") + "."
}

// variantClause tells the utility of each variant of one direction, and what to compare it with.
func variantClause(all []*evaluate.Transfer) string {
	var clauses []string
	for _, t := range all {
		if t.Failed != "" {
			clauses = append(clauses, fmt.Sprintf("nothing known %s (it %s)", t.Variant, failure(t)))
			continue
		}
		clauses = append(clauses, interval(t.Group.Utility, 3)+" "+t.Variant)
	}
	return fmt.Sprintf("%s, where counting hours is worth %s, and learning at that hospital, too, %s",
		join(clauses), interval(all[0].Group.HoursRule, 3), interval(all[0].HomeUtility, 3))
}

func calibrationSentence(r *evaluate.Report) string {
	g := pooled(r)
	if g == nil {
		return "Whether its probabilities mean what they say was not measured."
	}
	return fmt.Sprintf("Its probabilities, at home: calibration slope %s, where 1 is ideal and less is too extreme; calibration in the large %s, where 0 is ideal and less means that risks are overstated.",
		interval(g.CalibrationSlope, 3), interval(g.CalibrationInLarge, 3))
}
