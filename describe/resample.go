package describe

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// resamples is how many times the stays are drawn again for an interval. An end of a 95 % interval is then the tenth
// value from outside.
const resamples = 400

// resampleSeed starts the draws: the same stays give the same intervals.
const resampleSeed = 0xda7a

// fewestStays is how many stays must be on either side of a comparison for an interval: with fewer, the resamples say
// little of what else could have been seen.
const fewestStays = 10

// Estimate is a figure with its 95 % bootstrap interval over stays (Efron and Tibshirani 1993, chapter 13): hours of one
// stay depend on each other, so stays are drawn, hospital by hospital, and all their hours with them. The ends
// are undefined when too few stays have a value.
type Estimate struct {
	Value Number `json:"value"`
	Low   Number `json:"low"`
	High  Number `json:"high"`
}

// newEstimate takes the 2.5 and the 97.5 % quantile of what the resamples gave.
func newEstimate(value Number, drawn []Number) Estimate {
	drawn = slices.DeleteFunc(slices.Clone(drawn), func(n Number) bool { return !n.Defined() })
	if !value.Defined() || len(drawn) == 0 {
		return Estimate{value, undefined, undefined}
	}
	slices.Sort(drawn)
	tail := len(drawn) / 40
	return Estimate{value, drawn[tail], drawn[len(drawn)-1-tail]}
}

// reflected is the basic interval (Davison and Hinkley 1997, chapter 5) of a distance from 0 to 1. Chance pushes a
// distance up, in a resample as in the sample; so the resamples lie too high, and are mirrored at the value.
func (e Estimate) reflected() Estimate {
	within := func(n Number) Number { return max(0, min(1, n)) }
	return Estimate{e.Value, within(2*e.Value - e.High), within(2*e.Value - e.Low)}
}

// draws say how often each stay is in each resample; the first of them has every stay once.
type draws [][]uint8

// newDraws draws as many stays as there are, with replacement, again and again. Hospitals with another position have draws
// of their own.
func newDraws(stays, position int) draws {
	random := rand.New(rand.NewPCG(resampleSeed, uint64(position))) //nolint:gosec // a small count
	d := make(draws, 1+resamples)
	d[0] = slices.Repeat([]uint8{1}, stays)
	for i := range d[1:] {
		d[1+i] = make([]uint8, stays)
		for range stays {
			at := &d[1+i][random.IntN(stays)]
			*at = min(*at, math.MaxUint8-1) + 1
		}
	}
	return d
}

// followed are the draws of these stays and of others after them.
func (d draws) followed(by draws) draws {
	both := make(draws, len(d))
	for i := range d {
		both[i] = slices.Concat(d[i], by[i])
	}
	return both
}

// sample are values, and the stay that each is of, by its place in the tally.
type sample struct {
	values []float64
	stays  []uint32
}

func (s *sample) add(value float64, stay int) {
	s.values, s.stays = append(s.values, value), append(s.stays, uint32(stay)) //nolint:gosec // the number of files
}

// merge adds a sample of stays that come after so many others.
func (s *sample) merge(later *sample, others int) {
	s.values = append(s.values, later.values...)
	for _, stay := range later.stays {
		s.stays = append(s.stays, stay+uint32(others)) //nolint:gosec // the number of files
	}
}

// total adds up the values in each draw.
func (s *sample) total(d draws) []float64 {
	totals := make([]float64, len(d))
	for i, weights := range d {
		for j, value := range s.values {
			totals[i] += value * float64(weights[s.stays[j]])
		}
	}
	return totals
}

// comparison holds two samples together, the second one's values against the first one's, so that they need not be sorted
// again for each draw.
type comparison struct {
	rows   []uint32  // by rising value: twice the stay, and 1 more for the second sample
	values []float64 // that occur
	ends   []int     // where the rows of each value end
	enough bool      // stays on both sides for an interval
}

