// Package evaluate measures predictions that were made out of fold, with intervals over patients, and writes the
// figures that the model card and the documents are made from.
package evaluate

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// Group is a part of the cohort with its figures.
type Group struct {
	Name               string  `json:"name"`
	Stays              int     `json:"stays"`
	SepticStays        int     `json:"septic_stays"`
	Hours              int     `json:"hours"`
	Prevalence         float64 `json:"prevalence"` // share of hours with the label
	Utility            *Figure `json:"utility"`
	AUROC              *Figure `json:"auroc"`
	AUPRC              *Figure `json:"auprc"`
	Brier              *Figure `json:"brier"`
	CalibrationSlope   *Figure `json:"calibration_slope"`
	CalibrationInLarge *Figure `json:"calibration_in_the_large"`
	Sensitivity        *Figure `json:"sensitivity"` // of hours, at the threshold
	Specificity        *Figure `json:"specificity"`
	PPV                *Figure `json:"ppv"`
	StaySensitivity    *Figure `json:"stay_sensitivity"` // septic stays with an alarm at or before onset, however early
	StayFalseAlarm     *Figure `json:"stay_false_alarm"` // other stays with any alarm
	HoursRule          *Figure `json:"hours_rule_utility"`
	OverHoursRule      *Figure `json:"utility_over_hours_rule,omitempty"` // utility less that of counting hours, paired
}

// Evidence is what is known of a model from predictions that its own members made on stays they never saw.
type Evidence struct {
	Method    string   `json:"method"`
	Threshold float64  `json:"threshold"`
	HoursRule string   `json:"hours_rule"`        // the rule that any model must beat
	Groups    []Group  `json:"groups"`            // pooled first, then each hospital, then snapshots
	Omitted   []string `json:"omitted,omitempty"` // parts in which septic or other stays are missing
}

// NowOnly names the group of snapshots: hours of which no history is sent, as in the flat form of the API. It is every
// sixth hour, in which a stay is alarmed more rarely than in all of them, so it has no figures over stays.
const NowOnly = "now only"

// FullInput is the name of all that was recorded, beside poorer input.
const FullInput = "full"

// method says how figures out of fold are made. Where all ages are known it is the text that bundles have carried since their format 3: another one would
// give another file of the same model.
func method(left model.Left) string {
	whose := fmt.Sprintf("Stays under %d are", sepsis.AdultAge)
	if left.NoAge > 0 {
		whose = fmt.Sprintf("Stays under %d, and those of unknown age (%d of all), are", sepsis.AdultAge, left.NoAge)
	}
	return fmt.Sprintf(methodOfAges, whose)
}

const methodOfAges = "Out-of-fold predictions of patient-disjoint cross-validation, stratified by hospital and outcome: each stay is " +
	"predicted by its fold's model, which never saw it, with a calibration and a threshold fitted on the other folds. The shipped model averages those " +
	"of all folds and is itself not measured here. %s predicted, not learnt from. Intervals: 95 %%, bootstrap over " +
	"stays; they hold the models fixed. \"" + NowOnly + "\": every sixth hour sent without history, every fourth of these without its ICU hour."

// OutOfFold measures the out-of-fold predictions of a training. Intervals come from the seed. A part of the cohort
// without septic, or without other, stays is named as omitted.
func OutOfFold(stays []sepsis.LabelledStay, predicted *model.OutOfFold, seed uint64) (*Evidence, error) {
	return outOfFold(stays, predicted, bootstrap{seed, Resamples})
}

// ForBundle is the evidence in the form that bundles have carried since their format 3, without OverHoursRule: with it, training again would give
// another file, with another digest, of the same model.
func (e *Evidence) ForBundle() *Evidence {
	kept := *e
	kept.Groups = slices.Clone(e.Groups)
	for i := range kept.Groups {
		kept.Groups[i].OverHoursRule = nil
	}
	return &kept
}

func outOfFold(stays []sepsis.LabelledStay, predicted *model.OutOfFold, how bootstrap) (*Evidence, error) {
	hours, now := samples(stays, predicted)
	evidence, rule, err := hours.evidence(how)
	if err != nil {
		return nil, err
	}
	evidence.Method, evidence.Threshold = method(model.LeftOut(stays)), predicted.Threshold
	group, _, measurable := now.hourGroup(NowOnly, rule, how)
	evidence.add(NowOnly, group, measurable)
	return evidence, nil
}

// evidence measures all stays, and those of each hospital. It also gives the ICU hour from which the rule of counting hours alarms.
func (s sample) evidence(how bootstrap) (evidence *Evidence, rule float64, err error) {
	if rule, err = s.hoursThreshold(); err != nil {
		return nil, 0, fmt.Errorf("evaluate: %w", err)
	}
	evidence = &Evidence{HoursRule: fmt.Sprintf("Positive from ICU hour %.0f on (best hour for this cohort)", rule)}
	for _, name := range append([]string{pooled}, s.hospitals()...) {
		group, measurable := s.part(name).group(name, rule, how)
		evidence.add(name, group, measurable)
	}
	return evidence, rule, nil
}

// add adds a group, or names it where it cannot be measured.
func (e *Evidence) add(name string, group Group, measurable bool) {
	if !measurable {
		e.Omitted = append(e.Omitted, name)
		return
	}
	e.Groups = append(e.Groups, group)
}

// group measures a sample; it cannot when septic or other hours are missing.
func (s sample) group(name string, hoursRule float64, how bootstrap) (Group, bool) {
	m, measurable := s.measure(hoursRule, how)
	if !measurable {
		return Group{}, false
	}
	return s.groupOf(name, m), true
}

// groupOf puts the figures of a sample together.
func (s sample) groupOf(name string, m measured) Group {
	g := Group{Name: name, Stays: len(s), Hours: s.hours(), Prevalence: m.point[prevalence]}
	for i := range s {
		if s[i].septic {
			g.SepticStays++
		}
	}
	for i, figure := range []**Figure{
		utility: &g.Utility, auroc: &g.AUROC, auprc: &g.AUPRC, brier: &g.Brier, slope: &g.CalibrationSlope,
		inLarge: &g.CalibrationInLarge, sensitivity: &g.Sensitivity, specificity: &g.Specificity, ppv: &g.PPV,
		staySensitivity: &g.StaySensitivity, stayFalseAlarm: &g.StayFalseAlarm, hoursRuleUtility: &g.HoursRule,
	} {
		*figure = m.figure(i)
	}
	g.OverHoursRule = m.derive(overHours)
	return g
}

// hourGroup measures a sample of which only some hours of each stay are given: there are no figures over stays.
func (s sample) hourGroup(name string, hoursRule float64, how bootstrap) (Group, measured, bool) {
	m, measurable := s.measure(hoursRule, how)
	if !measurable {
		return Group{}, m, false
	}
	return s.groupOf(name, m).withoutStays(), m, true
}

// withoutStays is the group without its figures over stays.
func (g Group) withoutStays() Group {
	g.StaySensitivity, g.StayFalseAlarm = nil, nil
	return g
}
