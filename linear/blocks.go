package linear

// blockRows is the fixed length of the blocks over which sums are taken. It does not depend on the number of
// threads, so neither do the sums.
const blockRows = 2048

func blocks(rows int) int { return (rows + blockRows - 1) / blockRows }

// block returns the bounds of one block.
func block(rows, i int) (begin, end int) { return i * blockRows, min((i+1)*blockRows, rows) }
