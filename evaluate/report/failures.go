package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
)

// failures says where it does badly, found in the figures by rules that do not depend on the result.
func failures(r *evaluate.Report) section {
	var found []string
	for _, look := range []func(*evaluate.Report) []string{
		missedStays, carriedBadly, notAboveRules, weakPhases, weakBands, weakSubgroup, miscalibrated, worstInput, oneHourOnly, doubted,
	} {
		found = append(found, look(r)...)
	}
	found = append(found,
		"Never tried: at a bedside, outside the hospital systems of the data, in children, on wards, in emergency departments, or in groups that the data do not record (race, ethnicity, language, income).",
		"The label is made from records. A patient who was never cultured or never given antibiotics is not septic to it, and the model learns the habits of those who order tests.")
	return section{ID: "fails", Title: "Where it fails", Blocks: []block{list(found...)}}
}

func missedStays(r *evaluate.Report) []string {
	w := wardOf(r, pooledName, utilityPoint)
	if w == nil || !defined(w.StaySensitivity) {
		return nil
	}
	return []string{fmt.Sprintf("It misses %s of septic stays altogether, even as a watch list: no alarm at or before onset. No alarm never means no sepsis.", percent(complement(w.StaySensitivity)))}
}

// carriedBadly finds the transfers that are not clearly better than the clock.
func carriedBadly(r *evaluate.Report) []string {
	var all []string
	for i := range r.Transfers {
		t := &r.Transfers[i]
		switch {
		case t.Failed != "":
			all = append(all, fmt.Sprintf("Carried from %s: it %s.", transferName(t), failure(t)))
		case !clearlyAbove(t.OverHoursRule, 0):
			all = append(all, fmt.Sprintf("Carried from %s: utility %s, which is not clearly better than counting hours there (difference %s).",
				transferName(t), interval(t.Group.Utility, 3), difference(t.OverHoursRule, 3)))
		}
	}
	return all
}

// notAboveRules finds the simple rules that the model is not clearly better than.
func notAboveRules(r *evaluate.Report) []string {
	var clauses []string
	for _, b := range r.Baselines {
		if !clearlyAbove(b.ModelUtility, 0) {
			clauses = append(clauses, fmt.Sprintf("%s (%s, difference %s)", b.English, b.Hospital, difference(b.ModelUtility, 3)))
		}
	}
	return gathered("Not clearly better in utility than: ", clauses)
}

// gathered is one sentence of all clauses, if there are any.
func gathered(beginning string, clauses []string) []string {
	if len(clauses) == 0 {
		return nil
	}
	return []string{beginning + strings.Join(clauses, "; ") + "."}
}

// weakPhases finds the phases in which a constant does as well, and the one of least utility.
func weakPhases(r *evaluate.Report) []string {
	var clauses []string
	worst := -1
	for i, p := range r.Phases {
		if defined(p.Group.Utility) && (worst < 0 || p.Group.Utility.Value < r.Phases[worst].Group.Utility.Value) {
			worst = i
		}
		if !clearlyAbove(p.BrierSkill, 0) {
			clauses = append(clauses, fmt.Sprintf("in %s (Brier skill %s)", hours(p.FromHour, p.ToHour), difference(p.BrierSkill, 4)))
		}
	}
	all := gathered("Its probabilities are not clearly better than always answering the share of labelled hours: ", clauses)
	if worst < 0 {
		return all
	}
	p := r.Phases[worst]
	return append(all, fmt.Sprintf("Of the phases of the stay it is worth least in %s: utility %s.", hours(p.FromHour, p.ToHour), interval(p.Group.Utility, 3)))
}

// weakBands finds the bands of hours in which it tells no more than the clock.
func weakBands(r *evaluate.Report) []string {
	var clauses []string
	for _, b := range r.HourBands {
		if !clearlyAbove(b.Over, 0) {
			clauses = append(clauses, fmt.Sprintf("in %s (AUROC %s, difference %s)", hours(b.FromHour, b.ToHour), interval(b.Model, 3), difference(b.Over, 3)))
		}
	}
	return gathered("It does not clearly tell more than the hour itself: ", clauses)
}

// weakSubgroup finds the subgroup of the lowest AUROC.
func weakSubgroup(r *evaluate.Report) []string {
	var worst *evaluate.Group
	set := ""
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			if defined(g.AUROC) && (worst == nil || g.AUROC.Value < worst.AUROC.Value) {
				worst, set = g, r.Subgroups[i].Name
			}
		}
	}
	if worst == nil {
		return nil
	}
	return []string{fmt.Sprintf("Of all subgroups it ranks worst in \"%s\" (%s): AUROC %s.", worst.Name, set, interval(worst.AUROC, 3))}
}

// miscalibrated finds the subgroup whose risks are clearly off by most.
func miscalibrated(r *evaluate.Report) []string {
	var worst *evaluate.Group
	set := ""
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			if clearlyOff(g.CalibrationInLarge) && (worst == nil || math.Abs(g.CalibrationInLarge.Value) > math.Abs(worst.CalibrationInLarge.Value)) {
				worst, set = g, r.Subgroups[i].Name
			}
		}
	}
	if worst == nil {
		return nil
	}
	direction := "overstated"
	if worst.CalibrationInLarge.Value > 0 {
		direction = "understated"
	}
	return []string{fmt.Sprintf("Risks are %s most in \"%s\" (%s): calibration in the large %s, so the odds are %.2f times those foretold.", direction, worst.Name, set,
		interval(worst.CalibrationInLarge, 3), math.Exp(worst.CalibrationInLarge.Value))}
}

// clearlyOff tells whether an interval does not hold 0.
func clearlyOff(f *evaluate.Figure) bool { return clearlyAbove(f, 0) || clearlyBelow(f, 0) }

// worstInput finds the loss of input that costs most, beside that of the history.
func worstInput(r *evaluate.Report) []string {
	worst := -1
	for i, d := range r.Degraded {
		if d.Name != evaluate.NowOnly && clearlyBelow(d.Utility, 0) && (worst < 0 || d.Utility.Value < r.Degraded[worst].Utility.Value) {
			worst = i
		}
	}
	if worst < 0 {
		return nil
	}
	d := r.Degraded[worst]
	return []string{fmt.Sprintf("With less information it does worse, most of all with %s: utility %s, difference %s.", d.Name, interval(d.Group.Utility, 3), difference(d.Utility, 3))}
}

// oneHourOnly tells what is left without the history.
func oneHourOnly(r *evaluate.Report) []string {
	for _, d := range r.Degraded {
		if d.Name == evaluate.NowOnly {
			return []string{fmt.Sprintf("From a single hour without its history: utility %s, difference %s; AUROC %s, difference %s.",
				interval(d.Group.Utility, 3), difference(d.Utility, 3), interval(d.Group.AUROC, 3), difference(d.AUROC, 3))}
		}
	}
	if now := atHomeGroup(r, evaluate.NowOnly); now != nil {
		return []string{fmt.Sprintf("From a single hour without its history: utility %s, AUROC %s.", interval(now.Utility, 3), interval(now.AUROC, 3))}
	}
	return nil
}

// doubted tells how often it would rather not answer.
func doubted(r *evaluate.Report) []string {
	for _, part := range r.Reliability {
		if part.Level == string(sepsis.Indeterminate) && defined(part.Share) && part.Share.Value > 0 {
			return []string{fmt.Sprintf("In %s of hours it says itself that its answer should not be relied on.", percent(part.Share))}
		}
	}
	return nil
}
