package describe

import (
	"cmp"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// kolmogorovSmirnov is the largest distance between the distribution functions of two samples in rising order, from 0
// (the same) to 1 (apart); undefined when one is empty. Smirnov 1948, doi:10.1214/aoms/1177730256.
func kolmogorovSmirnov(a, b []float64) Number {
	if len(a) == 0 || len(b) == 0 {
		return undefined
	}
	distance := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		value := min(a[i], b[j])
		for i < len(a) && a[i] == value {
			i++
		}
		for j < len(b) && b[j] == value {
			j++
		}
		distance = math.Max(distance, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return Number(distance)
}

// Difference tells how one variable differs between two hospitals.
type Difference struct {
	Name           string `json:"name"`
	Distance       Number `json:"kolmogorov_smirnov"` // between the values, 0 to 1
	FirstMedian    Number `json:"first_median"`
	SecondMedian   Number `json:"second_median"`
	FirstMeasured  Number `json:"first_measured"` // share of hours (of stays, for what describes the stay) with a value
	SecondMeasured Number `json:"second_measured"`
	MoreMeasured   Number `json:"more_measured"` // second less first
}

// Pair compares two hospitals.
type Pair struct {
	First     string       `json:"first"`
	Second    string       `json:"second"`
	Variables []Difference `json:"variables"` // the most different values first; undefined distances last
}

// comparePair compares all variables of two hospitals.
func comparePair(first, second *hospital) Pair {
	pair := Pair{First: first.name, Second: second.name}
	for v := range sepsis.Variables {
		a, b := first.sorted[v], second.sorted[v]
		pair.Variables = append(pair.Variables, newDifference(sepsis.Variable(v).String(), a, b,
			ratio(float64(len(a)), float64(first.allHours())), ratio(float64(len(b)), float64(second.allHours()))))
	}
	for i, ofStay := range stayValues {
		a, b := slices.Sorted(slices.Values(ofStay.values(first.tally))), slices.Sorted(slices.Values(ofStay.values(second.tally)))
		pair.Variables = append(pair.Variables, newDifference(stayValues[i].name, a, b,
			ratio(float64(len(a)), float64(first.stays)), ratio(float64(len(b)), float64(second.stays))))
	}
	slices.SortStableFunc(pair.Variables, func(a, b Difference) int { return compareFalling(a.Distance, b.Distance) })
	return pair
}

func newDifference(name string, a, b []float64, measuredA, measuredB Number) Difference {
	return Difference{name, kolmogorovSmirnov(a, b), quantile(a, 0.5), quantile(b, 0.5), measuredA, measuredB, measuredB - measuredA}
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
	values func(t *tally) []float64
}

var stayValues = []stayValue{
	{"age", func(t *tally) []float64 { return t.ages }},
	{"recorded_hours", func(t *tally) []float64 { return t.recorded }},
	{"hours_in_hospital_before_icu", func(t *tally) []float64 { return t.before }},
}

// Contrast tells how one variable differs between hours with the label and other hours.
type Contrast struct {
	Name             string `json:"name"`
	Labelled         int    `json:"labelled"` // values in hours with the label
	Other            int    `json:"other"`
	LabelledMedian   Number `json:"labelled_median"`
	OtherMedian      Number `json:"other_median"`
	AUROC            Number `json:"auroc"`             // of the value alone, among the hours in which it was measured
	LabelledMeasured Number `json:"labelled_measured"` // share of the hours with the label in which it was measured
	OtherMeasured    Number `json:"other_measured"`
	MeasuredRatio    Number `json:"measured_ratio"` // labelled / other
}

// newContrast compares the hours of one variable.
func (t *tally) newContrast(v sepsis.Variable) Contrast {
	values := &t.variables[v].values
	c := Contrast{
		Name: v.String(), Labelled: len(values[labelled]), Other: len(values[other]),
		LabelledMedian:   describeValues(values[labelled]).Median,
		OtherMedian:      describeValues(values[other]).Median,
		AUROC:            auroc(values[labelled], values[other]),
		LabelledMeasured: ratio(float64(len(values[labelled])), float64(t.hours[labelled])),
		OtherMeasured:    ratio(float64(len(values[other])), float64(t.hours[other])),
	}
	c.MeasuredRatio = ratio(float64(c.LabelledMeasured), float64(c.OtherMeasured))
	return c
}

// auroc is how often a labelled value is above another one, ties being half.
func auroc(positive, negative []float64) Number {
	labels := make([]bool, len(positive)+len(negative))
	for i := range positive {
		labels[i] = true
	}
	return aurocOf(labels, slices.Concat(positive, negative), nil)
}

func aurocOf(labels []bool, scores, weights []float64) Number {
	value, err := metric.AUROC(labels, scores, weights)
	if err != nil { // one of the classes is absent
		return undefined
	}
	return Number(value)
}
