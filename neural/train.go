package neural

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/medtech-detect/sepsis/parallel"
)

// shardRows rows of a batch are learnt from by one goroutine. It does not depend on the number of threads, so neither do the sums.
const shardRows = 128

// Streams keep the uses of randomness apart from each other.
const (
	streamWeights = iota + 1
	streamOrder
	streamDropout
)

// Outcome is what a network learns to foretell. Labels (0 to 1, or NaN where it is not known) and Weights (finite, 0 or more; nil for 1 each) hold a
// value for every row of the table.
type Outcome struct{ Labels, Weights []float32 }

// Train fits a network to an outcome of some rows of the design. Outcomes aside, of which there may be none, are learnt along with it and then forgotten: what is
// good for many purposes is less often chance (Caruana 1997, doi:10.1023/A:1007379606734). One of which no row knows anything teaches nothing. progress, which may be nil, is called after each step. Cancelling ctx
// ends the training with ctx's error.
func (d *Design) Train(ctx context.Context, rows []int32, outcome Outcome, aside []Outcome, o Options, progress func(step, steps int)) (*Network, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	outcomes := append([]Outcome{outcome}, aside...)
	for _, of := range outcomes {
		if err := d.checkRows(rows, of); err != nil {
			return nil, err
		}
	}
	if outcome.weigh(rows) == 0 {
		return nil, errors.New("neural: nothing is known of the outcome: all labels are NaN, or all weights 0")
	}
	t := newTraining(d, rows, outcomes, o)
	steps := t.batches * o.Passes
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if step%t.batches == 0 {
			t.shuffle()
		}
		t.step(step, steps)
		if progress != nil {
			progress(step+1, steps)
		}
	}
	trained, err := newNetwork(d.inputs, []*member{t.network.finish(&d.inputs)})
	if err != nil {
		return nil, errors.Join(errors.New("neural: the training found no finite weights; lower the learning rate"), err)
	}
	t.network.refer()
	return trained, nil
}

// training is a network that is being trained.
type training struct {
	design   *Design
	network  *member
	options  Options
	outcomes []Outcome
	scales   []float64 // of each outcome: by what a row's weight is taken
	order    []int32   // of the rows
	random   *rand.Rand
	batches  int // of a pass
	dropouts []dropout
	shards   []*shard
	moments  []moments
}

func newTraining(d *Design, rows []int32, outcomes []Outcome, o Options) *training {
	t := &training{
		design: d, options: o, outcomes: outcomes, order: slices.Clone(rows),
		random: rand.New(rand.NewPCG(o.Seed, streamOrder)),
	}
	size := min(o.BatchRows, len(rows))
	t.batches = (len(rows) + size - 1) / size
	for k, of := range outcomes {
		scale := 1.0
		if k > 0 {
			scale = o.Aside / float64(len(outcomes)-1)
		}
		if known := of.weigh(rows); known > 0 {
			scale *= float64(len(rows)) / known
		}
		t.scales = append(t.scales, scale)
	}
	t.network = &member{reference: d.mean(rows)}
	random := rand.New(rand.NewPCG(o.Seed, streamWeights))
	width := d.inputs.width()
	for _, units := range append(slices.Clone(o.Units), len(outcomes)) {
		l := newLayer(width, units)
		l.scatter(random)
		t.network.layers = append(t.network.layers, l)
		t.moments = append(t.moments, moments{newLayer(width, units), newLayer(width, units)})
		width = units
	}
	t.dropouts = []dropout{newDropout(o.InputDropout)}
	for range o.Units {
		t.dropouts = append(t.dropouts, newDropout(o.Dropout))
	}
	largest := (len(rows) + t.batches - 1) / t.batches
	for range (largest + shardRows - 1) / shardRows {
		t.shards = append(t.shards, newShard(t.network))
	}
	return t
}

