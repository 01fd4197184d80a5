package gbdt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
	"pgregory.net/rapid"
)

// smallLightGBM is one tree in the layout of LightGBM's text format: x <= 1.5 (missing NaN, to the left) leads to -0.25;
// else y <= -2 (missing NaN, to the right) leads to 0.5, and else 0.75.
const smallLightGBM = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=x y
feature_infos=[0:3] [-5:5]
tree_sizes=300

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=3 1
threshold=1.5 -2
decision_type=10 8
left_child=-1 -2
right_child=1 -3
leaf_value=-0.25 0.5 0.75
leaf_weight=2 1 1
leaf_count=20 10 10
internal_value=0 0.625
internal_weight=0 2
internal_count=40 20
is_linear=0
shrinkage=1


end of trees

feature_importances:
x=1

pandas_categorical:null
`

func readLightGBM(t failer, model string) *gbdt.Booster {
	t.Helper()
	booster, err := gbdt.ReadLightGBM(strings.NewReader(model), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return booster
}

func TestReadLightGBMByHand(t *testing.T) {
	header, _, _ := strings.Cut(smallLightGBM, "Tree=0")
	constant := header + "Tree=0\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nleaf_value=3\nleaf_count=9\n\nend of trees"
	for _, c := range []struct {
		name, model string
		margins     [6]float64 // of the rows below
	}{
		{"as it is", smallLightGBM, [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"version 3", strings.Replace(smallLightGBM, "v4", "v3", 1), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"lines of Windows", strings.ReplaceAll(smallLightGBM, "\n", "\r\n"), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"no sigmoid", strings.Replace(smallLightGBM, " sigmoid:1", "", 1), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"sigmoid 2", strings.Replace(smallLightGBM, "sigmoid:1", "sigmoid:2", 1), [6]float64{-0.5, -0.5, 1, 1.5, 1.5, -0.5}},
		{"regression", strings.Replace(smallLightGBM, "binary sigmoid:1", "regression", 1), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"missing is 0", strings.Replace(smallLightGBM, "=10 8", "=0 0", 1), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, -0.25}},
		{"0 is missing, x to the right", strings.Replace(smallLightGBM, "=10 8", "=4 4", 1), [6]float64{-0.25, -0.25, 0.5, 0.75, 0.75, 0.75}},
		{"0 is missing, y to the left", strings.Replace(smallLightGBM, "=10 8", "=4 6", 1), [6]float64{-0.25, -0.25, 0.5, 0.5, 0.5, 0.5}},
		{"no trees", header + "end of trees", [6]float64{}},
		{"a constant", constant, [6]float64{3, 3, 3, 3, 3, 3}},
		{"a constant of LightGBM 3", strings.Replace(constant, "leaf_count=9", "leaf_count=", 1), [6]float64{3, 3, 3, 3, 3, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			booster := readLightGBM(t, c.model)
			rows := gbdt.Matrix{Rows: 6, Cols: 2, Values: []float32{1, 0, 1.5, nan, 2, -2, 2, nan, 2, 0, nan, 0}}
			margins, explainer, out := booster.Margins(rows, 1), gbdt.NewExplainer(booster), make([]float64, 2)
			all, row := explainer.ContributionsOf(rows, 1), gbdt.NewRow(2)
			for i, want := range c.margins {
				row.Set(0, rows.Row(i)...)
				if got := booster.Margin(rows.Row(i)); got != want || margins[i] != want || booster.MarginOf(row) != want {
					t.Errorf("row %v: margins %v, %v and %v, want %v", rows.Row(i), got, margins[i], booster.MarginOf(row), want)
				}
				base := explainer.Contributions(rows.Row(i), out)
				near(t, "sum of contributions", base+out[0]+out[1], want)
				near(t, "contribution", all[i*2], out[0])
			}
		})
	}
}

// goesLeft is LightGBM's decision (NumericalDecision of its include/LightGBM/tree.h), on rows whose tiny values its dense
// prediction has set to 0.
func goesLeft(x, threshold float64, decision int) bool {
	const zero = float64(float32(1e-35))
	if math.Abs(x) <= zero {
		x = 0
	}
	missing := decision & 12
	if math.IsNaN(x) && missing != 8 {
		x = 0
	}
	if missing == 4 && x == 0 || missing == 8 && math.IsNaN(x) {
		return decision&2 != 0
	}
	return x <= threshold
}

// Thresholds of float64 and their decisions survive exactly.
func TestLightGBMDecisions(t *testing.T) {
	float32s := rapid.OneOf(rapid.Float32Range(-3e38, 3e38), rapid.SampledFrom([]float32{
		0, float32(math.Copysign(0, -1)), 1e-35, -1e-35, 9e-36, -9e-36, 1.1e-35, -1.1e-35, 1e-45, -1e-45, 1, nan, -math.MaxFloat32,
	}))
	rapid.Check(t, func(t *rapid.T) {
		near := float64(float32s.Draw(t, "near"))
		threshold := rapid.SampledFrom([]float64{
			near, math.Nextafter(near, 1e300), math.Nextafter(near, -1e300), near * 1.00000003, math.Inf(1), -1e300, 1e300,
		}).Draw(t, "threshold")
		if threshold != threshold {
			threshold = 1e-40
		}
		decision := rapid.SampledFrom([]int{0, 2, 4, 6, 8, 10}).Draw(t, "decision")
		model := strings.Replace(smallLightGBM, "threshold=1.5", "threshold="+strconv.FormatFloat(threshold, 'g', -1, 64), 1)
		booster := readLightGBM(t, strings.Replace(model, "decision_type=10", fmt.Sprintf("decision_type=%d", decision), 1))
		x := float32(near)
		x = rapid.SampledFrom([]float32{x, math.Nextafter32(x, 1e38), math.Nextafter32(x, -1e38), float32s.Draw(t, "other")}).Draw(t, "x")
		left := booster.Margin([]float32{x, 0}) == -0.25
		if want := goesLeft(float64(x), threshold, decision); left != want {
			t.Fatalf("%v <= %v (decision %d) is %v, in LightGBM %v", x, threshold, decision, left, want)
		}
	})
}

func TestReadLightGBMRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, replacement, want string }{
		{"empty", smallLightGBM, "", "unexpected EOF"},
		{"another file", smallLightGBM, "{}", `line 1: "{}", a model starts with "tree"`},
		{"version 2", "version=v4", "version=v2", "line 2, version"},
		{"no version", "version=v4\n", "", `no "version"`},
		{"classes", "num_class=1", "num_class=3", "line 3, num_class"},
		{"outputs", "num_tree_per_iteration=1", "num_tree_per_iteration=2", "num_tree_per_iteration"},
		{"random forest", "label_index=0", "average_output", "line 5, average_output: random forests"},
		{"no objective", "objective=binary sigmoid:1\n", "", `no "objective"`},
		{"other objective", "objective=binary sigmoid:1", "objective=multiclass num_class:3", "only binary and regression"},
		{"square root", "objective=binary sigmoid:1", "objective=regression sqrt", "only binary and regression"},
		{"sigmoid 0", "sigmoid:1", "sigmoid:0", "finite sigmoid"},
		{"names", "feature_names=x y", "feature_names=x", "line 8, feature_names: 1 names"},
		{"equal names", "feature_names=x y", "feature_names=x x", "both named"},
		{"features", "max_feature_idx=1", "max_feature_idx=-1", "max_feature_idx"},
		{"cut short", "end of trees", "", "unexpected EOF"},
		{"trees out of order", "Tree=0", "Tree=1", `line 12: "Tree=1", need "Tree=0"`},
		{"no leaves", "num_leaves=3", "num_leaves=0", "line 13, num_leaves"},
		{"many leaves", "num_leaves=3", "num_leaves=2000000000", "num_leaves"},
		{"other number of leaves", "num_leaves=3", "num_leaves=4", "2 entries, need 3"},
		{"categories", "num_cat=0", "num_cat=1", "line 14, num_cat: \"1\": categorical splits are not supported"},
		{"categorical split", "decision_type=10", "decision_type=11", "line 18, decision_type: entry 0: categorical splits"},
		{"unknown decision", "decision_type=10", "decision_type=16", "need 0 to 10"},
		{"linear leaves", "is_linear=0", "is_linear=1", "linear leaves"},
		{"no thresholds", "threshold=1.5 -2\n", "", `Tree=0 has no "threshold"`},
		{"twice the same key", "split_gain=3 1", "threshold=3 1", "line 17: duplicate \"threshold\""},
		{"a threshold that is none", "threshold=1.5 -2", "threshold=1.5 x", "line 17, threshold: entry 1: \"x\""},
		{"NaN threshold", "threshold=1.5 -2", "threshold=nan -2", "entry 0"},
		{"too many thresholds", "threshold=1.5 -2", "threshold=1.5 -2 3", "more than 2"},
		{"huge leaf", "leaf_value=-0.25", "leaf_value=1e39", "beyond float32"},
		{"infinite leaf", "leaf_value=-0.25", "leaf_value=inf", "beyond float32"},
		{"feature out of range", "split_feature=0 1", "split_feature=0 2", "no feature 2"},
		{"child out of range", "right_child=1", "right_child=2", "no node 2"},
		{"leaf out of range", "left_child=-1", "left_child=-4", "no node -4"},
		{"cycle", "left_child=-1 -2", "left_child=-1 0", "reached twice"},
		{"leaf of two parents", "left_child=-1 -2", "left_child=-1 -1", "reached twice"},
		{
			"0 both missing and not", "split_feature=0 1\nsplit_gain=3 1\nthreshold=1.5 -2\ndecision_type=10 8",
			"split_feature=0 0\nsplit_gain=3 1\nthreshold=1.5 -2\ndecision_type=4 10", `"x" is 0 for missing`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(smallLightGBM, c.old, c.replacement, 1)
			if changed == smallLightGBM {
				t.Fatal("the case changes nothing")
			}
			_, err := gbdt.ReadLightGBM(strings.NewReader(changed), gbdt.Limits{})
			wantError(t, err, c.want)
		})
	}
}

func TestReadLightGBMLimits(t *testing.T) {
	for _, c := range []struct {
		limits gbdt.Limits
		want   string
	}{
		{gbdt.Limits{Bytes: 100}, "larger than 100 bytes"},
		{gbdt.Limits{Nodes: 4}, "need 1 to 2"},
		{gbdt.Limits{Depth: 1}, "deeper than 1"},
		{gbdt.Limits{Features: 1}, "max_feature_idx"},
	} {
		_, err := gbdt.ReadLightGBM(strings.NewReader(smallLightGBM), c.limits)
		wantError(t, err, c.want)
	}
	tree := smallLightGBM[strings.Index(smallLightGBM, "Tree=0"):strings.Index(smallLightGBM, "end of trees")]
	two := strings.Replace(smallLightGBM, "end of trees", strings.Replace(tree, "Tree=0", "Tree=1", 1)+"end of trees", 1)
	_, err := gbdt.ReadLightGBM(strings.NewReader(two), gbdt.Limits{Trees: 1})
	wantError(t, err, "more than 1 trees")
	exact := gbdt.Limits{Bytes: int64(len(two)), Trees: 2, Nodes: 10, Depth: 2, Features: 2}
	if _, err := gbdt.ReadLightGBM(strings.NewReader(two), exact); err != nil {
		t.Error(err)
	}
}

// Whatever is missing before the end of the trees, the reader says so.
func TestReadLightGBMCutShort(t *testing.T) {
	end := strings.Index(smallLightGBM, "end of trees") + len("end of trees")
	for length := range end {
		_, err := gbdt.ReadLightGBM(strings.NewReader(smallLightGBM[:length]), gbdt.Limits{})
		if err == nil {
			t.Fatalf("%d of %d bytes: no error", length, end)
		}
	}
	if _, err := gbdt.ReadLightGBM(io.MultiReader(strings.NewReader("tree\n"), brokenReader{}), gbdt.Limits{}); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errDisk }

// What takes 0 for missing cannot be written for XGBoost, nor read from bins, nor be averaged with what does not.
func TestZeroIsMissing(t *testing.T) {
	zero := readLightGBM(t, strings.Replace(smallLightGBM, "=10 8", "=4 8", 1))
	wantError(t, zero.WriteXGBoost(io.Discard), "0 for missing")
	wantError(t, zero.WriteXGBoostUBJSON(io.Discard), "0 for missing")
	_, err := gbdt.Average(zero, readLightGBM(t, smallLightGBM))
	wantError(t, err, "booster 1", "0 for missing")
	average, err := gbdt.Average(zero, zero)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "margin of the average", average.Margin([]float32{0, -3}), 0.5)
	d, err := gbdt.NewDataset(gbdt.Matrix{Names: []string{"x", "y"}, Rows: 1, Cols: 2, Values: []float32{0, 0}}, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for bins")
		}
	}()
	zero.DatasetMargins(d, []int32{0}, 1)
}

// FuzzReadLightGBM: no input makes the reader panic or use much memory, and what it accepts can be explained, and written for
// XGBoost without change.
func FuzzReadLightGBM(f *testing.F) {
	f.Add([]byte(smallLightGBM))
	f.Add([]byte(strings.Replace(smallLightGBM, "left_child=-1 -2", "left_child=-1 0", 1)))
	f.Add([]byte(strings.Replace(smallLightGBM, "num_leaves=3", "num_leaves=999999999", 1)))
	f.Add([]byte(strings.Replace(smallLightGBM, "=10 8", "=4 6", 1)))
	models, err := filepath.Glob(filepath.Join("testdata", "models", "lightgbm_*", "model.txt"))
	if err != nil || len(models) == 0 {
		f.Fatal("no seeds: ", err)
	}
	for _, name := range models {
		model, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(model[:bytes.Index(model, []byte("end of trees"))+len("end of trees")])
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		limits := gbdt.Limits{Bytes: 1 << 16, Trees: 100, Nodes: 1000, Depth: 64, Features: 1000}
		booster, err := gbdt.ReadLightGBM(bytes.NewReader(input), limits)
		if err != nil {
			return
		}
		row := make([]float32, len(booster.Features()))
		row[0] = nan
		margin, out := booster.Margin(row), make([]float64, len(row))
		if base := gbdt.NewExplainer(booster).Contributions(row, out); base != base || margin != margin {
			t.Errorf("margin %v, expected margin %v", margin, base)
		}
		if booster.WriteXGBoost(io.Discard) == nil && reread(t, booster).Margin(row) != margin {
			t.Error("the margin changes when the model is written")
		}
	})
}
