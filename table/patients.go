package table

import (
	"hash/maphash"
	"math/bits"
)

// Patients remembers whose rows were there, in one table or in several, and whose rows do not stand together, as far as a [Survey] has looked.
type Patients struct {
	seed  maphash.Seed
	seen  hashes
	apart hashes
}

// NewPatients remembers nobody yet.
func NewPatients() *Patients { return &Patients{seed: maphash.MakeSeed()} }

func (p *Patients) hash(name string) uint64 { return max(maphash.String(p.seed, name), 1) }

// add remembers a patient, and tells whether it was not there before.
func (p *Patients) add(name string) bool { return p.seen.add(p.hash(name)) }

// standApart tells whether rows of the patient stand in several places.
func (p *Patients) standApart(name string) bool { return p.apart.has(p.hash(name)) }

// refused tells whether it was refused before as one who stands apart.
func (p *Patients) refused(name string) bool {
	hash := p.hash(name)
	return p.apart.has(hash) && p.seen.has(hash)
}

// Survey looks through tables, before they are read, for patients whose rows do not stand together: what is known of such a patient where
// the first rows end is not all that there is.
type Survey struct{ patients *Patients }

// NewSurvey has looked at nothing yet.
func NewSurvey() *Survey { return &Survey{NewPatients()} }

// Add reads a table to its end. Progress is told of each patient. Readers of other forms, and of tables without a patient's column, are passed over.
func (s *Survey) Add(reader Reader, progress func(done, total int) error) error {
	rows, ok := reader.(interface {
		patients(found func(id string) error) error
	})
	if !ok {
		return nil
	}
	return rows.patients(func(id string) error {
		if !s.patients.add(id) {
			s.patients.apart.add(s.patients.hash(id))
		}
		return progress(reader.Progress())
	})
}

// Patients knows whose rows do not stand together, and has seen nobody yet.
func (s *Survey) Patients() *Patients {
	return &Patients{seed: s.patients.seed, apart: s.patients.apart}
}

// hashes is a set, in 10 to 14 bytes a patient however long the name is: 64 bits of a hash, in tables that are between
// 64 % and 80 % full. Two different patients are taken for the same one with a chance of about n²/2⁶⁵: one in 37 million for a million.
type hashes [256]part // by the first bits, so that growing moves a 256th at a time

// part is a hash set with open addressing.
type part struct {
	slots []uint64 // 0 where there is none
	used  int
}

func (h *hashes) add(hash uint64) bool { return h[hash>>56].add(hash) }

func (h *hashes) has(hash uint64) bool {
	part := &h[hash>>56]
	return part.used > 0 && part.slots[part.find(hash)] == hash
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
