package neural

import (
	"errors"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/parallel"
)

// Design is a table to learn from. It is immutable: several trainings may share it, at the same time. It holds a byte for each value.
type Design struct {
	inputs   Inputs
	patterns []uint64 // of each column; see pattern
	rows     int
	codes    []uint8 // row by row
}

// NewDesign makes a design of a table that is cut into bins: codes[column][row] is 0 for a missing value, and else 1 + the number of
// cuts[column] at or below the value. Cuts are finite and ascending, at most 254 a column; a column without any is not looked at. Scores come
// from all rows. threads 0 uses all processors. The codes are not kept.
func NewDesign(cuts [][]float32, codes [][]uint8, threads int) (*Design, error) {
	if len(cuts) == 0 || len(cuts) != len(codes) {
		return nil, fmt.Errorf("neural: cuts of %d columns, and codes of %d", len(cuts), len(codes))
	}
	d := &Design{rows: len(codes[0])}
	if d.rows == 0 {
		return nil, errors.New("neural: the table has no rows")
	}
	for column := range codes {
		if len(codes[column]) != d.rows {
			return nil, fmt.Errorf("neural: column %d has %d rows, column 0 has %d", column, len(codes[column]), d.rows)
		}
		for row, code := range codes[column] {
			if len(cuts[column]) > 0 && int(code) > len(cuts[column])+1 {
				return nil, fmt.Errorf("neural: row %d of column %d is in bin %d, the column has %d", row, column, code, len(cuts[column])+1)
			}
		}
	}
	d.inputs, d.patterns = newInputs(cuts, codes, threads)
	if err := d.inputs.check(); err != nil {
		return nil, fmt.Errorf("neural: %w", err)
	}
	d.transpose(codes, threads)
	return d, nil
}

// Hide gives a design in which nothing is told by the columns for which hidden holds. Everything else is shared.
func (d *Design) Hide(hidden func(column int) bool) *Design {
	seen := *d
	seen.inputs.Cuts, seen.inputs.Scores, seen.patterns = slices.Clone(d.inputs.Cuts), slices.Clone(d.inputs.Scores), slices.Clone(d.patterns)
	for column := range seen.inputs.Cuts {
		if hidden(column) {
			seen.inputs.Cuts[column], seen.inputs.Scores[column], seen.patterns[column] = nil, nil, 0
		}
	}
	seen.inputs.Indicators = indicators(seen.patterns)
	return &seen
}

// transposedRows rows are laid out at once, so that what is read and what is written stay near.
const transposedRows = 64

func (d *Design) transpose(codes [][]uint8, threads int) {
	d.codes = make([]uint8, d.rows*len(codes))
	parallel.Each(threads, (d.rows+transposedRows-1)/transposedRows, func(i int) {
		begin, end := i*transposedRows, min((i+1)*transposedRows, d.rows)
		for column := range codes {
			for row := begin; row < end; row++ {
				d.codes[row*len(codes)+column] = codes[column][row]
			}
		}
	})
}

// row is the codes of a row.
func (d *Design) row(row int) []uint8 {
	columns := len(d.inputs.Cuts)
	return d.codes[row*columns : (row+1)*columns]
}

// mean is each input's mean over some rows.
func (d *Design) mean(rows []int32) []float32 {
	sums := make([]float64, d.inputs.width())
	var in sparse
	for _, row := range rows {
		d.inputs.read(d.row(int(row)), &in)
		for k, at := range in.at {
			sums[at] += float64(in.value[k])
		}
	}
	mean := make([]float32, len(sums))
	for i, sum := range sums {
		mean[i] = float32(sum / float64(len(rows)))
	}
	return mean
}

// checkRows refuses rows that do not exist, and outcomes that cannot be learnt.
func (d *Design) checkRows(rows []int32, of Outcome) error {
	if len(rows) == 0 {
		return errors.New("neural: no rows to learn from")
	}
	if len(of.Labels) != d.rows || of.Weights != nil && len(of.Weights) != d.rows {
		return fmt.Errorf("neural: %d labels and %d weights for a table of %d rows", len(of.Labels), len(of.Weights), d.rows)
	}
	for _, row := range rows {
		if row < 0 || int(row) >= d.rows {
			return fmt.Errorf("neural: row %d: the table has %d", row, d.rows)
		}
		if label := of.Labels[row]; label < 0 || label > 1 {
			return fmt.Errorf("neural: the label of row %d is %v, need 0 to 1", row, label)
		}
		if w := of.weight(row); !(w >= 0 && w <= maxWeight) {
			return fmt.Errorf("neural: the weight of row %d is %v, need a finite number, 0 or more", row, w)
		}
	}
	return nil
}

// maxWeight keeps sums of weights finite.
const maxWeight = 1e30

// weight is what a row weighs: 0 where the outcome is not known.
func (o Outcome) weight(row int32) float64 {
	if label := o.Labels[row]; label != label {
		return 0
	}
	if o.Weights == nil {
		return 1
	}
	return float64(o.Weights[row])
}

// weigh is what some rows weigh together.
func (o Outcome) weigh(rows []int32) float64 {
	sum := 0.0
	for _, row := range rows {
		sum += o.weight(row)
	}
	return sum
}
