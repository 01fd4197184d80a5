package gbdt

import "math"

// Boosters from LightGBM may take 0 for missing. Few do, so the paths that all others take know nothing of it.

// nearlyZero bounds what counts as 0, on both sides (kZeroThreshold of LightGBM's include/LightGBM/meta.h, a float32).
const nearlyZero float32 = 1e-35

// isZero tells whether a value counts as 0.
func isZero(v float32) bool { return v >= -nearlyZero && v <= nearlyZero }

// withoutZeros returns the matrix that the trees see: itself, or a copy with NaN where 0 is missing.
func (b *Booster) withoutZeros(m Matrix) Matrix {
	if b.zeroIsMissing == nil {
		return m
	}
	values := make([]float32, len(m.Values))
	for r := range m.Rows {
		b.rowWithoutZeros(values[r*m.Cols:(r+1)*m.Cols], m.Row(r))
	}
	m.Values = values
	return m
}

// rowWithoutZeros sets into to the row that the trees see.
func (b *Booster) rowWithoutZeros(into, row []float32) {
	for f, v := range row {
		if b.zeroIsMissing[f] && isZero(v) {
			v = float32(math.NaN())
		}
		into[f] = v
	}
}

// marginWithoutZeros is Margin for a booster that takes 0 for missing.
func (b *Booster) marginWithoutZeros(row []float32) float64 {
	sum := b.margin
	for _, root := range b.starts[:len(b.starts)-1] {
		sum += float64(b.leafWithoutZeros(root, row))
	}
	return sum
}

// leafWithoutZeros is the value of the leaf to which a row comes from a root, in a booster that takes 0 for missing.
func (b *Booster) leafWithoutZeros(root int32, row []float32) float32 {
	n := &b.nodes[root]
	for n.left != 0 {
		next, feature := n.left, n.feature()
		v := row[feature]
		missing := v != v || b.zeroIsMissing[feature] && isZero(v)
		if missing && !n.missingLeft() || !missing && !(v < n.value) {
			next++
		}
		n = &b.nodes[next]
	}
	return n.value
}
