package gbdt_test

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
	"pgregory.net/rapid"
)

// expected is the definition of a coalition's worth, read off the written model: the expected value of a tree when the
// features of known (a bit each) are known.
func expected(t treeFile, id int, row []float32, known uint) float64 {
	left := t.Left[id]
	if left < 0 {
		return float64(float32(t.Condition[id]))
	}
	right, feature := t.Right[id], t.Feature[id]
	if known>>feature&1 == 1 {
		v := row[feature]
		if v < float32(t.Condition[id]) || v != v && t.DefaultLeft[id] == 1 {
			return expected(t, left, row, known)
		}
		return expected(t, right, row, known)
	}
	share := 0.5
	if l, r := float64(float32(t.Cover[left])), float64(float32(t.Cover[right])); l+r > 0 {
		share = l / (l + r)
	}
	return share*expected(t, left, row, known) + (1-share)*expected(t, right, row, known)
}

// bruteForce is Shapley's formula over all coalitions.
func bruteForce(trees []treeFile, row []float32) []float64 {
	features := len(row)
	worth := make([]float64, 1<<features)
	for known := range worth {
		for _, tree := range trees {
			worth[known] += expected(tree, 0, row, uint(known))
		}
	}
	out := make([]float64, features)
	for known := range worth {
		size := bits.OnesCount(uint(known))
		weight := math.Gamma(float64(size+1)) * math.Gamma(float64(features-size)) / math.Gamma(float64(features+1))
		for f := range out {
			if known>>f&1 == 0 {
				out[f] += weight * (worth[known|1<<f] - worth[known])
			}
		}
	}
	return out
}

// drawTree makes a random tree in the layout of XGBoost's JSON, with features that come again on a path, covers of 0, and
// thresholds that values can equal.
func drawTree(t *rapid.T, features, maxDepth int) treeFile {
	var tree treeFile
	var grow func(depth int) int
	grow = func(depth int) int {
		id := len(tree.Left)
		tree.Left, tree.Right = append(tree.Left, -1), append(tree.Right, -1)
		tree.DefaultLeft = append(tree.DefaultLeft, rapid.IntRange(0, 1).Draw(t, "default"))
		tree.Condition = append(tree.Condition, float64(rapid.IntRange(-8, 8).Draw(t, "condition"))/4)
		tree.Feature = append(tree.Feature, rapid.IntRange(0, features-1).Draw(t, "feature"))
		tree.Gain = append(tree.Gain, 0)
		tree.Cover = append(tree.Cover, float64(rapid.SampledFrom([]float32{0, 1e-3, 1, 2, 7.25, 1e6}).Draw(t, "cover")))
		if depth < maxDepth && rapid.IntRange(0, 5).Draw(t, "split") > 0 {
			left := grow(depth + 1)
			right := grow(depth + 1)
			tree.Left[id], tree.Right[id] = left, right
		}
		return id
	}
	grow(0)
	return tree
}

