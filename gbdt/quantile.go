package gbdt

import "math"

// sampleRows is the number of rows, evenly spaced, from which quantiles are taken.
const sampleRows = 200_000

// cutPoints returns the ascending thresholds that divide a column into bins of about equal count.
// Value v belongs to bin 1 + (number of cuts <= v); bin 0 is for missing. values are the present
// values of the column, sorted; bins is the total number of codes, missing included.
//
// Few distinct values get a bin each. A value so frequent that it fills a bin gets its own, and the
// rest share what remains. The last cut is the largest float32: a split there sends every
// present value to the left and missing ones to the right.
func (r *runs) cutPoints(values []float32, bins int) []float32 {
	if len(values) == 0 {
		return nil
	}
	r.find(values)
	distinct, counts := r.values, r.counts
	free := bins - 2 // without the code of missing, and the one above the last cut
	var cuts []float32
	if len(distinct) <= free {
		for i := 1; i < len(distinct); i++ {
			cuts = append(cuts, between(distinct[i-1], distinct[i]))
		}
	} else {
		cuts = equalCounts(distinct, counts, len(values), free)
	}
	if len(cuts) == 0 || cuts[len(cuts)-1] < math.MaxFloat32 {
		cuts = append(cuts, math.MaxFloat32)
	}
	return cuts
}

// runs are the distinct values of a sorted slice and how often each occurs. They keep their memory from one use to the next.
type runs struct {
	values []float32
	counts []int
}

func (r *runs) find(sorted []float32) {
	if cap(r.values) < len(sorted) {
		room := cap(sorted) // which is that of all columns
		r.values, r.counts = make([]float32, room), make([]int, room)
	}
	r.values, r.counts = r.values[:0], r.counts[:0]
	for begin := 0; begin < len(sorted); {
		end := begin + 1
		for end < len(sorted) && sorted[end] == sorted[begin] {
			end++
		}
		r.values, r.counts = append(r.values, sorted[begin]), append(r.counts, end-begin)
		begin = end
	}
}

// equalCounts closes a bin when it holds its share of the values that are left, or when the next
// value alone would fill one.
func equalCounts(distinct []float32, counts []int, total, bins int) []float32 {
	var cuts []float32
	left, held := total, 0
	for i := 0; i+1 < len(distinct) && len(cuts) < bins-1; i++ {
		held += counts[i]
		share := float64(left) / float64(bins-len(cuts))
		if float64(held) >= share || float64(counts[i+1]) >= share {
			cuts = append(cuts, between(distinct[i], distinct[i+1]))
			left -= held
			held = 0
		}
	}
	return cuts
}

// between returns a threshold t with low < t <= high: the middle, if float32 has one.
func between(low, high float32) float32 {
	middle := float32((float64(low) + float64(high)) / 2)
	if middle <= low {
		return high
	}
	return middle
}
