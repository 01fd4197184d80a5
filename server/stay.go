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
	d.current = &d.flat
	d.flat.start(location{})
	if !d.object(bodySet, location{}) {
		return
	}
	d.finishFlat(&d.flat)
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
			Code: sepsis.ICUHourUnknown, Location: flat.scope.of("icu_hour").String(), Message: "no icu_hour: the model relies on it",
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
	at := location{field: "age"}
	limits := stayVariable("age").Range
	v := d.read()
	d.stated.age = v.kind != 'n'
	age, ok := d.number(v, at, "send the age in years")
	switch {
	case !ok:
	case age < 0 || age > limits.Max:
		d.problem(v, sepsis.OutOfRange, at.String(), fmt.Sprintf("age is outside %g to %g years", limits.Min, limits.Max), "")
	case age < limits.Min:
		d.problem(v, sepsis.OutOfScope, at.String(), fmt.Sprintf("the model is for adults: from %g years", limits.Min), "")
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
	if v.kind == 'n' {
		return ""
	}
	if i := slices.Index(choices, v.text()); v.kind == '"' && i >= 0 {
		return choices[i]
	}
	expected := strings.Join(choices, " or ")
	d.problem(v, sepsis.WrongType, "body."+name, name+" is neither "+strings.Join(choices, " nor "), "send "+expected+", in lower case, or leave it out")
	return ""
}

func (d *decoder) readHoursBefore() {
	const name = "hours_in_hospital_before_icu"
	limits := stayVariable(name).Range
	v := d.read()
	hours, ok := d.number(v, location{field: name}, "send hours")
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
	const at = "body.patient_id"
	v := d.read()
	switch {
	case v.kind == 'n':
	case v.kind != '"':
		d.problem(v, sepsis.WrongType, at, "a string is expected, not "+kindName(v.kind), "put it in quotation marks")
	case utf8.RuneCountInString(v.text()) > maxPatientID:
		d.problem(v, sepsis.OutOfRange, at, fmt.Sprintf("patient_id is longer than %d characters", maxPatientID), "")
	default:
		d.stay.PatientID = v.text()
	}
}
