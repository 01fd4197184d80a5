package gbdt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

var nan = float32(math.NaN())

// column makes a matrix of one feature.
func column(values ...float32) gbdt.Matrix {
	return gbdt.Matrix{Names: []string{"x"}, Rows: len(values), Cols: 1, Values: values}
}

// oneTree is a training without shrinkage from probability 1/2: each row has gradient -1/2 or 1/2
// and hessian 1/4.
func oneTree() gbdt.Options {
	return gbdt.Options{Rounds: 1, LearningRate: 1, MaxDepth: 1, Lambda: 1, BaseScore: 0.5}
}

// modelFile is what of XGBoost's JSON the tests look at.
type modelFile struct {
	Learner struct {
		Booster struct {
			Model struct {
				Trees []treeFile `json:"trees"`
			} `json:"model"`
		} `json:"gradient_booster"`
	} `json:"learner"`
}

type treeFile struct {
	Left        []int     `json:"left_children"`
	Right       []int     `json:"right_children"`
	DefaultLeft []int     `json:"default_left"`
	Condition   []float64 `json:"split_conditions"`
	Feature     []int     `json:"split_indices"`
	Gain        []float64 `json:"loss_changes"`
	Cover       []float64 `json:"sum_hessian"`
}

func (t treeFile) leaves() (leaves, depth int) {
	depths := make([]int, len(t.Left))
	for i, left := range t.Left {
		if left < 0 {
			leaves++
			depth = max(depth, depths[i])
			continue
		}
		depths[left], depths[left+1] = depths[i]+1, depths[i]+1
	}
	return leaves, depth
}

func encode(t failer, b *gbdt.Booster) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.WriteXGBoost(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func treesOf(t failer, b *gbdt.Booster) []treeFile {
	t.Helper()
	var file modelFile
	if err := json.Unmarshal(encode(t, b), &file); err != nil {
		t.Fatal(err)
	}
	return file.Learner.Booster.Model.Trees
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Expected values by hand from Chen & Guestrin 2016, Equations 5 and 7 (gain without the factor 1/2 and
// before gamma, as XGBoost reports it). Rows 1 2 | 3 4 with labels 0 0 | 1 1: G = 1 and -1, H = 1/2 each.
func TestOneSplitByHand(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*gbdt.Options)
		gain, leaf float64 // leaf is the right one's value; gain 0 means no split
	}{
		{"lambda 1: 1/1.5 + 1/1.5", func(*gbdt.Options) {}, 4. / 3, 2. / 3},
		{"lambda 0: 1/0.5 + 1/0.5", func(o *gbdt.Options) { o.Lambda = 0 }, 4, 2},
		{"alpha 1/2 leaves |G| = 1/2", func(o *gbdt.Options) { o.Alpha = 0.5 }, 1. / 3, 1. / 3},
		{"alpha 1 leaves nothing", func(o *gbdt.Options) { o.Alpha = 1 }, 0, 0},
		{"gamma below the gain", func(o *gbdt.Options) { o.Gamma = 1.33 }, 4. / 3, 2. / 3},
		{"gamma above the gain", func(o *gbdt.Options) { o.Gamma = 1.34 }, 0, 0},
		{"child weight just enough", func(o *gbdt.Options) { o.MinChildWeight = 0.5 }, 4. / 3, 2. / 3},
		{"child weight too little", func(o *gbdt.Options) { o.MinChildWeight = 0.51 }, 0, 0},
		{"learning rate", func(o *gbdt.Options) { o.LearningRate = 0.3 }, 4. / 3, 0.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := oneTree()
			c.change(&o)
			booster := train(t, column(1, 2, 3, 4), []float32{0, 0, 1, 1}, o)
			tree := treesOf(t, booster)[0]
			near(t, "gain", tree.Gain[0], c.gain)
			near(t, "hessian sum", tree.Cover[0], 1)
			near(t, "margin of 4", booster.Margin([]float32{4}), c.leaf)
			near(t, "margin of 1", booster.Margin([]float32{1}), -c.leaf)
			if c.gain > 0 {
				near(t, "threshold", tree.Condition[0], 2.5)
				near(t, "importance", booster.Importance()[0], c.gain)
			} else if len(tree.Left) != 1 {
				t.Errorf("a tree of %d nodes, want none but the root", len(tree.Left))
			}
		})
	}
}

