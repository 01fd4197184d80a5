package model

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// Reference is what the hours of the training looked like, and how unusual other such hours were: a split conformal
// check whether an hour is like those that the trees have learnt from (Vovk et al. 2005, doi:10.1007/b106715, chapter 4;
// for sepsis Shashikumar et al. 2021, doi:10.1038/s41746-021-00504-6).
//
// Half of the stays are counted, and every hour of the other half gets its strangeness by these counts. An hour that is
// stranger than all but a share p of those has a p-value of at most p. It says how many training hours are as
// strange; were hours drawn independently, it would flag a share of at most p of the hours that are like them.
type Reference struct {
	Counted   int                 `json:"counted_hours"`
	Held      int                 `json:"held_hours"`
	Variables []VariableReference `json:"variables"` // one for each of sepsis.Variables, in their order
	Tail      []TailPoint         `json:"tail"`
}

// VariableReference counts in how many hours the latest value of a variable, at most 24 hours old, lay in each bin.
type VariableReference struct {
	Name   string    `json:"name"`
	Edges  []float64 `json:"edges"`  // rising; bin i holds the values from Edges[i-1] to below Edges[i]
	Counts []int     `json:"counts"` // one more than edges: the first and the last bin lie beyond all counted values
}

// TailPoint is a p-value and the strangeness that exceeds all but such a share of the held hours.
type TailPoint struct {
	P           float64 `json:"p"`
	Strangeness float64 `json:"strangeness"`
}

// The levels of the conformal check: the documented alphas.
const (
	limitedBelow       = 0.01
	indeterminateBelow = 0.001
)

// ConformalLevels are the p-values at or below which an answer is doubted: from the first on it is limited, from the
// second on indeterminate.
var ConformalLevels = []float64{limitedBelow, indeterminateBelow}

// binQuantiles are the quantiles that bound the bins, beside the lowest and the highest value: narrow at the ends,
// because how far out a value lies is what makes it strange.
var binQuantiles = []float64{0.0005, 0.005, 0.025, 0.1, 0.25, 0.75, 0.9, 0.975, 0.995, 0.9995}

// tailPValues are the p-values that are kept.
var tailPValues = []float64{0.2, 0.1, 0.05, 0.02, limitedBelow, 0.005, 0.002, indeterminateBelow, 0.0005, 0.0001}

// fitReference makes a reference of hours, each given by the values that are known in it. Those of which counted is
// true are counted, the others are held.
func fitReference(hours []sepsis.Values, counted func(i int) bool) *Reference {
	var r Reference
	var held []int
	known := make([][]float64, sepsis.NumVariables)
	for i := range hours {
		if !counted(i) {
			held = append(held, i)
			continue
		}
		r.Counted++
		for v, value := range hours[i] {
			if !sepsis.IsMissing(value) {
				known[v] = append(known[v], value)
			}
		}
	}
	for v, values := range known {
		r.Variables = append(r.Variables, countVariable(sepsis.Variable(v).String(), values))
	}
	d := newDensity(&r)
	strangeness := make([]float64, len(held))
	for i, hour := range held {
		strangeness[i] = d.strangeness(&hours[hour])
	}
	r.Held, r.Tail = len(held), tailOf(strangeness)
	return &r
}

// countVariable counts values in bins between their quantiles. Where values repeat, bins coincide and are one.
func countVariable(name string, values []float64) VariableReference {
	reference := VariableReference{Name: name, Edges: []float64{}, Counts: []int{0}}
	if len(values) == 0 {
		return reference
	}
	slices.Sort(values)
	last := len(values) - 1
	edges := []float64{values[0]}
	for _, q := range binQuantiles {
		edges = append(edges, values[int(math.Round(q*float64(last)))])
	}
	edges = append(edges, math.Nextafter(values[last], math.Inf(1)))
	reference.Edges = slices.Compact(edges)
	reference.Counts = make([]int, len(reference.Edges)+1)
	for _, value := range values {
		reference.Counts[bin(reference.Edges, value)]++
	}
	return reference
}

// bin is the number of edges that are not above the value.
func bin(edges []float64, value float64) int {
	at, found := slices.BinarySearch(edges, value)
	if found {
		return at + 1
	}
	return at
}

