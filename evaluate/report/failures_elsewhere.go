package report

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/evaluate"
)

// missedElsewhere finds the transfers whose watch list, or alert, finds clearly fewer septic stays than the model which learns at that hospital, too.
func missedElsewhere(r *evaluate.Report) []string {
	var watch, alert []string
	for i := range r.Transfers {
		t := &r.Transfers[i]
		for k := range t.Ward {
			view := &t.Ward[k]
			home := wardOf(r, t.To, view.Point)
			if home == nil || !fewerThan(view.StaySensitivity, home.StaySensitivity) {
				continue
			}
			clause := fmt.Sprintf("%s, %s against %s", transferName(t), percent(view.StaySensitivity), percent(home.StaySensitivity))
			if view.Point == alertPoint {
				alert = append(alert, clause)
			} else {
				watch = append(watch, clause)
			}
		}
	}
	const than = " of septic stays by onset than one that has learnt at that hospital, too: "
	return append(gathered("Carried, the watch list finds fewer"+than, watch), gathered("Carried, the alert finds fewer"+than, alert)...)
}

// fewerThan tells whether a share is below another one of the same stays, by what the two intervals allow: what is found and missed goes together in the same stays,
// so the difference is known better than that.
func fewerThan(a, b *evaluate.Figure) bool { return clearlyBelow(apart(a, b), 0) }

// disturbedElsewhere finds the transfers that alarm clearly more stays without sepsis than the model of that hospital does.
func disturbedElsewhere(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Transfers {
		t := &r.Transfers[i]
		home := atHomeGroup(r, t.To)
		if t.Failed != "" || home == nil || !fewerThan(home.StayFalseAlarm, t.Group.StayFalseAlarm) {
			continue
		}
		clauses = append(clauses, fmt.Sprintf("%s, %s against %s", transferName(t), percent(t.Group.StayFalseAlarm), percent(home.StayFalseAlarm)))
	}
	return gathered("Carried, the watch list alarms more of the stays without sepsis than one that has learnt at that hospital, too: ", clauses)
}

// alertWrongElsewhere finds the transfers whose alert is clearly less often right than that of the model which learns at that hospital, too.
func alertWrongElsewhere(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Transfers {
		t := &r.Transfers[i]
		home := wardOf(r, t.To, alertPoint)
		for _, view := range t.Ward {
			if view.Point != alertPoint || home == nil || !fewerThan(view.StayPPV, home.StayPPV) {
				continue
			}
			clauses = append(clauses, fmt.Sprintf("%s, %s against %s", transferName(t), percent(view.StayPPV), percent(home.StayPPV)))
		}
	}
	return gathered("Carried, the alert is right less often than one that has learnt at that hospital, too (stays with an alert that are septic and alarmed by onset): ", clauses)
}

// adaptedInVain finds where forecasts of the other hospital give the recipe "as is" no clear gain.
func adaptedInVain(r *evaluate.Report) []string {
	var clauses []string
	for i := range r.Transfers {
		t := &r.Transfers[i]
		if t.Failed != "" || t.Variant != evaluate.AsIsAdapted || clearlyAbove(t.OverAsIs, 0) {
			continue
		}
		clauses = append(clauses, fmt.Sprintf("from %s to %s, utility %s, AUROC %s%s", t.From, t.To, difference(t.OverAsIs, 3), difference(t.AUROCOverAsIs, 3), furtherOff(r, t)))
	}
	return gathered("Learning the forecasts anew from the other hospital's records (sepsis model adapt) gives the shipped recipe no clear gain in utility; differences to \"as is\": ", clauses)
}

// furtherOff tells of a calibration that is worse than that of the variant "as is".
func furtherOff(r *evaluate.Report, t *evaluate.Transfer) string {
	for i := range r.Transfers {
		as := &r.Transfers[i]
		if as.From != t.From || as.To != t.To || as.Variant != evaluate.AsIs || !defined(as.Group.CalibrationInLarge) || !defined(t.Group.CalibrationInLarge) {
			continue
		}
		if math.Abs(t.Group.CalibrationInLarge.Value) > math.Abs(as.Group.CalibrationInLarge.Value) {
			return fmt.Sprintf(", and calibration in the large goes further off, from %s to %s", interval(as.Group.CalibrationInLarge, 3), interval(t.Group.CalibrationInLarge, 3))
		}
	}
	return ""
}

// doubtedWhenSeptic finds where the check for unusual input flags labelled hours clearly more often than others.
func doubtedWhenSeptic(r *evaluate.Report) []string {
	var clauses []string
	for _, part := range append(append([]evaluate.ConformalPart{}, r.Conformal...), r.ConformalCarried...) {
		for _, level := range part.Levels {
			if part.Input != evaluate.AllHours || !defined(level.Other) || !clearlyAbove(level.Labelled, level.Other.High) {
				continue
			}
			clauses = append(clauses, fmt.Sprintf("%s, %s of labelled and %s of other hours, at the level of %.1f %%", conformalName(&part), percent(level.Labelled), percent(level.Other), 100*level.Nominal))
		}
	}
	return gathered("The check for unusual input doubts hours with the label more often than others, so that doubt falls on the hours that matter: ", clauses)
}
