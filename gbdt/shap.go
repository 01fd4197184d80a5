package gbdt

import (
	"fmt"
	"math"
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
	nodes     []shapNode
	points    []int32 // of each tree, the number of quadrature points
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
// of features on the path, so a Gauss-Legendre rule with half as many points is exact, and as all its terms have one
// sign nothing cancels. At one point t all leaves of a tree share their products: down the tree for the features
// above a split, up the tree for those below, as in Linear TreeSHAP (Yu et al. 2022, arXiv:2209.08192). That
// costs a few operations for each split and point, whatever the depth.

// shapNode is a node prepared for explanation. Indexes count within the tree.
type shapNode struct {
	left      int32      // as in node; 0 in a leaf
	split     uint32     // as in node
	threshold float32    // as node.value in a split
	previous  int32      // the child by which the path left the last split on the same feature; 0 if there is none
	share     float64    // cover of the left child in that of both; the value of a leaf
	known     float64    // z of the split's feature above it: 1 if the path has not split on it
	cold      [2]float64 // z of the feature after the right child, then after the left one: the cold side's, when the hot one is left or right
}

// pointGroup points are worked on at once: enough for paths of six different features.
const pointGroup = 3

// shapPoints is a group of quadrature points t in (0, 1), with s = 1 - t and weights. What a rule does not fill weighs 0.
type shapPoints struct{ t, s, weight [pointGroup]float64 }

// NewExplainer prepares a booster for explanation, with some 48 bytes for each of its nodes.
func NewExplainer(b *Booster) *Explainer {
	e := &Explainer{booster: b, base: b.margin, nodes: make([]shapNode, len(b.nodes)), rules: map[int32][]shapPoints{}}
	path := shapPath{last: make([]int32, b.features)}
	for tree, first := range b.starts[:len(b.starts)-1] {
		end := b.starts[tree+1]
		path.nodes, path.source, path.first = e.nodes[first:end], b.nodes[first:end], first
		path.known = append(path.known[:0], make([]float64, end-first)...)
		path.features = 0
		e.base += path.prepare(0, 0)
		points := max(1, (path.features+1)/2)
		if e.rules[points] == nil {
			e.rules[points] = newShapPoints(int(points))
		}
		e.points = append(e.points, points)
		e.largest = max(e.largest, end-first)
	}
	e.workspace.New = func() any {
		return &shapWorkspace{above: make([]shapProduct, e.largest), below: make([]shapProduct, e.largest), hot: make([]uint8, e.largest), row: make([]float32, b.features)}
	}
	return e
}

// shapPath walks down the paths of one tree.
type shapPath struct {
	source   []node
	first    int32
	nodes    []shapNode
	known    []float64 // of each node but the root, z of the feature of the split above, through the node's side
	last     []int32   // of each feature, the child by which the path left the last split on it; 0 if there is none
	features int32     // the most different features on a path
}

// prepare fills in a node and those below, of which the path above has so many different features, and returns the
// expected value.
func (p *shapPath) prepare(id, features int32) float64 {
	source, made := &p.source[id], &p.nodes[id]
	if source.left == 0 {
		p.features = max(p.features, features)
		made.share = float64(source.value)
		return made.share
	}
	feature, left := source.feature(), source.left-p.first
	previous := p.last[feature]
	share := coverShare(p.source[left].cover, p.source[left+1].cover)
	*made = shapNode{left: left, split: source.split, threshold: source.value, previous: previous, share: share, known: 1}
	if previous != 0 {
		made.known = p.known[previous]
	} else {
		features++
	}
	made.cold = [2]float64{made.known * (1 - share), made.known * share}
	p.known[left], p.known[left+1] = made.cold[1], made.cold[0]
	p.last[feature] = left
	expected := float64(share * p.prepare(left, features))
	p.last[feature] = left + 1
	expected += float64((1 - share) * p.prepare(left+1, features))
	p.last[feature] = previous
	return expected
}

// coverShare is the left child's share of the cover. Covers of a file may be anything finite.
func coverShare(left, right float32) float64 {
	l, r := max(float64(left), 0), max(float64(right), 0)
	if l+r == 0 {
		return 0.5
	}
	return l / (l + r)
}

// shapProduct is a value at each point of a group.
type shapProduct = [pointGroup]float64

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
	for tree := range e.points {
		e.addTree(tree, row, out, w)
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
		for tree := range e.points {
			for r := begin; r < end; r++ {
				e.addTree(tree, m.Row(r), out[r*m.Cols:(r+1)*m.Cols], w)
			}
		}
	})
	return out
}

// addTree adds the contributions of one tree.
func (e *Explainer) addTree(tree int, row []float32, out []float64, w *shapWorkspace) {
	nodes := e.nodes[e.booster.starts[tree]:e.booster.starts[tree+1]]
	w.follow(nodes, row)
	groups := e.rules[e.points[tree]]
	for i := range groups {
		w.descend(nodes, &groups[i])
		w.ascend(nodes, &groups[i], out)
	}
}

