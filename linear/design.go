package linear

import (
	"errors"
	"fmt"

	"github.com/medtech-detect/sepsis/parallel"
)

// Design is the rows to learn from, scaled. It is immutable: several fits may share it, at the same time. It holds one
// float32 for each row and column.
type Design struct {
	scalings []Scaling
	rows     []int32 // of the matrix that it was made from
	total    int     // rows of that matrix
	values   []float32
}

// NewDesign scales the given rows of a matrix by what is measured on them alone. rows must exist and hold finite values or
// NaN. Each counts once, whatever it will weigh in a fit. Quantiles come from all rows, or from
// 50,000 evenly spaced ones where there are more; mean and deviation from all. threads 0 uses all processors. m is not
// kept.
func NewDesign(m Matrix, rows []int32, threads int) (*Design, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	if err := m.validateRows(rows, threads); err != nil {
		return nil, err
	}
	d := &Design{scalings: newScalings(m, rows, threads), rows: rows, total: m.Rows, values: make([]float32, len(rows)*m.Cols)}
	parallel.Each(threads, blocks(len(rows)), func(i int) {
		begin, end := block(len(rows), i)
		for k := begin; k < end; k++ {
			into := d.row(k)
			for c, value := range m.Row(int(rows[k])) {
				into[c] = float32(d.scalings[c].apply(value))
			}
		}
	})
	return d, nil
}

// row is the k-th scaled row.
func (d *Design) row(k int) []float32 {
	cols := len(d.scalings)
	return d.values[k*cols : (k+1)*cols]
}

// outcomes are the signs and weights of the design's rows, weights divided by their sum.
type outcomes struct {
	signs, weights []float64
	positive       float64 // share of the weight
}

// outcomes checks labels and weights, which belong to the rows of the matrix, and picks those of the design.
func (d *Design) outcomes(labels, weights []float32) (outcomes, error) {
	if len(labels) != d.total {
		return outcomes{}, fmt.Errorf("linear: %d labels for a matrix of %d rows", len(labels), d.total)
	}
	if weights != nil && len(weights) != d.total {
		return outcomes{}, fmt.Errorf("linear: %d weights for a matrix of %d rows", len(weights), d.total)
	}
	o := outcomes{make([]float64, len(d.rows)), make([]float64, len(d.rows)), 0}
	sum := 0.0
	for k, row := range d.rows {
		weight := 1.0
		if weights != nil {
			weight = float64(weights[row])
		}
		if !(weight >= 0 && weight <= maxWeight) {
			return outcomes{}, fmt.Errorf("linear: the weight of row %d is %v, need a finite number, 0 or more", row, weight)
		}
		switch labels[row] {
		case 0:
			o.signs[k] = -1
		case 1:
			o.signs[k] = 1
			o.positive += weight
		default:
			return outcomes{}, fmt.Errorf("linear: the label of row %d is %v, need 0 or 1", row, labels[row])
		}
		o.weights[k] = weight
		sum += weight
	}
	if o.positive == 0 || o.positive == sum {
		return outcomes{}, errors.New("linear: all labels that weigh anything are alike: both 0 and 1 are needed")
	}
	for k := range o.weights {
		o.weights[k] /= sum
	}
	o.positive /= sum
	return o, nil
}

// maxWeight keeps sums of weights finite.
const maxWeight = 1e30
