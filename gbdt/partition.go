package gbdt

// A partitioner holds the places of the rows of a round, ordered so that each node owns a range of them.
type partitioner struct {
	threads int
	places  []int32
	scratch []int32
	lefts   []int // of each chunk
}

// reset puts so many places in order.
func (p *partitioner) reset(places int) {
	if cap(p.places) < places {
		p.places, p.scratch = make([]int32, places), make([]int32, places)
	}
	p.places, p.scratch = p.places[:places], p.scratch[:places]
	for i := range p.places {
		p.places[i] = int32(i) //nolint:gosec // bounded by maxRows
	}
}

// partitionRows is the number of rows that one goroutine divides at a time.
const partitionRows = 8192

// divide reorders places[begin:end] so that those of the left child come first, each side in its former
// order, and returns where the right child begins.
func (p *partitioner) divide(begin, end int, lines []line, column int, goesLeft *[bins]uint8) int {
	n := end - begin
	parts := chunks(n, partitionRows)
	for len(p.lefts) < parts {
		p.lefts = append(p.lefts, 0)
	}
	places, scratch := p.places[begin:end], p.scratch[begin:end]
	forEach(p.threads, parts, func(_, i int) {
		b, e := chunk(n, partitionRows, i)
		p.lefts[i] = separate(places[b:e], scratch[b:e], lines, column, goesLeft)
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
		copy(places[p.lefts[i]:], scratch[b:b+lefts])
		right := places[total+b-p.lefts[i]:]
		for k := range e - b - lefts {
			right[k] = scratch[e-1-k]
		}
	})
	return begin + total
}

// separate writes the places that go left to the front of into, and the others, reversed, to its back.
func separate(places, into []int32, lines []line, column int, goesLeft *[bins]uint8) int {
	word, shift := column%blockWidth/wordColumns, column%wordColumns*8
	front, back := 0, len(places)-1
	for _, place := range places {
		left := int(goesLeft[uint8(lines[place][word]>>shift)]) //nolint:gosec // the lowest byte is meant
		into[front], into[back] = place, place
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
