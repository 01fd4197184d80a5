package metric_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
	"pgregory.net/rapid"
)

// measure is the shape that most metrics share.
type measure func(labels []bool, scores, weights []float64) (float64, error)

var measures = map[string]measure{
	"AUROC":        metric.AUROC,
	"AUPRC":        metric.AUPRC,
	"Brier":        metric.Brier,
	"LogLoss":      metric.LogLoss,
	"intercept":    intercept,
	"slope":        slope,
	"in the large": metric.CalibrationInTheLarge,
}

// score draws from a coarse grid, so that ties are common. All are valid probabilities with a finite logit.
func score() *rapid.Generator[float64] {
	return rapid.Map(rapid.IntRange(1, 15), func(i int) float64 { return float64(i) / 16 })
}

// differ is also true where one of the two is not a number.
func differ(a, b, tolerance float64) bool { return !(math.Abs(a-b) <= tolerance) }

type sample struct {
	labels []bool
	scores []float64
}

// drawSample draws rows of both classes.
func drawSample(t *rapid.T) sample {
	rows := rapid.IntRange(2, 30).Draw(t, "rows")
	labels := rapid.SliceOfN(rapid.Bool(), rows, rows).Draw(t, "labels")
	labels[0], labels[1] = true, false
	return sample{labels, rapid.SliceOfN(score(), rows, rows).Draw(t, "scores")}
}

// Hand-made cases; AUROC counts pairs, AUPRC walks down the scores.
func TestDiscriminationByHand(t *testing.T) {
	for _, c := range []struct {
		name         string
		labels       []bool
		scores       []float64
		auroc, auprc float64
	}{
		{"perfect", bools(0, 0, 1, 1), []float64{1, 2, 3, 4}, 1, 1},
		{"reversed", bools(1, 1, 0, 0), []float64{1, 2, 3, 4}, 0, 0.5*1/3 + 0.5*2/4},
		{"all equal", bools(1, 0, 0, 0), []float64{7, 7, 7, 7}, 0.5, 0.25},
		{"one tie", bools(1, 0, 1, 0), []float64{3, 3, 4, 1}, 3.5 / 4, 0.5*1 + 0.5*2/3},
		{"both zeros are equal", bools(1, 0), []float64{0, math.Copysign(0, -1)}, 0.5, 0.5},
		{"scores on any scale", bools(0, 1), []float64{-1e300, 1e300}, 1, 1},
	} {
		if got, err := metric.AUROC(c.labels, c.scores, nil); err != nil || !near(got, c.auroc) {
			t.Errorf("%s: AUROC %v, %v; want %v", c.name, got, err, c.auroc)
		}
		if got, err := metric.AUPRC(c.labels, c.scores, nil); err != nil || !near(got, c.auprc) {
			t.Errorf("%s: AUPRC %v, %v; want %v", c.name, got, err, c.auprc)
		}
	}
}

