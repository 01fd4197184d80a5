package table

import (
	"hash/maphash"
	"math/bits"
)

// Patients remembers whose rows were there, in one table or in several, in 10 to 14 bytes a patient however long the name is: 64 bits of a hash, in tables that are between
// 64 % and 80 % full. Two different patients are taken for the same one with a chance of about n²/2⁶⁵: one in 37 million for a million.
type Patients struct {
	seed  maphash.Seed
	parts [256]part // by the first bits, so that growing moves a 256th at a time
}

// part is a hash set with open addressing.
type part struct {
	slots []uint64 // 0 where there is none
	used  int
}

// NewPatients remembers nobody yet.
func NewPatients() *Patients { return &Patients{seed: maphash.MakeSeed()} }

// add remembers a patient, and tells whether it was not there before.
func (p *Patients) add(name string) bool {
	hash := max(maphash.String(p.seed, name), 1)
	return p.parts[hash>>56].add(hash)
}

func (p *part) add(hash uint64) bool {
	const leastSlots = 16
	if 5*(p.used+1) > 4*len(p.slots) {
		old := p.slots
		p.slots = make([]uint64, max(leastSlots, len(old)*5/4))
		for _, kept := range old {
			if kept != 0 {
				p.slots[p.find(kept)] = kept
			}
		}
	}
	at := p.find(hash)
	if p.slots[at] == hash {
		return false
	}
	p.slots[at] = hash
	p.used++
	return true
}

// find is where a hash stands, or the empty slot where it belongs.
func (p *part) find(hash uint64) int {
	high, _ := bits.Mul64(hash<<8, uint64(len(p.slots))) // a fraction of 2⁶⁴ as one of the length
	at := int(high)                                      //nolint:gosec // below the length
	for p.slots[at] != 0 && p.slots[at] != hash {
		if at++; at == len(p.slots) {
			at = 0
		}
	}
	return at
}
