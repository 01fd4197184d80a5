package fhir

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/ucum"
)

const loincSystem = "http://loinc.org"

// isLOINC knows the system by its canonical URL and by its OID.
func isLOINC(system string) bool {
	return system == loincSystem || system == loincSystem+"/" || system == "urn:oid:2.16.840.1.113883.6.1"
}

// isUCUM knows the system by its canonical URL and by its OID (https://terminology.hl7.org/CodeSystem-v3-ucum.html).
func isUCUM(system string) bool {
	return system == ucumSystem || system == "urn:oid:2.16.840.1.113883.6.8"
}

// variablesByLOINC is the vocabulary by code. 2708-6 stands at two variables.
var variablesByLOINC = func() map[string][]sepsis.Variable {
	byCode := map[string][]sepsis.Variable{}
	for v, info := range sepsis.Variables {
		for _, code := range info.LOINC {
			byCode[code] = append(byCode[code], sepsis.Variable(v))
		}
	}
	return byCode
}()

// unitsByLOINC are codes whose analyte decides which kind of unit can be meant: urea by moles. In mg/dL the same code
// would be a mass of urea, which is 2.14 times that of its nitrogen.
var unitsByLOINC = map[string]ucum.Unit{"22664-7": "mmol/L", "72903-8": "mmol/L"}

// identify finds the variable that a concept means. Codings of other systems are ignored, and so are LOINC codes beside
// one of the vocabulary: they say the same more finely. The reason is empty when there is exactly one variable.
func identify(concept CodeableConcept, observation *observationResource) (sepsis.Variable, Reason, string) {
	found, sure := map[sepsis.Variable]bool{}, map[sepsis.Variable]bool{}
	for _, coding := range concept.Coding {
		if !isLOINC(coding.System) {
			continue
		}
		variables := variablesByLOINC[coding.Code]
		for _, variable := range variables {
			found[variable] = true
			if len(variables) == 1 {
				sure[variable] = true
			}
		}
	}
	if len(sure) > 0 {
		return single(sure)
	}
	if len(found) > 1 {
		return saturation(observation)
	}
	return 0, UnmappedCode, infoOf(UnmappedCode).When
}

func single(variables map[sepsis.Variable]bool) (sepsis.Variable, Reason, string) {
	for variable := range variables {
		if len(variables) == 1 {
			return variable, "", ""
		}
	}
	return 0, AmbiguousCode, "its LOINC codes are of different measurements"
}

// saturation tells what 2708-6, "Oxygen saturation in Arterial blood", means: FHIR's vital signs profile asks for it
// for pulse oximetry, laboratories send it for a blood gas.
func saturation(observation *observationResource) (sepsis.Variable, Reason, string) {
	vital, laboratory := false, observation.Specimen.Reference != "" || observation.Specimen.Identifier != nil
	for _, category := range observation.Category {
		vital = vital || category.has(categorySystem, "vital-signs")
		laboratory = laboratory || category.has(categorySystem, "laboratory")
	}
	switch {
	case vital && !laboratory:
		return sepsis.SpO2, "", ""
	case laboratory && !vital:
		return sepsis.SaO2, "", ""
	}
	return 0, AmbiguousCode, "2708-6 is pulse oximetry as a vital sign and a blood gas from a laboratory; category or 59408-5 or 20564-1 would tell which"
}

// codes are the LOINC codes of a concept.
func (c CodeableConcept) codes() []string {
	var codes []string
	for _, coding := range c.Coding {
		if isLOINC(coding.System) {
			codes = append(codes, coding.Code)
		}
	}
	return codes
}

// conversion finds how a quantity becomes a value in the variable's own unit. When its unit cannot be told, the problem
// says why.
func conversion(info sepsis.VariableInfo, concept CodeableConcept, q *Quantity, path string) (ucum.Conversion, *sepsis.Problem) {
	spelling, place := q.Code, path+".code"
	if spelling == "" || q.System != "" && !isUCUM(q.System) {
		spelling, place = q.Unit, path+".unit"
	}
	if spelling == "" && info.Unit == "[pH]" {
		return ucum.Times(info.Unit, 1), nil // pH has no unit that could be another
	}
	if spelling == "" {
		return ucum.Conversion{}, &sepsis.Problem{Location: path, Code: sepsis.MissingField, Message: info.Name + " has no unit", Hint: info.UnitsHint()}
	}
	found, problem, refused := info.ConversionFrom(spelling)
	if refused {
		problem.Location, problem.Value = place, sepsis.Clip(spelling)
		return found, &problem
	}
	for _, code := range concept.codes() {
		if only, limited := unitsByLOINC[code]; limited && !ucum.SameKind(found.From, only) {
			return found, &sepsis.Problem{
				Location: place, Code: sepsis.UnknownUnit, Value: sepsis.Clip(spelling),
				Message: fmt.Sprintf("LOINC %s is urea, of which a mass is not a mass of urea nitrogen", code), Hint: "send it in " + string(only),
			}
		}
	}
	if place == path+".code" && q.Unit != "" {
		return found, contradiction(info, q, found, path)
	}
	return found, nil
}

// contradiction notes a unit for people that is another unit than the code for programs. Text that is no unit of the
// vocabulary says nothing.
func contradiction(info sepsis.VariableInfo, q *Quantity, coded ucum.Conversion, path string) *sepsis.Problem {
	shown, _, refused := info.ConversionFrom(q.Unit)
	if refused || shown.Convert(1) == coded.Convert(1) && shown.Offset == coded.Offset {
		return nil
	}
	return &sepsis.Problem{
		Location: path + ".unit", Code: sepsis.UnknownUnit, Value: sepsis.Clip(q.Unit),
		Message: fmt.Sprintf("%s has the code %s and shows another unit", info.Name, sepsis.Clip(q.Code)), Hint: "send one unit",
	}
}
