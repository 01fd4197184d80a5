package linear

import (
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/parallel"
)

// Values are held within these quantiles of their column, so that single extreme ones do not carry a coefficient
// (winsorising: Tukey, Ann Math Stat 1962, doi:10.1214/aoms/1177704711). The share is small enough to keep what
// is rare and real, such as a lactate of 10 mmol/L.
const (
	lowQuantile  = 0.001
	highQuantile = 0.999
)

// quantileRows is how many evenly spaced rows the quantiles come from where there are more.
const quantileRows = 50_000

// Scaling is what brings one column to mean 0 and deviation 1.
type Scaling struct {
	Low  float64 `json:"low"` // smaller values count as Low
	High float64 `json:"high"`
	Mean float64 `json:"mean"` // of the values held within Low and High
	// Deviation is the root mean square distance from Mean; 0 where the column has no two values that differ: it then
	// takes no part.
	Deviation float64 `json:"deviation"`
}

// apply scales a value. A missing one, and any of a column that takes no part, is 0.
func (s *Scaling) apply(value float32) float64 {
	if value != value || s.Deviation == 0 {
		return 0
	}
	return (min(max(float64(value), s.Low), s.High) - s.Mean) / s.Deviation
}

// columnsAtOnce columns are read together: the float32 values of one cache line.
const columnsAtOnce = 16

// newScalings measures each column over the rows that count.
func newScalings(m Matrix, rows []int32, threads int) []Scaling {
	scalings := make([]Scaling, m.Cols)
	parallel.Each(threads, (m.Cols+columnsAtOnce-1)/columnsAtOnce, func(task int) {
		first := task * columnsAtOnce
		bound(m, rows, first, scalings[first:min(first+columnsAtOnce, m.Cols)])
	})
	parts := make([]moments, blocks(len(rows)))
	parallel.Each(threads, len(parts), func(i int) {
		begin, end := block(len(rows), i)
		parts[i] = measure(m, rows[begin:end], scalings)
	})
	for _, part := range parts[1:] {
		parts[0].add(part)
	}
	for c := range scalings {
		scalings[c].settle(parts[0][c])
	}
	return scalings
}

// bound finds the quantiles of adjoining columns.
func bound(m Matrix, rows []int32, first int, scalings []Scaling) {
	var columns [columnsAtOnce][]float32
	sampled := min(len(rows), quantileRows)
	for i := range sampled {
		row := m.Row(int(rows[i*len(rows)/sampled]))
		for c, value := range row[first : first+len(scalings)] {
			if value == value {
				columns[c] = append(columns[c], value)
			}
		}
	}
	for c := range scalings {
		slices.Sort(columns[c])
		scalings[c].Low, scalings[c].High = quantile(columns[c], lowQuantile), quantile(columns[c], highQuantile)
	}
}

// quantile interpolates between the two nearest of the sorted values (type 7 of Hyndman and Fan, Am Stat 1996,
// doi:10.1080/00031305.1996.10473566); 0 where there is none.
func quantile(sorted []float32, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	position := share * float64(len(sorted)-1)
	below := int(position)
	above := min(below+1, len(sorted)-1)
	fraction := position - float64(below)
	return float64(sorted[below]) + float64(fraction*(float64(sorted[above])-float64(sorted[below])))
}

// moments are of each column the number of present values, and the sums of their distances from the lower bound and of
// the squares of these. Taken from there, the sums keep their digits also far from 0.
type moments []struct{ count, sum, squares float64 }

// measure sums over some rows, in columns whose bounds are known.
func measure(m Matrix, rows []int32, scalings []Scaling) moments {
	part := make(moments, len(scalings))
	for _, r := range rows {
		for c, value := range m.Row(int(r)) {
			if value != value {
				continue
			}
			s, of := &scalings[c], &part[c]
			distance := min(max(float64(value), s.Low), s.High) - s.Low
			of.count++
			of.sum += distance
			of.squares += float64(distance * distance)
		}
	}
	return part
}

func (m moments) add(other moments) {
	for c := range m {
		m[c].count += other[c].count
		m[c].sum += other[c].sum
		m[c].squares += other[c].squares
	}
}

// settle sets mean and deviation.
func (s *Scaling) settle(of struct{ count, sum, squares float64 }) {
	if of.count == 0 {
		return
	}
	distance := of.sum / of.count
	s.Mean = s.Low + distance
	if s.Low < s.High {
		s.Deviation = math.Sqrt(max(0, of.squares/of.count-float64(distance*distance)))
	}
}
