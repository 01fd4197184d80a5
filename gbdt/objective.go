package gbdt

import "math"

// Objective says what the margin of a booster means, and with it which loss its trees were grown for.
type Objective int

const (
	// Logistic is a binary outcome: the margin is the log-odds of its probability, the base score a probability.
	Logistic Objective = iota
	// SquaredError is a number to be estimated: the margin is that estimate, and so is the base score. [Train] does not make
	// such boosters; they come from files.
	SquaredError
)

// objectives are XGBoost's names.
var objectives = map[Objective]string{Logistic: "binary:logistic", SquaredError: "reg:squarederror"}

// String returns the name that XGBoost has for the objective.
func (o Objective) String() string { return objectives[o] }

// XGBoost 3.2 and later hold a probability within these before they take its log-odds (kRtEps); earlier ones need it within (0, 1).
const (
	leastBase    float32 = 1e-6
	greatestBase         = 1 - leastBase
)

// held is a base score as all versions of XGBoost take it.
func (o Objective) held(base float32) float32 {
	if o == SquaredError {
		return base
	}
	return min(max(base, leastBase), greatestBase)
}

// margin is the margin of a base score, to within 1e-6 the one that XGBoost takes. It computes -logf(1/p - 1) with floats of 32 bits, and above
// one half what is lost of 1/p matters: 1e-4 at 0.9999.
func (o Objective) margin(base float32) float64 {
	switch {
	case o == SquaredError:
		return float64(base)
	case base <= 0.5:
		return logit(float64(base))
	}
	return -logarithm(float64(float32(1/base) - 1))
}

// base is a base score whose margin is as close to the given one as a float32 within the bounds of baseProbability allows.
func (o Objective) base(margin float64) float32 {
	if o == SquaredError {
		return float32(margin)
	}
	best := baseProbability(sigmoid(margin))
	if best <= 0.5 {
		return best
	}
	for _, p := range []float32{math.Nextafter32(best, 0), math.Nextafter32(best, 1)} { // above one half neighbours may share a margin
		if p == baseProbability(float64(p)) && math.Abs(o.margin(p)-margin) < math.Abs(o.margin(best)-margin) {
			best = p
		}
	}
	return best
}
