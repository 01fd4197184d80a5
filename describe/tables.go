package describe

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// overStays says what the intervals of a table are.
const overStays = "95 % bootstrap intervals over stays."

// byGroup is a table with a column for each group.
func (r *Report) byGroup(caption, first string) *Table {
	t := &Table{Caption: caption, Header: []string{first}}
	for i := range r.Groups {
		t.Header = append(t.Header, r.Groups[i].Name)
	}
	return t
}

// line adds a row: a name, and a cell for each group.
func (r *Report) line(t *Table, name string, cell func(g *Group) string) {
	cells := []string{name}
	for i := range r.Groups {
		cells = append(cells, cell(&r.Groups[i]))
	}
	t.add(cells...)
}

func (r *Report) cohortTable() *Table {
	t := r.byGroup("Stays and hours. Shares of septic stays with 95 % intervals (Wilson), of hours with bootstrap intervals over stays; medians with quartiles.", "")
	share := func(count, whole int) string { return ratio(float64(count), float64(whole)).percent(1) }
	lines := []struct {
		name string
		cell func(w *Who) string
	}{
		{"stays", func(w *Who) string { return count(w.Stays) }},
		{"septic stays", func(w *Who) string { return fmt.Sprintf("%s: %s", count(w.Septic.Part), w.Septic.percent(1)) }},
		{"hours", func(w *Who) string { return count(w.Hours) }},
		{"hours with the label", func(w *Who) string { return fmt.Sprintf("%s: %s", count(w.LabelledHours), w.Prevalence.percent(2)) }},
		{"recorded hours of a stay", func(w *Who) string { return w.RecordedHours.spread() }},
		{"hours in hospital before the ICU", func(w *Who) string { return w.HoursBefore.spread() }},
		{"age, years", func(w *Who) string { return w.Age.spread() }},
		{"female", func(w *Who) string { return share(w.Sexes[string(sepsis.Female)], w.Stays) }},
		{"medical unit", func(w *Who) string { return share(w.Units[unitName(sepsis.MedicalICU)], w.Stays) }},
		{"surgical unit", func(w *Who) string { return share(w.Units[unitName(sepsis.SurgicalICU)], w.Stays) }},
		{"unit not recorded", func(w *Who) string { return share(w.Units[unitName("")], w.Stays) }},
	}
	for _, l := range lines {
		r.line(t, l.name, func(g *Group) string { return l.cell(&g.Who) })
	}
	if _, known := r.published(&r.Groups[0]); known {
		r.line(t, "stays that the Challenge published, and the share that is here", func(g *Group) string {
			public, _ := r.published(g)
			return fmt.Sprintf("%s: %s", count(public), share(g.Who.Stays, public))
		})
	}
	if r.Groups[0].Who.WithoutLabels > 0 {
		r.line(t, "stays without labels", func(g *Group) string { return count(g.Who.WithoutLabels) })
	}
	return t
}

// published is how many stays the Challenge has made public of a group's hospitals, if they are its training sets.
func (r *Report) published(g *Group) (stays int, known bool) {
	if g.Name != Pooled {
		return challenge.Published(g.Name)
	}
	var hospitals []string
	for i := range r.Groups[1:] {
		hospitals = append(hospitals, r.Groups[1+i].Name)
	}
	return challenge.Published(hospitals...)
}

func (r *Report) subgroupTable() *Table {
	t := r.byGroup("Stays, and the share of them that is septic, with 95 % intervals (Wilson).", "")
	for _, name := range subgroupNames() {
		cell := func(g *Group) string {
			septic := g.Who.subgroup(name)
			return fmt.Sprintf("%s: %s", count(septic.Whole), septic.percent(1))
		}
		if r.Groups[0].Who.subgroup(name).Whole > 0 {
			r.line(t, name, cell)
		}
	}
	return t
}

func (w *Who) subgroup(name string) Share {
	for _, s := range w.Subgroups {
		if s.Name == name {
			return s.Septic
		}
	}
	return Share{}
}

// variableTable has a row for each measurement and a column for each group.
func (r *Report) variableTable(caption string, cell func(v *Variable) string) *Table {
	t := r.byGroup(caption, "variable")
	for v, info := range sepsis.Variables {
		r.line(t, info.Name, func(g *Group) string { return cell(&g.Variables[v]) })
	}
	return t
}

