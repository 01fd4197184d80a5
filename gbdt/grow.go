package gbdt

import (
	"context"
	"math"
	"slices"
)

// A leaf is a node of a growing tree that may still be split.
type leaf struct {
	id         int32
	depth      int
	begin, end int   // its range of the partitioned places
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
	value             float64 // of a leaf, once it is in the booster
}

// A grower builds the trees of one training and reuses its memory from tree to tree.
type grower struct {
	data    *Dataset
	options Options
	regularisation
	histogrammer
	partitioner
	splitter splitter
	sample   *sample
	lots     []int32 // of each column of the table, by which nodes draw it
	round    int
}

func newGrower(d *Dataset, o Options) *grower {
	return &grower{
		data: d, options: o,
		regularisation: regularisation{o.Lambda, o.Alpha, o.Gamma, o.MinChildWeight},
		histogrammer: histogrammer{
			threads: o.Threads,
			used:    d.usedCodes(),
			workers: make([]accumulator, o.Threads),
			pool:    histogramPool{limit: maxHistogramBytes},
		},
		partitioner: partitioner{threads: o.Threads},
	}
}

// lay makes the table of the sample. A table of all rows and columns serves all rounds.
func (g *grower) lay() {
	if g.table.blocks != nil && g.options.RowSample >= 1 && g.options.ColumnSample >= 1 {
		return
	}
	columns := choose(g.data.usable(), g.options.ColumnSample, streamKey(g.options.Seed, streamTreeColumns, g.round))
	g.table.gather(g.data, g.sample.rows, columns, g.options.Threads)
	g.lots = lots(columns)
}

// grow builds the tree of one round from a sample of the rows.
func (g *grower) grow(ctx context.Context, round int, drawn *sample) (*growingTree, error) {
	g.round, g.sample = round, drawn
	g.lay()
	g.prepare()
	g.reset(len(drawn.rows))
	total := g.quantise()
	tree := &growingTree{nodes: []growingNode{{end: len(g.places)}}, leaves: 1}
	root := leaf{end: len(g.places), total: total}
	var open []leaf
	if g.splittable(&root, tree) {
		root.counts = g.build(g.places)
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
	n := len(g.sample.rows)
	if cap(g.packed) < n {
		g.packed = make([]int64, n)
	}
	g.packed = g.packed[:n]
	parts := chunks(n, chunkRows)
	absolute, hessians := make([]float64, parts), make([]float64, parts)
	forEach(g.options.Threads, parts, func(_, i int) {
		begin, end := chunk(n, chunkRows, i)
		gradients, hessian := 0.0, 0.0
		for k := begin; k < end; k++ {
			gradients += math.Abs(g.sample.gradient[k])
			hessian += g.sample.hessian[k]
		}
		absolute[i], hessians[i] = gradients, hessian
	})
	q := newQuantiser(n, sumInOrder(absolute), sumInOrder(hessians), streamKey(g.options.Seed, streamRounding, g.round))
	totals := make([]int64, parts)
	forEach(g.options.Threads, parts, func(_, i int) {
		begin, end := chunk(n, chunkRows, i)
		sum := int64(0)
		for k := begin; k < end; k++ {
			packed := q.pack(g.sample.rows[k], g.sample.gradient[k], g.sample.hessian[k])
			g.packed[k] = packed
			sum += packed
		}
		totals[i] = sum
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
	return !deep && !full && l.end-l.begin >= 2 && hessian >= 2*g.splitter.minHessian && len(g.table.columns) > 0
}

// consider finds the best split of a leaf with a histogram and keeps the leaf open if there is one.
func (g *grower) consider(open []leaf, l leaf) []leaf {
	l.best = g.splitter.search(&g.histogrammer, g.data, l.counts, l.total, g.nodeColumns(l.id))
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

// nodeColumns marks the columns of the table that column sampling leaves to one node; nil for all.
func (g *grower) nodeColumns(id int32) []bool {
	if g.options.ColumnSampleByNode >= 1 {
		return nil
	}
	key := at(streamKey(g.options.Seed, streamNodeColumns, g.round), uint64(id)) //nolint:gosec // ids are not negative
	allow := make([]bool, len(g.lots))
	chosen := choose(g.lots, g.options.ColumnSampleByNode, key)
	for place, lot := range g.lots {
		if len(chosen) > 0 && chosen[0] == lot {
			allow[place], chosen = true, chosen[1:]
		}
	}
	return allow
}

// lots numbers the columns of a table. The columns of a dataset come in blocks of 64, and each block is given whole eights of
// numbers, of which the last may be halved: so has it been since the first version, and the same seed is to draw the same.
func lots(columns []int32) []int32 {
	numbers := make([]int32, len(columns))
	next := int32(0)
	for i, column := range columns {
		if i > 0 && column/blockWidth != columns[i-1]/blockWidth {
			next = (next + wordColumns/2 - 1) / (wordColumns / 2) * (wordColumns / 2)
		}
		numbers[i], next = next, next+1
	}
	return numbers
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
	place, _ := slices.BinarySearch(g.table.columns, l.best.column)
	middle := g.divide(l.begin, l.end, g.table.blocks[place/blockWidth], place, l.best.goesLeft())
	id := int32(len(tree.nodes)) //nolint:gosec // bounded by maxLeaves
	left := leaf{id: id, depth: l.depth + 1, begin: l.begin, end: middle, total: l.best.left}
	right := leaf{id: id + 1, depth: l.depth + 1, begin: middle, end: l.end, total: l.total - l.best.left}
	parent := &tree.nodes[l.id]
	parent.split, parent.left, parent.threshold = l.best, id, g.data.cuts[l.best.column][l.best.bin-1]
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
		small.counts = g.build(g.places[small.begin:small.end])
	}
	switch {
	case !needLarge:
		g.pool.give(parent.counts)
	case parent.counts != nil:
		large.counts = g.subtract(parent.counts, small.counts)
	default:
		large.counts = g.build(g.places[large.begin:large.end])
	}
	parent.counts = nil
}

// A leafPart is some of the rows of a leaf.
type leafPart struct {
	node, begin, end  int
	gradient, hessian float64
}

// leafParts divides the rows of all leaves into fixed chunks.
func (t *growingTree) leafParts() []leafPart {
	var parts []leafPart
	for i := range t.nodes {
		if n := &t.nodes[i]; n.left == 0 {
			for begin := n.begin; begin < n.end; begin += chunkRows {
				parts = append(parts, leafPart{node: i, begin: begin, end: min(begin+chunkRows, n.end)})
			}
		}
	}
	return parts
}

// sumNodes gives each node the sums of its rows: leaves from the gradients themselves, over fixed
// chunks, and inner nodes from their children.
func (g *grower) sumNodes(tree *growingTree) {
	parts := tree.leafParts()
	forEach(g.options.Threads, len(parts), func(_, i int) {
		p := &parts[i]
		gradient, hessian := 0.0, 0.0
		for _, place := range g.places[p.begin:p.end] {
			gradient += g.sample.gradient[place]
			hessian += g.sample.hessian[place]
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

// addLeaves adds to the margins of the training subset what the tree says of the rows that it was grown from: the partition knows.
func (g *grower) addLeaves(tree *growingTree, margins []float64) {
	parts := tree.leafParts()
	forEach(g.options.Threads, len(parts), func(_, i int) {
		p := &parts[i]
		value := tree.nodes[p.node].value
		for _, place := range g.places[p.begin:p.end] {
			margins[g.sample.position(place)] += value
		}
	})
}
