package gbdt

import "math"

// minGain is the loss reduction below which a split is rounding noise; XGBoost has the same bound.
const minGain = 1e-6

// regularisation holds the penalties of Chen & Guestrin's Equations 5 to 7, with XGBoost's L1 term.
type regularisation struct {
	lambda, alpha, gamma, minChildWeight float64
}

// shrink is the soft threshold of the L1 penalty on a gradient sum.
func (r *regularisation) shrink(gradient float64) float64 {
	switch {
	case gradient > r.alpha:
		return gradient - r.alpha
	case gradient < -r.alpha:
		return gradient + r.alpha
	default:
		return 0
	}
}

// score is G²/(H+lambda), after the L1 threshold: twice a leaf's part of the loss reduction.
func (r *regularisation) score(gradient, hessian float64) float64 {
	g := r.shrink(gradient)
	return float64(g*g) / (hessian + r.lambda)
}

// weight is the best value of a leaf, -G/(H+lambda) (Equation 5), or 0 without any hessian.
func (r *regularisation) weight(gradient, hessian float64) float64 {
	denominator := hessian + r.lambda
	if denominator <= 0 {
		return 0
	}
	return -r.shrink(gradient) / denominator
}

// A split sends bins 1 to bin of a column to the left, and missing values where missingLeft says.
type split struct {
	gain        float64
	column      int32
	bin         uint8
	missingLeft bool
	left        int64 // packed sums of the left child
}

// found tells whether the split exists at all.
func (s *split) found() bool { return s.gain > 0 }

// A splitter finds the best split of a node from its histogram.
type splitter struct {
	regularisation
	quantiser
	// minHessian is minChildWeight in fixed point, at least 1: a child without weight is none.
	minHessian int64
}

func newSplitter(r regularisation, q quantiser) splitter {
	least := math.Ceil(float64(r.minChildWeight * q.hessianScale))
	return splitter{r, q, int64(max(1, min(least, math.MaxUint32)))}
}

// best finds the best split of one column. Candidates are taken from the lowest bin up, those with missing
// values on the right before those on the left; only a larger gain replaces an earlier one.
func (s *splitter) best(column int32, counts []int64, cuts int, total int64) split {
	best := split{column: column}
	missing := counts[missingBin]
	if missing == 0 {
		s.scan(&best, counts[:cuts+1], 0, total, false)
		best.missingLeft = s.largerLeft(best.left, total)
	} else {
		s.scan(&best, counts[:cuts+1], 0, total, false)
		s.scan(&best, counts[:cuts+1], missing, total, true)
	}
	return best
}

// largerLeft tells whether the left child has at least half of the hessian.
func (s *splitter) largerLeft(left, total int64) bool {
	_, l := unpack(left)
	_, h := unpack(total)
	return 2*l >= h
}

// scan tries every cut with the left child starting at the packed sum left.
func (s *splitter) scan(best *split, counts []int64, left, total int64, missingLeft bool) {
	gradient, hessian := s.sums(total)
	parent := s.score(gradient, hessian)
	floor := max(best.gain, minGain)
	for bin := 1; bin < len(counts); bin++ {
		if counts[bin] == 0 {
			continue // the same two children as at the bin before
		}
		left += counts[bin]
		_, leftHessian := unpack(left)
		_, rightHessian := unpack(total - left)
		if leftHessian < s.minHessian {
			continue
		}
		if rightHessian < s.minHessian {
			return
		}
		gain := s.score(s.sums(left)) + s.score(s.sums(total-left)) - parent
		if gain > floor && gain >= s.gamma {
			floor = gain
			best.gain, best.bin, best.left, best.missingLeft = gain, uint8(bin), left, missingLeft //nolint:gosec // bin < 256
		}
	}
}

// wordsPerTask words of columns are searched by one goroutine at a time.
const wordsPerTask = 2

// search finds the best split over all columns of the table that allow admits (nil admits all). Between equal gains the
// first column wins, whatever the order in which columns are searched.
func (s *splitter) search(h *histogrammer, d *Dataset, counts histogram, total int64, allow []bool) split {
	results := make([]split, chunks(h.table.words(), wordsPerTask))
	forEach(h.threads, len(results), func(_, task int) {
		begin, end := chunk(len(h.table.columns), wordsPerTask*wordColumns, task)
		var own [bins]int64
		for place := begin; place < end; place++ {
			if allow != nil && !allow[place] {
				continue
			}
			column := h.table.columns[place]
			cuts := len(d.cuts[column])
			counts.column(place, own[:cuts+1])
			if found := s.best(column, own[:], cuts, total); found.gain > results[task].gain {
				results[task] = found
			}
		}
	})
	var best split
	for i := range results {
		if results[i].gain > best.gain {
			best = results[i]
		}
	}
	return best
}
