package gbdt

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// noParent is what XGBoost writes as the parent of a root: the largest int32.
const noParent = math.MaxInt32

// WriteXGBoost writes the booster as an XGBoost model in JSON (objective binary:logistic, booster gbtree;
// https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html). XGBoost 1.7 and later open it.
// Thresholds and leaf values survive exactly. The same booster gives the same bytes.
func (b *Booster) WriteXGBoost(w io.Writer) error {
	x := xgboostWriter{Booster: b, out: bufio.NewWriterSize(w, 1<<16)}
	if err := x.head(); err != nil {
		return err
	}
	for tree := range b.Trees() {
		if tree > 0 {
			x.text(",")
		}
		x.tree(tree)
	}
	x.tail()
	return x.out.Flush()
}

// xgboostWriter writes the parts of a model file. The bufio.Writer keeps the first error for Flush.
type xgboostWriter struct {
	*Booster
	out    *bufio.Writer
	buffer []byte
}

func (x *xgboostWriter) text(s string) {
	_, _ = x.out.WriteString(s) // Flush returns the error
}

func (x *xgboostWriter) head() error {
	x.text(`{"learner":{"attributes":{},"feature_names":[`)
	for i, name := range x.names {
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return err
		}
		if i > 0 {
			x.text(",")
		}
		x.text(string(quoted))
	}
	x.text(`],"feature_types":[`)
	x.text(string(bytes.TrimSuffix(bytes.Repeat([]byte(`"float",`), len(x.names)), []byte(","))))
	trees := strconv.Itoa(x.Trees())
	x.text(`],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"` + trees + `"},`)
	x.integers("iteration_indptr", x.Trees()+1, func(i int) int { return i })
	x.integers("tree_info", x.Trees(), func(int) int { return 0 })
	x.text(`"trees":[`)
	return nil
}

func (x *xgboostWriter) tail() {
	x.text(`]},"name":"gbtree"},"learner_model_param":{"base_score":"`)
	x.text(string(appendFloat(nil, x.base)))
	x.text(`","boost_from_average":"1","num_class":"0","num_feature":"` + strconv.Itoa(len(x.names)) + `","num_target":"1"},`)
	x.text(`"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[1,7,0]}`)
}

func (x *xgboostWriter) tree(tree int) {
	first, end := x.starts[tree], x.starts[tree+1]
	nodes := x.nodes[first:end]
	n := len(nodes)
	x.text("{")
	x.floats("base_weights", n, func(i int) float32 { return x.weights[int(first)+i] })
	x.text(`"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],`)
	x.integers("default_left", n, func(i int) int { return int(nodes[i].split & 1) })
	x.text(`"id":` + strconv.Itoa(tree) + `,`)
	x.integers("left_children", n, func(i int) int { return child(nodes[i].left, first, 0) })
	x.floats("loss_changes", n, func(i int) float32 { return x.gains[int(first)+i] })
	parents := parentsOf(nodes, first)
	x.integers("parents", n, func(i int) int { return parents[i] })
	x.integers("right_children", n, func(i int) int { return child(nodes[i].left, first, 1) })
	x.floats("split_conditions", n, func(i int) float32 { return nodes[i].value })
	x.integers("split_indices", n, func(i int) int { return int(nodes[i].feature()) })
	x.integers("split_type", n, func(int) int { return 0 })
	x.floats("sum_hessian", n, func(i int) float32 { return nodes[i].cover })
	x.text(`"tree_param":{"num_deleted":"0","num_feature":"` + strconv.Itoa(len(x.names)))
	x.text(`","num_nodes":"` + strconv.Itoa(n) + `","size_leaf_vector":"1"}}`)
}

// child is a child's number within its tree, or -1 in a leaf.
func child(left, first int32, side int) int {
	if left == 0 {
		return -1
	}
	return int(left-first) + side
}

func parentsOf(nodes []node, first int32) []int {
	parents := make([]int, len(nodes))
	parents[0] = noParent
	for i := range nodes {
		if left := nodes[i].left; left != 0 {
			parents[left-first], parents[left-first+1] = i, i
		}
	}
	return parents
}

// integers writes a key and an array, with the comma that follows.
func (x *xgboostWriter) integers(key string, n int, value func(i int) int) {
	x.array(key, n, func(b []byte, i int) []byte { return strconv.AppendInt(b, int64(value(i)), 10) })
}

// floats is integers for float32, in the fewest digits that keep the value.
func (x *xgboostWriter) floats(key string, n int, value func(i int) float32) {
	x.array(key, n, func(b []byte, i int) []byte { return appendFloat(b, value(i)) })
}

func (x *xgboostWriter) array(key string, n int, item func(b []byte, i int) []byte) {
	b := append(append(append(x.buffer[:0], '"'), key...), `":[`...)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	b = append(b, "],"...)
	_, _ = x.out.Write(b) // Flush returns the error
	x.buffer = b
}

// appendFloat writes a float as XGBoost does, always with an exponent (5E-1, 0E0): its reader takes a number
// without one for an integer.
func appendFloat(b []byte, v float32) []byte {
	begin := len(b)
	b = strconv.AppendFloat(b, float64(v), 'E', -1, 32)
	mark := begin + bytes.IndexByte(b[begin:], 'E') + 1
	sign, digits := b[mark], bytes.TrimLeft(b[mark+1:], "0")
	tail := make([]byte, 0, 4)
	if len(digits) == 0 {
		return append(b[:mark], '0')
	}
	if sign == '-' {
		tail = append(tail, '-')
	}
	return append(b[:mark], append(tail, digits...)...)
}
