package metric

import (
	"fmt"
	"slices"
)

// CalibrationBin is one point of a calibration curve. It is well calibrated where ObservedRate equals
// MeanProbability.
type CalibrationBin struct {
	// Low and High are the lowest and the highest probability in the bin.
	Low, High float64
	// Rows counts the rows whose weight is not 0, Weight adds up their weights.
	Rows   int
	Weight float64
	// MeanProbability is the weighted mean of the predictions.
	MeanProbability float64
	// ObservedRate is the weighted share of positive rows.
	ObservedRate float64
}

// CalibrationCurve sorts the rows by probability, divides them into bins of equal weight, and returns mean
// prediction and observed rate of each, by rising probability.
//
// Rows of equal probability always share a bin (that in which the middle of their weight falls), so the result
// does not depend on the order of the rows; with ties, bins differ in weight, and a bin that received no rows is
// left out. The curve is undefined when there are no rows. bins must be at least 1.
// Source: quantile grouping after Hosmer and Lemeshow 1980, doi:10.1080/03610928008827941.
func CalibrationCurve(labels []bool, probabilities, weights []float64, bins int) ([]CalibrationBin, error) {
	r, err := newProbabilityRows(labels, probabilities, weights)
	if err != nil {
		return nil, err
	}
	if bins < 1 {
		return nil, fmt.Errorf("%d bins: a calibration curve needs at least 1", bins)
	}
	positive, negative := r.totals()
	total := positive + negative
	if total == 0 {
		return nil, &UndefinedError{Metric: "calibration curve", Reason: noRows}
	}
	var curve []CalibrationBin
	above, last := 0.0, -1
	eachTie(probabilities, func(tied []int) {
		p, n := r.classWeights(tied)
		if p+n == 0 {
			return
		}
		bin := int(float64(bins) * ((above + (p+n)/2) / total))
		above += p + n
		if bin != last {
			curve = append(curve, CalibrationBin{High: probabilities[tied[0]]})
			last = bin
		}
		curve[len(curve)-1].add(probabilities[tied[0]], r.counted(tied), p, n)
	})
	for i := range curve {
		curve[i].average()
	}
	slices.Reverse(curve)
	return curve, nil
}

// add puts a tie into the bin. Until average is called, MeanProbability and ObservedRate hold weighted sums.
func (b *CalibrationBin) add(probability float64, rows int, positive, negative float64) {
	b.Low = probability
	b.Rows += rows
	b.Weight += positive + negative
	b.MeanProbability += (positive + negative) * probability
	b.ObservedRate += positive
}

func (b *CalibrationBin) average() {
	b.MeanProbability /= b.Weight
	b.ObservedRate /= b.Weight
}
