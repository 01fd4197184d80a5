package gbdt

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// missingBin is the code of a missing value.
const missingBin = 0

// Dataset is a matrix cut into at most 256 quantile bins a column, ready for training. It is
// immutable and may be shared by any number of concurrent trainings.
type Dataset struct {
	names []string
	rows  int
	cuts  [][]float32 // of each column, ascending; see cutPoints
	codes [][]uint8   // [column][row]
}

// Rows returns the number of rows.
func (d *Dataset) Rows() int { return d.rows }

// Cols returns the number of columns.
func (d *Dataset) Cols() int { return len(d.cuts) }

// Features returns a copy of the column names.
func (d *Dataset) Features() []string { return slices.Clone(d.names) }

// NewDataset cuts m into bins. maxBins, in [4, 256], counts all codes, those for missing and for
// values above every cut included. Quantiles come from all rows, or from 200,000 evenly
// spaced ones where there are more. threads 0 uses all processors. Constant columns and columns
// without any value are fine: no split ever uses them. An infinite value is refused, with its row
// and column (counted from 0). m is not kept.
func NewDataset(m Matrix, maxBins, threads int) (*Dataset, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	if maxBins < 4 || maxBins > 256 {
		return nil, fmt.Errorf("gbdt: maxBins is %d, need 4 to 256", maxBins)
	}
	names, err := featureNames(m.Names, m.Cols)
	if err != nil {
		return nil, err
	}
	threads = threadCount(threads)
	if err := refuseInfinite(m, names, threads); err != nil {
		return nil, err
	}
	d := &Dataset{names: names, rows: m.Rows, cuts: allCuts(m, maxBins, threads)}
	d.codes = make([][]uint8, m.Cols)
	for c := range d.codes {
		d.codes[c] = make([]uint8, m.Rows)
	}
	d.fill(m, threads)
	return d, nil
}

// Append returns a dataset with the columns of d and then those of m, whose rows belong to those of d. d is not
// changed, and its columns are shared. maxBins and threads are as for [NewDataset], which gives the
// same dataset when it is given all columns at once.
func (d *Dataset) Append(m Matrix, maxBins, threads int) (*Dataset, error) {
	if m.Rows != d.rows {
		return nil, fmt.Errorf("gbdt: columns of %d rows cannot be appended to a dataset of %d", m.Rows, d.rows)
	}
	added, err := NewDataset(m, maxBins, threads)
	if err != nil {
		return nil, err
	}
	names, err := featureNames(slices.Concat(d.names, added.names), len(d.names)+len(added.names))
	if err != nil {
		return nil, err
	}
	return &Dataset{
		names: names, rows: d.rows, cuts: slices.Concat(d.cuts, added.cuts), codes: slices.Concat(d.codes, added.codes),
	}, nil
}

// Hide returns a dataset in which trees see nothing in the columns for which hidden holds: no split uses them, and
// sampling draws from the others. The columns stay, with their names and positions, so that a booster of the one dataset can be
// applied to the values of the other. Everything else is shared.
func (d *Dataset) Hide(hidden func(column int) bool) *Dataset {
	seen := *d
	seen.cuts = slices.Clone(d.cuts)
	for c := range seen.cuts {
		if hidden(c) {
			seen.cuts[c] = nil
		}
	}
	return &seen
}

func refuseInfinite(m Matrix, names []string, threads int) error {
	first := make([]int, chunks(len(m.Values), 1<<16))
	forEach(threads, len(first), func(_, i int) {
		begin, end := chunk(len(m.Values), 1<<16, i)
		first[i] = firstInfinite(m.Values[begin:end])
		if first[i] >= 0 {
			first[i] += begin
		}
	})
	for _, position := range first {
		if position >= 0 {
			row, column := position/m.Cols, position%m.Cols
			return fmt.Errorf("gbdt: row %d, column %d (%s) is %v; only finite values and NaN (missing) are allowed",
				row, column, names[column], m.Values[position])
		}
	}
	return nil
}