func TestMissingValues(t *testing.T) {
	for _, c := range []struct {
		name        string
		values      []float32
		labels      []float32
		defaultLeft int
		missing     float64 // margin: -G/(H+1) of the side that missing values take
	}{
		{"with the low ones", []float32{1, 2, 3, 4, nan}, []float32{0, 0, 1, 1, 0}, 1, -1.5 / 1.75},
		{"with the high ones", []float32{1, 2, 3, 4, nan}, []float32{0, 0, 1, 1, 1}, 0, 1.5 / 1.75},
		{"alone", []float32{1, 2, 3, nan, nan}, []float32{0, 0, 0, 1, 1}, 0, 1 / 1.5},
		{"never seen, left is heavier", []float32{1, 2, 3, 4, 5}, []float32{0, 0, 0, 1, 1}, 1, -1.5 / 1.75},
		{"never seen, right is heavier", []float32{1, 2, 3, 4, 5}, []float32{0, 0, 1, 1, 1}, 0, 1.5 / 1.75},
	} {
		t.Run(c.name, func(t *testing.T) {
			booster := train(t, column(c.values...), c.labels, oneTree())
			if got := treesOf(t, booster)[0].DefaultLeft[0]; got != c.defaultLeft {
				t.Errorf("default left is %d, want %d", got, c.defaultLeft)
			}
			near(t, "margin of a missing value", booster.Margin([]float32{nan}), c.missing)
		})
	}
}

// A row of weight k is k rows: same trees, up to the rounding of histograms.
func TestWeightIsRepetition(t *testing.T) {
	m, labels := synthetic(400, 3, 0.1, 21)
	weights := make([]float32, m.Rows)
	repeated, repeatedLabels := gbdt.Matrix{Cols: m.Cols}, []float32(nil)
	for i := range m.Rows {
		for c, v := range m.Row(i) {
			m.Row(i)[c] = float32(math.Round(float64(v) * 8))
		}
		weights[i] = float32(i % 4)
		for range i % 4 {
			repeated.Values = append(repeated.Values, m.Row(i)...)
			repeatedLabels = append(repeatedLabels, labels[i])
			repeated.Rows++
		}
	}
	o := gbdt.Options{Rounds: 10, LearningRate: 0.3, MaxDepth: 4, Lambda: 1, Alpha: 0.1, MinChildWeight: 2}
	want := train(t, repeated, repeatedLabels, o).Margins(m, 1)
	d, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		t.Fatal(err)
	}
	weighted, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(m.Rows), Labels: labels, Weights: weights}, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, margin := range weighted.Margins(m, 1) {
		if weights[i] > 0 && !(math.Abs(margin-want[i]) <= 1e-5) {
			t.Fatalf("row %d: margin %v with weights, %v with repeated rows", i, margin, want[i])
		}
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	m, labels := synthetic(40_000, 12, 0.2, 5)
	for name, o := range someOptions() {
		t.Run(name, func(t *testing.T) {
			o.Rounds = 3
			var first []byte
			for _, threads := range []int{1, 2, 3} {
				o.Threads = threads
				d, err := gbdt.NewDataset(m, 256, threads)
				if err != nil {
					t.Fatal(err)
				}
				booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(m.Rows), Labels: labels}, nil, o, nil)
				if err != nil {
					t.Fatal(err)
				}
				if model := encode(t, booster); first == nil {
					first = model
				} else if !bytes.Equal(model, first) {
					t.Fatalf("%d threads give another model than 1", threads)
				}
			}
		})
	}
}

func TestSeedMatters(t *testing.T) {
	m, labels := synthetic(1000, 8, 0.2, 5)
	o := someOptions()["sampled"]
	first := encode(t, train(t, m, labels, o))
	o.Seed++
	if bytes.Equal(first, encode(t, train(t, m, labels, o))) {
		t.Error("another seed gives the same model")
	}
}

// Columns are drawn anew for each tree and for each node.
func TestColumnsAreDrawn(t *testing.T) {
	m, labels := synthetic(1000, 10, 0, 5)
	for name, o := range map[string]gbdt.Options{"by tree": {ColumnSample: 0.2}, "by node": {ColumnSampleByNode: 0.2}} {
		o.Rounds, o.LearningRate, o.MaxDepth = 30, 0.1, 3
		used := map[int]bool{}
		for _, tree := range treesOf(t, train(t, m, labels, o)) {
			inTree := map[int]bool{}
			for i, feature := range tree.Feature {
				if tree.Left[i] >= 0 {
					inTree[feature], used[feature] = true, true
				}
			}
			if len(inTree) > 2 && o.ColumnSample > 0 {
				t.Errorf("%s: %d features in one tree, want at most 2", name, len(inTree))
			}
		}
		if len(used) != 10 {
			t.Errorf("%s: %d features used in all, want 10", name, len(used))
		}
	}
}

