package metric

import (
	"fmt"
	"math"
)

// ThresholdChoice is the threshold of highest total gain and what it gains.
type ThresholdChoice struct {
	// Threshold: a score at or above it is a positive prediction.
	Threshold float64
	// Gain is the sum of the gains of all rows predicted positive. For [RowGains] that is observed utility less
	// that of predicting all-negative.
	Gain float64
}

// BestThreshold returns the threshold that maximises the total gain over all rows, where gains[i] is what a
// positive prediction in row i is worth more than a negative one, see [RowGains].
//
// The candidates lie midway between neighbouring distinct scores, so that a score moved by rounding stays on its
// side; below all scores (the threshold is then the lowest score) and above all (the next number after the highest).
// Of equal gains the highest threshold is taken: the one with the fewest alarms. It takes O(n log n).
//
// It is undefined when there are no rows. Slices of different length and values that are not finite are errors.
func BestThreshold(scores, gains []float64) (ThresholdChoice, error) {
	if len(scores) != len(gains) {
		return ThresholdChoice{}, fmt.Errorf("%d scores but %d gains: give one gain for each score", len(scores), len(gains))
	}
	if err := checkFinite("score", scores); err != nil {
		return ThresholdChoice{}, err
	}
	if err := checkFinite("gain", gains); err != nil {
		return ThresholdChoice{}, err
	}
	if len(scores) == 0 {
		return ThresholdChoice{}, undefined(utilityDefinition, "there are no rows")
	}
	distinct, totals := gainsByScore(scores, gains)
	flagged, gain := 0, 0.0
	for i, total := range totals {
		if total > gain {
			flagged, gain = i+1, total
		}
	}
	return ThresholdChoice{thresholdFor(distinct, flagged), gain}, nil
}

// gainsByScore returns the distinct scores, falling, and for each the total gain of all rows at or above it.
func gainsByScore(scores, gains []float64) (distinct, totals []float64) {
	total := 0.0
	eachTie(scores, func(tied []int) {
		for _, row := range tied {
			total += gains[row]
		}
		distinct = append(distinct, scores[tied[0]])
		totals = append(totals, total)
	})
	return distinct, totals
}

// thresholdFor returns the threshold that makes the first flagged of the falling distinct scores positive.
func thresholdFor(distinct []float64, flagged int) float64 {
	switch flagged {
	case 0:
		return math.Nextafter(distinct[0], math.Inf(1))
	case len(distinct):
		return distinct[flagged-1]
	default:
		return between(distinct[flagged], distinct[flagged-1])
	}
}

// between returns the middle of low and high, or high where no number lies between the two.
func between(low, high float64) float64 {
	middle := low/2 + high/2 // the sum of the two could overflow
	if middle > low && middle <= high {
		return middle
	}
	return high
}
