package gbdt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// failer is what *testing.T and *rapid.T share.
type failer interface {
	Helper()
	Fatal(...any)
}

// reread writes a booster in both encodings and reads the second back, after making sure that the first says the same.
func reread(t failer, b *gbdt.Booster) *gbdt.Booster {
	t.Helper()
	var text, binary, again bytes.Buffer
	if err := errors.Join(b.WriteXGBoost(&text), b.WriteXGBoostUBJSON(&binary)); err != nil {
		t.Fatal(err)
	}
	fromText, err := gbdt.ReadXGBoost(bytes.NewReader(text.Bytes()), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	fromBinary, err := gbdt.ReadXGBoost(&binary, gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, booster := range []*gbdt.Booster{fromText, fromBinary} {
		again.Reset()
		if err := booster.WriteXGBoost(&again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text.Bytes(), again.Bytes()) {
			t.Fatal("the model changes when it is read and written again")
		}
	}
	return fromBinary
}

// TestBaseScores: margins are XGBoost's -logf(1/p - 1), as numpy computes that with float32, of a probability within the bounds that XGBoost
// has set since 3.2. Files of earlier versions mean what they say.
func TestBaseScores(t *testing.T) {
	for _, c := range []struct {
		version, base string
		margin        float64
		trees         int
	}{
		{"3,2,0", "[0E0]", -13.815510, 1},
		{"3,2,0", "[1E0]", 13.745161, 1},
		{"3,2,0", "[1E-8]", -13.815510, 1},
		{"3,2,0", "[9.9999994E-1]", 13.745161, 1},
		{"3,1,3", "[9.9999994E-1]", 15.942385, 2},
		{"3,1,3", "[1E-8]", -18.420681, 2},
		{"3,0,5", "1E-8", -18.420681, 2},
		{"1,7,6", "9.9999994E-1", 15.942385, 2},
		{"1,7,6", "9E-1", 2.1972241, 1},
		{"1,7,6", "9.9E-1", 4.5951247, 1},
		{"3,2,0", "[9.999E-1]", 9.210175, 1},
		{"3,2,0", "[1E-4]", -9.210240, 1},
	} {
		text := strings.NewReplacer(`"5E-1","boost`, `"`+c.base+`","boost`, `"version":[1,7,0]`, `"version":[`+c.version+`]`).Replace(smallModel)
		booster, err := gbdt.ReadXGBoost(strings.NewReader(text), gbdt.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		again := reread(t, booster)
		for _, b := range []*gbdt.Booster{booster, again} {
			if got := b.Margin([]float32{2}) - 0.5; math.Abs(got-c.margin) > 1e-6 || b.Trees() != c.trees {
				t.Errorf("version %s, base score %s: margin %v in %d trees, want %v in %d", c.version, c.base, got, b.Trees(), c.margin, c.trees)
			}
		}
	}
}

// TestOneClass: a model that saw no event, or nothing else, says in XGBoost what it says here, and opens again.
func TestOneClass(t *testing.T) {
	for _, label := range []float32{0, 1} {
		booster := train(t, column(1, 2, 3), []float32{label, label, label}, oneTree())
		near(t, "margin read again", reread(t, booster).Margin([]float32{1}), booster.Margin([]float32{1}))
	}
}

func TestXGBoostRoundTrip(t *testing.T) {
	m, labels := synthetic(2000, 9, 0.2, 2)
	m.Names = []string{"a", "\"quoted\"", "é", "<d>", "e\n", "f", "g", "h", "i"}
	for name, o := range someOptions() {
		t.Run(name, func(t *testing.T) {
			booster := train(t, m, labels, o)
			again := reread(t, booster)
			if again.Trees() != booster.Trees() || again.Nodes() != booster.Nodes() || again.BaseScore() != booster.BaseScore() ||
				fmt.Sprint(again.Features()) != fmt.Sprint(m.Names) {
				t.Errorf("read %d trees, %d nodes, base %v, features %q", again.Trees(), again.Nodes(), again.BaseScore(), again.Features())
			}
		})
	}
}

// smallModel is one split, x < 1.5, with leaves -0.25 and 0.5, in the layout of XGBoost's model schema.
const smallModel = `{"learner":{"attributes":{},"feature_names":["x"],"feature_types":["float"],
"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"iteration_indptr":[0,1],"tree_info":[0],
"trees":[{"base_weights":[0E0,-1E0,2E0],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],
"default_left":[1,0,0],"id":0,"left_children":[1,-1,-1],"loss_changes":[3E0,0E0,0E0],"parents":[2147483647,0,0],
"right_children":[2,-1,-1],"split_conditions":[1.5E0,-2.5E-1,5E-1],"split_indices":[0,0,0],"split_type":[0,0,0],
"sum_hessian":[4E0,2E0,2E0],"tree_param":{"num_deleted":"0","num_feature":"1","num_nodes":"3","size_leaf_vector":"1"}}]},"name":"gbtree"},
"learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"1","num_target":"1"},
"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[1,7,0]}`

func TestReadXGBoostByHand(t *testing.T) {
	for _, c := range []struct{ name, old, replacement string }{
		{"as it is", "", ""},
		{"new base score", `"5E-1","boost`, `"[5E-1]","boost`},
		{"booleans of early versions", `[1,0,0],"id"`, `[true,false,false],"id"`},
		{"spaces", `[1.5E0,-2.5E-1,5E-1]`, "[ 1.5 ,\n\t-0.25, 0.5 ]"},
		{"no split types", `"split_type":[0,0,0],`, ``},
		{"unknown members", `"attributes":{}`, `"attributes":{"best_iteration":"3","x":[[{}]]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			booster, err := gbdt.ReadXGBoost(strings.NewReader(strings.Replace(smallModel, c.old, c.replacement, 1)), gbdt.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range []struct {
				x      float32
				margin float64
			}{{1, -0.25}, {1.5, 0.5}, {2, 0.5}, {nan, -0.25}} {
				if got := booster.Margin([]float32{row.x}); got != row.margin {
					t.Errorf("margin of %v is %v, want %v", row.x, got, row.margin)
				}
			}
		})
	}
}

// XGBoost keeps pruned nodes in its arrays; nothing leads to them.
func TestReadXGBoostLeavesOutPrunedNodes(t *testing.T) {
	pruned := strings.NewReplacer(`[0E0,-1E0,2E0]`, `[0E0,-1E0,2E0,9E0]`, `[1,0,0],"id"`, `[1,0,0,1],"id"`, `[1,-1,-1]`, `[1,-1,-1,7]`,
		`[3E0,0E0,0E0]`, `[3E0,0E0,0E0,0E0]`, `[2,-1,-1]`, `[2,-1,-1,8]`, `[1.5E0,-2.5E-1,5E-1]`, `[1.5E0,-2.5E-1,5E-1,9E0]`,
		`"split_indices":[0,0,0]`, `"split_indices":[0,0,0,2147483647]`, `[4E0,2E0,2E0]`, `[4E0,2E0,2E0,0E0]`).Replace(smallModel)
	booster, err := gbdt.ReadXGBoost(strings.NewReader(pruned), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if booster.Nodes() != 3 || booster.Margin([]float32{2}) != 0.5 {
		t.Errorf("%d nodes, margin %v", booster.Nodes(), booster.Margin([]float32{2}))
	}
}

func TestReadXGBoostRefuses(t *testing.T) {
	const tree = "learner.gradient_booster.model.trees[0]"
	for _, c := range []struct{ name, old, replacement, want string }{
		{"not JSON", smallModel, "xgboost", "invalid"},
		{"empty", smallModel, "", "unexpected EOF"},
		{"an array", smallModel, "[]", "need an object"},
		{"cut short", `"version":[1,7,0]}`, "", "EOF"},
		{"more data", `"version":[1,7,0]}`, `"version":[1,7,0]} {}`, "more data"},
		{"twice the same key", `"attributes":{}`, `"attributes":{},"attributes":{}`, "duplicate"},
		{"no learner", `{"learner"`, `{"other"`, `no "learner"`},
		{"no trees", `"trees"`, `"other"`, `model: no "trees"`},
		{"no thresholds", `"split_conditions"`, `"other"`, tree + `: no "split_conditions"`},
		{"no base score", `"base_score"`, `"other"`, `learner_model_param: no "base_score"`},
		{"other booster", `"name":"gbtree"`, `"name":"dart"`, `booster "dart"`},
		{"empty name of the booster", `"name":"gbtree"`, `"name":""`, "no name of the booster"},
		{"another booster, with parts of its own", `"trees":[`, `"boosted weights":[`, `model: no "trees"`},
		{"other objective", `binary:logistic`, `multi:softmax`, `objective "multi:softmax"`},
		{"infinite base score", `{"base_score":"5E-1"`, `{"base_score":"Inf"`, "base_score"},
		{"classes", `"num_class":"0"`, `"num_class":"3"`, "num_class"},
		{"targets", `"num_target":"1"`, `"num_target":"2"`, "num_target"},
		{"features as a number", `"num_feature":"1","num_target"`, `"num_feature":1,"num_target"`, "need a string"},
		{"many features", `"num_feature":"1","num_target"`, `"num_feature":"99999999","num_target"`, "num_feature"},
		{"names without features", `"num_feature":"1","num_target"`, `"num_feature":"0","num_target"`, "1 names"},
		{"base score 1 before XGBoost 3.2", `"5E-1","boost`, `"1E0","boost`, "base_score: 1, need a probability above 0 and below 1"},
		{"base score above 1", `"5E-1","boost`, `"1.5E0","boost`, `base_score: "1.5E0"`},
		{"base score below 0", `"5E-1","boost`, `"-1E-9","boost`, "base_score"},
		{"version as text", `"version":[1,7,0]`, `"version":"1.7.0"`, "version: need an array"},
		{"base score NaN", `"5E-1","boost`, `"NaN","boost`, "base_score"},
		{"base scores", `"5E-1","boost`, `"[5E-1,5E-1]","boost`, "base_score"},
		{"tree_info too long", `"tree_info":[0]`, `"tree_info":[0,0]`, "tree_info: 2 entries for 1"},
		{"second class", `"tree_info":[0]`, `"tree_info":[1]`, "tree_info[0]"},
		{"no nodes", `"left_children":[1,-1,-1]`, `"left_children":[]`, "without nodes"},
		{"short array", `"sum_hessian":[4E0,2E0,2E0]`, `"sum_hessian":[4E0,2E0]`, tree + ".sum_hessian: 2 entries"},
		{"child out of range", `"right_children":[2,`, `"right_children":[3,`, tree + ".right_children[0]: no node 3"},
		{"child below -1", `"right_children":[2,`, `"right_children":[-2,`, tree + ".right_children[0]: no node -2"},
		{"half a split", `"left_children":[1,-1`, `"left_children":[-1,-1`, tree + ".left_children[0]: no node -1"},
		{"cycle to the root", `"left_children":[1,`, `"left_children":[0,`, "reached twice"},
		{"child of both sides", `"right_children":[2,`, `"right_children":[1,`, "reached twice"},
		{"feature out of range", `"split_indices":[0,`, `"split_indices":[1,`, tree + ".split_indices[0]: no feature 1"},
		{"negative feature", `"split_indices":[0,`, `"split_indices":[-1,`, "no feature -1"},
		{"fraction for a node", `"left_children":[1,`, `"left_children":[1.5,`, "left_children[0]: 1.5"},
		{"huge node", `"left_children":[1,`, `"left_children":[99999999999,`, "left_children[0]"},
		{"NaN threshold", `[1.5E0,`, `[NaN,`, "split_conditions"},
		{"null threshold", `[1.5E0,`, `[null,`, "split_conditions[0]: null"},
		{"threshold as text", `[1.5E0,`, `["NaN",`, "split_conditions[0]"},
		{"infinite threshold", `[1.5E0,`, `[1e39,`, "split_conditions[0]: 1e39"},
		{"nested array", `[1.5E0,`, `[[1.5E0],`, "split_conditions[0]"},
		{"text for an array", `"split_indices":[0,0,0]`, `"split_indices":"0"`, "need an array"},
		{"flag 2", `"default_left":[1,`, `"default_left":[2,`, "default_left[0]: 2, need 0 or 1"},
		{"categorical split", `"split_type":[0,`, `"split_type":[1,`, "split_type[0]: categorical"},
		{"categories", `"categories_nodes":[]`, `"categories_nodes":[0]`, "categorical"},
		{"empty name", `"feature_names":["x"]`, `"feature_names":[""]`, "empty name"},
		{"number for a name", `"feature_names":["x"]`, `"feature_names":[1]`, "feature_names[0]: need a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(smallModel, c.old, c.replacement, 1)
			if changed == smallModel {
				t.Fatal("the case changes nothing")
			}
			_, err := gbdt.ReadXGBoost(strings.NewReader(changed), gbdt.Limits{})
			wantError(t, err, c.want)
		})
	}
}

// TestReadXGBoostNamesTheKind: real files of other kinds, made by testdata/xgboost_agreement.py with XGBoost 3.2.0, are refused for what they are.
func TestReadXGBoostNamesTheKind(t *testing.T) {
	for name, want := range map[string]string{
		"dart":        `booster "dart" is not supported, only gbtree is`,
		"gblinear":    `booster "gblinear" is not supported, only gbtree is`,
		"multiclass":  `objective "multi:softprob" is not supported`,
		"vector_leaf": `num_target: "2", only one output is supported`,
		"categorical": "categorical splits are not supported",
	} {
		for _, encoding := range []string{"json", "ubj"} {
			content, err := os.ReadFile(filepath.Join("testdata", "refused", name+"."+encoding))
			if err != nil {
				t.Fatal(err)
			}
			_, err = gbdt.ReadXGBoost(bytes.NewReader(content), gbdt.Limits{})
			wantError(t, err, want)
		}
	}
}

// TestBestTrees: a model that stopped early has all its trees, and says which of them XGBClassifier uses.
func TestBestTrees(t *testing.T) {
	dir := filepath.Join("testdata", "stopped")
	booster, features := readModel(t, dir), readTable(t, dir, "features.csv")
	margins, probabilities := readTable(t, dir, "margins.csv"), readTable(t, dir, "probabilities.csv")
	best := booster.BestTrees()
	if best <= 0 || best >= booster.Trees() {
		t.Fatalf("the best %d trees of %d", best, booster.Trees())
	}
	first := booster.First(best)
	if first.Trees() != best || first.BestTrees() != 0 || booster.First(0).Trees() != 0 {
		t.Errorf("%d trees, the best %d", first.Trees(), first.BestTrees())
	}
	for i := range features.Rows {
		agree(t, i, "margin", booster.Margin(features.Row(i)), margins.Row(i)[0])
		agree(t, i, "probability", 1/(1+math.Exp(-first.Margin(features.Row(i)))), probabilities.Row(i)[0])
	}
}

func TestBestTreesByHand(t *testing.T) {
	base := strings.Replace(smallModel, `"5E-1","boost`, `"1E-8","boost`, 1) // a leaf of its own makes up for that
	for _, c := range []struct {
		model, best, parallel string
		want                  int
		fault                 string
	}{
		{twoTrees(smallModel), "0", "1", 1, ""},
		{twoTrees(base), "0", "1", 2, ""},
		{twoTrees(smallModel), "0", "2", 0, ""},
		{twoTrees(smallModel), "1", "1", 0, ""},
		{twoTrees(smallModel), "9", "1", 0, ""},
		{twoTrees(smallModel), "-1", "1", 0, "best_iteration"},
		{twoTrees(smallModel), "none", "1", 0, "best_iteration"},
		{twoTrees(smallModel), "0", "0", 0, "num_parallel_tree"},
	} {
		model := strings.NewReplacer(`"attributes":{}`, `"attributes":{"best_iteration":"`+c.best+`"}`,
			`"num_parallel_tree":"1"`, `"num_parallel_tree":"`+c.parallel+`"`).Replace(c.model)
		booster, err := gbdt.ReadXGBoost(strings.NewReader(model), gbdt.Limits{})
		if c.fault != "" {
			wantError(t, err, c.fault)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := booster.BestTrees(); got != c.want {
			t.Errorf("best round %s, %s trees a round: %d trees, want %d", c.best, c.parallel, got, c.want)
		}
	}
}

// twoTrees gives a model its tree twice.
func twoTrees(model string) string {
	begin, end := strings.Index(model, `[{"base_weights"`)+1, strings.Index(model, `],"name":"gbtree"`)
	if end < 0 {
		end = strings.Index(model, `]},"name":"gbtree"`)
	}
	tree := model[begin:end]
	return strings.Replace(strings.Replace(model, tree, tree+","+tree, 1), `"tree_info":[0]`, `"tree_info":[0,0]`, 1)
}

// TestErrorsStayShort: what a file says is repeated in part.
func TestErrorsStayShort(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	many := strings.Repeat(`"",`, 1000) + `""`
	for _, c := range [][2]string{
		{`"name":"gbtree"`, `"name":"` + long + `"`},
		{`binary:logistic`, long},
		{`"num_class":"0"`, `"num_class":"` + long + `"`},
		{`"num_target":"1"`, `"num_target":"` + long + `"`},
		{`"num_feature":"1","num_target"`, `"num_feature":"` + long + `","num_target"`},
		{`"5E-1","boost`, `"` + long + `","boost`},
		{`"attributes":{}`, `"attributes":{"` + long + `":1,"` + long + `":1}`},
		{`"attributes":{}`, `"attributes":{"best_iteration":"` + long + `"}`},
		{`"feature_names":["x"]`, `"feature_names":["` + long + `","` + long + `"]`},
		{`"feature_names":["x"]`, `"feature_names":[` + many + `]`},
		{`[1.5E0,`, `["` + long + `",`},
	} {
		model := strings.Replace(smallModel, c[0], c[1], 1)
		if strings.HasPrefix(c[0], `"feature_names"`) {
			model = strings.Replace(model, `"num_feature":"1","num_target"`, `"num_feature":"`+fmt.Sprint(strings.Count(c[1], ",")+1)+`","num_target"`, 1)
		}
		_, err := gbdt.ReadXGBoost(strings.NewReader(model), gbdt.Limits{})
		if err == nil || len(err.Error()) > 600 {
			t.Errorf("%.40s: an error of %d bytes, %.200v", c[0], len(fmt.Sprint(err)), err)
		}
	}
}

// TestFeaturesWithoutNames: a short file may ask for a million features, and takes no memory for it until they are named.
func TestFeaturesWithoutNames(t *testing.T) {
	model := strings.NewReplacer(`"feature_names":["x"],`, ``, `"num_feature":"1","num_target"`, `"num_feature":"1048576","num_target"`).Replace(smallModel)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	booster, err := gbdt.ReadXGBoost(strings.NewReader(model), gbdt.Limits{})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
		t.Errorf("%d bytes", taken)
	}
	if names := booster.Features(); len(names) != 1<<20 || names[1<<20-1] != "f1048575" {
		t.Errorf("%d names", len(names))
	}
}

func TestReadXGBoostLimits(t *testing.T) {
	m, labels := synthetic(500, 6, 0.1, 1)
	model := encode(t, train(t, m, labels, someOptions()["depth"]))
	binary := encodeUBJSON(t, train(t, m, labels, someOptions()["depth"]))
	for _, c := range []struct {
		limits gbdt.Limits
		want   string
	}{
		{gbdt.Limits{Bytes: 1000}, "larger than 1000 bytes"},
		{gbdt.Limits{Trees: 19}, "19"},
		{gbdt.Limits{Nodes: 100}, "more than"},
		{gbdt.Limits{Depth: 3}, "deeper than 3"},
		{gbdt.Limits{Features: 5}, "more than 5 features"},
	} {
		_, err := gbdt.ReadXGBoost(bytes.NewReader(model), c.limits)
		wantError(t, err, c.want)
		_, err = gbdt.ReadXGBoost(bytes.NewReader(binary), c.limits)
		wantError(t, err, c.want)
	}
	for _, content := range [][]byte{model, binary} {
		exact := gbdt.Limits{Bytes: int64(len(content)), Trees: 20, Depth: 4, Features: 6}
		if _, err := gbdt.ReadXGBoost(bytes.NewReader(content), exact); err != nil {
			t.Error(err)
		}
	}
}

// A model that estimates a number: its base score is a margin.
func TestSquaredError(t *testing.T) {
	model := strings.NewReplacer("binary:logistic", "reg:squarederror", `"5E-1","boost`, `"-7E0","boost`).Replace(smallModel)
	booster, err := gbdt.ReadXGBoost(strings.NewReader(model), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	again := reread(t, booster)
	if again.Objective() != gbdt.SquaredError || again.BaseScore() != -7 || again.Margin([]float32{2}) != -6.5 {
		t.Errorf("objective %v, base %v, margin %v", again.Objective(), again.BaseScore(), again.Margin([]float32{2}))
	}
	average, err := gbdt.Average(booster, booster)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "margin of the average", average.Margin([]float32{2}), -6.5)
	other, err := gbdt.ReadXGBoost(strings.NewReader(smallModel), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = gbdt.Average(booster, other)
	wantError(t, err, "booster 1", "binary:logistic")
}

// TestHugeCovers: what is beyond float32 is held within it, and the file opens again.
func TestHugeCovers(t *testing.T) {
	d, err := gbdt.NewDataset(column(1, 2, 3, 4), 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	subset := gbdt.Subset{Rows: allRows(4), Labels: []float32{0, 0, 1, 1}, Weights: []float32{math.MaxFloat32, math.MaxFloat32, math.MaxFloat32, math.MaxFloat32}}
	o := oneTree()
	booster, err := gbdt.Train(t.Context(), d, subset, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again := reread(t, booster); again.Nodes() != 3 {
		t.Errorf("%d nodes", again.Nodes())
	}
}

type brokenWriter struct{}

var errDisk = errors.New("disk full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteXGBoostReportsErrors(t *testing.T) {
	booster := train(t, column(1, 2), []float32{0, 1}, oneTree())
	if err := booster.WriteXGBoost(brokenWriter{}); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
	if err := booster.WriteXGBoostUBJSON(brokenWriter{}); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
}

// FuzzReadXGBoost: no input makes the reader panic or use much memory, and whatever it accepts survives
// being written and read.
func FuzzReadXGBoost(f *testing.F) {
	f.Add([]byte(smallModel))
	f.Add([]byte(strings.Replace(smallModel, `"5E-1","boost`, `"[5E-1]","boost`, 1)))
	f.Add([]byte(strings.Replace(smallModel, `"left_children":[1,`, `"left_children":[0,`, 1)))
	f.Add([]byte(`{"learner":{"gradient_booster":{"model":{"trees":[{"left_children":[`))
	booster, err := gbdt.ReadXGBoost(strings.NewReader(smallModel), gbdt.Limits{})
	if err != nil {
		f.Fatal(err)
	}
	binary := encodeUBJSON(f, booster)
	f.Add(binary)
	f.Add(binary[:len(binary)/2])
	f.Add(bytes.Replace(binary, ubjsonKey("left_children"), ubjsonKey("Left_children"), 1))
	f.Add(slices.Concat([]byte("{"), ubjsonKey("other"), []byte("[#L\x7f\xff\xff\xff\xff\xff\xff\xff")))
	f.Add(slices.Concat([]byte("{"), ubjsonKey("other"), bytes.Repeat([]byte("["), 1000)))
	f.Fuzz(func(t *testing.T, input []byte) {
		limits := gbdt.Limits{Bytes: 1 << 16, Trees: 100, Nodes: 1000, Depth: 64, Features: 1000}
		booster, err := gbdt.ReadXGBoost(bytes.NewReader(input), limits)
		if err != nil {
			return
		}
		row := make([]float32, len(booster.Features()))
		margin := booster.Margin(row)
		if got := reread(t, booster).Margin(row); got != margin && got == got {
			t.Errorf("margin %v after writing, %v before", got, margin)
		}
		explained := gbdt.NewExplainer(booster).Contributions(row, make([]float64, len(row)))
		if explained != explained && margin == margin {
			t.Errorf("expected margin %v", explained)
		}
	})
}

// BenchmarkReadXGBoost reads a model of about 3 MB (500 trees of depth 6).
func BenchmarkReadXGBoost(b *testing.B) {
	m, labels := synthetic(20_000, 30, 0.2, 1)
	o := someOptions()["depth"]
	o.Rounds, o.MaxDepth = 500, 6
	booster := train(b, m, labels, o)
	for name, model := range map[string][]byte{"JSON": encode(b, booster), "UBJSON": encodeUBJSON(b, booster)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(model)))
			for b.Loop() {
				if _, err := gbdt.ReadXGBoost(bytes.NewReader(model), gbdt.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
