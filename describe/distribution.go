package describe

import (
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/plot"
)

// Distribution describes some values by their quantiles; all figures but Count are undefined without values.
type Distribution struct {
	Count   int    `json:"count"`
	Mean    Number `json:"mean"`
	Minimum Number `json:"minimum"`
	P1      Number `json:"p1"`
	P5      Number `json:"p5"`
	P25     Number `json:"p25"`
	Median  Number `json:"median"`
	P75     Number `json:"p75"`
	P95     Number `json:"p95"`
	P99     Number `json:"p99"`
	Maximum Number `json:"maximum"`
}

// newDistribution describes values in rising order. The mean is summed in that order, so that it does not depend on
// the order of the stays.
func newDistribution(sorted []float64) Distribution {
	sum := 0.0
	for _, value := range sorted {
		sum += value
	}
	at := func(share float64) Number { return quantile(sorted, share) }
	return Distribution{
		Count: len(sorted), Mean: ratio(sum, float64(len(sorted))), Minimum: at(0), P1: at(0.01), P5: at(0.05), P25: at(0.25),
		Median: at(0.5), P75: at(0.75), P95: at(0.95), P99: at(0.99), Maximum: at(1),
	}
}

// describeValues is newDistribution for values in any order, which stay as they are.
func describeValues(values []float64) Distribution {
	return newDistribution(sortedCopy(values))
}

// quantile interpolates between the neighbouring values: definition 7 of Hyndman and Fan 1996
// (doi:10.1080/00031305.1996.10473566). It is undefined without values.
func quantile(sorted []float64, share float64) Number {
	if len(sorted) == 0 {
		return undefined
	}
	place := share * float64(len(sorted)-1)
	below := int(math.Floor(place))
	if below+1 >= len(sorted) {
		return Number(sorted[len(sorted)-1])
	}
	return Number(sorted[below] + (place-float64(below))*(sorted[below+1]-sorted[below]))
}

// medianOfCounts is the lower median where counts[i] says how often i occurs; undefined when nothing occurs.
func medianOfCounts(counts []int) Number {
	total := 0
	for _, count := range counts {
		total += count
	}
	seen := 0
	for i, count := range counts {
		if seen += count; count > 0 && 2*seen >= total {
			return Number(i)
		}
	}
	return undefined
}

// Histogram counts values between edges: bin i holds Edges[i] ≤ value < Edges[i+1], the last one its upper edge, too.
type Histogram struct {
	Log    bool      `json:"logarithmic"` // the edges are equally far apart as logarithms
	Edges  []float64 `json:"edges"`
	Counts []int     `json:"counts"`
	Below  int       `json:"below"`
	Above  int       `json:"above"`
}

// histogramBins is about how many bins a histogram has.
const histogramBins = 30

// bins chooses round edges for values in rising order, about histogramBins from the 0.5 % to the 99.5 % quantile.
// Values that are all above 0 and far more spread above the median than below get logarithmic edges. Bins are
// at least as wide as the values are apart, and edges lie between the values: else a histogram is a comb.
func bins(sorted []float64) (edges []float64, log bool) {
	if len(sorted) == 0 {
		return []float64{0, 1}, false
	}
	low, high := float64(quantile(sorted, 0.005)), float64(quantile(sorted, 0.995))
	if low == high {
		return []float64{low - 0.5, low + 0.5}, false
	}
	const skewed = 6 // (P99.5 - median) / (median - P0.5)
	median := float64(quantile(sorted, 0.5))
	if sorted[0] > 0 && high-median > skewed*(median-low) {
		return logEdges(low, high, resolution(sorted)), true
	}
	unit := resolution(sorted)
	step := plot.RoundStep(math.Max(unit, (high-low)/histogramBins))
	first := math.Floor(low/step + 1e-9)
	for n := first; len(edges) < 2 || edges[len(edges)-1] <= high; n++ {
		edges = append(edges, n*step-unit/2)
	}
	return edges, false
}

// resolution is how far recorded values are apart: the coarsest round number of which nearly all are multiples; 0 if
// there is none.
func resolution(values []float64) float64 {
	const nearlyAll = 0.9
	for _, unit := range []float64{10, 5, 1, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001} {
		multiples := 0
		for _, value := range values {
			if math.Abs(value/unit-math.Round(value/unit)) < 1e-6 {
				multiples++
			}
		}
		if float64(multiples) >= nearlyAll*float64(len(values)) {
			return unit
		}
	}
	return 0
}

// logEdges are edges at about whole parts of a decade, between values that are a unit apart.
func logEdges(low, high, unit float64) []float64 {
	perDecade := histogramBins / (math.Log10(high) - math.Log10(low))
	if unit > 0 {
		perDecade = math.Min(perDecade, 1/math.Log10(1+unit/low))
	}
	perDecade = math.Max(1, math.Floor(perDecade))
	var edges []float64
	for n := math.Floor(math.Log10(low)*perDecade + 1e-9); len(edges) < 2 || edges[len(edges)-1] <= high; n++ {
		edge := math.Pow(10, n/perDecade)
		if unit > 0 {
			edge = math.Max(unit/2, (math.Round(edge/unit)-0.5)*unit)
		}
		if len(edges) == 0 || edge > edges[len(edges)-1] {
			edges = append(edges, edge)
		}
	}
	return edges
}

// newHistogram counts values in rising order.
func newHistogram(sorted, edges []float64, log bool) Histogram {
	h := Histogram{Log: log, Edges: edges, Counts: make([]int, len(edges)-1)}
	h.Below, _ = slices.BinarySearch(sorted, edges[0])
	start := h.Below
	for i := range h.Counts {
		end, _ := slices.BinarySearch(sorted, edges[i+1])
		if i == len(h.Counts)-1 {
			for end < len(sorted) && sorted[end] == edges[i+1] {
				end++
			}
		}
		h.Counts[i] = end - start
		start = end
	}
	h.Above = len(sorted) - start
	return h
}

// shares are the counts as shares of all values, also those outside.
func (h Histogram) shares() []float64 {
	total := h.Below + h.Above
	for _, count := range h.Counts {
		total += count
	}
	shares := make([]float64, len(h.Counts))
	for i, count := range h.Counts {
		shares[i] = float64(ratio(float64(count), float64(total)))
	}
	return shares
}
