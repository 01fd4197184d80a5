package gbdt

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// Explainer divides the margin of a row among its features: exact path-dependent TreeSHAP (Lundberg et al. 2020,
// doi:10.1038/s42256-019-0138-9). A contribution is the Shapley value of the game in which a coalition of features is
// worth the margin that is expected when only their values are known: at a split on a known feature the row's
// side is followed (for a missing value the learned one), at any other split both, weighted by the covers of
// the children. Where both covers are 0 the sides weigh the same.
//
// It is immutable and safe for concurrent use.
type Explainer struct {
	booster   *Booster
	base      float64
	trees     []shapTree
	rules     map[int32][]shapPoints
	workspace sync.Pool
	largest   int32 // nodes of the largest tree
}

// The Shapley value is an integral (Owen 1972, doi:10.1287/mnsc.18.5.64): let each other feature be known with
// probability t, and average what feature j then adds over t in [0, 1]. For one leaf, with s = 1 - t,
//
//	phi_j = value · (o_j - z_j) · ∫ Π_{i≠j} (o_i·t + z_i·s) dt
//
// over the features i of its path, where z is the product of the shares of cover along i's splits, and o is 1 when
// the row follows them all ("hot"), else 0 ("cold"). The integrand is a polynomial of a degree below the number
// of features on the path. At one point t all leaves of a tree share their products: down the tree for the features
// above a split, up the tree for those below, as in Linear TreeSHAP (Yu et al. 2022, arXiv:2209.08192). That
// costs a few operations for each split and point, whatever the depth. As all terms have one sign, nothing cancels.
//
// At t = 0 nothing but j is known: what a split adds there hangs on the row's side alone and is computed once for all
// rows. So the points are those of the Gauss-Radau rule with 0 among them, which is exact with one more in (0, 1) for
// each two features on the path after the first: two for the five features of trees of depth 5.

// shapTree is a tree prepared for explanation. Its nodes count within it, in the booster's order.
type shapTree struct {
	nodes  int32
	splits []shapSplit     // those above another split, parents before their children
	leaves []shapLeaf      // below these
	last   []shapLastSplit // those above two leaves: half of all in a full tree
	points []shapPoints
}

// shapSplit is a split prepared for explanation.
type shapSplit struct {
	node      int32
	left      int32      // the left child; the right one follows it
	previous  int32      // the child by which the path left the last split on the same feature; 0 if there is none
	split     uint32     // as in node
	threshold float32    // as node.value
	share     float64    // cover of the left child in that of both
	known     float64    // z of the feature above it: 1 if the path has not split on it
	cold      [2]float64 // z of the feature after the right child, then after the left one: the cold side's, when the hot one is left or right
	first     [2]float64 // what the split adds to its feature at t = 0, when the hot side is left or right
}

// shapLastSplit is a split above two leaves.
type shapLastSplit struct {
	shapSplit
	values [2]float64 // of the left and the right leaf
}

// shapLeaf is another leaf.
type shapLeaf struct {
	node  int32
	value float64
}

// shapPoints is a pair of quadrature points t in (0, 1), with s = 1 - t and weights; what a rule does not fill weighs 0.
// The weight of t = 0 is with the first pair of a rule.
type shapPoints struct {
	t, s, weight shapProduct
	first        float64
}

// shapProduct is a value at each point of a pair.
type shapProduct = [2]float64

// NewExplainer prepares a booster for explanation, with some 40 bytes for each of its nodes, and 80 more for each of its largest tree's while that is made.
func NewExplainer(b *Booster) *Explainer {
	e := &Explainer{booster: b, base: b.margin, trees: make([]shapTree, b.Trees()), rules: map[int32][]shapPoints{}}
	path := shapPath{last: make([]int32, b.features)}
	for i := range e.trees {
		source := b.nodes[b.starts[i]:b.starts[i+1]]
		tree := &e.trees[i]
		e.base += path.prepare(tree, source, b.starts[i])
		inner := path.features / 2
		if e.rules[inner] == nil {
			e.rules[inner] = newShapPoints(int(inner))
		}
		tree.points = e.rules[inner]
		e.largest = max(e.largest, tree.nodes)
	}
	e.workspace.New = func() any {
		return &shapWorkspace{above: make([]shapProduct, e.largest), below: make([]shapProduct, e.largest), hot: make([]uint8, e.largest), row: make([]float32, b.features)}
	}
	return e
}

// shapPath walks down the paths of one tree.
type shapPath struct {
	source   []node
	begin    int32       // index of the first node
	splits   []shapSplit // of each node, while they are made
	known    []float64   // of each node but the root, z of the feature of the split above, through the node's side
	last     []int32     // of each feature, the child by which the path left the last split on it; 0 if there is none
	path     []int32     // the different features above
	features int32       // the most different features on a path
}

