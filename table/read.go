package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// Reader gives the stays of an input.
type Reader interface {
	// Next gives the next stay. The error is io.EOF after the last one; a [*StayError] is of one stay, and the next one can be read.
	Next() (challenge.Record, error)
	// Progress is how much of the input was read, and how much there is, in the same measure; 0 where that is not known.
	Progress() (done, total int)
}

// StayError is what is wrong with one stay.
type StayError struct {
	Err      error
	CameBack bool // rows of the patient were there before, and may have been given as a stay
}

// Error is what is wrong.
func (e *StayError) Error() string { return e.Err.Error() }

// Unwrap is what is wrong.
func (e *StayError) Unwrap() error { return e.Err }

// rowSource gives the rows of a table.
type rowSource interface {
	// next gives the cells of the next row, until the next call, and the line that an error names. With a [*rowError] there may be fewer
	// cells or more than columns, and it can be called again.
	next() (cells []cell, line int, err error)
}

// rowError is what is wrong with one row.
type rowError struct{ problem string }

func (e *rowError) Error() string { return e.problem }

// rowReader makes stays of rows. Rows with the same patient stand together; without a patient's column all are one stay.
type rowReader struct {
	location string
	name     string // of the one stay, where no column tells
	source   rowSource
	header   header
	rows     *challenge.Rows
	values   []float64

	pending bool // whether the cells are a row that was read and belongs to the next stay
	cells   []cell
	line    int
	wrong   *rowError // what is wrong with the row as a whole; nil when nothing is
	seen    *Patients
}

func newRowReader(location, name string, names []string, seen *Patients, source rowSource) (*rowReader, error) {
	header, fills, err := readHeader(location, names)
	if err != nil {
		return nil, err
	}
	rows, err := challenge.NewRows(location, fills)
	if err != nil {
		return nil, err
	}
	return &rowReader{
		location: location, name: name, source: source, header: header, rows: rows, seen: seen,
	}, nil
}

// Next reads the rows of one stay. A row that is wrong spoils its stay.
func (r *rowReader) Next() (challenge.Record, error) {
	if err := r.advance(); err != nil {
		return challenge.Record{}, err
	}
	id := r.id()
	cameBack, wrong := r.begin(id)
	for r.pending && r.id() == id {
		if wrong == nil {
			wrong = r.add()
		}
		r.pending = false
		if err := r.advance(); err != nil && !errors.Is(err, io.EOF) {
			return challenge.Record{}, err
		}
	}
	record := r.rows.Take(id)
	if wrong != nil {
		return challenge.Record{}, &StayError{wrong, cameBack}
	}
	return record, nil
}

// advance sees that there is a row, unless the input has ended.
func (r *rowReader) advance() (err error) {
	if r.pending {
		return nil
	}
	r.cells, r.line, err = r.source.next()
	var isWrong bool
	if r.wrong, isWrong = errors.AsType[*rowError](err); isWrong {
		err = nil
	}
	r.pending = err == nil
	return err
}

// id is the patient of the row, empty where a row that is too short does not tell.
func (r *rowReader) id() string {
	if r.header.patient < 0 {
		return r.name
	}
	if r.header.patient >= len(r.cells) {
		return ""
	}
	return r.cells[r.header.patient].name()
}

// begin refuses a patient who was there before, one without name, and one whose name others may have, too.
func (r *rowReader) begin(id string) (cameBack bool, wrong error) {
	if r.wrong != nil && id == "" {
		return false, r.problem("", r.wrong.problem)
	}
	if r.header.patient < 0 {
		return false, nil
	}
	if r.cells[r.header.patient].ambiguous() {
		return false, r.problem(patientColumn, id+" is a floating-point number that may stand for several patients; write ids as whole numbers or as text")
	}
	if id == "" {
		return false, r.problem(patientColumn, "the patient is missing")
	}
	if r.seen.add(id) {
		return false, nil
	}
	return true, r.problem(patientColumn, fmt.Sprintf("the patient %s was there before; the rows of a patient must stand together, in one file; "+
		"what was predicted of the earlier rows does not know of these, and is not of the last hour", cell{kind: textCell, text: []byte(id)}))
}

func (r *rowReader) add() error {
	if r.wrong != nil {
		return r.problem("", r.wrong.problem)
	}
	values, column, err := r.header.values(r.values[:0], r.cells)
	r.values = values
	if err != nil {
		return r.problem(column, err.Error())
	}
	return r.rows.Add(r.line, values)
}

func (r *rowReader) problem(column, problem string) error {
	return &challenge.FormatError{Location: r.location, Line: r.line, Column: column, Problem: problem}
}

// refusal puts what is wrong with a patient in JSON into words.
func refusal(location string, line int, problems []sepsis.Problem) error {
	var all []error
	for _, p := range problems {
		text := p.Message
		if p.Hint != "" {
			text += " (" + p.Hint + ")"
		}
		all = append(all, fmt.Errorf("%s:%d: %s: %s", location, line, p.Location, text))
	}
	return &StayError{Err: errors.Join(all...)}
}
