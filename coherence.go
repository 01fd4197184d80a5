package sepsis

import (
	"fmt"
	"math"
	"strings"

	"github.com/medtech-detect/sepsis/ucum"
)

// Tolerances of the coherence rules. Each is chosen so that real records of the Challenge data break it in
// fewer than 4 of 1,000 hours in which both sides were measured (docs/cleaning.txt has the counts).
const (
	mapTolerance        = 20  // mmHg; cuff and arterial line, and hourly medians, differ
	bilirubinTolerance  = 0.1 // mg/dL; rounding of two assays
	bicarbonateDistance = 15  // mmol/L between measured and calculated
	minHctHgbRatio      = 1.5 // hematocrit (%) is about three times hemoglobin (g/dL)
	maxHctHgbRatio      = 6
	saturationGap       = 20    // percentage points
	etco2Gap            = 10    // mmHg; in health EtCO2 lies 2 to 5 mmHg below PaCO2
	narrowPulse         = 5     // mmHg
	highLactate         = 10    // mmol/L; about half of the lactates in mg/dL are above 10 as they stand
	noAcidosis          = -2    // mmol/L of base excess, which so much lactic acid uses up
	highHctHgbRatio     = 4     // of hemoglobin in mmol/L the ratio is about five
	co2Solubility       = .0307 // mmol/L per mmHg at 37 °C
	carbonicAcidPK      = 6.1   // Henderson-Hasselbalch
	rounding            = 1e-9  // of sums and conversions in binary: 0.7 + 0.1 is a little less than 0.8
)

// coherenceRule is a relation between values of one observation that cannot hold in a patient.
// The first variable is the one at which the problem is reported.
type coherenceRule struct {
	code      Code
	variables []Variable
	violated  func(v *Values) bool // false whenever a value is missing: comparisons with NaN are false
	message   string
}

var coherenceRules = []coherenceRule{
	{
		DiastolicAboveSystolic,
		[]Variable{DiastolicBP, SystolicBP},
		func(v *Values) bool { return v[DiastolicBP]-v[SystolicBP] > rounding },
		"diastolic is above systolic blood pressure",
	},
	{
		MAPOutsidePressures,
		[]Variable{MeanArterialPressure, SystolicBP},
		func(v *Values) bool { return v[MeanArterialPressure]-v[SystolicBP] > mapTolerance+rounding },
		"mean arterial pressure is more than 20 mmHg above systolic",
	},
	{
		MAPOutsidePressures,
		[]Variable{MeanArterialPressure, DiastolicBP},
		func(v *Values) bool { return v[DiastolicBP]-v[MeanArterialPressure] > mapTolerance+rounding },
		"mean arterial pressure is more than 20 mmHg below diastolic",
	},
	{
		DirectAboveTotalBilirubin,
		[]Variable{BilirubinDirect, BilirubinTotal},
		func(v *Values) bool { return v[BilirubinDirect]-v[BilirubinTotal] > bilirubinTolerance+rounding },
		"direct bilirubin is above total bilirubin",
	},
	{
		BloodGasIncoherent,
		[]Variable{Bicarbonate, PH, PaCO2},
		func(v *Values) bool {
			return math.Abs(v[Bicarbonate]-calculatedBicarbonate(v)) > bicarbonateDistance+rounding
		},
		"bicarbonate is more than 15 mmol/L from what pH and PaCO2 imply",
	},
	{
		HematocritHemoglobinIncoherent,
		[]Variable{Hematocrit, Hemoglobin},
		func(v *Values) bool {
			ratio := v[Hematocrit] / v[Hemoglobin]
			return ratio < minHctHgbRatio-rounding || ratio > maxHctHgbRatio+rounding
		},
		"hematocrit (%) divided by hemoglobin (g/dL) is outside 1.5 to 6; about 3 is expected",
	},
}

// calculatedBicarbonate is 0.0307 * PaCO2 * 10^(pH - 6.1), in mmol/L (Henderson-Hasselbalch).
func calculatedBicarbonate(v *Values) float64 {
	return co2Solubility * v[PaCO2] * math.Pow(10, v[PH]-carbonicAcidPK)
}

// Incoherence is a coherence rule that the values of one observation break.
type Incoherence struct {
	Problem   Problem // its location is the first variable's name
	Variables []Variable
}

