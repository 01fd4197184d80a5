package gbdt

import "slices"

// A sorter sorts float32 values by their bits, digit after digit, which for many values takes a fraction of the time of comparing
// them. It keeps its memory from one use to the next.
type sorter struct{ keys, other []uint32 }

// Three digits of 11 bits make up 32.
const (
	digitBits   = 11
	digitValues = 1 << digitBits
	digits      = 3
)

// sort sorts values without NaN. -0 becomes 0.
func (s *sorter) sort(values []float32) {
	if len(values) < digitValues {
		slices.Sort(values)
		return
	}
	if cap(s.keys) < len(values) {
		room := cap(values) // which is that of all columns
		s.keys, s.other = make([]uint32, room), make([]uint32, room)
	}
	from, into := s.keys[:len(values)], s.other[:len(values)]
	var starts [digits][digitValues]uint32
	for i, v := range values {
		key := orderedBits(v)
		from[i] = key
		for d := range starts {
			starts[d][key>>(d*digitBits)%digitValues]++
		}
	}
	for d := range starts {
		if deal(from, into, &starts[d], d*digitBits) {
			from, into = into, from
		}
	}
	for i, key := range from {
		values[i] = fromOrderedBits(key)
	}
}

// deal moves keys to where their digit belongs, keeping the order of those that share it. counts says how often each digit occurs.
// It tells whether there was anything to do.
func deal(from, into []uint32, counts *[digitValues]uint32, shift int) bool {
	if counts[from[0]>>shift%digitValues] == uint32(len(from)) { //nolint:gosec // at most sampleRows
		return false
	}
	total := uint32(0)
	for i, count := range counts {
		counts[i], total = total, total+count
	}
	for _, key := range from {
		place := &counts[key>>shift%digitValues]
		into[*place] = key
		*place++
	}
	return true
}
