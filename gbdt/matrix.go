package gbdt

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// Matrix is a dense table of features: Rows x Cols values, row after row. NaN is missing.
type Matrix struct {
	// Names holds one name for each column, all different and not empty. Without any, columns
	// are called f0, f1, ... as XGBoost does.
	Names []string
	// Rows and Cols are the table's size; either may be 0.
	Rows, Cols int
	// Values holds Rows*Cols numbers; row i is Values[i*Cols : (i+1)*Cols].
	Values []float32
}

// Row returns row i, without copying. It panics when there is no such row.
func (m Matrix) Row(i int) []float32 {
	return m.Values[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols]
}

// maxRows keeps row numbers in int32, and sums of one unit a row within 31 bits.
const maxRows = math.MaxInt32 / 2

func (m Matrix) validate() error {
	if m.Rows < 0 || m.Cols < 0 {
		return fmt.Errorf("gbdt: a matrix of %d rows and %d columns cannot be", m.Rows, m.Cols)
	}
	if m.Rows > maxRows {
		return fmt.Errorf("gbdt: %d rows are more than %d", m.Rows, maxRows)
	}
	if m.Cols > maxFeatures {
		return fmt.Errorf("gbdt: %d columns are more than %d", m.Cols, maxFeatures)
	}
	if len(m.Values) != m.Rows*m.Cols {
		return fmt.Errorf("gbdt: matrix has %d values, %d rows of %d columns need %d",
			len(m.Values), m.Rows, m.Cols, m.Rows*m.Cols)
	}
	return nil
}

// standardName is that of a column without a name, as XGBoost calls it.
func standardName(i int) string { return "f" + strconv.Itoa(i) }

// reportedProblems is how many names are told to be wrong: a file may have a million.
const reportedProblems = 5

// featureNames returns the names to use for cols columns, or what is wrong with those given.
func featureNames(names []string, cols int) ([]string, error) {
	if len(names) == 0 {
		made := make([]string, cols)
		for i := range made {
			made[i] = standardName(i)
		}
		return made, nil
	}
	if len(names) != cols {
		return nil, fmt.Errorf("gbdt: %d feature names for %d columns", len(names), cols)
	}
	var problems []error
	seen := make(map[string]int, cols)
	for i, name := range names {
		if len(problems) == reportedProblems {
			problems = append(problems, errors.New("gbdt: and perhaps more"))
			break
		}
		before, twice := seen[name]
		switch {
		case name == "":
			problems = append(problems, fmt.Errorf("gbdt: feature %d has an empty name", i))
		case !utf8.ValidString(name):
			problems = append(problems, fmt.Errorf("gbdt: the name of feature %d is not UTF-8", i))
		case twice:
			problems = append(problems, fmt.Errorf("gbdt: features %d and %d are both named %.40q", before, i, name))
		}
		seen[name] = i
	}
	return append([]string(nil), names...), errors.Join(problems...)
}
