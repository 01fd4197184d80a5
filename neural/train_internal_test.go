package neural

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// madeDesign is 300 rows of 3 columns, of which the second is often missing.
func madeDesign(t *testing.T) (d *Design, labels, weights []float32) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	codes := make([][]uint8, 3)
	for column := range codes {
		codes[column] = make([]uint8, 300)
		for row := range codes[column] {
			codes[column][row] = uint8(1 + random.IntN(4)) //nolint:gosec // at most 4
			if column == 1 && random.IntN(2) == 0 {
				codes[column][row] = missing
			}
		}
	}
	for range 300 {
		labels, weights = append(labels, float32(random.IntN(2))), append(weights, float32(1+random.IntN(3)))
	}
	d, err := NewDesign(slices.Repeat([][]float32{{-1, 0, 1}}, 3), codes, 1)
	if err != nil {
		t.Fatal(err)
	}
	return d, labels, weights
}

// loss is the mean weighted logistic loss of all rows and outcomes, with the values left out that the first step leaves out.
func (t *training) loss() float64 {
	sum := 0.0
	for number := range t.shards {
		s := newShard(t.network)
		s.seed(t, 0, number)
		for _, row := range t.order[number*shardRows : min((number+1)*shardRows, len(t.order))] {
			t.design.inputs.read(t.design.row(int(row)), &s.in[0])
			margins := s.forward(t)
			for k, of := range t.outcomes {
				if margin, w := float64(margins[k]), of.weight(row); w > 0 {
					sum += w * t.scales[k] * (math.Log1p(math.Exp(margin)) - float64(of.Labels[row])*margin)
				}
			}
		}
	}
	return sum / float64(len(t.order))
}

// Each gradient is the slope of the loss, found by moving one weight at a time: of one batch in three parts, with outcomes aside of which not all is known, and
// with dropout.
func TestGradientsAreSlopesOfTheLoss(t *testing.T) {
	d, labels, weights := madeDesign(t)
	rows := make([]int32, 0, 300)
	for row := range int32(300) {
		rows = append(rows, row)
	}
	half, never := slices.Clone(labels), slices.Repeat([]float32{float32(math.NaN())}, len(labels))
	for row := range half {
		if half[row] = 1 - half[row]; row%3 == 0 {
			half[row] = float32(math.NaN())
		}
	}
	o := Options{Units: []int{5, 4}, InputDropout: 0.2, Dropout: 0.3, Passes: 1, BatchRows: math.MaxInt, LearningRate: 1, Aside: 2, Seed: 3, Threads: 2}
	tr := newTraining(d, rows, []Outcome{{labels, weights}, {Labels: half}, {Labels: never}}, o)
	if len(tr.shards) != 3 || math.Abs(tr.scales[1]-1.5) > 1e-12 || tr.scales[2] != 1 { // 200 of 300 rows are known; both weigh 2 together
		t.Fatalf("%d parts and scales %v", len(tr.shards), tr.scales)
	}
	random := rand.New(rand.NewPCG(7, 8))
	for _, l := range tr.network.layers { // so that no unit is given exactly 0
		for i := range l.biases {
			l.biases[i] = float32(random.NormFloat64()) / 4
		}
	}
	gradients := tr.gradients(0, tr.order)
	middle, checked := tr.loss(), 0
	for l := range tr.network.layers {
		for _, pair := range [][2][]float32{{tr.network.layers[l].weights, gradients[l].weights}, {tr.network.layers[l].biases, gradients[l].biases}} {
			for i, gradient := range pair[1] {
				const step = 1.0 / 8192 // few units turn on or off so near
				before := pair[0][i]
				pair[0][i] = before + step
				above := tr.loss()
				pair[0][i] = before - step
				below := tr.loss()
				pair[0][i] = before
				if math.Abs(above+below-2*middle) > 1e-5 { // a unit went on or off, and others are left out
					continue
				}
				if slope := (above - below) / (2 * step); math.Abs(slope-float64(gradient)) > 1e-3 {
					t.Errorf("layer %d, number %d: gradient %v, slope %v", l, i, gradient, slope)
				}
				if gradient != 0 {
					checked++
				}
			}
		}
	}
	if checked < 45 { // of 64, 5 of them of what is never known
		t.Errorf("only %d gradients are not 0", checked)
	}
}

