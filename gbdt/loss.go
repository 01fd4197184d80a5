package gbdt

import "math"

// The standard library's exponential and logarithm differ in the last bit between processors
// (assembly here, fused multiply-add there), and a last bit can decide a split. So the logistic loss has
// its own: plain series whose products are rounded before they are added.

// minHessian keeps the curvature of saturated predictions above 0, as XGBoost does.
const minHessian = 1e-16

// expTerms are 1/13!, 1/12!, ..., 1/0!: the series of e^r, exact to float64 for |r| <= ln(2)/2.
var expTerms = reciprocalFactorials(13)

func reciprocalFactorials(last int) [14]float64 {
	var terms [14]float64
	factorial := 1.0
	for n := 0; n <= last; n++ {
		if n > 0 {
			factorial *= float64(n)
		}
		terms[last-n] = 1 / factorial
	}
	return terms
}

// ln 2 in two parts, the first with enough trailing zeros for exact products with small integers.
const (
	ln2High = 0x1.62e42feep-1
	ln2Low  = math.Ln2 - ln2High
)

// expNegative returns e^x for x <= 0, and 0 below -708 where float64 loses precision.
func expNegative(x float64) float64 {
	if !(x > -708) {
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(k*ln2High) - float64(k*ln2Low)
	sum := expTerms[0]
	for _, term := range expTerms[1:] {
		sum = float64(sum*r) + term
	}
	return sum * math.Float64frombits(uint64(int64(k)+1023)<<52) //nolint:gosec // k in [-1022, 0]
}

// atanhTerms are 1/23, 1/21, ..., 1/1: the series of atanh(s)/s in s², exact to float64 for |s| <= 0.172.
var atanhTerms = [12]float64{
	1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1,
}

// logarithm returns ln(x) for normal x > 0, by ln(m) = 2 atanh((m-1)/(m+1)) on the mantissa m, held
// within [sqrt(1/2), sqrt(2)).
func logarithm(x float64) float64 {
	m, exponent := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, exponent = 2*m, exponent-1
	}
	return scaledLogarithm(m, float64(exponent))
}

// logarithmOfOneTo2 is logarithm for x in [1, 2], of which no bits need be taken apart.
func logarithmOfOneTo2(x float64) float64 {
	if x < math.Sqrt2 {
		return scaledLogarithm(x, 0)
	}
	return scaledLogarithm(x/2, 1)
}

// scaledLogarithm is ln(m·2^k) for m within [sqrt(1/2), sqrt(2)).
func scaledLogarithm(m, k float64) float64 {
	s := (m - 1) / (m + 1)
	square := float64(s * s)
	sum := 0.0
	for _, term := range atanhTerms {
		sum = float64(sum*square) + term
	}
	return float64(k*ln2High) + (float64(2*float64(s*sum)) + float64(k*ln2Low))
}

// logit is the log-odds of probability p in (0, 1).
func logit(p float64) float64 { return logarithm(p) - logarithm(1-p) }

// sigmoid is the probability of log-odds.
func sigmoid(margin float64) float64 {
	e := expNegative(-math.Abs(margin))
	if margin >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// logistic returns the logistic loss of a margin for a label in [0, 1], with its first two derivatives by
// the margin. The hessian is at least minHessian.
func logistic(margin, label float64) (loss, gradient, hessian float64) {
	e := expNegative(-math.Abs(margin))
	p := e / (1 + e)
	if margin >= 0 {
		p = 1 / (1 + e)
	}
	hessian = max(e/float64((1+e)*(1+e)), minHessian)
	loss = max(margin, 0) - float64(label*margin) + logarithmOfOneTo2(1+e)
	return loss, p - label, hessian
}