// finish leaves the first unit of the last layer alone, forgets the weights of columns that say nothing, and rounds the others.
func (m *member) finish(inputs *Inputs) *member {
	for column := range inputs.Scores {
		if !inputs.tells(column) {
			clear(m.layers[0].of(int32(column))) //nolint:gosec // at most maxInputs
		}
	}
	last := &m.layers[len(m.layers)-1]
	units := len(last.biases)
	for i := range len(last.weights) / units {
		last.weights[i] = last.weights[i*units]
	}
	last.weights, last.biases = last.weights[:len(last.weights)/units], last.biases[:1]
	for _, l := range m.layers {
		round(l.weights)
		round(l.biases)
	}
	round(m.reference)
	return m
}

// digits are those that a weight keeps: what lies beyond tells nothing, and would more than double a network's file.
const digits = 4

func round(values []float32) {
	for i, v := range values {
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', digits, 32), 32)
		if err == nil {
			values[i] = float32(rounded)
		}
	}
}

// scatter draws a layer's first weights, uniformly within the inverse square root of the number of its inputs either way (LeCun et al.,
// Efficient BackProp, 1998).
func (l *layer) scatter(random *rand.Rand) {
	bound := 1 / math.Sqrt(float64(len(l.weights)/len(l.biases)))
	for i := range l.weights {
		l.weights[i] = float32((2*random.Float64() - 1) * bound)
	}
}

func (t *training) shuffle() {
	t.random.Shuffle(len(t.order), func(i, j int) { t.order[i], t.order[j] = t.order[j], t.order[i] })
}

// step learns from one batch.
func (t *training) step(step, steps int) {
	batch := step % t.batches
	sum := t.gradients(step, t.order[batch*len(t.order)/t.batches:(batch+1)*len(t.order)/t.batches])
	rate := t.rate(step, steps)
	for l := range t.network.layers {
		t.moments[l].update(&t.network.layers[l], &sum[l], step+1, rate, t.options.WeightDecay)
	}
}

// gradients are those of the loss of some rows together.
func (t *training) gradients(step int, rows []int32) []layer {
	shards := (len(rows) + shardRows - 1) / shardRows
	parallel.Each(t.options.Threads, shards, func(i int) {
		t.shards[i].learn(t, step, i, rows[i*shardRows:min((i+1)*shardRows, len(rows))], len(rows))
	})
	sum := t.shards[0].gradients
	for _, s := range t.shards[1:shards] {
		for l := range sum {
			axpy(1, s.gradients[l].weights, sum[l].weights)
			axpy(1, s.gradients[l].biases, sum[l].biases)
		}
	}
	return sum
}

// warmUp is the share of the steps over which the learning rate rises.
const warmUp = 0.1

// rate is the learning rate of a step: it rises to the highest in a straight line, and falls to 0 as half a cosine.
func (t *training) rate(step, steps int) float64 {
	done := (float64(step) + 0.5) / float64(steps)
	if done < warmUp {
		return t.options.LearningRate * done / warmUp
	}
	return t.options.LearningRate * (1 + math.Cos(math.Pi*(done-warmUp)/(1-warmUp))) / 2
}

// moments are the running means of the gradients and of their squares, by which AdamW takes a step (Loshchilov and Hutter, ICLR 2019; its defaults).
type moments struct{ first, second layer }

const (
	firstDecay  = 0.9
	secondDecay = 0.999
	epsilon     = 1e-8
)

func (m *moments) update(l, gradient *layer, step int, rate, decay float64) {
	first, second := 1-math.Pow(firstDecay, float64(step)), 1-math.Pow(secondDecay, float64(step))
	length, unbias := float32(rate/first), float32(1/math.Sqrt(second))
	move := func(values, gradients, firsts, seconds []float32, keep float32) {
		for i, g := range gradients {
			firsts[i] = firstDecay*firsts[i] + (1-firstDecay)*g
			seconds[i] = secondDecay*seconds[i] + (1-secondDecay)*g*g
			values[i] = keep*values[i] - length*firsts[i]/(float32(math.Sqrt(float64(seconds[i])))*unbias+epsilon)
		}
	}
	keep := float32(1 - rate*decay)
	move(l.weights, gradient.weights, m.first.weights, m.second.weights, keep)
	move(l.biases, gradient.biases, m.first.biases, m.second.biases, keep)
}

