package gbdt

import (
	"fmt"
	"math"
	"runtime"
	"slices"
)

// node is one node of a tree, 16 bytes. The nodes of all trees lie in one slice, each tree in
// breadth-first order, so siblings are neighbours.
type node struct {
	left  int32   // index of the left child; the right one follows it. 0 in a leaf, as no root is a child
	split uint32  // feature<<1, +1 when missing values go left
	value float32 // threshold (x < value goes left), or the value of a leaf
	cover float32 // hessian sum
}

func (n *node) feature() int32    { return int32(n.split >> 1) } //nolint:gosec // 31 bits
func (n *node) missingLeft() bool { return n.split&1 == 1 }

// Booster is a trained model: a sum of trees over a base margin. It is immutable and safe for
// concurrent use.
type Booster struct {
	features  int
	names     []string // nil where they are f0, f1, ...: a short file may ask for a million
	objective Objective
	base      float32 // base score
	margin    float64 // of the base score
	nodes     []node
	gains     []float32 // of each node; 0 in leaves
	weights   []float32 // of each node, before shrinkage
	starts    []int32   // first node of each tree, and the end

	best int // see BestTrees

	zeroIsMissing []bool // of each feature, whether 0 counts as missing; nil when it does for none

	forest forest
	levels levels
	blocks blocks
}

func newBooster(names []string, base float32, objective Objective) *Booster {
	return &Booster{features: len(names), names: names, objective: objective, base: base, margin: objective.margin(base), starts: []int32{0}}
}

// Objective returns what the booster estimates, and so what its margin is.
func (b *Booster) Objective() Objective { return b.objective }

// Features returns a copy of the feature names, in the order of a row's values.
func (b *Booster) Features() []string {
	names := make([]string, b.features)
	for i := range names {
		names[i] = b.name(i)
	}
	return names
}

// name is that of a feature.
func (b *Booster) name(i int) string {
	if b.names == nil {
		return standardName(i)
	}
	return b.names[i]
}

// hasFeaturesOf tells whether both have the same features in the same order.
func (b *Booster) hasFeaturesOf(other *Booster) bool {
	if b.features != other.features || b.names == nil && other.names == nil {
		return b.features == other.features
	}
	return slices.Equal(b.Features(), other.Features())
}

// Trees returns the number of trees.
func (b *Booster) Trees() int { return len(b.starts) - 1 }

// Nodes returns the number of nodes of all trees, leaves included.
func (b *Booster) Nodes() int { return len(b.nodes) }

// BestTrees returns the number of trees up to the round that early stopping found to be the best, where a file of XGBoost names one (attribute
// best_iteration) and has trees after it; else 0. The booster has and sums all trees, as xgboost.Booster.predict does. XGBoost's
// XGBClassifier.predict_proba takes no more than these: [Booster.First] gives them.
func (b *Booster) BestTrees() int { return b.best }

// First returns a booster of the first trees. It panics when there are not so many.
func (b *Booster) First(trees int) *Booster {
	if trees < 0 || trees > b.Trees() {
		panic(fmt.Sprintf("gbdt: the first %d trees of %d", trees, b.Trees()))
	}
	first := &Booster{
		features: b.features, names: b.names, objective: b.objective, base: b.base, margin: b.margin,
		nodes: b.nodes, gains: b.gains, weights: b.weights, starts: b.starts, zeroIsMissing: b.zeroIsMissing,
	}
	first.truncate(trees)
	return first
}

// BaseScore returns what the booster estimates without any tree: a probability, where the objective is Logistic.
func (b *Booster) BaseScore() float64 { return float64(b.base) }

// Margin returns the margin of one row (log-odds, where the objective is Logistic), which holds a value or NaN (missing) for each feature. It does
// not allocate. It panics when the row's length is not the number of features.
func (b *Booster) Margin(row []float32) float64 {
	if len(row) != b.features {
		panic(fmt.Sprintf("gbdt: row of %d values for a booster of %d features", len(row), b.features))
	}
	if b.zeroIsMissing != nil {
		return b.marginWithoutZeros(row)
	}
	l := b.filled()
	if !l.pays {
		return b.sumTrees(b.margin, row)
	}
	prepared := l.rows.Get().(*Row)
	defer l.rows.Put(prepared)
	prepared.Set(0, row...)
	return l.add(b.margin, prepared.keys)
}

