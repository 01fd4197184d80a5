package describe

import (
	"maps"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/metric"
)

// tallies gathers what is counted, by hospital.
type tallies map[string]*tally

func (all tallies) add(record *challenge.Record) {
	if all[record.Hospital] == nil {
		all[record.Hospital] = newTally()
	}
	all[record.Hospital].add(record)
}

// merge adds tallies of later stays.
func (all tallies) merge(later tallies) {
	for hospital, more := range later {
		if all[hospital] == nil {
			all[hospital] = newTally()
		}
		all[hospital].merge(more)
	}
}

func (all tallies) hospitals() []string { return slices.Sorted(maps.Keys(all)) }

// pooled is everything together, hospital after hospital.
func (all tallies) pooled() *tally {
	sum := newTally()
	for _, hospital := range all.hospitals() {
		sum.merge(all[hospital])
	}
	return sum
}

// class is what is known of an hour.
type class int

const (
	other     class = iota // without the label
	labelled               // with it
	unlabeled              // the file has no labels
	classes   int   = iota
)

// tally is what is counted in some stays. Values are kept, stays are not.
type tally struct {
	stays, septic, withoutLabels int
	labelledFromStart            int // septic stays whose first row has the label
	hours                        [classes]int

	ages, recorded, before sample    // years; recorded hours; hours in hospital before the ICU
	lastSeptic             []float64 // last ICU hour of the septic stays
	lastOther              []float64 // and of the others with labels
	sexes                  map[sepsis.Sex]int
	units                  map[sepsis.ICUUnit]int
	subgroups              map[string]Share

	variables [sepsis.NumVariables]variableTally
	icuHours  [classes]sample // of every row
	byHour    []Hour          // by ICU hour; 0 is not used
	onsets    []float64       // ICU hours
	last      []lastValues

	cleaning   challenge.Cleaning
	doubts     map[doubtKey]int
	comparable map[sepsis.WarningCode]int // hours in which the variables of a relation were measured
	lookalikes map[lookalikeKey]int
}

// variableTally is what is counted of one measurement.
type variableTally struct {
	values    [classes]sample
	stays     int   // in which it was measured at least once
	intervals []int // how often so many hours lie between two measurements of a stay
}

type doubtKey struct {
	code     sepsis.WarningCode
	location string
}

type lookalikeKey struct {
	variable sepsis.Variable
	unit     string // UCUM
}

func newTally() *tally {
	return &tally{
		sexes: map[sepsis.Sex]int{}, units: map[sepsis.ICUUnit]int{}, subgroups: map[string]Share{},
		doubts: map[doubtKey]int{}, comparable: map[sepsis.WarningCode]int{}, lookalikes: map[lookalikeKey]int{},
	}
}

func (t *tally) add(record *challenge.Record) {
	stay, number := &record.LabelledStay, t.stays
	t.stays++
	t.recorded.add(float64(len(stay.Observations)), number)
	t.ages.addKnown(stay.Age, number)
	t.before.addKnown(stay.HoursBefore, number)
	t.sexes[stay.Sex]++
	t.units[stay.ICUUnit]++
	t.addLabels(stay)
	for i := range stay.Observations {
		t.icuHours[classOf(stay, i)].add(float64(stay.Observations[i].Hour), number)
		t.addValues(&stay.Observations[i].Values, classOf(stay, i), number)
	}
	t.addIntervals(stay)
	t.last = append(t.last, newLastValues(stay))
	t.cleaning.Merge(record.Cleaning)
}

func (s *sample) addKnown(value float64, stay int) {
	if !sepsis.IsMissing(value) {
		s.add(value, stay)
	}
}

func classOf(stay *sepsis.LabelledStay, row int) class {
	switch {
	case stay.Labels == nil:
		return unlabeled
	case stay.Labels[row]:
		return labelled
	}
	return other
}

// addLabels counts when the label begins. A stay that is labelled from its first row on was so earlier, at a time that
// is not known: it is no event of that hour.
func (t *tally) addLabels(stay *sepsis.LabelledStay) {
	if stay.Labels == nil {
		t.withoutLabels++
		return
	}
	for _, name := range subgroupsOf(stay) {
		t.subgroups[name] = t.subgroups[name].plus(stay.Septic())
	}
	first := slices.Index(stay.Labels, true)
	if first >= 0 {
		t.septic++
		t.lastSeptic = append(t.lastSeptic, lastHour(stay))
	} else {
		t.lastOther = append(t.lastOther, lastHour(stay))
	}
	if first == 0 {
		t.labelledFromStart++
	}
	if first > 0 {
		t.onsets = append(t.onsets, float64(stay.Observations[first].Hour-metric.OptimalHours))
	}
	for i := range stay.Observations {
		hour := t.hour(stay.Observations[i].Hour)
		hour.Stays++
		if stay.Labels[i] {
			hour.Labelled++
		}
		if first >= 0 {
			hour.Septic++
		}
		if first < 0 || (first > 0 && i <= first) {
			hour.AtRisk++
		}
		if first > 0 && i == first {
			hour.Begins++
		}
	}
}