func TestUndefinedForDegenerateRows(t *testing.T) {
	half := []float64{0.25, 0.75}
	for _, c := range []struct {
		metric  string
		labels  []bool
		scores  []float64
		weights []float64
	}{
		{"AUROC", nil, nil, nil},
		{"AUROC", bools(1, 1), half, nil},
		{"AUROC", bools(0, 0), half, nil},
		{"AUROC", bools(0, 1), half, []float64{1, 0}},
		{"AUPRC", nil, nil, nil},
		{"AUPRC", bools(0, 0), half, nil},
		{"AUPRC", bools(0, 1), half, []float64{1, 0}},
		{"Brier", nil, nil, nil},
		{"Brier", bools(0, 1), half, []float64{0, 0}},
		{"LogLoss", nil, nil, nil},
		{"LogLoss", bools(0, 1), []float64{0.5, 0}, nil},
		{"LogLoss", bools(0, 1), []float64{1, 0.5}, nil},
		{"slope", nil, nil, nil},
		{"slope", bools(1, 1), half, nil},
		{"slope", bools(0, 0), half, nil},
		{"slope", bools(0, 1), half, nil},                                       // separated
		{"slope", bools(1, 0), half, nil},                                       // separated the other way
		{"slope", bools(0, 0, 1, 1), []float64{0.25, 0.5, 0.5, 0.75}, nil},      // touching
		{"slope", bools(0, 1, 0, 1), []float64{0.5, 0.5, 0.5, 0.5}, nil},        // all equal
		{"slope", bools(0, 1, 0, 1), []float64{0, 0.3, 0.4, 0.2}, nil},          // infinite logit
		{"slope", bools(0, 1, 0), []float64{0.2, 0.5, 0.7}, []float64{1, 1, 0}}, // separated but for weight 0
		{"intercept", bools(0, 1, 0, 1), []float64{0.1, 0.3, 0.4, 1}, nil},      // infinite logit
		{"in the large", bools(1, 1), half, nil},
		{"in the large", bools(0, 1), []float64{0.5, 1}, nil},
	} {
		value, err := measures[c.metric](c.labels, c.scores, c.weights)
		if undefined, is := errors.AsType[*metric.UndefinedError](err); !is || value != 0 || undefined.Reason == "" {
			t.Errorf("%s of %v %v %v: got %v, %v; want undefined", c.metric, c.labels, c.scores, c.weights, value, err)
		} else if len(c.labels) == 0 && c.metric != "AUPRC" && !strings.HasPrefix(undefined.Reason, "there are no rows") {
			t.Errorf("%s of no rows: %s", c.metric, undefined.Reason)
		}
	}
}

// What is undefined for one metric may be defined for its neighbour.
func TestDefinedForDegenerateRows(t *testing.T) {
	for _, c := range []struct {
		metric string
		labels []bool
		scores []float64
		want   float64
	}{
		{"AUPRC", bools(1, 1), []float64{0.25, 0.75}, 1},
		{"Brier", bools(1), []float64{0}, 1},
		{"Brier", bools(0, 0), []float64{0, 0.5}, 0.125},
		{"LogLoss", bools(1, 0), []float64{1, 0}, 0},
		{"LogLoss", bools(1), []float64{0.5}, math.Ln2},
		{"in the large", bools(0, 1), []float64{0.5, 0.5}, 0}, // separated classes are no obstacle
		{"in the large", bools(0, 1, 1, 1), []float64{0.5, 0.5, 0.5, 0.5}, math.Log(3)},
		{"in the large", bools(0, 1), []float64{1e-300, 1e-300}, 300 * math.Ln10}, // logit(1/2) − logit(1e-300)
	} {
		if got, err := measures[c.metric](c.labels, c.scores, nil); err != nil || differ(got, c.want, 1e-9) {
			t.Errorf("%s of %v %v: got %v, %v; want %v", c.metric, c.labels, c.scores, got, err, c.want)
		}
	}
}

// A row of weight 0 is no row, even where its loss would be infinite.
func TestLogLossLeavesOutWeightZero(t *testing.T) {
	got, err := metric.LogLoss(bools(0, 1), []float64{1, 0.5}, []float64{0, 2})
	if err != nil || !near(got, math.Ln2) {
		t.Errorf("got %v, %v; want ln 2", got, err)
	}
}

// The least and the greatest weight that the documentation allows.
func TestWeightsAtTheirBounds(t *testing.T) {
	for _, weight := range []float64{1e-100, 1e100} {
		if got, err := metric.LogLoss(bools(0, 1), []float64{0.5, 0.5}, []float64{weight, weight}); err != nil || !near(got, math.Ln2) {
			t.Errorf("%g: got %v, %v; want ln 2", weight, got, err)
		}
	}
}