// Incoherences lists every coherence rule that the values break, in the order of the table.
func Incoherences(values *Values) []Incoherence {
	var found []Incoherence
	for _, rule := range coherenceRules {
		if !rule.violated(values) {
			continue
		}
		found = append(found, Incoherence{
			Variables: rule.variables,
			Problem: Problem{
				Location: rule.variables[0].String(),
				Code:     rule.code,
				Message:  rule.message + ": " + describe(values, rule.variables),
				Value:    values[rule.variables[0]],
				Hint:     "correct what is wrong; where that cannot be known, leave out " + named(rule.variables, " and "),
			},
		})
	}
	return found
}

// CheckRange gives the problem of a measurement outside its hard range. The location is the variable's name.
func CheckRange(variable Variable, value float64) (Problem, bool) {
	info := variable.Info()
	if info.Hard.Contains(value) {
		return Problem{}, false
	}
	return Problem{
		Location: info.Name,
		Code:     OutOfRange,
		Message:  fmt.Sprintf("%s of %s is outside %s to %s", info.English, beyond(value, info.Hard), Decimal(info.Hard.Min), info.Unit.Amount(Decimal(info.Hard.Max))),
		Value:    value,
		Hint:     unitHint(info, value),
	}, true
}

// CheckSent converts a measurement as it was sent, and gives the problem of one outside its hard range. The location is the
// variable's name; the problem repeats what was sent, and says nothing of other units when the caller has named one. What a conversion
// takes out of the range by rounding alone is the end of the range: 1710.4 µmol/L of bilirubin are 100 mg/dL, and 100.00000000000001 in binary.
func CheckSent(variable Variable, sent float64, conversion ucum.Conversion) (value float64, problem Problem, outside bool) {
	value = conversion.Convert(sent)
	if conversion.From == variable.Info().Unit {
		problem, outside = CheckRange(variable, value)
		return value, problem, outside
	}
	if hard := variable.Info().Hard; hard.nearly(value) {
		value = hard.nearest(value)
	}
	if problem, outside = CheckRange(variable, value); outside {
		problem.Message += ", converted from " + conversion.From.Amount(Decimal(sent))
		problem.Value, problem.Hint = sent, ""
	}
	return value, problem, outside
}

// unitHint says in which unit a refused number may be, and how to send it then.
func unitHint(info VariableInfo, value float64) string {
	unit, likely := info.LikelyUnit(value)
	if !likely {
		return ""
	}
	return looksLike(value, unit)
}

func looksLike(value float64, unit ucum.Unit) string {
	name := unit.Symbol()
	if unit == "1" {
		name = "a proportion"
	}
	return fmt.Sprintf(`%s looks like %s; send {"value": %s, "unit": "%s"}`, Decimal(value), name, Decimal(value), unit)
}

// unhinted are the variables of which an unusual value says next to nothing of its unit. In the Challenge data, which have one unit,
// 81 of 84,922 values of bun would get the hint, 7 of 79,176 of wbc; had all been sent in the other unit, 3 % and 0.1 % of
// them would: 32 and 16 times as many. Of all others it is 94 times and more, so that the hint is mostly right where one sender in a
// hundred errs.
var unhinted = map[Variable]bool{BUN: true, WBC: true}

// DoubtedUnit is the accepted unit, other than the variable's own, in which a plain number that is possible but unusual would be a usual
// value. Of calcium, whose low values are read as ionised, it is that of what looks like total calcium.
func DoubtedUnit(variable Variable, value float64) (unit ucum.Unit, doubted bool) {
	if variable == Calcium {
		return millimolePerLitre, totalCalcium.Contains(value)
	}
	if IsMissing(value) || variable.Info().Usual.nearly(value) {
		return "", false
	}
	return usualUnit(variable, value)
}

// usualUnit is the accepted unit, other than the variable's own, in which a value would be a usual one, where that says anything.
func usualUnit(variable Variable, value float64) (ucum.Unit, bool) {
	if unhinted[variable] {
		return "", false
	}
	info := variable.Info()
	return info.unitWithin(value, info.Usual)
}

// doubtHint names the unit that a value which is warned of looks like, unless the sender has named a unit. Calcium has a warning of its own.
func doubtHint(variable Variable, value float64, sent Sent) string {
	if _, stated := sent[variable]; stated || variable == Calcium {
		return ""
	}
	unit, likely := usualUnit(variable, value)
	if !likely {
		return ""
	}
	return looksLike(value, unit)
}

