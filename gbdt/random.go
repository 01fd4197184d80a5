package gbdt

import "slices"

// goldenGamma is the increment of SplitMix64 (Steele, Lea & Flood 2014,
// doi:10.1145/2660193.2660195): 2^64 divided by the golden ratio, made odd.
const goldenGamma = 0x9E3779B97F4A7C15

// Streams keep the uses of randomness apart from each other.
const (
	streamRounding = iota + 1
	streamRows
	streamTreeColumns
	streamNodeColumns
)

// mix is SplitMix64's output function (variant 13 of Stafford's mixers).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// streamKey starts a sequence of random numbers for one use in one round.
func streamKey(seed uint64, stream, round int) uint64 {
	return mix(mix(seed+uint64(stream)*goldenGamma) + uint64(round)*goldenGamma) //nolint:gosec // wraps by design
}

// at is the number at one position of the sequence.
func at(key, position uint64) uint64 { return mix(key + (position+1)*goldenGamma) }

// unit maps the upper 53 bits to [0, 1).
func unit(bits uint64) float64 { return float64(bits>>11) * 0x1p-53 }

// choose returns fraction of the items, at least one if there are any, in their given order.
func choose(items []int32, fraction float64, key uint64) []int32 {
	if fraction >= 1 || len(items) == 0 {
		return items
	}
	keep := max(1, int(fraction*float64(len(items))))
	order := slices.Clone(items)
	rank := func(item int32) uint64 { return at(key, uint64(item)) } //nolint:gosec // items are not negative
	slices.SortFunc(order, func(a, b int32) int {
		if rank(a) < rank(b) {
			return -1
		}
		return 1
	})
	order = order[:keep]
	slices.Sort(order)
	return order
}
