package model

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// Forecast is something that may be seen in the hours to come. Whether it will be is learnt from the records: every hour
// of every stay teaches it, where only one stay in fourteen teaches what sepsis looks like. The trees that foresee sepsis are
// then told how likely each forecast is. Most need no label. Learnt anew at another hospital, these mean there what they meant
// at the hospital of training, although patients are measured in other ways (see [Model.Adapt]).
type Forecast struct {
	Name    string
	English string
	Source  string // the clinical variable, or what else it speaks of, as in features.Feature
	outcome func(o *outlook) sighting
	// Labelled forecasts are learnt from the stays without sepsis alone: in the records of the Challenge those of the others
	// end 3 hours after its onset, which says nothing of when these patients left.
	Labelled bool
}

// sighting is whether something was seen; not known where the record ends too early or nothing was measured.
type sighting int

const (
	unknown sighting = iota
	unseen
	seen
)

func when(happened bool) sighting {
	if happened {
		return seen
	}
	return unseen
}

// Forecasts lists all forecasts, in the order in which the trees see them: those that the trees made most of, out of 18 that were
// tried (docs/lab.md). The cut-offs are those of SIRS (temperature 38 °C, white cells), Sepsis-3 (lactate 2 mmol/L,
// doi:10.1001/jama.2016.0287) and KDIGO 2012 (a rise of creatinine by 0.3 mg/dL, doi:10.1038/kisup.2012.1). That of panels is ours.
var Forecasts = []Forecast{
	sees("fever_8h", "a temperature above 38 °C within 8 hours", 8, sepsis.Temperature, func(x float64) bool { return x > 38 }),
	becomes("abnormal_wbc_24h", "white cells above 12 or below 4 when measured within 24 hours", sepsis.WBC, func(_, x float64) bool { return x > 12 || x < 4 }),
	becomes("creatinine_rise_24h", "creatinine 0.3 mg/dL higher when measured within 24 hours", sepsis.Creatinine, func(now, x float64) bool { return x >= now+0.3 }),
	meets("high_lactate_12h", "lactate measured above 2 mmol/L within 12 hours", sepsis.Lactate.String(), 12, func(v *sepsis.Values) bool { return v[sepsis.Lactate] > 2 }),
	meets("lactate_12h", "lactate measured within 12 hours", sepsis.Lactate.String(), 12, has(sepsis.Lactate)),
	meets("blood_gas_6h", "pH or PaCO2 measured within 6 hours", sepsis.MeasurementPattern, 6, has(sepsis.PH, sepsis.PaCO2)),
	meets("fio2_6h", "the inspired oxygen recorded within 6 hours", sepsis.FiO2.String(), 6, has(sepsis.FiO2)),
	meets("panel_6h", fmt.Sprintf("%d or more laboratory values in one of the next 6 hours", features.PanelSize), sepsis.MeasurementPattern, 6, isPanel),
	leaves("leaves_36h", "the record ends within 36 hours", 36),
	leaves("leaves_72h", "the record ends within 72 hours", 72),
}

// leaves is a forecast that the record ends. Its source is the clock, of which it is the other end.
func leaves(name, english string, hours int) Forecast {
	return Forecast{name, english, "icu_hour", func(o *outlook) sighting { return when(o.left() < hours) }, true}
}

// meets is a forecast that something holds in at least one of some hours.
func meets(name, english, source string, hours int, holds func(v *sepsis.Values) bool) Forecast {
	return Forecast{name, english, source, func(o *outlook) sighting { return o.within(hours, holds) }, false}
}

// sees is a forecast that a variable has such a value at least once, among those that are measured within some hours.
func sees(name, english string, hours int, v sepsis.Variable, holds func(x float64) bool) Forecast {
	return Forecast{name, english, v.String(), func(o *outlook) sighting {
		if o.within(hours, has(v)) != seen {
			return unknown
		}
		return o.within(hours, func(values *sepsis.Values) bool { return holds(values[v]) })
	}, false}
}

