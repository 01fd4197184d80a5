package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// CheckFolds refuses a number of folds that leaves nothing to learn from when one is held out.
func CheckFolds(folds int) error {
	if folds < 2 {
		return fmt.Errorf("%d folds: at least 2 are needed", folds)
	}
	return nil
}

// Folds gives each stay a fold from 0 to folds-1. Stays are dealt out in a random order within each group of
// hospital and outcome, so that every fold has its share of each; the order comes from the seed and the stay's
// name alone. In the Challenge data each patient has one stay, so folds share no patient.
func Folds(stays []sepsis.LabelledStay, folds int, seed uint64) []int {
	type ticket struct {
		stay     int
		hospital string
		septic   bool
		draw     uint64
	}
	tickets := make([]ticket, len(stays))
	for i := range stays {
		s := &stays[i]
		tickets[i] = ticket{i, s.Hospital, s.Septic(), draw(seed, s.Hospital, s.ID)}
	}
	slices.SortFunc(tickets, func(a, b ticket) int {
		return cmp.Or(
			cmp.Compare(a.hospital, b.hospital),
			compareBool(a.septic, b.septic),
			cmp.Compare(a.draw, b.draw),
			cmp.Compare(a.stay, b.stay),
		)
	})
	fold := make([]int, len(stays))
	for position, t := range tickets {
		fold[t.stay] = position % folds
	}
	return fold
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// draw is a random number for a stay.
func draw(seed uint64, hospital, id string) uint64 {
	hash := sha256.New()
	var prefix [8]byte
	binary.BigEndian.PutUint64(prefix[:], seed)
	hash.Write(prefix[:])
	hash.Write([]byte(hospital + "/" + id))
	return binary.BigEndian.Uint64(hash.Sum(nil))
}
