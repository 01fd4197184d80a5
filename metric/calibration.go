package metric

import (
	"errors"
	"fmt"
	"math"
)

var calibrationInterceptDefinition = Definition{
	Name:          "calibration intercept",
	Direction:     NearerIsBetter,
	Range:         "(−∞, ∞)",
	Ideal:         0,
	Formula:       "a in logit P(positive) = a + b · logit(probability), by maximum likelihood",
	UndefinedWhen: "a class is absent, a probability is 0 or 1, or the probabilities separate the classes",
	Citation:      "Cox, Biometrika 1958, doi:10.1093/biomet/45.3-4.562",
}

var calibrationSlopeDefinition = Definition{
	Name:          "calibration slope",
	Direction:     NearerIsBetter,
	Range:         "(−∞, ∞)",
	Ideal:         1,
	Formula:       "b in logit P(positive) = a + b · logit(probability), by maximum likelihood",
	UndefinedWhen: "a class is absent, a probability is 0 or 1, or the probabilities separate the classes",
	Citation:      "Cox, Biometrika 1958, doi:10.1093/biomet/45.3-4.562",
}

var calibrationInTheLargeDefinition = Definition{
	Name:          "calibration in the large",
	Direction:     NearerIsBetter,
	Range:         "(−∞, ∞)",
	Ideal:         0,
	Formula:       "a in logit P(positive) = a + logit(probability), by maximum likelihood",
	UndefinedWhen: "a class is absent, or a probability is 0 or 1",
	Citation:      "Van Calster et al., BMC Medicine 2019, doi:10.1186/s12916-019-1466-7",
}

// ErrNotConverged says that maximum likelihood found no solution within its iterations. The result is not known
// to be undefined; it is unknown.
var ErrNotConverged = errors.New("the logistic recalibration did not converge")

// Recalibration is the logistic model logit P(positive) = Intercept + Slope · logit(probability).
// Perfect calibration is Intercept 0 and Slope 1; a slope below 1 means predictions too extreme.
type Recalibration struct {
	Intercept float64
	Slope     float64
}

// Recalibrate returns calibration intercept and slope, fitted together by Newton's method.
//
// They are undefined when a class is absent, when a probability is exactly 0 or 1 (its logit is infinite), and
// when some cut separates the classes (touching at one value included): the likelihood then has no maximum
// (Albert and Anderson 1984, doi:10.1093/biomet/71.1.1). [ErrNotConverged] is returned when Newton's method
// fails all the same. Source: Cox 1958, doi:10.1093/biomet/45.3-4.562.
func Recalibrate(labels []bool, probabilities, weights []float64) (Recalibration, error) {
	r, err := newLogitRows(calibrationSlopeDefinition, labels, probabilities, weights)
	if err != nil {
		return Recalibration{}, err
	}
	if r.separated() {
		return Recalibration{}, undefined(calibrationSlopeDefinition, "a cut through the probabilities separates the classes")
	}
	// Newton's method runs on standardised logits: its steps then have one scale whatever the prevalence.
	mean, deviation := r.standardise()
	fit, err := r.fitLine(maxIterations)
	if err != nil {
		return Recalibration{}, err
	}
	slope := fit.slope / deviation
	return Recalibration{Intercept: fit.intercept - slope*mean, Slope: slope}, nil
}

// CalibrationInTheLarge returns the intercept of the recalibration whose slope is held at 1: above 0 the
// probabilities are too low on the whole, below 0 too high. Nearer to 0 is better.
//
// It is undefined when a class is absent or a probability is exactly 0 or 1.
// Source: Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7.
func CalibrationInTheLarge(labels []bool, probabilities, weights []float64) (float64, error) {
	r, err := newLogitRows(calibrationInTheLargeDefinition, labels, probabilities, weights)
	if err != nil {
		return 0, err
	}
	return r.fitIntercept(maxIterations)
}

// nearest is how near to 0 and to 1 a bounded probability lies at most.
const nearest = 1e-8

// Bounded is the probability, or the nearest that lies between 1e-8 and 1 - 1e-8: one of exactly 0 or 1 has no logit. For [Recalibrate] and
// [CalibrationInTheLarge] where a few such probabilities must not leave all the others without a figure. The bound is that of the R package
// CalibrationCurves where it allows perfect predictions (De Cock Campo 2023, doi:10.48550/arXiv.2309.08559).
func Bounded(probability float64) float64 {
	return min(max(probability, nearest), 1-nearest)
}

// newLogitRows checks the rows and replaces each probability by its logit. Rows of weight 0 are left out.
func newLogitRows(definition Definition, labels []bool, probabilities, weights []float64) (rows, error) {
	r, err := newProbabilityRows(labels, probabilities, weights)
	if err != nil {
		return rows{}, err
	}
	if _, _, err := r.bothClasses(definition); err != nil {
		return rows{}, err
	}
	var kept rows
	for row, p := range probabilities {
		if r.weight(row) == 0 {
			continue
		}
		if p == 0 || p == 1 {
			return rows{}, undefined(definition, fmt.Sprintf("the probability of row %d is %v: its logit is infinite", row, p))
		}
		kept.labels = append(kept.labels, labels[row])
		kept.scores = append(kept.scores, math.Log(p)-math.Log1p(-p))
		kept.weights = append(kept.weights, r.weight(row))
	}
	return kept, nil
}