func TestBadRowsAreErrors(t *testing.T) {
	labels := bools(0, 1)
	for _, c := range []struct {
		name            string
		scores, weights []float64
	}{
		{"too few scores", []float64{0.5}, nil},
		{"too many scores", []float64{0.5, 0.5, 0.5}, nil},
		{"too few weights", []float64{0.5, 0.5}, []float64{1}},
		{"empty weights are not nil weights", []float64{0.5, 0.5}, []float64{}},
		{"NaN score", []float64{0.5, math.NaN()}, nil},
		{"infinite score", []float64{0.5, math.Inf(1)}, nil},
		{"NaN weight", []float64{0.5, 0.5}, []float64{1, math.NaN()}},
		{"infinite weight", []float64{0.5, 0.5}, []float64{1, math.Inf(1)}},
		{"negative weight", []float64{0.5, 0.5}, []float64{1, -1}},
		{"vanishing weight", []float64{0.5, 0.5}, []float64{1, 1e-200}},
	} {
		for name, of := range measures {
			_, err := of(labels, c.scores, c.weights)
			if _, undefined := errors.AsType[*metric.UndefinedError](err); err == nil || undefined {
				t.Errorf("%s, %s: got %v", name, c.name, err)
			}
		}
	}
	for _, name := range []string{"Brier", "LogLoss", "slope", "in the large"} {
		for _, p := range []float64{-0.1, 1.1} {
			if _, err := measures[name](labels, []float64{0.5, p}, nil); err == nil {
				t.Errorf("%s took a probability of %v", name, p)
			}
		}
	}
}

func TestAUROCIsInvariantUnderMonotoneMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		mapped := make([]float64, len(s.scores))
		for i, x := range s.scores {
			mapped[i] = math.Exp(3*x) - 100
		}
		for _, name := range []string{"AUROC", "AUPRC"} {
			before, err := measures[name](s.labels, s.scores, nil)
			after, mappedErr := measures[name](s.labels, mapped, nil)
			if err != nil || mappedErr != nil || before != after {
				t.Fatalf("%s: %v, %v became %v, %v", name, before, err, after, mappedErr)
			}
		}
	})
}

func TestAUROCOfTheComplement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		negated, swapped := make([]float64, len(s.scores)), make([]bool, len(s.labels))
		for i := range s.scores {
			negated[i], swapped[i] = -s.scores[i], !s.labels[i]
		}
		auroc, err := metric.AUROC(s.labels, s.scores, nil)
		reversed, reversedErr := metric.AUROC(s.labels, negated, nil)
		both, bothErr := metric.AUROC(swapped, negated, nil)
		if err := errors.Join(err, reversedErr, bothErr); err != nil {
			t.Fatal(err)
		}
		if !near(auroc+reversed, 1) || !near(auroc, both) {
			t.Fatalf("AUROC %v, with scores reversed %v, with labels swapped too %v", auroc, reversed, both)
		}
	})
}

// sameSum is how far a measure of weighted rows may be from that of rows repeated so often, relative to the larger of it and 1. In real
// numbers the two are equal. In floating point k times a term is rounded once, and a sum of k terms k times, each by at most 1.1e-16
// of the sum: 120 rows here at most, so that 1e-14 is rounding alone, also of the fits, whose last step of Newton ends in rounding.
const sameSum = 1e-14

// TestWeightIsThatManyRows: weight k is k equal rows, but for rounding.
func TestWeightIsThatManyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		weights := make([]float64, len(s.scores))
		var repeated sample
		for i := range weights {
			k := rapid.IntRange(0, 4).Draw(t, "weight")
			weights[i] = float64(k)
			for range k {
				repeated.labels = append(repeated.labels, s.labels[i])
				repeated.scores = append(repeated.scores, s.scores[i])
			}
		}
		for name, of := range measures {
			weighted, weightedErr := of(s.labels, s.scores, weights)
			rows, rowsErr := of(repeated.labels, repeated.scores, nil)
			if (weightedErr == nil) != (rowsErr == nil) || differ(weighted, rows, sameSum*math.Max(1, math.Abs(rows))) {
				t.Fatalf("%s: weighted %v, %v; repeated %v, %v", name, weighted, weightedErr, rows, rowsErr)
			}
		}
	})
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		order := make([]int, len(s.scores))
		for i := range order {
			order[i] = i
		}
		var shuffled sample
		for _, i := range rapid.Permutation(order).Draw(t, "order") {
			shuffled.labels = append(shuffled.labels, s.labels[i])
			shuffled.scores = append(shuffled.scores, s.scores[i])
		}
		for name, of := range measures {
			before, err := of(s.labels, s.scores, nil)
			after, shuffledErr := of(shuffled.labels, shuffled.scores, nil)
			if (err == nil) != (shuffledErr == nil) || differ(before, after, 1e-8) {
				t.Fatalf("%s: %v, %v became %v, %v", name, before, err, after, shuffledErr)
			}
		}
	})
}