// modelOf writes trees as a model on features f0, f1, ...
func modelOf(features int, trees []treeFile) string {
	list := func(key string, n int, item func(i int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return fmt.Sprintf("%q:[%s]", key, strings.Join(items, ","))
	}
	text := func(t treeFile) string {
		integers := func(key string, from []int) string {
			return list(key, len(from), func(i int) string { return fmt.Sprint(from[i]) })
		}
		floats := func(key string, from []float64) string {
			return list(key, len(from), func(i int) string { return fmt.Sprintf("%E", from[i]) })
		}
		return "{" + strings.Join([]string{
			integers("left_children", t.Left), integers("right_children", t.Right), integers("default_left", t.DefaultLeft),
			integers("split_indices", t.Feature), floats("split_conditions", t.Condition), floats("loss_changes", t.Gain),
			floats("base_weights", t.Gain), floats("sum_hessian", t.Cover),
		}, ",") + "}"
	}
	return `{"learner":{"gradient_booster":{"model":{` +
		list("tree_info", len(trees), func(int) string { return "0" }) + "," +
		list("trees", len(trees), func(i int) string { return text(trees[i]) }) +
		fmt.Sprintf(`},"name":"gbtree"},"learner_model_param":{"base_score":"3E-1","num_class":"0","num_feature":"%d"},`, features) +
		`"objective":{"name":"binary:logistic"}}}`
}

func drawRow(t *rapid.T, features int) []float32 {
	cell := rapid.OneOf(rapid.Just(nan), rapid.Map(rapid.IntRange(-9, 9), func(i int) float32 { return float32(i) / 4 }))
	return rapid.SliceOfN(cell, features, features).Draw(t, "row")
}

// Contributions are the Shapley values of the definition. Eight features and depth 10 need more points than one pair.
func TestContributionsByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		features := rapid.IntRange(1, 8).Draw(t, "features")
		trees := make([]treeFile, rapid.IntRange(0, 3).Draw(t, "trees"))
		for i := range trees {
			trees[i] = drawTree(t, features, rapid.IntRange(0, 10).Draw(t, "depth"))
		}
		booster, err := gbdt.ReadXGBoost(strings.NewReader(modelOf(features, trees)), gbdt.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		row := drawRow(t, features)
		want, got := bruteForce(trees, row), make([]float64, features)
		base := gbdt.NewExplainer(booster).Contributions(row, got)
		nobody := math.Log(0.3 / 0.7)
		for _, tree := range trees {
			nobody += expected(tree, 0, row, 0)
		}
		if !(math.Abs(base-nobody) <= 1e-7) { // the base score is a float32
			t.Fatalf("base %v, want %v", base, nobody)
		}
		for f := range want {
			if !(math.Abs(got[f]-want[f]) <= 1e-12) {
				t.Fatalf("feature %d contributes %v, by definition %v", f, got[f], want[f])
			}
		}
	})
}

