package table

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
	challenge.Entry // of the one stay, where no column tells
	source          rowSource
	header          header
	rows            *challenge.Rows
	values          []float64

	pending bool // whether the cells are a row that was read and belongs to the next stay
	cells   []cell
	line    int
	wrong   *rowError // what is wrong with the row as a whole; nil when nothing is
	seen    *Patients
	passed  bool // whether rows were passed over, of patients who had been refused before
}

// OnlyRefused tells of a reader that gave no stay and has been read to its end whether it held rows of patients all the same, who had been
// refused in another table or further up.
func OnlyRefused(reader Reader) bool {
	rows, ok := reader.(interface{ passedOver() bool })
	return ok && rows.passedOver()
}

func (r *rowReader) passedOver() bool { return r.passed }

func newRowReader(entry challenge.Entry, names []string, seen *Patients, source rowSource) (*rowReader, error) {
	header, fills, err := readHeader(entry.Location, names)
	if err != nil {
		return nil, err
	}
	rows, err := challenge.NewRows(entry.Location, fills)
	if err != nil {
		return nil, err
	}
	return &rowReader{Entry: entry, source: source, header: header, rows: rows, seen: seen}, nil
}

// Next reads the rows of one stay. A row that is wrong spoils its stay. Of a patient whose rows stand apart only the first ones are told of.
func (r *rowReader) Next() (challenge.Record, error) {
	for {
		if err := r.advance(); err != nil {
			return challenge.Record{}, err
		}
		id := r.id()
		if r.header.patient < 0 || !r.seen.refused(id) {
			return r.stay(id)
		}
		r.passed = true
		if err := r.eachRow(id, func() {}); err != nil {
			return challenge.Record{}, err
		}
	}
}

func (r *rowReader) stay(id string) (challenge.Record, error) {
	cameBack, wrong := r.begin(id)
	err := r.eachRow(id, func() {
		if wrong == nil {
			wrong = r.add()
		}
	})
	if err != nil {
		return challenge.Record{}, err
	}
	record := r.rows.Take(id)
	if wrong != nil {
		return challenge.Record{}, &StayError{wrong, cameBack}
	}
	if r.header.patient < 0 {
		record.Hospital = r.Hospital
	}
	return record, nil
}

// eachRow takes the rows of one patient, as far as they stand together.
func (r *rowReader) eachRow(id string, take func()) error {
	for r.pending && r.id() == id {
		take()
		r.pending = false
		if err := r.advance(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// patients gives the patient of each of the rows that stand together. It takes the place of Next.
func (r *rowReader) patients(found func(id string) error) error {
	if r.header.patient < 0 {
		return nil
	}
	for {
		err := r.advance()
		if errors.Is(err, io.EOF) {
			return nil
		}
		id := r.id()
		if err == nil && id != "" {
			err = found(id)
		}
		if err == nil {
			err = r.eachRow(id, func() {})
		}
		if err != nil {
			return err
		}
	}
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
		return r.ID
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
		return false, r.beginUnnamed()
	}
	if problem := wrongName(r.cells[r.header.patient], id); problem != "" {
		return false, r.problem(patientColumn, problem)
	}
	new := r.seen.add(id)
	if r.seen.standApart(id) {
		return false, r.problem(patientColumn, fmt.Sprintf("the rows of the patient %s do not stand together, or not in one file, so that nothing is predicted of them; "+
			"sort the tables by patient and hour, and write one file of them", cell{kind: textCell, text: []byte(id)}))
	}
	if new {
		return false, nil
	}
	return true, r.problem(patientColumn, fmt.Sprintf("the patient %s was there before; the rows of a patient must stand together, in one file; "+
		"what was predicted of the earlier rows does not know of these, and is not of the last hour", cell{kind: textCell, text: []byte(id)}))
}

// beginUnnamed refuses the stay of a table without a patient's column when another one is called the same: nothing would tell them apart.
func (r *rowReader) beginUnnamed() error {
	if r.seen.add("\x00" + r.Hospital + "\x00" + r.ID) { // apart from the names of patients
		return nil
	}
	return r.problem("", fmt.Sprintf("a stay %s of %s was there before, and this table, without %s, is named by its file and folder; name the file otherwise, or add the column",
		r.ID, r.Hospital, patientColumn))
}

// wrongName says why a cell cannot name a patient; empty when it can.
func wrongName(c cell, id string) string {
	switch {
	case c.ambiguous():
		return id + " is a floating-point number that may stand for several patients; write ids as whole numbers or as text"
	case id == "":
		return "the patient is missing"
	case !utf8.ValidString(id):
		return fmt.Sprintf("%q is not UTF-8, so that several patients may be written alike; write the table as UTF-8", id)
	case strings.ContainsAny(id, "\r\n"):
		return fmt.Sprintf("%q has a line break, and may hold rows of others: see that quotation marks match", c.String())
	}
	return ""
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
	return &challenge.FormatError{Location: r.Location, Line: r.line, Column: column, Problem: problem}
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