func (r *Report) measuredTable() *Table {
	return r.variableTable("Share of hours with a value; in brackets, share of stays with any.", func(v *Variable) string {
		return fmt.Sprintf("%s (%s)", v.Measured.percent(1), v.EverMeasured.percent(1))
	})
}

func (r *Report) frequencyTable() *Table {
	return r.variableTable("Values in 24 recorded hours; in brackets, the median of hours from one value of a stay to the next.", func(v *Variable) string {
		return fmt.Sprintf("%s (%s)", v.PerDay, v.Interval)
	})
}

// valueTable has the quantiles of all measurements, for the groups one below the other.
func (r *Report) valueTable() *Table {
	t := &Table{
		Caption: "Quantiles of the values that cleaning kept.",
		Header:  []string{"variable", "unit", "", "values", "1 %", "5 %", "25 %", "median", "75 %", "95 %", "99 %"},
	}
	for v, info := range sepsis.Variables {
		for i := range r.Groups {
			d := &r.Groups[i].Variables[v].Values
			t.add(info.Name, info.Unit.Symbol(), r.Groups[i].Name, count(d.Count), d.P1.String(), d.P5.String(), d.P25.String(), d.Median.String(),
				d.P75.String(), d.P95.String(), d.P99.String())
		}
	}
	return t
}

// differenceTable lists the variables of a pair whose values differ most; all if most is 0.
func (p *Pair) differenceTable(most int) *Table {
	t := &Table{
		Caption: fmt.Sprintf("%s and %s: Kolmogorov-Smirnov distance of the values, from 0, the same, to 1, apart. %s", p.First, p.Second, overStays),
		Header:  []string{"variable", "distance", "median, " + p.First, "median, " + p.Second, "measured, " + p.First, "measured, " + p.Second},
	}
	for _, d := range atMost(p.Variables, most) {
		t.add(d.Name, d.Distance.fixed(3), d.FirstMedian.String(), d.SecondMedian.String(), d.FirstMeasured.percent(1), d.SecondMeasured.percent(1))
	}
	return t
}

// measuringTable lists the variables of a pair that are measured most differently.
func (p *Pair) measuringTable(most int) *Table {
	t := &Table{
		Caption: fmt.Sprintf("%s and %s: share of hours with a value (of stays, for what describes the stay). %s", p.First, p.Second, overStays),
		Header:  []string{"variable", p.First, p.Second, "difference, points"},
	}
	for _, d := range atMost(p.byMeasuring(), most) {
		t.add(d.Name, d.FirstMeasured.percent(1), d.SecondMeasured.percent(1), d.MoreMeasured.in(func(n Number) string { return (100 * n).signed(1) }))
	}
	return t
}

// byMeasuring orders the variables by how differently they are measured.
func (p *Pair) byMeasuring() []Difference {
	return slices.SortedStableFunc(slices.Values(p.Variables), func(a, b Difference) int {
		return compareFalling(absolute(a.MoreMeasured.Value), absolute(b.MoreMeasured.Value))
	})
}

func absolute(n Number) Number { return Number(math.Abs(float64(n))) }

func atMost[T any](all []T, most int) []T {
	if most == 0 {
		return all
	}
	return all[:min(most, len(all))]
}

func (r *Report) onsetTable() *Table {
	t := r.byGroup("Onset of sepsis in the septic stays; medians with quartiles. "+overStays, "")
	r.line(t, "septic stays", func(g *Group) string { return count(g.Who.Septic.Part) })
	r.line(t, "labelled from the first row: onset unknown", func(g *Group) string {
		return Share{g.Onset.LabelledFromStart, g.Who.Septic.Part}.percent(1)
	})
	r.line(t, "ICU hour of onset, the others", func(g *Group) string { return g.Onset.Hour.spread() })
	r.line(t, "ICU hour of onset, 95 % quantile", func(g *Group) string { return g.Onset.Hour.P95.String() })
	r.line(t, "last ICU hour recorded, septic stays", func(g *Group) string { return g.Onset.LastSeptic.spread() })
	r.line(t, "last ICU hour recorded, other stays", func(g *Group) string { return g.Onset.LastOther.spread() })
	r.line(t, "last ICU hour recorded, other stays, 99 % quantile", func(g *Group) string { return g.Onset.LastOther.P99.String() })
	r.line(t, "AUROC of the ICU hour alone, labelled hours against others", func(g *Group) string { return g.Onset.HourAUROC.fixed(3) })
	return t
}