// firstInfinite returns the position of the first infinite value, or -1.
func firstInfinite(values []float32) int {
	const exponent = 0x7F800000 // all bits of it set and no fraction: infinite
	for i, v := range values {
		if math.Float32bits(v)&0x7FFFFFFF == exponent {
			return i
		}
	}
	return -1
}

// usable lists the columns that a split can divide: those with two present values that differ, or
// with a present and possibly a missing one.
func (d *Dataset) usable() []int32 {
	var columns []int32
	for c, cuts := range d.cuts {
		if len(cuts) > 0 {
			columns = append(columns, int32(c)) //nolint:gosec // bounded by maxFeatures
		}
	}
	return columns
}

// usedCodes is the number of codes that occur in any column that a split can divide.
func (d *Dataset) usedCodes() int {
	used := 1
	for _, cuts := range d.cuts {
		used = max(used, min(len(cuts)+2, bins))
	}
	return used
}

// Subset is a part of a dataset's rows, with the outcomes to learn or to check against.
type Subset struct {
	// Rows are row numbers of the dataset, each at most once.
	Rows []int32
	// Labels holds the outcome of every row of the dataset (not only of Rows): 0 or 1, or a
	// probability in between.
	Labels []float32
	// Weights holds the weight of every row of the dataset, finite and not negative. Without it every
	// row weighs 1. A row of weight k counts as k rows, but for the cuts of the dataset: those are quantiles of its rows, whatever these weigh.
	Weights []float32
}

// weight is the weight of one dataset row.
func (s Subset) weight(row int32) float64 {
	if s.Weights == nil {
		return 1
	}
	return float64(s.Weights[row])
}

// validate reports the first fault in rows, labels or weights.
func (s Subset) validate(name string, rows int) error {
	if len(s.Rows) == 0 {
		return fmt.Errorf("gbdt: the %s subset has no rows", name)
	}
	if len(s.Labels) != rows {
		return fmt.Errorf("gbdt: the %s subset has %d labels for a dataset of %d rows", name, len(s.Labels), rows)
	}
	if s.Weights != nil && len(s.Weights) != rows {
		return fmt.Errorf("gbdt: the %s subset has %d weights for a dataset of %d rows", name, len(s.Weights), rows)
	}
	seen := make([]bool, rows)
	total := 0.0
	for i, row := range s.Rows {
		if row < 0 || int(row) >= rows {
			return fmt.Errorf("gbdt: %s row %d is dataset row %d, the dataset has %d", name, i, row, rows)
		}
		if seen[row] {
			return fmt.Errorf("gbdt: %s row %d is dataset row %d a second time; use a weight", name, i, row)
		}
		seen[row] = true
		if err := s.validateRow(name, row); err != nil {
			return err
		}
		total += s.weight(row)
	}
	if total == 0 {
		return fmt.Errorf("gbdt: all weights of the %s subset are 0", name)
	}
	return nil
}

func (s Subset) validateRow(name string, row int32) error {
	if label := s.Labels[row]; !(label >= 0 && label <= 1) {
		return fmt.Errorf("gbdt: the %s label of dataset row %d is %v, need 0 to 1", name, row, label)
	}
	if w := s.weight(row); !(w >= 0 && w <= math.MaxFloat32) {
		return fmt.Errorf("gbdt: the %s weight of dataset row %d is %v, need a finite number, 0 or more", name, row, w)
	}
	return nil
}

// errNoDataset is returned for a nil dataset.
var errNoDataset = errors.New("gbdt: no dataset")

// Bins returns how column c is cut: its cuts, ascending, and for each row 0 where the value is missing, or else 1 + the number of cuts at or below the
// value. A column without cuts is hidden, or nothing can be told by it. Neither slice may be changed.
func (d *Dataset) Bins(c int) (cuts []float32, codes []uint8) { return d.cuts[c], d.codes[c] }
