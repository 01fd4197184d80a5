package describe

import (
	"cmp"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// lastValues are a stay's last value of each measurement, then its age, and the hours recorded.
type lastValues [sepsis.NumVariables + 2]float64

// lastNames names the places of lastValues.
func lastNames() []string {
	var names []string
	for v := range sepsis.Variables {
		names = append(names, sepsis.Variable(v).String())
	}
	return append(names, "age", "recorded_hours")
}

func newLastValues(stay *sepsis.LabelledStay) lastValues {
	var last lastValues
	latest := stay.Latest(sepsis.MaxICUHour)
	copy(last[:], latest[:])
	last[sepsis.NumVariables] = stay.Age
	last[sepsis.NumVariables+1] = float64(len(stay.Observations))
	return last
}

// Correlations are Spearman's rank correlations between the last values of the stays, each over the stays that
// have both values.
type Correlations struct {
	Names  []string   `json:"names"`
	Values [][]Number `json:"values"` // -1 to 1; undefined where fewer than leastStays have both, or one does not vary
	Stays  [][]int    `json:"stays"`  // that have both
}

// leastStays is how many stays a correlation needs: with fewer, its standard error exceeds 1/sqrt(99), 0.1.
const leastStays = 100

// newCorrelations correlates everything with everything.
func newCorrelations(last []lastValues, threads int) Correlations {
	c := Correlations{Names: lastNames()}
	orders := make([][]int, len(c.Names))
	inParallel(len(orders), threads, func(i int) { orders[i] = order(last, i) })
	for range c.Names {
		c.Values = append(c.Values, make([]Number, len(c.Names)))
		c.Stays = append(c.Stays, make([]int, len(c.Names)))
	}
	inParallel(len(c.Names), threads, func(i int) {
		for j := range c.Names {
			c.Values[i][j], c.Stays[i][j] = spearman(last, orders, i, j)
		}
	})
	return c
}

// order lists the stays that have a value, by that value.
func order(last []lastValues, place int) []int {
	var stays []int
	for i := range last {
		if !sepsis.IsMissing(last[i][place]) {
			stays = append(stays, i)
		}
	}
	slices.SortFunc(stays, func(a, b int) int { return cmp.Or(cmp.Compare(last[a][place], last[b][place]), cmp.Compare(a, b)) })
	return stays
}

// spearman is the product-moment correlation of the mid-ranks (Spearman 1904, doi:10.2307/1412159; ties as in Kendall 1945).
func spearman(last []lastValues, orders [][]int, i, j int) (correlation Number, stays int) {
	ranksOfI, n := midRanks(last, orders[i], i, j)
	ranksOfJ, _ := midRanks(last, orders[j], j, i)
	if n < leastStays {
		return undefined, n
	}
	var squaresI, squaresJ, products float64
	middle := float64(n+1) / 2
	for stay, rank := range ranksOfI {
		if rank == 0 {
			continue
		}
		a, b := rank-middle, ranksOfJ[stay]-middle
		squaresI += a * a
		squaresJ += b * b
		products += a * b
	}
	if squaresI == 0 || squaresJ == 0 {
		return undefined, n
	}
	return Number(products / math.Sqrt(squaresI*squaresJ)), n
}

// midRanks gives the ranks by one value among the stays that have another one as well; 0 for the other stays.
func midRanks(last []lastValues, sorted []int, place, another int) (ranks []float64, n int) {
	ranks = make([]float64, len(last))
	var tied []int
	flush := func() {
		for _, stay := range tied {
			ranks[stay] = float64(n) - float64(len(tied)-1)/2
		}
		tied = tied[:0]
	}
	for _, stay := range sorted {
		if sepsis.IsMissing(last[stay][another]) {
			continue
		}
		if len(tied) > 0 && last[tied[0]][place] != last[stay][place] {
			flush()
		}
		tied = append(tied, stay)
		n++
	}
	flush()
	return ranks, n
}