// prepare makes a tree of nodes that begin at an index of the booster's, and returns its expected value.
func (p *shapPath) prepare(tree *shapTree, source []node, begin int32) float64 {
	p.source, p.begin, p.features = source, begin, 0
	p.known, p.splits = slices.Grow(p.known[:0], len(source))[:len(source)], slices.Grow(p.splits[:0], len(source))[:len(source)]
	expected := p.descend(0, 1)
	tree.place(p.splits, source)
	return expected
}

// place puts each split with its kind. Of both slices there is an element for each node; those of leaves count in source alone.
func (t *shapTree) place(splits []shapSplit, source []node) {
	last := 0
	for i := range source {
		if isLast(source, splits, i) {
			last++
		}
	}
	t.nodes = int32(len(source)) //nolint:gosec // within the booster's int32
	t.last, t.splits = make([]shapLastSplit, 0, last), make([]shapSplit, 0, len(source)/2-last)
	for i := range source {
		switch split := &splits[i]; {
		case isLast(source, splits, i):
			t.last = append(t.last, shapLastSplit{*split, [2]float64{float64(source[split.left].value), float64(source[split.left+1].value)}})
		case source[i].left != 0:
			t.splits = append(t.splits, *split)
			t.placeLeaves(split.left, source)
		}
	}
}

// isLast tells whether node i is a split above two leaves.
func isLast(source []node, splits []shapSplit, i int) bool {
	left := splits[i].left
	return source[i].left != 0 && source[left].left == 0 && source[left+1].left == 0
}

// placeLeaves keeps which of two children are leaves.
func (t *shapTree) placeLeaves(left int32, source []node) {
	for child := left; child <= left+1; child++ {
		if source[child].left == 0 {
			t.leaves = append(t.leaves, shapLeaf{child, float64(source[child].value)})
		}
	}
}

// descend makes the splits at a node and below, which a share of the cover reaches, and returns the expected value there.
func (p *shapPath) descend(id int32, reach float64) float64 {
	source := &p.source[id]
	if source.left == 0 {
		p.features = max(p.features, int32(len(p.path))) //nolint:gosec // fewer than features
		return float64(source.value)
	}
	feature, left := source.feature(), source.left-p.begin
	previous := p.last[feature]
	known, others := 1.0, reach
	if previous != 0 {
		known, others = p.known[previous], p.others(feature)
	} else {
		p.path = append(p.path, feature)
	}
	share := coverShare(p.source[left].cover, p.source[left+1].cover)
	p.known[left], p.known[left+1] = known*share, known*(1-share)
	p.last[feature] = left
	onLeft := p.descend(left, reach*share)
	p.last[feature] = left + 1
	onRight := p.descend(left+1, reach*(1-share))
	p.last[feature] = previous
	if previous == 0 {
		p.path = p.path[:len(p.path)-1]
	}
	difference := float64(others * (onLeft - onRight))
	p.splits[id] = shapSplit{
		node: id, left: left, previous: previous, split: source.split, threshold: source.value, share: share, known: known,
		cold:  [2]float64{p.known[left+1], p.known[left]},
		first: [2]float64{difference * (1 - share), -difference * share},
	}
	return float64(share*onLeft) + float64((1-share)*onRight)
}

// others is the product of z of the features of the path but one. It is not had by a division: z may be 0.
func (p *shapPath) others(feature int32) float64 {
	product := 1.0
	for _, f := range p.path {
		if f != feature {
			product *= p.known[p.last[f]]
		}
	}
	return product
}

// coverShare is the left child's share of the cover. Covers of a file may be anything finite.
func coverShare(left, right float32) float64 {
	l, r := max(float64(left), 0), max(float64(right), 0)
	if l+r == 0 {
		return 0.5
	}
	return l / (l + r)
}

// shapWorkspace is the scratch space of one row in one tree.
type shapWorkspace struct {
	above []shapProduct // of each node, the product of the path's factors
	below []shapProduct // of each node, the sum over its leaves of their values and the factors on the way there
	hot   []uint8       // of each child, 1 when the row goes there and did so at all splits above on the same feature, else 0
	row   []float32     // the row without what is missing to the booster
}

// Base returns the expected margin, when no feature is known: the base margin and the cover-weighted mean of each tree.
func (e *Explainer) Base() float64 { return e.base }

// Contributions sets out[f] to the contribution of feature f to the row's margin, in log-odds, and returns the
// expected margin [Explainer.Base]: base plus all contributions is [Booster.Margin] of the row, within rounding
// (1e-9 for sums of ordinary size). row holds a value or NaN (missing) for each feature. It does not allocate, but for
// scratch space on first use. It panics when the length of row or out is not the number of features.
func (e *Explainer) Contributions(row []float32, out []float64) (base float64) {
	if features := e.booster.features; len(row) != features || len(out) != features {
		panic(fmt.Sprintf("gbdt: row of %d values and contributions of %d for a booster of %d features", len(row), len(out), features))
	}
	w := e.workspace.Get().(*shapWorkspace)
	defer e.workspace.Put(w)
	if e.booster.zeroIsMissing != nil {
		e.booster.rowWithoutZeros(w.row, row)
		row = w.row
	}
	clear(out)
	for i := range e.trees {
		e.trees[i].add(row, out, w)
	}
	return e.base
}

