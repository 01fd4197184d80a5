package challenge

import (
	"bytes"
	"fmt"
	"strings"

	sepsis "github.com/medtech-detect/sepsis"
)

// column is the place of a column in the Challenge's own order. The first sepsis.NumVariables are measurements.
type column int

// The columns after the measurements: those of sepsis.StayVariables, then the label.
const (
	ageColumn column = iota + column(sepsis.NumVariables)
	genderColumn
	unit1Column
	unit2Column
	hospAdmTimeColumn
	iculosColumn
	labelColumn
	numColumns = iota + sepsis.NumVariables
)

// stayColumns lists the 41 column names in the order of the Challenge's files.
var stayColumns = func() []string {
	names := make([]string, 0, numColumns)
	for _, variable := range sepsis.Variables {
		names = append(names, variable.Challenge)
	}
	for _, variable := range sepsis.StayVariables {
		names = append(names, variable.Challenge)
	}
	return append(names, "SepsisLabel")
}()

// predictionColumns are the columns of a prediction file, as the Challenge's scorer reads them.
var predictionColumns = []string{"PredictedProbability", "PredictedLabel"}

// The columns of a prediction file by place.
const (
	probabilityColumn column = iota
	decisionColumn
)

func (c column) String() string { return stayColumns[c] }

// IsUTF16 tells by the mark at its beginning that a text is written in UTF-16, which is not read.
func IsUTF16(text string) bool {
	return strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff")
}

// NoLines says why the beginning of a file is no text whose lines are read, with the cure; empty when it may be one.
func NoLines(start []byte) string {
	end := bytes.IndexAny(start, "\r\n")
	switch {
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		return "the file is packed with gzip; unpack it"
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return "the file is packed with zip, as Excel's workbooks are; give it the name of a .zip, or save the workbook as text"
	case end >= 0 && end+1 < len(start) && start[end] == '\r' && start[end+1] != '\n':
		return "lines end with carriage returns alone, as on old Macs; save the file with the line ends of Windows or Unix (CRLF or LF)"
	}
	return ""
}

// unknownColumn says that a column is unknown and, where that can be told, which one was meant.
func unknownColumn(name string, known []string) string {
	message := fmt.Sprintf("unknown column %q", abbreviate(name))
	if IsUTF16(name) {
		return "the file is written in UTF-16; write it as UTF-8"
	}
	if strings.ContainsAny(name, ",;\t") {
		return message + "; columns are separated by |"
	}
	for _, variable := range sepsis.Variables {
		if plain(name) == plain(variable.Name) || plain(name) == plain(variable.English) {
			return fmt.Sprintf("%s; the Challenge calls it %q", message, variable.Challenge)
		}
	}
	if sepsis.IsUnused(name) {
		return message + "; " + sepsis.UnusedAdvice
	}
	if meant := sepsis.NearestName(name, known); meant != "" {
		return fmt.Sprintf("%s; did you mean %q?", message, meant)
	}
	return message
}

// plain is a name without what is written now so, now so.
func plain(name string) string {
	return strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(name))
}

// abbreviate keeps what a hostile file puts into a message short.
func abbreviate(text string) string {
	const longest = 40
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
