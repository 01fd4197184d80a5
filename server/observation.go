package server

import (
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// maxObservations is one for each hour that a stay may last.
const maxObservations = sepsis.MaxICUHour

// reading is an observation while it is being read.
type reading struct {
	scope      location
	hourStated bool
	hour       int
	values     sepsis.Values
	placed     [sepsis.NumVariables]int64 // where each value stands in the body
	sent       sepsis.Sent                // in other units; nil as long as there was none
}

func (r *reading) start(scope location) {
	clear(r.sent)
	*r = reading{scope: scope, hour: sepsis.HourUnknown, values: sepsis.NoValues(), sent: r.sent}
}

// note remembers what was sent in another unit.
func (r *reading) note(variable sepsis.Variable, quantity sepsis.Quantity) {
	if r.sent == nil {
		r.sent = sepsis.Sent{}
	}
	r.sent[variable] = quantity
}

func (r *reading) inHistory() bool { return r.scope.observation > 0 }

// stand notes that the observation states a field, right or wrong.
func (d *decoder) stand(name string) {
	if !d.current.inHistory() {
		d.stated.flat = append(d.stated.flat, name)
	}
}

func (d *decoder) readObservations() {
	const location = "body.observations"
	d.stated.observationsAt = d.at()
	if d.tokens.PeekKind() != '[' {
		v := d.read()
		if v.kind != 'n' {
			d.stated.observations, d.stated.measurement = true, true // that nothing was measured goes without saying
			d.problem(v, sepsis.WrongType, location, "an array is expected, not "+kindName(v.kind), "send an array of objects, one for each hour")
		}
		return
	}
	d.stated.observations = true
	d.next()
	count := d.eachObservation()
	d.next()
	if count > maxObservations {
		d.problem(value{kind: '[', at: d.stated.observationsAt}, sepsis.OutOfRange, location,
			fmt.Sprintf("%d observations; at most %d are read", count, maxObservations), "")
	}
	if count == 0 {
		d.problem(value{kind: '[', at: d.stated.observationsAt}, sepsis.MissingField, location, "there is no observation", "send at least one, or use the flat form")
		d.stated.measurement = true // that nothing was measured goes without saying
	}
}

// eachObservation reads the elements of the array and counts them. What comes after the last allowed one is only
// read for its syntax.
func (d *decoder) eachObservation() (count int) {
	outer := d.current
	for ; d.more(); count++ {
		if count < maxObservations {
			d.readObservation(location{observation: count + 1})
		} else {
			d.read()
		}
	}
	d.current = outer
	return count
}

func (d *decoder) readObservation(scope location) {
	d.current = &d.hourly
	d.current.start(scope)
	if !d.object(observationSet, scope) {
		return
	}
	if !d.current.hourStated {
		d.absent(scope.of("icu_hour").String(), "icu_hour is required in an observation", "send the hours since ICU admission")
	}
	d.checkCoherence(d.current)
	d.finish(d.current)
}

func (d *decoder) readICUHour() {
	at := d.current.scope.of("icu_hour")
	v := d.read()
	if v.kind == 'n' {
		return
	}
	d.current.hourStated = true
	d.stand("icu_hour")
	hours, ok := d.number(v, at, "send the hours since ICU admission")
	if !ok {
		return
	}
	if hours <= 0 || hours > sepsis.MaxICUHour {
		d.problem(v, sepsis.OutOfRange, at.String(), fmt.Sprintf("icu_hour must be above 0 and at most %d", sepsis.MaxICUHour), "send the hours since ICU admission; the first hour is 1")
		return
	}
	d.current.hour = sepsis.HourBin(hours)
	d.checkOrder(v, at)
}

// checkOrder notes an hour that is not after that of the observations before.
func (d *decoder) checkOrder(v value, at location) {
	if !d.current.inHistory() {
		return
	}
	if hour := d.current.hour; hour <= d.stated.lastHour {
		d.problem(v, sepsis.TimeOrder, at.String(),
			fmt.Sprintf("it belongs to hour %d, and an observation of hour %d came before", hour, d.stated.lastHour),
			"send one observation for each hour, the earliest first; hour 3 is what lies above 2 and at most 3")
		return
	}
	d.stated.lastHour = d.current.hour
}

// checkCoherence notes the relations between values that cannot hold.
func (d *decoder) checkCoherence(r *reading) {
	for _, found := range sepsis.Incoherences(&r.values) {
		found.Problem.Location = r.scope.of(found.Problem.Location).String()
		d.problems.add(r.placed[found.Variables[0]], found.Problem)
	}
}

// finish keeps the observation, with what is odd about it.
func (d *decoder) finish(r *reading) {
	if d.failed != nil || len(d.problems.placed) > 0 {
		return // the body is refused
	}
	for _, doubt := range sepsis.Doubts(&r.values, r.sent) {
		at := r.placed[0]
		if variable, known := sepsis.VariableNamed(doubt.Location); known {
			at = r.placed[variable]
		}
		doubt.Location = r.scope.of(doubt.Location).String()
		d.warnings.add(at, doubt)
	}
	d.stay.Observations = append(d.stay.Observations, sepsis.Observation{Hour: r.hour, Values: r.values})
}

// checkForm notes measurements that stand both flat and in observations.
func (d *decoder) checkForm() {
	if !d.stated.observations || len(d.stated.flat) == 0 {
		return
	}
	d.problem(value{kind: '[', at: d.stated.observationsAt}, sepsis.AmbiguousForm, "body.observations",
		"the body has observations and also, beside them, "+strings.Join(d.stated.flat, ", "),
		"put every measurement and its icu_hour into observations, or leave observations out")
}
