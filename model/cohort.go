package model

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// CohortCheck looks through stays, one after the other, for what they are refused for together where they are learnt from, or measured on. The zero
// value has seen none. It keeps some 100 bytes of each.
type CohortCheck struct {
	unlabelled unlabelled
	copies     copies
	// Stays of adults that are known to be, which alone are learnt from.
	septic, other int
	left          Left
}

// Add looks at the next stay.
func (c *CohortCheck) Add(stay *sepsis.LabelledStay) {
	c.unlabelled.add(stay)
	c.copies.add(stay)
	c.left.count(&stay.Stay)
	switch {
	case !stay.Adult():
	case stay.Septic():
		c.septic++
	default:
		c.other++
	}
}

// Err wants that each stay has labels and that none is there twice. Its error tells how many are not so, names the first, and says what to do.
func (c *CohortCheck) Err() error {
	if err := c.unlabelled.err(); err != nil {
		return err
	}
	return c.copies.err()
}

// Enough wants septic and other stays of adults for each of so many folds.
func (c *CohortCheck) Enough(folds int) error {
	if c.septic >= folds && c.other >= folds {
		return nil
	}
	return tooLittle("%d septic and %d other stays of adults: each of the %d folds needs one of both; give more stays%s",
		c.septic, c.other, folds, c.left.agesMissing())
}

// CheckCohort is what [CohortCheck] finds wrong with stays that are there together.
func CheckCohort(stays []sepsis.LabelledStay) error { return checked(stays).Err() }

func checked(stays []sepsis.LabelledStay) *CohortCheck {
	var check CohortCheck
	for i := range stays {
		check.Add(&stays[i])
	}
	return &check
}

// unlabelled counts stays without labels, which are neither septic nor others.
type unlabelled struct {
	stays, without int
	first          string // of these
}

// needLabels wants labels in every stay.
func needLabels(stays []sepsis.LabelledStay) error {
	var found unlabelled
	for i := range stays {
		found.add(&stays[i])
	}
	return found.err()
}

func (u *unlabelled) add(stay *sepsis.LabelledStay) {
	u.stays++
	if stay.Labels != nil {
		return
	}
	if u.without++; u.without == 1 {
		u.first = named(stay)
	}
}

func (u *unlabelled) err() error {
	if u.without == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stays have no SepsisLabel, the first one %s: it is needed in every stay; add the column, or leave these stays out", u.without, u.stays, u.first)
}

// copies counts stays in which the same was measured at the same hours as in one before.
type copies struct {
	seen          map[[sha256.Size]byte]string // how the first of each is named, by what was measured in it
	stays, copies int
	first         string // of the copies, and of what
}

func (c *copies) add(stay *sepsis.LabelledStay) {
	c.stays++
	sum, values := measurements(&stay.Stay)
	if values < fewestValues {
		return
	}
	if c.seen == nil {
		c.seen = map[[sha256.Size]byte]string{}
	}
	before, known := c.seen[sum]
	if !known {
		c.seen[sum] = named(stay)
		return
	}
	if c.copies++; c.copies == 1 {
		c.first = fmt.Sprintf("%s of %s", named(stay), before)
	}
}

func (c *copies) err() error {
	if c.copies == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stays are copies of others by all that was measured, the first one %s: what is learnt from one would be measured on the other; leave one copy of each out",
		c.copies, c.stays, c.first)
}

// RefuseCopies refuses stays in which the same was measured at the same hours: under whatever names, they are one stay, and folds that part them
// measure on what was learnt. Stays of fewer than fewestValues values are not looked at: they could be alike by chance. Of the 32,150 stays of the
// Challenge that the shipped model has learnt from no two are alike.
func RefuseCopies(stays []sepsis.LabelledStay) error {
	var found copies
	for i := range stays {
		found.add(&stays[i])
	}
	return found.err()
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
