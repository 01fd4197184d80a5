package gbdt

import (
	"math"
	"sync"
)

// A condition is a node as blocks of rows are tested by it, 16 bytes: it holds where sign*value >= least, and so never where the value is
// missing. The negative sign turns x < c into -x >= the next number above -c, which lets what is missing go to the other side.
type condition struct {
	feature     uint32
	sign, least float32
	_           uint32
}

// newCondition prepares a node. ifNot and ifSo are the children for which it does not hold, and holds. For what stands for a leaf it never
// does.
func (b *Booster) newCondition(place int32) (made condition, ifNot, ifSo int32) {
	n := &b.nodes[place]
	left, right := b.children(place)
	never := float32(math.NaN())
	switch {
	case n.left == 0:
		return condition{sign: 1, least: never}, left, right
	case n.missingLeft():
		return condition{feature: n.split >> 1, sign: 1, least: n.value}, left, right
	}
	least := never // nothing is below -Inf
	if !math.IsInf(float64(n.value), -1) {
		least = math.Nextafter32(-n.value, float32(math.Inf(1)))
	}
	return condition{feature: n.split >> 1, sign: -1, least: least}, right, left
}

// child is the number in its tree of the child of condition i to which a value goes.
func (c *condition) child(i uint32, v float32) uint32 {
	holds := uint32(0)
	if c.sign*v >= c.least {
		holds = 1
	}
	return 2*i + 1 + holds
}

// A blockTree is one filled tree. The children of condition i are 2i+1 and 2i+2, whose last ones are the leaves.
type blockTree struct {
	conditions []condition
	leaves     []float32
}

// blocks are the trees of a booster for the prediction of blocks of rows, each tree for all rows of a block before the next.
type blocks struct {
	once  sync.Once
	trees []blockTree
}

// inBlocks are the trees, all filled up to complete ones of the same depth; see [Booster.filled].
func (b *Booster) inBlocks(depth int) []blockTree {
	b.blocks.once.Do(func() {
		b.blocks.trees = make([]blockTree, b.Trees())
		for i := range b.blocks.trees {
			b.blocks.trees[i] = b.newBlockTree(b.starts[i], depth)
		}
	})
	return b.blocks.trees
}

func (b *Booster) newBlockTree(root int32, depth int) blockTree {
	inner := 1<<depth - 1
	tree := blockTree{conditions: make([]condition, inner), leaves: make([]float32, inner+1)}
	places := make([]int32, 2*inner+1)
	places[0] = root
	for i := range tree.conditions {
		tree.conditions[i], places[2*i+1], places[2*i+2] = b.newCondition(places[i])
	}
	for i := range tree.leaves {
		tree.leaves[i] = b.nodes[places[inner+i]].value
	}
	return tree
}

// add adds the leaves of a block of rows, of so many columns each, to the sums. There are at most as many rows as lanes.
func (t *blockTree) add(sums []float64, rows []float32, columns, depth int) {
	var buffer [lanes]uint32
	at := buffer[:len(sums)]
	t.conditions[0].begin(at, rows, columns)
	for range depth - 1 {
		descend(t.conditions, at, rows, columns)
	}
	for k, i := range at {
		sums[k] += float64(t.leaves[int(i)-len(t.conditions)])
	}
}

// begin takes rows from the root, which is the condition, to its children.
func (c condition) begin(at []uint32, rows []float32, columns int) {
	value := int(c.feature)
	for k := range at {
		at[k] = c.child(0, rows[value])
		value += columns
	}
}

// descend takes rows one level down. It is a function of its own for the sake of the registers.
func descend(conditions []condition, at []uint32, rows []float32, columns int) {
	begin := 0
	for k, i := range at {
		c := &conditions[i]
		at[k] = c.child(i, rows[begin+int(c.feature)])
		begin += columns
	}
}