// doubt is a relation that is odd, but happens in real records; how often, docs/data.md has. Those by which another unit is suspected are so
// rare in the Challenge data, which have one unit, that they are mostly right where one sender in a hundred errs.
type doubt struct {
	code      WarningCode
	variables []Variable
	holds     func(v *Values) bool
	message   string
}

var doubts = []doubt{
	{
		MAPBeyondPressures,
		[]Variable{MeanArterialPressure, DiastolicBP, SystolicBP},
		func(v *Values) bool {
			return v[MeanArterialPressure] > v[SystolicBP] || v[MeanArterialPressure] < v[DiastolicBP]
		},
		"mean arterial pressure is outside diastolic to systolic",
	},
	{
		SaturationsDisagree,
		[]Variable{SpO2, SaO2},
		func(v *Values) bool { return math.Abs(v[SpO2]-v[SaO2]) > saturationGap+rounding },
		"SpO2 and SaO2 are more than 20 points apart; perhaps a venous sample",
	},
	{
		EtCO2AbovePaCO2,
		[]Variable{EtCO2, PaCO2},
		func(v *Values) bool { return v[EtCO2]-v[PaCO2] > etco2Gap+rounding },
		"EtCO2 is more than 10 mmHg above PaCO2",
	},
	{
		NarrowPulsePressure,
		[]Variable{SystolicBP, DiastolicBP},
		func(v *Values) bool { return v[SystolicBP]-v[DiastolicBP] < narrowPulse-rounding },
		"systolic is less than 5 mmHg above diastolic blood pressure",
	},
	{
		LactateWithoutAcidosis,
		[]Variable{Lactate, BaseExcess},
		func(v *Values) bool {
			return v[Lactate] > highLactate+rounding && v[BaseExcess] >= noAcidosis-rounding
		},
		"lactate is above 10 mmol/L without an acidosis",
	},
	{
		HemoglobinLowForHematocrit,
		[]Variable{Hemoglobin, Hematocrit},
		func(v *Values) bool { return v[Hematocrit]/v[Hemoglobin] > highHctHgbRatio+rounding },
		"hematocrit (%) is more than 4 times hemoglobin (g/dL); about 3 is expected",
	},
}

// Compared are the variables that a warning of Doubts compares, first that at which it is given; none for a warning about a single one.
func Compared(code WarningCode) []Variable {
	for _, d := range doubts {
		if d.code == code {
			return d.variables
		}
	}
	return nil
}

// Sent holds what was sent in another unit than the variable's own. It may be nil.
type Sent map[Variable]Quantity

// Quantity is a number in a unit.
type Quantity struct {
	Value float64
	Unit  ucum.Unit
}

// Doubts lists the warnings that the values of one observation give: values outside their usual range in the
// order of the vocabulary, then odd relations. Locations are variable names.
func Doubts(values *Values, sent Sent) []Warning {
	var found []Warning
	for v, info := range Variables {
		if value := values[v]; !IsMissing(value) && !info.Usual.nearly(value) {
			message := fmt.Sprintf("%s of %s is outside the usual %s to %s", info.English, beyond(value, info.Usual), Decimal(info.Usual.Min), info.Unit.Amount(Decimal(info.Usual.Max)))
			found = append(found, Warning{Code: UnusualValue, Location: info.Name, Message: message, Hint: doubtHint(Variable(v), value, sent)})
		}
	}
	if doubt, odd := calciumDoubt(values, sent); odd {
		found = append(found, doubt)
	}
	for _, d := range doubts {
		if d.holds(values) {
			first := d.variables[0]
			found = append(found, Warning{
				Code: d.code, Location: first.String(), Message: d.message + ": " + describe(values, d.variables), Hint: doubtHint(first, values[first], sent),
			})
		}
	}
	return found
}

// named gives the names of some variables.
func named(variables []Variable, separator string) string {
	var names []string
	for _, v := range variables {
		names = append(names, v.String())
	}
	return strings.Join(names, separator)
}

// describe lists the measured values of some variables with their units.
func describe(values *Values, variables []Variable) string {
	var parts []string
	for _, v := range variables {
		if values.Has(v) {
			parts = append(parts, fmt.Sprintf("%s %s", v, v.Info().Unit.Amount(readable(values[v]))))
		}
	}
	return strings.Join(parts, ", ")
}
