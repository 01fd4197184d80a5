package metric

import "math"

// maxIterations is far above the handful that Newton's method needs on a likelihood that has a maximum.
const maxIterations = 200

// stepTolerance ends the iteration. Newton's method squares its error with each step, so that what is left after a
// step of this size is lost in rounding.
const stepTolerance = 1e-8

// minCurvature is the mean curvature of the likelihood, of at most 1/4, below which rounding decides where its
// maximum lies.
const minCurvature = 1e-12

// line is logit P(positive) = intercept + slope · score.
type line struct {
	intercept, slope float64
}

func (l line) at(score float64) float64 { return l.intercept + l.slope*score }

func (l line) moved(step line, fraction float64) line {
	return line{l.intercept + fraction*step.intercept, l.slope + fraction*step.slope}
}

func (l line) size() float64 { return max(math.Abs(l.intercept), math.Abs(l.slope)) }

// separated reports whether all scores of one class lie at or above all scores of the other.
func (r rows) separated() bool {
	lowestPositive, highestPositive := r.span(true)
	lowestNegative, highestNegative := r.span(false)
	return highestNegative <= lowestPositive || highestPositive <= lowestNegative
}

// span returns the lowest and the highest score of a class.
func (r rows) span(class bool) (lowest, highest float64) {
	lowest, highest = math.Inf(1), math.Inf(-1)
	for row, score := range r.scores {
		if r.labels[row] == class {
			lowest, highest = min(lowest, score), max(highest, score)
		}
	}
	return lowest, highest
}

// standardise shifts and scales the scores to mean 0 and deviation 1 and returns what they had.
func (r rows) standardise() (mean, deviation float64) {
	sum, squares, total := 0.0, 0.0, 0.0
	for row, score := range r.scores {
		sum += r.weight(row) * score
		total += r.weight(row)
	}
	mean = sum / total
	for row, score := range r.scores {
		squares += r.weight(row) * (score - mean) * (score - mean)
	}
	deviation = math.Sqrt(squares / total)
	for row := range r.scores {
		r.scores[row] = (r.scores[row] - mean) / deviation
	}
	return mean, deviation
}

// fitLine maximises the likelihood over intercept and slope. A step that would lower the likelihood is halved,
// which makes Newton's method safe on this concave function.
func (r rows) fitLine(iterations int) (line, error) {
	positive, negative := r.totals()
	current := line{intercept: math.Log(positive / negative)}
	for range iterations {
		step := r.newtonStep(current)
		if math.IsNaN(step.size()) || math.IsInf(step.size(), 0) {
			return line{}, ErrNotConverged
		}
		if step.size() <= stepTolerance*(1+current.size()) {
			return current.moved(step, 1), nil
		}
		current = r.climb(current, step)
	}
	return line{}, ErrNotConverged
}

// climb takes the largest of the step, its half, its quarter and so on that does not lower the likelihood.
func (r rows) climb(from, step line) line {
	const slack = 1e-12 // rounding in the sum must not look like a descent
	height := r.logLikelihood(from)
	fraction := 1.0
	for r.logLikelihood(from.moved(step, fraction)) < height-slack*math.Abs(height) && fraction > stepTolerance {
		fraction /= 2
	}
	return from.moved(step, fraction)
}

func (r rows) logLikelihood(l line) float64 {
	sum := 0.0
	for row, score := range r.scores {
		logit := l.at(score)
		if !r.labels[row] {
			logit = -logit
		}
		// ln of the logistic function, written so that neither exponential overflows.
		sum += r.weight(row) * (min(logit, 0) - math.Log1p(math.Exp(-math.Abs(logit))))
	}
	return sum
}

// newtonStep solves the two normal equations: negated Hessian times step equals gradient.
func (r rows) newtonStep(l line) line {
	var gradient line
	var h00, h01, h11 float64
	for row, score := range r.scores {
		residual, curvature := r.slopeAt(row, l.at(score))
		gradient.intercept += residual
		gradient.slope += residual * score
		h00 += curvature
		h01 += curvature * score
		h11 += curvature * score * score
	}
	determinant := h00*h11 - h01*h01
	return line{
		intercept: (h11*gradient.intercept - h01*gradient.slope) / determinant,
		slope:     (h00*gradient.slope - h01*gradient.intercept) / determinant,
	}
}

// slopeAt returns a row's weighted first derivative of the log-likelihood by its logit, and the negated second.
func (r rows) slopeAt(row int, logit float64) (residual, curvature float64) {
	p, q := logistic(logit), logistic(-logit)
	weight := r.weight(row)
	if r.labels[row] {
		return weight * q, weight * p * q
	}
	return -weight * p, weight * p * q
}

func logistic(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }

// fitIntercept finds the intercept at which predicted and observed positives are equal, for a slope of 1. The root
// is bracketed from the start; a Newton step that leaves the bracket, or is more than half the step before, is
// replaced by a step to the middle of the bracket.
func (r rows) fitIntercept(iterations int) (float64, error) {
	positive, negative := r.totals()
	low, high := r.interceptBracket()
	current, last := low+(high-low)/2, high-low
	for range iterations {
		gradient, curvature := r.interceptGradient(current)
		if gradient > 0 {
			low = current
		} else {
			high = current
		}
		step := gradient / curvature
		if next := current + step; !(next >= low && next <= high && math.Abs(step) <= last/2) { // also true of NaN
			step = low + (high-low)/2 - current
		}
		current, last = current+step, math.Abs(step)
		if last <= stepTolerance*(1+math.Abs(current)) && curvature > minCurvature*(positive+negative) {
			return current, nil
		}
	}
	return 0, ErrNotConverged
}

// interceptBracket: if all scores were the highest (lowest) one, the intercept would be exactly the low (high) end.
func (r rows) interceptBracket() (low, high float64) {
	positive, negative := r.totals()
	prevalence := math.Log(positive / negative)
	low, high = math.Inf(1), math.Inf(-1)
	for _, score := range r.scores {
		low = min(low, prevalence-score)
		high = max(high, prevalence-score)
	}
	return low, high
}

func (r rows) interceptGradient(intercept float64) (gradient, curvature float64) {
	l := line{intercept: intercept, slope: 1}
	for row, score := range r.scores {
		g, c := r.slopeAt(row, l.at(score))
		gradient += g
		curvature += c
	}
	return gradient, curvature
}
