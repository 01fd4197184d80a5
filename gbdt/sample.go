package gbdt

import "math"

// A sample is the rows of one round, in their order, with their gradients, weighed where the sampling asks for it.
type sample struct {
	rows              []int32 // of the dataset
	positions         []int32 // of each in the training subset; nil where all of it is drawn
	gradient, hessian []float64
}

// position is where a row of the sample stands in the training subset.
func (s *sample) position(place int32) int32 {
	if s.positions == nil {
		return place
	}
	return s.positions[place]
}

// sampler draws the rows of each round.
type sampler struct {
	options Options
	train   []int32
	radius  []float64 // of each training row: sqrt(g² + lambda h²)
	picked  [][]int32 // positions of the training subset, by chunk
	drawn   sample
}

// draw returns the rows of this round, given the gradients and hessians of all training rows. What it returns is good until the
// next draw.
func (s *sampler) draw(gradient, hessian []float64, round int) *sample {
	if s.options.RowSample >= 1 {
		s.drawn = sample{rows: s.train, gradient: gradient, hessian: hessian}
		return &s.drawn
	}
	if s.picked == nil {
		s.picked = make([][]int32, chunks(len(s.train), chunkRows))
	}
	threshold := 0.0
	if s.options.Sampling == GradientBased {
		threshold = s.threshold(gradient, hessian)
	}
	key := streamKey(s.options.Seed, streamRows, round)
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		s.pick(i, threshold, key)
	})
	s.collect(gradient, hessian, threshold)
	return &s.drawn
}

// pick draws from one chunk.
func (s *sampler) pick(i int, threshold float64, key uint64) {
	begin, end := chunk(len(s.train), chunkRows, i)
	picked := s.picked[i][:0]
	for k, row := range s.train[begin:end] {
		if unit(at(key, uint64(row))) < s.probability(begin+k, threshold) { //nolint:gosec // rows are not negative
			picked = append(picked, int32(begin+k)) //nolint:gosec // bounded by maxRows
		}
	}
	s.picked[i] = picked
}

// probability is that of a position to be drawn.
func (s *sampler) probability(position int, threshold float64) float64 {
	if s.options.Sampling == GradientBased {
		return inclusion(s.radius[position], threshold)
	}
	return s.options.RowSample
}

// collect makes the sample of what was picked.
func (s *sampler) collect(gradient, hessian []float64, threshold float64) {
	total := 0
	starts := make([]int, len(s.picked))
	for i, picked := range s.picked {
		starts[i], total = total, total+len(picked)
	}
	d := &s.drawn
	if cap(d.rows) < total {
		room := min(len(s.train), total+total/8)
		*d = sample{make([]int32, room), make([]int32, room), make([]float64, room), make([]float64, room)}
	}
	d.rows, d.positions, d.gradient, d.hessian = d.rows[:total], d.positions[:total], d.gradient[:total], d.hessian[:total]
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		for k, position := range s.picked[i] {
			place := starts[i] + k
			d.rows[place], d.positions[place] = s.train[position], position
			d.gradient[place], d.hessian[place] = gradient[position], hessian[position]
			if s.options.Sampling == GradientBased {
				probability := inclusion(s.radius[position], threshold)
				d.gradient[place] /= probability
				d.hessian[place] /= probability
			}
		}
	})
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
func (s *sampler) threshold(gradient, hessian []float64) float64 {
	s.measure(gradient, hessian)
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
func (s *sampler) measure(gradient, hessian []float64) {
	if s.radius == nil {
		s.radius = make([]float64, len(s.train))
	}
	forEach(s.options.Threads, len(s.picked), func(_, i int) {
		begin, end := chunk(len(s.train), chunkRows, i)
		for k := begin; k < end; k++ {
			s.radius[k] = math.Sqrt(float64(gradient[k]*gradient[k]) + float64(s.options.Lambda*float64(hessian[k]*hessian[k])))
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
