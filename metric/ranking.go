package metric

import (
	"cmp"
	"slices"
)

// eachTie visits the rows from the highest score to the lowest, all rows of one score together. Within a tie rows
// keep their order, so that sums over them do not depend on the sorting algorithm.
func eachTie(scores []float64, visit func(tied []int)) {
	order := descending(scores)
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && scores[order[end]] == scores[order[start]] {
			end++
		}
		visit(order[start:end])
		start = end
	}
}

// descending returns the row numbers by falling score.
func descending(scores []float64) []int {
	type ranked struct {
		score float64
		row   int
	}
	ranking := make([]ranked, len(scores))
	for row, score := range scores {
		ranking[row] = ranked{score, row}
	}
	slices.SortFunc(ranking, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.row, b.row))
	})
	order := make([]int, len(ranking))
	for i, r := range ranking {
		order[i] = r.row
	}
	return order
}
