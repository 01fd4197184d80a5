package server

import "strconv"

// location is a place in a body. It is put into words only when there is something to say of it.
type location struct {
	observation int    // counted from 1; 0 is the body itself
	field       string // of the observation; empty for the whole
	part        string // of the field; empty for the whole
}

// String is the location as answers name it, such as body.observations[2].lactate.unit.
func (l location) String() string {
	text := "body"
	if l.observation > 0 {
		text += ".observations[" + strconv.Itoa(l.observation-1) + "]"
	}
	for _, name := range []string{l.field, l.part} {
		if name != "" {
			text += "." + name
		}
	}
	return text
}

// of is a field of the place.
func (l location) of(field string) location {
	l.field = field
	return l
}

// partOf is a part of the place.
func (l location) partOf(part string) location {
	l.part = part
	return l
}
