package describe

import (
	"context"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/parallel"
)

// lastValues are a stay's last value of each measurement, then its age, and the hours recorded.
type lastValues [sepsis.NumVariables + 2]float64

// lastNames names the places of lastValues.
func lastNames() []string { return append(variableNames(), "age", "recorded_hours") }

func newLastValues(stay *sepsis.LabelledStay) lastValues {
	var last lastValues
	latest := stay.Latest(sepsis.MaxICUHour)
	copy(last[:], latest[:])
	last[sepsis.NumVariables] = stay.Age
	last[sepsis.NumVariables+1] = float64(len(stay.Observations))
	return last
}

// Correlations are Spearman's rank correlations between the last values of the stays, each over the stays that
// have both values. A stay counts once, however many hours it has.
type Correlations struct {
	Names  []string     `json:"names"`
	Values [][]Estimate `json:"values"` // -1 to 1; undefined where fewer than leastStays have both, or one does not vary
	Stays  [][]int      `json:"stays"`  // that have both
}

// leastStays is how many stays a correlation needs: with fewer, its standard error exceeds 1/sqrt(99), 0.1.
const leastStays = 100

// newCorrelations correlates everything with everything, in each draw of the stays.
func newCorrelations(ctx context.Context, last []lastValues, d draws, threads int) (Correlations, error) {
	c := Correlations{Names: lastNames()}
	places := make([]ranking, len(c.Names))
	if err := parallel.EachUntil(ctx, threads, len(places), func(i int) { places[i] = newRanking(last, i) }); err != nil {
		return c, err
	}
	for range c.Names {
		c.Values = append(c.Values, make([]Estimate, len(c.Names)))
		c.Stays = append(c.Stays, make([]int, len(c.Names)))
	}
	err := parallel.EachUntil(ctx, threads, len(c.Names), func(i int) {
		for j := range i + 1 {
			pair := newPairing(&places[i], &places[j])
			c.Values[i][j], c.Stays[i][j] = pair.correlation(d), len(pair.stays)
		}
	})
	for i := range c.Names {
		for j := range i {
			c.Values[j][i], c.Stays[j][i] = c.Values[i][j], c.Stays[i][j]
		}
	}
	return c, err
}

// unmeasured is the place of a stay that has no value.
const unmeasured = -1

// ranking has the place of each stay's value among the values that occur, in rising order from 0 on, or unmeasured.
type ranking struct {
	places []int
	values int // that occur
}

func newRanking(last []lastValues, variable int) ranking {
	var occur []float64
	for i := range last {
		if value := last[i][variable]; !sepsis.IsMissing(value) {
			occur = append(occur, value)
		}
	}
	slices.Sort(occur)
	occur = slices.Compact(occur)
	r := ranking{make([]int, len(last)), len(occur)}
	for i := range last {
		place, found := slices.BinarySearch(occur, last[i][variable])
		if !found {
			place = unmeasured
		}
		r.places[i] = place
	}
	return r
}

// midRanks are the ranks of each value that occurs, less the middle one, where so many stays have each.
func midRanks(counts []int) []float64 {
	ranks, stays := make([]float64, len(counts)), 0
	for place, count := range counts {
		ranks[place] = float64(stays) + float64(count+1)/2
		stays += count
	}
	for place := range ranks {
		ranks[place] -= float64(stays+1) / 2
	}
	return ranks
}

// pairing is two rankings of the stays that have both values.
type pairing struct {
	first, second *ranking
	stays         []int
}

func newPairing(first, second *ranking) pairing {
	p := pairing{first: first, second: second}
	for stay, place := range first.places {
		if place != unmeasured && second.places[stay] != unmeasured {
			p.stays = append(p.stays, stay)
		}
	}
	return p
}

func (p *pairing) correlation(d draws) Estimate {
	if len(p.stays) < leastStays {
		return newEstimate(undefined, nil)
	}
	drawn := make([]Number, len(d))
	for i, weights := range d {
		drawn[i] = p.spearman(weights)
	}
	return newEstimate(drawn[0], drawn[1:])
}

// spearman is the product-moment correlation of the mid-ranks (Spearman 1904, doi:10.2307/1412159; ties as in Kendall
// 1945) in one draw.
func (p *pairing) spearman(weights []uint8) Number {
	firsts, seconds := make([]int, p.first.values), make([]int, p.second.values)
	for _, stay := range p.stays {
		firsts[p.first.places[stay]] += int(weights[stay])
		seconds[p.second.places[stay]] += int(weights[stay])
	}
	ranks, others := midRanks(firsts), midRanks(seconds)
	var products float64
	for _, stay := range p.stays {
		products += float64(weights[stay]) * ranks[p.first.places[stay]] * others[p.second.places[stay]]
	}
	return ratio(products, math.Sqrt(squares(ranks, firsts)*squares(others, seconds)))
}

// squares adds up the squared ranks of the stays.
func squares(ranks []float64, counts []int) float64 {
	var sum float64
	for place, rank := range ranks {
		sum += float64(counts[place]) * rank * rank
	}
	return sum
}
