package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/dustin/go-humanize"

	"github.com/medtech-detect/sepsis/evaluate"
)

// undefined is written where there is no figure.
const undefined = "undefined"

// defined tells whether there is a figure to show.
func defined(f *evaluate.Figure) bool {
	return f != nil && finite(f.Value) && finite(f.Low) && finite(f.High)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// interval writes a figure with its interval, as "0.844 (0.837 to 0.850)".
func interval(f *evaluate.Figure, digits int) string {
	if !defined(f) {
		return undefined
	}
	return f.Digits(digits)
}

// difference writes a figure with its sign.
func difference(f *evaluate.Figure, digits int) string {
	if !defined(f) {
		return undefined
	}
	return fmt.Sprintf("%+.*f (%+.*f to %+.*f)", digits, f.Value, digits, f.Low, digits, f.High)
}

// percent writes a share, as "85.8 % (84.4 to 87.1)".
func percent(f *evaluate.Figure) string {
	switch {
	case !defined(f):
		return undefined
	case allOrNone(f):
		return fmt.Sprintf("%.1f %% (no interval)", 100*f.Value)
	}
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*f.Value, 100*f.Low, 100*f.High)
}

// finePercent writes a small share, as "0.12 % (0.10 to 0.15)".
func finePercent(f *evaluate.Figure) string {
	switch {
	case !defined(f):
		return undefined
	case allOrNone(f):
		return fmt.Sprintf("%.2f %% (no interval)", 100*f.Value)
	}
	return fmt.Sprintf("%.2f %% (%.2f to %.2f)", 100*f.Value, 100*f.Low, 100*f.High)
}

// allOrNone tells whether a share is 0 or 1 in every draw. To draw again from what was all alike says nothing of what else could have been seen.
func allOrNone(f *evaluate.Figure) bool {
	return f.Low == f.High && (f.Value == 0 || f.Value == 1)
}

// percentagePoints writes a difference of shares, as "+1.2 (+0.8 to +1.6)".
func percentagePoints(f *evaluate.Figure) string { return difference(scaled(f, 100), 1) }

// exactly writes a threshold or another probability that was set, and not found, in percent with all its digits, as "1.25 %".
func exactly(probability float64) string {
	const digits = 4 // none that is set has more
	return strconv.FormatFloat(100*probability, 'g', digits, 64) + " %"
}

// number writes a plain number, one that has no interval.
func number(x float64, digits int) string {
	if !finite(x) {
		return undefined
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// share writes a part of a whole in percent.
func share(part, whole int) string {
	if whole == 0 {
		return undefined
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// count writes a whole number with its thousands apart.
func count(n int) string { return humanize.Comma(int64(n)) }

// complement is 1 less a share.
func complement(f *evaluate.Figure) *evaluate.Figure {
	if !defined(f) {
		return nil
	}
	return &evaluate.Figure{Value: 1 - f.Value, Low: 1 - f.High, High: 1 - f.Low}
}

// ofHundred is a share as a count of a hundred.
func ofHundred(x float64) int { return int(math.Round(100 * x)) }

// clearlyAbove tells whether the whole interval lies above a value.
func clearlyAbove(f *evaluate.Figure, value float64) bool { return defined(f) && f.Low > value }

// clearlyBelow tells whether the whole interval lies below a value.
func clearlyBelow(f *evaluate.Figure, value float64) bool { return defined(f) && f.High < value }

// hours names a part of the ICU time; to is 0 when it is open.
func hours(from, to int) string {
	if to == 0 {
		return fmt.Sprintf("hour %d and later", from)
	}
	return fmt.Sprintf("hours %d to %d", from, to)
}

// kind is how a measure is written.
type kind int

const (
	decimals3 kind = iota
	decimals5
	shares
)

func (k kind) write(f *evaluate.Figure) string {
	switch k {
	case shares:
		return percent(f)
	case decimals5:
		return interval(f, 5)
	default:
		return interval(f, 3)
	}
}

// measure is one figure of a group.
type measure struct {
	name string
	kind kind
	of   func(g *evaluate.Group) *evaluate.Figure
}

// write gives the figure of a group. Snapshots are some hours of a stay, and have no figures over stays.
func (m measure) write(g *evaluate.Group) string {
	if g.Name == evaluate.NowOnly && (m.name == found.name || m.name == disturbed.name) {
		return "–"
	}
	return m.kind.write(m.of(g))
}

// judged gives the figure of a group that is spoken of by itself: none with too few septic stays.
func (m measure) judged(g *evaluate.Group) string {
	if !spokenOf(g) {
		return "–"
	}
	return m.write(g)
}

// The measures, in the order in which tables show them. evaluate.Group and package metric define them.
var (
	utility   = measure{"Challenge utility", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.Utility }}
	hoursRule = measure{"utility of counting ICU hours", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.HoursRule }}
	auroc     = measure{"AUROC", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.AUROC }}
	auprc     = measure{"AUPRC", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.AUPRC }}
	brier     = measure{"Brier score", decimals5, func(g *evaluate.Group) *evaluate.Figure { return g.Brier }}
	slope     = measure{"calibration slope", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.CalibrationSlope }}
	inLarge   = measure{"calibration in the large", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.CalibrationInLarge }}

	sensitivity = measure{"sensitivity (hours)", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.Sensitivity }}
	specificity = measure{"specificity (hours)", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.Specificity }}
	ppv         = measure{"PPV (hours)", decimals3, func(g *evaluate.Group) *evaluate.Figure { return g.PPV }}
	found       = measure{"septic stays alarmed by onset", shares, func(g *evaluate.Group) *evaluate.Figure { return g.StaySensitivity }}
	disturbed   = measure{"other stays ever alarmed", shares, func(g *evaluate.Group) *evaluate.Figure { return g.StayFalseAlarm }}
)

