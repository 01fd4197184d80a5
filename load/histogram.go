package load

import (
	"math"
	"math/bits"
	"time"
)

// Histogram counts durations in buckets whose width is at most 1/128 of their value, as HdrHistogram does
// (https://hdrhistogram.org), so that a percentile is exact to 0.8 %, whatever was measured, in constant memory.
// The zero value is empty.
type Histogram struct {
	buckets [64 << precisionBits]uint64
	count   uint64
	sum     time.Duration
	highest time.Duration
}

// precisionBits are the binary digits that are kept of a duration, after the first.
const precisionBits = 7

// bucket is where a duration, not below 0, is counted: by the place of its first binary digit and the digits after it.
func bucket(d time.Duration) int {
	n := uint64(d) //nolint:gosec // not negative
	shift := max(bits.Len64(n)-1-precisionBits, 0)
	return shift<<precisionBits + int(n>>shift) //nolint:gosec // at most 2^(precisionBits+1)
}

// upper is the longest duration that is counted in a bucket.
func upper(bucket int) time.Duration {
	const size = 1 << precisionBits
	if bucket < 2*size {
		return time.Duration(bucket)
	}
	shift := bucket>>precisionBits - 1
	return time.Duration((bucket-shift<<precisionBits+1)<<shift - 1)
}

// Add counts a duration; below 0 it counts as 0.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.buckets[bucket(d)]++
	h.count++
	h.sum += d
	h.highest = max(h.highest, d)
}

// Merge adds the counts of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
	h.sum += other.sum
	h.highest = max(h.highest, other.highest)
}

// Mean of the durations; 0 when there are none.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return h.sum / time.Duration(h.count) //nolint:gosec // far from overflow
}

// Max is the longest duration; 0 when there are none.
func (h *Histogram) Max() time.Duration { return h.highest }

// Quantile is the duration that a share q, from 0 to 1, of all does not exceed, from above to 0.8 %; 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := max(uint64(math.Ceil(q*float64(h.count))), 1)
	seen := uint64(0)
	for i, n := range h.buckets {
		if seen += n; seen >= rank {
			return min(upper(i), h.highest)
		}
	}
	return 0
}
