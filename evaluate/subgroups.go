package evaluate

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// subgroup is a part of the cohort.
type subgroup struct {
	name string
	part sample
}

// subgroups measures the cohort divided by one characteristic after the other.
func subgroups(s sample, hoursRule float64, how bootstrap) []SubgroupSet {
	byStay := func(name string, of func(stay *scoredStay) string) SubgroupSet {
		return subgroupSet(name, false, divide(s, of), hoursRule, how)
	}
	return []SubgroupSet{
		byStay("age", func(stay *scoredStay) string { return ageBand(stay.Age) }),
		byStay("sex", func(stay *scoredStay) string { return recorded(string(stay.Sex)) }),
		byStay("ICU unit", func(stay *scoredStay) string { return recorded(string(stay.ICUUnit)) }),
		byStay("hospital", func(stay *scoredStay) string { return stay.Hospital }),
		subgroupSet("hours since ICU admission", true, divideByHours(s), hoursRule, how),
		subgroupSet("measurements in the last 24 hours", true, divideByMeasured(s), hoursRule, how),
	}
}

func subgroupSet(name string, byHour bool, parts []subgroup, hoursRule float64, how bootstrap) SubgroupSet {
	set := SubgroupSet{Name: name, ByHour: byHour, Groups: []Group{}}
	for _, p := range parts {
		group, measurable := p.part.group(p.name, hoursRule, how)
		if !measurable {
			set.Omitted = append(set.Omitted, p.name)
			continue
		}
		if byHour {
			group = group.withoutStays()
		}
		set.Groups = append(set.Groups, group)
	}
	return set
}

// ageBands are the lower ends of age groups, in years.
var ageBands = []float64{sepsis.AdultAge, 45, 65, 80}

func ageBand(age float64) string {
	if sepsis.IsMissing(age) {
		return recorded("")
	}
	for i, from := range ageBands {
		switch {
		case age >= from:
			continue
		case i == 0:
			return fmt.Sprintf("under %.0f years", from)
		}
		return fmt.Sprintf("%.0f to %.0f years", ageBands[i-1], from-1)
	}
	return fmt.Sprintf("%.0f years and over", ageBands[len(ageBands)-1])
}

// NotRecorded names the group of the stays of which a characteristic is not known.
const NotRecorded = "not recorded"

func recorded(word string) string {
	if word == "" {
		return NotRecorded
	}
	return word
}

// divide sorts stays by a word; the parts come in the order of the words.
func divide(s sample, of func(stay *scoredStay) string) []subgroup {
	parts := map[string]sample{}
	var names []string
	for i := range s {
		name := of(&s[i])
		if _, known := parts[name]; !known {
			names = append(names, name)
		}
		parts[name] = append(parts[name], s[i])
	}
	slices.Sort(names)
	var found []subgroup
	for _, name := range names {
		found = append(found, subgroup{name, parts[name]})
	}
	return found
}

func divideByHours(s sample) []subgroup {
	var found []subgroup
	for _, r := range bandRanges {
		found = append(found, subgroup{r.String(), s.in(r)})
	}
	return found
}

// measuredWindow is over how many hours measurements are counted.
const measuredWindow = 24

// divideByMeasured sorts hours into thirds by how many values an hour were measured in the last 24 hours, or since
// the stay began.
func divideByMeasured(s sample) []subgroup {
	rates := make([][]float64, len(s))
	var all []float64
	for i := range s {
		rates[i] = measuredRates(s[i].Observations)
		for h := range s[i].hours {
			all = append(all, rates[i][s[i].hours[h].row])
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	low, high := all[len(all)/3], all[2*len(all)/3]
	position := map[*scoredStay]int{}
	for i := range s {
		position[&s[i]] = i
	}
	part := func(wanted func(rate float64) bool) sample {
		return s.where(func(stay *scoredStay, hour *scoredHour) bool { return wanted(rates[position[stay]][hour.row]) })
	}
	return []subgroup{
		{fmt.Sprintf("least: under %.1f an hour", low), part(func(rate float64) bool { return rate < low })},
		{fmt.Sprintf("middle: %.1f to %.1f", low, high), part(func(rate float64) bool { return rate >= low && rate < high })},
		{fmt.Sprintf("most: %.1f and more", high), part(func(rate float64) bool { return rate >= high })},
	}
}

// measuredRates are, for each observation, the values measured in the last 24 hours for each hour of them.
func measuredRates(observations []sepsis.Observation) []float64 {
	rates := make([]float64, len(observations))
	values, oldest := 0, 0
	for row := range observations {
		values += observations[row].Values.Known()
		for observations[oldest].Hour <= observations[row].Hour-measuredWindow {
			values -= observations[oldest].Values.Known()
			oldest++
		}
		hours := min(measuredWindow, observations[row].Hour-observations[0].Hour+1)
		rates[row] = float64(values) / float64(hours)
	}
	return rates
}
