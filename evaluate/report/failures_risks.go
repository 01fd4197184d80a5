package report

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
)

// named is a group with the name by which a sentence can call it.
type named struct {
	name  string
	group *evaluate.Group
}

// parted are all groups of hours that the report measures apart, by phase, subgroup, level of reliability and input and as files
// are served, and that have septic stays enough.
func parted(r *evaluate.Report) []named {
	var all []named
	add := func(name string, g *evaluate.Group) {
		if spokenOf(g) {
			all = append(all, named{name, g})
		}
	}
	for i := range r.Phases {
		add(hours(r.Phases[i].FromHour, r.Phases[i].ToHour), &r.Phases[i].Group)
	}
	for i := range r.Subgroups {
		for k := range r.Subgroups[i].Groups {
			g := &r.Subgroups[i].Groups[k]
			add(fmt.Sprintf("\"%s\" (%s)", g.Name, r.Subgroups[i].Name), g)
		}
	}
	for i := range r.Degraded {
		if r.Degraded[i].Name != evaluate.FullInput {
			add(fmt.Sprintf("input %q", r.Degraded[i].Name), &r.Degraded[i].Group)
		}
	}
	for i := range r.Reliability {
		add(fmt.Sprintf("reliability %q", r.Reliability[i].Level), &r.Reliability[i].Group)
	}
	if r.Served != nil {
		for i := range r.Served.Groups {
			add(r.Served.Groups[i].Name+" as served", &r.Served.Groups[i])
		}
	}
	return all
}

// notAboveClock finds the groups in which an alarm from some hour on is worth as much. Without a paired difference, as in older reports, the whole
// interval of the model must lie above the clock's figure.
func notAboveClock(r *evaluate.Report) []string {
	var paired, apart []string
	for _, n := range parted(r) {
		switch g := n.group; {
		case !defined(g.Utility) || !defined(g.HoursRule):
		case defined(g.OverHoursRule):
			if !clearlyAbove(g.OverHoursRule, 0) {
				paired = append(paired, fmt.Sprintf("%s, %s against %s, difference %s", n.name, interval(g.Utility, 3), interval(g.HoursRule, 3), difference(g.OverHoursRule, 3)))
			}
		case g.Utility.Low <= g.HoursRule.Value:
			apart = append(apart, fmt.Sprintf("%s, %s against %s", n.name, interval(g.Utility, 3), interval(g.HoursRule, 3)))
		}
	}
	return append(gathered("Not clearly better in utility than counting hours among the same hours (paired difference): ", paired),
		gathered("Not clearly better in utility than counting hours among the same hours (no paired difference is known): ", apart)...)
}

// weakBandsWithoutClock finds the bands of hours in which the training without the clock tells no more than the clock.
func weakBandsWithoutClock(r *evaluate.Report) []string {
	if r.WithoutHours == nil {
		return nil
	}
	return gathered("Trained without the clock, it does not clearly tell more than the hour itself: ", notAboveHour(r.WithoutHours.Bands))
}

// miscalibratedInput finds the poorer inputs with which risks are clearly off.
func miscalibratedInput(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Degraded {
		d := &r.Degraded[i]
		if d.Name != evaluate.FullInput && spokenOf(&d.Group) && clearlyOff(d.Group.CalibrationInLarge) {
			clauses = append(clauses, fmt.Sprintf("%s with %s (%s)", direction(&d.Group), d.Name, oddsOff(&d.Group)))
		}
	}
	return gathered("With less information risks are off: ", clauses)
}

// Calibration slopes that were promised at home.
const leastSlope, mostSlope = 0.9, 1.1

// steepOrFlat finds the groups whose slope is not what was promised of all.
func steepOrFlat(r *evaluate.Report) []string {
	var clauses []string
	for _, n := range parted(r) {
		if s := n.group.CalibrationSlope; defined(s) && (s.Value < leastSlope || s.Value > mostSlope) {
			clauses = append(clauses, fmt.Sprintf("%s, %s", n.name, interval(s, 3)))
		}
	}
	return gathered(fmt.Sprintf("Calibration slopes outside %.1f to %.1f (below: risks too far apart; above: too close together): ", leastSlope, mostSlope), clauses)
}

