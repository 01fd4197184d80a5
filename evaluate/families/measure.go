package families

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
)

// measure gives each family its figures, and those after the first one how far they are above it.
func (b *bench) measure() ([]Family, error) {
	t := &b.options.Training
	var families []Family
	var first evaluate.Draws
	for i, c := range b.families {
		b.report("figures", i, len(b.families))
		predicted, err := b.layout.OutOfFold(c.margins)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		evidence, err := evaluate.OutOfFold(t.Stays, predicted, t.Seed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		c.Groups = slices.DeleteFunc(evidence.Groups, func(g evaluate.Group) bool { return g.Name == evaluate.NowOnly })
		draws := evaluate.DrawsOf(t.Stays, predicted, t.Seed)
		if i == 0 {
			first = draws
		} else {
			over := draws.Less(first)
			c.OverUtility, c.OverAUROC, c.OverAUPRC = over.Utility, over.AUROC, over.AUPRC
		}
		families = append(families, c.Family)
	}
	return families, nil
}
