package features_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// stays draws stays with gaps, long runs and anything missing.
func stays() *rapid.Generator[*sepsis.Stay] {
	return rapid.Custom(func(t *rapid.T) *sepsis.Stay {
		stay := &sepsis.Stay{
			Age:         rapid.Float64Range(18, 120).Draw(t, "age"),
			Sex:         rapid.SampledFrom([]sepsis.Sex{"", sepsis.Female, sepsis.Male}).Draw(t, "sex"),
			ICUUnit:     rapid.SampledFrom([]sepsis.ICUUnit{"", sepsis.MedicalICU, sepsis.SurgicalICU}).Draw(t, "unit"),
			HoursBefore: rapid.OneOf(rapid.Just(sepsis.Missing), rapid.Float64Range(0, 500)).Draw(t, "before"),
		}
		hour := 0
		for range rapid.IntRange(1, 40).Draw(t, "observations") {
			hour += rapid.OneOf(rapid.Just(1), rapid.IntRange(1, 80)).Draw(t, "gap")
			o := sepsis.Observation{Hour: hour, Values: sepsis.NoValues()}
			for range rapid.IntRange(0, 6).Draw(t, "measured") {
				v := rapid.IntRange(0, sepsis.NumVariables-1).Draw(t, "variable")
				hard := sepsis.Variables[v].Hard
				o.Values[v] = rapid.Float64Range(hard.Min, hard.Max).Draw(t, "value")
			}
			stay.Observations = append(stay.Observations, o)
		}
		return stay
	})
}

func matrix(stay *sepsis.Stay) []float32 {
	rows := make([]float32, len(stay.Observations)*features.Count())
	features.Matrix(stay, rows)
	return rows
}

func TestNoLookAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stay := stays().Draw(t, "stay")
		whole := matrix(stay)
		cut := rapid.IntRange(1, len(stay.Observations)).Draw(t, "cut")
		past := *stay
		past.Observations = stay.Observations[:cut]
		for i, want := range matrix(&past) {
			if math.Float32bits(want) != math.Float32bits(whole[i]) {
				t.Fatalf("%s at row %d: %g without the later hours, %g with them", features.Names()[i%features.Count()], i/features.Count(), want, whole[i])
			}
		}
	})
}

// TestAnEmptyFirstHourBeginsTheRecord: it says since when nothing was measured, which no observation that is left out says.
func TestAnEmptyFirstHourBeginsTheRecord(t *testing.T) {
	measured := sepsis.NoValues()
	measured[sepsis.HeartRate] = 118
	late := &sepsis.Stay{Age: 67, HoursBefore: sepsis.Missing, Observations: []sepsis.Observation{{Hour: 3, Values: measured}}}
	early := *late
	early.Observations = append([]sepsis.Observation{{Hour: 1, Values: sepsis.NoValues()}}, late.Observations...)
	same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) } // also of what is not known
	if slices.EqualFunc(matrix(late), matrix(&early)[features.Count():], same) {
		t.Error("the features are those without it")
	}
}

// TestEmptyHoursMayBeLeftOut: an hour between two others that is not sent and one that is sent empty are the same.
func TestEmptyHoursMayBeLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stay := stays().Draw(t, "stay")
		filled := *stay
		filled.Observations = nil
		for i, o := range stay.Observations {
			for hour := o.Hour - 1; i > 0 && hour > stay.Observations[i-1].Hour; hour-- {
				filled.Observations = append(filled.Observations, sepsis.Observation{Hour: hour, Values: sepsis.NoValues()})
			}
			filled.Observations = append(filled.Observations, o)
		}
		slices.SortFunc(filled.Observations, func(a, b sepsis.Observation) int { return a.Hour - b.Hour })
		sparse, dense := matrix(stay), matrix(&filled)
		n := features.Count()
		for i, want := range sparse[len(sparse)-n:] {
			if got := dense[len(dense)-n+i]; math.Float32bits(got) != math.Float32bits(want) {
				t.Fatalf("%s is %g with gaps, %g with empty hours", features.Names()[i], want, got)
			}
		}
	})
}

func TestNeverInfinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for i, x := range matrix(stays().Draw(t, "stay")) {
			if math.IsInf(float64(x), 0) {
				t.Fatalf("%s is infinite", features.Names()[i%features.Count()])
			}
		}
	})
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range features.Table {
		if f.Name == "" || f.Source == "" || f.Family == "" {
			t.Errorf("%+v lacks a name, a source or a family", f)
		}
		if seen[f.Name] {
			t.Errorf("%s stands twice", f.Name)
		}
		seen[f.Name] = true
	}
}

// observe makes an observation of a few values.
func observe(hour int, values map[sepsis.Variable]float64) sepsis.Observation {
	o := sepsis.Observation{Hour: hour, Values: sepsis.NoValues()}
	for v, value := range values {
		o.Values[v] = value
	}
	return o
}

