package evaluate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/medtech-detect/sepsis"
)

// Resamples is how many times stays are drawn with replacement for an interval. Percentile intervals want about 1,000 (Efron and Tibshirani
// 1993, chapter 13); it is half of it to keep an evaluation within 45 minutes, and the ends are known to about an eighth of a standard error.
const Resamples = 500

// MinResamples is the fewest draws that give an interval: 2.5 % of them, which lie beyond each of its ends, are then one. With fewer nothing does, and the
// interval is no more than the lowest and the highest draw, which may both lie on one side of the figure.
const MinResamples = 40

// maxResamples bounds the memory of the draws, which are all held: a slip of a few digits would take all that there is.
const maxResamples = 100_000

// Figure is a number with its 95 % percentile bootstrap interval over stays. A nil Figure is undefined. It is that, too, when it is defined in less than half of the
// draws: an interval of those alone would leave out the chance of having nothing to tell.
type Figure = sepsis.Figure

// bootstrap says how draws are made.
type bootstrap struct {
	seed      uint64
	resamples int
}

// measure gives the figures of a draw in which stay i counts weights[i] times: NaN for a figure that is undefined, nil
// for a draw that cannot be measured. It is called from several goroutines.
type measure func(weights []float64) []float64

// measured are the figures of a sample, and those of every draw from it. Draws of samples with as many stays and the
// same seed are the same draws, so that figures of one can be compared with those of the other draw by draw.
type measured struct {
	point []float64
	draws [][]float64 // nil where a draw cannot be measured
}

// resample measures all stays once, and then draws as many stays as there are, with replacement, again and again. It
// is false when the stays themselves cannot be measured.
func resample(stays int, how bootstrap, figures measure) (measured, bool) {
	once := make([]float64, stays)
	for i := range once {
		once[i] = 1
	}
	m := measured{point: figures(once)}
	if m.point == nil {
		return m, false
	}
	m.draws = make([][]float64, how.resamples)
	random := rand.New(rand.NewPCG(how.seed, 0x5e9515))
	var workers sync.WaitGroup
	for draw := range m.draws {
		weights := make([]float64, stays)
		for range weights {
			weights[random.IntN(stays)]++
		}
		workers.Go(func() { m.draws[draw] = figures(weights) })
		if (draw+1)%runtime.GOMAXPROCS(0) == 0 {
			workers.Wait()
		}
	}
	workers.Wait()
	return m, true
}

// figure is the i-th figure with its interval over the draws in which it is defined, when these are most of them.
func (m measured) figure(i int) *Figure {
	return m.derive(func(values []float64) float64 { return values[i] })
}

// derive is what follows from the figures, with its interval.
func (m measured) derive(of func(values []float64) float64) *Figure {
	if m.point == nil {
		return nil
	}
	var column []float64
	for _, draw := range m.draws {
		if draw == nil {
			continue
		}
		if x := of(draw); !math.IsNaN(x) {
			column = append(column, x)
		}
	}
	if 2*len(column) < len(m.draws) {
		return nil
	}
	return interval(of(m.point), column)
}

// less is how much the i-th figure is above that of another sample of the same stays, draw by draw.
func (m measured) less(other measured, i int) *Figure {
	return m.beside(other, func(its, others []float64) float64 { return its[i] - others[i] })
}

// beside is what follows from the figures and those of another sample of the same stays, draw by draw.
func (m measured) beside(other measured, of func(its, others []float64) float64) *Figure {
	if m.point == nil || other.point == nil {
		return nil
	}
	both := measured{point: []float64{of(m.point, other.point)}, draws: make([][]float64, len(m.draws))}
	for d := range m.draws {
		if m.draws[d] != nil && other.draws[d] != nil {
			both.draws[d] = []float64{of(m.draws[d], other.draws[d])}
		}
	}
	return both.figure(0)
}

// mean is the mean of several measurements of the same stays, draw by draw.
func mean(all []measured) measured {
	m := measured{point: meanOf(all, func(one measured) []float64 { return one.point }), draws: make([][]float64, len(all[0].draws))}
	for d := range m.draws {
		m.draws[d] = meanOf(all, func(one measured) []float64 { return one.draws[d] })
	}
	return m
}

// meanOf is the mean of some figures; nil when one of them cannot be measured.
func meanOf(all []measured, of func(one measured) []float64) []float64 {
	sum := make([]float64, len(of(all[0])))
	for _, one := range all {
		figures := of(one)
		if len(figures) == 0 {
			return nil
		}
		for i, x := range figures {
			sum[i] += x / float64(len(all))
		}
	}
	return sum
}

// interval is the 2.5 to 97.5 % percentile interval of a value.
func interval(value float64, draws []float64) *Figure {
	if math.IsNaN(value) || math.IsInf(value, 0) || len(draws) == 0 {
		return nil
	}
	slices.Sort(draws)
	tail := len(draws) / 40
	return &Figure{Value: value, Low: draws[tail], High: draws[len(draws)-1-tail]}
}

// ratio is a figure that is a sum over stays divided by another one.
type ratio struct{ above, below []float64 }

func newRatio(stays int) ratio { return ratio{make([]float64, stays), make([]float64, stays)} }

// of is the ratio in a draw; NaN when nothing is below.
func (r ratio) of(weights []float64) float64 {
	var above, below float64
	for i, weight := range weights {
		if weight != 0 {
			above += weight * r.above[i]
			below += weight * r.below[i]
		}
	}
	if below == 0 {
		return math.NaN()
	}
	return above / below
}

// ratiosOf measures ratios.
func ratiosOf(ratios []ratio) measure {
	return func(weights []float64) []float64 {
		values := make([]float64, len(ratios))
		for i, r := range ratios {
			values[i] = r.of(weights)
		}
		return values
	}
}
