package describe

import (
	"cmp"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// Doubt counts the hours in which the values that cleaning kept gave a warning.
type Doubt struct {
	Code     sepsis.WarningCode `json:"code"`
	Variable string             `json:"variable"` // at which it is reported
	Count    int                `json:"count"`
	Hours    int                `json:"hours"` // in which the variable was measured, with another one of the relation
	Share    Number             `json:"share"` // Count / Hours
}

// relation names the variables that a warning compares.
type relation struct {
	code      sepsis.WarningCode
	variables []sepsis.Variable // the first is that at which it is reported
}

// relations are those of sepsis.Doubts between several variables.
var relations = func() []relation {
	var all []relation
	for _, info := range sepsis.WarningCodes {
		if variables := sepsis.Compared(info.Code); len(variables) > 0 {
			all = append(all, relation{info.Code, variables})
		}
	}
	return all
}()

// comparable tells whether the first variable and at least one of the others were measured.
func (r relation) comparable(values *sepsis.Values) bool {
	return values.Has(r.variables[0]) && slices.ContainsFunc(r.variables[1:], values.Has)
}

// Lookalike counts values outside their usual range that would be usual ones in another unit: a unit may have been mixed
// up, or the patient is that ill.
type Lookalike struct {
	Variable string `json:"variable"`
	Unit     string `json:"unit"` // UCUM
	Count    int    `json:"count"`
	Unusual  int    `json:"unusual"` // values of the variable outside their usual range
}

// listDoubts lists the warnings in the order of the codes, then of the vocabulary.
func (h *hospital) listDoubts() []Doubt {
	var list []Doubt
	for _, info := range sepsis.WarningCodes {
		for v := range sepsis.Variables {
			name := sepsis.Variable(v).String()
			if count := h.doubts[doubtKey{info.Code, name}]; count > 0 {
				hours := h.hoursOf(info.Code, sepsis.Variable(v))
				list = append(list, Doubt{info.Code, name, count, hours, ratio(float64(count), float64(hours))})
			}
		}
	}
	return list
}

// hoursOf is the number of hours in which a warning could have been given.
func (h *hospital) hoursOf(code sepsis.WarningCode, v sepsis.Variable) int {
	if hours, related := h.comparable[code]; related {
		return hours
	}
	return len(h.sorted[v])
}

// listLookalikes lists the units in the order of the vocabulary, then by name.
func (t *tally) listLookalikes() []Lookalike {
	var keys []lookalikeKey
	for key := range t.lookalikes {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b lookalikeKey) int {
		return cmp.Or(cmp.Compare(a.variable, b.variable), cmp.Compare(a.unit, b.unit))
	})
	var list []Lookalike
	for _, key := range keys {
		name := key.variable.String()
		list = append(list, Lookalike{name, key.unit, t.lookalikes[key], t.doubts[doubtKey{sepsis.UnusualValue, name}]})
	}
	return list
}
