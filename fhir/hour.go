package fhir

import (
	"fmt"
	"maps"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// hourly are the values of one hour, by variable, in the order in which they stand.
type hourly map[sepsis.Variable][]measurement

// fill bins the values into the hours of the stay. Several values of a variable in an hour become their median, as in
// the data that the model learnt from (PhysioNet/CinC Challenge 2019, doi:10.1097/CCM.0000000000004145).
func (r *reader) fill() {
	hours := r.bin()
	for _, hour := range slices.Sorted(maps.Keys(hours)) {
		if values := r.observe(hour, hours[hour]); values.Any() {
			r.Stay.Observations = append(r.Stay.Observations, sepsis.Observation{Hour: hour, Values: values})
		}
	}
	if len(r.Stay.Observations) == 0 && len(r.Problems) == 0 {
		r.fatal("Observation", sepsis.MissingField, "nothing was measured that could be used"+r.commonest(), "docs/fhir.md says what is read")
	}
}

// bin gives each value its hour, and leaves out what was measured outside of the stay.
func (r *reader) bin() map[int]hourly {
	hours := map[int]hourly{}
	for _, m := range r.values {
		elapsed := m.time.Sub(r.stay.start).Hours()
		switch {
		case elapsed < 0:
			r.leaveOut(m.path, BeforeStay)
			continue
		case !r.stay.end.IsZero() && m.time.After(r.stay.end):
			r.leaveOut(m.path, AfterStay)
			continue
		case !r.options.Now.IsZero() && m.time.After(r.options.Now):
			r.leaveOut(m.path, InFuture)
			continue
		case elapsed > sepsis.MaxICUHour:
			r.problem(sepsis.Problem{Location: m.path, Code: sepsis.OutOfRange, Message: fmt.Sprintf("it is later than hour %d of the stay", sepsis.MaxICUHour)})
			continue
		}
		hour := sepsis.HourBin(elapsed) // the moment of admission belongs to the first hour
		if hours[hour] == nil {
			hours[hour] = hourly{}
		}
		hours[hour][m.variable] = append(hours[hour][m.variable], m)
	}
	return hours
}

// observe makes the values of one hour. What contradicts itself is a problem, or is left out.
func (r *reader) observe(hour int, measured hourly) sepsis.Values {
	values := sepsis.NoValues()
	for variable, several := range measured {
		values[variable] = median(several)
	}
	for _, found := range sepsis.Incoherences(&values) {
		for _, variable := range found.Variables {
			if r.options.Lenient && values.Has(variable) {
				r.drop(measured[variable], Reason(found.Problem.Code), found.Problem.Message)
				values[variable] = sepsis.Missing
				delete(measured, variable)
			}
		}
		if !r.options.Lenient {
			problem := found.Problem
			problem.Location = lastOf(measured, found.Variables[0])
			r.problem(problem)
		}
	}
	r.doubt(&values, measured)
	for _, variable := range slices.Sorted(maps.Keys(measured)) {
		r.use(hour, measured[variable])
	}
	return values
}

func (r *reader) drop(several []measurement, reason Reason, message string) {
	for _, m := range several {
		r.ignore(m.path, reason, message)
	}
}

func (r *reader) doubt(values *sepsis.Values, measured hourly) {
	sent := sepsis.Sent{}
	for variable, several := range measured {
		if last := several[len(several)-1].sent; last.Unit != "" {
			sent[variable] = last
		}
	}
	for _, doubt := range sepsis.Doubts(values, sent) {
		if variable, known := sepsis.VariableNamed(doubt.Location); known {
			doubt.Location = lastOf(measured, variable)
		}
		r.Warnings = append(r.Warnings, doubt)
	}
}

func (r *reader) use(hour int, several []measurement) {
	for _, m := range several {
		r.Used = append(r.Used, Use{
			Path: m.path, Reference: m.reference, Variable: m.variable, Value: m.value, Time: m.time, Hour: hour,
			Preliminary: m.preliminary, Sent: asSent(m.sent),
		})
		if m.time.After(r.Last) {
			r.Last = m.time
		}
	}
}

// asSent writes value and unit as they were sent; empty when the value was not converted.
func asSent(quantity sepsis.Quantity) string {
	if quantity.Unit == "" {
		return ""
	}
	return sepsis.Decimal(quantity.Value) + " " + string(quantity.Unit)
}

// lastOf is the path of the last value of a variable in an hour.
func lastOf(measured hourly, variable sepsis.Variable) string {
	several := measured[variable]
	if len(several) == 0 {
		return variable.String()
	}
	return several[len(several)-1].path
}

// median is the middle value, or the mean of the two in the middle.
func median(several []measurement) float64 {
	values := make([]float64, len(several))
	for i, m := range several {
		values[i] = m.value
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// commonest tells for which reason most was left out.
func (r *reader) commonest() string {
	counts := map[Reason]int{}
	for _, ignored := range r.Ignored {
		counts[ignored.Reason]++
	}
	most, reason := 0, Reason("")
	for _, info := range Reasons {
		if counts[info.Reason] > most {
			most, reason = counts[info.Reason], info.Reason
		}
	}
	if most == 0 {
		return ""
	}
	return fmt.Sprintf("; %d left out as %s: %s", most, reason, infoOf(reason).When)
}
