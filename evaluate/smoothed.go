package evaluate

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// smoothedBins is into how many bins of equal count the hours are pooled before their calibration is smoothed: so fine that
// the figures hardly change (a test compares).
const smoothedBins = 1000

// smoothedWidth is how far from a risk hours have a part in its smoothed share, in log odds: from a third to three times the odds.
const smoothedWidth = 1.0

// smoothedLeast is how many hours must have a risk or a higher one for the curve to go there: what fewer show is chance, and many a draw has none.
const smoothedLeast = 100

// smoothedAt are the risks at which the smoothed curve is drawn: those of the decision curves, and higher ones.
var smoothedAt = append(slices.Clone(decisionThresholds), 0.25, 0.3, 0.4, 0.5)

// smoothPoint is a bin of hours of like risk.
type smoothPoint struct {
	logit, probability        float64 // means
	weight, positive, watched float64 // hours, those with the label, those on the watch list
}

// smoothedFigures are the figures of a smoothed calibration curve in a draw: four summaries, then the curve.
const (
	smoothedIndex = iota
	smoothedWatched
	smoothedMedian
	smoothedNinetieth
	numSmoothed
)

// smoothed measures the calibration of a sample without dividing it (Austin and Steyerberg 2019, doi:10.1002/sim.8281).
func smoothed(s sample, how bootstrap) *SmoothedCalibration {
	r := newRows(s, 0)
	m, _ := resample(len(s), how, func(weights []float64) []float64 { return smoothedFigures(r.pooled(weights, smoothedBins)) })
	curve := &SmoothedCalibration{
		Index: m.figure(smoothedIndex), Watched: m.figure(smoothedWatched), Median: m.figure(smoothedMedian), Ninetieth: m.figure(smoothedNinetieth),
		Points: []SmoothedPoint{},
	}
	for i, p := range smoothedAt {
		beyond := sort.Search(len(r.sorted), func(k int) bool { return r.sorted[k].probability < p })
		if observed := m.figure(numSmoothed + i); observed != nil && beyond >= smoothedLeast {
			curve.Points = append(curve.Points, SmoothedPoint{Predicted: p, Observed: observed})
		}
	}
	return curve
}

// pooled puts the rows of a draw into bins of equal count, by rising risk.
func (r *rows) pooled(weights []float64, bins int) []smoothPoint {
	var points []smoothPoint
	for bin := range slices.Chunk(r.sorted, max(1, len(r.sorted)/bins)) {
		var p smoothPoint
		for i := range bin {
			w := weights[bin[i].stay]
			p.weight += w
			p.logit, p.probability = p.logit+w*bin[i].logit, p.probability+w*bin[i].probability
			p.positive, p.watched = p.positive+w*count(bin[i].label), p.watched+w*count(bin[i].positive)
		}
		if p.weight > 0 {
			p.logit, p.probability = p.logit/p.weight, p.probability/p.weight
			points = append(points, p)
		}
	}
	slices.Reverse(points)
	return points
}

// smoothedFigures are the distances of the risks from the smoothed shares, and these at the risks of the curve.
func smoothedFigures(points []smoothPoint) []float64 {
	values := slices.Repeat([]float64{math.NaN()}, numSmoothed+len(smoothedAt))
	if len(points) == 0 {
		return values
	}
	type distance struct{ size, weight float64 }
	var distances []distance
	var sum, total, watchedSum, watched float64
	for _, p := range points {
		size := math.Abs(p.probability - smoothedShare(points, p.logit))
		distances = append(distances, distance{size, p.weight})
		sum, total = sum+p.weight*size, total+p.weight
		watchedSum, watched = watchedSum+p.watched*size, watched+p.watched
	}
	values[smoothedIndex], values[smoothedWatched] = sum/total, divided(watchedSum, watched)
	slices.SortFunc(distances, func(a, b distance) int { return cmp.Compare(a.size, b.size) })
	below := 0.0
	for _, d := range distances {
		below += d.weight
		for place, share := range map[int]float64{smoothedMedian: 0.5, smoothedNinetieth: 0.9} {
			if math.IsNaN(values[place]) && below >= share*total {
				values[place] = d.size
			}
		}
	}
	for i, p := range smoothedAt {
		if logit := math.Log(p / (1 - p)); logit >= points[0].logit && logit <= points[len(points)-1].logit {
			values[numSmoothed+i] = smoothedShare(points, logit)
		}
	}
	return values
}

// smoothedShare is the share of hours with the label at a risk, given as log odds: by a line through the shares of the bins around it, of which nearer
// ones weigh more (local linear regression with tricube weights, Cleveland 1979, doi:10.1080/01621459.1979.10481038).
func smoothedShare(points []smoothPoint, logit float64) float64 {
	from := sort.Search(len(points), func(i int) bool { return points[i].logit > logit-smoothedWidth })
	var w, wx, wxx, wy, wxy float64
	for i := from; i < len(points) && points[i].logit < logit+smoothedWidth; i++ {
		p := &points[i]
		x := p.logit - logit
		near := 1 - math.Abs(x*x*x)/(smoothedWidth*smoothedWidth*smoothedWidth)
		near *= near * near
		w, wx, wxx = w+near*p.weight, wx+near*p.weight*x, wxx+near*p.weight*x*x
		wy, wxy = wy+near*p.positive, wxy+near*p.positive*x
	}
	if spread := w*wxx - wx*wx; spread > 1e-9*w*w {
		return min(1, max(0, (wxx*wy-wx*wxy)/spread))
	}
	return divided(wy, w)
}

// divided is NaN for a share of nothing.
func divided(above, below float64) float64 {
	if below == 0 {
		return math.NaN()
	}
	return above / below
}
