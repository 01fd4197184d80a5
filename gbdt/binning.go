package gbdt

import "math"

// gatherWidth columns are read at once.
const gatherWidth = cacheLine

// cutter is one worker's memory for finding cuts.
type cutter struct {
	columns [gatherWidth][]float32
	sorter  sorter
	runs    runs
}

func allCuts(m Matrix, maxBins, threads int) [][]float32 {
	cuts := make([][]float32, m.Cols)
	rows := min(m.Rows, sampleRows)
	cutters := make([]cutter, threads)
	forEach(threads, chunks(m.Cols, gatherWidth), func(worker, i int) {
		begin, end := chunk(m.Cols, gatherWidth, i)
		own := &cutters[worker]
		own.read(m, rows, begin, end)
		for c := begin; c < end; c++ {
			own.sorter.sort(own.columns[c-begin])
			cuts[c] = own.runs.cutPoints(own.columns[c-begin], maxBins)
		}
	})
	return cuts
}

// read gathers the present values of some columns from so many evenly spaced rows.
func (w *cutter) read(m Matrix, rows, begin, end int) {
	var counts [gatherWidth]int
	for c := range end - begin {
		if cap(w.columns[c]) < rows {
			w.columns[c] = make([]float32, rows)
		}
		w.columns[c] = w.columns[c][:rows]
	}
	for s := range rows {
		at := int(int64(s)*int64(m.Rows)/int64(rows)) * m.Cols
		for c, v := range m.Values[at+begin : at+end] {
			w.columns[c][counts[c]] = v // the next value takes its place if it is missing
			if v == v {
				counts[c]++
			}
		}
	}
	for c := range end - begin {
		w.columns[c] = w.columns[c][:counts[c]]
	}
}

// orderedBits is the orderedInteger of a value that is not NaN, but that -0 equals 0.
func orderedBits(v float32) uint32 { return orderedInteger(math.Float32bits(v + 0)) }

// fromOrderedBits is the inverse of orderedBits, but for -0, of which it makes 0.
func fromOrderedBits(key uint32) float32 {
	return math.Float32frombits(key ^ (uint32(int32(^key)>>31) | 1<<31)) //nolint:gosec // the sign is meant
}

// search is a column's cuts as ordered bits, padded with the largest: a search of fixed length without
// branches, which random data would mispredict.
type search struct {
	cuts  [256]uint32
	steps int // of the search: enough for the number of cuts
}

func newSearch(cuts []float32) *search {
	var s search
	for i := range s.cuts {
		s.cuts[i] = math.MaxUint32
	}
	for i, cut := range cuts {
		s.cuts[i] = orderedBits(cut)
	}
	for s.steps = 1; s.steps<<1 <= len(cuts); s.steps <<= 1 {
	}
	return &s
}

// bin returns the code of v: 1 + the number of cuts <= v, or missingBin for NaN.
func (s *search) bin(v float32) uint8 {
	key, count := int64(orderedBits(v)), uint8(0)
	for step := uint8(s.steps); step > 0; step >>= 1 { //nolint:gosec // at most 128
		below := uint8((key - int64(s.cuts[count+step-1])) >> 63) //nolint:gosec // all ones where v < cut
		count += step &^ below
	}
	return code(v, count)
}

// binFour is bin of four values, whose searches run side by side: each step of one waits for the step before it.
func (s *search) binFour(a, b, c, d float32) (uint8, uint8, uint8, uint8) {
	k, l, m, n := int64(orderedBits(a)), int64(orderedBits(b)), int64(orderedBits(c)), int64(orderedBits(d))
	var i, j, p, q uint8
	for step := uint8(s.steps); step > 0; step >>= 1 { //nolint:gosec // as above
		i += step &^ uint8((k-int64(s.cuts[i+step-1]))>>63) //nolint:gosec // as above
		j += step &^ uint8((l-int64(s.cuts[j+step-1]))>>63) //nolint:gosec // as above
		p += step &^ uint8((m-int64(s.cuts[p+step-1]))>>63) //nolint:gosec // as above
		q += step &^ uint8((n-int64(s.cuts[q+step-1]))>>63) //nolint:gosec // as above
	}
	return code(a, i), code(b, j), code(c, p), code(d, q)
}

// code is the code of a value above so many cuts.
func code(v float32, cuts uint8) uint8 {
	made := cuts + 1
	if v != v {
		made = missingBin
	}
	return made
}

// tileRows rows are binned column by column: of the tile, what belongs to a few columns stays in the L1 cache, and so does one
// search.
const tileRows = 64

func (d *Dataset) fill(m Matrix, threads int) {
	searches := make([]*search, len(d.cuts))
	for c, cuts := range d.cuts {
		searches[c] = newSearch(cuts)
	}
	forEach(threads, chunks(m.Rows, tileRows), func(_, i int) {
		begin, end := chunk(m.Rows, tileRows, i)
		for c, s := range searches {
			s.fill(d.codes[c][begin:end], m.Values[begin*m.Cols+c:], m.Cols)
		}
	})
}

// fill bins every stride-th value.
func (s *search) fill(codes []uint8, values []float32, stride int) {
	at := 0
	for len(codes) >= 4 {
		codes[0], codes[1], codes[2], codes[3] = s.binFour(values[at], values[at+stride], values[at+2*stride], values[at+3*stride])
		codes, at = codes[4:], at+4*stride
	}
	for i := range codes {
		codes[i] = s.bin(values[at+i*stride])
	}
}
