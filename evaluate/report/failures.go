package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// leastSeptic is how many septic stays a group needs before anything is said of it alone.
const leastSeptic = model.MinSepticApart

// AlertPPVAsked is what the alert's predictive value for a stay was to be at every hospital, at 7 % septic stays: twice the
// least that has been found of the largest vendor's alert (PMC12949446).
const AlertPPVAsked = 2 * 0.13

// looks find what fails in one respect.
type looks struct {
	id, title string
	all       []func(*evaluate.Report) []string
}

// failing are the sentences of what fails in one respect.
type failing struct {
	id, title string
	sentences []string
}

// failures is the section of what [failings] find.
func failures(r *evaluate.Report) section {
	s := newSection("fails")
	for _, f := range failings(r) {
		s.Blocks = append(s.Blocks, head(f.id, f.title), list(f.sentences...))
	}
	return s
}

// failings say where it does badly, found in the figures by rules that do not depend on the result.
func failings(r *evaluate.Report) []failing {
	var all []failing
	for _, respect := range []looks{
		{"fails-alarms", "Patients and alarms", []func(*evaluate.Report) []string{missedStays, unequal, alertBelowAsked, lateHours, weakPhases, oneHourOnly, worstInput}},
		{"fails-clock", "No better than simple rules", []func(*evaluate.Report) []string{notAboveRules, notAboveClock, weakBands, weakBandsWithoutClock}},
		{"fails-elsewhere", "At another hospital", []func(*evaluate.Report) []string{carriedBadly, missedElsewhere, disturbedElsewhere, alertWrongElsewhere, adaptedInVain}},
		{"fails-risks", "Risks that are not what they say", []func(*evaluate.Report) []string{weakSubgroup, miscalibrated, miscalibratedInput, steepOrFlat, offTenths, tooFew}},
		{"fails-parts", "Parts of the system, and of this report", []func(*evaluate.Report) []string{doubted, levelsOutOfOrder, doubtedWhenSeptic, ablationMisleads}},
	} {
		var found []string
		for _, look := range respect.all {
			found = append(found, look(r)...)
		}
		if len(found) > 0 {
			all = append(all, failing{respect.id, respect.title, found})
		}
	}
	return append(all, failing{"fails-unknown", "What nobody knows", []string{
		"Never tried: at a bedside, outside the hospital systems of the data, in children, on wards, in emergency departments, or in groups that the data do not record (race, ethnicity, language, income).",
		"Hours before onset are not hours won: whether the staff suspected sepsis when an alarm came, and whether treatment would have begun earlier, the records do not say.",
		"The label is made from records. A patient who was never cultured or never given antibiotics is not septic to it, and the model learns the habits of those who order tests.",
	}})
}

func missedStays(r *evaluate.Report) []string {
	w := wardOf(r, pooledName, utilityPoint)
	if w == nil || !defined(w.StaySensitivity) {
		return nil
	}
	return []string{fmt.Sprintf("It misses %s of septic stays, even as a watch list: no alarm at or before onset. No alarm never means no sepsis.", percent(complement(w.StaySensitivity)))}
}

// lateHours finds the hours of the stay in which most of the patients who are still recorded are septic, and far more of them than of all: where others
// stay as long, they are alarmed too.
func lateHours(r *evaluate.Report) []string {
	var all []string
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			if !r.Subgroups[i].ByHour || !spokenOf(g) || 2*g.SepticStays <= g.Stays || g.SepticStays*r.Data.Stays <= 2*r.Data.SepticStays*g.Stays || !defined(g.Specificity) {
				continue
			}
			all = append(all, fmt.Sprintf("\"%s\" (%s): of the %s stays still recorded %s are septic, since the records of most others end earlier. Of the hours there without the label %s are on the watch list. "+
				"Where patients without sepsis stay as long, expect more alarms, and fewer of them right, than any figure here says.",
				g.Name, r.Subgroups[i].Name, count(g.Stays), count(g.SepticStays), percent(complement(g.Specificity))))
		}
	}
	return all
}

