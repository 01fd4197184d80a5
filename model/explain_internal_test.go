package model

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/gbdt"
)

func defaultModel(t testing.TB) *Model {
	t.Helper()
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestExplanationAddsUp holds for any stay: the parts add up to the raw output, which is that of the prediction.
func TestExplanationAddsUp(t *testing.T) {
	m := defaultModel(t)
	check := func(t rapid.TB, stay *sepsis.Stay) {
		risk, e := m.Explain(stay)
		sum := e.Base
		for i, c := range e.Contributions {
			sum += c.Contribution
			if c.Contribution == 0 || i > 0 && math.Abs(c.Contribution) > math.Abs(e.Contributions[i-1].Contribution) {
				t.Errorf("contribution %d of %v", i, e.Contributions)
			}
		}
		if math.Abs(sum-e.Output) > 1e-9 {
			t.Errorf("the parts add up to %.12f, the raw output is %.12f", sum, e.Output)
		}
		if want := m.Predict(stay); risk != want {
			t.Errorf("explained is %+v, predicted %+v", risk, want)
		}
		if got := m.bundle.Calibration.Probability(e.Output); got != risk.Probability {
			t.Errorf("an output of %g is a probability of %g, %g is predicted", e.Output, got, risk.Probability)
		}
	}
	for _, stay := range selfTestStays() {
		check(t, stay)
	}
	check(t, made(54, 1000, func(hour int, v *sepsis.Values) { v[sepsis.HeartRate] = 60 + float64(hour%50) }))
	check(t, made(54, 1, func(int, *sepsis.Values) {}))
	rapid.Check(t, func(t *rapid.T) {
		check(t, made(rapid.Float64Range(18, 120).Draw(t, "age"), rapid.IntRange(1, 40).Draw(t, "hours"), func(_ int, v *sepsis.Values) {
			for range rapid.IntRange(0, 8).Draw(t, "measured") {
				variable := rapid.IntRange(0, sepsis.NumVariables-1).Draw(t, "variable")
				hard := sepsis.Variables[variable].Hard
				v[variable] = rapid.Float64Range(hard.Min, hard.Max).Draw(t, "value")
			}
		}))
	})
}

// TestExplanationByHand adds up what the trees and the networks made of a variable's features, listed here by hand from features/.
func TestExplanationByHand(t *testing.T) {
	m := defaultModel(t)
	stay := selfTestStays()["worse"]
	w := m.workspaces.Get().(*workspace)
	w.observe(m.bundle, stay)
	row := w.room.whole.Values()
	columns := make([]float64, len(row))
	gbdt.NewExplainer(m.bundle.Trees).Contributions(row, columns)
	own, share := make([]float64, len(w.features)), m.bundle.NetworkShare
	m.bundle.Network.Contributions(w.room.network, own)
	for column := range columns {
		columns[column] *= 1 - share
		if column < len(own) {
			columns[column] += share * own[column]
		}
	}
	of := func(share float64, names ...string) (sum float64) {
		for _, name := range names {
			sum += columns[slices.Index(m.bundle.Trees.Features(), name)] * share
		}
		return sum
	}
	for name, want := range map[string]float64{
		"lactate": of(1, "lactate_last", "lactate_age", "lactate_count", "lactate_change", "lactate_count_24h", "lactate_from_first",
			"lactate_low", "lactate_high", "high_lactate_hours_24h", "hours_since_high_lactate"),
		"fio2": of(1, "fio2_last", "fio2_age", "fio2_count", "fio2_change", "fio2_count_24h", "fio2_from_first", "fio2_low", "fio2_high",
			"high_fio2_hours_24h", "hours_since_high_fio2") + of(1./2, "spo2_fio2_ratio", "sao2_fio2_ratio") + of(1./3, "rox_index"),
		"calcium": of(1, "calcium_last", "calcium_age", "calcium_count", "calcium_change", "calcium_count_24h", "calcium_from_first", "calcium_low", "calcium_high",
			"ionised_calcium_last", "ionised_calcium_age", "ionised_calcium_count", "ionised_calcium_change", "ionised_calcium_count_24h",
			"ionised_calcium_from_first", "ionised_calcium_low", "ionised_calcium_high"),
		"sofa":            of(1, "sofa", "sofa_mean_6h", "sofa_high_24h", "sofa_rise_24h", "sofa_above_usual"),
		"age":             of(1, "age") + of(1./3, "age_shock_index"),
		"icu_hour":        of(1, "icu_hour", "hours_observed") + of(1./2, "hospital_hour"),
		"expected_course": of(1, toldNames()...),
	} {
		_, e := m.Explain(stay)
		if got := contribution(e, name).Contribution; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s contributes %g, want %g", name, got, want)
		}
	}
}

