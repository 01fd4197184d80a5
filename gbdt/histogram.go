package gbdt

import "sync"

// A packed value holds a sum of gradients (signed, upper 32 bits) and one of hessians (not
// negative, lower 32 bits), both in fixed point. One integer addition adds both; see
// quantise.go for why neither can overflow.

func pack(gradient, hessian int64) int64 { return gradient<<32 + hessian }

func unpack(packed int64) (gradient, hessian int64) {
	return packed >> 32, packed & 0xFFFFFFFF
}

// bins is the number of codes that a column can have.
const bins = 256

// A histogram holds one packed sum for each column of a table and each bin, word after word: within a word bin after bin, and
// within a bin the wordColumns columns. So the many columns of a row that are missing share a cache line.
type histogram []int64

// wordSums is the length of the part of a histogram that belongs to one word: 16 kB, which stay in the L1 cache while it is summed.
const wordSums = bins * wordColumns

// column copies the sums of the first codes of one column.
func (h histogram) column(place int, into []int64) {
	from := h[place/wordColumns*wordSums:][:wordSums]
	for code := range into {
		into[code] = from[code*wordColumns+place%wordColumns]
	}
}

// batchRows lines are copied before the passes over them, so that memory is read once, with many
// loads in flight.
const batchRows = 256

// partRows is the least number of rows for which splitting a block between threads pays.
const partRows = 16384

// smallWork is the number of cells below which starting goroutines costs more than it saves.
const smallWork = 1 << 16

// accumulator is one worker's scratch space.
type accumulator struct {
	lines  [batchRows]line
	packed [batchRows]int64
	local  [blockWidth * bins]int64
}

// add accumulates the given places of a block into into, the histogram of so many of its words.
func (a *accumulator) add(into []int64, words int, lines []line, packed []int64, places []int32) {
	for begin := 0; begin < len(places); begin += batchRows {
		batch := places[begin:min(begin+batchRows, len(places))]
		if first := int(batch[0]); int(batch[len(batch)-1])-first == len(batch)-1 { // ascending, so these are all between
			addLines(into, words, lines[first:first+len(batch)], packed[first:first+len(batch)])
			continue
		}
		for i, place := range batch {
			a.lines[i%batchRows] = lines[place]
			a.packed[i%batchRows] = packed[place]
		}
		addLines(into, words, a.lines[:len(batch)], a.packed[:len(batch)])
	}
}

func addLines(into []int64, words int, lines []line, packed []int64) {
	for word := range words {
		addWord((*[wordSums]int64)(into[word*wordSums:]), lines, packed, word)
	}
}

// addWord is the inner loop of training: one addition to memory for each cell, without bounds checks (the masks prove
// them).
func addWord(into *[wordSums]int64, lines []line, packed []int64, word int) {
	const mask = (bins - 1) * wordColumns
	word %= blockWidth / wordColumns
	packed = packed[:len(lines)]
	for i := range lines {
		codes, value := lines[i][word], packed[i]
		into[int(codes<<3&mask)] += value
		into[int(codes>>5&mask)+1] += value
		into[int(codes>>13&mask)+2] += value
		into[int(codes>>21&mask)+3] += value
		into[int(codes>>29&mask)+4] += value
		into[int(codes>>37&mask)+5] += value
		into[int(codes>>45&mask)+6] += value
		into[int(codes>>53&mask)+7] += value
	}
}

// A histogrammer makes the histograms of one training.
type histogrammer struct {
	threads int
	table   table
	used    int // codes that any column has: what lies beyond in a histogram is never looked at
	workers []accumulator
	locks   []sync.Mutex // of each block
	packed  []int64      // gradient and hessian of each place, in this round
	pool    histogramPool
}

// prepare makes ready for a tree over the table as it is now.
func (h *histogrammer) prepare() {
	if len(h.locks) < len(h.table.blocks) {
		h.locks = make([]sync.Mutex, len(h.table.blocks))
	}
	h.pool.reset(h.table.words() * wordSums)
}

// blockWords is the number of words of a block.
func (h *histogrammer) blockWords(block int) int {
	return min(blockWidth/wordColumns, h.table.words()-block*blockWidth/wordColumns)
}

// build sums the rows at some ascending places into a histogram from the pool.
func (h *histogrammer) build(places []int32) histogram {
	into := h.pool.take(h.used)
	threads, parts, blocks := h.threads, 1, len(h.table.blocks)
	if len(places)*len(h.table.columns) < smallWork {
		threads = 1
	}
	if threads > 1 {
		parts = max(1, len(places)/partRows)
	}
	forEach(threads, parts*blocks, func(worker, task int) {
		block, part := task/parts, task%parts
		h.buildPart(into, worker, block, places[len(places)*part/parts:len(places)*(part+1)/parts], parts > 1)
	})
	return into
}

// buildPart adds some rows of one block. Where other threads may add to the same block it sums apart
// first; the sums are integers, so the order in which parts arrive does not matter.
func (h *histogrammer) buildPart(into histogram, worker, block int, places []int32, shared bool) {
	accumulate, words, lines := &h.workers[worker], h.blockWords(block), h.table.blocks[block]
	own := into[block*blockWidth*bins:][:words*wordSums]
	if !shared {
		accumulate.add(own, words, lines, h.packed, places)
		return
	}
	local := accumulate.local[:len(own)]
	clearUsed(local, h.used)
	accumulate.add(local, words, lines, h.packed, places)
	h.locks[block].Lock()
	defer h.locks[block].Unlock()
	for word := 0; word < len(own); word += wordSums {
		addTo(own[word:][:h.used*wordColumns], local[word:])
	}
}

func addTo(into, other []int64) {
	other = other[:len(into)]
	for i := range into {
		into[i] += other[i]
	}
}

// clearUsed sets the used codes of each word of a histogram to zero.
func clearUsed(h histogram, used int) {
	for word := 0; word < len(h); word += wordSums {
		clear(h[word:][:used*wordColumns])
	}
}

// subtract turns the parent's histogram into that of one child, given the other's.
func (h *histogrammer) subtract(parent, sibling histogram) histogram {
	forEach(h.threads, chunks(h.table.words(), wordsPerTask), func(_, task int) {
		begin, end := chunk(h.table.words(), wordsPerTask, task)
		for word := begin; word < end; word++ {
			from, what := parent[word*wordSums:][:h.used*wordColumns], sibling[word*wordSums:]
			what = what[:len(from)]
			for i := range from {
				from[i] -= what[i]
			}
		}
	})
	return parent
}

// histogramPool reuses histograms of one length.
type histogramPool struct {
	length int
	limit  int // bytes beyond which the pool counts as full
	free   []histogram
	lent   int
}

// maxHistogramBytes bounds the memory of histograms that wait for their node to be split. Beyond it,
// nodes forget theirs and their children are summed anew, which gives the same integers.
const maxHistogramBytes = 1 << 30

func (p *histogramPool) reset(length int) {
	if length != p.length {
		p.free = p.free[:0]
	}
	p.length, p.lent = length, 0
}

func (p *histogramPool) full() bool { return p.lent*p.length*8 > p.limit }

// take returns a histogram of zeros, at least in the used codes.
func (p *histogramPool) take(used int) histogram {
	p.lent++
	if n := len(p.free); n > 0 {
		taken := p.free[n-1]
		p.free = p.free[:n-1]
		clearUsed(taken, used)
		return taken
	}
	return make(histogram, p.length)
}

// give returns a histogram, or nothing for nil.
func (p *histogramPool) give(h histogram) {
	if h != nil {
		p.lent--
		p.free = append(p.free, h)
	}
}
