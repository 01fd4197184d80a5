package sepsis

import (
	"fmt"

	"github.com/medtech-detect/sepsis/ucum"
)

// Where total and ionised calcium lie, in mmol/L. Total: 2.17 to 2.62 (doi:10.1111/cen.15289), less in the critically ill. About half of it is
// ionised: of the 7,874 values below [IonisedCalciumBelow] in the Challenge data 7,672 lie from 1.0 to 1.4.
const mostIonisedCalcium = 1.4

var totalCalcium = Range{2.1, 2.6}

// millimolePerLitre is a unit of calcium in which ionised and total values lie close together.
const millimolePerLitre ucum.Unit = "mmol/L"

// ReadUnit is the unit in which a value of the variable is read: its own, but of a calcium that is read as ionised.
func (v Variable) ReadUnit(value float64) ucum.Unit {
	if v == Calcium && value < IonisedCalciumBelow {
		return millimolePerLitre
	}
	return v.Info().Unit
}

// calciumDoubt tells of a calcium that seems to be the other kind than it is read as. Which kind it is read as does not change.
func calciumDoubt(values *Values, sent Sent) (Warning, bool) {
	value, warning := values[Calcium], Warning{Code: CalciumLooksIonised, Location: Calcium.String()}
	if quantity, stated := sent[Calcium]; stated && !ucum.SameKind(quantity.Unit, Calcium.Info().Unit) {
		return molarCalciumDoubt(value, quantity)
	}
	switch {
	case totalCalcium.Contains(value):
		warning.Message = "looks like total calcium in mmol/L, but a plain number this low is read as ionised calcium; total calcium in mg/dL is expected"
		warning.Hint = looksLike(value, millimolePerLitre)
	case value < IonisedCalciumBelow:
		warning.Message = "looks like ionised calcium in mmol/L, and is read as such; total calcium in mg/dL is expected"
	default:
		return Warning{}, false
	}
	warning.Message += ": " + describe(values, []Variable{Calcium})
	return warning, true
}

// molarCalciumDoubt is calciumDoubt of a value that was sent by amount of substance.
func molarCalciumDoubt(value float64, sent Quantity) (Warning, bool) {
	perLitre, _ := Calcium.Info().Conversion(millimolePerLitre)
	if !(value <= perLitre.Convert(mostIonisedCalcium)+rounding) {
		return Warning{}, false
	}
	warning := Warning{Code: CalciumLooksIonised, Location: Calcium.String()}
	warning.Message = fmt.Sprintf("%s %s looks like ionised calcium, but is converted as total calcium, to %s %s",
		Decimal(sent.Value), sent.Unit.Symbol(), readable(value), Calcium.Info().Unit.Symbol())
	if value < IonisedCalciumBelow {
		warning.Message += ", which is so low that it is read as ionised calcium in mmol/L"
	}
	warning.Hint = fmt.Sprintf("if it is ionised calcium, send the plain number in mmol/L, %s (JSON API)", readable(perLitre.Invert(value)))
	return warning, true
}
