package gbdt

import "sync"

// A packed value holds a sum of gradients (signed, upper 32 bits) and one of hessians (not
// negative, lower 32 bits), both in fixed point. One integer addition adds both; see
// quantise.go for why neither can overflow.

func pack(gradient, hessian int64) int64 { return gradient<<32 + hessian }

func unpack(packed int64) (gradient, hessian int64) {
	return packed >> 32, packed & 0xFFFFFFFF
}

// bins is the length of one slot of a histogram.
const bins = 256

// A histogram holds, for each slot (a column used by the tree), one packed sum for each bin.
type histogram []int64

// groupWidth columns are accumulated in one pass: their 16 kB of sums stay in the L1 cache.
const groupWidth = 8

// batchRows lines are copied before the passes over them, so that memory is read once, with many
// loads in flight.
const batchRows = 512

// partRows is the least number of rows for which splitting a block between threads pays.
const partRows = 16384

// smallWork is the number of cells below which starting goroutines costs more than it saves.
const smallWork = 1 << 16

// A columnGroup is the unit of one pass: up to groupWidth columns of one block.
type columnGroup struct {
	slot    int // of the first column, relative to the block's first slot
	width   int // 4 or groupWidth
	columns [groupWidth]uint8
}

// A blockPlan says which columns of a block a tree uses.
type blockPlan struct {
	lines  []line
	slot   int // first slot
	slots  int
	groups []columnGroup
}

// planBlocks assigns a slot to each of the (ascending) columns. Slots of a block are padded to whole
// groups; padding has column -1.
func planBlocks(d *Dataset, columns []int32) (plans []blockPlan, slots []int32) {
	for begin := 0; begin < len(columns); {
		block := columns[begin] / blockWidth
		end := begin
		for end < len(columns) && columns[end]/blockWidth == block {
			end++
		}
		plan := blockPlan{lines: d.blocks[block], slot: len(slots)}
		for next := begin; next < end; {
			group := newColumnGroup(columns[next:end], len(slots)-plan.slot)
			for i := range group.width {
				column := int32(-1)
				if next+i < end {
					column = columns[next+i]
				}
				slots = append(slots, column)
			}
			next += group.width
			plan.groups = append(plan.groups, group)
		}
		plan.slots = len(slots) - plan.slot
		plans = append(plans, plan)
		begin = end
	}
	return plans, slots
}

func newColumnGroup(columns []int32, slot int) columnGroup {
	group := columnGroup{slot: slot, width: groupWidth}
	if len(columns) <= groupWidth/2 {
		group.width = groupWidth / 2
	}
	for i := range group.width {
		group.columns[i] = uint8(columns[min(i, len(columns)-1)] % blockWidth) //nolint:gosec // below blockWidth
	}
	return group
}

// accumulator is one worker's scratch space.
type accumulator struct {
	lines  [batchRows]line
	packed [batchRows]int64
	local  [blockWidth * bins]int64
}

// add accumulates the rows into into, the histogram of the plan's slots.
func (a *accumulator) add(into []int64, plan *blockPlan, packed []int64, rows []int32) {
	for begin := 0; begin < len(rows); begin += batchRows {
		batch := rows[begin:min(begin+batchRows, len(rows))]
		for i, row := range batch {
			a.lines[i%batchRows] = plan.lines[row]
			a.packed[i%batchRows] = packed[row]
		}
		lines, sums := a.lines[:len(batch)], a.packed[:len(batch)]
		for g := range plan.groups {
			group := &plan.groups[g]
			if group.width == groupWidth {
				addEight((*[groupWidth * bins]int64)(into[group.slot*bins:]), lines, sums, &group.columns)
			} else {
				addFour((*[groupWidth / 2 * bins]int64)(into[group.slot*bins:]), lines, sums, &group.columns)
			}
		}
	}
}

