package model

import (
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
)

// recorded makes a stay of hours, each with a few values.
func recorded(hours ...map[sepsis.Variable]float64) *sepsis.Stay {
	stay := &sepsis.Stay{Age: 60, HoursBefore: sepsis.Missing}
	for i, measured := range hours {
		o := sepsis.Observation{Hour: i + 1, Values: sepsis.NoValues()}
		for v, x := range measured {
			o.Values[v] = x
		}
		stay.Observations = append(stay.Observations, o)
	}
	return stay
}

// nothing is so many hours in which nothing is measured.
func nothing(hours int) []map[sepsis.Variable]float64 {
	return make([]map[sepsis.Variable]float64, hours)
}

func values(v sepsis.Variable, x float64) map[sepsis.Variable]float64 {
	return map[sepsis.Variable]float64{v: x}
}

// TestForecastOutcomesByHand: what each forecast says at the first hour of a stay.
func TestForecastOutcomesByHand(t *testing.T) {
	later := func(now map[sepsis.Variable]float64, hours int, then map[sepsis.Variable]float64, after int) *sepsis.Stay {
		return recorded(slices.Concat([]map[sepsis.Variable]float64{now}, nothing(hours-1), []map[sepsis.Variable]float64{then}, nothing(after))...)
	}
	panel := map[sepsis.Variable]float64{sepsis.BUN: 10, sepsis.Creatinine: 1, sepsis.Potassium: 4, sepsis.WBC: 9}
	vitals := map[sepsis.Variable]float64{sepsis.HeartRate: 80, sepsis.SpO2: 98, sepsis.SystolicBP: 120, sepsis.RespiratoryRate: 14}
	for _, c := range []struct {
		forecast string
		name     string
		stay     *sepsis.Stay
		want     sighting
	}{
		{"fever_8h", "in the last of 8 hours", later(nil, 8, values(sepsis.Temperature, 38.1), 0), seen},
		{"fever_8h", "an hour too late", later(nil, 9, values(sepsis.Temperature, 38.1), 0), unknown},
		{"fever_8h", "at the cut-off", later(nil, 8, values(sepsis.Temperature, 38), 0), unseen},
		{"fever_8h", "not measured", recorded(nothing(20)...), unknown},
		{"fever_8h", "record too short", later(nil, 3, values(sepsis.Temperature, 39), 2), unknown},
		{"fever_8h", "now and not later", later(values(sepsis.Temperature, 39), 1, values(sepsis.Temperature, 37), 9), unseen},
		{"creatinine_rise_24h", "0.3 mg/dL", later(values(sepsis.Creatinine, 1), 24, values(sepsis.Creatinine, 1.3), 0), seen},
		{"creatinine_rise_24h", "a day and an hour later", later(values(sepsis.Creatinine, 1), 25, values(sepsis.Creatinine, 3), 0), unknown},
		{"creatinine_rise_24h", "never known before", later(nil, 5, values(sepsis.Creatinine, 3), 0), unknown},
		{"abnormal_wbc_24h", "normal", later(values(sepsis.WBC, 20), 3, values(sepsis.WBC, 12), 0), unseen},
		{"lactate_12h", "measured", later(nil, 12, values(sepsis.Lactate, 1), 0), seen},
		{"lactate_12h", "not measured", recorded(nothing(13)...), unseen},
		{"lactate_12h", "record too short", recorded(nothing(12)...), unknown},
		{"high_lactate_12h", "measured, 2", later(nil, 1, values(sepsis.Lactate, 2), 12), unseen},
		{"blood_gas_6h", "PaCO2", later(nil, 1, values(sepsis.PaCO2, 40), 6), seen},
		{"panel_6h", "4 values", later(nil, 6, panel, 0), seen},
		{"panel_6h", "4 vital signs", later(nil, 6, vitals, 0), unseen},
		{"leaves_36h", "36 hours left", recorded(nothing(37)...), unseen},
		{"leaves_36h", "35 hours left", recorded(nothing(36)...), seen},
	} {
		at := slices.IndexFunc(Forecasts, func(f Forecast) bool { return f.Name == c.forecast })
		if got := Forecasts[at].outcomes(newOutlook(c.stay))[0]; got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.forecast, c.name, got, c.want)
		}
	}
}

// TestForecastsCountHours and not observations: hours that were left out are hours.
func TestForecastsCountHours(t *testing.T) {
	dense := recorded(slices.Concat(nothing(9), []map[sepsis.Variable]float64{values(sepsis.Temperature, 39)}, nothing(20))...)
	sparse := *dense
	sparse.Observations = []sepsis.Observation{dense.Observations[0], dense.Observations[4], dense.Observations[9], dense.Observations[29]}
	for f := range Forecasts {
		want, got := Forecasts[f].outcomes(newOutlook(dense)), Forecasts[f].outcomes(newOutlook(&sparse))
		for i, row := range []int{0, 4, 9, 29} {
			if got[i] != want[row] {
				t.Errorf("%s at hour %d: %d with gaps, %d with empty hours", Forecasts[f].Name, row+1, got[i], want[row])
			}
		}
	}
}

func TestForecastTable(t *testing.T) {
	names := map[string]bool{}
	for _, f := range Forecasts {
		if f.Name == "" || f.English == "" || f.Source == "" || names[f.Name] {
			t.Errorf("%+v lacks something or stands twice", f)
		}
		names[f.Name] = true
	}
}

// TestMarginsOfManyRows: row by row, on any number of goroutines, as when all rows go through each forecast and then through the trees, and those with a past through the network; the others have a term of their own.
func TestMarginsOfManyRows(t *testing.T) {
	bundle, stays := defaultModel(t).bundle, selfTestStays()
	rows := gbdt.Matrix{Rows: 2*rowsAtOnce + 1, Cols: features.Count()}
	for len(rows.Values) < rows.Rows*rows.Cols {
		for _, name := range selfTestNames {
			vectors := make([]float32, len(stays[name].Observations)*rows.Cols)
			features.Matrix(stays[name], vectors)
			rows.Values = append(rows.Values, vectors...)
		}
	}
	rows.Values = rows.Values[:rows.Rows*rows.Cols]
	whole := gbdt.Matrix{Rows: rows.Rows, Cols: len(bundle.newRoom().whole.Values()), Values: make([]float32, rows.Rows*len(bundle.newRoom().whole.Values()))}
	for i := range rows.Rows {
		copy(whole.Row(i), rows.Row(i))
	}
	for f := range bundle.Forecasters {
		bundle.Forecasters[f].tell(bundle.Forecasters[f].Trees.Margins(rows, 2), whole, rows.Cols+f, len(bundle.Forecasters))
	}
	want, scratch := bundle.Trees.Margins(whole, 2), bundle.Network.NewScratch()
	for i := range want {
		if row := rows.Row(i); row[hoursObserved] > 1 {
			want[i] = blend(want[i], bundle.Network.MarginOf(row, scratch), bundle.NetworkShare)
		} else {
			want[i] += bundle.SingleHour
		}
	}
	for _, threads := range []int{0, 1, 3} {
		if got := bundle.Margins(rows, threads); !slices.Equal(got, want) {
			t.Errorf("%d threads: margins differ", threads)
		}
	}
}
