package metric

import (
	"fmt"
	"math"
)

var logLossDefinition = Definition{
	Name:          "log loss",
	Direction:     LowerIsBetter,
	Range:         "[0, ∞)",
	Ideal:         0,
	Formula:       "mean of −ln(probability given to what happened)",
	UndefinedWhen: "there are no rows, or what happened was given the probability 0",
	Citation:      "Good, Journal of the Royal Statistical Society B 1952, doi:10.1111/j.2517-6161.1952.tb00104.x",
}

// LogLoss returns the mean negative natural logarithm of the probability that was given to what happened. Lower
// is better, range [0, ∞), in nats.
//
// It is undefined when there are no rows, and when a positive row was given 0 or a negative row 1: that loss is
// infinite, and clipping it to some largest loss would be a number of our own making.
// A probability outside [0, 1] is an error. Source: Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x.
func LogLoss(labels []bool, probabilities, weights []float64) (float64, error) {
	r, err := newProbabilityRows(labels, probabilities, weights)
	if err != nil {
		return 0, err
	}
	for row, p := range probabilities {
		if r.weight(row) > 0 && ((labels[row] && p == 0) || (!labels[row] && p == 1)) {
			return 0, undefined(logLossDefinition, fmt.Sprintf("row %d was given probability 0 for what happened: its loss is infinite", row))
		}
	}
	return r.mean(logLossDefinition, func(row int) float64 {
		if r.weight(row) == 0 {
			return 0
		}
		if labels[row] {
			return -math.Log(probabilities[row])
		}
		return -math.Log1p(-probabilities[row])
	})
}