// MarginOf returns the margin of a row, equal to [Booster.Margin] bit by bit. The row's first columns are the booster's features, in their
// order; it may have more. It panics when the row has fewer.
func (b *Booster) MarginOf(r *Row) float64 {
	values := r.values[:b.features]
	l := b.filled()
	if l.twigs == nil || b.zeroIsMissing != nil {
		return b.Margin(values)
	}
	return l.add(b.margin, r.keys)
}

// sumTrees adds the leaves of a row to a sum, tree after tree.
func (b *Booster) sumTrees(sum float64, row []float32) float64 {
	if len(row) == 0 {
		row = noFeatures
	}
	f := b.ready()
	var buffer [lanes]int32
	for tree := 0; tree < len(f.depths); tree += lanes {
		at := buffer[:copy(buffer[:], b.starts[tree:len(f.depths)])]
		walkTrees(f.walks, at, row, slices.Max(f.depths[tree:tree+len(at)]))
		for _, leaf := range at {
			sum += f.walks[leaf].value()
		}
	}
	return sum
}

// Margins returns the margin of each row of m, equal to [Booster.Margin] bit by bit. threads 0 uses all
// processors. It panics when m has another number of columns than the booster has features.
func (b *Booster) Margins(m Matrix, threads int) []float64 {
	if m.Cols != b.features || len(m.Values) != m.Rows*m.Cols {
		panic(fmt.Sprintf("gbdt: matrix of %d values, %d x %d, for a booster of %d features",
			len(m.Values), m.Rows, m.Cols, b.features))
	}
	m = b.withoutZeros(m)
	margins := make([]float64, m.Rows)
	forEach(threadCount(threads), chunks(m.Rows, lanes), func(_, i int) {
		begin, end := chunk(m.Rows, lanes, i)
		b.addMargins(margins[begin:end], m.Values[begin*m.Cols:end*m.Cols])
	})
	return margins
}

// fewRows are too few to walk side by side: then the trees do, for one row after the other.
const fewRows = 12

// addMargins sets the margins of at most as many rows as there are lanes.
func (b *Booster) addMargins(margins []float64, rows []float32) {
	l := b.filled()
	if len(margins) < fewRows || l.paysInBlocks {
		for k := range margins {
			margins[k] = b.Margin(rows[k*b.features : (k+1)*b.features])
		}
		return
	}
	for k := range margins {
		margins[k] = b.margin
	}
	first := fetch(rows)
	if l.twigs == nil {
		b.walkBlock(margins, rows)
	} else {
		trees := b.inBlocks(l.depth())
		for i := range trees {
			trees[i].add(margins, rows, b.features, l.depth())
		}
	}
	runtime.KeepAlive(first)
}

// walkBlock adds the leaves of at most as many rows as there are lanes to the sums, whatever shape the trees have.
func (b *Booster) walkBlock(sums []float64, rows []float32) {
	if b.features == 0 {
		rows = noFeatures
	}
	f := b.ready()
	var buffer [lanes]int32
	at := buffer[:len(sums)]
	for tree, depth := range f.depths {
		for k := range at {
			at[k] = b.starts[tree]
		}
		walkRows(f.walks, at, rows, b.features, depth)
		for k, leaf := range at {
			sums[k] += f.walks[leaf].value()
		}
	}
}

// Importance returns the total gain (loss reduction) of the splits on each feature.
func (b *Booster) Importance() []float64 {
	total := make([]float64, b.features)
	for i := range b.nodes {
		if n := &b.nodes[i]; n.left != 0 {
			total[n.feature()] += float64(b.gains[i])
		}
	}
	return total
}

