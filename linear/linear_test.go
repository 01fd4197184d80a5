package linear_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis/linear"
)

var missing = float32(math.NaN())

// made is a table of several blocks of rows, with missing values, and noisy outcomes.
func made(rows, cols int, seed uint64) (linear.Matrix, []float32, []float32) {
	random := rand.New(rand.NewPCG(seed, 1))
	m := linear.Matrix{Rows: rows, Cols: cols}
	labels, weights := make([]float32, rows), make([]float32, rows)
	for i := range rows {
		sum := random.NormFloat64()
		for c := range cols {
			x := random.NormFloat64()
			sum += x / float64(c+1)
			if random.IntN(5) == 0 {
				x = math.NaN()
			}
			m.Values = append(m.Values, float32(x))
		}
		if sum > 0.5 {
			labels[i] = 1
		}
		weights[i] = float32(random.IntN(4))
	}
	return m, labels, weights
}

func all(rows int) []int32 {
	indices := make([]int32, rows)
	for i := range indices {
		indices[i] = int32(i)
	}
	return indices
}

func design(t testing.TB, m linear.Matrix, rows []int32) *linear.Design {
	t.Helper()
	d, err := linear.NewDesign(m, rows, 2)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fit(t testing.TB, m linear.Matrix, labels, weights []float32, o linear.Options) *linear.Model {
	t.Helper()
	model, err := design(t, m, all(m.Rows)).Fit(t.Context(), labels, weights, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestThreadsDoNotChangeABit(t *testing.T) {
	m, labels, weights := made(7001, 9, 3)
	for _, loss := range []linear.Loss{linear.Logistic, linear.SquaredHinge} {
		var first *linear.Model
		for _, threads := range []int{1, 2, 5} {
			d, err := linear.NewDesign(m, all(m.Rows), threads)
			if err != nil {
				t.Fatal(err)
			}
			o := linear.Options{Loss: loss, L2: 1e-3, MaxIterations: 60, Tolerance: 1e-6, Threads: threads}
			model, err := d.Fit(t.Context(), labels, weights, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = model
			}
			if !slices.Equal(model.Coefficients, first.Coefficients) || model.Intercept != first.Intercept || !slices.Equal(model.Scalings, first.Scalings) {
				t.Errorf("loss %d: %d threads give another model than 1", loss, threads)
			}
			if !slices.Equal(model.Margins(m, threads), first.Margins(m, 1)) {
				t.Errorf("loss %d: %d threads give other margins than 1", loss, threads)
			}
		}
	}
}

// TestNoNeighbourIsBetter moves each parameter of a fit to both sides: at a minimum each move costs. The objective is
// computed here from the definition in the package's documentation.
func TestNoNeighbourIsBetter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m, labels, weights := made(rapid.IntRange(60, 300).Draw(r, "rows"), rapid.IntRange(1, 5).Draw(r, "cols"), rapid.Uint64().Draw(r, "seed"))
		loss := rapid.SampledFrom([]linear.Loss{linear.Logistic, linear.SquaredHinge}).Draw(r, "loss")
		l2 := rapid.SampledFrom([]float64{1e-3, 0.1, 10}).Draw(r, "L2")
		model := fit(t, m, labels, weights, exact(loss, l2))
		lowest := objective(model, m, labels, weights, l2)
		if math.Abs(lowest-model.Objective) > 1e-6 {
			r.Fatalf("objective %g, by its definition %g", model.Objective, lowest)
		}
		const step = 1e-2
		for j := range len(model.Coefficients) + 1 {
			for _, by := range []float64{-step, step} {
				moved := *model
				moved.Coefficients = slices.Clone(model.Coefficients)
				if j < len(moved.Coefficients) {
					moved.Coefficients[j] += by
				} else {
					moved.Intercept += by
				}
				if objective(&moved, m, labels, weights, l2) < lowest {
					r.Fatalf("parameter %d moved by %g has a lower objective", j, by)
				}
			}
		}
	})
}

func objective(model *linear.Model, m linear.Matrix, labels, weights []float32, l2 float64) float64 {
	sum, total := 0.0, 0.0
	for i := range m.Rows {
		margin := model.Margin(m.Row(i)) * float64(2*labels[i]-1)
		loss := math.Log1p(math.Exp(-margin))
		if model.Loss == linear.SquaredHinge {
			loss = math.Pow(max(0, 1-margin), 2)
		}
		sum, total = sum+float64(weights[i])*loss, total+float64(weights[i])
	}
	penalty := 0.0
	for _, c := range model.Coefficients {
		penalty += l2 / 2 * c * c
	}
	return sum/total + penalty
}