// offTenths finds the hospitals with tenths of risk in which what was foretold lies outside the interval of what was seen.
func offTenths(r *evaluate.Report) []string {
	var clauses []string
	for _, c := range r.Calibration {
		if off := len(partsThatAre(overstated, c.Bins)) + len(partsThatAre(understated, c.Bins)); off > 0 {
			clauses = append(clauses, fmt.Sprintf("%s, %d of %d%s", c.Hospital, off, len(c.Bins), lowestTooHigh(c.Bins[0])))
		}
	}
	return gathered("Parts of equal size by risk in which the mean risk lies outside the interval of the share with the label: ", clauses)
}

// lowestTooHigh tells of the lowest risks if they are foretold clearly too high.
func lowestTooHigh(b evaluate.CalibrationPart) string {
	if !overstated(b) {
		return ""
	}
	return fmt.Sprintf(" (in the lowest %.3f %% are foretold and %.3f %% (%.3f to %.3f) seen)", 100*b.Predicted, 100*b.Observed.Value, 100*b.Observed.Low, 100*b.Observed.High)
}

// levelsOutOfOrder finds levels of reliability under which answers are worth more than under a better level.
func levelsOutOfOrder(r *evaluate.Report) []string {
	var clauses []string
	for better := range r.Reliability {
		for worse := better + 1; worse < len(r.Reliability); worse++ {
			high, low := r.Reliability[better], r.Reliability[worse]
			if defined(high.Group.Utility) && defined(low.Group.Utility) && low.Group.Utility.Value > high.Group.Utility.Value {
				clauses = append(clauses, fmt.Sprintf("%s, %s, is above %s, %s", low.Level, interval(low.Group.Utility, 3), high.Level, interval(high.Group.Utility, 3)))
			}
		}
	}
	return gathered("The levels of reliability do not order what answers are worth; utility: ", clauses)
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

// ablationMisleads warns of an ablation in which most groups seem to hurt.
func ablationMisleads(r *evaluate.Report) []string {
	if r.Ablation != nil && r.Ablation.Trainings > 1 {
		return hurts(r.Ablation)
	}
	warning := ablationWarning(r.Ablation)
	if warning == "" {
		return nil
	}
	return []string{warning}
}

// hurts names the groups of features without which the model is better, beyond the chance of the stays and that of the training together.
func hurts(a *evaluate.Ablation) []string {
	var clauses []string
	for i := range a.Parts {
		p := &a.Parts[i]
		if both := together(p.UtilityDifference, p.UtilityTrainings); clearlyAbove(both, 0) {
			clauses = append(clauses, fmt.Sprintf("%s (utility %s)", p.Family, difference(both, 3)))
		}
	}
	return gathered("By the quick recipe of the ablation the model is better, beyond the noise of the stays and of the trees' seeds together, without: ", clauses)
}

func ablationWarning(a *evaluate.Ablation) string {
	if a == nil {
		return ""
	}
	better, clearly := 0, 0
	for _, p := range a.Parts {
		if defined(p.UtilityDifference) && p.UtilityDifference.Value > 0 {
			better++
		}
		if clearlyAbove(p.UtilityDifference, 0) {
			clearly++
		}
	}
	if 2*better <= len(a.Parts) || a.Trainings > 1 { // of several trainings the page says which differences are beyond noise
		return ""
	}
	return fmt.Sprintf("Left out one at a time, %d of %d groups of features seem to hurt: the utility is higher without them, clearly so by its interval for %d. "+
		"This does not show that the model is better without them: what is trained here is a small recipe, once, with one seed. "+
		"The intervals hold the chance of the stays and not that of the training, which may move the figures as far.", better, len(a.Parts), clearly)
}