// appendTree adds a grown tree in breadth-first order.
func (b *Booster) appendTree(tree *growingTree, r *regularisation, learningRate float64) {
	order := []int32{0}
	first := int32(len(b.nodes)) //nolint:gosec // bounded by Options
	for i := 0; i < len(order); i++ {
		grown := &tree.nodes[order[i]]
		weight := r.weight(grown.gradient, grown.hessian)
		n := node{value: float32(learningRate * weight), cover: float32Within(grown.hessian)}
		gain := float32(0)
		if grown.left != 0 {
			n.left = first + int32(len(order))        //nolint:gosec // bounded by Options
			n.split = uint32(grown.split.column) << 1 //nolint:gosec // not negative
			if grown.split.missingLeft {
				n.split |= 1
			}
			n.value = grown.threshold
			gain = float32Within(grown.split.gain)
			order = append(order, grown.left, grown.left+1)
		}
		grown.value = float64(n.value)
		b.appendNode(n, gain, float32Within(weight))
	}
	b.starts = append(b.starts, int32(len(b.nodes))) //nolint:gosec // bounded by Options
}

func (b *Booster) appendNode(n node, gain, weight float32) {
	b.nodes = append(b.nodes, n)
	b.gains = append(b.gains, gain)
	b.weights = append(b.weights, weight)
}

// truncate keeps the first trees.
func (b *Booster) truncate(trees int) {
	end := b.starts[trees]
	b.starts = b.starts[:trees+1]
	b.nodes, b.gains, b.weights = b.nodes[:end], b.gains[:end], b.weights[:end]
}

// baseProbability holds p within the float32 probabilities whose log-odds are usable.
func baseProbability(p float64) float32 {
	return float32(min(max(p, 1e-4), 1-1e-4))
}

// residualMargin is the part of the base margin that a float32 probability may lose; see Average.
const residualMargin = 1e-7

// Average returns one booster whose margin is the mean of the members' margins (up to the rounding of
// float32 leaves): all their trees, with leaves divided by the number of members. Where the mean base margin
// is not to be had by a float32 base score, a tree of a single leaf adds what is left of it. Gains are divided likewise,
// so Importance is the members' mean. Members must have the same objective, and the same features in the same order.
func Average(boosters ...*Booster) (*Booster, error) {
	if len(boosters) == 0 {
		return nil, fmt.Errorf("gbdt: an average needs a booster")
	}
	members := float64(len(boosters))
	mean, nodes := 0.0, 0
	for i, b := range boosters {
		if b == nil {
			return nil, fmt.Errorf("gbdt: booster %d of the average is nil", i)
		}
		if !b.hasFeaturesOf(boosters[0]) {
			return nil, fmt.Errorf("gbdt: booster %d of the average has other features than the first", i)
		}
		if b.objective != boosters[0].objective {
			return nil, fmt.Errorf("gbdt: booster %d of the average has objective %s, the first has %s", i, b.objective, boosters[0].objective)
		}
		if !slices.Equal(b.zeroIsMissing, boosters[0].zeroIsMissing) {
			return nil, fmt.Errorf("gbdt: booster %d of the average takes 0 for missing in other features than the first", i)
		}
		mean += b.margin / members
		nodes += len(b.nodes)
	}
	if nodes >= math.MaxInt32 {
		return nil, fmt.Errorf("gbdt: an average of %d nodes is too large", nodes)
	}
	average := newBooster(boosters[0].names, boosters[0].objective.base(mean), boosters[0].objective)
	average.features = boosters[0].features
	average.zeroIsMissing = boosters[0].zeroIsMissing
	for _, b := range boosters {
		average.appendScaled(b, members)
	}
	if residual := mean - average.margin; math.Abs(residual) > residualMargin {
		average.appendLeaf(float32(residual))
	}
	return average, nil
}

// appendScaled adds the trees of another booster, with leaves, weights and gains divided.
func (b *Booster) appendScaled(other *Booster, divisor float64) {
	shift := int32(len(b.nodes)) //nolint:gosec // checked by Average
	for i, n := range other.nodes {
		if n.left == 0 {
			n.value = float32(float64(n.value) / divisor)
		} else {
			n.left += shift
		}
		b.appendNode(n, float32(float64(other.gains[i])/divisor), float32(float64(other.weights[i])/divisor))
	}
	for _, end := range other.starts[1:] {
		b.starts = append(b.starts, end+shift)
	}
}

// appendLeaf adds a tree that is one leaf.
func (b *Booster) appendLeaf(value float32) {
	b.appendNode(node{value: value}, 0, value)
	b.starts = append(b.starts, int32(len(b.nodes))) //nolint:gosec // checked by Average
}
