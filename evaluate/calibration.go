package evaluate

import (
	"slices"
	"sort"

	"github.com/medtech-detect/sepsis/metric"
)

// deciles is in how many groups of hours a calibration curve is drawn.
const deciles = 10

// calibrationDeciles draws the calibration curve of a sample whose group was measured. The groups of hours are those
// of the sample; only the observed share is drawn anew.
func calibrationDeciles(s sample, g *Group, how bootstrap) (CalibrationDeciles, error) {
	curve := CalibrationDeciles{Hospital: g.Name, Slope: g.CalibrationSlope, Intercept: g.CalibrationInLarge, Bins: []CalibrationPart{}}
	labels, probabilities := s.columns()
	bins, err := metric.CalibrationCurve(labels, probabilities, nil, deciles)
	if err != nil {
		return curve, err
	}
	ratios := make([]ratio, len(bins))
	for i := range ratios {
		ratios[i] = newRatio(len(s))
	}
	for i := range s {
		for h := range s[i].hours {
			hour := &s[i].hours[h]
			bin := sort.Search(len(bins), func(b int) bool { return bins[b].High >= hour.probability })
			ratios[bin].below[i]++
			ratios[bin].above[i] += count(hour.label)
		}
	}
	m, _ := resample(len(s), how, ratiosOf(ratios))
	for i, bin := range bins {
		curve.Bins = append(curve.Bins, CalibrationPart{
			Low: bin.Low, High: bin.High, Hours: bin.Rows, Predicted: bin.MeanProbability, Observed: m.figure(i),
		})
	}
	return curve, nil
}

// columns are the labels and the probabilities of all hours.
func (s sample) columns() (labels []bool, probabilities []float64) {
	labels, probabilities = make([]bool, 0, s.hours()), make([]float64, 0, s.hours())
	for i := range s {
		for h := range s[i].hours {
			labels, probabilities = append(labels, s[i].hours[h].label), append(probabilities, s[i].hours[h].probability)
		}
	}
	return slices.Clip(labels), slices.Clip(probabilities)
}
