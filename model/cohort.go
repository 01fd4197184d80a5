package model

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// CheckCohort wants of stays that are learnt from, or measured on, that each has labels. Its error tells how many have none, names the first,
// and says what to do.
func CheckCohort(stays []sepsis.LabelledStay) error { return needLabels(stays) }

// needLabels wants labels in every stay: without them a stay is neither septic nor another.
func needLabels(stays []sepsis.LabelledStay) error {
	without, first := 0, ""
	for i := range stays {
		if stays[i].Labels != nil {
			continue
		}
		if without++; without == 1 {
			first = named(&stays[i])
		}
	}
	if without == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stays have no SepsisLabel, the first one %s: it is needed in every stay; add the column, or leave these stays out", without, len(stays), first)
}

// named is a stay as errors name it.
func named(stay *sepsis.LabelledStay) string { return stay.Hospital + "/" + stay.ID }
