package server

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// field is a name that the contract knows, and how its value is read. The walk stands before the value.
type field struct {
	name string
	read func(d *decoder)
}

// fieldSet is the names that one kind of object may hold.
type fieldSet struct {
	fields    []field
	names     []string // of the fields
	index     map[string]int
	of        string   // what the object is called in messages
	elsewhere []string // names that a caller may put here but that belong beside observations
}

// maxFields is more than any object has.
const maxFields = 64

// find gives the index of a name that is still quoted.
func (s *fieldSet) find(quoted []byte) (int, bool) {
	if i, known := s.index[string(quoted[1:len(quoted)-1])]; known { // without allocating
		return i, true
	}
	i, known := s.index[unquoted(quoted)] // it may be written with escapes
	return i, known
}

func newFieldSet(of string, fields ...[]field) *fieldSet {
	set := &fieldSet{of: of, index: map[string]int{}}
	for _, group := range fields {
		for _, f := range group {
			set.index[f.name] = len(set.fields)
			set.fields, set.names = append(set.fields, f), append(set.names, f.name)
		}
	}
	if len(set.fields) > maxFields {
		panic("server: more than maxFields fields in " + of)
	}
	return set
}

// measurementFields are the 34 variables and icu_hour: what an observation holds.
var measurementFields = func() []field {
	fields := []field{{"icu_hour", (*decoder).readICUHour}}
	for v := range sepsis.Variables {
		variable := sepsis.Variable(v)
		fields = append(fields, field{variable.String(), func(d *decoder) { d.readMeasurement(variable) }})
	}
	return fields
}()

// stayFields describe the stay.
var stayFields = []field{
	{"age", (*decoder).readAge},
	{"sex", (*decoder).readSex},
	{"icu_unit", (*decoder).readICUUnit},
	{"hours_in_hospital_before_icu", (*decoder).readHoursBefore},
	{"patient_id", (*decoder).readPatientID},
}

// observationsField holds the history.
var observationsField = []field{{"observations", (*decoder).readObservations}}

var bodySet = newFieldSet("the body", stayFields, measurementFields, observationsField)

var observationSet = func() *fieldSet {
	set := newFieldSet("an observation", measurementFields)
	for _, f := range stayFields {
		set.elsewhere = append(set.elsewhere, f.name)
	}
	return set
}()

// stayVariable is the vocabulary's entry for a field of the stay.
func stayVariable(name string) sepsis.StayVariable {
	for _, variable := range sepsis.StayVariables {
		if variable.Name == name {
			return variable
		}
	}
	panic("server: no stay variable is called " + name)
}

// object reads an object with the names of a set. It is false for what is no object, which it notes, and after a syntax error.
func (d *decoder) object(set *fieldSet, scope location) bool {
	if d.tokens.PeekKind() != '{' {
		v := d.read()
		d.problem(v, sepsis.WrongType, scope.String(), "an object is expected, not "+kindName(v.kind), "")
		return false
	}
	d.next()
	d.members(set, scope)
	return d.failed == nil
}

// members walks an object whose opening brace was read: known names are read, repeated and unknown ones noted.
func (d *decoder) members(set *fieldSet, scope location) {
	var seen [maxFields]bool
	var strangers map[string]bool
	for d.more() {
		at := d.at()
		quoted := d.scalar()
		if d.failed != nil {
			return
		}
		i, known := set.find(quoted)
		name := ""
		if !known || seen[i] {
			name = unquoted(quoted)
		}
		switch {
		case known && seen[i], !known && strangers[name]:
			d.repeated(at, scope.String(), name)
		case known:
			seen[i] = true
			set.fields[i].read(d)
		default:
			if strangers == nil {
				strangers = map[string]bool{}
			}
			if !d.problems.full() { // beyond, what is wrong is only counted
				strangers[name] = true
			}
			d.unknown(at, set, scope.String(), name)
		}
	}
	d.next()
}

func (d *decoder) repeated(at int64, scope, name string) {
	v := d.read()
	v.at = at
	d.problem(v, sepsis.DuplicateField, member(scope, name), "the name stands twice in one object", "send it once")
}

func (d *decoder) unknown(at int64, set *fieldSet, scope, name string) {
	v := d.read()
	v.at = at
	hint := ""
	if !d.problems.full() {
		hint = set.hint(name)
	}
	d.problem(v, sepsis.UnknownField, member(scope, name), set.of+" has no such field", hint)
}

// member is the location of a name inside an object. Names that are not plain words are quoted.
func member(scope, name string) string {
	plain := name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
	if plain {
		return scope + "." + sepsis.Clip(name)
	}
	return fmt.Sprintf("%s[%s]", scope, strconv.Quote(sepsis.Clip(name)))
}