var (
	allMeasures  = []measure{utility, hoursRule, auroc, auprc, brier, slope, inLarge, sensitivity, specificity, ppv, found, disturbed}
	hourMeasures = allMeasures[:10] // those that do not speak of whole stays
)

// worthMeasures are the figures of a part that say most: what it is worth, beside the clock, and whether its risks are right.
var worthMeasures = []measure{utility, hoursRule, auroc, slope, inLarge}

// judgedCaption says what a dash means, if a table of groups that are judged apart holds any.
func judgedCaption(caption string, groups []evaluate.Group) string {
	if len(drawn(groups)) == len(groups) {
		return caption
	}
	return fmt.Sprintf("%s (–: fewer than %d septic stays, too few for figures)", caption, leastSeptic)
}

// groupTable has a row for each group, which is judged by itself.
func groupTable(caption, name string, groups []evaluate.Group, measures []measure) *table {
	t := &table{Caption: judgedCaption(caption, groups), Header: []string{name, "stays (septic)", "hours (with label)"}}
	for _, m := range measures {
		t.Header = append(t.Header, m.name)
	}
	for i := range groups {
		t.add(append(groupHead(&groups[i], groups[i].Name), groupFigures(&groups[i], measures)...)...)
	}
	return t
}

// groupHead names a group and counts it. What could not be measured has hours, but no share of them.
func groupHead(g *evaluate.Group, name string) []string {
	labelled := fmt.Sprintf("%s (%.2f %%)", count(g.Hours), 100*g.Prevalence)
	if g.AUROC == nil && g.Prevalence == 0 {
		labelled = fmt.Sprintf("%s (%s)", count(g.Hours), undefined)
	}
	return []string{name, fmt.Sprintf("%s (%s)", count(g.Stays), count(g.SepticStays)), labelled}
}

func groupFigures(g *evaluate.Group, measures []measure) []string {
	var cells []string
	for _, m := range measures {
		cells = append(cells, m.judged(g))
	}
	return cells
}

// byMeasure has a row for each measure and a column for each group, for a few groups and many measures.
func byMeasure(caption string, groups []evaluate.Group, measures []measure) *table {
	return transposed(caption, groups, measures, measure.write)
}

// judgedByMeasure is byMeasure of groups that are judged by themselves.
func judgedByMeasure(caption string, groups []evaluate.Group, measures []measure) *table {
	return transposed(judgedCaption(caption, groups), groups, measures, measure.judged)
}

// transposed is the table of byMeasure, with the way in which a figure is written.
func transposed(caption string, groups []evaluate.Group, measures []measure, written func(measure, *evaluate.Group) string) *table {
	t := &table{Caption: caption, Header: []string{""}}
	stays, counted := []string{"stays (septic)"}, []string{"hours (with label)"}
	for i := range groups {
		head := groupHead(&groups[i], groups[i].Name)
		t.Header, stays, counted = append(t.Header, head[0]), append(stays, head[1]), append(counted, head[2])
	}
	t.add(stays...)
	t.add(counted...)
	for _, m := range measures {
		cells := []string{m.name}
		for i := range groups {
			cells = append(cells, written(m, &groups[i]))
		}
		t.add(cells...)
	}
	return t
}