// alertBelowAsked finds the hospitals at which the alert is right less often than asked.
func alertBelowAsked(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Ward {
		if w := &r.Ward[i]; w.Point == alertPoint && defined(w.StayPPVAdjusted) && w.StayPPVAdjusted.Value < AlertPPVAsked {
			clauses = append(clauses, fmt.Sprintf("%s, %s", w.Hospital, percent(w.StayPPVAdjusted)))
		}
	}
	return gathered(fmt.Sprintf("The alert was to be right in %.0f %% of the stays that it alarms, at %.0f %% septic stays, and its threshold aims at %.0f %%. It is right less often: ",
		100*AlertPPVAsked, 100*model.AlertPrevalence, 100*model.AlertPPV), clauses)
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
		if spokenOf(&p.Group) && defined(p.Group.Utility) && (worst < 0 || p.Group.Utility.Value < r.Phases[worst].Group.Utility.Value) {
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
	return gathered("It does not clearly tell more than the hour itself: ", notAboveHour(r.HourBands))
}

func notAboveHour(bands []evaluate.HourBand) []string {
	var clauses []string
	for _, b := range bands {
		if !clearlyAbove(b.Over, 0) {
			clauses = append(clauses, fmt.Sprintf("in %s (AUROC %s, difference %s)", hours(b.FromHour, b.ToHour), interval(b.Model, 3), difference(b.Over, 3)))
		}
	}
	return clauses
}

// spokenOf tells whether a group has septic stays enough to be judged by itself.
func spokenOf(g *evaluate.Group) bool { return g.SepticStays >= leastSeptic }

// tooFew names the subgroups of which nothing is said for that.
func tooFew(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			if g := &r.Subgroups[i].Groups[k]; !spokenOf(g) {
				clauses = append(clauses, fmt.Sprintf("\"%s\" (%s, %s septic stays)", g.Name, r.Subgroups[i].Name, count(g.SepticStays)))
			}
		}
	}
	return gathered(fmt.Sprintf("Nothing can be said of groups with fewer than %d septic stays: ", leastSeptic), clauses)
}

// weakSubgroup finds the subgroup of the lowest AUROC.
func weakSubgroup(r *evaluate.Report) []string {
	var worst *evaluate.Group
	set, looked := "", 0
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			if !spokenOf(g) || !defined(g.AUROC) {
				continue
			}
			if looked++; worst == nil || g.AUROC.Value < worst.AUROC.Value {
				worst, set = g, r.Subgroups[i].Name
			}
		}
	}
	if worst == nil {
		return nil
	}
	return []string{fmt.Sprintf("Of %d subgroups it ranks worst in \"%s\" (%s): AUROC %s.", looked, worst.Name, set, interval(worst.AUROC, 3))}
}

// miscalibrated finds the subgroup whose risks are clearly off by most.
func miscalibrated(r *evaluate.Report) []string {
	var worst *evaluate.Group
	set, looked, off := "", 0, 0
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			if !spokenOf(g) || !defined(g.CalibrationInLarge) {
				continue
			}
			looked++
			if !clearlyOff(g.CalibrationInLarge) {
				continue
			}
			if off++; worst == nil || math.Abs(g.CalibrationInLarge.Value) > math.Abs(worst.CalibrationInLarge.Value) {
				worst, set = g, r.Subgroups[i].Name
			}
		}
	}
	if worst == nil {
		return nil
	}
	return []string{fmt.Sprintf("Risks are %s most in \"%s\" (%s): %s. Of %d subgroups the interval leaves out 0 in %d; %s.",
		direction(worst), worst.Name, set, oddsOff(worst), looked, off, byChance(looked))}
}

// direction tells to which side the risks of a group are off.
func direction(g *evaluate.Group) string {
	if g.CalibrationInLarge.Value > 0 {
		return "understated"
	}
	return "overstated"
}

func oddsOff(g *evaluate.Group) string {
	return fmt.Sprintf("calibration in the large %s, so the odds are %.2f times those foretold", interval(g.CalibrationInLarge, 3), math.Exp(g.CalibrationInLarge.Value))
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
