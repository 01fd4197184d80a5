package metric

import (
	"errors"
	"fmt"
	"math"
)

// Weights outside these bounds are refused, because their products could overflow or vanish, and with them the
// result. A weight of 0 leaves its row out.
const (
	minWeight = 1e-100
	maxWeight = 1e100
)

// rows are labels, scores and weights of one length, checked.
type rows struct {
	labels  []bool
	scores  []float64
	weights []float64 // nil: every row counts once
}

func newRows(labels []bool, scores, weights []float64) (rows, error) {
	if len(scores) != len(labels) {
		return rows{}, fmt.Errorf("%d labels but %d scores or probabilities: give one for each label", len(labels), len(scores))
	}
	if weights != nil && len(weights) != len(labels) {
		return rows{}, fmt.Errorf("%d labels but %d weights: give one weight for each label, or nil", len(labels), len(weights))
	}
	return rows{labels, scores, weights}, errors.Join(checkFinite("score", scores), checkWeights(weights))
}

// newProbabilityRows is newRows for scores that must be probabilities.
func newProbabilityRows(labels []bool, probabilities, weights []float64) (rows, error) {
	r, err := newRows(labels, probabilities, weights)
	if err != nil {
		return rows{}, err
	}
	return r, checkProbabilities(probabilities)
}

func checkFinite(name string, values []float64) error {
	for i, value := range values {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("row %d: the %s is %v; it must be a finite number", i, name, value)
		}
	}
	return nil
}

func checkProbabilities(probabilities []float64) error {
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) { // also true of NaN
			return fmt.Errorf("row %d: the probability is %v; it must lie between 0 and 1", i, p)
		}
	}
	return nil
}

func checkWeights(weights []float64) error {
	for i, weight := range weights {
		if weight == 0 || (weight >= minWeight && weight <= maxWeight) {
			continue
		}
		return fmt.Errorf("row %d: the weight is %v; it must be 0, or lie between %g and %g", i, weight, minWeight, maxWeight)
	}
	return nil
}

func (r rows) weight(row int) float64 {
	if r.weights == nil {
		return 1
	}
	return r.weights[row]
}

// classWeights adds up the weights of the given rows by class.
func (r rows) classWeights(selected []int) (positive, negative float64) {
	for _, row := range selected {
		if r.labels[row] {
			positive += r.weight(row)
		} else {
			negative += r.weight(row)
		}
	}
	return positive, negative
}

// counted returns how many of the given rows have a weight other than 0.
func (r rows) counted(selected []int) int {
	count := 0
	for _, row := range selected {
		if r.weight(row) > 0 {
			count++
		}
	}
	return count
}

// totals adds up the weights of all rows by class.
func (r rows) totals() (positive, negative float64) {
	for row, label := range r.labels {
		if label {
			positive += r.weight(row)
		} else {
			negative += r.weight(row)
		}
	}
	return positive, negative
}

// bothClasses returns the class totals, or why the metric is undefined when a class is absent.
func (r rows) bothClasses(definition Definition) (positive, negative float64, err error) {
	positive, negative = r.totals()
	switch {
	case positive == 0 && negative == 0:
		return 0, 0, undefined(definition, noRows)
	case positive == 0:
		return 0, 0, undefined(definition, noPositives)
	case negative == 0:
		return 0, 0, undefined(definition, noNegatives)
	}
	return positive, negative, nil
}

// mean returns the weighted mean of a loss over all rows.
func (r rows) mean(definition Definition, loss func(row int) float64) (float64, error) {
	sum, total := 0.0, 0.0
	for row := range r.labels {
		sum += r.weight(row) * loss(row)
		total += r.weight(row)
	}
	if total == 0 {
		return 0, undefined(definition, noRows)
	}
	return sum / total, nil
}