func contribution(e sepsis.Explanation, name string) sepsis.Contribution {
	i := slices.IndexFunc(e.Contributions, func(c sepsis.Contribution) bool { return c.Name == name })
	if i < 0 {
		return sepsis.Contribution{}
	}
	return e.Contributions[i]
}

// TestExplanationDescribes what was known: the latest values, and how old they are.
func TestExplanationDescribes(t *testing.T) {
	_, e := defaultModel(t).Explain(made(54, 30, func(hour int, v *sepsis.Values) {
		switch hour {
		case 2:
			v[sepsis.Lactate], v[sepsis.Temperature] = 4.5, 36
		case 28:
			v[sepsis.Temperature], v[sepsis.HeartRate] = 39, 95
		}
	}))
	for _, test := range []struct {
		name, unit, choice string
		value              float64
		hoursAgo           int
	}{
		{"lactate", "mmol/L", "", 4.5, 28},
		{"temperature", "Cel", "", 39, 2},
		{"creatinine", "mg/dL", "", sepsis.Missing, -1},
		{"age", "a", "", 54, -1},
		{"icu_hour", "h", "", 30, -1},
		{"hours_in_hospital_before_icu", "h", "", sepsis.Missing, -1},
		{"sex", "", "female", sepsis.Missing, -1},
		{"icu_unit", "", "medical", sepsis.Missing, -1},
		// Temperature 39 °C gives 1 point of NEWS2, heart rate 95 another (Royal College of Physicians 2017, chart 1).
		{"news2", "", "", 2, -1},
		{"sofa", "", "", sepsis.Missing, -1},
		{"measurement_pattern", "", "", sepsis.Missing, -1},
		{"expected_course", "", "", sepsis.Missing, -1},
	} {
		c := contribution(e, test.name)
		if c.Choice != test.choice || stated(c.Unit, "") != test.unit || stated(c.HoursAgo, -1) != test.hoursAgo ||
			!same(stated(c.Value, sepsis.Missing), test.value) {
			t.Errorf("%s: value %v unit %v hours ago %v choice %q", test.name, stated(c.Value, sepsis.Missing), stated(c.Unit, ""), stated(c.HoursAgo, -1), c.Choice)
		}
	}
}

func stated[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func same(a, b float64) bool { return a == b || sepsis.IsMissing(a) && sepsis.IsMissing(b) }

// TestEveryColumnIsExplained: a column that no group takes would break the sum in silence.
func TestEveryColumnIsExplained(t *testing.T) {
	for column, groups := range columnGroups {
		if len(groups) == 0 || slices.Contains(groups, -1) {
			t.Errorf("%s counts to %q", Columns()[column].Name, Columns()[column].Groups)
		}
	}
}

func BenchmarkExplainFlat(b *testing.B) { benchmarkExplain(b, "single") }

func BenchmarkExplainHistory(b *testing.B) { benchmarkExplain(b, "worse") }

func benchmarkExplain(b *testing.B, name string) {
	m, stay := defaultModel(b), selfTestStays()[name]
	b.ReportAllocs()
	for b.Loop() {
		m.Explain(stay)
	}
}
