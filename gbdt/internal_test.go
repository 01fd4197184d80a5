package gbdt

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Against the standard library: relative errors of a few units in the last place.
func TestExponentialAndLogarithm(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		x := -random.ExpFloat64() * 20
		if got, want := expNegative(x), math.Exp(x); math.Abs(got-want) > 4e-16*want+1e-320 && x > -700 {
			t.Fatalf("e^%v is %v, want %v", x, got, want)
		}
		y := math.Exp(random.NormFloat64() * 10)
		if got, want := logarithm(y), math.Log(y); math.Abs(got-want) > 5e-16*max(math.Abs(want), 1) {
			t.Fatalf("ln %v is %v, want %v", y, got, want)
		}
		if y = 1 + random.Float64(); logarithmOfOneTo2(y) != logarithm(y) {
			t.Fatalf("ln %v is %v or %v", y, logarithmOfOneTo2(y), logarithm(y))
		}
	}
	for _, x := range []float64{-709, -1000, math.Inf(-1)} {
		if expNegative(x) != 0 {
			t.Errorf("e^%v is %v", x, expNegative(x))
		}
	}
}

// Derivatives against finite differences of the loss.
func TestLogisticDerivatives(t *testing.T) {
	for _, label := range []float64{0, 0.3, 1} {
		for margin := -6.0; margin <= 6; margin += 0.7 {
			const step = 1e-4
			_, gradient, hessian := logistic(margin, label)
			low, lowGradient, _ := logistic(margin-step, label)
			high, highGradient, _ := logistic(margin+step, label)
			if math.Abs((high-low)/(2*step)-gradient) > 1e-7 || math.Abs((highGradient-lowGradient)/(2*step)-hessian) > 1e-7 {
				t.Errorf("margin %v, label %v: gradient %v, hessian %v", margin, label, gradient, hessian)
			}
		}
	}
	if _, g, h := logistic(1e6, 0); g != 1 || h != minHessian {
		t.Errorf("saturated: gradient %v, hessian %v", g, h)
	}
}

// The sums of any rows stay within their 32 bits, at the worst with all gradients of one sign, and come close to
// the exact ones: here within a thousandth of the sampling error of the sum itself.
func TestQuantisedSums(t *testing.T) {
	const n = 1 << 20
	random := rand.New(rand.NewPCG(3, 1))
	for name, gradient := range map[string]func() float64{
		"one sign":         func() float64 { return 0.5 },
		"rare large ones":  func() float64 { return map[bool]float64{true: -0.98, false: 0.02}[random.IntN(50) == 0] },
		"many magnitudes":  func() float64 { return math.Exp(random.NormFloat64() * 4) },
		"all zero":         func() float64 { return 0 },
		"very small, both": func() float64 { return (random.Float64() - 0.5) * 1e-100 },
	} {
		values, absolute, exact, squares := make([]float64, n), 0.0, 0.0, 0.0
		for i := range values {
			values[i] = gradient()
			absolute += math.Abs(values[i])
			exact += values[i]
			squares += values[i] * values[i]
		}
		q := newQuantiser(n, absolute, absolute, 42)
		total, gradients := int64(0), int64(0)
		for i, v := range values {
			packed := q.pack(int32(i), v, math.Abs(v))
			total += packed
			g, _ := unpack(packed)
			gradients += g
		}
		if g, h := unpack(total); g != gradients || g > math.MaxInt32 || g < math.MinInt32 || h < 0 {
			t.Errorf("%s: packed gradient %d, sum %d", name, g, gradients)
		}
		got, hessian := q.sums(total)
		if tolerance := math.Sqrt(squares) / 1000; math.Abs(got-exact) > tolerance || math.Abs(hessian-absolute) > tolerance {
			t.Errorf("%s: sums %v and %v, exactly %v and %v", name, got, hessian, exact, absolute)
		}
	}
}

// Minimal-variance sampling keeps the expected number of rows, and unbiased sums.
func TestGradientBasedSampling(t *testing.T) {
	const n = 50_000
	s := sampler{options: Options{RowSample: 0.2, Sampling: GradientBased, Lambda: 1, Threads: 2, Seed: 4}}
	random := rand.New(rand.NewPCG(5, 1))
	gradient, hessians := make([]float64, n), make([]float64, n)
	exact, sum, hessian := 0.0, 0.0, 0.0
	for row := range n {
		s.train = append(s.train, int32(row))
		gradient[row] = math.Exp(random.NormFloat64() * 2)
		hessians[row] = gradient[row] / 2
		exact += gradient[row]
	}
	drawn := s.draw(gradient, hessians, 0)
	if kept := float64(len(drawn.rows)); math.Abs(kept-0.2*n) > 400 { // about five standard deviations
		t.Errorf("%v rows kept, expected %v", kept, 0.2*n)
	}
	for i := range drawn.rows {
		sum += drawn.gradient[i]
		hessian += drawn.hessian[i]
	}
	if math.Abs(sum/exact-1) > 0.01 || math.Abs(2*hessian/exact-1) > 0.01 {
		t.Errorf("sums %v and %v after sampling, %v and %v before", sum, hessian, exact, exact/2)
	}
}