// hourTable has, for each band of ICU hours, what is recorded, labelled and begins.
func (r *Report) hourTable(bands []hourBand) *Table {
	t := &Table{
		Caption: "By ICU hour: the stays recorded in the first hour of the band, how many of them are septic at any time, the share of the band's hours with the label, " +
			"and how often the label begins in 100 hours at risk. Intervals of 95 %: by Wilson, and for hours with the label by bootstrap over stays.",
		Header: []string{"ICU hours"},
	}
	hospitals := r.hospitals()
	for i := range hospitals {
		name := hospitals[i].Name
		t.Header = append(t.Header, "stays, "+name, "septic at any time", "hours with the label", "begins per 100 h")
	}
	for _, band := range bands {
		cells := []string{fmt.Sprintf("%d to %d", band.from, band.to)}
		for i := range hospitals {
			first, sum := hospitals[i].Onset.within(hourBand{band.from, band.from}), hospitals[i].Onset.within(band)
			cells = append(cells, count(first.Stays), Share{first.Septic, first.Stays}.percent(1),
				hospitals[i].Onset.labelled(band).percent(2), perHundred(Share{sum.Begins, sum.AtRisk}))
		}
		t.add(cells...)
	}
	return t
}

func perHundred(s Share) string {
	if s.Whole == 0 {
		return none
	}
	low, high := s.Interval()
	return fmt.Sprintf("%s (%s to %s)", (100 * s.Value()).fixed(3), (100 * low).fixed(3), (100 * high).fixed(3))
}

// contrastTable lists the variables whose values tell labelled hours best from others; all if most is 0.
func (r *Report) contrastTable(most int) *Table {
	t := &Table{
		Caption: "AUROC of the value alone, labelled hours against others, among the hours in which it was measured: 0.5 tells nothing, below 0.5 low values come with the label. " + overStays,
		Header:  []string{"variable", "median with the label", "median without"},
	}
	for i := range r.Groups {
		t.Header = append(t.Header, "AUROC, "+r.Groups[i].Name)
	}
	for _, v := range atMost(r.byContrast(func(c *Contrast) Number { return absolute(c.AUROC.Value - 0.5) }), most) {
		pooled := &r.Groups[0].Contrasts[v]
		cells := []string{pooled.Name, pooled.LabelledMedian.String(), pooled.OtherMedian.String()}
		for i := range r.Groups {
			cells = append(cells, r.Groups[i].Contrasts[v].AUROC.fixed(3))
		}
		t.add(cells...)
	}
	return t
}

// habitTable lists the variables that are measured more in labelled hours than in others; all if most is 0.
func (r *Report) habitTable(most int) *Table {
	t := &Table{
		Caption: "Share of hours with a value: labelled hours against others, and how many times as often. " + overStays,
		Header:  []string{"variable"},
	}
	for i := range r.Groups {
		t.Header = append(t.Header, r.Groups[i].Name, "times")
	}
	for _, v := range atMost(r.byContrast(func(c *Contrast) Number { return c.MeasuredRatio.Value }), most) {
		cells := []string{r.Groups[0].Contrasts[v].Name}
		for i := range r.Groups {
			c := &r.Groups[i].Contrasts[v]
			cells = append(cells, c.LabelledMeasured.percent(1)+" / "+c.OtherMeasured.percent(1), c.MeasuredRatio.fixed(2))
		}
		t.add(cells...)
	}
	return t
}

// byContrast orders the measurements by a figure of the pooled group, the largest first.
func (r *Report) byContrast(figure func(c *Contrast) Number) []int {
	var order []int
	for v := range r.Groups[0].Contrasts {
		order = append(order, v)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return compareFalling(figure(&r.Groups[0].Contrasts[a]), figure(&r.Groups[0].Contrasts[b]))
	})
	return order
}

// cleaningTable has a row for each column and reason that cleaning found.
func (r *Report) cleaningTable() *Table {
	t := r.byGroup("Values taken out, or kept and noted, by column of the files and by reason.", "column: reason")
	for _, f := range r.Groups[0].Cleaning.Findings {
		name := fmt.Sprintf("%s: %s", f.Column, f.Reason)
		if f.Reason.Kept() {
			name += " (of values kept)"
		}
		r.line(t, name, func(g *Group) string { return count(g.Cleaning.Count(f.Column, f.Reason)) })
	}
	r.line(t, "all that was taken out, of all measurements", func(g *Group) string {
		return fmt.Sprintf("%s: %s", count(g.Cleaning.Removed()), ratio(float64(g.Cleaning.Removed()), float64(g.Cleaning.Measurements)).percent(3))
	})
	return t
}

