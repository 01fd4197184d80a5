package metric

var aurocDefinition = Definition{
	Name:          "AUROC",
	Direction:     HigherIsBetter,
	Range:         "[0, 1]",
	Ideal:         1,
	Formula:       "P(score of a positive row > score of a negative row) + ½ P(equal)",
	UndefinedWhen: "a class is absent",
	Citation:      "Hanley and McNeil, Radiology 1982, doi:10.1148/radiology.143.1.7063747",
}

// AUROC returns the area under the receiver operating characteristic curve: the probability that a positive row
// scores higher than a negative one, where a tie counts one half. That is the trapezoidal area and the midrank
// (Mann-Whitney) statistic. Scores may be on any scale; 0.5 is chance, higher is better, range [0, 1].
//
// It agrees with scikit-learn's roc_auc_score. The Challenge's official scorer differs where a probability is
// exactly 1 or exactly 0: there it drops the first or the last step of the curve.
//
// It is undefined when a class is absent. Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
func AUROC(labels []bool, scores, weights []float64) (float64, error) {
	r, err := newRows(labels, scores, weights)
	if err != nil {
		return 0, err
	}
	positive, negative, err := r.bothClasses(aurocDefinition)
	if err != nil {
		return 0, err
	}
	area, above := 0.0, 0.0
	eachTie(scores, func(tied []int) {
		p, n := r.classWeights(tied)
		area += n * (above + p/2)
		above += p
	})
	return area / positive / negative, nil
}