// As many values are left out as the share says, and the others make up for them.
func TestDropoutKeepsTheMean(t *testing.T) {
	dropped := newDropout(0.25)
	s := &shard{random: rand.NewPCG(1, 1)}
	sum, kept, total := 0.0, 0, 0
	for range 2000 {
		v := sparse{at: []int32{2, 5, 7}, value: []float32{1, 1, 1}}
		s.drop(&v, dropped)
		for k := range v.value {
			sum += float64(v.value[k])
		}
		kept, total = kept+len(v.at), total+3
	}
	if share := float64(kept) / float64(total); math.Abs(share-0.75) > 0.02 {
		t.Errorf("%.3f of the values are kept, 0.75 expected", share)
	}
	if mean := sum / float64(total); math.Abs(mean-1) > 0.03 {
		t.Errorf("the mean of values of 1 is %.3f", mean)
	}
}

// The steps of torch.optim.AdamW (PyTorch 2.15.0, lr 0.1, weight_decay 0.5, float64) from the values 1 and -2 with the gradients (0.3, -0.02), (-0.1, -0.04),
// (0.2, 0).
func TestAdamWTakesTheStepsOfPyTorch(t *testing.T) {
	want := [][]float64{{0.8500000, -1.8000000}, {0.7674781, -1.6134819}, {0.6687956, -1.4581990}}
	l, m := newLayer(1, 2), moments{newLayer(1, 2), newLayer(1, 2)}
	l.weights[0], l.weights[1] = 1, -2
	for step, gradient := range [][]float32{{0.3, -0.02}, {-0.1, -0.04}, {0.2, 0}} {
		g := newLayer(1, 2)
		copy(g.weights, gradient)
		m.update(&l, &g, step+1, 0.1, 0.5)
		for i, value := range l.weights {
			if math.Abs(float64(value)-want[step][i]) > 1e-5 {
				t.Errorf("step %d: weight %d is %v, %v expected", step+1, i, value, want[step][i])
			}
		}
	}
}

// A tenth of the steps rise to the highest rate, half of the rest stays above half of it, and the last is next to nothing.
func TestLearningRateRisesAndFalls(t *testing.T) {
	tr := &training{options: Options{LearningRate: 2}}
	for _, want := range []struct {
		step int
		rate float64
	}{{0, 0.1}, {9, 1.9}, {10, 2}, {54, 1.01}, {55, 0.99}, {99, 0}} {
		if rate := tr.rate(want.step, 100); math.Abs(rate-want.rate) > 0.01 {
			t.Errorf("step %d of 100: rate %.3f, %.3f expected", want.step, rate, want.rate)
		}
	}
}

// Van der Waerden scores of the ranks' middles 0.25 and 0.75 are -0.6745 and 0.6745; of 1, 2 and 1 rows in three bins, 0.125, 0.5 and 0.875, they are
// -1.1503, 0 and 1.1503, whose deviation over the four rows is 0.8134.
func TestNormalScores(t *testing.T) {
	for _, c := range []struct {
		codes []uint8
		bins  int
		want  []float64
	}{
		{[]uint8{1, 1, 2, 2, 0}, 2, []float64{-1, 1}},
		{[]uint8{1, 2, 2, 3, 0, 0}, 3, []float64{-math.Sqrt2, 0, math.Sqrt2}},
		{[]uint8{1, 1, 1, 2}, 2, []float64{-1 / math.Sqrt(3), math.Sqrt(3)}}, // as any two bins of these shares
		{append(slices.Repeat([]uint8{1}, 999), 2), 2, []float64{-1 / math.Sqrt(999), largestScore}},
		{[]uint8{2, 2, 0}, 2, []float64{0, 0}},
		{[]uint8{0, 0}, 2, []float64{0, 0}},
	} {
		got := normalScores(c.codes, c.bins)
		for bin, score := range got {
			if math.Abs(float64(score)-c.want[bin]) > 1e-6 {
				t.Errorf("codes %v: scores %v, %v expected", c.codes, got, c.want)
				break
			}
		}
	}
}

// Columns that are missing in the same rows share an indicator; those that are never missing, or hidden, have none.
func TestIndicatorsOfPatterns(t *testing.T) {
	codes := [][]uint8{{1, 1, 2}, {0, 1, 2}, {0, 2, 1}, {1, 0, 0}, {0, 0, 1}}
	cuts := [][]float32{{0}, {0}, {0}, {0}, nil}
	in, _ := newInputs(cuts, codes, 2)
	if want := []int{1, 3}; !slices.Equal(in.Indicators, want) {
		t.Errorf("indicators of columns %v, %v expected", in.Indicators, want)
	}
}