// explainRows rows at a time pass through each tree while it is in the cache.
const explainRows = 64

// ContributionsOf returns the contributions of each row of m, as Contributions does for one: m.Rows x m.Cols numbers,
// row after row. threads 0 uses all processors, without influence on the result. It panics when m has another
// number of columns than the booster has features.
func (e *Explainer) ContributionsOf(m Matrix, threads int) []float64 {
	if m.Cols != e.booster.features || len(m.Values) != m.Rows*m.Cols {
		panic(fmt.Sprintf("gbdt: matrix of %d values, %d x %d, for a booster of %d features",
			len(m.Values), m.Rows, m.Cols, e.booster.features))
	}
	m = e.booster.withoutZeros(m)
	out := make([]float64, m.Rows*m.Cols)
	forEach(threadCount(threads), chunks(m.Rows, explainRows), func(_, i int) {
		w := e.workspace.Get().(*shapWorkspace)
		defer e.workspace.Put(w)
		begin, end := chunk(m.Rows, explainRows, i)
		for t := range e.trees {
			for r := begin; r < end; r++ {
				e.trees[t].add(m.Row(r), out[r*m.Cols:(r+1)*m.Cols], w)
			}
		}
	})
	return out
}

// add adds the contributions of one tree.
func (t *shapTree) add(row []float32, out []float64, w *shapWorkspace) {
	w.follow(t, row)
	for i := range t.points {
		w.descend(t, &t.points[i])
		w.ascendLast(t, &t.points[i], row, out)
		w.ascend(t, &t.points[i], out)
	}
}

// follow marks the hot children.
func (w *shapWorkspace) follow(t *shapTree, row []float32) {
	hot := w.hot[:t.nodes]
	hot[0] = 1 // stands for the path above a first split on a feature
	for i := range t.splits {
		n := &t.splits[i]
		right := n.side(row)
		above := hot[n.previous]
		hot[n.left], hot[n.left+1] = (right^1)&above, right&above
	}
}

// side returns where a row goes: 0 is left, 1 is right.
func (n *shapSplit) side(row []float32) uint8 {
	v := row[n.split>>1]
	left, missing := uint8(0), uint8(0)
	if v < n.threshold {
		left = 1
	}
	if v != v {
		missing = 1
	}
	return (left | missing&uint8(n.split&1)) ^ 1 //nolint:gosec // one bit
}

// descend takes the products from the root to the splits. Where the feature of a split is cold already, the row counts for
// nothing: both sides get their share of cover. Where it is hot, with factor f = t + known·s so far, the cold side's factor
// becomes z·s, so its product is multiplied by z·s/f, and the hot side's by the rest of 1. Which side is hot is told without
// a branch, which would be mispredicted.
func (w *shapWorkspace) descend(tree *shapTree, p *shapPoints) {
	above, hot := w.above[:tree.nodes], w.hot[:tree.nodes]
	above[0] = shapProduct{1, 1}
	for i := range tree.splits {
		n := &tree.splits[i]
		a := &above[n.node]
		if hot[n.previous] == 0 {
			left, right := &above[n.left], &above[n.left+1]
			left[0], left[1] = a[0]*n.share, a[1]*n.share
			right[0], right[1] = a[0]*(1-n.share), a[1]*(1-n.share)
			continue
		}
		s := &p.s
		if n.previous != 0 {
			scaled, _ := n.scaled(p)
			s = &scaled
		}
		right := int32(hot[n.left+1])
		z := n.cold[right&1]
		h, c := &above[n.left+right], &above[n.left+1-right]
		part0, part1 := float64(a[0]*float64(z*s[0])), float64(a[1]*float64(z*s[1]))
		h[0], h[1] = a[0]-part0, a[1]-part1
		c[0], c[1] = part0, part1
	}
}

// ascendLast does for the splits above two leaves what ascend does for the others. What follows from the leaves is the same
// at each point.
func (w *shapWorkspace) ascendLast(tree *shapTree, p *shapPoints, row []float32, out []float64) {
	above, below, hot := w.above[:tree.nodes], w.below[:tree.nodes], w.hot[:tree.nodes]
	for i := range tree.last {
		n := &tree.last[i]
		sum := &below[n.node]
		if hot[n.previous] == 0 {
			value := float64(n.values[0]*n.share) + float64(n.values[1]*(1-n.share))
			sum[0], sum[1] = value, value
			continue
		}
		s, weight := &p.s, &p.weight
		if n.previous != 0 {
			scaled, weights := n.scaled(p)
			s, weight = &scaled, &weights
		}
		right := n.side(row)
		h, a := n.values[right&1], &above[n.node]
		d := float64((h - n.values[(right^1)&1]) * n.cold[right&1])
		sum[0], sum[1] = h-float64(d*s[0]), h-float64(d*s[1])
		out[n.split>>1] += float64(p.first*n.first[right&1]) + float64(d*(float64(weight[0]*a[0])+float64(weight[1]*a[1])))
	}
}

