package fhir

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// measurement is a value of the vocabulary with its time.
type measurement struct {
	variable    sepsis.Variable
	value       float64 // in the variable's own unit
	time        time.Time
	path        string // of the value
	reference   string
	preliminary bool
	sent        sepsis.Quantity // as it was sent, in another unit; the zero value when it was not converted
}

// readObservation takes the values out of an Observation, and says why it gives none.
func (r *reader) readObservation(o *observationEntry, patient *patientEntry) {
	variable, reason, message := identify(o.Code, &o.observationResource)
	parts, others := componentsOf(o)
	switch {
	case len(o.HasMember) > 0 && reason != "" && len(parts) == 0:
		r.readPanel(o)
		return
	case reason != "" && len(parts) == 0:
		r.ignore(o.path, reason, message)
		return
	}
	if unusable, message := unusableFor(&o.observationResource); unusable != "" {
		r.ignore(o.path, unusable, message)
		return
	}
	if !r.ofPatient(o.Subject, patient, o.path) {
		return
	}
	if slices.ContainsFunc(o.Focus, func(focus Reference) bool { return !patient.is(focus) }) {
		r.leaveOut(o.path+".focus", OtherFocus)
		return
	}
	at, untimed, place := observedAt(&o.observationResource)
	if untimed != "" {
		r.leaveOut(o.path+place, untimed)
		return
	}
	found := measurement{time: at, reference: o.reference, preliminary: o.Status == "preliminary"}
	if reason == "" {
		found.variable, found.path = variable, o.path
		r.readValue(&o.component, found)
	}
	r.Ignored = append(r.Ignored, others...)
	for _, part := range parts {
		if len(part.ModifierExtension) > 0 {
			r.leaveOut(part.path, ModifierExtension)
			continue
		}
		found.variable, found.path = part.variable, part.path
		r.readValue(&part.component, found)
	}
}

// unusableFor says why nothing of an Observation can be used, by what it says of itself; the reason is empty when it can.
func unusableFor(o *observationResource) (Reason, string) {
	switch {
	case !usedStatus[o.Status]:
		return NotFinal, "its status is " + named(o.Status, "not given")
	case o.modified():
		return ModifierExtension, infoOf(ModifierExtension).When
	}
	return "", ""
}

// readPanel notes the members of a panel that were not sent.
func (r *reader) readPanel(o *observationEntry) {
	r.leaveOut(o.path, Panel)
	for n, member := range o.HasMember {
		if key := member.key(); key != "" && !r.keys[key] {
			r.ignore(fmt.Sprintf("%s.hasMember[%d]", o.path, n), MemberMissing, sepsis.Clip(key)+" was not sent")
		}
	}
}

// ourComponent is a component with a code of the vocabulary.
type ourComponent struct {
	*partOfPanel
	variable sepsis.Variable
	path     string
}

// componentsOf parts the components of an Observation into those of the vocabulary and the others, with why they are not.
func componentsOf(o *observationEntry) (ours []ourComponent, others []Ignored) {
	for n := range o.Component {
		path := fmt.Sprintf("%s.component[%d]", o.path, n)
		variable, reason, message := identify(o.Component[n].Code, &o.observationResource)
		if reason != "" {
			others = append(others, Ignored{Path: path, Reason: reason, Message: message})
			continue
		}
		ours = append(ours, ourComponent{&o.Component[n], variable, path})
	}
	return ours, others
}

// longestPeriod is how long the time may last to which a value belongs: an hour is the step of the model.
const longestPeriod = time.Hour

// observedAt is the time of an Observation. Of a period it is the end, when the value is known. The place is the
// element that the reason is about.
func observedAt(o *observationResource) (at time.Time, reason Reason, place string) {
	switch {
	case o.EffectiveDateTime != "":
		at, reason = readInstant(o.EffectiveDateTime)
		return at, reason, ".effective"
	case o.EffectiveInstant != "":
		at, reason = readInstant(o.EffectiveInstant)
		return at, reason, ".effective"
	case o.EffectivePeriod == nil:
		return time.Time{}, NoTime, ""
	}
	end, reason := readInstant(o.EffectivePeriod.End)
	if reason != "" {
		return end, reason, ".effective.end"
	}
	start, unknown := readInstant(o.EffectivePeriod.Start)
	if unknown == "" && (end.Sub(start) > longestPeriod || end.Before(start)) {
		return end, LongPeriod, ".effective"
	}
	return end, "", ""
}

// readValue keeps the value of an Observation or a component, or says why not.
func (r *reader) readValue(c *component, found measurement) {
	q := c.ValueQuantity
	other := c.otherValue()
	switch {
	case c.DataAbsentReason != nil:
		r.ignore(found.path, DataAbsent, "dataAbsentReason says that there is no value")
	case other != "":
		r.ignore(found.path+".value", NotAQuantity, "its value is of type "+other)
	case q == nil || len(q.Value) == 0 || q.Value.Kind() == 'n':
		r.leaveOut(found.path, NoValue)
	case q.Comparator != "":
		r.ignore(found.path+".value.comparator", Comparator, fmt.Sprintf("%s has the comparator %s: a limit, and not a measured value", found.variable, sepsis.Clip(q.Comparator)))
	default:
		r.convert(c, q, found)
	}
}

func (r *reader) convert(c *component, q *Quantity, found measurement) {
	info := found.variable.Info()
	path := found.path + ".value"
	sent, problem := number(q.Value, path+".value")
	if problem != nil {
		r.problem(*problem)
		return
	}
	into, problem := conversion(info, c.Code, q, path)
	if problem != nil {
		r.problem(*problem)
		return
	}
	value, refused, outside := sepsis.CheckSent(found.variable, sent, into)
	if outside {
		refused.Location, refused.Value = path+".value", sent
		r.problem(refused)
		return
	}
	found.value, found.path = value, path
	if into.From != info.Unit {
		found.sent = sepsis.Quantity{Value: sent, Unit: into.From}
	}
	r.values = append(r.values, found)
}

// number reads a decimal. A string is no number, whatever stands in it.
func number(value jsontext.Value, path string) (float64, *sepsis.Problem) {
	if value.Kind() != '0' {
		return 0, &sepsis.Problem{Location: path, Code: sepsis.WrongType, Message: "a number is expected, not " + kindName(value.Kind())}
	}
	x, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, &sepsis.Problem{Location: path, Code: sepsis.InvalidJSON, Message: "the number is too large for a 64-bit float"}
	}
	return x, nil
}