// lastHour is the ICU hour at which a stay's record ends.
func lastHour(stay *sepsis.LabelledStay) float64 {
	return float64(stay.Observations[len(stay.Observations)-1].Hour)
}

func (t *tally) hour(hour int) *Hour {
	for len(t.byHour) <= hour {
		t.byHour = append(t.byHour, Hour{Hour: len(t.byHour)})
	}
	return &t.byHour[hour]
}

func (t *tally) addValues(values *sepsis.Values, c class, stay int) {
	t.hours[c]++
	for v, value := range values {
		if !sepsis.IsMissing(value) {
			t.variables[v].values[c].add(value, stay)
		}
	}
	for _, relation := range relations {
		if relation.comparable(values) {
			t.comparable[relation.code]++
		}
	}
	for _, warning := range sepsis.Doubts(values, nil) {
		t.doubts[doubtKey{warning.Code, warning.Location}]++
		if variable, known := sepsis.VariableNamed(warning.Location); known && warning.Code == sepsis.UnusualValue {
			t.addLookalikes(variable, values[variable])
		}
	}
}

// addLookalikes notes the units in which an unusual value would be a usual one.
func (t *tally) addLookalikes(variable sepsis.Variable, value float64) {
	info := variable.Info()
	for _, conversion := range info.Accepted {
		if info.Usual.Contains(conversion.Convert(value)) {
			t.lookalikes[lookalikeKey{variable, string(conversion.From)}]++
		}
	}
}

// addIntervals counts the hours between one measurement and the next.
func (t *tally) addIntervals(stay *sepsis.LabelledStay) {
	var before [sepsis.NumVariables]int // hour of the last measurement; 0: none
	for i := range stay.Observations {
		observation := &stay.Observations[i]
		for v, value := range observation.Values {
			if sepsis.IsMissing(value) {
				continue
			}
			if before[v] == 0 {
				t.variables[v].stays++
			} else {
				t.variables[v].addInterval(observation.Hour-before[v], 1)
			}
			before[v] = observation.Hour
		}
	}
}

func (v *variableTally) addInterval(hours, count int) {
	for len(v.intervals) <= hours {
		v.intervals = append(v.intervals, 0)
	}
	v.intervals[hours] += count
}

// merge adds the tally of later stays.
func (t *tally) merge(later *tally) {
	t.mergeSamples(later)
	t.stays += later.stays
	t.septic += later.septic
	t.withoutLabels += later.withoutLabels
	t.labelledFromStart += later.labelledFromStart
	for c := range t.hours {
		t.hours[c] += later.hours[c]
	}
	t.lastSeptic = append(t.lastSeptic, later.lastSeptic...)
	t.lastOther = append(t.lastOther, later.lastOther...)
	t.onsets = append(t.onsets, later.onsets...)
	t.last = append(t.last, later.last...)
	addCounts(t.sexes, later.sexes)
	addCounts(t.units, later.units)
	addCounts(t.doubts, later.doubts)
	addCounts(t.comparable, later.comparable)
	addCounts(t.lookalikes, later.lookalikes)
	for name, share := range later.subgroups {
		t.subgroups[name] = Share{Part: t.subgroups[name].Part + share.Part, Whole: t.subgroups[name].Whole + share.Whole}
	}
	for hour, more := range later.byHour {
		t.hour(hour).add(more)
	}
	t.cleaning.Merge(later.cleaning)
}

// mergeSamples adds the values, whose stays come after those that are there.
func (t *tally) mergeSamples(later *tally) {
	t.ages.merge(&later.ages, t.stays)
	t.recorded.merge(&later.recorded, t.stays)
	t.before.merge(&later.before, t.stays)
	for c := range t.icuHours {
		t.icuHours[c].merge(&later.icuHours[c], t.stays)
	}
	for v := range t.variables {
		t.variables[v].merge(&later.variables[v], t.stays)
	}
}

func (v *variableTally) merge(later *variableTally, others int) {
	v.stays += later.stays
	for c := range v.values {
		v.values[c].merge(&later.values[c], others)
	}
	for hours, count := range later.intervals {
		v.addInterval(hours, count)
	}
}

func addCounts[K comparable](sum, more map[K]int) {
	for key, count := range more {
		sum[key] += count
	}
}

// allHours is the number of recorded hours.
func (t *tally) allHours() int { return t.hours[other] + t.hours[labelled] + t.hours[unlabeled] }

// all are the values of a measurement in all hours.
func (v *variableTally) all() *sample {
	var all sample
	for c := range v.values {
		all.merge(&v.values[c], 0)
	}
	return &all
}
