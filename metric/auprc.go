package metric

var auprcDefinition = Definition{
	Name:          "AUPRC",
	Direction:     HigherIsBetter,
	Range:         "[0, 1]",
	Ideal:         1,
	Formula:       "Σ (recall at this score − recall at the score above) × precision at this score",
	UndefinedWhen: "no row is positive",
	Citation:      "Boyd, Eng and Page, ECML PKDD 2013, doi:10.1007/978-3-642-40994-3_29 (average precision)",
}

// AUPRC returns the area under the precision-recall curve as average precision: each distinct score, from the
// highest down, adds its step in recall times the precision at that score. Rows of equal score are one step, and
// nothing is interpolated between steps. Chance is the prevalence; higher is better, range [0, 1].
//
// It agrees with scikit-learn's average_precision_score. The Challenge's official scorer uses the same rule but
// drops the first step where the highest probability is exactly 1, and the last where the lowest is exactly 0.
//
// It is undefined when no row is positive. Source: Boyd, Eng and Page 2013, doi:10.1007/978-3-642-40994-3_29.
func AUPRC(labels []bool, scores, weights []float64) (float64, error) {
	r, err := newRows(labels, scores, weights)
	if err != nil {
		return 0, err
	}
	positive, _ := r.totals()
	if positive == 0 {
		return 0, undefined(auprcDefinition, noPositives)
	}
	area, truePositives, flagged := 0.0, 0.0, 0.0
	eachTie(scores, func(tied []int) {
		p, n := r.classWeights(tied)
		truePositives += p
		flagged += p + n
		if p > 0 {
			area += p * truePositives / flagged
		}
	})
	return area / positive, nil
}