// Worked by hand: x < 0 leads to 1, with a quarter of the cover; else y < 0 leads to 2, else 4, with half of the rest each.
// Nothing known: 1/4 + 3/4·3 = 2.5. The row x = 1, y = 1 has 4; x alone gives 3, y alone 1/4 + 3/4·4 = 3.25.
// Shapley: x gets ((3 - 2.5) + (4 - 3.25))/2 = 0.625, y ((3.25 - 2.5) + (4 - 3))/2 = 0.875.
func TestContributionsByHand(t *testing.T) {
	model := modelOf(2, []treeFile{{
		Left: []int{1, -1, 3, -1, -1}, Right: []int{2, -1, 4, -1, -1}, DefaultLeft: []int{0, 0, 0, 0, 0}, Feature: []int{0, 0, 1, 0, 0},
		Condition: []float64{0, 1, 0, 2, 4}, Gain: make([]float64, 5), Cover: []float64{8, 2, 6, 3, 3},
	}})
	booster, err := gbdt.ReadXGBoost(strings.NewReader(model), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out := []float64{7, 7}
	base := gbdt.NewExplainer(booster).Contributions([]float32{1, 1}, out)
	near(t, "base", base, math.Log(0.3/0.7)+2.5)
	near(t, "x", out[0], 0.625)
	near(t, "y", out[1], 0.875)
}

// Base and contributions of trained boosters add up to the margin, and batches are what single rows are.
func TestContributionsAddUp(t *testing.T) {
	m, labels := synthetic(700, 9, 0.2, 12)
	for name, o := range someOptions() {
		o.Rounds, o.LearningRate = 200, 0.5
		if o.Growth == gbdt.LeafWise {
			o.MaxLeaves, o.Gamma = 200, 0
		}
		booster := train(t, m, labels, o)
		explainer := gbdt.NewExplainer(booster)
		all, again := explainer.ContributionsOf(m, 1), explainer.ContributionsOf(m, 3)
		out := make([]float64, m.Cols)
		for i := range m.Rows {
			base := explainer.Contributions(m.Row(i), out)
			sum := base
			for f, v := range out {
				sum += v
				if v != all[i*m.Cols+f] || v != again[i*m.Cols+f] {
					t.Fatalf("%s: row %d, feature %d: %v alone, %v and %v with others", name, i, f, v, all[i*m.Cols+f], again[i*m.Cols+f])
				}
			}
			if margin := booster.Margin(m.Row(i)); base != explainer.Base() || !(math.Abs(sum-margin) <= 1e-9) {
				t.Fatalf("%s: row %d adds up to %v, its margin is %v", name, i, sum, margin)
			}
		}
	}
}

// A path of 300 features: the quadrature needs 151 points, 0 among them.
func TestContributionsOfADeepTree(t *testing.T) {
	const features = 300
	var tree treeFile
	for f := range features { // node 2f splits on feature f: to leaf 2f+1, or further down
		tree.Left = append(tree.Left, 2*f+1, -1)
		tree.Right = append(tree.Right, 2*f+2, -1)
		tree.Feature = append(tree.Feature, f, 0)
		tree.Condition = append(tree.Condition, 0, 1+float64(f%7))
		tree.Cover = append(tree.Cover, 0, 1)
	}
	tree.Left, tree.Right, tree.Feature = append(tree.Left, -1), append(tree.Right, -1), append(tree.Feature, 0)
	tree.Condition, tree.Cover = append(tree.Condition, -3), append(tree.Cover, 100)
	for id := len(tree.Left) - 3; id >= 0; id -= 2 {
		tree.Cover[id] = tree.Cover[id+1] + tree.Cover[id+2]
	}
	tree.Gain, tree.DefaultLeft = make([]float64, len(tree.Left)), make([]int, len(tree.Left))
	booster, err := gbdt.ReadXGBoost(strings.NewReader(modelOf(features, []treeFile{tree})), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	row, out := make([]float32, features), make([]float64, features)
	for f := range row {
		row[f] = 1
	}
	row[250] = -1
	sum := gbdt.NewExplainer(booster).Contributions(row, out)
	for _, v := range out {
		sum += v
	}
	if margin := booster.Margin(row); !(math.Abs(sum-margin) <= 1e-12) {
		t.Errorf("adds up to %v, the margin is %v", sum, margin)
	}
}

func TestContributionsPanic(t *testing.T) {
	m, labels := synthetic(100, 3, 0, 1)
	explainer := gbdt.NewExplainer(train(t, m, labels, oneTree()))
	for name, call := range map[string]func(){
		"short row":     func() { explainer.Contributions(m.Row(0)[:2], make([]float64, 3)) },
		"short result":  func() { explainer.Contributions(m.Row(0), make([]float64, 2)) },
		"narrow matrix": func() { explainer.ContributionsOf(gbdt.Matrix{Rows: 1, Cols: 2, Values: []float32{1, 2}}, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func TestContributionsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector sync.Pool forgets at random")
	}
	m, labels := synthetic(500, 5, 0.1, 1)
	explainer := gbdt.NewExplainer(train(t, m, labels, someOptions()["depth"]))
	out := make([]float64, 5)
	if n := testing.AllocsPerRun(100, func() { explainer.Contributions(m.Row(1), out) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkContributions explains one row, and many, of 1,500 trees of depth 5.
func BenchmarkContributions(b *testing.B) {
	m, labels := synthetic(5_000, 64, 0.2, 1)
	booster := train(b, m, labels, gbdt.Options{Rounds: 1500, LearningRate: 0.02, MaxDepth: 5, Lambda: 1, MinChildWeight: 1})
	explainer := gbdt.NewExplainer(booster)
	b.Run("row", func(b *testing.B) {
		out, row := make([]float64, m.Cols), 0
		b.ReportAllocs()
		for b.Loop() {
			explainer.Contributions(m.Row(row), out)
			row = (row + 1) % m.Rows
		}
	})
	b.Run("batch", func(b *testing.B) {
		part := gbdt.Matrix{Rows: 512, Cols: m.Cols, Values: m.Values[:512*m.Cols]}
		for b.Loop() {
			explainer.ContributionsOf(part, 1)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/row")
	})
	b.Run("prepare", func(b *testing.B) {
		for b.Loop() {
			gbdt.NewExplainer(booster)
		}
	})
}
