package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/plot"
)

// transfers tells how a model does at a hospital that it has not learnt from.
func transfers(r *evaluate.Report) section {
	const about = "A model is trained at one hospital system and measured at the other, of which no label is used: not for learning, not for calibration, not for the threshold. " +
		"\"As is\", which is the recipe of the shipped model, uses nothing of the other hospital; other variants say what they use of its unlabelled records. " +
		"The portable recipe ships no model: sepsis train --recipe portable makes one. " +
		"The portable recipe was chosen by its figures on these same two transfers, so they are somewhat hopeful; there is no third hospital. " +
		"The rule of counting hours is the best for the other hospital itself, and so hard to beat."
	if len(r.Transfers) == 0 {
		return study(r, "transfers", about)
	}
	blocks := []block{
		transferForest(r.Transfers).block("At home: the same hospital's stays in cross-validation on both hospitals. Best threshold: chosen on the other hospital's labels, which is not to be had in truth; it shows what a threshold could mend.", "direction and variant"),
		{Table: transferComparisons(r.Transfers)},
		{Table: transferThresholds(r.Transfers)},
	}
	for _, t := range transferFigures(r.Transfers) {
		blocks = append(blocks, block{Table: t})
	}
	blocks = append(blocks, block{Table: variants(r.Transfers)})
	blocks = append(blocks, wardsElsewhere(r)...)
	if len(r.ConformalCarried) > 0 {
		blocks = append(blocks,
			text("How far the other hospital's hours look unlike those of the hospital of training to the check behind the reliability of answers; what is meant holds at home only."),
			block{Table: coverageTable("How often the check for unusual input flags an hour of the other hospital", r.ConformalCarried)})
	}
	return study(r, "transfers", about, blocks...)
}

func transferName(t *evaluate.Transfer) string {
	return fmt.Sprintf("%s to %s, %s", t.From, t.To, t.Variant)
}

// variantName names a variant with whether it ships.
func variantName(variant string) string {
	if variant == evaluate.AsIs {
		return variant + " (shipped)"
	}
	return variant
}

func transferForest(all []evaluate.Transfer) forest {
	f := forest{title: "Utility at a hospital without labels", axis: "Challenge utility", reference: &plot.Reference{Direction: plot.Vertical}}
	carried, best, home, clock := dots{name: "carried"}, dots{name: "with the best threshold there"}, dots{name: "at home"}, dots{name: "counting hours"}
	for i := range all {
		t := &all[i]
		if t.Failed != "" {
			continue
		}
		f.rows = append(f.rows, transferName(t))
		carried.figures = append(carried.figures, t.Group.Utility)
		best.figures = append(best.figures, t.OracleUtility)
		home.figures = append(home.figures, t.HomeUtility)
		clock.figures = append(clock.figures, t.Group.HoursRule)
	}
	f.series = []dots{carried, best, clock, home}
	return f
}

func transferComparisons(all []evaluate.Transfer) *table {
	t := &table{
		Caption: "What carrying costs and adapting gains (paired differences on the same stays)",
		Header:  []string{"direction and variant", "utility", "above counting hours", "above \"as is\"", "AUROC above \"as is\""},
	}
	for i := range all {
		x := &all[i]
		if x.Failed != "" {
			t.add(transferName(x), failure(x), "–", "–", "–")
			continue
		}
		t.add(transferName(x), interval(x.Group.Utility, 3), difference(x.OverHoursRule, 3), orItself(x.OverAsIs, x.Variant), orItself(x.AUROCOverAsIs, x.Variant))
	}
	return t
}

func transferThresholds(all []evaluate.Transfer) *table {
	t := &table{Caption: "Thresholds: carried, and what the other hospital's labels would choose", Header: []string{"direction and variant", "threshold", "best threshold there", "utility of the first hospital's best hours rule"}}
	for i := range all {
		if x := &all[i]; x.Failed == "" {
			t.add(transferName(x), number(x.Threshold, 4), number(x.OracleThreshold, 4), interval(x.HoursRuleFrom, 3))
		}
	}
	return t
}

// failure says why a variant has no figures.
func failure(t *evaluate.Transfer) string { return "could not be made: " + t.Failed }

// orItself is a difference from the variant "as is", which has none from itself.
func orItself(f *evaluate.Figure, variant string) string {
	if f == nil && variant == evaluate.AsIs {
		return "–"
	}
	return difference(f, 3)
}

// transferFigures has a table for each direction, with a column for each variant.
func transferFigures(all []evaluate.Transfer) []*table {
	var directions []string
	groups := map[string][]evaluate.Group{}
	for i := range all {
		t := &all[i]
		if t.Failed != "" {
			continue
		}
		direction := t.From + " to " + t.To
		if groups[direction] == nil {
			directions = append(directions, direction)
		}
		g := t.Group
		g.Name = t.Variant
		groups[direction] = append(groups[direction], g)
	}
	tables := make([]*table, len(directions))
	for i, direction := range directions {
		tables[i] = byMeasure("All figures at the other hospital, from "+direction, groups[direction], allMeasures)
	}
	return tables
}

