package report

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/evaluate"
)

// gapMeasures are what groups of stays are held against each other by. Sensitivity and PPV of hours move with how common sepsis is, and with how long stays
// are, without any fault of the model.
var gapMeasures = []measure{auroc, inLarge, found, disturbed}

// gap is how far a group of stays is from the largest one of its kind.
type gap struct {
	set           string
	group, beside *evaluate.Group
}

// gaps are those of all groups that are judged by themselves. Only groups that share no stay are held against each other, so that their intervals are
// of different stays; groups of hours share them.
func gaps(sets []evaluate.SubgroupSet) []gap {
	var all []gap
	for _, set := range sets {
		if set.ByHour {
			continue
		}
		groups := drawn(youngestFirst(set))
		beside := largest(groups)
		for i := range groups {
			if beside != nil && &groups[i] != beside {
				all = append(all, gap{set.Name, &groups[i], beside})
			}
		}
	}
	return all
}

// largest is the group of most stays, the first of equals; never that of which nothing is known. Nil where there is none.
func largest(groups []evaluate.Group) *evaluate.Group {
	var most *evaluate.Group
	for i := range groups {
		if g := &groups[i]; g.Name != evaluate.NotRecorded && (most == nil || g.Stays > most.Stays) {
			most = g
		}
	}
	return most
}

// of is the difference in one measure, the group less the largest one; nil where one of both is undefined.
func (g gap) of(m measure) *evaluate.Figure { return apart(m.of(g.group), m.of(g.beside)) }

// apart is the difference of two figures of different stays, with an interval made of both of theirs (MOVER: Zou and Donner 2008,
// doi:10.1002/sim.3095). Each side of it takes the sides of theirs that lie that way, so that intervals need not be symmetric.
func apart(a, b *evaluate.Figure) *evaluate.Figure {
	if !defined(a) || !defined(b) {
		return nil
	}
	d := a.Value - b.Value
	return &evaluate.Figure{Value: d, Low: d - math.Hypot(a.Value-a.Low, b.High-b.Value), High: d + math.Hypot(a.High-a.Value, b.Value-b.Low)}
}

// apart writes a difference in a measure: of shares in percentage points.
func (k kind) apart(f *evaluate.Figure) string {
	if k == shares && defined(f) {
		return percentagePoints(f) + " points"
	}
	return difference(f, 3)
}

// byChance says how many of so many intervals of 95 % leave out what they are to hold though nothing is amiss.
func byChance(intervals int) string {
	const beyond = 0.05
	return fmt.Sprintf("of %d such intervals about %.1f leave out the true figure by chance alone", intervals, beyond*float64(intervals))
}

// gapsMethod says how gaps are made, and how they are to be read.
const gapsMethod = "A group is held against the largest of its kind that is known. The two share no stay, so the interval of their difference is made of both of theirs " +
	"(MOVER: Zou and Donner 2008, doi:10.1002/sim.3095). Groups differ in who is in them, too: a gap says that they are not served alike, and not why."

// gapTable has a row for each gap; nil without one.
func gapTable(r *evaluate.Report) *table {
	all := gaps(r.Subgroups)
	if len(all) == 0 {
		return nil
	}
	t := &table{
		Caption: fmt.Sprintf("Gaps between groups of stays: each less the largest of its kind, with 95 %% intervals (%s)", byChance(len(all)*len(gapMeasures))),
		Header:  []string{"group", "less"},
	}
	for _, m := range gapMeasures {
		t.Header = append(t.Header, m.name)
	}
	for _, g := range all {
		cells := []string{g.set + ": " + g.group.Name, g.beside.Name}
		for _, m := range gapMeasures {
			cells = append(cells, m.kind.apart(g.of(m)))
		}
		t.add(cells...)
	}
	return t
}

// unequal finds the groups of which the watch list finds a clearly other share of the septic stays than of the largest of their kind.
func unequal(r *evaluate.Report) []string {
	var clauses []string
	for _, g := range gaps(r.Subgroups) {
		if d := g.of(found); clearlyOff(d) {
			clauses = append(clauses, fmt.Sprintf("%s, %s in \"%s\" against %s in \"%s\", difference %s",
				g.set, found.write(g.group), g.group.Name, found.write(g.beside), g.beside.Name, found.kind.apart(d)))
		}
	}
	return gathered("One threshold does not find septic stays alike in all groups (watch list, alarmed by onset; by intervals that are not corrected for how many groups were looked at): ", clauses)
}
