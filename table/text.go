package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// counted counts what is read.
type counted struct {
	from  io.Reader
	read  int
	total int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += n
	return n, err
}

// Progress counts bytes.
func (c *counted) Progress() (done, total int) { return c.read, c.total }

// csvSource reads comma-separated values.
type csvSource struct {
	location string
	reader   *csv.Reader
	row      *rowLimit
	columns  int
	line     int // of the last row
	fields   [][]byte
	cells    []cell
}

// maxRow is the longest row of CSV, in bytes: a thousand times what one takes, and little beside what would be held where a quotation
// mark opens and does not close.
const maxRow = 1 << 20

var errRowTooLong = fmt.Errorf("a row is longer than %d MiB; perhaps a quotation mark opens and does not close", maxRow>>20)

// rowLimit ends the reading of a row that is too long.
type rowLimit struct {
	from io.Reader
	left int // bytes
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := l.from.Read(p)
	l.left -= n
	return n, err
}

// textReader is a rowReader of a text.
type textReader struct {
	*rowReader
	*counted
}

// NewCSV reads a table of comma-separated values with a header of column names: the API's or the Challenge's. The entry has the location
// that errors name, and what the one stay of a table without patient_id is called. Whoever was seen, in this table or in an earlier one, is
// refused. The size, in bytes, is for progress; 0 when it is not known.
func NewCSV(from io.Reader, entry challenge.Entry, seen *Patients, size int) (Reader, error) {
	location := entry.Location
	counted := &counted{from: from, total: size}
	buffered := bufio.NewReader(counted)
	if mark, err := buffered.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = buffered.Discard(len(mark)) // it was peeked
	}
	start, _ := buffered.Peek(buffered.Size()) // a table may be shorter
	if problem := challenge.NoLines(start); problem != "" {
		return nil, &challenge.FormatError{Location: location, Line: 1, Problem: problem}
	}
	limit := &rowLimit{buffered, maxRow}
	reader := csv.NewReader(limit)
	reader.ReuseRecord = true
	names, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &challenge.FormatError{Location: location, Problem: "the table is empty; a header of column names is expected"}
	}
	source := &csvSource{location: location, reader: reader, row: limit, columns: len(names)}
	if err != nil {
		return nil, source.problem(err)
	}
	if separator := otherSeparator(names); separator != "" {
		return nil, &challenge.FormatError{Location: location, Line: 1, Problem: "columns are separated by " + separator + "; separate them by commas, with a point in decimal numbers"}
	}
	rows, err := newRowReader(entry, names, seen, source)
	if err != nil {
		return nil, err
	}
	return textReader{rows, counted}, nil
}

// otherSeparator names what separates the columns of a header in which no comma does, as where the comma is for decimals; "" if nothing does.
func otherSeparator(names []string) string {
	if len(names) != 1 {
		return ""
	}
	switch header := names[0]; {
	case strings.Contains(header, ";"):
		return "semicolons"
	case strings.Contains(header, "\t"):
		return "tabs"
	case strings.Contains(header, "|"):
		return "bars, as in a .psv"
	}
	return ""
}

// byteOrderMark is what some programs put before UTF-8 text.
const byteOrderMark = "\ufeff"

func (s *csvSource) next() ([]cell, int, error) {
	s.row.left = maxRow
	record, err := s.reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, io.EOF
	}
	if err != nil && !errors.Is(err, csv.ErrFieldCount) { // of which the reader gives the fields, and can read on
		return nil, 0, s.problem(err)
	}
	s.cells = s.cells[:0]
	for i, field := range record {
		if len(s.fields) <= i {
			s.fields = append(s.fields, nil)
		}
		s.fields[i] = append(s.fields[i][:0], field...) // the record is used again
		s.cells = append(s.cells, cell{kind: textCell, text: s.fields[i]})
	}
	s.line, _ = s.reader.FieldPos(0)
	if err != nil {
		return s.cells, s.line, &rowError{fmt.Sprintf("%d fields, but the header names %d columns", len(record), s.columns)}
	}
	return s.cells, s.line, nil
}

