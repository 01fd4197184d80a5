package gbdt

import "math"

// quantiser turns gradients and hessians into fixed point. Scales are powers of two, so that turning back is
// exact; rounding is stochastic, so that sums are unbiased.
//
// With n rows, each rounded value exceeds its exact one by less than 1, so all partial sums stay below
// scale·sum + n. The scales keep that below 2^31 (gradients, signed) and 2^32 (hessians): the
// resolution adapts to the sums of the round, not to the largest value.
type quantiser struct {
	gradientScale, hessianScale float64
	gradientUnit, hessianUnit   float64 // their inverses
	key                         uint64
}

func newQuantiser(rows int, absoluteGradients, hessians float64, key uint64) quantiser {
	g := powerOfTwoScale(math.MaxInt32-float64(rows), absoluteGradients)
	h := powerOfTwoScale(math.MaxUint32-float64(rows), hessians)
	return quantiser{gradientScale: g, hessianScale: h, gradientUnit: 1 / g, hessianUnit: 1 / h, key: key}
}

// powerOfTwoScale is the largest power of two s with s·sum <= room, at most 2^900.
func powerOfTwoScale(room, sum float64) float64 {
	if sum == 0 {
		return 1
	}
	_, exponent := math.Frexp(room / sum) // room/sum = m·2^exponent with m in [1/2, 1)
	return math.Ldexp(1, min(exponent-1, 900))
}

// pack rounds the gradient and hessian of one row.
func (q *quantiser) pack(row int32, gradient, hessian float64) int64 {
	random := at(q.key, uint64(row)) //nolint:gosec // rows are not negative
	return pack(
		int64(math.Floor(float64(gradient*q.gradientScale)+float64(random>>32)*0x1p-32)),
		int64(math.Floor(float64(hessian*q.hessianScale)+float64(uint32(random))*0x1p-32)), //nolint:gosec // the lower half is meant
	)
}

// sums turns a packed sum back into a gradient and a hessian sum.
func (q *quantiser) sums(packed int64) (gradient, hessian float64) {
	g, h := unpack(packed)
	return float64(float64(g) * q.gradientUnit), float64(float64(h) * q.hessianUnit)
}
