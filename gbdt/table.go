package gbdt

// wordColumns is the number of columns whose codes share one 64-bit word, and whose histograms are made together.
const wordColumns = 8

// blockWidth is the number of columns that one block interleaves: a row of a block is one cache line.
const blockWidth = 64

// A line is one row of one block: the bin codes of blockWidth columns, the first one in the lowest byte of the first word.
type line = [blockWidth / wordColumns]uint64

// A table is what a tree is grown from: the rows that were drawn for it, and of those the columns that it may split on, row
// after row. A place is a row's position in it.
type table struct {
	columns []int32  // of the dataset, ascending
	blocks  [][]line // [column of the table/blockWidth][place]
	memory  []line
}

// gather copies rows and columns of a dataset into the table, which keeps its memory from tree to tree. Afterwards the tree
// reads nothing else, and no cache line that it reads is fetched for a column that was not drawn.
func (t *table) gather(d *Dataset, rows, columns []int32, threads int) {
	t.columns = columns
	blocks := chunks(len(columns), blockWidth)
	if need := blocks * len(rows); cap(t.memory) < need {
		t.memory = make([]line, need)
	}
	t.blocks = t.blocks[:0]
	for b := range blocks {
		t.blocks = append(t.blocks, t.memory[b*len(rows):(b+1)*len(rows)])
	}
	parts, words := chunks(len(rows), chunkRows), t.words()
	forEach(threads, parts*words, func(_, task int) {
		word, part := task%words, task/words
		begin, end := chunk(len(rows), chunkRows, part)
		var codes [wordColumns][]uint8
		for i := range codes { // columns beyond the last one repeat it; nobody reads them
			codes[i] = d.codes[columns[min(word*wordColumns+i, len(columns)-1)]]
		}
		gatherWord(t.blocks[word*wordColumns/blockWidth][begin:end], word, &codes, rows[begin:end])
	})
}

// words is the number of words of a row.
func (t *table) words() int { return chunks(len(t.columns), wordColumns) }

// gatherWord fills one word of some lines with the codes of its columns.
func gatherWord(lines []line, word int, codes *[wordColumns][]uint8, rows []int32) {
	word %= blockWidth / wordColumns
	c0, c1, c2, c3, c4, c5, c6, c7 := codes[0], codes[1], codes[2], codes[3], codes[4], codes[5], codes[6], codes[7]
	lines = lines[:len(rows)]
	for i, row := range rows {
		lines[i][word] = uint64(c0[row]) | uint64(c1[row])<<8 | uint64(c2[row])<<16 | uint64(c3[row])<<24 |
			uint64(c4[row])<<32 | uint64(c5[row])<<40 | uint64(c6[row])<<48 | uint64(c7[row])<<56
	}
}
