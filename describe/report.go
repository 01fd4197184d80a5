package describe

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/parallel"
)

// Pooled names the group of all hospitals together.
const Pooled = "pooled"

// Report is what there is to know of a cohort before anything is learnt from it.
type Report struct {
	Synthetic    bool         `json:"synthetic"` // some stays were made up: the figures say nothing of patients
	Groups       []Group      `json:"groups"`    // pooled first, then each hospital
	Pairs        []Pair       `json:"pairs"`     // of hospitals
	Correlations Correlations `json:"correlations"`
}

// Group describes some of the stays.
type Group struct {
	Name      string             `json:"name"`
	Who       Who                `json:"who"`
	Variables []Variable         `json:"variables"` // in the order of the vocabulary
	Contrasts []Contrast         `json:"contrasts"` // likewise
	Onset     Onset              `json:"onset"`
	Cleaning  challenge.Cleaning `json:"cleaning"`
	Doubts    []Doubt            `json:"doubts"`
	LooksLike []Lookalike        `json:"looks_like_another_unit"`
}

// Who counts stays and hours.
type Who struct {
	Stays         int            `json:"stays"`
	WithoutLabels int            `json:"stays_without_labels"`
	Septic        Share          `json:"septic"` // of the stays with labels
	Hours         int            `json:"hours"`
	LabelledHours int            `json:"labelled_hours"`
	Prevalence    Estimate       `json:"prevalence"`     // LabelledHours as a share of the hours with labels
	Age           Distribution   `json:"age"`            // years
	RecordedHours Distribution   `json:"recorded_hours"` // rows of a stay
	HoursBefore   Distribution   `json:"hours_in_hospital_before_icu"`
	Sexes         map[string]int `json:"sexes"`
	Units         map[string]int `json:"units"`
	Subgroups     []Subgroup     `json:"subgroups"`

	AgeHistogram   Histogram `json:"age_histogram"`
	HoursHistogram Histogram `json:"recorded_hours_histogram"`
}

// Subgroup counts the septic stays in a part of the stays with labels.
type Subgroup struct {
	Name   string `json:"name"`
	Septic Share  `json:"septic"`
}

// Variable describes one measurement.
type Variable struct {
	Name         string       `json:"name"`
	Unit         string       `json:"unit"`
	Measured     Number       `json:"measured"`      // share of hours with a value
	EverMeasured Number       `json:"ever_measured"` // share of stays with a value
	PerDay       Number       `json:"per_day"`       // values in 24 recorded hours
	Interval     Number       `json:"interval"`      // median hours from one value of a stay to the next
	Values       Distribution `json:"values"`
	Histogram    Histogram    `json:"histogram"` // the edges are the same in all groups
}

// hospital is a tally with its values in rising order, which several figures need.
type hospital struct {
	name string
	*tally
	sorted     [sepsis.NumVariables][]float64
	draws      draws
	byICUHour  *comparison // hours without the label, and with it
	drawn      [][]split   // of each ICU hour, in each draw
	drawnHours []split     // of all of them
}

func newHospital(ctx context.Context, name string, t *tally, d draws, threads int) (*hospital, error) {
	h := &hospital{name: name, tally: t, draws: d, byICUHour: newComparison(&t.icuHours[other], &t.icuHours[labelled], t.stays)}
	err := parallel.EachUntil(ctx, threads, len(h.sorted), func(v int) {
		h.sorted[v] = t.variables[v].all().values
		slices.Sort(h.sorted[v])
	})
	if err != nil {
		return nil, err
	}
	h.drawn, h.drawnHours = make([][]split, len(d)), make([]split, len(d))
	return h, parallel.EachUntil(ctx, threads, len(d), func(i int) {
		h.drawn[i] = make([]split, len(h.byICUHour.ends))
		h.byICUHour.count(d[i], h.drawn[i])
		h.drawnHours[i] = total(h.drawn[i])
	})
}

