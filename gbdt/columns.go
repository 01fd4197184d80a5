package gbdt

import (
	"fmt"
	"slices"
)

// WithFeatures returns a booster with the same trees for rows of other columns: those of the given names, in their order. Every
// feature that a split uses must be among them; all others may be absent, and what is new is not looked at. Nothing of the
// booster changes.
func (b *Booster) WithFeatures(names []string) (*Booster, error) {
	names, err := featureNames(names, len(names))
	if err != nil {
		return nil, err
	}
	if len(names) > maxFeatures {
		return nil, fmt.Errorf("gbdt: %d columns are more than %d", len(names), maxFeatures)
	}
	place := make(map[string]uint32, len(names))
	for i, name := range names {
		place[name] = uint32(i) //nolint:gosec // at most maxFeatures
	}
	moved := newBooster(names, b.base, b.objective)
	moved.gains, moved.weights, moved.starts = b.gains, b.weights, b.starts
	moved.nodes = slices.Clone(b.nodes)
	for i := range moved.nodes {
		n := &moved.nodes[i]
		if n.left == 0 {
			continue
		}
		name := b.name(int(n.feature()))
		to, known := place[name]
		if !known {
			return nil, fmt.Errorf("gbdt: a tree splits on %.40q, which is none of the %d columns", name, len(names))
		}
		n.split = to<<1 | n.split&1
	}
	if b.zeroIsMissing != nil {
		moved.zeroIsMissing = make([]bool, len(names))
		for i, zero := range b.zeroIsMissing {
			if to, known := place[b.name(i)]; known {
				moved.zeroIsMissing[to] = zero
			}
		}
	}
	return moved, nil
}