// addEight is the inner loop of training: one load, one addition to memory for each cell, without
// bounds checks (the masks prove them).
func addEight(into *[groupWidth * bins]int64, lines []line, packed []int64, columns *[groupWidth]uint8) {
	const mask = blockWidth - 1
	c0, c1, c2, c3 := columns[0]&mask, columns[1]&mask, columns[2]&mask, columns[3]&mask
	c4, c5, c6, c7 := columns[4]&mask, columns[5]&mask, columns[6]&mask, columns[7]&mask
	packed = packed[:len(lines)]
	for i := range lines {
		codes, value := &lines[i], packed[i]
		into[0*bins+int(codes[c0])] += value
		into[1*bins+int(codes[c1])] += value
		into[2*bins+int(codes[c2])] += value
		into[3*bins+int(codes[c3])] += value
		into[4*bins+int(codes[c4])] += value
		into[5*bins+int(codes[c5])] += value
		into[6*bins+int(codes[c6])] += value
		into[7*bins+int(codes[c7])] += value
	}
}

// addFour is addEight for the last columns of a block.
func addFour(into *[groupWidth / 2 * bins]int64, lines []line, packed []int64, columns *[groupWidth]uint8) {
	const mask = blockWidth - 1
	c0, c1, c2, c3 := columns[0]&mask, columns[1]&mask, columns[2]&mask, columns[3]&mask
	packed = packed[:len(lines)]
	for i := range lines {
		codes, value := &lines[i], packed[i]
		into[0*bins+int(codes[c0])] += value
		into[1*bins+int(codes[c1])] += value
		into[2*bins+int(codes[c2])] += value
		into[3*bins+int(codes[c3])] += value
	}
}

// A histogrammer makes the histograms of one training.
type histogrammer struct {
	threads int
	plans   []blockPlan
	slots   []int32 // the column of each slot, -1 for padding
	workers []accumulator
	locks   []sync.Mutex // of each plan
	packed  []int64      // gradient and hessian of each dataset row, in this round
	pool    histogramPool
}

// useColumns prepares for a tree over the given columns.
func (h *histogrammer) useColumns(d *Dataset, columns []int32) {
	h.plans, h.slots = planBlocks(d, columns)
	if len(h.locks) < len(h.plans) {
		h.locks = make([]sync.Mutex, len(h.plans))
	}
	h.pool.reset(len(h.slots) * bins)
}

// build sums the rows into a histogram from the pool.
func (h *histogrammer) build(rows []int32) histogram {
	into := h.pool.take()
	threads, parts := h.threads, 1
	if len(rows)*len(h.slots) < smallWork {
		threads = 1
	}
	if threads > 1 {
		parts = max(1, len(rows)/partRows)
	}
	forEach(threads, parts*len(h.plans), func(worker, task int) {
		plan, part := task/parts, task%parts
		h.buildPart(into, worker, plan, rows[len(rows)*part/parts:len(rows)*(part+1)/parts], parts > 1)
	})
	return into
}

// buildPart adds some rows of one block. Where other threads may add to the same block it sums apart
// first; the sums are integers, so the order in which parts arrive does not matter.
func (h *histogrammer) buildPart(into histogram, worker, plan int, rows []int32, shared bool) {
	accumulate, p := &h.workers[worker], &h.plans[plan]
	own := into[p.slot*bins : (p.slot+p.slots)*bins]
	if !shared {
		accumulate.add(own, p, h.packed, rows)
		return
	}
	local := accumulate.local[:len(own)]
	clear(local)
	accumulate.add(local, p, h.packed, rows)
	h.locks[plan].Lock()
	defer h.locks[plan].Unlock()
	for i, v := range local {
		own[i] += v
	}
}

// subtract turns the parent's histogram into that of one child, given the other's.
func (parent histogram) subtract(sibling histogram) histogram {
	sibling = sibling[:len(parent)]
	for i := range parent {
		parent[i] -= sibling[i]
	}
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

// take returns a histogram of zeros.
func (p *histogramPool) take() histogram {
	p.lent++
	if n := len(p.free); n > 0 {
		taken := p.free[n-1]
		p.free = p.free[:n-1]
		clear(taken)
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
