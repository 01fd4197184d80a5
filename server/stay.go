package server

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/medtech-detect/sepsis"
)

// maxPatientID is the longest patient_id, in characters.
const maxPatientID = 128

// readBody reads the whole body and then checks what only the whole can tell.
func (d *decoder) readBody() {
	flat := newReading("body")
	d.current = flat
	if d.tokens.PeekKind() != '{' {
		v := d.read()
		d.problem(v, sepsis.WrongType, "body", "an object is expected, not "+kindName(v.kind), "")
		return
	}
	d.next()
	d.members(bodySet, "body")
	if d.failed != nil {
		return
	}
	d.finishFlat(flat)
	d.checkForm()
	d.checkWhole()
}

// finishFlat makes the one observation of the flat form.
func (d *decoder) finishFlat(flat *reading) {
	d.checkCoherence(flat)
	if d.stated.observations {
		return
	}
	if flat.hour == sepsis.HourUnknown {
		d.warnings.add(d.at(), sepsis.Warning{
			Code: sepsis.ICUHourUnknown, Location: flat.scope + ".icu_hour", Message: "no icu_hour: the model relies on it",
		})
	}
	d.finish(flat)
}

// checkWhole notes what is missing from the body.
func (d *decoder) checkWhole() {
	if !d.stated.age {
		d.absent("body.age", "age is required", "send the age in years")
	}
	if !d.stated.measurement {
		d.absent("body", "nothing was measured", "send at least one measurement")
	}
}

func (d *decoder) readAge() {
	const location = "body.age"
	limits := stayVariable("age").Range
	v := d.read()
	d.stated.age = v.kind != 'n'
	age, ok := d.number(v, location, "send the age in years")
	switch {
	case !ok:
	case age < 0 || age > limits.Max:
		d.problem(v, sepsis.OutOfRange, location, fmt.Sprintf("age is outside %g to %g years", limits.Min, limits.Max), "")
	case age < limits.Min:
		d.problem(v, sepsis.OutOfScope, location, fmt.Sprintf("the model is for adults: from %g years", limits.Min), "")
	default:
		d.stay.Age = age
	}
}

func (d *decoder) readSex() { d.stay.Sex = sepsis.Sex(d.choice("sex")) }

func (d *decoder) readICUUnit() { d.stay.ICUUnit = sepsis.ICUUnit(d.choice("icu_unit")) }

// choice reads one of the words that the vocabulary lists; empty for null, and for what is wrong.
func (d *decoder) choice(name string) string {
	v := d.read()
	choices := stayVariable(name).Choices
	if v.kind == 'n' || v.kind == '"' && slices.Contains(choices, v.text) {
		return v.text
	}
	expected := strings.Join(choices, " or ")
	d.problem(v, sepsis.WrongType, "body."+name, name+" is neither "+strings.Join(choices, " nor "), "send "+expected+", in lower case, or leave it out")
	return ""
}

func (d *decoder) readHoursBefore() {
	const name = "hours_in_hospital_before_icu"
	limits := stayVariable(name).Range
	v := d.read()
	hours, ok := d.number(v, "body."+name, "send hours")
	if !ok {
		return
	}
	if !limits.Contains(hours) {
		d.problem(v, sepsis.OutOfRange, "body."+name, fmt.Sprintf("%s is outside %g to %g hours", name, limits.Min, limits.Max), "")
		return
	}
	d.stay.HoursBefore = hours
}

func (d *decoder) readPatientID() {
	const location = "body.patient_id"
	v := d.read()
	switch {
	case v.kind == 'n':
	case v.kind != '"':
		d.problem(v, sepsis.WrongType, location, "a string is expected, not "+kindName(v.kind), "put it in quotation marks")
	case utf8.RuneCountInString(v.text) > maxPatientID:
		d.problem(v, sepsis.OutOfRange, location, fmt.Sprintf("patient_id is longer than %d characters", maxPatientID), "")
	default:
		d.stay.PatientID = v.text
	}
}