func TestGrowth(t *testing.T) {
	m, labels := synthetic(3000, 6, 0.1, 8)
	base := gbdt.Options{Rounds: 5, LearningRate: 0.3, Lambda: 1}
	for _, c := range []struct {
		name          string
		growth        gbdt.Growth
		depth, leaves int
	}{
		{"depth-wise", gbdt.DepthWise, 3, 0},
		{"depth-wise with few leaves", gbdt.DepthWise, 4, 6},
		{"leaf-wise", gbdt.LeafWise, 0, 9},
		{"leaf-wise and shallow", gbdt.LeafWise, 3, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := base
			o.Growth, o.MaxDepth, o.MaxLeaves = c.growth, c.depth, c.leaves
			for _, tree := range treesOf(t, train(t, m, labels, o)) {
				leaves, depth := tree.leaves()
				if c.depth > 0 && depth > c.depth || c.leaves > 0 && leaves != c.leaves || c.leaves == 0 && leaves != 1<<c.depth {
					t.Errorf("tree of %d leaves and depth %d", leaves, depth)
				}
			}
		})
	}
	// Without a limit that bites, the order of splitting does not matter.
	deep := base
	deep.MaxDepth, deep.MinChildWeight = 4, 1
	leafWise := deep
	leafWise.Growth, leafWise.MaxLeaves = gbdt.LeafWise, 16
	if !bytes.Equal(encode(t, train(t, m, labels, deep)), encode(t, train(t, m, labels, leafWise))) {
		t.Error("16 leaves of depth 4 differ between leaf-wise and depth-wise growth")
	}
}

func TestEarlyStopping(t *testing.T) {
	m, labels := synthetic(2000, 10, 0.1, 4)
	d, err := gbdt.NewDataset(m, 64, 0)
	if err != nil {
		t.Fatal(err)
	}
	trainRows := gbdt.Subset{Rows: allRows(1000), Labels: labels}
	valid := gbdt.Subset{Rows: allRows(2000)[1000:], Labels: labels}
	o := gbdt.Options{Rounds: 200, LearningRate: 0.5, MaxDepth: 6, Lambda: 1, EarlyStopping: 7}
	best, rounds, lowest := 0, 0, math.Inf(1)
	booster, err := gbdt.Train(context.Background(), d, trainRows, &valid, o, func(p gbdt.Progress) {
		rounds = p.Round
		if p.ValidLoss < lowest {
			best, lowest = p.Round, p.ValidLoss
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if best == 0 || rounds != best+7 || booster.Trees() != best {
		t.Errorf("best round %d, stopped after %d, %d trees", best, rounds, booster.Trees())
	}
	near(t, "loss of the booster", logLoss(booster.Margins(m, 1)[1000:], labels[1000:]), lowest)
	if _, err := gbdt.Train(context.Background(), d, trainRows, nil, o, nil); err == nil {
		t.Error("early stopping without a validation subset")
	}
}

// logLoss is the logistic loss as textbooks have it.
func logLoss(margins []float64, labels []float32) float64 {
	sum := 0.0
	for i, m := range margins {
		sum += math.Log1p(math.Exp(m)) - m*float64(labels[i])
	}
	return sum / float64(len(margins))
}

func TestLearns(t *testing.T) {
	m, labels := synthetic(6000, 8, 0.2, 31)
	fresh, freshLabels := synthetic(6000, 8, 0.2, 32)
	for name, o := range someOptions() {
		o.Rounds = 40
		booster := train(t, m, labels, o)
		loss := logLoss(booster.Margins(fresh, 0), freshLabels)
		constant := logLoss(make([]float64, fresh.Rows), freshLabels)
		if !(loss < 0.44) || constant < 0.6 {
			t.Errorf("%s: loss %v on new rows", name, loss)
		}
	}
}

func TestDegenerateInputs(t *testing.T) {
	o := gbdt.Options{Rounds: 3, LearningRate: 0.3, MaxDepth: 3, Lambda: 1}
	for _, c := range []struct {
		name   string
		m      gbdt.Matrix
		labels []float32
		want   float64 // the margin of all rows
	}{
		{"one row", column(1), []float32{0.5}, 0},
		{"all missing", column(nan, nan), []float32{0, 1}, 0},
		{"constant", column(2, 2, 2, 2), []float32{0, 1, 0, 1}, 0},
		{"no columns", gbdt.Matrix{Rows: 2}, []float32{0, 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			booster := train(t, c.m, c.labels, o)
			for _, margin := range booster.Margins(c.m, 1) {
				near(t, "margin", margin, c.want)
			}
		})
	}
	t.Run("one class", func(t *testing.T) {
		booster := train(t, column(1, 2, 3), []float32{1, 1, 1}, o)
		if margin := booster.Margin([]float32{2}); !(margin > 9 && margin < 20) {
			t.Errorf("margin %v", margin)
		}
	})
}

func TestTrainRefuses(t *testing.T) {
	good := gbdt.Subset{Rows: []int32{0, 1}, Labels: []float32{0, 1, 1}}
	d, err := gbdt.NewDataset(column(1, 2, 3), 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*gbdt.Subset)
		want   string
	}{
		{"no rows", func(s *gbdt.Subset) { s.Rows = nil }, "no rows"},
		{"row out of range", func(s *gbdt.Subset) { s.Rows = []int32{0, 3} }, "dataset row 3"},
		{"negative row", func(s *gbdt.Subset) { s.Rows = []int32{-1} }, "dataset row -1"},
		{"row twice", func(s *gbdt.Subset) { s.Rows = []int32{1, 1} }, "second time"},
		{"labels too short", func(s *gbdt.Subset) { s.Labels = []float32{0, 1} }, "2 labels"},
		{"NaN label", func(s *gbdt.Subset) { s.Labels = []float32{0, nan, 1} }, "label of dataset row 1 is NaN"},
		{"label 2", func(s *gbdt.Subset) { s.Labels = []float32{2, 1, 1} }, "label of dataset row 0 is 2"},
		{"weights too short", func(s *gbdt.Subset) { s.Weights = []float32{1} }, "1 weights"},
		{"NaN weight", func(s *gbdt.Subset) { s.Weights = []float32{1, nan, 1} }, "weight of dataset row 1 is NaN"},
		{"negative weight", func(s *gbdt.Subset) { s.Weights = []float32{-1, 1, 1} }, "weight of dataset row 0 is -1"},
		{"infinite weight", func(s *gbdt.Subset) { s.Weights = []float32{1, float32(math.Inf(1)), 1} }, "is +Inf"},
		{"no weight at all", func(s *gbdt.Subset) { s.Weights = []float32{0, 0, 1} }, "all weights of the"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := good
			c.change(&bad)
			_, err := gbdt.Train(context.Background(), d, bad, nil, oneTree(), nil)
			wantError(t, err, "training", c.want)
			_, err = gbdt.Train(context.Background(), d, good, &bad, oneTree(), nil)
			wantError(t, err, "validation", c.want)
		})
	}
	if _, err := gbdt.Train(context.Background(), nil, good, nil, oneTree(), nil); err == nil {
		t.Error("no dataset, no error")
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want it to say %q", err, part)
		}
	}
}

