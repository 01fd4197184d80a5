package server

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/ucum"
)

// readMeasurement reads a number in the variable's own unit, or {"value", "unit"}, or null.
func (d *decoder) readMeasurement(variable sepsis.Variable) {
	at := d.current.scope.of(variable.String())
	d.current.placed[variable] = d.at()
	if d.tokens.PeekKind() == '{' {
		d.readQuantity(variable, at)
		return
	}
	v := d.read()
	if v.kind == 'n' {
		return
	}
	d.measured(variable)
	hint := ""
	if v.kind != '0' {
		hint = quantityHint(variable.Info())
	}
	x, ok := d.number(v, at, hint)
	if !ok {
		return
	}
	if problem, outside := sepsis.CheckRange(variable, x); outside {
		problem.Location = at.String()
		d.problems.add(v.at, problem)
		return
	}
	d.current.values[variable] = x
}

// measured notes that the body states a measurement, right or wrong.
func (d *decoder) measured(variable sepsis.Variable) {
	d.stated.measurement = true
	d.stand(variable.String())
}

func quantityHint(info sepsis.VariableInfo) string {
	unit := info.Units()[len(info.Accepted)]
	return fmt.Sprintf(`send a number in %s, or {"value": …, "unit": "%s"}`, info.Unit, unit)
}

// quantity is what an object {"value", "unit"} says.
type quantity struct {
	value, unit value // of kind 0 when it is not stated
}

func (v value) stated() bool { return v.kind != 0 }

var quantitySet = newFieldSet("a measurement", []field{
	{"value", func(d *decoder) { d.quantity.value = d.read() }},
	{"unit", func(d *decoder) { d.quantity.unit = d.read() }},
})

func (d *decoder) readQuantity(variable sepsis.Variable, at location) {
	d.quantity = quantity{}
	if !d.object(quantitySet, at) {
		return
	}
	q := d.quantity
	if !q.value.stated() || q.value.kind != 'n' {
		d.measured(variable)
	}
	conversion, known := d.conversion(variable.Info(), q.unit, at.partOf("unit"))
	if !q.value.stated() {
		d.absent(at.partOf("value").String(), "the value is missing", "send null, or leave the measurement out, when it was not taken")
		return
	}
	x, ok := d.number(q.value, at.partOf("value"), "")
	if !ok || !known {
		return
	}
	d.keepConverted(variable, q.value, conversion, x, at.partOf("value"))
}

// conversion finds how the stated unit becomes the variable's own.
func (d *decoder) conversion(info sepsis.VariableInfo, unit value, at location) (ucum.Conversion, bool) {
	switch {
	case !unit.stated() || unit.kind == 'n':
		d.absent(at.String(), "a value in this form needs its unit", info.UnitsHint())
		return ucum.Conversion{}, false
	case unit.kind != '"':
		d.problem(unit, sepsis.WrongType, at.String(), "a string is expected, not "+kindName(unit.kind), info.UnitsHint())
		return ucum.Conversion{}, false
	}
	conversion, problem, refused := info.ConversionFrom(unit.text())
	if refused {
		d.problem(unit, problem.Code, at.String(), problem.Message, problem.Hint)
	}
	return conversion, !refused
}

// keepConverted converts, then checks the range in the variable's own unit. The problem repeats what was sent.
func (d *decoder) keepConverted(variable sepsis.Variable, sent value, conversion ucum.Conversion, x float64, at location) {
	converted, problem, outside := sepsis.CheckSent(variable, x, conversion)
	if outside {
		problem.Location, problem.Value = at.String(), sent.echo()
		d.problems.add(sent.at, problem)
		return
	}
	d.current.values[variable] = converted
	if conversion.From != variable.Info().Unit {
		d.current.note(variable, sepsis.Quantity{Value: x, Unit: conversion.From})
	}
}
