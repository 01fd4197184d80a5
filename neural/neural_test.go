package neural_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/neural"
)

var nan = float32(math.NaN())

// table is made-up values with what they are cut into.
type table struct {
	cuts   [][]float32
	codes  [][]uint8
	values []float32 // row by row
	labels []float32
}

// cutAt makes a table of rows of values, each column cut at every tenth of the way from -2 to 2.
func cutAt(rows [][]float32, labels []float32) table {
	t := table{labels: labels}
	columns := len(rows[0])
	for range columns {
		var cuts []float32
		for i := range 19 {
			cuts = append(cuts, float32(i-9)/5)
		}
		t.cuts = append(t.cuts, cuts)
		t.codes = append(t.codes, make([]uint8, len(rows)))
	}
	for r, row := range rows {
		t.values = append(t.values, row...)
		for c, value := range row {
			if value != value {
				continue
			}
			t.codes[c][r] = 1
			for _, cut := range t.cuts[c] {
				if cut <= value {
					t.codes[c][r]++
				}
			}
		}
	}
	return t
}

func (t table) design(tb testing.TB) *neural.Design {
	tb.Helper()
	d, err := neural.NewDesign(t.cuts, t.codes, 2)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func all(rows int) []int32 {
	numbers := make([]int32, rows)
	for i := range numbers {
		numbers[i] = int32(i)
	}
	return numbers
}

// together has label 1 where two values have the same sign, which no sum of what either says alone can tell; a third column says nothing.
func together(rows int) table {
	random := rand.New(rand.NewPCG(1, 2))
	var values [][]float32
	var labels []float32
	for range rows {
		row := []float32{float32(random.NormFloat64()), float32(random.NormFloat64()), float32(random.NormFloat64())}
		label := float32(0)
		if row[0]*row[1] > 0 {
			label = 1
		}
		values, labels = append(values, row), append(labels, label)
	}
	return cutAt(values, labels)
}

func small() neural.Options {
	return neural.Options{Units: []int{16, 8}, Passes: 20, BatchRows: 64, LearningRate: 0.01, WeightDecay: 0.01, Seed: 1, Threads: 2}
}

func train(t testing.TB, d *neural.Design, rows []int32, labels, weights []float32, o neural.Options) *neural.Network {
	t.Helper()
	n, err := d.Train(t.Context(), rows, neural.Outcome{Labels: labels, Weights: weights}, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// contributionsOf divides the margin of a row.
func contributionsOf(n *neural.Network, row []float32, contributions []float64) (base float64) {
	scratch := n.NewScratch()
	n.MarginOf(row, scratch)
	return n.Contributions(scratch, contributions)
}

// right is the share of the rows whose margin has the sign of the label.
func right(margins []float64, labels []float32) float64 {
	count := 0
	for i, margin := range margins {
		if (margin > 0) == (labels[i] == 1) {
			count++
		}
	}
	return float64(count) / float64(len(margins))
}

func TestNetworkLearnsWhatValuesSayTogether(t *testing.T) {
	made := together(4000)
	d := made.design(t)
	learn := all(3000)
	for name, o := range map[string]neural.Options{"plain": small(), "with dropout": {
		Units: []int{32, 16}, InputDropout: 0.1, Dropout: 0.2, Passes: 30, BatchRows: 64, LearningRate: 0.01, WeightDecay: 0.01, Seed: 1, Threads: 2,
	}} {
		n := train(t, d, learn, made.labels, nil, o)
		margins := n.Margins(made.values, 2)
		if share := right(margins[3000:], made.labels[3000:]); share < 0.95 {
			t.Errorf("%s: %.3f of new rows are told right, more than 0.95 expected", name, share)
		}
	}
}

// What a value is does not matter here, only whether there is one.
func TestMissingIsAState(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var values [][]float32
	var labels []float32
	for range 1000 {
		row := []float32{float32(random.NormFloat64()), 0}
		label := float32(random.IntN(2))
		if label == 1 {
			row[0] = nan
		}
		values, labels = append(values, row), append(labels, label)
	}
	made := cutAt(values, labels)
	n := train(t, made.design(t), all(1000), labels, nil, small())
	margins := n.Margins([]float32{nan, 0, 0.3, 0}, 1)
	if !(margins[0] > 2 && margins[1] < -2) {
		t.Errorf("margins of a missing and of a measured value: %v, well above and well below 0 expected", margins)
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	made := together(1500)
	d := made.design(t)
	o := small()
	o.Passes, o.BatchRows, o.InputDropout, o.Dropout = 2, 700, 0.2, 0.3
	var first []byte
	for _, threads := range []int{1, 2, 5} {
		o.Threads = threads
		got := text(t, train(t, d, all(1500), made.labels, nil, o))
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("%d threads give another network than 1", threads)
		}
	}
	o.Seed++
	if bytes.Equal(text(t, train(t, d, all(1500), made.labels, nil, o)), first) {
		t.Error("another seed gives the same network")
	}
}

func TestRowsAndWeightsDecide(t *testing.T) {
	made := together(1000)
	d := made.design(t)
	o := small()
	weights := make([]float32, 1000)
	for i := range weights { // the first half speaks the truth, the second half, which weighs nothing, does not
		weights[i] = 1
		if i >= 500 {
			weights[i], made.labels[i] = 0, 1-made.labels[i]
		}
	}
	o.Passes = 40
	n := train(t, d, all(1000), made.labels, weights, o)
	if share := right(n.Margins(made.values, 2)[:500], made.labels[:500]); share < 0.95 {
		t.Errorf("%.3f of the rows that weigh anything are told right, more than 0.95 expected", share)
	}
	for i := range weights {
		weights[i] *= 1024
	}
	if !bytes.Equal(text(t, n), text(t, train(t, d, all(1000), made.labels, weights, o))) {
		t.Error("the unit in which rows are weighed matters")
	}
}

// text is a network as JSON.
func text(t testing.TB, n *neural.Network) []byte {
	t.Helper()
	written, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return written
}

func TestMarginsOfDesignAndValuesAgree(t *testing.T) {
	made := together(600)
	for i := range made.values {
		if i%7 == 0 {
			made.values[i] = nan
			made.codes[i%3][i/3] = 0
		}
	}
	d := made.design(t)
	n := train(t, d, all(600), made.labels, nil, small())
	if a, b := n.Margins(made.values, 2), n.DesignMargins(d, all(600), 1); !slices.Equal(a, b) {
		t.Error("rows have other margins by their values than by their bins")
	}
}

func TestNetworkAsJSON(t *testing.T) {
	made := together(300)
	d := made.design(t)
	o := small()
	o.Passes = 1
	n := train(t, d, all(300), made.labels, nil, o)
	var again neural.Network
	if err := json.Unmarshal(text(t, n), &again); err != nil {
		t.Fatal(err)
	}
	if a, b := n.Margins(made.values, 1), again.Margins(made.values, 1); !slices.Equal(a, b) {
		t.Error("a network that was written and read has other margins")
	}
}

// By hand: inputs are the scores 1 of column 0 (0.5 lies above the cut) and 0 of column 1 (missing), and 0 for the indicator of column 1. Units: max(0, 2·1+0.5)
// = 2.5 and max(0, -1·1+0.25) = 0; margin 3·2.5 - 7 = 0.5. With column 1 at -4: its score is -2, the indicator 1, so the units are
// max(0, 2 - 2 + 10 + 0.5) = 10.5 and max(0, -1 - 4 + 0.25) = 0; margin 31.5 - 7.
const byHand = `{"inputs":{"cuts":[[0],[-1]],"scores":[[-1,1],[-2,2]],"indicators":[1]},"members":[{"reference":[0,0,0.5],
"layers":[{"biases":[0.5,0.25],"weights":[2,-1, 1,2, 10,0]},{"biases":[-7],"weights":[3,5]}]}]}`

func TestMarginByHand(t *testing.T) {
	var n neural.Network
	if err := json.Unmarshal([]byte(byHand), &n); err != nil {
		t.Fatal(err)
	}
	want := []float64{0.5, 24.5}
	if got := n.Margins([]float32{0.5, nan, 0.5, -4}, 1); !slices.Equal(got, want) {
		t.Errorf("margins %v, %v expected", got, want)
	}
	if got := n.Margins([]float32{0, nan, -0.001, nan}, 1); !(got[0] == 0.5 && got[1] != 0.5) {
		t.Errorf("margins %v: a value at a cut belongs above it", got)
	}
}

// What the columns did adds up to what the margin is above the base, and a column that nothing hangs on did nothing.
func TestContributionsAddUp(t *testing.T) {
	made := together(500)
	random := rand.New(rand.NewPCG(9, 9))
	for i := range made.values {
		if random.IntN(5) == 0 {
			made.values[i], made.codes[i%3][i/3] = nan, 0
		}
	}
	n := train(t, made.design(t), all(500), made.labels, nil, small())
	margins, contributions := n.Margins(made.values, 1), make([]float64, 3)
	base := math.NaN()
	for row, margin := range margins {
		values := made.values[3*row : 3*row+3]
		got := contributionsOf(n, values, contributions)
		if row > 0 && got != base {
			t.Fatalf("row %d has the base %v, others %v", row, got, base)
		}
		base = got
		if sum := contributions[0] + contributions[1] + contributions[2]; math.Abs(base+sum-margin) > 1e-9 {
			t.Fatalf("row %d: base %v and contributions %v add up to %v, the margin is %v", row, base, contributions, base+sum, margin)
		}
	}
}

// By hand, of the network above: at the reference (0, 0, 0.5) the units are given 5.5 and 0.25, so that the base is 3·5.5 + 5·0.25 - 7 = 10.75.
// At (0.5, missing) they are given 2.5 and -0.75: the first is below its reference by 3, 1·2 of column 0 and -0.5·10 of column 1, and stays what it is given, times 3; the
// second by 1 of column 0, of which 0.25 count, times 5. Together 6 - 1.25 of column 0 and -15 of column 1.
func TestContributionsByHand(t *testing.T) {
	var n neural.Network
	if err := json.Unmarshal([]byte(byHand), &n); err != nil {
		t.Fatal(err)
	}
	contributions := make([]float64, 2)
	base := contributionsOf(&n, []float32{0.5, nan}, contributions)
	if want := []float64{4.75, -15}; base != 10.75 || !slices.Equal(contributions, want) {
		t.Errorf("base %v and contributions %v, 10.75 and %v expected", base, contributions, want)
	}
}

func TestNetworksThatAreNone(t *testing.T) {
	for name, replaced := range map[string][2]string{
		"no columns":             {`"cuts":[[0],[-1]],"scores":[[-1,1],[-2,2]],"indicators":[1]`, `"cuts":[],"scores":[],"indicators":[]`},
		"scores missing":         {`[-2,2]`, `[-2]`},
		"cuts that fall":         {`"cuts":[[0],[-1]],"scores":[[-1,1]`, `"cuts":[[0,-1],[-1]],"scores":[[-1,1,2]`},
		"indicator out of range": {`"indicators":[1]`, `"indicators":[2]`},
		"too few weights":        {`"weights":[3,5]`, `"weights":[3]`},
		"no layers":              {`"layers":[`, `"layers":[],"x":[`},
		"two units at the end":   {`{"biases":[-7],"weights":[3,5]}`, `{"biases":[-7,1],"weights":[3,5,1,1]}`},
		"reference missing":      {`"reference":[0,0,0.5]`, `"reference":[0,0]`},
		"no members":             {`"members":[`, `"members":[],"x":[`},
		"no number":              {`[3,5]`, `[3,"5"]`},
		"not finite":             {`[3,5]`, `[3,1e39]`},
		"far too large":          {`[3,5]`, `[3,3e38]`},
		"a difference that counts too much": {`"scores":[[-1,1],[-2,2]],"indicators":[1]},"members":[{"reference":[0,0,0.5],
"layers":[{"biases":[0.5,0.25],"weights":[2,-1,`, `"scores":[[-1e-9,1e-9],[-2,2]],"indicators":[1]},"members":[{"reference":[0,0,0.5],
"layers":[{"biases":[0.5,0.25],"weights":[1e9,-1,`},
		"a reference beyond all inputs": {byHand, `{"inputs":{"cuts":[null],"scores":[null],"indicators":null},"members":[{"reference":[1e9],"layers":[` +
			strings.Repeat(`{"biases":[0],"weights":[3e38]},`, 8) + `{"biases":[0],"weights":[0]}]}]}`},
		"reference far away":  {`"reference":[0,0,0.5]`, `"reference":[1e10,0,0.5]`},
		"scores without cuts": {`"cuts":[[0],[-1]]`, `"cuts":[[],[-1]]`},
		"members that differ": {`[3,5]}]}]`, `[3,5]}]},{"reference":[0,0,0],"layers":[{"biases":[0],"weights":[0,0,0]},{"biases":[0],"weights":[0]}]}]`},
		"a million members":   {`"members":[`, `"members":[` + strings.Repeat(`{},`, 1e6)},
		"a million columns":   {`"cuts":[`, `"cuts":[` + strings.Repeat(`[],`, 1e6)},
	} {
		var n neural.Network
		text := strings.Replace(byHand, replaced[0], replaced[1], 1)
		if text == byHand {
			t.Fatalf("%s: nothing was replaced", name)
		}
		if err := json.Unmarshal([]byte(text), &n); err == nil || !strings.Contains(err.Error(), "neural: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestImpossibleTrainings(t *testing.T) {
	made := together(50)
	d := made.design(t)
	for name, wrong := range map[string]func(o *neural.Options){
		"units": func(o *neural.Options) { o.Units = nil }, "large": func(o *neural.Options) { o.Units = []int{5000} },
		"InputDropout": func(o *neural.Options) { o.InputDropout = 1 }, "Dropout": func(o *neural.Options) { o.Dropout = math.NaN() },
		"Passes": func(o *neural.Options) { o.Passes = 0 }, "BatchRows": func(o *neural.Options) { o.BatchRows = 0 },
		"LearningRate": func(o *neural.Options) { o.LearningRate = 0 }, "WeightDecay": func(o *neural.Options) { o.WeightDecay = -1 },
		"Threads": func(o *neural.Options) { o.Threads = -1 },
	} {
		o := small()
		wrong(&o)
		if _, err := d.Train(t.Context(), all(50), neural.Outcome{Labels: made.labels, Weights: nil}, nil, o, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, try := range map[string]func() error{
		"no rows": func() error {
			_, err := d.Train(t.Context(), nil, neural.Outcome{Labels: made.labels, Weights: nil}, nil, small(), nil)
			return err
		},
		"unknown row": func() error {
			_, err := d.Train(t.Context(), []int32{50}, neural.Outcome{Labels: made.labels, Weights: nil}, nil, small(), nil)
			return err
		},
		"few labels": func() error {
			_, err := d.Train(t.Context(), all(50), neural.Outcome{Labels: made.labels[:9], Weights: nil}, nil, small(), nil)
			return err
		},
		"wrong label": func() error {
			_, err := d.Train(t.Context(), all(50), neural.Outcome{Labels: slices.Repeat([]float32{2}, 50), Weights: nil}, nil, small(), nil)
			return err
		},
		"no weight": func() error {
			_, err := d.Train(t.Context(), all(50), neural.Outcome{Labels: made.labels, Weights: make([]float32, 50)}, nil, small(), nil)
			return err
		},
		"no columns":     func() error { _, err := neural.NewDesign(nil, nil, 1); return err },
		"uneven":         func() error { _, err := neural.NewDesign(made.cuts, [][]uint8{{1}, {1, 2}, {1}}, 1); return err },
		"unknown bin":    func() error { _, err := neural.NewDesign([][]float32{{0}}, [][]uint8{{3}}, 1); return err },
		"no rows at all": func() error { _, err := neural.NewDesign([][]float32{{0}}, [][]uint8{{}}, 1); return err },
	} {
		if err := try(); err == nil || !strings.HasPrefix(err.Error(), "neural: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestTrainingEndsWithItsContext(t *testing.T) {
	made := together(500)
	ctx, cancel := context.WithCancel(t.Context())
	o := small()
	_, err := made.design(t).Train(ctx, all(500), neural.Outcome{Labels: made.labels}, nil, o, func(step, _ int) {
		if step == 3 {
			cancel()
		}
	})
	if err != context.Canceled { //nolint:errorlint // as it is
		t.Errorf("error %v", err)
	}
}

// A column that nothing can be told by is not looked at, whatever its values are.
func TestHiddenColumnsAreNotSeen(t *testing.T) {
	made := together(300)
	made.cuts[2] = nil
	o := small()
	o.Passes = 1
	n := train(t, made.design(t), all(300), made.labels, nil, o)
	if got := n.Margins([]float32{1, 1, nan, 1, 1, 7}, 1); got[0] != got[1] {
		t.Errorf("margins %v differ by a hidden column", got)
	}
}

func TestAverageIsTheMeanOfMargins(t *testing.T) {
	made := together(300)
	d := made.design(t)
	o := small()
	o.Passes = 2
	a := train(t, d, all(300), made.labels, nil, o)
	o.Seed = 7
	b := train(t, d, all(300), made.labels, nil, o)
	mean, err := neural.Average(a, b)
	if err != nil {
		t.Fatal(err)
	}
	of, one, other := mean.Margins(made.values, 2), a.Margins(made.values, 2), b.Margins(made.values, 2)
	for i := range of {
		if want := (one[i] + other[i]) / 2; of[i] != want {
			t.Fatalf("row %d: the mean of %v and %v is %v", i, one[i], other[i], of[i])
		}
	}
	contributions, first, second := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	base := contributionsOf(mean, made.values[:3], contributions)
	want := (contributionsOf(a, made.values[:3], first) + contributionsOf(b, made.values[:3], second)) / 2
	if math.Abs(base-want) > 1e-12 || math.Abs(contributions[1]-(first[1]+second[1])/2) > 1e-6 {
		t.Errorf("base %v and contributions %v of the mean, %v and the means of %v and %v expected", base, contributions, want, first, second)
	}
	o.Units = []int{9, 4}
	if _, err := neural.Average(a, train(t, d, all(300), made.labels, nil, o)); err == nil {
		t.Error("a mean of networks of other layers")
	}
	if _, err := neural.Average(slices.Repeat([]*neural.Network{a}, 65)...); err == nil {
		t.Error("a mean that could not be read again")
	}
	if _, err := neural.Average(); err == nil {
		t.Error("a mean of nothing")
	}
	if _, err := neural.Average(a, train(t, d.Hide(func(c int) bool { return c == 1 }), all(300), made.labels, nil, o)); err == nil {
		t.Error("a mean of networks that see different columns")
	}
}

// What is hidden is as if the column had no cuts.
func TestHide(t *testing.T) {
	made := together(300)
	for i := range made.values {
		if i%4 == 0 {
			made.codes[i%3][i/3] = 0
		}
	}
	o := small()
	o.Passes = 1
	hidden := train(t, made.design(t).Hide(func(c int) bool { return c == 0 }), all(300), made.labels, nil, o)
	made.cuts[0] = nil
	if !bytes.Equal(text(t, hidden), text(t, train(t, made.design(t), all(300), made.labels, nil, o))) {
		t.Error("a hidden column makes another network than one without cuts")
	}
}

// Of a column that says nothing no weight is kept or counted.
func TestWeightsOfWhatIsNotSeen(t *testing.T) {
	made := together(100)
	d := made.design(t).Hide(func(column int) bool { return column == 1 })
	o := small()
	n := train(t, d, all(100), made.labels, nil, o)
	var written struct {
		Members []struct {
			Layers []struct{ Biases, Weights []float32 }
		}
	}
	if err := json.Unmarshal(text(t, n), &written); err != nil {
		t.Fatal(err)
	}
	first := written.Members[0].Layers[0]
	units := len(first.Biases)
	if hidden := first.Weights[units : 2*units]; slices.ContainsFunc(hidden, func(w float32) bool { return w != 0 }) {
		t.Errorf("weights %v of a column that is not seen", hidden)
	}
	kept := 0
	for _, l := range written.Members[0].Layers {
		kept += len(l.Weights) + len(l.Biases)
	}
	if got, want := n.Weights(), kept-units; got != want || n.Seen() != 2 {
		t.Errorf("%d weights of %d columns, %d of 2 expected", got, n.Seen(), want)
	}
}

func TestMarginOfDoesNotAllocate(t *testing.T) {
	made := together(300)
	o := small()
	o.Passes = 1
	n := train(t, made.design(t), all(300), made.labels, nil, o)
	scratches := make([]*neural.Scratch, 101) // the first use of each
	for i := range scratches {
		scratches[i] = n.NewScratch()
	}
	if allocated := testing.AllocsPerRun(100, func() { n.MarginOf(made.values[3:6], scratches[0]); scratches = scratches[1:] }); allocated != 0 {
		t.Errorf("%v allocations", allocated)
	}
}

// An outcome aside teaches what the one that is wanted has too few rows for.
func TestOutcomesAsideTeach(t *testing.T) {
	made := together(6000)
	d := made.design(t)
	wanted := slices.Repeat([]float32{nan}, 6000)
	copy(wanted, made.labels[:60])
	o := small()
	o.Passes = 5
	test := made.values[3*5000:]
	share := func(aside []neural.Outcome) float64 {
		n, err := d.Train(t.Context(), all(5000), neural.Outcome{Labels: wanted}, aside, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		return right(n.Margins(test, 2), made.labels[5000:])
	}
	alone := share(nil)
	o.Aside = 3
	if helped := share([]neural.Outcome{{Labels: made.labels}}); helped < 0.9 || helped < alone+0.05 {
		t.Errorf("%.3f of new rows are told right with an outcome aside, %.3f without", helped, alone)
	}
}

// The reference is the mean row: the base is the margin there, where the only column is always in its upper bin.
func TestReferenceIsTheMeanOfTheRowsLearntFrom(t *testing.T) {
	made := cutAt([][]float32{{1}, {1}, {-1}, {-1}}, []float32{1, 0, 1, 1})
	o := small()
	o.Passes = 3
	n := train(t, made.design(t), []int32{0, 1}, made.labels, nil, o)
	contributions := make([]float64, 1)
	if base, margin := contributionsOf(n, []float32{1}, contributions), n.Margins([]float32{1}, 1)[0]; math.Abs(base-margin) > 1e-6 || math.Abs(contributions[0]) > 1e-6 {
		t.Errorf("base %v and contribution %v, %v and 0 expected", base, contributions[0], margin)
	}
}

// Of an outcome aside nothing need be known.
func TestOutcomesAsideOfWhichNothingIsKnown(t *testing.T) {
	made := together(100)
	o := small()
	o.Passes, o.Aside = 1, 2
	never := neural.Outcome{Labels: slices.Repeat([]float32{nan}, 100)}
	if _, err := made.design(t).Train(t.Context(), all(100), neural.Outcome{Labels: made.labels}, []neural.Outcome{never}, o, nil); err != nil {
		t.Error(err)
	}
	if _, err := made.design(t).Train(t.Context(), all(100), never, nil, o, nil); err == nil {
		t.Error("an outcome of which nothing is known was learnt")
	}
}

func TestWeightsKeepFourDigits(t *testing.T) {
	made := together(100)
	o := small()
	o.Passes = 1
	var written struct {
		Members []struct {
			Layers []struct{ Weights []json.Number }
		}
	}
	if err := json.Unmarshal(text(t, train(t, made.design(t), all(100), made.labels, nil, o)), &written); err != nil {
		t.Fatal(err)
	}
	for _, weight := range written.Members[0].Layers[0].Weights {
		digits, _, _ := strings.Cut(strings.TrimLeft(strings.Replace(string(weight), ".", "", 1), "-0"), "e")
		if len(digits) > 4 {
			t.Fatalf("weight %s has more than 4 digits", weight)
		}
	}
}
