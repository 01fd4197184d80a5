package gbdt

import (
	"context"
	"math"
)

// A leaf is a node of a growing tree that may still be split.
type leaf struct {
	id         int32
	depth      int
	begin, end int   // its range of the partitioned rows
	total      int64 // packed sums
	counts     histogram
	best       split
}

// A growingTree lists its nodes in order of creation; siblings are neighbours.
type growingTree struct {
	nodes  []growingNode
	leaves int
}

// A growingNode is one node of it. Sums are exact, not quantised.
type growingNode struct {
	split             split
	threshold         float32
	left              int32 // the right child is left+1; 0 in a leaf
	begin, end        int
	gradient, hessian float64
}

// A grower builds the trees of one training and reuses its memory from tree to tree.
type grower struct {
	data    *Dataset
	options Options
	regularisation
	histogrammer
	partitioner
	splitter          splitter
	gradient, hessian []float64 // of each dataset row
	round             int
}

func newGrower(d *Dataset, o Options, trainRows int) *grower {
	return &grower{
		data: d, options: o,
		regularisation: regularisation{o.Lambda, o.Alpha, o.Gamma, o.MinChildWeight},
		histogrammer: histogrammer{
			threads: o.Threads,
			workers: make([]accumulator, o.Threads),
			packed:  make([]int64, d.rows),
			pool:    histogramPool{limit: maxHistogramBytes},
		},
		partitioner: partitioner{
			threads: o.Threads,
			rows:    make([]int32, 0, trainRows),
			scratch: make([]int32, trainRows),
		},
		gradient: make([]float64, d.rows),
		hessian:  make([]float64, d.rows),
	}
}

// grow builds the tree of one round from gradients and hessians of the sampled rows (g.rows).
func (g *grower) grow(ctx context.Context, round int) (*growingTree, error) {
	g.round = round
	g.useColumns(g.data, choose(g.data.usable(), g.options.ColumnSample, streamKey(g.options.Seed, streamTreeColumns, round)))
	total := g.quantise()
	tree := &growingTree{nodes: []growingNode{{end: len(g.rows)}}, leaves: 1}
	root := leaf{end: len(g.rows), total: total}
	var open []leaf
	if g.splittable(&root, tree) {
		root.counts = g.build(g.rows)
		open = g.consider(open, root)
	}
	for len(open) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := g.next(open)
		chosen := open[next]
		open = append(open[:next], open[next+1:]...)
		open = g.expand(tree, chosen, open)
		if g.options.MaxLeaves > 0 && tree.leaves >= g.options.MaxLeaves {
			break
		}
	}
	for i := range open {
		g.pool.give(open[i].counts)
	}
	g.sumNodes(tree)
	return tree, nil
}

// quantise packs the sampled rows and returns their total.
func (g *grower) quantise() int64 {
	n := len(g.rows)
	parts := chunks(n, chunkRows)
	absolute, hessians := make([]float64, parts), make([]float64, parts)
	forEach(g.options.Threads, parts, func(_, i int) {
		begin, end := chunk(n, chunkRows, i)
		for _, row := range g.rows[begin:end] {
			absolute[i] += math.Abs(g.gradient[row])
			hessians[i] += g.hessian[row]
		}
	})
	q := newQuantiser(n, sumInOrder(absolute), sumInOrder(hessians), streamKey(g.options.Seed, streamRounding, g.round))
	totals := make([]int64, parts)
	forEach(g.options.Threads, parts, func(_, i int) {
		begin, end := chunk(n, chunkRows, i)
		for _, row := range g.rows[begin:end] {
			packed := q.pack(row, g.gradient[row], g.hessian[row])
			g.packed[row] = packed
			totals[i] += packed
		}
	})
	total := int64(0)
	for _, t := range totals {
		total += t
	}
	g.splitter = newSplitter(g.regularisation, q)
	return total
}

// splittable tells whether a node may be split at all, before its histogram is known.
func (g *grower) splittable(l *leaf, tree *growingTree) bool {
	_, hessian := unpack(l.total)
	deep := g.options.MaxDepth > 0 && l.depth >= g.options.MaxDepth
	full := g.options.MaxLeaves > 0 && tree.leaves >= g.options.MaxLeaves
	return !deep && !full && l.end-l.begin >= 2 && hessian >= 2*g.splitter.minHessian && len(g.slots) > 0
}

// consider finds the best split of a leaf with a histogram and keeps the leaf open if there is one.
func (g *grower) consider(open []leaf, l leaf) []leaf {
	l.best = g.splitter.search(&g.histogrammer, g.data, l.counts, l.total, g.nodeSlots(l.id))
	if !l.best.found() {
		g.pool.give(l.counts)
		return open
	}
	if g.pool.full() {
		g.pool.give(l.counts)
		l.counts = nil
	}
	return append(open, l)
}