// becomes is a forecast of the last value that is measured within a day, beside the value known now.
func becomes(name, english string, v sepsis.Variable, holds func(now, x float64) bool) Forecast {
	return Forecast{name, english, v.String(), func(o *outlook) sighting {
		now, last := o.known[o.at][v], sepsis.Missing
		for i := o.at + 1; i < len(o.observations) && o.hoursTo(i) <= 24; i++ {
			if x := o.observations[i].Values[v]; !sepsis.IsMissing(x) {
				last = x
			}
		}
		if sepsis.IsMissing(now) || sepsis.IsMissing(last) {
			return unknown
		}
		return when(holds(now, last))
	}, false}
}

// has tells whether at least one of some variables is measured.
func has(variables ...sepsis.Variable) func(v *sepsis.Values) bool {
	return func(values *sepsis.Values) bool {
		return slices.ContainsFunc(variables, func(v sepsis.Variable) bool { return !sepsis.IsMissing(values[v]) })
	}
}

func isPanel(v *sepsis.Values) bool { return v.Count(features.CountsAsDrawn) >= features.PanelSize }

// outlook is a whole stay, seen from one of its observations.
type outlook struct {
	observations []sepsis.Observation
	known        []sepsis.Values // at each observation, the latest value of each variable, however old
	at           int
}

func newOutlook(stay *sepsis.Stay) *outlook {
	n := len(stay.Observations)
	o := &outlook{observations: stay.Observations, known: make([]sepsis.Values, n)}
	latest := sepsis.NoValues()
	for i := range stay.Observations {
		for v, x := range stay.Observations[i].Values {
			if !sepsis.IsMissing(x) {
				latest[v] = x
			}
		}
		o.known[i] = latest
	}
	return o
}

// hoursTo is the time from now to another observation.
func (o *outlook) hoursTo(i int) int { return o.observations[i].Hour - o.observations[o.at].Hour }

// left is for how many more hours the record goes on.
func (o *outlook) left() int { return o.hoursTo(len(o.observations) - 1) }

// within tells whether something holds in one of the next hours, if the record goes on for so long.
func (o *outlook) within(hours int, holds func(v *sepsis.Values) bool) sighting {
	if o.left() < hours {
		return unknown
	}
	for i := o.at + 1; i < len(o.observations) && o.hoursTo(i) <= hours; i++ {
		if holds(&o.observations[i].Values) {
			return seen
		}
	}
	return unseen
}

// outcomes tells for each observation of a stay how the forecast came out.
func (f *Forecast) outcomes(o *outlook) []sighting {
	found := make([]sighting, len(o.observations))
	for o.at = range o.observations {
		found[o.at] = f.outcome(o)
	}
	return found
}

// forecastNames are the names of all forecasts, as the trees know them.
func forecastNames() []string {
	names := make([]string, len(Forecasts))
	for i := range Forecasts {
		names[i] = "forecast_" + Forecasts[i].Name
	}
	return names
}

// The families of what forecasts tell the trees, beside those of package features. Each forecast is told in two ways: how likely it is,
// and how likely for the hospital, as the share of its hours at which it was less likely. Within one hospital the two say the same.
// Carried to another, the first holds where patients differ, the second where habits do.
const (
	ForecastFamily      features.Family = "forecast"
	ForecastShareFamily features.Family = "forecast_share"
)

// Columns are what the trees may see: the features, then the forecasts, then their shares.
func Columns() []features.Feature {
	columns, groups := append([]features.Feature{}, features.Table...), []string{sepsis.ExpectedCourse}
	for i, name := range forecastNames() {
		columns = append(columns, features.Feature{Name: name, Family: ForecastFamily, Source: Forecasts[i].Source, Groups: groups})
	}
	for i, name := range forecastNames() {
		columns = append(columns, features.Feature{Name: name + "_share", Family: ForecastShareFamily, Source: Forecasts[i].Source, Groups: groups})
	}
	return columns
}

// toldNames are the names of the columns beyond the features.
func toldNames() []string {
	var names []string
	for _, column := range Columns()[features.Count():] {
		names = append(names, column.Name)
	}
	return names
}
