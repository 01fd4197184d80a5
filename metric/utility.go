package metric

import (
	"fmt"
	"slices"
)

// The parameters of the Challenge's utility (Reyna et al. 2020, doi:10.1097/CCM.0000000000004145, and the official
// scorer evaluate_sepsis_score.py). Hours are relative to the onset of sepsis; a row is an hour.
const (
	// EarlyHours (dt_early) is when a positive prediction starts to be worth anything.
	EarlyHours = -12
	// OptimalHours (dt_optimal) is when a positive prediction is worth most; labels turn positive there.
	OptimalHours = -6
	// LateHours (dt_late) is the last hour that counts.
	LateHours = 3

	// TruePositiveUtility (max_u_tp) is the worth of a positive prediction at OptimalHours.
	TruePositiveUtility = 1.0
	// FalseNegativeUtility (min_u_fn) is the worth of a negative prediction at LateHours.
	FalseNegativeUtility = -2.0
	// FalsePositiveUtility (u_fp) is the worth of a positive prediction without sepsis, or long before it.
	FalsePositiveUtility = -0.05
	// TrueNegativeUtility (u_tn) is the worth of a negative prediction without sepsis.
	TrueNegativeUtility = 0.0
)

var utilityDefinition = Definition{
	Name:          "utility",
	Direction:     HigherIsBetter,
	Range:         "(−∞, 1]",
	Ideal:         1,
	Formula:       "(observed − all-negative) / (best − all-negative), each summed over all rows of all stays",
	UndefinedWhen: "no stay is septic",
	Citation:      citeChallenge,
}

// Utility holds what predictions were worth under the Challenge's rules, not yet normalised. Totals of several
// stays add up, see [Utility.Plus].
type Utility struct {
	// Observed is the total of the predictions that were made.
	Observed float64
	// Best is the total of the best possible predictions, see [BestPredictions].
	Best float64
	// AllNegative is the total of never predicting sepsis ("inaction" in the official scorer).
	AllNegative float64
}

// Plus returns the totals of two groups of stays together.
func (u Utility) Plus(other Utility) Utility {
	return Utility{u.Observed + other.Observed, u.Best + other.Best, u.AllNegative + other.AllNegative}
}

// Normalised returns (Observed − AllNegative) / (Best − AllNegative): 1 is perfect, 0 is never predicting sepsis,
// and there is no lower bound. It is undefined when no stay is septic, as there is then nothing to gain.
func (u Utility) Normalised() (float64, error) {
	if u.Best <= u.AllNegative {
		return 0, undefined(utilityDefinition, "no stay is septic")
	}
	return (u.Observed - u.AllNegative) / (u.Best - u.AllNegative), nil
}

// StayUtility returns the totals of one stay. labels and predictions hold its consecutive hours, one row each;
// labels are SepsisLabel, true from 6 hours before onset. A stay is septic when any label is true, and its onset
// is then the first true row + 6, by position: where a stay is already labelled at its first row the true onset is
// not recoverable, and the official scorer puts it at row 6.
//
// Slices of different length, and a stay without rows, are errors.
func StayUtility(labels, predictions []bool) (Utility, error) {
	if len(labels) != len(predictions) {
		return Utility{}, fmt.Errorf("%d labels but %d predictions: give one prediction for each label", len(labels), len(predictions))
	}
	if len(labels) == 0 {
		return Utility{}, fmt.Errorf("the stay has no rows")
	}
	positive, negative := RowUtilities(labels)
	best := BestPredictions(labels)
	var total Utility
	for row := range labels {
		total.Observed += either(predictions[row], positive[row], negative[row])
		total.Best += either(best[row], positive[row], negative[row])
		total.AllNegative += negative[row]
	}
	return total, nil
}

func either(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}

// RowUtilities returns, for each row of one stay, the utility of predicting positive and of predicting negative.
func RowUtilities(labels []bool) (positive, negative []float64) {
	positive, negative = make([]float64, len(labels)), make([]float64, len(labels))
	onset, septic := onset(labels)
	for row := range labels {
		if septic {
			positive[row], negative[row] = septicUtilities(row - onset)
		} else {
			positive[row], negative[row] = FalsePositiveUtility, TrueNegativeUtility
		}
	}
	return positive, negative
}

// RowGains returns, for each row of one stay, U(positive) − U(negative): what deciding for the alarm is worth. In a
// septic stay it rises from 0 at EarlyHours to 1 at OptimalHours and 2 at LateHours; it is −0.05 earlier than
// that and in every row of other stays, and 0 after LateHours.
func RowGains(labels []bool) []float64 {
	gains, negative := RowUtilities(labels)
	for row := range gains {
		gains[row] -= negative[row]
	}
	return gains
}

// BestPredictions returns the predictions of highest utility for one stay: positive from EarlyHours to LateHours
// around onset in a septic stay, negative everywhere else.
func BestPredictions(labels []bool) []bool {
	best := make([]bool, len(labels))
	onset, septic := onset(labels)
	for row := range best {
		best[row] = septic && row >= onset+EarlyHours && row <= onset+LateHours
	}
	return best
}

// onset returns the row of onset, which may lie beyond the last row, and whether the stay is septic.
func onset(labels []bool) (row int, septic bool) {
	first := slices.Index(labels, true)
	return first - OptimalHours, first >= 0
}

// septicUtilities returns the utilities of a positive and of a negative prediction, hours after onset.
func septicUtilities(hours int) (positive, negative float64) {
	const (
		rise = OptimalHours - EarlyHours
		fall = LateHours - OptimalHours
	)
	switch {
	case hours <= OptimalHours:
		return max(TruePositiveUtility*float64(hours-EarlyHours)/rise, FalsePositiveUtility), 0
	case hours <= LateHours:
		return TruePositiveUtility * float64(LateHours-hours) / fall, FalseNegativeUtility * float64(hours-OptimalHours) / fall
	default:
		return 0, 0
	}
}