// A node whose histogram was given up is split as if it had been kept.
func TestForgottenHistograms(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	m := Matrix{Rows: 4000, Cols: 5, Values: make([]float32, 20_000)}
	for i := range m.Values {
		m.Values[i] = float32(random.NormFloat64())
	}
	d, err := NewDataset(m, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	g := newGrower(d, Options{Threads: 1, MaxDepth: 4, Lambda: 1, ColumnSample: 1, RowSample: 1, ColumnSampleByNode: 1})
	drawn := &sample{}
	for row := range int32(4000) {
		drawn.rows = append(drawn.rows, row)
		drawn.gradient, drawn.hessian = append(drawn.gradient, random.NormFloat64()), append(drawn.hessian, 0.25)
	}
	var grown [2]*growingTree
	for i := range grown {
		g.pool.limit = []int{maxHistogramBytes, 0}[i]
		if grown[i], err = g.grow(t.Context(), 0, drawn); err != nil {
			t.Fatal(err)
		}
	}
	if len(grown[0].nodes) != len(grown[1].nodes) {
		t.Fatalf("%d and %d nodes", len(grown[0].nodes), len(grown[1].nodes))
	}
	for i := range grown[0].nodes {
		if grown[0].nodes[i] != grown[1].nodes[i] {
			t.Errorf("node %d: %+v, then %+v", i, grown[0].nodes[i], grown[1].nodes[i])
		}
	}
	if g.pool.lent != 0 {
		t.Errorf("%d histograms not given back", g.pool.lent)
	}
}

// The search without branches against the definition of a bin.
func TestSearch(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	cuts := []float32{-math.MaxFloat32, -1, 0, math.SmallestNonzeroFloat32, 2, math.MaxFloat32}
	for length := range len(cuts) + 1 {
		s := newSearch(cuts[:length])
		for _, v := range []float32{-math.MaxFloat32, -2, -1, negativeZero, 0, math.SmallestNonzeroFloat32, 1, 2, 3, math.MaxFloat32} {
			want := uint8(1)
			for _, cut := range cuts[:length] {
				if cut <= v {
					want++
				}
			}
			if got := s.bin(v); got != want {
				t.Errorf("%d cuts: bin of %v is %d, want %d", length, v, got, want)
			}
		}
		if s.bin(float32(math.NaN())) != missingBin {
			t.Error("NaN has a bin")
		}
	}
	full := make([]float32, 254) // the most that cutPoints makes
	for i := range full {
		full[i] = float32(i)
	}
	for i := range 255 {
		if got := newSearch(full).bin(float32(i) - 0.5); int(got) != i+1 {
			t.Errorf("254 cuts: bin of %v is %d", float32(i)-0.5, got)
		}
	}
}

// Sorting by digits against the standard library, with ties, both zeros and the ends of float32.
func TestSorter(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	var s sorter
	for _, n := range []int{0, 1, digitValues - 1, digitValues, 10_000} {
		for name, value := range map[string]func() float32{
			"normal":   func() float32 { return float32(random.NormFloat64()) },
			"counts":   func() float32 { return float32(random.IntN(7)) },
			"one":      func() float32 { return 3 },
			"all bits": func() float32 { return fromOrderedBits(random.Uint32N(0xFF000000) + 0x00800000) },
			"ends": func() float32 {
				return []float32{-math.MaxFloat32, math.MaxFloat32, 0, float32(math.Copysign(0, -1))}[random.IntN(4)]
			},
		} {
			values := make([]float32, n)
			for i := range values {
				values[i] = value()
			}
			want := slices.Clone(values)
			slices.Sort(want)
			if s.sort(values); !slices.Equal(values, want) {
				t.Errorf("%d values, %s: not sorted", n, name)
			}
		}
	}
}

// What prediction walks over goes where the node says, for every kind of value and threshold.
func TestWalkIsTheNode(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	infinity, tiny := float32(math.Inf(1)), float32(math.SmallestNonzeroFloat32)
	numbers := []float32{-infinity, -math.MaxFloat32, -1, -tiny, negativeZero, 0, tiny, 1, math.MaxFloat32, infinity}
	missing := []float32{math.Float32frombits(0x7FC00000), math.Float32frombits(0xFFC00000), math.Float32frombits(0x7F800001), math.Float32frombits(0xFF800001)}
	row := NewRow(4)
	for _, threshold := range numbers {
		for _, missingLeft := range []uint32{0, 1} {
			n := node{left: 5, split: 3<<1 | missingLeft, value: threshold}
			w, f := newWalk(&n, 2), newFork(&n)
			c, ifNot, ifSo := (&Booster{nodes: []node{n}}).newCondition(0)
			under := [2]int32{ifNot, ifSo}
			check := func(v float32, right bool) {
				want := int32(5)
				if right {
					want = 6
				}
				row.Set(3, v)
				if got := under[c.child(0, v)-1]; got != want {
					t.Errorf("threshold %v, missing left %d: in a block %v (%x) goes to %d, want %d", threshold, missingLeft, v, math.Float32bits(v), got, want)
				}
				if got, side := w.step(v), f.side(row.keys); got != want || side != uint32(want-5) { //nolint:gosec // 0 or 1
					t.Errorf("threshold %v, missing left %d: %v (%x) goes to %d, to side %d, want %d", threshold, missingLeft, v, math.Float32bits(v), got, side, want)
				}
			}
			for _, v := range numbers {
				check(v, !(v < threshold))
			}
			for _, v := range missing {
				check(v, missingLeft == 0)
			}
		}
	}
	leaf := newWalk(&node{value: -1.5}, 7)
	c, ifNot, ifSo := (&Booster{nodes: []node{{}, {value: -1.5}}}).newCondition(1)
	if ifNot != 1 || ifSo != 1 {
		t.Errorf("in a block a leaf has the children %d and %d", ifNot, ifSo)
	}
	for _, v := range slices.Concat(numbers, missing) {
		if c.child(3, v) != 7 {
			t.Errorf("in a block %v goes from a leaf to its child %d, where the first is 7", v, c.child(3, v))
		}
		if leaf.step(v) != 7 || leaf.value() != -1.5 {
			t.Errorf("from a leaf %v goes to %d, value %v", v, leaf.step(v), leaf.value())
		}
	}
}

// TestLevels: trees that are nearly complete are filled up, and cost no more memory for it; those that are not are left as they are.
func TestLevels(t *testing.T) {
	full := []node{{left: 1}, {left: 3, value: 1}, {left: 5, value: 2}, {value: 3}, {value: 4}, {value: 5}, {value: 6}}
	early := []node{{left: 1}, {value: 7}, {left: 3, value: 1}, {value: 8}, {value: 9}}
	deep := []node{{left: 1}, {value: 1}, {left: 3}, {value: 2}, {left: 5}, {value: 3}, {left: 7}, {value: 4}, {value: 5}}
	for _, test := range []struct {
		name  string
		trees [][]node
		twigs int // of all trees; 0 where there are no levels
	}{
		{"complete", [][]node{full, full}, 4},
		{"one leaf is early", [][]node{full, early}, 4},
		{"one leaf alone", [][]node{full, full, full, {{value: 1}}}, 8},
		{"leaves alone", [][]node{{{value: 1}}, {{value: 2}}}, 0},
		{"one is deep", [][]node{deep}, 0},
		{"none", nil, 0},
	} {
		b := boosterOf([]string{"x"}, test.trees...)
		if got := len(b.filled().twigs); got != test.twigs {
			t.Errorf("%s: %d twigs, want %d", test.name, got, test.twigs)
		}
		row, many := NewRow(1), slices.Repeat([]float32{-1, 0, 1, 1.5, 2, 3}, fewRows)
		b.levels.paysInBlocks = false
		margins := b.Margins(Matrix{Rows: len(many), Cols: 1, Values: many}, 1)
		for i, x := range many {
			row.Set(0, x)
			if got, want := b.MarginOf(row), b.sumTrees(b.margin, []float32{x}); got != want || margins[i] != want {
				t.Errorf("%s: the margin of %v is %v, in a block %v, want %v", test.name, x, got, margins[i], want)
			}
		}
	}
}

// boosterOf is made of trees whose nodes count their children from the tree's own root.
func boosterOf(names []string, trees ...[]node) *Booster {
	b := newBooster(names, 0.5, Logistic)
	for _, tree := range trees {
		first := int32(len(b.nodes)) //nolint:gosec // a few
		for _, n := range tree {
			if n.left != 0 {
				n.left += first
			}
			b.appendNode(n, 0, 0)
		}
		b.starts = append(b.starts, int32(len(b.nodes))) //nolint:gosec // a few
	}
	return b
}