func newReport(ctx context.Context, all tallies, threads int) (*Report, error) {
	var hospitals []*hospital
	together := make(draws, 1+resamples)
	for position, name := range all.hospitals() {
		d := newDraws(all[name].stays, position)
		h, err := newHospital(ctx, name, all[name], d, threads)
		if err != nil {
			return nil, err
		}
		hospitals = append(hospitals, h)
		together = together.followed(d)
	}
	pooled, err := newHospital(ctx, Pooled, all.pooled(), together, threads)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if r.Correlations, err = newCorrelations(ctx, pooled.last, together, threads); err != nil {
		return nil, err
	}
	shape := newShape(pooled)
	for _, h := range append([]*hospital{pooled}, hospitals...) {
		group, err := h.describe(ctx, shape, threads)
		if err != nil {
			return nil, err
		}
		r.Groups = append(r.Groups, group)
	}
	for i, next := range hospitals {
		r.Synthetic = r.Synthetic || challenge.IsSynthetic(next.name)
		for _, earlier := range hospitals[:i] {
			pair, err := comparePair(ctx, earlier, next, threads)
			if err != nil {
				return nil, err
			}
			r.Pairs = append(r.Pairs, pair)
		}
	}
	return r, nil
}

// shape has the edges of all histograms, so that those of several groups can be compared.
type shape struct {
	variables     [sepsis.NumVariables]Histogram // without counts
	age, recorded []float64
}

func newShape(pooled *hospital) *shape {
	s := &shape{}
	for v := range s.variables {
		s.variables[v].Edges, s.variables[v].Log = bins(pooled.sorted[v])
	}
	for edge := 15.0; edge <= 100; edge += 5 {
		s.age = append(s.age, edge)
	}
	s.recorded = bandEdges(longestCharted)
	return s
}

func sortedCopy(values []float64) []float64 { return slices.Sorted(slices.Values(values)) }

func (h *hospital) describe(ctx context.Context, s *shape, threads int) (Group, error) {
	g := Group{
		Name: h.name, Who: h.who(s), Variables: make([]Variable, sepsis.NumVariables), Contrasts: make([]Contrast, sepsis.NumVariables),
		Onset: h.newOnset(), Cleaning: h.cleaning, Doubts: h.listDoubts(), LooksLike: h.listLookalikes(),
	}
	return g, parallel.EachUntil(ctx, threads, sepsis.NumVariables, func(v int) {
		g.Variables[v] = h.describeVariable(sepsis.Variable(v), s)
		g.Contrasts[v] = h.newContrast(sepsis.Variable(v))
	})
}

func (h *hospital) describeVariable(v sepsis.Variable, s *shape) Variable {
	sorted, hours := h.sorted[v], float64(h.allHours())
	return Variable{
		Name: v.String(), Unit: string(v.Info().Unit),
		Measured:     ratio(float64(len(sorted)), hours),
		EverMeasured: ratio(float64(h.variables[v].stays), float64(h.stays)),
		PerDay:       ratio(24*float64(len(sorted)), hours),
		Interval:     medianOfCounts(h.variables[v].intervals),
		Values:       newDistribution(sorted),
		Histogram:    newHistogram(sorted, s.variables[v].Edges, s.variables[v].Log),
	}
}

func (h *hospital) who(s *shape) Who {
	t := h.tally
	w := Who{
		Stays: t.stays, WithoutLabels: t.withoutLabels, Septic: Share{t.septic, t.stays - t.withoutLabels}, Hours: t.allHours(),
		LabelledHours: t.hours[labelled], Prevalence: h.labelledShare(hourBand{1, sepsis.MaxICUHour}),
		Age: describeValues(t.ages.values), RecordedHours: describeValues(t.recorded.values), HoursBefore: describeValues(t.before.values),
		Sexes: map[string]int{}, Units: map[string]int{},
		AgeHistogram:   newHistogram(sortedCopy(t.ages.values), s.age, false),
		HoursHistogram: newHistogram(sortedCopy(t.recorded.values), s.recorded, false),
	}
	for sex, count := range t.sexes {
		w.Sexes[sexName(sex)] = count
	}
	for unit, count := range t.units {
		w.Units[unitName(unit)] = count
	}
	for _, name := range subgroupNames() {
		if share := t.subgroups[name]; share.Whole > 0 {
			w.Subgroups = append(w.Subgroups, Subgroup{name, share})
		}
	}
	return w
}

// JSON writes all figures; an undefined one is null.
func (r *Report) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	return append(text, '\n'), nil
}
