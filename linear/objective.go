package linear

import (
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/parallel"
)

// objective is the regularised mean loss of a design as a function of the parameters: the coefficients, then the intercept.
type objective struct {
	design  *Design
	options Options
	outcomes
	losses []float64 // by block
	slopes []float64 // by block: the gradient's part

	at       []float64 // where value and gradient were last computed
	value    float64
	gradient []float64
}

func newObjective(d *Design, o Options, y outcomes) *objective {
	parameters := len(d.scalings) + 1
	n := blocks(len(d.rows))
	return &objective{
		design: d, options: o, outcomes: y,
		losses: make([]float64, n), slopes: make([]float64, n*parameters), gradient: make([]float64, parameters),
	}
}

// evaluate computes value and gradient together, since one pass over the rows gives both, and remembers them: the
// optimiser asks for each in turn.
func (f *objective) evaluate(parameters []float64) {
	if f.at != nil && slices.Equal(f.at, parameters) {
		return
	}
	f.at = append(f.at[:0], parameters...)
	parallel.Each(f.options.Threads, len(f.losses), func(i int) { f.losses[i] = f.block(i, parameters) })
	f.value = 0
	clear(f.gradient)
	for i, loss := range f.losses {
		f.value += loss
		for j, slope := range f.slopes[i*len(parameters) : (i+1)*len(parameters)] {
			f.gradient[j] += slope
		}
	}
	for j, c := range parameters[:len(parameters)-1] {
		f.value += float64(f.options.L2 / 2 * float64(c*c))
		f.gradient[j] += float64(f.options.L2 * c)
	}
}

// block returns the loss of one block of rows and writes its part of the gradient.
func (f *objective) block(i int, parameters []float64) float64 {
	begin, end := block(len(f.design.rows), i)
	slopes := f.slopes[i*len(parameters) : (i+1)*len(parameters)]
	clear(slopes)
	last := len(parameters) - 1
	sum := 0.0
	for k := begin; k < end; k++ {
		row := f.design.row(k)
		margin := parameters[last] + dot(parameters[:last], row)
		loss, slope := f.options.Loss.at(f.signs[k] * margin)
		sum += float64(f.weights[k] * loss)
		if slope == 0 {
			continue
		}
		slope *= f.weights[k] * f.signs[k]
		accumulate(slopes[:last], slope, row)
		slopes[last] += slope
	}
	return sum
}

// at is the loss of a margin times the sign of the outcome, and its derivative.
func (l Loss) at(margin float64) (loss, slope float64) {
	if l == SquaredHinge {
		short := max(0, 1-margin)
		return float64(short * short), -2 * short
	}
	e := math.Exp(-math.Abs(margin)) // never overflows
	if margin > 0 {
		return math.Log1p(e), -e / (1 + e)
	}
	return math.Log1p(e) - margin, -1 / (1 + e)
}

// dot has four sums under way at a time, so that an addition need not wait for the one before it.
func dot(coefficients []float64, row []float32) float64 {
	row = row[:len(coefficients)]
	var a, b, c, d float64
	j := 0
	for ; j+4 <= len(coefficients); j += 4 {
		x, r := coefficients[j:j+4:j+4], row[j:j+4:j+4]
		a += float64(x[0] * float64(r[0]))
		b += float64(x[1] * float64(r[1]))
		c += float64(x[2] * float64(r[2]))
		d += float64(x[3] * float64(r[3]))
	}
	for ; j < len(coefficients); j++ {
		a += float64(coefficients[j] * float64(row[j]))
	}
	return (a + b) + (c + d)
}

// accumulate adds factor times row.
func accumulate(sums []float64, factor float64, row []float32) {
	row = row[:len(sums)]
	for j := range sums {
		sums[j] += float64(factor * float64(row[j]))
	}
}