// newComparison compares samples of the same so many stays.
func newComparison(first, second *sample, stays int) *comparison {
	type ranked struct {
		value float64
		row   uint32
	}
	ranking := make([]ranked, 0, len(first.values)+len(second.values))
	for side, s := range []*sample{first, second} {
		for i, value := range s.values {
			ranking = append(ranking, ranked{value, 2*s.stays[i] + uint32(side)}) //nolint:gosec // 0 or 1
		}
	}
	slices.SortFunc(ranking, func(a, b ranked) int { return cmp.Compare(a.value, b.value) })
	c := &comparison{rows: make([]uint32, len(ranking)), enough: first.distinct(stays) >= fewestStays && second.distinct(stays) >= fewestStays}
	for i, r := range ranking {
		c.rows[i] = r.row
		if i == len(ranking)-1 || ranking[i+1].value != r.value {
			c.values, c.ends = append(c.values, r.value), append(c.ends, i+1)
		}
	}
	return c
}

// within finds the values from low to high, both included, and whether enough of so many stays have one on both sides.
func (c *comparison) within(low, high float64, stays int) (from, to int, enough bool) {
	from = sort.SearchFloat64s(c.values, low)
	to = max(from, sort.Search(len(c.values), func(i int) bool { return c.values[i] > high }))
	var sides [2]sample
	for _, row := range c.rows[c.start(from):c.start(to)] {
		sides[row&1].stays = append(sides[row&1].stays, row>>1)
	}
	return from, to, sides[0].distinct(stays) >= fewestStays && sides[1].distinct(stays) >= fewestStays
}

// start is where the rows of a value start.
func (c *comparison) start(i int) int {
	if i == 0 {
		return 0
	}
	return c.ends[i-1]
}

// distinct counts the stays that have a value.
func (s *sample) distinct(stays int) int {
	seen, count := make([]bool, stays), 0
	for _, stay := range s.stays {
		if !seen[stay] {
			seen[stay] = true
			count++
		}
	}
	return count
}

// split is a count on both sides of a comparison.
type split struct{ first, second int }

// count counts each value that occurs, in one draw.
func (c *comparison) count(weights []uint8, counts []split) {
	for i, end := range c.ends {
		all, second := 0, 0
		for _, row := range c.rows[c.start(i):end] {
			weight := int(weights[row>>1])
			all += weight
			second += weight * int(row&1)
		}
		counts[i] = split{all - second, second}
	}
}

// estimates measures every draw: figures gives some figures of the counts of the values, in rising order.
func (c *comparison) estimates(d draws, figures func(counts []split, draw int) []Number) []Estimate {
	counts := make([]split, len(c.ends))
	var drawn [][]Number // by figure
	for draw, weights := range d {
		if draw > 0 && !c.enough {
			break
		}
		c.count(weights, counts)
		for i, figure := range figures(counts, draw) {
			if draw == 0 {
				drawn = append(drawn, nil)
			}
			drawn[i] = append(drawn[i], figure)
		}
	}
	estimates := make([]Estimate, len(drawn))
	for i := range drawn {
		estimates[i] = newEstimate(drawn[i][0], drawn[i][1:])
	}
	return estimates
}

func total(counts []split) split {
	var sum split
	for _, count := range counts {
		sum.first, sum.second = sum.first+count.first, sum.second+count.second
	}
	return sum
}

// auroc is how often a value of the second sample is above one of the first, ties being half (Hanley and McNeil 1982,
// doi:10.1148/radiology.143.1.7063747); undefined when one is empty.
func auroc(counts []split) Number {
	below, won := 0, 0 // won is twice the number of pairs
	for _, count := range counts {
		won += count.second * (2*below + count.first)
		below += count.first
	}
	sum := total(counts)
	return ratio(float64(won)/2, float64(sum.first)*float64(sum.second))
}

// kolmogorovSmirnov is the largest distance between the distribution functions of two samples, from 0 (the same) to 1
// (apart); undefined when one is empty. Smirnov 1948, doi:10.1214/aoms/1177730256.
func kolmogorovSmirnov(counts []split) Number {
	sum, below, distance := total(counts), split{}, Number(0)
	for _, count := range counts {
		below.first, below.second = below.first+count.first, below.second+count.second
		distance = max(distance, absolute(ratio(float64(below.first), float64(sum.first))-ratio(float64(below.second), float64(sum.second))))
	}
	if sum.first == 0 || sum.second == 0 {
		return undefined
	}
	return distance
}
