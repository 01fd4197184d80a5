package linear

import (
	"errors"
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/parallel"
)

// Matrix is a dense table: Rows x Cols values, row after row. NaN is missing.
type Matrix struct {
	// Rows and Cols are the table's size.
	Rows, Cols int
	// Values holds Rows*Cols numbers; row i is Values[i*Cols : (i+1)*Cols].
	Values []float32
}

// Row returns row i, without copying. It panics when there is no such row.
func (m Matrix) Row(i int) []float32 { return m.Values[i*m.Cols : (i+1)*m.Cols] }

func (m Matrix) validate() error {
	if m.Rows < 0 || m.Cols < 0 || len(m.Values) != m.Rows*m.Cols {
		return fmt.Errorf("linear: a matrix of %d rows and %d columns has %d values", m.Rows, m.Cols, len(m.Values))
	}
	return nil
}

// validateRows reports the first row that does not exist or holds an infinite value.
func (m Matrix) validateRows(rows []int32, threads int) error {
	if len(rows) == 0 {
		return errors.New("linear: there are no rows to learn from")
	}
	faults := make([]error, blocks(len(rows)))
	parallel.Each(threads, len(faults), func(i int) {
		begin, end := block(len(rows), i)
		for _, row := range rows[begin:end] {
			if faults[i] = m.validateRow(row); faults[i] != nil {
				return
			}
		}
	})
	for _, fault := range faults {
		if fault != nil {
			return fault
		}
	}
	return nil
}

func (m Matrix) validateRow(row int32) error {
	if row < 0 || int(row) >= m.Rows {
		return fmt.Errorf("linear: there is no row %d, the matrix has %d", row, m.Rows)
	}
	for column, value := range m.Row(int(row)) {
		if math.IsInf(float64(value), 0) {
			return fmt.Errorf("linear: row %d, column %d is %v; only finite values and NaN (missing) are allowed", row, column, value)
		}
	}
	return nil
}
