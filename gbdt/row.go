package gbdt

import "math"

// A Row is a row of values that several boosters are asked about, by [Booster.MarginOf]: what all of them need is computed once. It is not
// safe for concurrent use.
type Row struct {
	values []float32
	keys   []key // two of each value: where missing values go right, then where they go left
}

// A key is a value as an integer of the same order (see orderedInteger), in the upper 32 bits. What is missing lies above all values, or below.
type key uint64

// NewRow makes a row of so many columns, all 0.
func NewRow(columns int) *Row {
	r := &Row{values: make([]float32, columns), keys: make([]key, 2*columns)}
	r.Set(0, r.values...)
	return r
}

// Set sets the values from a column on; NaN is missing.
func (r *Row) Set(column int, values ...float32) {
	copy(r.values[column:], values)
	keys := r.keys[2*column : 2*(column+len(values))]
	for i, v := range values {
		ordered := orderedInteger(math.Float32bits(v))
		right, left := ordered, ordered
		if v != v {
			right, left = math.MaxUint32, 0
		}
		keys[2*i], keys[2*i+1] = key(right)<<32, key(left)<<32
	}
}

// Values are the values of all columns. They must not be changed.
func (r *Row) Values() []float32 { return r.values }
