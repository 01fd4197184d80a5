package challenge

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	sepsis "github.com/medtech-detect/sepsis"
)

// FormatError tells what is wrong with a file, and where.
type FormatError struct {
	Location string // the file, or archive!entry
	Line     int    // from 1, the header; 0 when the file as a whole is meant
	Column   string // the column's name; empty when no single column is meant
	Problem  string
}

// Error is "file:line: column NAME: problem", without the parts that are not known.
func (e *FormatError) Error() string {
	place := e.Location
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
	}
	if e.Column != "" {
		place += ": column " + e.Column
	}
	return place + ": " + e.Problem
}

// table walks through the rows of one pipe-separated file of numbers.
type table struct {
	location string
	known    []string // the columns that may occur, in the order of row
	fields   []int    // for each field of a line, its place in row
	rest     []byte
	line     int
	row      []float64            // the current row; Missing where the file has no such column or no value
	written  map[column]RowColumn // how errors name columns and values that the file writes otherwise
}

var separator = []byte{'|'}

// byteOrderMark is what some editors put before UTF-8 text.
var byteOrderMark = []byte("\ufeff")

// newTable reads the header. Columns come in any order; those required must be there.
func newTable(location string, data []byte, known []string, required ...column) (*table, error) {
	t := &table{location: location, known: known, rest: bytes.TrimPrefix(data, byteOrderMark), row: make([]float64, len(known))}
	for c := range t.row {
		t.row[c] = sepsis.Missing
	}
	if problem := NoLines(t.rest); problem != "" {
		return nil, &FormatError{location, 1, "", problem}
	}
	header, found := t.nextLine()
	if !found {
		return nil, t.problem("the file is empty; a header of column names is expected")
	}
	for _, name := range bytes.Split(header, separator) {
		if err := t.addField(string(name)); err != nil {
			return nil, err
		}
	}
	for _, c := range required {
		if !t.has(c) {
			return nil, &FormatError{location, 1, "", fmt.Sprintf("the column %s is missing", known[c])}
		}
	}
	return t, nil
}

func (t *table) addField(name string) error {
	place := slices.Index(t.known, name)
	if place < 0 {
		return &FormatError{t.location, 1, "", unknownColumn(name, t.known)}
	}
	if slices.Contains(t.fields, place) {
		return &FormatError{t.location, 1, name, "the column occurs twice"}
	}
	t.fields = append(t.fields, place)
	return nil
}

func (t *table) has(c column) bool { return slices.Contains(t.fields, int(c)) }

// rows is at least the number of rows that follow, and at most what a stay may have.
func (t *table) rows() int {
	return min(bytes.Count(t.rest, []byte{'\n'})+1, sepsis.MaxICUHour)
}

// nextLine takes a line off what is left; both line endings are known.
func (t *table) nextLine() ([]byte, bool) {
	if len(t.rest) == 0 {
		return nil, false
	}
	line, rest, _ := bytes.Cut(t.rest, []byte{'\n'})
	t.rest = rest
	t.line++
	return bytes.TrimSuffix(line, []byte{'\r'}), true
}

// next reads the next row into t.row and tells whether there was one.
func (t *table) next() (bool, error) {
	line, found := t.nextLine()
	if !found {
		return false, nil
	}
	if len(line) == 0 {
		return false, t.problem("the line is empty")
	}
	if t.line-1 > sepsis.MaxICUHour {
		return false, t.problem("more than %d rows", sepsis.MaxICUHour)
	}
	rest, more := line, true
	for i, place := range t.fields {
		if !more {
			return false, t.fieldCount(line)
		}
		var field []byte
		field, rest, more = bytes.Cut(rest, separator)
		value, err := parseNumber(field)
		if err != nil {
			return false, t.problemAt(column(t.fields[i]), "%s", err)
		}
		t.row[place] = value
	}
	if more {
		return false, t.fieldCount(line)
	}
	return true, nil
}

func (t *table) fieldCount(line []byte) error {
	return t.problem("%d fields, but the header names %d columns", bytes.Count(line, separator)+1, len(t.fields))
}

func (t *table) problem(format string, arguments ...any) error {
	return &FormatError{t.location, t.line, "", fmt.Sprintf(format, arguments...)}
}

func (t *table) problemAt(c column, format string, arguments ...any) error {
	name := t.known[c]
	if written, otherwise := t.written[c]; otherwise {
		name = written.Written
	}
	return &FormatError{t.location, t.line, name, fmt.Sprintf(format, arguments...)}
}

// spelt is a value of a column as the file writes it.
func (t *table) spelt(c column, value float64) string {
	if written, otherwise := t.written[c]; otherwise && written.Spelt != nil {
		return written.Spelt(value)
	}
	return fmt.Sprint(value)
}

// binary reads the current row's value of a column that holds 0 or 1.
func (t *table) binary(c column) (bool, error) {
	switch value := t.row[c]; value {
	case 0:
		return false, nil
	case 1:
		return true, nil
	default:
		return false, t.problemAt(c, "%v is neither 0 nor 1", value)
	}
}

// powersOfTen are exact as float64 up to 10^22, so that dividing an exact whole number by one of them rounds once,
// as strconv.ParseFloat does (Clinger, doi:10.1145/93542.93557).
var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseNumber reads a decimal number; NaN (in any case) and the empty field are Missing.
func parseNumber(field []byte) (float64, error) {
	if len(field) == 0 || string(field) == "NaN" {
		return sepsis.Missing, nil
	}
	if value, simple := parseSimple(field); simple {
		return value, nil
	}
	if bytes.EqualFold(field, []byte("NaN")) {
		return sepsis.Missing, nil
	}
	value, err := strconv.ParseFloat(string(field), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is too large for a number", abbreviate(string(field)))
	case err != nil || bytes.ContainsAny(field, "xX_"):
		return 0, fmt.Errorf("%q is not a number%s", abbreviate(string(field)), numberCure(field))
	case math.IsInf(value, 0):
		return 0, fmt.Errorf("%q is infinite; a missing value is NaN", abbreviate(string(field)))
	}
	return value, nil
}

// numberCure says how a number, or what is missing, is to be written that other programs write otherwise.
func numberCure(field []byte) string {
	if !bytes.ContainsAny(field, "0123456789") {
		return "; what was not measured is an empty cell or NaN"
	}
	plain := bytes.TrimSpace(field)
	if _, spaces := parseSimple(plain); spaces {
		return "; leave out the spaces"
	}
	if _, comma := parseSimple(bytes.Replace(plain, []byte{','}, []byte{'.'}, 1)); comma {
		return "; decimals are written with a point"
	}
	return ""
}

// parseSimple reads numbers such as -12.34 of at most 15 digits, which are nearly all there are.
func parseSimple(field []byte) (float64, bool) {
	digits := field
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	whole, decimals, count := int64(0), 0, 0
	point := false
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			whole = whole*10 + int64(c-'0')
			count++
			if point {
				decimals++
			}
		case c == '.' && !point:
			point = true
		default:
			return 0, false
		}
		if count >= len(powersOfTen) {
			return 0, false
		}
	}
	value := float64(whole) / powersOfTen[decimals]
	if negative {
		value = -value
	}
	return value, count > 0
}