// ascend takes the sums from the leaves to the root and adds each split's part of its feature's contribution. With the
// difference d of the sums below the hot and the cold side, that part is the integral of the product above times d·z/f².
func (w *shapWorkspace) ascend(tree *shapTree, p *shapPoints, out []float64) {
	above, below, hot := w.above[:tree.nodes], w.below[:tree.nodes], w.hot[:tree.nodes]
	for _, leaf := range tree.leaves {
		sum := &below[leaf.node]
		sum[0], sum[1] = leaf.value, leaf.value
	}
	for i := len(tree.splits) - 1; i >= 0; i-- {
		n := &tree.splits[i]
		sum := &below[n.node]
		if hot[n.previous] == 0 {
			left, right := &below[n.left], &below[n.left+1]
			sum[0] = float64(left[0]*n.share) + float64(right[0]*(1-n.share))
			sum[1] = float64(left[1]*n.share) + float64(right[1]*(1-n.share))
			continue
		}
		s, weight := &p.s, &p.weight
		if n.previous != 0 {
			scaled, weights := n.scaled(p)
			s, weight = &scaled, &weights
		}
		right := int32(hot[n.left+1])
		h, c, a := &below[n.left+right], &below[n.left+1-right], &above[n.node]
		z := n.cold[right&1]
		d0, d1 := float64((h[0]-c[0])*z), float64((h[1]-c[1])*z)
		sum[0], sum[1] = h[0]-float64(d0*s[0]), h[1]-float64(d1*s[1])
		part0, part1 := float64(float64(d0*weight[0])*a[0]), float64(float64(d1*weight[1])*a[1])
		out[n.split>>1] += float64(p.first*n.first[right&1]) + (part0 + part1)
	}
}

// scaled returns s/f and weight/f² for f of the split's feature above it.
func (n *shapSplit) scaled(p *shapPoints) (s, weight shapProduct) {
	for k := range s {
		f := p.t[k] + float64(n.known*p.s[k])
		s[k], weight[k] = p.s[k]/f, p.weight[k]/float64(f*f)
	}
	return s, weight
}

// newShapPoints makes the Gauss-Radau rule on [0, 1] of 0 and so many points in (0, 1), exact for polynomials of degree
// 2·inner.
func newShapPoints(inner int) []shapPoints {
	pairs := make([]shapPoints, max(1, chunks(inner, 2)))
	for i := range pairs {
		pairs[i].t, pairs[i].s = shapProduct{0.5, 0.5}, shapProduct{0.5, 0.5}
	}
	n := float64(inner + 1)
	pairs[0].first = 1 / float64(n*n)
	for i := range inner {
		x, weight := radauRoot(inner+1, i)
		pair, k := &pairs[i/2], i%2
		pair.t[k], pair.s[k], pair.weight[k] = (1+x)/2, (1-x)/2, weight/2
	}
	return pairs
}

// radauRoot returns root i above -1 of the sum of the Legendre polynomials of degree n-1 and n, the largest first, with its
// weight in the Gauss-Radau quadrature of n points on [-1, 1] with -1 among them (Abramowitz & Stegun, 25.4.31).
// Newton's method begins at the roots' places when n is large.
func radauRoot(n, i int) (x, weight float64) {
	x = math.Cos(math.Pi * (float64(i) + 0.75) / float64(n))
	before := 0.0
	for range 10 { // the error squares each time: 5 are enough
		var value float64
		before, value = legendre(n, x)
		// With (1-x²)P'_n = n(P_{n-1} - x·P_n) and (1-x²)P'_{n-1} = n(x·P_{n-1} - P_n), the slope is n·(P_{n-1} - P_n)/(1-x).
		slope := float64(n) * (before - value) / (1 - x)
		x -= (before + value) / slope
	}
	return x, (1 - x) / float64(float64(n*n)*float64(before*before))
}

// legendre returns the Legendre polynomials of degree n-1 and n at x, for n of at least 1 (Abramowitz & Stegun, 22.7.10).
func legendre(n int, x float64) (before, value float64) {
	before, value = 1, x
	for degree := 2; degree <= n; degree++ {
		k := float64(degree)
		before, value = value, (float64((2*k-1)*float64(x*value))-float64((k-1)*before))/k
	}
	return before, value
}
