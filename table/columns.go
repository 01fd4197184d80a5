package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// patientColumn is the column that tells stays apart.
const patientColumn = "patient_id"

// pandasIndex is the column in which pandas keeps an index without a name. It says nothing of the patient, and is passed over.
const pandasIndex = "__index_level_0__"

// cell is one value of a row: a number or a text; neither where there is none.
type cell struct {
	number float64
	text   []byte
	kind   cellKind
}

type cellKind int

const (
	noCell cellKind = iota
	numberCell
	textCell
)

// String is the cell as an error repeats it, cut short.
func (c cell) String() string {
	const longest = 40
	if c.kind != textCell {
		return fmt.Sprint(c.number)
	}
	if len(c.text) > longest {
		return strings.ToValidUTF8(string(c.text[:longest]), "") + "…"
	}
	return string(c.text)
}

// value is the cell as a number, Missing where there is none.
func (c cell) value() (float64, error) {
	switch c.kind {
	case numberCell:
		if math.IsInf(c.number, 0) {
			return 0, fmt.Errorf("%v is infinite; leave out what was not measured", c)
		}
		return c.number, nil
	case textCell:
		return challenge.ParseNumber(c.text)
	}
	return sepsis.Missing, nil
}

// name is the cell as the name of a patient, empty where there is none.
func (c cell) name() string {
	switch {
	case c.kind == numberCell && !math.IsNaN(c.number):
		return strconv.FormatFloat(c.number, 'f', -1, 64)
	case c.kind == textCell:
		return string(c.text)
	}
	return ""
}

// ambiguous tells whether the cell is a floating-point number that may stand for several whole numbers.
func (c cell) ambiguous() bool { return c.kind == numberCell && math.Abs(c.number) >= 1<<53 }

// column is a column that a table may have, and how it fills columns of the Challenge.
type column struct {
	name  string
	fills []string
	form
}

// form is how the cells of a column are written.
type form struct {
	read  func(c cell) ([]float64, error)        // a value for each column that is filled; nil where the column holds none
	spelt func(filled int, value float64) string // the cell that gives this value to one of them
}

// hourColumn is the one column that a table must have.
var hourColumn = column{"icu_hour", []string{"ICULOS"}, plain}

// columns lists the API's names, then the Challenge's.
var columns = func() []column {
	var all []column
	for _, info := range sepsis.Variables {
		all = append(all, column{info.Name, []string{info.Challenge}, plain})
	}
	all = append(
		all,
		column{"age", []string{"Age"}, plain},
		column{"sex", []string{"Gender"}, words(choice{sepsis.Female, []float64{0}}, choice{sepsis.Male, []float64{1}})},
		column{"icu_unit", []string{"Unit1", "Unit2"}, words(choice{sepsis.MedicalICU, []float64{1, 0}}, choice{sepsis.SurgicalICU, []float64{0, 1}})},
		column{"hours_in_hospital_before_icu", []string{"HospAdmTime"}, negative},
		hourColumn,
	)
	for _, info := range sepsis.Variables {
		if info.Challenge != info.Name {
			all = append(all, column{info.Challenge, []string{info.Challenge}, plain})
		}
	}
	for _, variable := range sepsis.StayVariables {
		all = append(all, column{variable.Challenge, []string{variable.Challenge}, plain})
	}
	return append(all, column{"SepsisLabel", []string{"SepsisLabel"}, plain})
}()

// plain are numbers as the Challenge's.
var plain = form{
	func(c cell) ([]float64, error) {
		x, err := c.value()
		return []float64{x}, err
	},
	func(_ int, value float64) string { return speltNumber(value) },
}

// negative is a time that the Challenge counts below 0.
var negative = form{
	func(c cell) ([]float64, error) {
		x, err := c.value()
		if x < 0 {
			return nil, fmt.Errorf("%v is below 0; the Challenge's HospAdmTime is, this column is not", c)
		}
		return []float64{0 - x}, err
	},
	func(_ int, value float64) string { return speltNumber(0 - value) },
}

// notRecorded is how errors call what no cell holds.
const notRecorded = "not recorded"

func speltNumber(value float64) string {
	if sepsis.IsMissing(value) {
		return notRecorded
	}
	return fmt.Sprint(value)
}

// choice is a word and what it is in the Challenge's columns.
type choice struct {
	word  any
	means []float64
}

