package model

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// CheckCohort wants of stays that are learnt from, or measured on, that each has labels and that none is there twice. Its error tells how many
// are not so, names the first, and says what to do.
func CheckCohort(stays []sepsis.LabelledStay) error {
	if err := needLabels(stays); err != nil {
		return err
	}
	return RefuseCopies(stays)
}

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

// RefuseCopies refuses stays in which the same was measured at the same hours: under whatever names, they are one stay, and folds that part them
// measure on what was learnt. Stays of fewer than fewestValues values are not looked at: they could be alike by chance. Of the 32,150 stays of the
// Challenge that the shipped model has learnt from no two are alike.
func RefuseCopies(stays []sepsis.LabelledStay) error {
	seen := make(map[[sha256.Size]byte]int, len(stays))
	copies, first := 0, ""
	for i := range stays {
		sum, values := measurements(&stays[i].Stay)
		if values < fewestValues {
			continue
		}
		before, known := seen[sum]
		if !known {
			seen[sum] = i
			continue
		}
		if copies++; copies == 1 {
			first = fmt.Sprintf("%s of %s", named(&stays[i]), named(&stays[before]))
		}
	}
	if copies == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stays are copies of others by all that was measured, the first one %s: what is learnt from one would be measured on the other; leave one copy of each out",
		copies, len(stays), first)
}

// named is a stay as errors name it.
func named(stay *sepsis.LabelledStay) string { return stay.Hospital + "/" + stay.ID }

// Left counts the stays that are predicted and not learnt from, by why.
type Left struct {
	NoAge    int // the age is not known
	UnderAge int // the patient is younger than sepsis.AdultAge
}

// LeftOut counts those among some stays.
func LeftOut(stays []sepsis.LabelledStay) Left {
	var left Left
	for i := range stays {
		left.count(&stays[i].Stay)
	}
	return left
}

func (l *Left) count(stay *sepsis.Stay) {
	switch {
	case stay.Adult():
	case sepsis.IsMissing(stay.Age):
		l.NoAge++
	default:
		l.UnderAge++
	}
}

// Stays are all that are left out.
func (l Left) Stays() int { return l.NoAge + l.UnderAge }

// String tells why stays are left out, as "17 without age, 3 under 18 years".
func (l Left) String() string {
	var parts []string
	if l.NoAge > 0 {
		parts = append(parts, fmt.Sprintf("%d without age", l.NoAge))
	}
	if l.UnderAge > 0 {
		parts = append(parts, fmt.Sprintf("%d under %d years", l.UnderAge, sepsis.AdultAge))
	}
	return strings.Join(parts, ", ")
}

// agesMissing ends an error of too few adults where ages could be the reason, with the cure; empty where all are known.
func (l Left) agesMissing() string {
	if l.NoAge == 0 {
		return ""
	}
	return fmt.Sprintf("; nothing is learnt from %d stays without age, which may be children's: add their ages (column Age)", l.NoAge)
}

// TooLittleError says that nothing can be learnt from the stays, or fitted to them, because they are too few or tell too little. Any other error is of
// the caller, or of the program.
type TooLittleError struct{ reason string }

func (e *TooLittleError) Error() string { return e.reason }

func tooLittle(format string, values ...any) error {
	return &TooLittleError{fmt.Sprintf(format, values...)}
}
