package evaluate

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// Draws are the figures of one model's out-of-fold predictions in every bootstrap draw of stays.
type Draws struct{ hours measured }

// DrawsOf measures predictions. Draws of the same number of stays and the same seed are the same draws.
func DrawsOf(stays []sepsis.LabelledStay, predicted *model.OutOfFold, seed uint64) Draws {
	hours, _ := samples(stays, predicted)
	m, _ := resample(len(hours), bootstrap{seed, Resamples}, newRows(hours, 0).ranked)
	return Draws{m}
}

// Difference is how far the figures of one model are above those of another one on the same stays, with the interval of
// the differences within each draw: nil where one of both is undefined.
type Difference struct {
	Utility, AUROC, AUPRC *Figure
}

// Less is the difference to the draws of another model, which must be of the same stays and seed.
func (d Draws) Less(other Draws) Difference {
	return Difference{d.hours.less(other.hours, utility), d.hours.less(other.hours, auroc), d.hours.less(other.hours, auprc)}
}
