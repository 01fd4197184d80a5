package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// recalibrated has what labelled stays of the other hospital mend; nothing in a report that does not hold it.
func (p *cardPage) recalibrated(r *evaluate.Report) {
	if len(r.Recalibrated) == 0 {
		return
	}
	p.paragraph("Recalibrated on labelled stays of one half of the other hospital (`sepsis model recalibrate`) and measured on its other half, paired differences. %s", strings.Join(recalibratedNotes(r.Recalibrated), " "))
	p.items(recalibratedLines(r))
}

// recalibrated tells what labelled stays of the other hospital mend.
func recalibrated(r *evaluate.Report) section {
	const about = "What labelled stays of the other hospital mend: calibration and both thresholds are fitted to one half of its stays, as sepsis model recalibrate does, and measured on the other half, and the halves swapped. " +
		"Trees and networks stay as they are, so what they cannot tell apart stays so; probabilities and alarms change. Differences are after less before, on the same stays."
	if len(r.Recalibrated) == 0 {
		return study(r, "recalibrated", about)
	}
	blocks := []block{list(recalibratedLines(r)...)}
	for _, note := range recalibratedNotes(r.Recalibrated) {
		blocks = append(blocks, text("%s", note))
	}
	for _, t := range recalibratedTables(r.Recalibrated) {
		blocks = append(blocks, block{Table: t})
	}
	return study(r, "recalibrated", about, blocks...)
}

// recalibratedNotes say what the comparison does not hold.
func recalibratedNotes(all []evaluate.Recalibrated) []string {
	notes := []string{
		"The alert's threshold is fitted to be the lowest at which it is right as often as asked for. Where it was right more often before, it then finds more septic stays; where less often, it then alarms fewer stays, septic ones too.",
		"The intervals hold the fitted calibration and thresholds fixed: they tell the chance of the stays that are measured, not of those that were fitted to.",
	}
	if slices.ContainsFunc(all, func(x evaluate.Recalibrated) bool { return x.Variant == evaluate.PortableAdapted && fitted(&x) }) {
		notes = append(notes, fmt.Sprintf("The variant \"%s\" is calibrated on stays from which its forecasts were learnt, too. Of these they know more than of stays that are new to them, "+
			"which can cost it something; what is measured is on the other half.", evaluate.PortableAdapted))
	}
	return notes
}

// fitted tells whether there is something to compare.
func fitted(x *evaluate.Recalibrated) bool {
	return x.Failed == "" && x.Before != nil && x.After != nil
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
	if !fitted(x) {
		return fmt.Sprintf("%s: it could not be fitted: %s.", name, x.Failed)
	}
	moved, caution := clearly, ""
	if x.Asked > 0 { // one choice of few stays: the intervals do not hold what another would give
		moved, caution = once, " This is one fit; other stays would give other thresholds."
	}
	return fmt.Sprintf("%s: the utility %s (%s); calibration in the large goes from %s to %s; the alert's predictive value at %.0f %% septic stays goes from %s to %s, where %.2f was asked for, and its sensitivity %s (%s).%s",
		name, moved.of(x.UtilityDifference), difference(x.UtilityDifference, 3), interval(x.Before.Group.CalibrationInLarge, 3), interval(x.After.Group.CalibrationInLarge, 3),
		100*x.After.Alert.AdjustedTo, interval(x.Before.Alert.StayPPVAdjusted, 3), interval(x.After.Alert.StayPPVAdjusted, 3), model.AlertPPV,
		moved.of(x.SensitivityDifference), difference(x.SensitivityDifference, 3), caution)
}

// movement are the words for what became of a figure.
type movement struct{ rises, falls, neither string }

var (
	clearly = movement{"clearly rises", "clearly falls", "does not clearly change"}
	once    = movement{"rises", "falls", "may rise or fall"} // by one fit to few stays: how clear that is no interval tells
)

// of says what became of a figure, as far as its interval tells.
func (m movement) of(f *evaluate.Figure) string {
	switch {
	case !defined(f):
		return "is undefined"
	case f.Low > 0:
		return m.rises
	case f.High < 0:
		return m.falls
	}
	return m.neither
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
			if !fitted(x) {
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
	counts := &table{Caption: "What each half was fitted to: stays of adults (septic), from the other half", Header: []string{"direction, variant, stays", "first half", "second half"}}
	for i := range all {
		x := &all[i]
		if x.Failed != "" {
			continue
		}
		counts.add(recalibratedName(x), fmt.Sprintf("%s (%s)", count(x.Fitted[0]), count(x.Septic[0])), fmt.Sprintf("%s (%s)", count(x.Fitted[1]), count(x.Septic[1])))
	}
	return append(tables, counts)
}