// unitTable has the values that give away another unit than the vocabulary's.
func (r *Report) unitTable() *Table {
	t := r.byGroup("Values that give another unit away, and their share of the variable's values.", "variable: sign")
	calcium := sepsis.Calcium.Info()
	r.line(t, fmt.Sprintf("%s: under %g, hence ionised", calcium.Name, sepsis.IonisedCalciumBelow), func(g *Group) string {
		return ofMeasured(g, sepsis.Calcium, g.Cleaning.Count(calcium.Challenge, challenge.IonisedCalcium))
	})
	fio2 := sepsis.FiO2.Info()
	r.line(t, fmt.Sprintf("%s: outside %g to %g, hence no fraction", fio2.Name, fio2.Hard.Min, fio2.Hard.Max), func(g *Group) string {
		return ofMeasured(g, sepsis.FiO2, g.Cleaning.Count(fio2.Challenge, challenge.Reason(sepsis.OutOfRange)))
	})
	return t
}

// lookalikeTable has the unusual values that would be usual ones in another unit.
func (r *Report) lookalikeTable() *Table {
	t := r.byGroup("Unusual values that would be usual ones in another unit, and their share of the variable's values: a mixed-up unit, or a patient that ill.", "variable: unit")
	for _, l := range r.Groups[0].LooksLike {
		v, _ := sepsis.VariableNamed(l.Variable)
		r.line(t, fmt.Sprintf("%s: %s", l.Variable, l.Unit), func(g *Group) string { return ofMeasured(g, v, g.lookalike(l).Count) })
	}
	return t
}

func ofMeasured(g *Group, v sepsis.Variable, counted int) string {
	return fmt.Sprintf("%s: %s", count(counted), ratio(float64(counted), float64(g.Variables[v].Values.Count)).percent(2))
}

func (g *Group) lookalike(like Lookalike) Lookalike {
	for _, l := range g.LooksLike {
		if l.Variable == like.Variable && l.Unit == like.Unit {
			return l
		}
	}
	return Lookalike{}
}

// doubtTable lists the warnings; those of unusual values only if asked for, since they are many.
func (r *Report) doubtTable(unusual bool) *Table {
	caption := "Hours with an odd relation, and their share of the hours in which it could be seen."
	if unusual {
		caption = "Values outside their usual range, and their share of the variable's values."
	}
	t := r.byGroup(caption, "warning: variable")
	for _, d := range r.Groups[0].Doubts {
		if (d.Code == sepsis.UnusualValue) != unusual {
			continue
		}
		r.line(t, fmt.Sprintf("%s: %s", d.Code, d.Variable), func(g *Group) string {
			found := g.doubt(d)
			return fmt.Sprintf("%s: %s", count(found.Count), found.Share.percent(2))
		})
	}
	return t
}

func (g *Group) doubt(like Doubt) Doubt {
	for _, d := range g.Doubts {
		if d.Code == like.Code && d.Variable == like.Variable {
			return d
		}
	}
	return Doubt{}
}

// correlationTable lists the strongest correlations; all that are defined if most is 0.
func (r *Report) correlationTable(most int) *Table {
	t := &Table{Caption: "Rank correlation (Spearman) of the last values of the stays, with " + overStays, Header: []string{"variable", "variable", "rank correlation", "stays with both"}}
	type correlated struct{ i, j int }
	var all []correlated
	c := &r.Correlations
	for i := range c.Names {
		for j := range i {
			if c.Values[i][j].Value.Defined() {
				all = append(all, correlated{j, i})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b correlated) int {
		return cmp.Compare(absolute(c.Values[b.i][b.j].Value), absolute(c.Values[a.i][a.j].Value))
	})
	for _, pair := range atMost(all, most) {
		t.add(c.Names[pair.i], c.Names[pair.j], c.Values[pair.i][pair.j].in(func(n Number) string { return n.signed(3) }), count(c.Stays[pair.i][pair.j]))
	}
	return t
}
