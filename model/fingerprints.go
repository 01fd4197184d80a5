package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// Fingerprints recognise the stays that a model has learnt from, so that it is not fitted again to what it knows by
// heart. They are the lowest 40 bits of the SHA-256 of what was measured in a stay, in rising order. Neither identity
// and hospital, nor who the patient is, nor the labels go in: a stay is recognised under another name and with other
// labels, but not when hours or values differ.
//
// A list can confirm a stay to whoever holds its whole record already; that is its purpose. It cannot be turned into
// records: of the many records that have a given fingerprint nothing tells the true one. Trying records out does not
// help, either, because too little is kept: in the list of n stays one in 2^40/n wrong guesses is found, too (one in
// 34 million for 32,150 stays), and a stay of fewestValues values has more possible records than that by far. Stays of
// fewer values could be guessed, and could be alike by chance: they have no fingerprint.
type Fingerprints []uint64

const (
	// fingerprintBits make it unlikely that a foreign stay is taken for a known one: of 40,000 stays, held against
	// 32,150, one is in 1 of 850 cases.
	fingerprintBits = 40
	// fewestValues is how many measured values a stay needs. At only 2 bits each they make 2^64 records.
	fewestValues = 32
)

// fingerprint of a stay; false if it has too few values.
func fingerprint(stay *sepsis.Stay) (uint64, bool) {
	sum, values := measurements(stay)
	return binary.BigEndian.Uint64(sum[24:]) & (1<<fingerprintBits - 1), values >= fewestValues
}

// measurements are the SHA-256 of what was measured in a stay, and of how many values that is.
func measurements(stay *sepsis.Stay) (sum [sha256.Size]byte, values int) {
	var content []byte
	for i := range stay.Observations {
		observation := &stay.Observations[i]
		content = binary.BigEndian.AppendUint32(content, uint32(observation.Hour)) //nolint:gosec // at most sepsis.MaxICUHour
		for v, value := range observation.Values {
			if sepsis.IsMissing(value) {
				continue
			}
			content = append(content, sepsis.Variable(v).String()...)
			content = binary.BigEndian.AppendUint64(append(content, 0), math.Float64bits(value))
			values++
		}
		content = append(content, '\n')
	}
	return sha256.Sum256(content), values
}

// fingerprints of the stays that are learnt from: those of adults.
func fingerprints(stays []sepsis.LabelledStay) Fingerprints {
	f := Fingerprints{}
	for i := range stays {
		if !stays[i].Adult() {
			continue
		}
		if mark, enough := fingerprint(&stays[i].Stay); enough {
			f = append(f, mark)
		}
	}
	slices.Sort(f)
	return slices.Compact(f)
}

// knows tells whether a stay is in the list.
func (f Fingerprints) knows(stay *sepsis.Stay) bool {
	mark, enough := fingerprint(stay)
	if !enough {
		return false
	}
	_, found := slices.BinarySearch(f, mark)
	return found
}

// bytes are the differences from one fingerprint to the next, the first one from 0, as unsigned varints.
func (f Fingerprints) bytes() []byte {
	var packed []byte
	before := uint64(0)
	for _, mark := range f {
		packed = binary.AppendUvarint(packed, mark-before)
		before = mark
	}
	return packed
}

// readFingerprints reads what bytes wrote. A list that does not rise, or leaves the 40 bits, is refused.
func readFingerprints(packed []byte) (Fingerprints, error) {
	f := Fingerprints{}
	before := uint64(0)
	for reader := bytes.NewReader(packed); ; {
		step, err := binary.ReadUvarint(reader)
		switch {
		case errors.Is(err, io.EOF): // within a number it would be io.ErrUnexpectedEOF
			return f, nil
		case err != nil:
			return nil, fmt.Errorf("fingerprint %d: %w", len(f)+1, err)
		case step == 0 && len(f) > 0, step >= 1<<fingerprintBits, before+step >= 1<<fingerprintBits:
			return nil, fmt.Errorf("fingerprint %d: not in rising order below 2^%d", len(f)+1, fingerprintBits)
		}
		before += step
		f = append(f, before)
	}
}
