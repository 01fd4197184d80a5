package evaluate

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/parallel"
)

// What is looked at to find the features that still hint at the time.
const (
	hintHours = 24   // the first hours, in which windows of a day are no longer than the stay
	hintStays = 2000 // at most, evenly picked: a rank correlation of their hours is known to about 0.01
	hintKnown = 0.5  // of the hours, at least: of rarer features little can be read
	numHints  = 5
)

// timeHints finds the features without the clock's that go most with the ICU hour. A draw of stays draws the
// correlation anew, not which features are shown.
func timeHints(ctx context.Context, stays []sepsis.LabelledStay, how bootstrap) ([]TimeHint, error) {
	hours, err := firstHours(ctx, pick(stays, hintStays))
	if err != nil {
		return nil, err
	}
	found, once := []TimeHint{}, slices.Repeat([]float64{1}, hours.stays)
	for column, feature := range features.Table {
		if tellsTime(feature) {
			continue
		}
		pairs := hours.pairs(column)
		known := float64(len(pairs.all)) / float64(hours.count)
		if known < hintKnown {
			continue
		}
		pairs.sort()
		if correlation := pairs.spearman(once); !math.IsNaN(correlation) {
			found = append(found, TimeHint{Feature: feature.Name, Correlation: &Figure{Value: correlation}, Known: known})
		}
	}
	slices.SortStableFunc(found, func(a, b TimeHint) int {
		return cmp.Compare(math.Abs(b.Correlation.Value), math.Abs(a.Correlation.Value))
	})
	found = found[:min(numHints, len(found))]
	for i := range found {
		pairs := hours.pairs(slices.Index(features.Names(), found[i].Feature))
		pairs.sort()
		m, _ := resample(hours.stays, how, func(weights []float64) []float64 { return []float64{pairs.spearman(weights)} })
		found[i].Correlation = m.figure(0)
	}
	return found, nil
}

// pick takes at most n stays, evenly.
func pick(stays []sepsis.LabelledStay, n int) []sepsis.LabelledStay {
	if len(stays) <= n {
		return stays
	}
	picked := make([]sepsis.LabelledStay, n)
	for i := range picked {
		picked[i] = stays[i*len(stays)/n]
	}
	return picked
}

// dayHours are the features of the first hours of some stays.
type dayHours struct {
	stays, count int
	vectors      [][]float32 // of each stay, one hour after the other
	icuHours     [][]int
}

func firstHours(ctx context.Context, stays []sepsis.LabelledStay) (*dayHours, error) {
	d := &dayHours{stays: len(stays), vectors: make([][]float32, len(stays)), icuHours: make([][]int, len(stays))}
	err := parallel.EachUntil(ctx, 0, len(stays), func(i int) {
		stay := stays[i].Stay
		for _, observation := range stay.Observations {
			if observation.Hour <= hintHours {
				d.icuHours[i] = append(d.icuHours[i], observation.Hour)
			}
		}
		stay.Observations = stay.Observations[:len(d.icuHours[i])]
		d.vectors[i] = make([]float32, len(stay.Observations)*features.Count())
		features.Matrix(&stay, d.vectors[i])
	})
	for i := range d.icuHours {
		d.count += len(d.icuHours[i])
	}
	return d, err
}

// pair is a feature in an hour of a stay.
type pair struct {
	value, hour float64
	stay        int
}

// pairs are those of the hours in which the feature is known, with their orders, which no draw changes.
type pairs struct {
	all             []pair
	byValue, byHour []int
}

func (d *dayHours) pairs(column int) *pairs {
	var p pairs
	for i := range d.icuHours {
		for h, hour := range d.icuHours[i] {
			if value := float64(d.vectors[i][h*features.Count()+column]); !math.IsNaN(value) {
				p.all = append(p.all, pair{value, float64(hour), i})
			}
		}
	}
	return &p
}

// sort makes the orders; how ties lie in them makes no difference.
func (p *pairs) sort() {
	order := func(of func(p *pair) float64) []int {
		order := make([]int, len(p.all))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(of(&p.all[a]), of(&p.all[b])) })
		return order
	}
	p.byValue, p.byHour = order(valueOf), order(hourOf)
}

func valueOf(p *pair) float64 { return p.value }

func hourOf(p *pair) float64 { return p.hour }

// spearman is the rank correlation of feature and hour, where each pair counts as often as its stay; ties have their
// mean rank (Spearman 1904, doi:10.2307/1412159). NaN when one of both is always the same.
func (p *pairs) spearman(weights []float64) float64 {
	values, hours := p.meanRanks(p.byValue, valueOf, weights), p.meanRanks(p.byHour, hourOf, weights)
	var n, x, y, xx, yy, xy float64
	for i := range p.all {
		w := weights[p.all[i].stay]
		n, x, y = n+w, x+w*values[i], y+w*hours[i]
		xx, yy, xy = xx+w*values[i]*values[i], yy+w*hours[i]*hours[i], xy+w*values[i]*hours[i]
	}
	return (n*xy - x*y) / math.Sqrt((n*xx-x*x)*(n*yy-y*y))
}

// meanRanks are the ranks of one side of the pairs, of which order is the order.
func (p *pairs) meanRanks(order []int, of func(p *pair) float64, weights []float64) []float64 {
	ranks := make([]float64, len(order))
	below := 0.0
	for from := 0; from < len(order); {
		to, tied := from, 0.0
		for ; to < len(order) && of(&p.all[order[to]]) == of(&p.all[order[from]]); to++ {
			tied += weights[p.all[order[to]].stay]
		}
		for _, i := range order[from:to] {
			ranks[i] = below + tied/2
		}
		below, from = below+tied, to
	}
	return ranks
}
