package gbdt

import (
	"fmt"
	"slices"
)

// binNode is a node prepared for a row of bin codes. A code goes right when code-shift (modulo 256)
// exceeds limit: with shift 1 the code of missing wraps to 255 and goes right, with shift 0 it goes
// left. A leaf leads to itself.
type binNode struct {
	codes []uint8 // of its column
	left  int32
	shift uint8
	limit uint8
	value float64
}

// binTree is one tree over the bins of one dataset.
type binTree struct {
	nodes []binNode
	depth int
}

// binTree prepares a tree. It fails when a threshold is not one of the dataset's cuts, for then bins cannot
// tell on which side a value lies.
func (b *Booster) binTree(d *Dataset, tree int) (*binTree, error) {
	first, end := b.starts[tree], b.starts[tree+1]
	t := &binTree{nodes: make([]binNode, end-first)}
	depths := make([]int, end-first)
	for i := range t.nodes {
		n := &b.nodes[first+int32(i)] //nolint:gosec // bounded by end
		if n.left == 0 {
			t.nodes[i] = binNode{codes: d.anyCodes(), left: int32(i), limit: bins - 1, value: float64(n.value)} //nolint:gosec // as above
			continue
		}
		column := n.feature()
		cut, found := slices.BinarySearch(d.cuts[column], n.value)
		if !found {
			return nil, fmt.Errorf("gbdt: tree %d splits %s at %v, which is no cut of the dataset", tree, b.name(int(column)), n.value)
		}
		t.nodes[i] = newBinNode(d, n, cut, n.left-first)
		depths[n.left-first], depths[n.left-first+1] = depths[i]+1, depths[i]+1
		t.depth = max(t.depth, depths[i]+1)
	}
	return t, nil
}

// newBinNode makes an inner node: codes 1 to cut+1 go left.
func newBinNode(d *Dataset, n *node, cut int, left int32) binNode {
	made := binNode{
		codes: d.codes[n.feature()],
		left:  left,
		limit: uint8(cut + 1), //nolint:gosec // at most 255 cuts
	}
	if !n.missingLeft() {
		made.shift, made.limit = 1, uint8(cut) //nolint:gosec // as above
	}
	return made
}

// anyCodes gives leaves something to read; what they read does not matter.
func (d *Dataset) anyCodes() []uint8 {
	if len(d.codes) == 0 {
		return nil
	}
	return d.codes[0]
}

// add adds the tree's value to the margin of each row. at is scratch space, as long as rows.
func (t *binTree) add(margins []float64, rows []int32, at []int32) {
	at = at[:len(rows)]
	t.descend(rows, at)
	for i := range rows {
		margins[i] += t.nodes[at[i]].value
	}
}

// descend finds the leaf of each row. All rows descend together, one level at a time, so that their loads overlap.
func (t *binTree) descend(rows []int32, at []int32) {
	at = at[:len(rows)]
	clear(at)
	for range t.depth {
		for i, row := range rows {
			n := &t.nodes[at[i]]
			code := n.codes[row]
			next := n.left
			if code-n.shift > n.limit {
				next++
			}
			at[i] = next
		}
	}
}

// DatasetMargins returns the log-odds of the given rows of a dataset, equal to those of the values it was made
// from. threads 0 uses all processors. The booster must have been trained on this dataset, or be an average
// of such: it panics when features differ, when a row does not exist, or when a threshold is not one of the
// dataset's cuts or the booster takes 0 for missing, for which bins have no answer.
func (b *Booster) DatasetMargins(d *Dataset, rows []int32, threads int) []float64 {
	if b.features != len(d.names) || !slices.Equal(b.Features(), d.names) {
		panic("gbdt: the dataset has other features than the booster")
	}
	if b.zeroIsMissing != nil {
		panic("gbdt: the booster takes 0 for missing, which bins do not tell")
	}
	trees := make([]*binTree, b.Trees())
	for i := range trees {
		tree, err := b.binTree(d, i)
		if err != nil {
			panic(err)
		}
		trees[i] = tree
	}
	margins := make([]float64, len(rows))
	threads = threadCount(threads)
	scratch := make([][chunkRows]int32, threads)
	forEach(threads, chunks(len(rows), chunkRows), func(worker, i int) {
		begin, end := chunk(len(rows), chunkRows, i)
		part := margins[begin:end]
		for k := range part {
			part[k] = b.margin
		}
		for _, tree := range trees {
			tree.add(part, rows[begin:end], scratch[worker][:])
		}
	})
	return margins
}
