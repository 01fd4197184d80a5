package evaluate

import (
	"slices"
	"sort"

	"gonum.org/v1/gonum/floats"

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
	highs := make([]float64, len(bins))
	for i, bin := range bins {
		highs[i] = bin.High
	}
	m := s.shares(highs, how)
	for i, bin := range bins {
		curve.Bins = append(curve.Bins, CalibrationPart{
			Low: bin.Low, High: bin.High, Hours: bin.Rows, Predicted: bin.MeanProbability, Observed: m.figure(i),
		})
	}
	curve.Top, curve.Smoothed = topParts(s, probabilities, how), smoothed(s, how)
	return curve, nil
}

// shares measures the share of hours with the label in each part of the hours. Parts are given by their highest probabilities, rising, of which the last is that
// of all hours.
func (s sample) shares(highs []float64, how bootstrap) measured {
	ratios := make([]ratio, len(highs))
	for i := range ratios {
		ratios[i] = newRatio(len(s))
	}
	for i := range s {
		for h := range s[i].hours {
			hour := &s[i].hours[h]
			bin := sort.SearchFloat64s(highs, hour.probability)
			ratios[bin].below[i]++
			ratios[bin].above[i] += count(hour.label)
		}
	}
	m, _ := resample(len(s), how, ratiosOf(ratios))
	return m
}

// topEdges are the shares of hours of lower risk at which the parts of the highest tenth end.
var topEdges = []float64{0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1}

// topParts divides the highest tenth of the hours. Hours of equal probability share a part, and a part without hours is left out.
func topParts(s sample, probabilities []float64, how bootstrap) []CalibrationPart {
	sorted := slices.Clone(probabilities)
	slices.Sort(sorted)
	var highs []float64
	for _, edge := range topEdges {
		highs = append(highs, sorted[max(0, int(edge*float64(len(sorted)))-1)])
	}
	highs = slices.Compact(highs)
	m := s.shares(highs, how)
	parts := []CalibrationPart{}
	for i := 1; i < len(highs); i++ {
		from := sort.Search(len(sorted), func(k int) bool { return sorted[k] > highs[i-1] })
		to := sort.Search(len(sorted), func(k int) bool { return sorted[k] > highs[i] })
		hours := sorted[from:to]
		parts = append(parts, CalibrationPart{Low: hours[0], High: highs[i], Hours: len(hours), Predicted: floats.Sum(hours) / float64(len(hours)), Observed: m.figure(i)})
	}
	return parts
}

// columns are the labels and the probabilities of all hours.
func (s sample) columns() (labels []bool, probabilities []float64) {
	labels, probabilities = make([]bool, 0, s.hours()), make([]float64, 0, s.hours())
	for i := range s {
		for _, hour := range s[i].hours {
			labels, probabilities = append(labels, hour.label), append(probabilities, hour.probability)
		}
	}
	return slices.Clip(labels), slices.Clip(probabilities)
}
