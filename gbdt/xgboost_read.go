package gbdt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Limits bound what [ReadXGBoost] and [ReadLightGBM] accept. 0 means the default.
type Limits struct {
	Bytes    int64 // of the file; default 256 MiB
	Trees    int   // default 100,000
	Nodes    int   // of all trees; default 20 million
	Depth    int   // splits between root and leaf; default 1,024
	Features int   // default 1,048,576
}

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
	}
	for _, limit := range []struct {
		value    *int
		standard int
	}{{&l.Trees, maxRounds}, {&l.Nodes, 20_000_000}, {&l.Depth, 1024}, {&l.Features, maxFeatures}} {
		if *limit.value <= 0 {
			*limit.value = limit.standard
		}
	}
	l.Nodes = min(l.Nodes, math.MaxInt32-1)
	return l
}

// ReadXGBoost reads an XGBoost model, in JSON or UBJSON, which it tells apart: booster gbtree, objective binary:logistic or
// reg:squarederror, numeric splits, one output. The input is not trusted: beyond the limits, or when the file is
// not such a model, it fails with an error that names the place, and memory stays in proportion to the bytes read.
//
// Margins are XGBoost's within the rounding of its sums, which have 32 bits. A probability as base score beyond 0.000001 and 0.999999, which
// XGBoost before 3.2 took as it was, becomes the nearest of these and a tree of one leaf, so that all versions agree on what is written again.
// All trees are read, also those after the best round of early stopping: see [Booster.BestTrees].
func ReadXGBoost(r io.Reader, limits Limits) (*Booster, error) {
	limits = limits.withDefaults()
	bounded := &io.LimitedReader{R: r, N: limits.Bytes + 1}
	in := bufio.NewReaderSize(bounded, 1<<16)
	x := xgboostReader{limits: limits}
	if isUBJSON(in) {
		x.document = newUBJSONDocument(in)
	} else {
		x.document = newJSONDocument(in)
	}
	err := x.model()
	if err == nil {
		err = x.atEnd()
	}
	if bounded.N <= 0 {
		return nil, fmt.Errorf("gbdt: XGBoost model is larger than %d bytes", limits.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("gbdt: XGBoost model: %w", err)
	}
	b, err := x.booster()
	if err != nil {
		return nil, fmt.Errorf("gbdt: XGBoost model: %w", err)
	}
	return b, nil
}

// xgboostReader collects the parts of a model file, which may come in any order.
type xgboostReader struct {
	document
	limits Limits

	baseScore, numClass, numFeature, numTarget string
	boosterName, objectiveName                 string
	names                                      []string
	version                                    []int32 // major, minor, patch
	treeInfo                                   []int32
	trees                                      []xgboostTree
	nodes                                      int
	bestIteration, parallelTrees               string
	fault                                      error // the first that another kind of model would explain
}

// later keeps a fault until the kind of the model is known.
func (x *xgboostReader) later(err error) {
	if x.fault == nil {
		x.fault = err
	}
}

// xgboostTree holds a tree's arrays as the file has them.
type xgboostTree struct {
	left, right, feature           []int32
	defaultLeft                    []bool
	condition, gain, cover, weight []float32
}

type member = map[string]func() error

func (x *xgboostReader) model() error {
	return x.object("", []string{"learner"}, member{
		"learner": x.learner,
		"version": func() (err error) { x.version, err = x.integers("version", 3); return },
	})
}

func (x *xgboostReader) learner() error {
	const at = "learner"
	return x.object(at, []string{"gradient_booster", "learner_model_param", "objective"}, member{
		"attributes": func() error {
			return x.texts(at+".attributes", nil, map[string]*string{"best_iteration": &x.bestIteration})
		},
		"feature_names":    func() error { return x.featureNames(at + ".feature_names") },
		"gradient_booster": func() error { return x.gradientBooster(at + ".gradient_booster") },
		"learner_model_param": func() error {
			return x.texts(at+".learner_model_param", []string{"base_score", "num_class", "num_feature"}, map[string]*string{
				"base_score": &x.baseScore, "num_class": &x.numClass, "num_feature": &x.numFeature, "num_target": &x.numTarget,
			})
		},
		"objective": func() error {
			return x.texts(at+".objective", []string{"name"}, map[string]*string{"name": &x.objectiveName})
		},
	})
}

func (x *xgboostReader) gradientBooster(at string) error {
	return x.object(at, []string{"model", "name"}, member{
		"name": func() (err error) { x.boosterName, err = x.text(at + ".name"); return },
		"model": func() error {
			return x.object(at+".model", []string{"trees", "tree_info"}, member{
				"gbtree_model_param": func() error {
					return x.texts(at+".model.gbtree_model_param", nil, map[string]*string{"num_parallel_tree": &x.parallelTrees})
				},
				"trees":     func() error { return x.treeList(at + ".model.trees") },
				"tree_info": func() (err error) { x.treeInfo, err = x.integers(at+".model.tree_info", x.limits.Trees); return },
			})
		},
	})
}

func (x *xgboostReader) treeList(at string) error {
	return x.list(at, func(i int) error {
		place := fmt.Sprintf("%s[%d]", at, i)
		if i >= x.limits.Trees {
			return fmt.Errorf("%s: more than %d trees", place, x.limits.Trees)
		}
		var t xgboostTree
		if err := x.tree(place, &t); err != nil {
			return err
		}
		x.trees = append(x.trees, t)
		x.nodes += len(t.left)
		return nil
	})
}

// treeKeys are the arrays that every tree must have.
var treeKeys = []string{
	"base_weights", "default_left", "left_children", "loss_changes", "right_children",
	"split_conditions", "split_indices", "sum_hessian",
}

func (x *xgboostReader) tree(at string, t *xgboostTree) error {
	room := x.limits.Nodes - x.nodes
	integers := func(key string, into *[]int32) func() error {
		return func() (err error) { *into, err = x.integers(at+"."+key, room); return }
	}
	floats := func(key string, into *[]float32) func() error {
		return func() (err error) { *into, err = x.floats(at+"."+key, room); return }
	}
	err := x.object(at, treeKeys, member{
		"base_weights":     floats("base_weights", &t.weight),
		"default_left":     func() (err error) { t.defaultLeft, err = x.flags(at+".default_left", room); return },
		"left_children":    integers("left_children", &t.left),
		"loss_changes":     floats("loss_changes", &t.gain),
		"right_children":   integers("right_children", &t.right),
		"split_conditions": floats("split_conditions", &t.condition),
		"split_indices":    integers("split_indices", &t.feature),
		"split_type":       func() error { return x.numericSplits(at+".split_type", room) },
		"sum_hessian":      floats("sum_hessian", &t.cover),
		"categories_nodes": func() error { return x.noCategories(at + ".categories_nodes") },
	})
	if err != nil {
		return err
	}
	if err := t.validateLengths(at); err != nil {
		x.later(err)
	}
	return nil
}

// validateLengths checks that all arrays have an entry for each node.
func (t *xgboostTree) validateLengths(at string) error {
	n := len(t.left)
	if n == 0 {
		return fmt.Errorf("%s.left_children: a tree without nodes", at)
	}
	for _, array := range []struct {
		key    string
		length int
	}{
		{"base_weights", len(t.weight)},
		{"default_left", len(t.defaultLeft)},
		{"loss_changes", len(t.gain)},
		{"right_children", len(t.right)},
		{"split_conditions", len(t.condition)},
		{"split_indices", len(t.feature)},
		{"sum_hessian", len(t.cover)},
	} {
		if array.length != n {
			return fmt.Errorf("%s.%s: %d entries, left_children has %d", at, array.key, array.length, n)
		}
	}
	return nil
}

func (x *xgboostReader) numericSplits(at string, room int) error {
	types, err := x.integers(at, room)
	for i, kind := range types {
		if kind != 0 {
			return fmt.Errorf("%s[%d]: categorical splits are not supported", at, i)
		}
	}
	return err
}

func (x *xgboostReader) noCategories(at string) error {
	nodes, err := x.integers(at, x.limits.Nodes)
	if len(nodes) > 0 {
		return fmt.Errorf("%s: categorical splits are not supported", at)
	}
	return err
}

// booster checks what the file said and lays the trees out.
func (x *xgboostReader) booster() (*Booster, error) {
	objective, err := x.kind()
	if err != nil {
		return nil, err
	}
	if x.fault != nil {
		return nil, x.fault
	}
	features, err := x.validateLearner()
	if err != nil {
		return nil, err
	}
	names, err := x.namesOf(features)
	if err != nil {
		return nil, fmt.Errorf("learner.feature_names: %w", err)
	}
	base, err := parseBaseScore(x.baseScore, objective)
	if err != nil {
		return nil, fmt.Errorf("learner.learner_model_param.base_score: %w", err)
	}
	b := newBooster(names, objective.held(base), objective)
	b.features = features
	if err := x.keepBase(b, base); err != nil {
		return nil, fmt.Errorf("learner.learner_model_param.base_score: %w", err)
	}
	if err := x.findBest(b); err != nil {
		return nil, fmt.Errorf("learner.attributes.best_iteration: %w", err)
	}
	for i := range x.trees {
		at := fmt.Sprintf("learner.gradient_booster.model.trees[%d]", i)
		if err := b.appendXGBoost(&x.trees[i], at, x.limits.Depth); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// keepBase makes up for a base score that XGBoost before 3.2 took as it was, and that [Objective.held] has moved: by a tree of a single leaf.
func (x *xgboostReader) keepBase(b *Booster, base float32) error {
	old := len(x.version) > 1 && (x.version[0] < 3 || x.version[0] == 3 && x.version[1] < 2)
	if !old || base == b.base {
		return nil
	}
	if base == 0 || base == 1 {
		return fmt.Errorf("%v, need a probability above 0 and below 1 in a model of XGBoost %d.%d", base, x.version[0], x.version[1])
	}
	b.appendLeaf(float32(b.objective.margin(base) - b.margin))
	return nil
}

// namesOf are the names of the features, or nil for the standard ones.
func (x *xgboostReader) namesOf(features int) ([]string, error) {
	if len(x.names) == 0 {
		return nil, nil
	}
	if len(x.names) != features {
		return nil, fmt.Errorf("%d names, num_feature is %d", len(x.names), features)
	}
	return featureNames(x.names, features)
}

// findBest notes the trees up to the best round, of which each has num_parallel_tree. What keepBase has put before the trees counts.
func (x *xgboostReader) findBest(b *Booster) error {
	if x.bestIteration == "" {
		return nil
	}
	parallel := 1
	if x.parallelTrees != "" {
		var err error
		if parallel, err = strconv.Atoi(x.parallelTrees); err != nil || parallel < 1 || parallel > x.limits.Trees {
			return fmt.Errorf("num_parallel_tree is %.40q, need 1 to %d", x.parallelTrees, x.limits.Trees)
		}
	}
	round, err := strconv.Atoi(x.bestIteration)
	if err != nil || round < 0 {
		return fmt.Errorf("%.40q, need a round, counted from 0", x.bestIteration)
	}
	if round < len(x.trees)/parallel && (round+1)*parallel < len(x.trees) {
		b.best = (round+1)*parallel + b.Trees()
	}
	return nil
}

// kind checks that the model is of a kind that can be read, as far as the file says of which it is, and returns its objective. A model of
// another kind has other parts, of which nothing need be said then.
func (x *xgboostReader) kind() (objective Objective, err error) {
	if name := x.boosterName; name != "" && name != "gbtree" {
		return 0, fmt.Errorf("learner.gradient_booster.name: booster %.40q is not supported, only gbtree is", name)
	}
	if x.objectiveName != "" {
		if objective, err = parseObjective(x.objectiveName); err != nil {
			return 0, fmt.Errorf("learner.objective.name: %w", err)
		}
	}
	for _, outputs := range []struct{ key, count string }{{"num_class", x.numClass}, {"num_target", x.numTarget}} {
		if outputs.count != "" && outputs.count != "0" && outputs.count != "1" {
			return 0, fmt.Errorf("learner.learner_model_param.%s: %.40q, only one output is supported", outputs.key, outputs.count)
		}
	}
	return objective, nil
}

// validateLearner returns the number of features, and checks what belongs to all trees.
func (x *xgboostReader) validateLearner() (int, error) {
	if x.boosterName == "" || x.objectiveName == "" || x.numClass == "" {
		return 0, errors.New("learner: no name of the booster or of the objective, or no num_class")
	}
	features, err := strconv.Atoi(x.numFeature)
	if err != nil || features < 0 || features > x.limits.Features {
		return 0, fmt.Errorf("learner.learner_model_param.num_feature: %.40q, need a number up to %d", x.numFeature, x.limits.Features)
	}
	if len(x.treeInfo) != len(x.trees) {
		return 0, fmt.Errorf("learner.gradient_booster.model.tree_info: %d entries for %d trees", len(x.treeInfo), len(x.trees))
	}
	for i, group := range x.treeInfo {
		if group != 0 {
			return 0, fmt.Errorf("learner.gradient_booster.model.tree_info[%d]: output %d, only one is supported", i, group)
		}
	}
	return features, nil
}

// parseObjective finds an objective by XGBoost's name.
func parseObjective(name string) (Objective, error) {
	for objective, known := range objectives {
		if name == known {
			return objective, nil
		}
	}
	return 0, fmt.Errorf("objective %.40q is not supported, only %s and %s are", name, Logistic, SquaredError)
}

// parseBaseScore reads "5E-1", or "[5E-1]" as XGBoost 3.1 and later write it.
func parseBaseScore(text string, objective Objective) (float32, error) {
	inner := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		inner = text[1 : len(text)-1]
	}
	v, err := strconv.ParseFloat(inner, 32)
	switch {
	case objective == Logistic && (err != nil || !(v >= 0 && v <= 1)):
		return 0, fmt.Errorf("%.40q, need one probability, 0 to 1", text)
	case err != nil || !(math.Abs(v) <= math.MaxFloat32):
		return 0, fmt.Errorf("%.40q, need one finite number", text)
	}
	return float32(v), nil
}

// errCycle is the fault of a node that is reached twice.
var errCycle = errors.New("is reached twice: a cycle, or two parents")

// appendXGBoost lays a tree out in breadth-first order, following children from the root; nodes that are
// not reached (XGBoost keeps pruned ones) are left out.
func (b *Booster) appendXGBoost(t *xgboostTree, at string, maxDepth int) error {
	first := int32(len(b.nodes)) //nolint:gosec // bounded by Limits
	seen := make([]bool, len(t.left))
	seen[0] = true
	order, depths := []int32{0}, []int{0}
	for i := 0; i < len(order); i++ {
		id := order[i]
		n := node{value: t.condition[id], cover: t.cover[id]}
		if t.left[id] != -1 || t.right[id] != -1 {
			if err := t.validateSplit(at, id, b.features, seen); err != nil {
				return err
			}
			if depths[i] >= maxDepth {
				return fmt.Errorf("%s: node %d lies deeper than %d", at, id, maxDepth)
			}
			n.left = first + int32(len(order))   //nolint:gosec // bounded by Limits
			n.split = uint32(t.feature[id]) << 1 //nolint:gosec // validated
			if t.defaultLeft[id] {
				n.split |= 1
			}
			order = append(order, t.left[id], t.right[id])
			depths = append(depths, depths[i]+1, depths[i]+1)
		}
		b.appendNode(n, t.gain[id], t.weight[id])
	}
	b.starts = append(b.starts, int32(len(b.nodes))) //nolint:gosec // bounded by Limits
	return nil
}

// validateSplit checks an inner node's children and feature, and marks the children as seen.
func (t *xgboostTree) validateSplit(at string, id int32, features int, seen []bool) error {
	for _, side := range []struct {
		key   string
		child int32
	}{{"left_children", t.left[id]}, {"right_children", t.right[id]}} {
		if side.child < 0 || int(side.child) >= len(seen) {
			return fmt.Errorf("%s.%s[%d]: no node %d in a tree of %d", at, side.key, id, side.child, len(seen))
		}
		if seen[side.child] {
			return fmt.Errorf("%s.%s[%d]: node %d %w", at, side.key, id, side.child, errCycle)
		}
		seen[side.child] = true
	}
	if feature := t.feature[id]; feature < 0 || int(feature) >= features {
		return fmt.Errorf("%s.split_indices[%d]: no feature %d, num_feature is %d", at, id, feature, features)
	}
	return nil
}
