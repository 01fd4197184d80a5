package metric

var brierDefinition = Definition{
	Name:          "Brier score",
	Direction:     LowerIsBetter,
	Range:         "[0, 1]",
	Ideal:         0,
	Formula:       "mean of (probability − label)²",
	UndefinedWhen: "there are no rows",
	Citation:      "Brier, Monthly Weather Review 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
}

// Brier returns the mean squared difference between probability and outcome. Lower is better, range [0, 1];
// predicting the prevalence π for every row scores π(1−π).
//
// It is undefined when there are no rows. A probability outside [0, 1] is an error.
// Source: Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2, in its two-class form.
func Brier(labels []bool, probabilities, weights []float64) (float64, error) {
	r, err := newProbabilityRows(labels, probabilities, weights)
	if err != nil {
		return 0, err
	}
	return r.mean(brierDefinition, func(row int) float64 {
		if labels[row] {
			return (1 - probabilities[row]) * (1 - probabilities[row])
		}
		return probabilities[row] * probabilities[row]
	})
}
