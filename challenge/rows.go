package challenge

import (
	"strings"

	sepsis "github.com/medtech-detect/sepsis"
)

// Rows makes stays of rows that come from elsewhere than the Challenge's files, with the same checks and the same cleaning as
// [Cohort.ReadToPredict].
// It is not safe for concurrent use.
type Rows struct {
	header stayParser
	parser stayParser
}

// RowColumn is a column of the Challenge, and how it is written where the rows come from.
type RowColumn struct {
	Name    string                     // the Challenge's
	Written string                     // what errors call it
	Spelt   func(value float64) string // how errors repeat a value; nil where it is written as the Challenge does
}

// NewRows wants the columns of the rows. The location is what errors name.
func NewRows(location string, columns []RowColumn) (*Rows, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	header, err := newTable(location, []byte(strings.Join(names, string(separator))), stayColumns, iculosColumn)
	if err != nil {
		return nil, err
	}
	header.written = make(map[column]RowColumn, len(columns))
	for i, place := range header.fields {
		header.written[column(place)] = columns[i]
	}
	r := &Rows{header: stayParser{table: header, blank: toPredict.blank}}
	r.reset()
	return r, nil
}

func (r *Rows) reset() {
	r.parser = r.header
	if r.header.has(labelColumn) {
		r.parser.stay.Labels = []bool{}
	}
}

// Add takes in the next row of the stay, with a value for each of the columns, Missing for what is not there. The line is what errors
// name; they are of type [*FormatError].
func (r *Rows) Add(line int, values []float64) error {
	r.parser.line = line
	if len(values) != len(r.parser.fields) {
		return r.parser.problem("%d values for %d columns", len(values), len(r.parser.fields))
	}
	if len(r.parser.stay.Observations) == sepsis.MaxICUHour {
		return r.parser.problem("more than %d rows of one stay", sepsis.MaxICUHour)
	}
	for i, place := range r.parser.fields {
		r.parser.row[place] = values[i]
	}
	return r.parser.addRow()
}

// Take gives the stay of the rows since the last call, under a name, and begins with the next one.
func (r *Rows) Take(id string) Record {
	stay, cleaning := r.parser.stay, r.parser.cleaning
	stay.ID, stay.PatientID = id, id
	cleaning.Stays, cleaning.Hours = 1, len(stay.Observations)
	r.reset()
	return Record{stay, cleaning}
}

// ParseNumber reads a number as it stands in the Challenge's files: NaN and the empty field are Missing.
func ParseNumber(field []byte) (float64, error) { return parseNumber(field) }
