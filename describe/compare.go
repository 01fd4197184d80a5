package describe

import (
	"cmp"
	"context"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/parallel"
)

// Difference tells how one variable differs between two hospitals.
type Difference struct {
	Name           string   `json:"name"`
	Distance       Estimate `json:"kolmogorov_smirnov"` // between the values, 0 to 1; the interval is the basic one
	FirstMedian    Number   `json:"first_median"`
	SecondMedian   Number   `json:"second_median"`
	FirstMeasured  Number   `json:"first_measured"` // share of hours (of stays, for what describes the stay) with a value
	SecondMeasured Number   `json:"second_measured"`
	MoreMeasured   Estimate `json:"more_measured"` // second less first
}

// Pair compares two hospitals.
type Pair struct {
	First     string       `json:"first"`
	Second    string       `json:"second"`
	Variables []Difference `json:"variables"` // the most different values first; undefined distances last
}

// comparePair compares all variables of two hospitals.
func comparePair(ctx context.Context, first, second *hospital, threads int) (Pair, error) {
	both := &twoHospitals{first, second, first.draws.followed(second.draws)}
	pair := Pair{First: first.name, Second: second.name, Variables: make([]Difference, sepsis.NumVariables+len(stayValues))}
	hours := [2][]float64{first.recorded.total(first.draws), second.recorded.total(second.draws)}
	stays := [2][]float64{always(first.stays, len(both.draws)), always(second.stays, len(both.draws))}
	err := parallel.EachUntil(ctx, threads, len(pair.Variables), func(i int) {
		if i < sepsis.NumVariables {
			pair.Variables[i] = both.difference(sepsis.Variable(i).String(), first.variables[i].all(), second.variables[i].all(), hours)
			return
		}
		ofStay := stayValues[i-sepsis.NumVariables]
		pair.Variables[i] = both.difference(ofStay.name, ofStay.values(first.tally), ofStay.values(second.tally), stays)
	})
	slices.SortStableFunc(pair.Variables, func(a, b Difference) int { return compareFalling(a.Distance.Value, b.Distance.Value) })
	return pair, err
}

// always is a count that is the same in all draws.
func always(count, draws int) []float64 { return slices.Repeat([]float64{float64(count)}, draws) }

// twoHospitals are compared; the stays of the second come after those of the first.
type twoHospitals struct {
	first, second *hospital
	draws         draws
}

// difference compares two samples; wholes are, in each draw, the hours or stays that could have had a value.
func (b *twoHospitals) difference(name string, first, second *sample, wholes [2][]float64) Difference {
	var after sample
	after.merge(second, b.first.stays)
	share := func(part, side, draw int) Number { return ratio(float64(part), wholes[side][draw]) }
	estimates := newComparison(first, &after, b.first.stays+b.second.stays).estimates(b.draws, func(counts []split, draw int) []Number {
		measured := total(counts)
		return []Number{kolmogorovSmirnov(counts), share(measured.second, 1, draw) - share(measured.first, 0, draw)}
	})
	return Difference{
		Name: name, Distance: estimates[0].reflected(), MoreMeasured: estimates[1],
		FirstMedian: describeValues(first.values).Median, SecondMedian: describeValues(second.values).Median,
		FirstMeasured: share(len(first.values), 0, 0), SecondMeasured: share(len(second.values), 1, 0),
	}
}

// compareFalling orders the largest first and the undefined last.
func compareFalling(a, b Number) int {
	if a.Defined() != b.Defined() {
		if a.Defined() {
			return -1
		}
		return 1
	}
	return cmp.Compare(b, a)
}

// stayValue is a number that describes the stay.
type stayValue struct {
	name   string
	values func(t *tally) *sample
}

var stayValues = []stayValue{
	{"age", func(t *tally) *sample { return &t.ages }},
	{"recorded_hours", func(t *tally) *sample { return &t.recorded }},
	{"hours_in_hospital_before_icu", func(t *tally) *sample { return &t.before }},
}

// Contrast tells how one variable differs between hours with the label and other hours.
type Contrast struct {
	Name             string   `json:"name"`
	Labelled         int      `json:"labelled"` // values in hours with the label
	Other            int      `json:"other"`
	LabelledMedian   Number   `json:"labelled_median"`
	OtherMedian      Number   `json:"other_median"`
	AUROC            Estimate `json:"auroc"`             // of the value alone, among the hours in which it was measured
	LabelledMeasured Number   `json:"labelled_measured"` // share of the hours with the label in which it was measured
	OtherMeasured    Number   `json:"other_measured"`
	MeasuredRatio    Estimate `json:"measured_ratio"` // labelled / other
}

// newContrast compares the hours of one variable.
func (h *hospital) newContrast(v sepsis.Variable) Contrast {
	values := &h.variables[v].values
	c := Contrast{
		Name: v.String(), Labelled: len(values[labelled].values), Other: len(values[other].values),
		LabelledMedian:   describeValues(values[labelled].values).Median,
		OtherMedian:      describeValues(values[other].values).Median,
		LabelledMeasured: ratio(float64(len(values[labelled].values)), float64(h.hours[labelled])),
		OtherMeasured:    ratio(float64(len(values[other].values)), float64(h.hours[other])),
	}
	estimates := newComparison(&values[other], &values[labelled], h.stays).estimates(h.draws, func(counts []split, draw int) []Number {
		measured, all := total(counts), h.drawnHours[draw]
		return []Number{
			auroc(counts),
			ratio(float64(measured.second)*float64(all.first), float64(measured.first)*float64(all.second)),
		}
	})
	c.AUROC, c.MeasuredRatio = estimates[0], estimates[1]
	return c
}
