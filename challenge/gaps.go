package challenge

import (
	"fmt"

	sepsis "github.com/medtech-detect/sepsis"
)

// NeedEveryHour wants of stays that rows follow each other hour by hour, from whichever hour on. Figures such as the Challenge's utility and
// alarms a day take each row for an hour; the Challenge's own stays leave none out. Stays without hours are not looked at. The error
// names the first stay that leaves hours out, and tells how many do.
func NeedEveryHour(stays []sepsis.LabelledStay) error {
	var found Gaps
	for i := range stays {
		found.Add(&stays[i])
	}
	return found.Err()
}

// gap is between two hours that follow each other in a stay though there are others between them. The zero value is none.
type gap struct{ from, to int }

// gapOf is the first gap of a stay.
func gapOf(stay *sepsis.Stay) gap {
	for i := 1; i < len(stay.Observations); i++ {
		if from, to := stay.Observations[i-1].Hour, stay.Observations[i].Hour; to > from+1 {
			return gap{from, to}
		}
	}
	return gap{}
}

// Gaps looks through stays, one after the other, for what [NeedEveryHour] refuses. The zero value has seen none.
type Gaps struct {
	stays, with int
	name        string // of the first of them
	first       gap
}

// Add looks at the next stay.
func (g *Gaps) Add(stay *sepsis.LabelledStay) { g.add(stay.Hospital+"/"+stay.ID, gapOf(&stay.Stay)) }

func (g *Gaps) add(name string, found gap) {
	g.stays++
	if found == (gap{}) {
		return
	}
	if g.with++; g.with == 1 {
		g.name, g.first = name, found
	}
}

// Err is that of [NeedEveryHour].
func (g *Gaps) Err() error {
	if g.with == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stays leave hours out, the first one %s, where %d follows %d: utility and alarms a day take each row for an hour; "+
		"write every hour as a row, with its hour and its label, and empty cells for what was not measured",
		g.with, g.stays, g.name, g.first.to, g.first.from)
}