func TestOptionsReportAllProblems(t *testing.T) {
	bad := gbdt.Options{
		Rounds: 0, LearningRate: math.NaN(), Growth: 7, MaxDepth: 25, MaxLeaves: 1, Lambda: -1, Alpha: math.NaN(), Gamma: math.Inf(1),
		MinChildWeight: -1, RowSample: 1.5, Sampling: -1, ColumnSample: -0.1, ColumnSampleByNode: math.NaN(),
		EarlyStopping: -1, Threads: -1, BaseScore: 1,
	}
	wantError(t, bad.Validate(), "Rounds", "LearningRate", "Growth", "MaxDepth", "MaxLeaves", "Lambda", "Alpha", "Gamma",
		"MinChildWeight", "RowSample", "Sampling", "ColumnSample", "ColumnSampleByNode", "EarlyStopping", "Threads", "BaseScore")
	for _, base := range []float64{1e-50, 9e-7, 1 - 1e-9, math.NaN()} { // a float32 makes 0 and 1 of some
		o := oneTree()
		o.BaseScore = base
		wantError(t, o.Validate(), "BaseScore")
	}
	wantError(t, gbdt.Options{Rounds: 1, LearningRate: 1}.Validate(), "DepthWise")
	wantError(t, gbdt.Options{Rounds: 1, LearningRate: 1, Growth: gbdt.LeafWise}.Validate(), "LeafWise")
	for name, o := range someOptions() {
		if err := o.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancel(t *testing.T) {
	m, labels := synthetic(500, 4, 0, 1)
	d, err := gbdt.NewDataset(m, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	rounds := 0
	o := gbdt.Options{Rounds: 1000, LearningRate: 0.1, MaxDepth: 3}
	_, err = gbdt.Train(ctx, d, gbdt.Subset{Rows: allRows(500), Labels: labels}, nil, o, func(p gbdt.Progress) {
		rounds = p.Round
		if p.Round == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || rounds != 3 {
		t.Errorf("error %v after round %d", err, rounds)
	}
}
