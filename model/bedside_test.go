package model_test

import (
	"math"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/score"
)

// A bedside hour has the features of a stay of which nothing but vital signs was ever sent.
func TestBedsideHoursHaveVitalSignsAlone(t *testing.T) {
	stays := synthetic(t, 20)
	rows := model.NewRows(stays, 5)
	if len(rows.Bedside) == 0 {
		t.Fatal("no bedside hours")
	}
	got, err := rows.Matrix(t.Context(), stays, 2)
	if err != nil {
		t.Fatal(err)
	}
	laboratory, alone := 0, 0
	for i, bedside := range rows.Bedside {
		less := stays[bedside.Stay].Stay
		less.Observations = less.Observations[:bedside.Row+1]
		if bedside.Alone {
			now := sepsis.Observation{Hour: bedside.Hour(&stays[bedside.Stay]), Values: less.Latest(score.WindowHours)}
			less.Observations = []sepsis.Observation{now}
			alone++
		}
		less.Observations = slices.Clone(less.Observations)
		for o := range less.Observations {
			for v, value := range less.Observations[o].Values {
				if !sepsis.Variable(v).IsVital() {
					less.Observations[o].Values[v] = sepsis.Missing
					if !sepsis.IsMissing(value) {
						laboratory++
					}
				}
			}
		}
		want := matrix(t, &less).Row(len(less.Observations) - 1)
		for column, value := range got.Row(rows.Total() - len(rows.Bedside) + i) {
			if math.Float32bits(value) != math.Float32bits(want[column]) {
				t.Fatalf("stay %d, hour %d: %s is %v, %v expected", bedside.Stay, bedside.Row, features.Table[column].Name, value, want[column])
			}
		}
	}
	if laboratory == 0 || alone == 0 || alone == len(rows.Bedside) {
		t.Errorf("%d values were left out, %d of %d hours are sent alone", laboratory, alone, len(rows.Bedside))
	}
}

// The risk of an hour without history is right in the large, whatever answers the other hours.
func TestSingleHoursAreRightInTheLarge(t *testing.T) {
	for name, training := range map[string]model.Training{"trees": quickTraining(t), "trees and networks": withNetwork(t)} {
		bundle, predicted, err := model.Train(t.Context(), training)
		if err != nil {
			t.Fatal(err)
		}
		if bundle.SingleHour == 0 {
			t.Errorf("%s: nothing is added", name)
		}
		without := *bundle
		without.SingleHour = 0
		stay := training.Stays[0].Stay
		with, plain := bundle.Margins(matrix(t, &stay), 1), without.Margins(matrix(t, &stay), 1)
		for hour := range with {
			want := plain[hour]
			if hour == 0 {
				want += bundle.SingleHour
			}
			if with[hour] != want {
				t.Errorf("%s, hour %d: margin %v, %v expected", name, hour, with[hour], want)
			}
		}
		var labels []bool
		for _, snapshot := range predicted.Rows.Snapshots {
			labels = append(labels, training.Stays[snapshot.Stay].Labels[snapshot.Row])
		}
		from := predicted.Rows.Hours()
		off, err := metric.CalibrationInTheLarge(labels, predicted.Probabilities[from:from+len(labels)], nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(off) > 0.1 {
			t.Errorf("%s: off by %.3f in log-odds", name, off)
		}
	}
}

// A bedside hour has the outcome of its hour, and weighs a quarter of it, whatever is learnt.
func TestBedsideHoursWeighLess(t *testing.T) {
	for _, target := range []model.Target{model.LabelTarget, model.UtilityTarget} {
		training := quickTraining(t)
		training.Options.Kinds = []model.Kind{{Target: target}}
		layout, err := model.NewLayout(training)
		if err != nil {
			t.Fatal(err)
		}
		rows := layout.Rows()
		labels, weights := layout.Target()
		for i, bedside := range rows.Bedside {
			row, hour := rows.Total()-len(rows.Bedside)+i, rows.Starts[bedside.Stay]+bedside.Row
			if labels[row] != labels[hour] || weights[row] != weights[hour]/4 {
				t.Fatalf("%s: stay %d, hour %d: outcome %v that weighs %v, of the hour %v and %v", target, bedside.Stay, bedside.Row, labels[row], weights[row], labels[hour], weights[hour])
			}
		}
	}
}

// What is sent alone, or without its ICU hour, hangs on no hour: else what is learnt of the one is learnt of the other.
func TestHowAnHourIsSentHangsOnNoHour(t *testing.T) {
	const bands, hours = 4, 8 // the first 32 hours
	var hourless, alone [bands][2]int
	count := func(found *[bands][2]int, row int, is bool) {
		if band := row / hours; row > 0 && band < bands {
			if is {
				found[band][1]++
			} else {
				found[band][0]++
			}
		}
	}
	rows := model.NewRows(synthetic(t, 100), 5)
	for _, snapshot := range rows.Snapshots {
		count(&hourless, snapshot.Row, snapshot.Hourless)
	}
	for _, bedside := range rows.Bedside {
		count(&alone, bedside.Row, bedside.Alone)
	}
	for band := range bands {
		for what, found := range map[string][2]int{"without their hour": hourless[band], "alone": alone[band]} {
			if found[0] == 0 || found[1] == 0 {
				t.Errorf("hours %d to %d: %d are sent %s, %d are not", band*hours, (band+1)*hours-1, found[1], what, found[0])
			}
		}
	}
}
