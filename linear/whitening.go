package linear

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// whitening is a change of variables under which the objective curves about alike in all directions. Columns that say
// nearly the same (means over 6 and 12 hours) make it a narrow valley in which L-BFGS takes many small steps; each is a
// pass over all rows. The minimum does not move. It is the triangle U of U'U = H for the Hessian H at the start,
// estimated on some rows; coefficients are U⁻¹ times what the optimiser sees.
type whitening struct{ upper blas64.Triangular }

// whiteningRows is how many evenly spaced rows the Hessian is estimated on where there are more.
const whiteningRows = 20_000

func newWhitening(f *objective) whitening {
	parameters := len(f.gradient)
	hessian := mat.NewSymDense(parameters, nil)
	if some := f.sample(); some != nil {
		hessian.SymOuterK(1, some.T())
	} else { // no row of the sample weighs anything
		hessian.SetSym(parameters-1, parameters-1, 1)
	}
	for j := range parameters - 1 {
		hessian.SetSym(j, j, hessian.At(j, j)+f.options.L2)
	}
	var factor mat.Cholesky
	if !factor.Factorize(hessian) { // rounding; any H will do
		factor.Factorize(mat.NewDiagDense(parameters, slices.Repeat([]float64{1}, parameters)))
	}
	var upper mat.TriDense
	factor.UTo(&upper)
	return whitening{upper.RawTriangular()}
}

// sample holds in each row a row of the design and a 1 for the intercept, times the root of what it adds to the Hessian.
// It is nil when nothing weighs anything.
func (f *objective) sample() *mat.Dense {
	rows, total := min(len(f.design.rows), whiteningRows), 0.0
	at := func(i int) int { return i * len(f.design.rows) / rows }
	for i := range rows {
		total += f.weights[at(i)]
	}
	if total == 0 {
		return nil
	}
	some := mat.NewDense(rows, len(f.gradient), nil)
	for i := range rows {
		root := math.Sqrt(f.weights[at(i)] / total * f.curvature())
		into := some.RawRowView(i)
		for j, value := range f.design.row(at(i)) {
			into[j] = float64(root * float64(value))
		}
		into[len(into)-1] = root
	}
	return some
}

// curvature is the second derivative of the loss at the start.
func (f *objective) curvature() float64 {
	if f.options.Loss == SquaredHinge {
		return 2
	}
	return f.positive * (1 - f.positive)
}

// unseen turns what the optimiser sees into parameters.
func (w whitening) unseen(seen []float64) []float64 {
	x := slices.Clone(seen)
	blas64.Trsv(blas.NoTrans, w.upper, vector(x))
	return x
}

// see turns parameters into what the optimiser sees.
func (w whitening) see(parameters []float64) []float64 {
	x := slices.Clone(parameters)
	blas64.Trmv(blas.NoTrans, w.upper, vector(x))
	return x
}

// slope turns a gradient by the parameters, in place, into one by what the optimiser sees.
func (w whitening) slope(gradient []float64) { blas64.Trsv(blas.Trans, w.upper, vector(gradient)) }

func vector(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Data: x, Inc: 1} }