// nodeSlots marks the slots that column sampling leaves to one node; nil for all.
func (g *grower) nodeSlots(id int32) []bool {
	if g.options.ColumnSampleByNode >= 1 {
		return nil
	}
	var used []int32
	for slot, column := range g.slots {
		if column >= 0 {
			used = append(used, int32(slot)) //nolint:gosec // bounded by maxFeatures
		}
	}
	key := at(streamKey(g.options.Seed, streamNodeColumns, g.round), uint64(id)) //nolint:gosec // ids are not negative
	allow := make([]bool, len(g.slots))
	for _, slot := range choose(used, g.options.ColumnSampleByNode, key) {
		allow[slot] = true
	}
	return allow
}

// next chooses the leaf to split: the oldest (depth-wise), or the one with the largest gain, the
// oldest of equals (leaf-wise).
func (g *grower) next(open []leaf) int {
	if g.options.Growth == DepthWise {
		return 0
	}
	best := 0
	for i := range open {
		if open[i].best.gain > open[best].best.gain {
			best = i
		}
	}
	return best
}

// expand splits a leaf and opens those of its children that can be split again.
func (g *grower) expand(tree *growingTree, l leaf, open []leaf) []leaf {
	column := l.best.column
	middle := g.divide(l.begin, l.end, g.data.blocks[column/blockWidth], uint8(column%blockWidth), l.best.goesLeft()) //nolint:gosec // below blockWidth
	id := int32(len(tree.nodes))                                                                                      //nolint:gosec // bounded by maxLeaves
	left := leaf{id: id, depth: l.depth + 1, begin: l.begin, end: middle, total: l.best.left}
	right := leaf{id: id + 1, depth: l.depth + 1, begin: middle, end: l.end, total: l.total - l.best.left}
	parent := &tree.nodes[l.id]
	parent.split, parent.left, parent.threshold = l.best, id, g.data.cuts[column][l.best.bin-1]
	tree.nodes = append(tree.nodes,
		growingNode{begin: left.begin, end: left.end}, growingNode{begin: right.begin, end: right.end})
	tree.leaves++

	splitLeft, splitRight := g.splittable(&left, tree), g.splittable(&right, tree)
	g.childHistograms(&l, &left, &right, splitLeft, splitRight)
	for _, child := range []struct {
		leaf leaf
		open bool
	}{{left, splitLeft}, {right, splitRight}} {
		if child.open {
			open = g.consider(open, child.leaf)
		} else {
			g.pool.give(child.leaf.counts)
		}
	}
	return open
}

// childHistograms sums the smaller child and subtracts it from the parent to get the larger. What the
// subtraction would not save is summed directly.
func (g *grower) childHistograms(parent, left, right *leaf, splitLeft, splitRight bool) {
	small, large, needLarge := left, right, splitRight
	needSmall := splitLeft
	if right.end-right.begin < left.end-left.begin {
		small, large, needSmall, needLarge = right, left, splitRight, splitLeft
	}
	if needSmall || needLarge && parent.counts != nil {
		small.counts = g.build(g.rows[small.begin:small.end])
	}
	switch {
	case !needLarge:
		g.pool.give(parent.counts)
	case parent.counts != nil:
		large.counts = parent.counts.subtract(small.counts)
	default:
		large.counts = g.build(g.rows[large.begin:large.end])
	}
	parent.counts = nil
}

// sumNodes gives each node the sums of its rows: leaves from the gradients themselves, over fixed
// chunks, and inner nodes from their children.
func (g *grower) sumNodes(tree *growingTree) {
	type part struct {
		node, begin, end  int
		gradient, hessian float64
	}
	var parts []part
	for i := range tree.nodes {
		if n := &tree.nodes[i]; n.left == 0 {
			for begin := n.begin; begin < n.end; begin += chunkRows {
				parts = append(parts, part{node: i, begin: begin, end: min(begin+chunkRows, n.end)})
			}
		}
	}
	forEach(g.options.Threads, len(parts), func(_, i int) {
		p := &parts[i]
		gradient, hessian := 0.0, 0.0
		for _, row := range g.rows[p.begin:p.end] {
			gradient += g.gradient[row]
			hessian += g.hessian[row]
		}
		p.gradient, p.hessian = gradient, hessian
	})
	for _, p := range parts {
		tree.nodes[p.node].gradient += p.gradient
		tree.nodes[p.node].hessian += p.hessian
	}
	for i := len(tree.nodes) - 1; i >= 0; i-- {
		if n := &tree.nodes[i]; n.left != 0 {
			n.gradient = tree.nodes[n.left].gradient + tree.nodes[n.left+1].gradient
			n.hessian = tree.nodes[n.left].hessian + tree.nodes[n.left+1].hessian
		}
	}
}
