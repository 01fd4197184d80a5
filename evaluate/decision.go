package evaluate

import "math"

// decisionThresholds are the threshold probabilities of a decision curve: from one in 500 to one in 5 hours, around the
// 2 % of hours that have the label.
var decisionThresholds = []float64{
	0.002, 0.004, 0.006, 0.008, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.03, 0.035, 0.04, 0.05, 0.06, 0.07, 0.08,
	0.1, 0.12, 0.14, 0.16, 0.18, 0.2,
}

// decisionCurve is the net benefit of a sample over threshold probabilities: true positives less false positives times
// threshold / (1 - threshold), for each hour.
func decisionCurve(s sample, hospital string, how bootstrap) (DecisionCurve, bool) {
	ratios := netBenefits(s, decisionThresholds)
	m, measurable := resample(len(s), how, ratiosOf(ratios))
	curve := DecisionCurve{Hospital: hospital, Points: []DecisionPoint{}}
	for i, threshold := range decisionThresholds {
		curve.Points = append(curve.Points, DecisionPoint{
			Threshold: threshold, Model: m.figure(2 * i), All: m.figure(2*i + 1),
			Advantage: m.derive(func(values []float64) float64 { return values[2*i] - math.Max(values[2*i+1], 0) }),
		})
	}
	return curve, measurable
}

// netBenefits are, for each threshold, that of the model and that of alarming everybody.
func netBenefits(s sample, thresholds []float64) []ratio {
	ratios := make([]ratio, 0, 2*len(thresholds))
	for _, threshold := range thresholds {
		odds := threshold / (1 - threshold)
		benefit, all := newRatio(len(s)), newRatio(len(s))
		for i := range s {
			for h := range s[i].hours {
				hour := &s[i].hours[h]
				worth := -odds
				if hour.label {
					worth = 1
				}
				if hour.probability >= threshold {
					benefit.above[i] += worth
				}
				all.above[i] += worth
			}
			benefit.below[i] = float64(len(s[i].hours))
			all.below[i] = benefit.below[i]
		}
		ratios = append(ratios, benefit, all)
	}
	return ratios
}
