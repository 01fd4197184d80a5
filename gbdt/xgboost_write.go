package gbdt

import (
	"errors"
	"io"
	"math"
	"strconv"
)

// noParent is what XGBoost writes as the parent of a root: the largest int32.
const noParent = math.MaxInt32

// WriteXGBoost writes the booster as an XGBoost model in JSON (booster gbtree;
// https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html). XGBoost 1.7 and later open it.
// Thresholds and leaf values survive exactly. The same booster gives the same bytes. A booster that takes 0 for
// missing (see [ReadLightGBM]) is refused.
func (b *Booster) WriteXGBoost(w io.Writer) error { return b.writeXGBoost(newJSONEncoder(w)) }

// WriteXGBoostUBJSON is WriteXGBoost in UBJSON, XGBoost's binary format, which is smaller and faster to read.
func (b *Booster) WriteXGBoostUBJSON(w io.Writer) error { return b.writeXGBoost(newUBJSONEncoder(w)) }

// encoder writes a model file in one encoding. An error is kept for flush.
type encoder interface {
	beginObject()
	key(name string)
	endObject()
	// beginList starts a list of so many values, of any type.
	beginList(n int)
	endList()
	text(s string)
	integer(v int)
	// Arrays hold n values of one type, which matters where the encoding has types.
	int32s(n int, value func(i int) int32)
	int64s(n int, value func(i int) int64)
	bytes(n int, value func(i int) uint8)
	floats(n int, value func(i int) float32)
	flush() error
}

func (b *Booster) writeXGBoost(e encoder) error {
	if b.zeroIsMissing != nil {
		return errors.New("gbdt: the booster takes 0 for missing, which XGBoost's formats cannot express")
	}
	x := xgboostWriter{Booster: b, encoder: e}
	x.model()
	return x.flush()
}

// xgboostWriter writes the parts of a model file.
type xgboostWriter struct {
	*Booster
	encoder
}

func (x *xgboostWriter) model() {
	x.beginObject()
	x.key("learner")
	x.beginObject()
	x.key("attributes")
	x.beginObject()
	x.endObject()
	x.features()
	x.key("gradient_booster")
	x.gradientBooster()
	x.key("learner_model_param")
	x.texts([][2]string{
		{"base_score", string(appendFloat(nil, x.base))},
		{"boost_from_average", "1"},
		{"num_class", "0"},
		{"num_feature", strconv.Itoa(x.Booster.features)},
		{"num_target", "1"},
	})
	x.key("objective")
	x.beginObject()
	x.key("name")
	x.text(x.objective.String())
	x.key("reg_loss_param")
	x.texts([][2]string{{"scale_pos_weight", "1"}})
	x.endObject()
	x.endObject()
	x.key("version")
	x.list(3, func(i int) { x.integer([]int{1, 7, 0}[i]) })
	x.endObject()
}

func (x *xgboostWriter) features() {
	x.key("feature_names")
	x.list(x.Booster.features, func(i int) { x.text(x.name(i)) })
	x.key("feature_types")
	x.list(x.Booster.features, func(int) { x.text("float") })
}

func (x *xgboostWriter) gradientBooster() {
	x.beginObject()
	x.key("model")
	x.beginObject()
	x.key("gbtree_model_param")
	x.texts([][2]string{{"num_parallel_tree", "1"}, {"num_trees", strconv.Itoa(x.Trees())}})
	x.key("iteration_indptr")
	x.list(x.Trees()+1, x.integer)
	x.key("tree_info")
	x.list(x.Trees(), func(int) { x.integer(0) })
	x.key("trees")
	x.list(x.Trees(), x.tree)
	x.endObject()
	x.key("name")
	x.text("gbtree")
	x.endObject()
}

func (x *xgboostWriter) tree(tree int) {
	first, end := x.starts[tree], x.starts[tree+1]
	nodes, gains, weights := x.nodes[first:end], x.gains[first:end], x.weights[first:end]
	parents := parentsOf(nodes, first)
	n := len(nodes)
	x.beginObject()
	x.key("base_weights")
	x.floats(n, func(i int) float32 { return weights[i] })
	x.key("categories")
	x.int32s(0, nil)
	x.key("categories_nodes")
	x.int32s(0, nil)
	x.key("categories_segments")
	x.int64s(0, nil)
	x.key("categories_sizes")
	x.int64s(0, nil)
	x.key("default_left")
	x.bytes(n, func(i int) uint8 { return uint8(nodes[i].split & 1) }) //nolint:gosec // one bit
	x.key("id")
	x.integer(tree)
	x.key("left_children")
	x.int32s(n, func(i int) int32 { return child(nodes[i].left, first, 0) })
	x.key("loss_changes")
	x.floats(n, func(i int) float32 { return gains[i] })
	x.key("parents")
	x.int32s(n, func(i int) int32 { return parents[i] })
	x.key("right_children")
	x.int32s(n, func(i int) int32 { return child(nodes[i].left, first, 1) })
	x.key("split_conditions")
	x.floats(n, func(i int) float32 { return nodes[i].value })
	x.key("split_indices")
	x.int32s(n, func(i int) int32 { return nodes[i].feature() })
	x.key("split_type")
	x.bytes(n, func(int) uint8 { return 0 })
	x.key("sum_hessian")
	x.floats(n, func(i int) float32 { return nodes[i].cover })
	x.key("tree_param")
	x.texts([][2]string{
		{"num_deleted", "0"},
		{"num_feature", strconv.Itoa(x.Booster.features)},
		{"num_nodes", strconv.Itoa(n)},
		{"size_leaf_vector", "1"},
	})
	x.endObject()
}

func (x *xgboostWriter) list(n int, item func(i int)) {
	x.beginList(n)
	for i := range n {
		item(i)
	}
	x.endList()
}

// texts writes an object of strings, as XGBoost keeps its parameters.
func (x *xgboostWriter) texts(members [][2]string) {
	x.beginObject()
	for _, m := range members {
		x.key(m[0])
		x.text(m[1])
	}
	x.endObject()
}

// child is a child's number within its tree, or -1 in a leaf.
func child(left, first, side int32) int32 {
	if left == 0 {
		return -1
	}
	return left - first + side
}

func parentsOf(nodes []node, first int32) []int32 {
	parents := make([]int32, len(nodes))
	parents[0] = noParent
	for i := range nodes {
		if left := nodes[i].left; left != 0 {
			parents[left-first], parents[left-first+1] = int32(i), int32(i) //nolint:gosec // nodes are numbered in int32
		}
	}
	return parents
}