// TestWeightIsRepetition: all rows twice are all rows with weight 2, and a row of weight 0 moves no coefficient.
func TestWeightIsRepetition(t *testing.T) {
	m, labels, weights := made(400, 4, 8)
	d := design(t, m, all(m.Rows))
	one, err := d.Fit(t.Context(), labels, weights, exact(linear.Logistic, 0.01), nil)
	if err != nil {
		t.Fatal(err)
	}
	doubled := slices.Clone(weights)
	for i := range doubled {
		doubled[i] *= 2
	}
	two, err := d.Fit(t.Context(), labels, doubled, exact(linear.Logistic, 0.01), nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(labels)
	for i, w := range weights {
		if w == 0 {
			flipped[i] = 1 - flipped[i]
		}
	}
	three, err := d.Fit(t.Context(), flipped, weights, exact(linear.Logistic, 0.01), nil)
	if err != nil {
		t.Fatal(err)
	}
	for j := range one.Coefficients {
		if math.Abs(one.Coefficients[j]-two.Coefficients[j]) > 1e-9 {
			t.Errorf("coefficient %d is %g, with doubled weights %g", j, one.Coefficients[j], two.Coefficients[j])
		}
	}
	if !slices.Equal(one.Coefficients, three.Coefficients) {
		t.Error("rows that weigh nothing change the coefficients")
	}
}

// TestOneFeatureByHand: a table of two values and one outcome each has, with next to no penalty, the log-odds of each
// value's share: 1/4 and 3/4, so the margins are -ln 3 and ln 3.
func TestOneFeatureByHand(t *testing.T) {
	m := linear.Matrix{Rows: 8, Cols: 1, Values: []float32{2, 2, 2, 2, 6, 6, 6, 6}}
	labels := []float32{0, 0, 0, 1, 0, 1, 1, 1}
	model := fit(t, m, labels, nil, exact(linear.Logistic, 1e-9))
	if s := model.Scalings[0]; s.Mean != 4 || s.Deviation != 2 {
		t.Errorf("mean %g, deviation %g; want 4 and 2", s.Mean, s.Deviation)
	}
	for value, want := range map[float32]float64{2: -math.Log(3), 6: math.Log(3), missing: 0, 1000: math.Log(3)} {
		if got := model.Margin([]float32{value}); math.Abs(got-want) > 1e-6 {
			t.Errorf("margin of %v is %g, want %g", value, got, want)
		}
	}
}

func TestColumnsThatSayNothing(t *testing.T) {
	m := linear.Matrix{Rows: 4, Cols: 3, Values: []float32{
		5, missing, 0,
		5, missing, 1,
		missing, missing, 0,
		5, missing, 3,
	}}
	model := fit(t, m, []float32{0, 1, 1, 1}, nil, exact(linear.Logistic, 0.1))
	if model.Coefficients[0] != 0 || model.Coefficients[1] != 0 || model.Coefficients[2] == 0 {
		t.Errorf("coefficients %v: only the third column has values that differ", model.Coefficients)
	}
	if got := model.Margin([]float32{missing, 9, missing}); got != model.Intercept {
		t.Errorf("margin %g without anything known, want the intercept %g", got, model.Intercept)
	}
}

func TestIterationsAreBounded(t *testing.T) {
	m, labels, weights := made(500, 6, 4)
	o := exact(linear.Logistic, 1e-6)
	o.MaxIterations = 2
	var seen []int
	model, err := design(t, m, all(m.Rows)).Fit(t.Context(), labels, weights, o, func(i int) { seen = append(seen, i) })
	if err != nil {
		t.Fatal(err)
	}
	if model.Converged || model.Iterations != 2 || !slices.Contains(seen, 1) {
		t.Errorf("converged %t after %d iterations, reported %v; want 2, not converged", model.Converged, model.Iterations, seen)
	}
}

func TestCancelling(t *testing.T) {
	m, labels, _ := made(500, 6, 4)
	ctx, cancel := context.WithCancel(t.Context())
	o := exact(linear.Logistic, 1e-9)
	_, err := design(t, m, all(m.Rows)).Fit(ctx, labels, nil, o, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestRefusals(t *testing.T) {
	good := linear.Matrix{Rows: 2, Cols: 1, Values: []float32{0, 1}}
	d := design(t, good, all(2))
	o := linear.Options{L2: 1, MaxIterations: 5, Tolerance: 1e-6}
	fitting := func(labels, weights []float32, o linear.Options) error {
		_, err := d.Fit(t.Context(), labels, weights, o, nil)
		return err
	}
	designing := func(m linear.Matrix, rows []int32) error {
		_, err := linear.NewDesign(m, rows, 1)
		return err
	}
	infinite := linear.Matrix{Rows: 2, Cols: 1, Values: []float32{0, float32(math.Inf(-1))}}
	cases := []struct {
		name string
		got  error
		want string
	}{
		{"wrong size", designing(linear.Matrix{Rows: 2, Cols: 2, Values: []float32{1}}, all(1)), "1 values"},
		{"no rows", designing(good, nil), "no rows"},
		{"no such row", designing(good, []int32{2}), "no row 2"},
		{"infinite", designing(infinite, all(2)), "row 1, column 0"},
		{"few labels", fitting([]float32{1}, nil, o), "1 labels"},
		{"few weights", fitting([]float32{0, 1}, []float32{1}, o), "1 weights"},
		{"label", fitting([]float32{0, 0.5}, nil, o), "label of row 1"},
		{"negative weight", fitting([]float32{0, 1}, []float32{1, -1}, o), "weight of row 1"},
		{"unknown weight", fitting([]float32{0, 1}, []float32{missing, 1}, o), "weight of row 0"},
		{"one class", fitting([]float32{1, 1}, nil, o), "alike"},
		{"one class by weight", fitting([]float32{0, 1}, []float32{0, 1}, o), "alike"},
		{"no weight", fitting([]float32{0, 1}, []float32{0, 0}, o), "alike"},
		{"options", fitting([]float32{0, 1}, nil, linear.Options{Loss: 7}), "Loss is 7"},
		{"options, all of them", fitting([]float32{0, 1}, nil, linear.Options{Loss: 7}), "Tolerance"},
	}
	for _, c := range cases {
		if c.got == nil || !strings.Contains(c.got.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", c.name, c.got, c.want)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	m, labels, weights := made(50_000, 100, 3)
	d := design(b, m, all(m.Rows))
	for b.Loop() {
		o := linear.Options{Loss: linear.Logistic, L2: 1e-9, MaxIterations: 10, Tolerance: 1e-15}
		if _, err := d.Fit(b.Context(), labels, weights, o, nil); err != nil {
			b.Fatal(err)
		}
	}
}