// follow marks the hot children.
func (w *shapWorkspace) follow(nodes []shapNode, row []float32) {
	hot := w.hot[:len(nodes)]
	hot[0] = 1 // stands for the path above a first split on a feature
	for i := range nodes {
		n := &nodes[i]
		if n.left == 0 {
			continue
		}
		v := row[n.split>>1]
		left, missing := uint8(0), uint8(0)
		if v < n.threshold {
			left = 1
		}
		if v != v {
			missing = 1
		}
		left |= missing & uint8(n.split&1) //nolint:gosec // one bit
		above := hot[n.previous]
		hot[n.left], hot[n.left+1] = left&above, (left^1)&above
	}
}

// sides tells the children apart at a split whose feature is hot so far, with z of the cold one. There are no branches here,
// which would be mispredicted.
func (w *shapWorkspace) sides(n *shapNode) (hot, cold int32, z float64) {
	right := w.hot[n.left+1]
	return n.left + int32(right), n.left + 1 - int32(right), n.cold[right&1]
}

// descend takes the products from the root to the leaves. Where the feature of a split is cold already, the row counts for
// nothing: both sides get their share of cover. Where it is hot, with factor f = t + known·s so far, the cold side's factor
// becomes z·s, so its product is multiplied by z·s/f, and the hot side's by the rest of 1.
func (w *shapWorkspace) descend(nodes []shapNode, p *shapPoints) {
	var buffer shapPoints
	above := w.above[:len(nodes)]
	above[0] = shapProduct{1, 1, 1}
	for i := range nodes {
		n := &nodes[i]
		if n.left == 0 {
			continue
		}
		a := &above[i]
		if w.hot[n.previous] == 0 {
			for k, product := range a {
				above[n.left][k], above[n.left+1][k] = product*n.share, product*(1-n.share)
			}
			continue
		}
		hot, cold, z := w.sides(n)
		h, c := &above[hot], &above[cold]
		scaled := n.scaled(p, &buffer)
		for k, product := range a {
			part := float64(product * float64(z*scaled.s[k]))
			h[k], c[k] = product-part, part
		}
	}
}

// ascend takes the sums from the leaves to the root and adds each split's part of its feature's contribution. With the
// difference d of the sums below the hot and the cold side, that part is the integral of the product above times d·z/f².
func (w *shapWorkspace) ascend(nodes []shapNode, p *shapPoints, out []float64) {
	var buffer shapPoints
	above, below := w.above[:len(nodes)], w.below[:len(nodes)]
	for i := len(nodes) - 1; i >= 0; i-- {
		n, sum := &nodes[i], &below[i]
		if n.left == 0 {
			*sum = shapProduct{n.share, n.share, n.share}
			continue
		}
		if w.hot[n.previous] == 0 {
			left, right := &below[n.left], &below[n.left+1]
			for k := range sum {
				sum[k] = float64(left[k]*n.share) + float64(right[k]*(1-n.share))
			}
			continue
		}
		hot, cold, z := w.sides(n)
		h, c, a := &below[hot], &below[cold], &above[i]
		scaled := n.scaled(p, &buffer)
		total := 0.0
		for k := range sum {
			d := float64((h[k] - c[k]) * z)
			total += float64(float64(d*scaled.weight[k]) * a[k])
			sum[k] = h[k] - float64(d*scaled.s[k])
		}
		out[n.split>>1] += total
	}
}

// scaled returns s/f and weight/f², in buffer if need be, for f of the split's feature above it, which is 1 for a feature
// that is new to the path.
func (n *shapNode) scaled(p, buffer *shapPoints) *shapPoints {
	if n.previous != 0 {
		n.scale(p, buffer)
		return buffer
	}
	return p
}

func (n *shapNode) scale(p, into *shapPoints) {
	for k := range into.s {
		f := p.t[k] + float64(n.known*p.s[k])
		into.s[k], into.weight[k] = p.s[k]/f, p.weight[k]/float64(f*f)
	}
}

// newShapPoints makes the Gauss-Legendre rule of so many points on [0, 1], exact for polynomials of degree 2·points - 1.
func newShapPoints(points int) []shapPoints {
	groups := make([]shapPoints, chunks(points, pointGroup))
	for i := range groups {
		for k := range pointGroup {
			groups[i].t[k], groups[i].s[k] = 0.5, 0.5
		}
	}
	for i := range points {
		x, weight := legendreRoot(points, i)
		group, k := &groups[i/pointGroup], i%pointGroup
		group.t[k], group.s[k], group.weight[k] = (1+x)/2, (1-x)/2, weight/2
	}
	return groups
}

// legendreRoot returns root i of the Legendre polynomial of a degree, with its weight in the quadrature on [-1, 1]: Newton's
// method from the usual first guess (Abramowitz & Stegun, 22.16.6 and 25.4.29).
func legendreRoot(degree, i int) (x, weight float64) {
	x = math.Cos(math.Pi * (float64(i) + 0.75) / (float64(degree) + 0.5))
	slope := 0.0
	for range 10 { // the error squares each time: 5 are enough
		before, value := 1.0, x
		for n := 2; n <= degree; n++ {
			k := float64(n)
			before, value = value, (float64((2*k-1)*float64(x*value))-float64((k-1)*before))/k
		}
		slope = float64(degree) * (before - float64(x*value)) / ((1 - x) * (1 + x))
		x -= value / slope
	}
	return x, 2 / float64(float64((1-x)*(1+x))*float64(slope*slope))
}