// variants says once what each variant does.
func variants(all []evaluate.Transfer) *table {
	t := &table{Caption: "The variants", Header: []string{"variant", "what it does"}, Words: true}
	seen := map[string]bool{}
	for _, x := range all {
		if !seen[x.Variant] {
			seen[x.Variant] = true
			t.add(x.Variant, x.Description)
		}
	}
	return t
}

// wardsElsewhere tells what the other hospital's wards would see of a carried model, in words of the recipe that ships; nothing in a report that does not hold it.
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
				if carried[i].Hospital == evaluate.AsIs {
					lines = append(lines, elsewhereLine(direction, &carried[i]))
				}
			}
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	return append([]block{
		head("carried-wards", "What its wards would see"),
		text("The same view as at home, at both operating points as they were chosen at the hospital of training. At home: the same hospital's stays in cross-validation on both hospitals. " +
			"In words, of the recipe that ships; the tables have all variants."),
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

// wardElsewhere has what the watch list and the alert are worth when they are carried; nothing in a report that does not hold them.
func (p *cardPage) wardElsewhere(r *evaluate.Report) {
	p.pointElsewhere(r, "The watch list", utilityPoint)
	p.pointElsewhere(r, "The alert", alertPoint)
}

func (p *cardPage) pointElsewhere(r *evaluate.Report, name, point string) {
	t := &table{
		Caption: name + " carried, at the other hospital's own share of septic stays",
		Header:  []string{"from, to, recipe", "septic stays alarmed by onset", "other stays without any alarm", "stays with an alarm that are septic and alarmed by onset (PPV)", "alarms per patient-day"},
	}
	for i := range r.Transfers {
		x := &r.Transfers[i]
		for j := range x.Ward {
			if w := &x.Ward[j]; w.Point == point {
				t.add(transferName(x), percent(w.StaySensitivity), percent(w.StaySpecificity), percent(w.StayPPV), interval(w.AlarmsPerPatientDay, 2))
			}
		}
	}
	if len(t.Rows) > 0 {
		p.table(t)
	}
}

// subgroups has figures by what patients, hospitals and hours have in common.
func subgroups(r *evaluate.Report) section {
	const about = "The same predictions, by group. Groups differ in how common sepsis is in them, which moves AUPRC, PPV and utility without any fault of the model; AUROC and calibration compare better. Among many groups some will look good or bad by chance."
	if len(r.Subgroups) == 0 {
		return study(r, "subgroups", about)
	}
	var blocks []block
	ends := axesOf(r.Subgroups)
	for i, set := range r.Subgroups {
		blocks = append(blocks, head(fmt.Sprintf("subgroup-%d", i+1), capital(set.Name)))
		blocks = append(blocks, subgroup(set, ends)...)
	}
	if t := gapTable(r); t != nil {
		blocks = append(blocks, head("gaps", "Gaps between groups"), text(gapsMethod), block{Table: t})
	}
	return study(r, "subgroups", about, blocks...)
}

// axes are the ends of both axes of the pictures of subgroups, the same in all, so that they can be compared.
type axes struct{ auroc, inLarge plot.Interval }

// axesOf are axes that hold the intervals of all groups that are drawn.
func axesOf(sets []evaluate.SubgroupSet) axes {
	var areas, larges []*evaluate.Figure
	for _, set := range sets {
		groups := drawn(set.Groups)
		areas, larges = append(areas, column(groups, auroc)...), append(larges, append(column(groups, inLarge), &evaluate.Figure{})...)
	}
	return axes{around(areas), around(larges)}
}

// around is an interval that holds those of all figures, with a little room.
func around(all []*evaluate.Figure) plot.Interval {
	held := plot.Interval{Low: math.Inf(1), High: math.Inf(-1)}
	for _, f := range all {
		if defined(f) {
			held.Low, held.High = min(held.Low, f.Low), max(held.High, f.High)
		}
	}
	room := (held.High - held.Low) / 20
	return plot.Interval{Low: held.Low - room, High: held.High + room}
}

// drawn are the groups with septic stays enough to be held beside others.
func drawn(groups []evaluate.Group) []evaluate.Group {
	return slices.DeleteFunc(slices.Clone(groups), func(g evaluate.Group) bool { return !spokenOf(&g) })
}

// youngestFirst puts groups of age in the order of age, by the first number in their names; others stay as they are.
func youngestFirst(set evaluate.SubgroupSet) []evaluate.Group {
	groups := slices.Clone(set.Groups)
	if set.Name != "age" {
		return groups
	}
	slices.SortStableFunc(groups, func(a, b evaluate.Group) int { return cmp.Compare(fromAge(a.Name), fromAge(b.Name)) })
	return groups
}

// fromAge is the lowest age in a group, as in "under 18 years" or "45 to 64 years"; unknown ages come last.
func fromAge(name string) int {
	if strings.HasPrefix(name, "under ") {
		return 0
	}
	first, _, _ := strings.Cut(name, " ")
	age, err := strconv.Atoi(first)
	if err != nil {
		return math.MaxInt
	}
	return age
}

func subgroup(set evaluate.SubgroupSet, ends axes) []block {
	if len(set.Groups) == 0 {
		return append([]block{text("No group could be measured.")}, omitted(set.Omitted)...)
	}
	shown := allMeasures
	if set.ByHour {
		shown = hourMeasures
	}
	all := youngestFirst(set)
	t := judgedByMeasure("All figures by "+set.Name, all, shown)
	groups := drawn(all)
	if len(groups) == 0 {
		return append([]block{text("No group has %d septic stays, so none is judged or drawn.", leastSeptic), {Table: t}}, omitted(set.Omitted)...)
	}
	rows := names(groups)
	auroc := forest{title: "AUROC by " + set.Name, axis: "AUROC", rows: rows, series: []dots{{"", column(groups, auroc)}}}
	inLarge := forest{title: "Calibration by " + set.Name, axis: "in the large (0: right; below: overstated)", rows: rows, series: []dots{{"", column(groups, inLarge)}}, reference: &plot.Reference{Direction: plot.Vertical}}
	left, right := auroc.chart(), inLarge.chart()
	left.Width, right.Width = 430, 430
	left.X.Fixed, right.X.Fixed = ends.auroc, ends.inLarge
	grid := plot.Grid{Title: "AUROC and calibration by " + set.Name, Figures: []plot.Figure{left, right}, Columns: 2}
	return append([]block{picture(grid, divided(set), t)}, omitted(set.Omitted)...)
}

func divided(set evaluate.SubgroupSet) string {
	if set.ByHour {
		return "Hours are divided here, so there are no figures of whole stays. " + sameAxes
	}
	return "Stays are divided here. " + sameAxes
}

var sameAxes = fmt.Sprintf("The axes are those of all pictures of subgroups; groups with fewer than %d septic stays are counted in the table alone.", leastSeptic)

// reliability tells how often the program doubts its own answer, and whether rightly.
func reliability(r *evaluate.Report) section {
	const about = "With each answer comes how far to rely on it, from how much is known of the patient and how like the training data it is. Here: how often each level is given, and what the answers under it are worth."
	if len(r.Reliability) == 0 {
		return study(r, "reliability", about)
	}
	var groups []evaluate.Group
	shares := dots{name: "share of hours"}
	for _, part := range r.Reliability {
		g := part.Group
		g.Name = part.Level
		groups, shares.figures = append(groups, g), append(shares.figures, part.Share)
	}
	f := forest{title: "How often each level is given", axis: "share of hours", percent: true, rows: names(groups), series: []dots{shares}}
	return study(r, "reliability", about,
		append([]block{
			f.block("Levels have several causes: too little or too old data, no history, or input unlike the training data.", "level"),
			{Table: byMeasure("Figures by level of reliability", groups, hourMeasures)},
		}, coverage(r)...)...)
}

// coverage shows how often the check for unusual input flags hours, beside how often it is meant to.
func coverage(r *evaluate.Report) []block {
	if len(r.Conformal) == 0 {
		return nil
	}
	blocks := []block{
		head("coverage", "Input unlike the training data"),
		text("One check asks only whether an hour looks like those of the training. Of hours that do, it is meant to flag at most the share in the third column: 1 in 100 makes an answer limited, 1 in 1,000 indeterminate."),
	}
	t := coverageTable("How often the check for unusual input flags an hour, out of fold", r.Conformal)
	return append(append(blocks, methodOf(r, "conformal")...), block{Table: t})
}

// coverageTable has a row for each level of each part of the stays.
func coverageTable(caption string, all []evaluate.ConformalPart) *table {
	t := &table{Caption: caption, Header: []string{"hours of", "input", "meant", "flagged, of all hours", "of hours with the label", "of other hours", "stays", "hours"}}
	for _, part := range all {
		name := conformalName(&part)
		for _, level := range part.Levels {
			t.add(name, part.Input, fmt.Sprintf("%.1f %%", 100*level.Nominal), finePercent(level.All), finePercent(level.Labelled), finePercent(level.Other), count(part.Stays), count(part.Hours))
		}
	}
	return t
}

func conformalName(part *evaluate.ConformalPart) string {
	if part.From == "" {
		return part.Hospital
	}
	return fmt.Sprintf("%s, by a check made at %s", part.Hospital, part.From)
}
