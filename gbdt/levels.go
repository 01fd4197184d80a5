package gbdt

import "sync"

// levels are the trees of a booster for the prediction of one row: all filled up to complete trees of the same depth, and laid out
// level by level. The children of fork i of a level are 2i and 2i+1 of the next. So a step reads no more than a fork and a key, none
// has to be foreseen by the processor, and memory is read from its beginning to its end.
type levels struct {
	once         sync.Once
	inner        [][]fork  // from the roots on, of all trees
	twigs        []twig    // the last level; nil when the trees are too uneven
	pays         bool      // whether a row gains by it that has no keys yet
	paysInBlocks bool      // whether it also gains beside a [blockTree]
	rows         sync.Pool // of *Row
}

// A fork names in its lower 32 bits the key of the row that it looks at, and in the upper ones the greatest integer that goes left.
type fork uint64

// A twig is a fork of the last level with its leaves.
type twig struct {
	fork   fork
	leaves [2]float32
}

// newFork prepares a node. What stands for a leaf sends all to the same value, wherever it sends them.
func newFork(n *node) fork {
	if n.left == 0 {
		return 0
	}
	return fork(n.orderedThreshold()-1)<<32 | fork(n.split)
}

// side is 1 when a row goes right, else 0.
func (s fork) side(keys []key) uint32 {
	if uint64(keys[uint32(s)]) > uint64(s) { //nolint:gosec // the lower half is meant
		return 1
	}
	return 0
}

// filled is the booster level by level. It has no levels when the trees are so uneven that, filled up, they need more memory than the forest.
func (b *Booster) filled() *levels {
	l := &b.levels
	l.once.Do(func() {
		depth := 1
		for _, d := range b.depths() {
			depth = max(depth, d)
		}
		const largest = 31 // levels of one tree in as many nodes as there can be
		if depth >= largest || 3*int64(b.Trees())<<(depth-1) > 2*int64(len(b.nodes)) {
			return
		}
		b.fill(depth)
		// The keys of a feature take about as long as a step of [walkTrees], and six times what a step here gains over one of a block.
		l.pays, l.paysInBlocks = b.Trees()*depth >= b.features, b.Trees()*depth >= 6*b.features
		l.rows.New = func() any { return NewRow(b.features) }
	})
	return l
}

// depth is that of the trees, where there are levels.
func (l *levels) depth() int { return len(l.inner) + 1 }

// fill lays out the levels.
func (b *Booster) fill(depth int) {
	at := b.starts[:b.Trees()]
	for range depth - 1 {
		level, next := make([]fork, len(at)), make([]int32, 0, 2*len(at))
		for i, place := range at {
			level[i] = newFork(&b.nodes[place])
			left, right := b.children(place)
			next = append(next, left, right)
		}
		b.levels.inner, at = append(b.levels.inner, level), next
	}
	b.levels.twigs = make([]twig, len(at))
	for i, place := range at {
		left, right := b.children(place)
		b.levels.twigs[i] = twig{newFork(&b.nodes[place]), [2]float32{b.nodes[left].value, b.nodes[right].value}}
	}
}

// children are those of a node; a leaf stands for its own.
func (b *Booster) children(place int32) (left, right int32) {
	if left = b.nodes[place].left; left == 0 {
		return place, place
	}
	return left, left + 1
}

// add adds the leaves of a row to a sum, tree after tree.
func (l *levels) add(sum float64, keys []key) float64 {
	var buffer [lanes]uint32
	for tree := 0; tree < len(l.twigs)>>len(l.inner); tree += lanes {
		at := buffer[:min(lanes, len(l.twigs)>>len(l.inner)-tree)]
		for lane := range at {
			at[lane] = uint32(tree + lane) //nolint:gosec // nodes are numbered by int32
		}
		for _, level := range l.inner {
			for lane, here := range at {
				at[lane] = 2*here + level[here].side(keys)
			}
		}
		for _, here := range at {
			last := &l.twigs[here]
			sum += float64(last.leaves[last.fork.side(keys)])
		}
	}
	return sum
}
