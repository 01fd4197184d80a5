package sepsis

import (
	"errors"
	"strings"

	"github.com/medtech-detect/sepsis/ucum"
)

// Units lists the units of the vocabulary in which a variable is accepted, its own first.
func (i VariableInfo) Units() []ucum.Unit {
	units := []ucum.Unit{i.Unit}
	for _, conversion := range i.Accepted {
		units = append(units, conversion.From)
	}
	return units
}

// UnitsHint tells in which units a value may be sent.
func (i VariableInfo) UnitsHint() string {
	var words []string
	for _, unit := range i.Units() {
		words = append(words, string(unit))
	}
	return "send one of " + strings.Join(words, ", ")
}

// ConversionFrom finds how a value becomes one in the variable's own unit, for a unit as it was sent. When the unit is
// not accepted, refused is true and the problem says why; its location is the variable's name. Every door reads
// units through here.
func (i VariableInfo) ConversionFrom(spelling string) (conversion ucum.Conversion, problem Problem, refused bool) {
	unit, err := ucum.Parse(spelling)
	why, mistaken := i.mistaken(unit)
	if err == nil && !mistaken {
		var accepted bool
		if conversion, accepted = i.Conversion(unit); accepted {
			return conversion, Problem{}, false
		}
	}
	if refusal, is := errors.AsType[*ucum.Refusal](err); is {
		why = refusal.Reason
	}
	message := i.Name + " is not accepted in this unit"
	if why != "" {
		message += ", which " + why
	}
	return ucum.Conversion{}, Problem{Location: i.Name, Code: UnknownUnit, Message: message, Hint: i.UnitsHint()}, true
}

// mistaken tells whether a unit is one in which laboratories report another quantity, or of the same size as one, and why: mg/mL is g/L.
func (i VariableInfo) mistaken(unit ucum.Unit) (why string, mistaken bool) {
	for other, why := range i.Mistaken {
		if ucum.SameSize(unit, other) {
			return why, true
		}
	}
	return "", false
}

// LikelyUnit is the accepted unit in which a number, which is not possible in the variable's own, would be a possible value.
func (i VariableInfo) LikelyUnit(value float64) (unit ucum.Unit, likely bool) {
	return i.unitWithin(value, i.Hard)
}

func (i VariableInfo) unitWithin(value float64, plausible Range) (unit ucum.Unit, within bool) {
	for _, conversion := range i.Accepted {
		if plausible.Contains(conversion.Convert(value)) {
			return conversion.From, true
		}
	}
	return "", false
}
