package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/ucum"
)

// inputNotes are what is to be told of the stays that were predicted. The zero value is of none.
type inputNotes struct {
	cleaning challenge.Cleaning
	ageless  int                         // stays
	values   [sepsis.NumVariables]int    // that were used
	doubted  map[sepsis.Variable]otherly // of these, what looks like another unit
}

// otherly counts values by the unit that they look like.
type otherly map[ucum.Unit]int

// notesOf looks at one stay.
func notesOf(record *challenge.Record) inputNotes {
	notes := inputNotes{cleaning: record.Cleaning}
	if sepsis.IsMissing(record.Age) {
		notes.ageless = 1
	}
	for i := range record.Observations {
		for v, value := range record.Observations[i].Values {
			if !sepsis.IsMissing(value) {
				notes.value(sepsis.Variable(v), value)
			}
		}
	}
	return notes
}

func (n *inputNotes) value(variable sepsis.Variable, value float64) {
	n.values[variable]++
	if unit, doubted := sepsis.DoubtedUnit(variable, value); doubted {
		n.doubt(variable, unit, 1)
	}
}

func (n *inputNotes) doubt(variable sepsis.Variable, unit ucum.Unit, count int) {
	if n.doubted == nil {
		n.doubted = map[sepsis.Variable]otherly{}
	}
	if n.doubted[variable] == nil {
		n.doubted[variable] = otherly{}
	}
	n.doubted[variable][unit] += count
}

// merge adds the notes of other stays. The order of merging makes no difference.
func (n *inputNotes) merge(other inputNotes) {
	n.cleaning.Merge(other.cleaning)
	n.ageless += other.ageless
	for v, count := range other.values {
		n.values[v] += count
	}
	for variable, units := range other.doubted {
		for unit, count := range units {
			n.doubt(variable, unit, count)
		}
	}
}

// tell says which values were not used, column by column, which were used though they look like another unit, and of how many stays the
// patient is not known to be an adult, for whom the model is made; these are predicted all the same, as the Challenge does.
func (n *inputNotes) tell(out io.Writer) {
	var text strings.Builder
	if removed := n.cleaning.Removed(); removed > 0 {
		fmt.Fprintf(&text, "%d implausible values were taken as not measured:\n%s", removed, removals(&n.cleaning))
	}
	if len(n.doubted) > 0 {
		fmt.Fprintf(&text, "these values were used as they are, and would be usual ones in another unit; where they are in it, convert the column and predict again:\n%s", n.doubts())
	}
	if minors := n.cleaning.Count("Age", challenge.UnderAge); minors > 0 {
		fmt.Fprintf(&text, "%d stays are of patients under %d years, for whom the model is not made; their predictions say nothing\n", minors, sepsis.AdultAge)
	}
	if n.ageless > 0 {
		fmt.Fprintf(&text, "%d stays are without age, which the model was made with, and may be those of children, for whom it is not made\n", n.ageless)
	}
	_, _ = io.WriteString(out, text.String()) // what is told beside the predictions fails nothing
}

// doubts has a line for each column with values that look like another unit.
func (n *inputNotes) doubts() string {
	var lines strings.Builder
	for v, info := range sepsis.Variables {
		units := n.doubted[sepsis.Variable(v)]
		if len(units) == 0 {
			continue
		}
		fmt.Fprintf(&lines, "  %s:", bothNames(info.Challenge))
		for i, unit := range byCount(units) {
			if i > 0 {
				lines.WriteByte(',')
			}
			fmt.Fprintf(&lines, " %d of %d look like %s", units[unit], n.values[v], unit.Symbol())
		}
		fmt.Fprintf(&lines, "; %s is expected\n", info.Unit.Symbol())
	}
	return lines.String()
}

// byCount are the units, the most frequent first.
func byCount(units otherly) []ucum.Unit {
	var sorted []ucum.Unit
	for unit := range units {
		sorted = append(sorted, unit)
	}
	slices.SortFunc(sorted, func(a, b ucum.Unit) int { return cmp.Or(cmp.Compare(units[b], units[a]), cmp.Compare(a, b)) })
	return sorted
}

// removals has a line for each column and reason.
func removals(cleaning *challenge.Cleaning) string {
	var lines strings.Builder
	for _, finding := range cleaning.Findings {
		if finding.Reason.Kept() {
			continue
		}
		fmt.Fprintf(&lines, "  %s: %d %s", bothNames(finding.Column), finding.Count, finding.Reason)
		if finding.Reason == challenge.Reason(sepsis.OutOfRange) {
			lines.WriteString(otherUnits(cleaning, finding.Column))
		}
		lines.WriteByte('\n')
	}
	return lines.String()
}

// otherUnits says how many of the values look like those in another unit, and which one is expected.
func otherUnits(cleaning *challenge.Cleaning, column string) string {
	var words strings.Builder
	for _, found := range cleaning.OtherUnits {
		if found.Column == column {
			fmt.Fprintf(&words, ", %d of them look like %s", found.Count, found.Unit.Symbol())
		}
	}
	for _, info := range sepsis.Variables {
		if info.Challenge == column && words.Len() > 0 {
			fmt.Fprintf(&words, "; %s is expected", info.Unit.Symbol())
		}
	}
	return words.String()
}

// bothNames are the API's name and the Challenge's.
func bothNames(column string) string {
	name := column
	for _, info := range sepsis.Variables {
		if info.Challenge == column {
			name = info.Name
		}
	}
	for _, info := range sepsis.StayVariables {
		if info.Challenge == column {
			name = info.Name
		}
	}
	if name == column {
		return name
	}
	return name + " (" + column + ")"
}