// tailOf finds, for each p-value, the strangeness that so small a share exceeds: of n held hours the
// ceil((1-p)(n+1))-th. A p-value that takes more hours than there are is left out.
func tailOf(strangeness []float64) []TailPoint {
	slices.Sort(strangeness)
	n := len(strangeness)
	tail := []TailPoint{}
	for _, p := range tailPValues {
		if rank := int(math.Ceil((1 - p) * float64(n+1))); rank <= n {
			tail = append(tail, TailPoint{p, strangeness[rank-1]})
		}
	}
	return tail
}

// check tells what is wrong with a reference from outside.
func (r *Reference) check() error {
	if len(r.Variables) != sepsis.NumVariables {
		return fmt.Errorf("reference of %d variables, %d expected", len(r.Variables), sepsis.NumVariables)
	}
	if r.Counted < 1 || r.Held < 0 {
		return fmt.Errorf("reference of %d counted and %d held hours", r.Counted, r.Held)
	}
	for v := range r.Variables {
		if err := r.Variables[v].check(sepsis.Variable(v).String(), r.Counted); err != nil {
			return err
		}
	}
	if len(r.Tail) > len(tailPValues) {
		return errors.New("reference: the tail is too long")
	}
	for i, point := range r.Tail {
		if !(point.P > 0 && point.P < 1) || math.IsNaN(point.Strangeness) || math.IsInf(point.Strangeness, 0) {
			return errors.New("reference: the tail is not of p-values and finite numbers")
		}
		if i > 0 && (point.P >= r.Tail[i-1].P || point.Strangeness < r.Tail[i-1].Strangeness) {
			return errors.New("reference: the tail does not go from larger to smaller p-values")
		}
	}
	return nil
}

func (r *VariableReference) check(name string, counted int) error {
	if r.Name != name {
		return fmt.Errorf("reference of variable %q, %q expected", r.Name, name)
	}
	if len(r.Edges) > len(binQuantiles)+2 || len(r.Counts) != len(r.Edges)+1 {
		return fmt.Errorf("reference of %s: %d counts for %d edges", name, len(r.Counts), len(r.Edges))
	}
	for i, edge := range r.Edges {
		if math.IsNaN(edge) || math.IsInf(edge, 0) || i > 0 && edge <= r.Edges[i-1] {
			return fmt.Errorf("reference of %s: the edges do not rise", name)
		}
	}
	total := 0
	for _, count := range r.Counts {
		if count < 0 || count > counted {
			return fmt.Errorf("reference of %s: %d of %d hours in a bin", name, count, counted)
		}
		total += count
	}
	if total > counted {
		return fmt.Errorf("reference of %s: %d of %d hours", name, total, counted)
	}
	return nil
}

// density scores hours by a reference.
type density struct {
	reference *Reference
	variables [sepsis.NumVariables]variableDensity
}

// variableDensity holds how rare it is, as 1 / share of the counted hours, that the value of a variable is in a bin when
// it is known, and the logarithm of how rare it is that it is known, and that it is not. Shares have one imagined hour
// added to each possibility, so that what never happened is rare and not impossible (Laplace's rule of succession).
type variableDensity struct {
	known, unknown float64
	edges, bins    []float64
}

func newDensity(r *Reference) *density {
	d := &density{reference: r}
	for v := range r.Variables {
		reference := &r.Variables[v]
		known := 0
		for _, count := range reference.Counts {
			known += count
		}
		d.variables[v] = variableDensity{
			known: math.Log(rarity(known, r.Counted, 2)), unknown: math.Log(rarity(r.Counted-known, r.Counted, 2)), edges: reference.Edges,
		}
		for _, count := range reference.Counts {
			d.variables[v].bins = append(d.variables[v].bins, rarity(count, known, len(reference.Counts)))
		}
	}
	return d
}

func rarity(count, total, possibilities int) float64 {
	return float64(total+possibilities) / float64(count+1)
}

// value is how rare a value is, once it is known.
func (d *variableDensity) value(x float64) float64 { return d.bins[bin(d.edges, x)] }