// words are one of some words. None of them is not recorded.
func words(choices ...choice) form {
	spelt := func(filled int, value float64) string {
		for _, choice := range choices {
			if choice.means[filled] == value {
				return fmt.Sprint(choice.word)
			}
		}
		return notRecorded
	}
	return form{func(c cell) ([]float64, error) {
		var words []string
		for _, choice := range choices {
			spelt := fmt.Sprint(choice.word)
			if c.kind == textCell && string(c.text) == spelt {
				return choice.means, nil
			}
			words = append(words, spelt)
		}
		if c.kind == noCell || c.kind == textCell && len(c.text) == 0 {
			return slices.Repeat([]float64{sepsis.Missing}, len(choices[0].means)), nil
		}
		return nil, fmt.Errorf("%v is neither %s", c, strings.Join(words, " nor "))
	}, spelt}
}

// header says what the columns of a table are.
type header struct {
	columns []column // those without read, such as the patient's, are no values
	patient int      // the place of the patient's column; -1 when there is none
}

// readHeader finds the columns of a table and the Challenge's columns that they fill.
func readHeader(location string, names []string) (header, []challenge.RowColumn, error) {
	h := header{patient: -1}
	var fills []challenge.RowColumn
	for i, name := range names {
		found, err := h.find(location, name)
		if err != nil {
			return header{}, nil, err
		}
		if name == patientColumn {
			h.patient = i
		}
		h.columns = append(h.columns, found)
		for filled, fill := range found.fills {
			if err := twice(location, name, fill, fills); err != nil {
				return header{}, nil, err
			}
			fills = append(fills, challenge.RowColumn{
				Name: fill, Written: name, Spelt: func(value float64) string { return found.spelt(filled, value) },
			})
		}
	}
	if !slices.ContainsFunc(fills, func(c challenge.RowColumn) bool { return c.Name == hourColumn.fills[0] }) {
		problem := fmt.Sprintf("the column %s is missing; the Challenge's %s would do, too", hourColumn.name, hourColumn.fills[0])
		return header{}, nil, &challenge.FormatError{Location: location, Line: 1, Problem: problem}
	}
	return h, fills, nil
}

// find is the column with this name, which need not hold values.
func (h header) find(location, name string) (column, error) {
	switch {
	case name == patientColumn && h.patient >= 0:
		return column{}, &challenge.FormatError{Location: location, Line: 1, Column: name, Problem: "the column occurs twice"}
	case name == patientColumn, name == pandasIndex:
		return column{name: name}, nil
	}
	place := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	if place < 0 {
		return column{}, &challenge.FormatError{Location: location, Line: 1, Problem: unknown(name)}
	}
	return columns[place], nil
}

// twice refuses a column that says what another one says.
func twice(location, name, fill string, before []challenge.RowColumn) error {
	at := slices.IndexFunc(before, func(c challenge.RowColumn) bool { return c.Name == fill })
	if at < 0 {
		return nil
	}
	problem := "the column occurs twice"
	if other := before[at].Written; other != name {
		problem = fmt.Sprintf("the column %s says the same; leave out one of them", other)
	}
	return &challenge.FormatError{Location: location, Line: 1, Column: name, Problem: problem}
}

// unknown says that a column is unknown and which one may be meant.
func unknown(name string) string {
	quoted := cell{kind: textCell, text: []byte(name)}.String()
	switch {
	case name == "":
		return "a column has no name, as pandas writes its index; write the table without it (index=False)"
	case challenge.IsUTF16(name):
		return "the table is written in UTF-16; write it as UTF-8"
	case sepsis.IsUnused(name):
		return fmt.Sprintf("unknown column %q; %s", quoted, sepsis.UnusedAdvice)
	}
	known := []string{patientColumn}
	for _, c := range columns {
		known = append(known, c.name)
	}
	if meant := sepsis.NearestName(name, known); meant != "" {
		return fmt.Sprintf("unknown column %q; did you mean %q?", quoted, meant)
	}
	return fmt.Sprintf("unknown column %q", quoted)
}

// values are a row as the Challenge's columns.
func (h header) values(into []float64, cells []cell) ([]float64, string, error) {
	for i, c := range h.columns {
		if c.read == nil {
			continue
		}
		values, err := c.read(cells[i])
		if err != nil {
			return into, c.name, err
		}
		into = append(into, values...)
	}
	return into, "", nil
}
