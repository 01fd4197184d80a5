package report

import (
	"fmt"

	"github.com/medtech-detect/sepsis/evaluate"
)

// wardsElsewhere tells what the other hospital's wards would see of a carried model; nothing in a report that does not hold it.
func wardsElsewhere(r *evaluate.Report) []block {
	var blocks []block
	var lines []string
	for _, direction := range directions(r.Transfers) {
		for _, point := range []string{utilityPoint, alertPoint} {
			carried := carriedViews(r, direction, point)
			if len(carried) == 0 {
				continue
			}
			views := carried
			if home := wardOf(r, direction[1], point); home != nil {
				besides := *home
				besides.Hospital = "at home"
				views = append([]evaluate.WardView{besides}, carried...)
			}
			t := wardTable(views, point)
			t.Caption = fmt.Sprintf("%s, from %s to %s: threshold chosen there, and carried", capital(pointName(point)), direction[0], direction[1])
			blocks = append(blocks, block{Table: t})
			for i := range carried {
				lines = append(lines, elsewhereLine(direction, &carried[i]))
			}
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	return append([]block{
		head("carried-wards", "What its wards would see"),
		text("The same view as at home, at both operating points as they were chosen at the hospital of training. At home: the same hospital's stays in cross-validation on both hospitals."),
		list(lines...),
	}, blocks...)
}

// directions are the pairs of hospitals, from and to, in the order in which they first come.
func directions(all []evaluate.Transfer) [][2]string {
	var found [][2]string
	seen := map[[2]string]bool{}
	for i := range all {
		if pair := [2]string{all[i].From, all[i].To}; !seen[pair] {
			found, seen[pair] = append(found, pair), true
		}
	}
	return found
}

// carriedViews are what a ward sees of each variant carried in a direction, under the variant's name.
func carriedViews(r *evaluate.Report, direction [2]string, point string) []evaluate.WardView {
	var views []evaluate.WardView
	for i := range r.Transfers {
		t := &r.Transfers[i]
		if t.From != direction[0] || t.To != direction[1] {
			continue
		}
		for _, view := range t.Ward {
			if view.Point == point {
				view.Hospital = t.Variant
				views = append(views, view)
			}
		}
	}
	return views
}

func elsewhereLine(direction [2]string, w *evaluate.WardView) string {
	return fmt.Sprintf("From %s to %s, %s, %s: of septic stays %s are alarmed by onset, of the others %s never; of stays with any alarm %s are septic and alarmed by onset; %s alarms per patient-day.",
		direction[0], direction[1], w.Hospital, pointName(w.Point), percent(w.StaySensitivity), percent(w.StaySpecificity), percent(w.StayPPV), interval(w.AlarmsPerPatientDay, 2))
}

// alertElsewhere has what the carried alert is worth, of the variants that are wanted; nothing in a report that does not hold it.
func (p *cardPage) alertElsewhere(r *evaluate.Report, wanted func(variant string) bool) {
	t := &table{
		Caption: "The alert carried, at the other hospital's own share of septic stays",
		Header:  []string{"from, to, recipe", "septic stays alarmed by onset", "other stays without any alarm", "stays with an alarm that are septic and alarmed by onset (PPV)", "alarms per patient-day"},
	}
	for i := range r.Transfers {
		x := &r.Transfers[i]
		for j := range x.Ward {
			if w := &x.Ward[j]; w.Point == alertPoint && wanted(x.Variant) {
				t.add(transferName(x), percent(w.StaySensitivity), percent(w.StaySpecificity), percent(w.StayPPV), interval(w.AlarmsPerPatientDay, 2))
			}
		}
	}
	if len(t.Rows) > 0 {
		p.table(t)
	}
}

// recalibrated has what labelled stays of the other hospital mend; nothing in a report that does not hold it.
func (p *cardPage) recalibrated(r *evaluate.Report) {
	if len(r.Recalibrated) == 0 {
		return
	}
	p.paragraph("Recalibrated on labelled stays of one half of the other hospital (`sepsis model recalibrate`) and measured on its other half, paired differences:")
	p.items(recalibratedLines(r))
}

// recalibrated tells what labelled stays of the other hospital mend.
func recalibrated(r *evaluate.Report) section {
	const title = "Recalibrated at the other hospital"
	const about = "What labelled stays of the other hospital mend: calibration and both thresholds are fitted to one half of its stays, as sepsis model recalibrate does, and measured on the other half, and the halves swapped. " +
		"The trees stay as they are, so what they cannot tell apart stays so; probabilities and alarms change. Differences are after less before, on the same stays."
	if len(r.Recalibrated) == 0 {
		return study(r, "recalibrated", "recalibrated", title, about)
	}
	blocks := []block{list(recalibratedLines(r)...)}
	for _, t := range recalibratedTables(r.Recalibrated) {
		blocks = append(blocks, block{Table: t})
	}
	return study(r, "recalibrated", "recalibrated", title, about, blocks...)
}

func recalibratedName(x *evaluate.Recalibrated) string {
	return fmt.Sprintf("%s to %s, %s, fitted to %s", x.From, x.To, x.Variant, fittedTo(x))
}

// fittedTo says how many stays were asked for in each half.
func fittedTo(x *evaluate.Recalibrated) string {
	if x.Asked == 0 {
		return "all of a half"
	}
	return count(x.Asked) + " stays"
}

// recalibratedLines say in a sentence each what became of the carried models.
func recalibratedLines(r *evaluate.Report) []string {
	var lines []string
	for i := range r.Recalibrated {
		lines = append(lines, recalibratedLine(&r.Recalibrated[i]))
	}
	return lines
}

func recalibratedLine(x *evaluate.Recalibrated) string {
	name := "From " + recalibratedName(x)
	if x.Failed != "" || x.Before == nil || x.After == nil {
		return fmt.Sprintf("%s: it could not be fitted: %s.", name, x.Failed)
	}
	return fmt.Sprintf("%s: the utility %s (%s); calibration in the large goes from %s to %s; the alert's predictive value %s (%s), and its sensitivity %s (%s).",
		name, moved(x.UtilityDifference), difference(x.UtilityDifference, 3), interval(x.Before.Group.CalibrationInLarge, 3), interval(x.After.Group.CalibrationInLarge, 3),
		moved(x.AlertPPVDifference), difference(x.AlertPPVDifference, 3), moved(x.SensitivityDifference), difference(x.SensitivityDifference, 3))
}

// moved says what became of a figure, as far as its interval tells.
func moved(f *evaluate.Figure) string {
	switch {
	case !defined(f):
		return "is undefined"
	case f.Low > 0:
		return "clearly rises"
	case f.High < 0:
		return "clearly falls"
	}
	return "does not clearly change"
}

// recalibratedTables hold figures before and after, with their paired differences.
func recalibratedTables(all []evaluate.Recalibrated) []*table {
	type figures struct {
		name   string
		of     func(s *evaluate.RecalibratedSide) *evaluate.Figure
		change func(x *evaluate.Recalibrated) *evaluate.Figure
		digits int
	}
	var tables []*table
	for _, part := range []struct {
		caption string
		figures []figures
	}{
		{"Recalibrated: utility and Brier score", []figures{
			{"utility", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Group.Utility }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.UtilityDifference }, 3},
			{"Brier score", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Group.Brier }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.BrierDifference }, 5},
		}},
		{"Recalibrated: calibration (ideal are 1 and 0)", []figures{
			{"slope", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Group.CalibrationSlope }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.SlopeDifference }, 3},
			{"in the large", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Group.CalibrationInLarge }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.InLargeDifference }, 3},
		}},
		{"Recalibrated: the alert", []figures{
			{"PPV of stays", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Alert.StayPPV }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.AlertPPVDifference }, 3},
			{"septic stays alarmed by onset", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Alert.StaySensitivity }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.SensitivityDifference }, 3},
		}},
		{"Recalibrated: the alert's PPV, adjusted to a share of septic stays", []figures{
			{"PPV", func(s *evaluate.RecalibratedSide) *evaluate.Figure { return s.Alert.StayPPVAdjusted }, func(x *evaluate.Recalibrated) *evaluate.Figure { return x.AlertPPVAtDifference }, 3},
		}},
	} {
		t := &table{Caption: part.caption, Header: []string{"direction, variant, stays"}}
		for _, f := range part.figures {
			t.Header = append(t.Header, f.name+" before", "after", "difference")
		}
		for i := range all {
			x := &all[i]
			if x.Failed != "" || x.Before == nil || x.After == nil {
				continue
			}
			cells := []string{recalibratedName(x)}
			for _, f := range part.figures {
				cells = append(cells, interval(f.of(x.Before), f.digits), interval(f.of(x.After), f.digits), difference(f.change(x), f.digits))
			}
			t.add(cells...)
		}
		tables = append(tables, t)
	}
	fitted := &table{Caption: "What each half was fitted to: stays of adults (septic), from the other half", Header: []string{"direction, variant, stays", "first half", "second half"}}
	for i := range all {
		x := &all[i]
		if x.Failed != "" {
			continue
		}
		fitted.add(recalibratedName(x), fmt.Sprintf("%s (%s)", count(x.Fitted[0]), count(x.Septic[0])), fmt.Sprintf("%s (%s)", count(x.Fitted[1]), count(x.Septic[1])))
	}
	return append(tables, fitted)
}
