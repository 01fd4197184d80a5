package families

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// measure gives each family its figures.
func (b *bench) measure() ([]Family, error) {
	t := &b.options.Training
	var families []Family
	var first []stayUtility
	for i, c := range b.families {
		b.report("figures", i, len(b.families))
		predicted, err := b.layout.OutOfFold(c.margins)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		evidence, err := evaluate.OutOfFold(t.Stays, predicted, t.Seed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		c.Groups = slices.DeleteFunc(evidence.Groups, func(g evaluate.Group) bool { return g.Name == evaluate.NowOnly })
		gained := b.utilities(predicted)
		if i == 0 {
			first = gained
		} else {
			c.OverUtility = difference(gained, first, t.Seed)
		}
		families = append(families, c.Family)
	}
	return families, nil
}

// stayUtility is what the alarms of a stay gained over silence, and what could have been gained.
type stayUtility struct{ gain, best float64 }

func (b *bench) utilities(predicted *model.OutOfFold) []stayUtility {
	stays := b.options.Training.Stays
	utilities := make([]stayUtility, len(stays))
	for i := range stays {
		for hour, gain := range metric.RowGains(stays[i].Labels) {
			if predicted.Positive[predicted.Rows.Starts[i]+hour] {
				utilities[i].gain += gain
			}
			utilities[i].best += max(gain, 0)
		}
	}
	return utilities
}

// difference is the utility of one family less that of another on the same stays, with the interval of the same
// draws of stays for both: nil where nothing could have been gained.
func difference(of, from []stayUtility, seed uint64) *evaluate.Figure {
	less := func(draw func(i int) int) (float64, bool) {
		var gain, best float64
		for i := range of {
			stay := draw(i)
			gain += of[stay].gain - from[stay].gain
			best += of[stay].best
		}
		return gain / best, best > 0
	}
	value, defined := less(func(i int) int { return i })
	if !defined {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, 0xd1ff))
	var drawn []float64
	for range evaluate.Resamples {
		if x, defined := less(func(int) int { return random.IntN(len(of)) }); defined {
			drawn = append(drawn, x)
		}
	}
	if len(drawn) == 0 {
		return nil
	}
	slices.Sort(drawn)
	tail := len(drawn) / 40 // 2.5 % on each side
	return &evaluate.Figure{Value: value, Low: drawn[tail], High: drawn[len(drawn)-1-tail]}
}