// TestByHand checks one small stay against numbers worked out by hand from the features' definitions.
func TestByHand(t *testing.T) {
	stay := &sepsis.Stay{Age: 70, Sex: sepsis.Male, HoursBefore: 10, Observations: []sepsis.Observation{
		observe(3, map[sepsis.Variable]float64{sepsis.HeartRate: 80, sepsis.Lactate: 2, sepsis.Calcium: 1.2}),
		observe(4, map[sepsis.Variable]float64{sepsis.HeartRate: 90, sepsis.SystolicBP: 100}),
		observe(8, map[sepsis.Variable]float64{sepsis.HeartRate: 130, sepsis.Lactate: 5, sepsis.Calcium: 9, sepsis.Temperature: 39}),
	}}
	rows := matrix(stay)
	last := rows[2*features.Count():]
	want := map[string]float64{
		"age": 70, "male": 1, "surgical_icu": math.NaN(), "hours_before_icu": 10,
		"icu_hour": 8, "hospital_hour": 18, "hours_observed": 6,
		"heart_rate_last": 130, "heart_rate_age": 0, "heart_rate_count": 3, "heart_rate_change": 40,
		"heart_rate_mean_6h": 100, "heart_rate_low_6h": 80, "heart_rate_high_6h": 130, "heart_rate_mean": 100,
		// Population deviation of 80, 90, 130 about 100: sqrt((400+100+900)/3).
		"heart_rate_deviation_6h": math.Sqrt(1400. / 3),
		// Least squares over hours 3, 4, 8 (mean 5): ((-2)(-20)+(-1)(-10)+(3)(30)) / (4+1+9) = 140/14.
		"heart_rate_slope_12h": 10, "heart_rate_from_mean": 30, "heart_rate_count_6h": 3,
		"systolic_bp_last": 100, "systolic_bp_age": 4, "shock_index": 1.3, "pulse_pressure": math.NaN(),
		"lactate_last": 5, "lactate_change": 3, "lactate_from_first": 3, "lactate_low": 2, "lactate_high": 5, "lactate_count_24h": 2,
		// Calcium of 1.2 is ionised, in mmol/L; only the later 9 is total calcium.
		"calcium_last": 9, "calcium_count": 1, "ionised_calcium_last": 1.2, "ionised_calcium_age": 5,
		"creatinine_last": math.NaN(), "creatinine_age": math.NaN(), "creatinine_count": 0,
		"fever_hours_24h": 1, "tachycardia_hours_24h": 1, "hypotension_hours_24h": 1,
		"labs_now": 2, "vitals_now": 2, "labs_so_far": 4, "analytes_seen": 6, "lab_hours_24h": 2, "hours_since_lab": 0,
		"hours_since_panel": math.NaN(), "vitals_previous_hour": 0,
		// Temperature 39 > 38 and heart rate 130 > 90: two SIRS criteria; heart rate 80 alone gave 0.
		"sirs": 2, "sirs_rise_24h": 2,
		// Fading means of 80, 90, 130 with weights w = 1-2^(-1/12) and 1-2^(-1/36): m = 80 + 10w, then m + w(130-m).
		"heart_rate_late": 83.33604, "heart_rate_usual": 81.14056, "heart_rate_drift": 2.19548,
		"heart_rate_roughness_12h": 25, "temperature_roughness_12h": math.NaN(), // changes of 10 and 40; a single value
		"sirs_above_usual":         1.961860, // five hours of 0, then 2: 2 - 2(1-2^(-1/36))
		"hours_since_tachycardia":  0,        // 130 now
		"hours_since_hypotension":  4,        // 100 mmHg at hour 4
		"hours_since_high_lactate": 0,
		"hours_since_abnormal_wbc": math.NaN(),
		"blood_gas_measured_24h":   1, // lactate
		"chemistry_measured_3h":    1, // total calcium; ionised calcium is none of the 34
		"liver_measured_24h":       0,
	}
	for i, name := range features.Names() {
		expected, listed := want[name]
		if !listed {
			continue
		}
		delete(want, name)
		got := float64(last[i])
		if math.IsNaN(expected) != math.IsNaN(got) || math.Abs(got-expected) > 1e-4 {
			t.Errorf("%s = %g, want %g", name, got, expected)
		}
	}
	for name := range want {
		t.Errorf("there is no feature %s", name)
	}
}

func TestUnknownHour(t *testing.T) {
	flat := &sepsis.Stay{Age: 50, HoursBefore: sepsis.Missing, Observations: []sepsis.Observation{
		observe(sepsis.HourUnknown, map[sepsis.Variable]float64{sepsis.HeartRate: 80}),
	}}
	row := matrix(flat)
	for i, name := range features.Names() {
		switch name {
		case "icu_hour", "hospital_hour":
			if !math.IsNaN(float64(row[i])) {
				t.Errorf("%s = %g though the hour is not known", name, row[i])
			}
		case "heart_rate_last":
			if row[i] != 80 {
				t.Errorf("%s = %g, want 80", name, row[i])
			}
		}
	}
}

func BenchmarkHour(b *testing.B) {
	stay := &sepsis.Stay{Age: 70, HoursBefore: 3}
	for hour := 1; hour <= 48; hour++ {
		stay.Observations = append(stay.Observations, observe(hour, map[sepsis.Variable]float64{sepsis.HeartRate: 80, sepsis.SystolicBP: 120, sepsis.Lactate: 1}))
	}
	rows := make([]float32, len(stay.Observations)*features.Count())
	for b.Loop() {
		features.Matrix(stay, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(stay.Observations)), "ns/hour")
}
