package gbdt

// A partitioner holds the sampled rows of a round, ordered so that each node owns a range of them.
type partitioner struct {
	threads int
	rows    []int32
	scratch []int32
	lefts   []int // of each chunk
}

// partitionRows is the number of rows that one goroutine divides at a time.
const partitionRows = 8192

// divide reorders rows[begin:end] so that those of the left child come first, each side in its former
// order, and returns where the right child begins.
func (p *partitioner) divide(begin, end int, lines []line, offset uint8, goesLeft *[bins]uint8) int {
	n := end - begin
	parts := chunks(n, partitionRows)
	for len(p.lefts) < parts {
		p.lefts = append(p.lefts, 0)
	}
	rows, scratch := p.rows[begin:end], p.scratch[begin:end]
	forEach(p.threads, parts, func(_, i int) {
		b, e := chunk(n, partitionRows, i)
		p.lefts[i] = separate(rows[b:e], scratch[b:e], lines, offset, goesLeft)
	})
	total := 0
	for i := range parts {
		p.lefts[i], total = total, total+p.lefts[i]
	}
	forEach(p.threads, parts, func(_, i int) {
		b, e := chunk(n, partitionRows, i)
		stop := total
		if i+1 < parts {
			stop = p.lefts[i+1]
		}
		lefts := stop - p.lefts[i]
		copy(rows[p.lefts[i]:], scratch[b:b+lefts])
		right := rows[total+b-p.lefts[i]:]
		for k := range e - b - lefts {
			right[k] = scratch[e-1-k]
		}
	})
	return begin + total
}

// separate writes the rows that go left to the front of into, and the others, reversed, to its back.
func separate(rows, into []int32, lines []line, offset uint8, goesLeft *[bins]uint8) int {
	offset %= blockWidth
	front, back := 0, len(rows)-1
	for _, row := range rows {
		left := int(goesLeft[lines[row][offset]])
		into[front], into[back] = row, row
		front += left
		back -= 1 - left
	}
	return front
}

// goesLeft tabulates a split: 1 for each bin code that goes to the left.
func (s *split) goesLeft() *[bins]uint8 {
	var table [bins]uint8
	for code := 1; code <= int(s.bin); code++ {
		table[code] = 1
	}
	if s.missingLeft {
		table[missingBin] = 1
	}
	return &table
}
