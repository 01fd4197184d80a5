package gbdt

import (
	"math"
	"sync"
)

// A walk is a node as prediction walks over it, 16 bytes. A value is compared as an integer of the same order, turned so that what
// is missing comes last, or first where it goes left: one comparison decides, and no step has to be foreseen by the processor.
// A leaf leads to itself, so rows that have arrived may go on walking with the others.
type walk struct {
	next    int32  // the left child; the right one follows it
	feature uint32 // 0 in a leaf, where it does not matter
	turn    uint32 // taken from the value's integer; in a leaf the bits of its value
	limit   uint32 // integers above it go right
}

// neverRight is a limit that no integer is above.
const neverRight = math.MaxUint32

// Integers of -Inf and +Inf, between which those of all numbers lie, and outside of which those of all NaN.
const (
	lowestOrdered  = 0x007FFFFF
	highestOrdered = 0xFF800000
)

// orderedInteger maps the bits of a float32 to an integer of the same order, but that -0 comes just before 0.
func orderedInteger(bits uint32) uint32 {
	return bits ^ (uint32(int32(bits)>>31) | 1<<31) //nolint:gosec // the sign is meant
}

// orderedThreshold is the integer of a split's threshold, from which on values go right.
func (n *node) orderedThreshold() uint32 {
	threshold := n.value
	if threshold == 0 {
		threshold = float32(math.Copysign(0, -1)) // -0 is not less than 0
	}
	return orderedInteger(math.Float32bits(threshold))
}

// newWalk prepares a node, of which this is the place.
func newWalk(n *node, own int32) walk {
	if n.left == 0 {
		return walk{next: own, turn: math.Float32bits(n.value), limit: neverRight}
	}
	made := walk{next: n.left, feature: n.split >> 1, turn: lowestOrdered}
	if n.missingLeft() {
		made.turn = highestOrdered + 1
	}
	from := n.orderedThreshold() - made.turn
	if from == 0 { // -Inf, and missing values go right: all do
		made.next, made.limit = n.left+1, neverRight
		return made
	}
	made.limit = from - 1
	return made
}

// value is that of a leaf.
func (w *walk) value() float64 { return float64(math.Float32frombits(w.turn)) }

// step is the child to which a value goes.
func (w *walk) step(v float32) int32 {
	right := int32(0)
	if orderedInteger(math.Float32bits(v))-w.turn > w.limit {
		right = 1
	}
	return w.next + right
}

// A forest is a booster made ready for prediction, when it is first asked.
type forest struct {
	once   sync.Once
	walks  []walk
	depths []int // of the trees
}

// ready is the forest of the booster.
func (b *Booster) ready() *forest {
	b.forest.once.Do(func() {
		f := &b.forest
		f.walks = make([]walk, len(b.nodes))
		for i := range b.nodes {
			f.walks[i] = newWalk(&b.nodes[i], int32(i)) //nolint:gosec // nodes are numbered by int32
		}
		f.depths = b.depths()
	})
	return &b.forest
}

// depths are those of the trees: the steps to the farthest leaf.
func (b *Booster) depths() []int {
	levels, depths := make([]int, len(b.nodes)), make([]int, b.Trees())
	for tree := range depths { // children come after their parents
		for i := b.starts[tree]; i < b.starts[tree+1]; i++ {
			depths[tree] = max(depths[tree], levels[i])
			if left := b.nodes[i].left; left != 0 {
				levels[left], levels[left+1] = levels[i]+1, levels[i]+1
			}
		}
	}
	return depths
}

// noFeatures is what leaves look at when there are no features; what they see does not matter.
var noFeatures = []float32{0}

// lanes walk side by side, so that none waits for the memory of another.
const lanes = 64

// walkTrees takes one row from the given nodes to the leaves, which are at most so many steps away.
func walkTrees(walks []walk, at []int32, row []float32, steps int) {
	for moved := int32(1); moved != 0 && steps > 0; steps-- {
		moved = 0
		for lane, here := range at {
			w := &walks[here]
			next := w.step(row[w.feature])
			moved |= next ^ here
			at[lane] = next
		}
	}
}

// walkRows takes rows, of so many columns each, from the given nodes of one tree to the leaves, which are at most so many
// steps away.
func walkRows(walks []walk, at []int32, rows []float32, columns, steps int) {
	for moved := int32(1); moved != 0 && steps > 0; steps-- {
		moved = 0
		begin := 0
		for lane, here := range at {
			w := &walks[here]
			next := w.step(rows[begin+int(w.feature)])
			moved |= next ^ here
			at[lane] = next
			begin += columns
		}
	}
}

// cacheLine is the number of values that memory hands over at once.
const cacheLine = 16

// fetch reads a value of each cache line, in order, which is how memory is read fastest: trees jump about in a row. What it
// returns is of no use but that it keeps the compiler from leaving all this out.
func fetch(values []float32) float32 {
	sum := float32(0)
	for i := 0; i < len(values); i += cacheLine {
		sum += values[i]
	}
	return sum
}
