package gbdt

import "math"

// sampler draws the rows of each round.
type sampler struct {
	options Options
	train   []int32
	radius  []float64 // of each training row: sqrt(g² + lambda h²)
	picked  [][]int32 // by chunk
}

// draw fills g.rows with the rows of this round, in their order, and weighs their gradients where
// the sampling asks for it.
func (s *sampler) draw(g *grower, round int) {
	if s.options.RowSample >= 1 {
		g.rows = append(g.rows[:0], s.train...)
		return
	}
	n := len(s.train)
	if s.picked == nil {
		s.picked = make([][]int32, chunks(n, chunkRows))
	}
	threshold := 0.0
	if s.options.Sampling == GradientBased {
		threshold = s.threshold(g)
	}
	key := streamKey(s.options.Seed, streamRows, round)
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		begin, end := chunk(n, chunkRows, i)
		picked := s.picked[i][:0]
		for k, row := range s.train[begin:end] {
			probability := s.options.RowSample
			if s.options.Sampling == GradientBased {
				probability = inclusion(s.radius[begin+k], threshold)
			}
			if unit(at(key, uint64(row))) >= probability { //nolint:gosec // rows are not negative
				continue
			}
			picked = append(picked, row)
			if s.options.Sampling == GradientBased {
				g.gradient[row] /= probability
				g.hessian[row] /= probability
			}
		}
		s.picked[i] = picked
	})
	g.rows = g.rows[:0]
	for _, picked := range s.picked {
		g.rows = append(g.rows, picked...)
	}
}

// inclusion is the probability min(1, radius/threshold) of a row.
func inclusion(radius, threshold float64) float64 {
	if radius >= threshold {
		return 1
	}
	return radius / threshold
}

// threshold finds t such that the sum of min(1, radius/t) is RowSample of the rows. From the t without any cap it
// recomputes t over the rows below it until no more rows are capped; each step lowers t, so this ends.
// Where fewer rows have a radius at all, t is 0: all are kept.
func (s *sampler) threshold(g *grower) float64 {
	s.measure(g)
	target := s.options.RowSample * float64(len(s.train))
	capped, t := -1, math.Inf(1)
	for {
		sum, above := s.below(t)
		if above == capped {
			return t
		}
		if float64(above) >= target || sum == 0 {
			return 0
		}
		capped, t = above, sum/(target-float64(above))
	}
}

// measure computes the radius of each training row.
func (s *sampler) measure(g *grower) {
	if s.radius == nil {
		s.radius = make([]float64, len(s.train))
	}
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		begin, end := chunk(len(s.train), chunkRows, i)
		for k, row := range s.train[begin:end] {
			gradient, hessian := g.gradient[row], g.hessian[row]
			s.radius[begin+k] = math.Sqrt(float64(gradient*gradient) + float64(s.options.Lambda*float64(hessian*hessian)))
		}
	})
}

// below returns the sum of the radii below t and the number of those that are not.
func (s *sampler) below(t float64) (sum float64, above int) {
	sums, counts := make([]float64, len(s.picked)), make([]int, len(s.picked))
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		begin, end := chunk(len(s.train), chunkRows, i)
		part, count := 0.0, 0
		for _, radius := range s.radius[begin:end] {
			if radius < t {
				part += radius
			} else {
				count++
			}
		}
		sums[i], counts[i] = part, count
	})
	for _, count := range counts {
		above += count
	}
	return sumInOrder(sums), above
}