// problem names the row: where a quotation mark does not close, the reader has noticed at the end of the input only.
func (s *csvSource) problem(err error) error {
	if errors.Is(err, errRowTooLong) {
		return &challenge.FormatError{Location: s.location, Line: s.line + 1, Problem: err.Error()}
	}
	if parse, is := errors.AsType[*csv.ParseError](err); is {
		return &challenge.FormatError{Location: s.location, Line: parse.StartLine, Problem: quotation(parse)}
	}
	return fmt.Errorf("%s: %w", s.location, err)
}

// quotation says which quotation mark is wrong.
func quotation(wrong *csv.ParseError) string {
	switch {
	case errors.Is(wrong.Err, csv.ErrBareQuote):
		return "a quotation mark stands in a cell that does not begin with one; put the whole cell between marks, and write the one in it twice"
	case errors.Is(wrong.Err, csv.ErrQuote):
		return fmt.Sprintf("a quotation mark of the row that begins here does not match (noticed in line %d); a cell that begins with one ends with one, and one in it is written twice", wrong.Line)
	}
	return wrong.Err.Error()
}

// Decode reads a patient in JSON and tells all that is wrong with it.
type Decode func(body []byte) (sepsis.Stay, []sepsis.Problem)

// ndjsonReader reads a patient a line.
type ndjsonReader struct {
	*counted
	location string
	reader   *bufio.Reader
	body     []byte // of the line
	line     int
	decode   Decode
}

// maxLine is the longest line of JSON: 4 MiB, as the API takes it.
const maxLine = 4 << 20

// NewNDJSON reads newline-delimited JSON, a patient a line as for POST /predict/patient. A patient without patient_id is named by the line.
// Empty lines are passed over, and so is a line that is too long, with a [*StayError].
func NewNDJSON(from io.Reader, location string, decode Decode, size int) Reader {
	const buffer = 64 << 10
	counted := &counted{from: from, total: size}
	return &ndjsonReader{counted: counted, location: location, reader: bufio.NewReaderSize(counted, buffer), decode: decode}
}

func (r *ndjsonReader) Next() (challenge.Record, error) {
	for {
		whole, err := r.nextLine()
		if err != nil {
			return challenge.Record{}, err
		}
		if !whole {
			return challenge.Record{}, &StayError{Err: r.problem(fmt.Sprintf("the line is longer than %d MiB; a line holds one patient", maxLine>>20))}
		}
		if body := bytes.TrimSpace(r.body); len(body) > 0 {
			return r.patient(body)
		}
	}
}

// nextLine reads a line and tells whether it is whole; of one that is too long nothing more is held.
func (r *ndjsonReader) nextLine() (whole bool, err error) {
	r.line++
	r.body = r.body[:0]
	for read := 0; ; {
		part, err := r.reader.ReadSlice('\n')
		read += len(part)
		whole = read <= maxLine+len("\r\n")
		if whole {
			r.body = append(r.body, part...)
		}
		switch {
		case err == nil, errors.Is(err, io.EOF) && read > 0:
			return whole, nil
		case errors.Is(err, io.EOF):
			return false, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, fmt.Errorf("%s:%d: %w", r.location, r.line, err)
		}
	}
}

func (r *ndjsonReader) patient(body []byte) (challenge.Record, error) {
	stay, problems := r.decode(body)
	if len(problems) > 0 {
		return challenge.Record{}, refusal(r.location, r.line, problems)
	}
	if stay.PatientID == "" {
		stay.PatientID = fmt.Sprintf("line %d", r.line)
	}
	record := challenge.Record{LabelledStay: sepsis.LabelledStay{Stay: stay, ID: stay.PatientID}}
	record.Cleaning.Stays, record.Cleaning.Hours = 1, len(stay.Observations)
	return record, nil
}

func (r *ndjsonReader) problem(problem string) error {
	return &challenge.FormatError{Location: r.location, Line: r.line, Problem: problem}
}