// dropout leaves out a share of values, and makes the others larger by as much, so that sums stay the same in the mean.
type dropout struct {
	below uint8 // a random byte below this leaves a value out
	scale float32
}

func newDropout(share float64) dropout {
	below := math.Round(share * 256)
	return dropout{uint8(below), float32(256 / (256 - below))}
}

// shard is what learning from a part of a batch needs.
type shard struct {
	*pass
	gradients []layer
	deltas    [][]float32 // of each layer: the slope of the loss by what its units are given
	random    *rand.PCG
	bytes     uint64 // random ones, not used yet
	left      int    // how many of them
}

func newShard(n *member) *shard {
	s := &shard{pass: n.newPass(len(n.reference)), random: rand.NewPCG(0, 0)}
	for _, l := range n.layers {
		units := len(l.biases)
		s.gradients = append(s.gradients, newLayer(len(l.weights)/units, units))
		s.deltas = append(s.deltas, make([]float32, units))
	}
	return s
}

// drop leaves out values of a vector at random.
func (s *shard) drop(v *sparse, d dropout) {
	if d.below == 0 {
		return
	}
	kept := 0
	for k, value := range v.value {
		if s.left == 0 {
			s.bytes, s.left = s.random.Uint64(), 8
		}
		draw := uint8(s.bytes) //nolint:gosec // the lowest byte is meant
		s.bytes, s.left = s.bytes>>8, s.left-1
		if draw >= d.below {
			v.at[kept], v.value[kept] = v.at[k], value*d.scale
			kept++
		}
	}
	v.at, v.value = v.at[:kept], v.value[:kept]
}

// learn finds the gradients of some rows of a batch of so many.
func (s *shard) learn(t *training, step, number int, rows []int32, batch int) {
	s.seed(t, step, number)
	for l := range s.gradients {
		clear(s.gradients[l].weights)
		clear(s.gradients[l].biases)
	}
	for _, row := range rows {
		t.design.inputs.read(t.design.row(int(row)), &s.in[0])
		margins := s.forward(t)
		slopes := s.deltas[len(s.deltas)-1]
		for k, of := range t.outcomes {
			slopes[k] = 0
			if w := of.weight(row); w > 0 {
				slopes[k] = float32(w * t.scales[k] / float64(batch) * (1/(1+math.Exp(-float64(margins[k]))) - float64(of.Labels[row])))
			}
		}
		s.backward(t)
	}
}

// seed begins the draws of a part of a batch.
func (s *shard) seed(t *training, step, number int) {
	s.random.Seed(t.options.Seed^streamDropout<<56, uint64(step)<<32|uint64(number)) //nolint:gosec // small counts
	s.left = 0
}

// forward is the margins of all outcomes, with dropout.
func (s *shard) forward(t *training) []float32 {
	last := len(t.network.layers) - 1
	for l := range t.network.layers {
		s.drop(&s.in[l], t.dropouts[l])
		t.network.layers[l].apply(&s.in[l], s.out[l])
		if l == last {
			break
		}
		s.in[l+1].rectify(s.out[l])
	}
	return s.out[last]
}

// backward adds a row's gradients, given the slopes of the loss by the margins.
func (s *shard) backward(t *training) {
	for l := len(t.network.layers) - 1; l >= 0; l-- {
		delta, in, gradient := s.deltas[l], &s.in[l], &s.gradients[l]
		axpy(1, delta, gradient.biases)
		for k, at := range in.at {
			axpy(in.value[k], delta, gradient.of(at))
		}
		if l == 0 {
			return
		}
		before := s.deltas[l-1]
		clear(before)
		for _, at := range in.at { // what was rectified or dropped has no slope
			before[at] = t.dropouts[l].scale * dot(t.network.layers[l].of(at), delta)
		}
	}
}