// strangeness of an hour is the logarithm of the mean rarity of the known values, so that one value out of place is not
// lost among many in place, plus the mean logarithm of how rare it is that each variable is known or not.
func (d *density) strangeness(values *sepsis.Values) float64 {
	var ofValues, ofPattern float64
	known := 0
	for v, value := range values {
		variable := &d.variables[v]
		if sepsis.IsMissing(value) {
			ofPattern += variable.unknown
			continue
		}
		known++
		ofPattern += variable.known
		ofValues += variable.value(value)
	}
	strangeness := ofPattern / float64(sepsis.NumVariables)
	if known > 0 {
		strangeness += math.Log(ofValues / float64(known))
	}
	return strangeness
}

// pValue is the smallest kept p-value that the strangeness is below, 1 when there is none.
func (d *density) pValue(strangeness float64) float64 {
	p := 1.0
	for _, point := range d.reference.Tail {
		if strangeness > point.Strangeness {
			p = point.P
		}
	}
	return p
}

// latest are the values that are known at the last observation of a stay, and their p-value: 1 without a tail.
func (d *density) latest(stay *sepsis.Stay) (sepsis.Values, float64) {
	latest := stay.Latest(score.WindowHours)
	if len(d.reference.Tail) == 0 {
		return latest, 1
	}
	return latest, d.pValue(d.strangeness(&latest))
}

// reliability is how far to rely on the risk at the last observation of a stay.
func (d *density) reliability(stay *sepsis.Stay) sepsis.Reliability {
	r := sepsis.Sufficiency(stay)
	latest, p := d.latest(stay)
	if p > limitedBelow {
		return r
	}
	level := sepsis.LimitedReliability
	if p <= indeterminateBelow {
		level = sepsis.Indeterminate
	}
	r.Doubt(level, sepsis.UnlikeTraining, fmt.Sprintf("fewer than 1 in %.0f training hours are as unusual; most of all %s", 1/p, d.oddest(&latest)))
	return r
}

// Reliabilities say how far to rely on each hour of a stay, from that and the earlier ones only. Without a tail nothing
// is unlike the training.
func (r *Reference) Reliabilities(stay *sepsis.Stay) []sepsis.Reliability {
	return newDensity(r).reliabilities(stay)
}

// reliabilities are those of each observation of a stay. What is older than any window is left out, so that a long stay costs
// no more by the hour than a short one; one earlier observation stays, since a single one is judged otherwise.
func (d *density) reliabilities(stay *sepsis.Stay) []sepsis.Reliability {
	const window = max(score.WindowHours, sepsis.RecentVitalsHours, sepsis.RecentLabsHours)
	all := make([]sepsis.Reliability, len(stay.Observations))
	past := *stay
	from := 0
	for i := range all {
		for stay.Observations[i].Hour-stay.Observations[from].Hour > window {
			from++
		}
		past.Observations = stay.Observations[max(0, min(from, i-1)) : i+1]
		all[i] = d.reliability(&past)
	}
	return all
}

// PValues tell how usual each hour of a stay is, from that and the earlier ones only: the smallest kept p-value that it
// reaches, 1 when it reaches none. At the first of ConformalLevels the reason sepsis.UnlikeTraining is given.
func (r *Reference) PValues(stay *sepsis.Stay) []float64 {
	d := newDensity(r)
	all := make([]float64, len(stay.Observations))
	past := *stay
	for i := range all {
		past.Observations = stay.Observations[:i+1]
		_, all[i] = d.latest(&past)
	}
	return all
}

// oddest names the three rarest parts of an hour.
func (d *density) oddest(values *sepsis.Values) string {
	type part struct {
		name   string
		rarity float64 // its logarithm
	}
	var parts []part
	for v, value := range values {
		variable, info := &d.variables[v], &sepsis.Variables[v]
		if sepsis.IsMissing(value) {
			parts = append(parts, part{info.Name + " is not known", variable.unknown})
			continue
		}
		text := info.Name + " " + info.Unit.Amount(fmt.Sprintf("%.6g", value))
		parts = append(parts, part{info.Name + " is known", variable.known}, part{text, math.Log(variable.value(value))})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.rarity, a.rarity) })
	return parts[0].name + ", " + parts[1].name + ", " + parts[2].name
}
