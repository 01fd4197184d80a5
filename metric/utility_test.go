package metric_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
	"pgregory.net/rapid"
)

// row makes a stay's labels or predictions from runs: row(3, 0, 2, 1) is 0 0 0 1 1.
func row(runs ...int) []bool {
	var out []bool
	for i := 0; i+1 < len(runs); i += 2 {
		out = append(out, slices.Repeat([]bool{runs[i+1] == 1}, runs[i])...)
	}
	return out
}

// The expected values are worked out by hand from the definition in Reyna et al. 2020
// (doi:10.1097/CCM.0000000000004145). With dt = row - onset and onset = first positive row + 6, a positive prediction
// is worth (dt+12)/6 up to dt = -6 (at least -0.05) and (3-dt)/9 from there to dt = 3; a negative one 0 up to
// dt = -6 and -2(dt+6)/9 from there to dt = 3.
func TestStayUtility(t *testing.T) {
	const whole = 1.0 + 8.0/9 + 7.0/9 + 6.0/9 + 5.0/9 + 4.0/9 + 3.0/9 + 2.0/9 + 1.0/9 // dt -6 … 3, positive: 5
	const missed = -2 * (1.0 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9) / 9                     // dt -5 … 3, negative: -10
	const rise = 0.0/6 + 1.0/6 + 2.0/6 + 3.0/6 + 4.0/6 + 5.0/6                        // dt -12 … -7, positive: 2.5

	for _, c := range []struct {
		name                        string
		labels, predictions         []bool
		observed, best, allNegative float64
	}{
		{
			// The example in the comments of the official scorer: 4/6 + 5/6 + 1 + 8/9.
			"official example", bools(0, 0, 0, 0, 1, 1), bools(0, 0, 1, 1, 1, 1),
			3.388888888888889, 2.0/6 + 3.0/6 + 4.0/6 + 5.0/6 + 1 + 8.0/9, -2.0 / 9,
		},
		{"septic from the first row, always positive", row(10, 1), row(10, 1), whole, whole, missed},
		{"septic from the first row, always negative", row(10, 1), row(10, 0), missed, whole, missed},
		{"one row, septic, alarm", row(1, 1), row(1, 1), 1, 1, 0},
		{"one row, septic, no alarm", row(1, 1), row(1, 0), 0, 1, 0},
		{"one row, not septic, alarm", row(1, 0), row(1, 1), -0.05, 0, 0},
		{"one row, not septic, no alarm", row(1, 0), row(1, 0), 0, 0, 0},
		{"shorter than the window", row(2, 0, 2, 1), row(4, 1), 4.0/6 + 5.0/6 + 1 + 8.0/9, 4.0/6 + 5.0/6 + 1 + 8.0/9, -2.0 / 9},
		// 20 rows before the label: dt -26 … -13 cost 0.05 each, dt -12 … 3 is the window.
		{"long stay, always positive", row(20, 0, 10, 1), row(30, 1), -14*0.05 + rise + whole, rise + whole, missed},
		{"alarm only 13 hours before onset", row(20, 0, 10, 1), row(13, 0, 1, 1, 16, 0), missed - 0.05, rise + whole, missed},
		{"alarm only 12 hours before onset", row(20, 0, 10, 1), row(14, 0, 1, 1, 15, 0), missed, rise + whole, missed},
		{"alarm only at the optimal hour", row(20, 0, 10, 1), row(20, 0, 1, 1, 9, 0), missed + 1, rise + whole, missed},
		{"alarm only at onset", row(20, 0, 10, 1), row(26, 0, 1, 1, 3, 0), missed + 3.0/9 + 12.0/9, rise + whole, missed},
		{"alarm only at the last hour that counts", row(20, 0, 12, 1), row(29, 0, 1, 1, 2, 0), missed + 2, rise + whole, missed},
		{"alarm only after the last hour that counts", row(20, 0, 12, 1), row(30, 0, 2, 1), missed, rise + whole, missed},
		{"no sepsis, always positive", row(10, 0), row(10, 1), -0.5, 0, 0},
		{"labels that fall back to 0 keep their first onset", row(10, 1, 5, 0), row(15, 1), whole, whole, missed},
	} {
		got, err := metric.StayUtility(c.labels, c.predictions)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !near(got.Observed, c.observed) || !near(got.Best, c.best) || !near(got.AllNegative, c.allNegative) {
			t.Errorf("%s: got %+v, want %v, %v, %v", c.name, got, c.observed, c.best, c.allNegative)
		}
	}
}

func TestStayUtilityRefuses(t *testing.T) {
	for name, c := range map[string][2][]bool{
		"2 labels but 1 predictions": {row(2, 0), row(1, 0)},
		"no rows":                    {nil, nil},
	} {
		if _, err := metric.StayUtility(c[0], c[1]); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

func TestUtilityIsUndefinedWithoutSepsis(t *testing.T) {
	for _, u := range []metric.Utility{{}, {Observed: -0.5}} {
		value, err := u.Normalised()
		if undefined, is := errors.AsType[*metric.UndefinedError](err); !is || undefined.Metric != "utility" || value != 0 {
			t.Errorf("%+v: got %v, %v", u, value, err)
		}
	}
}

// From the definition: gains are U(positive) - U(negative), so (dt+12)/6 up to dt = -6 and then
// (3-dt)/9 + 2(dt+6)/9 = (dt+15)/9.
func TestRowGains(t *testing.T) {
	got := metric.RowGains(row(14, 0, 11, 1)) // onset at row 20: dt -20 … 4
	want := slices.Repeat([]float64{-0.05}, 8)
	want = append(want, 0, 1.0/6, 2.0/6, 3.0/6, 4.0/6, 5.0/6, 1)
	want = append(want, 10.0/9, 11.0/9, 12.0/9, 13.0/9, 14.0/9, 15.0/9, 16.0/9, 17.0/9, 2, 0)
	if !slices.EqualFunc(got, want, near) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := metric.RowGains(row(3, 0)); !slices.Equal(got, []float64{-0.05, -0.05, -0.05}) {
		t.Errorf("without sepsis: got %v", got)
	}
	if got := metric.RowGains(nil); len(got) != 0 {
		t.Errorf("without rows: got %v", got)
	}
}

// Onset is row 20, so the best predictions are positive from row 8 to row 23.
func TestBestPredictions(t *testing.T) {
	for name, c := range map[string]struct{ labels, want []bool }{
		"whole window":              {row(14, 0, 11, 1), row(8, 0, 16, 1, 1, 0)},
		"window begins before stay": {row(12, 1), row(10, 1, 2, 0)},
		"stay ends before window":   {row(14, 0, 1, 1), row(8, 0, 7, 1)},
		"no sepsis":                 {row(5, 0), row(5, 0)},
	} {
		if got := metric.BestPredictions(c.labels); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// drawStay draws a stay that may be septic from any row, the first included.
func drawStay(t *rapid.T, name string) (labels, predictions []bool) {
	rows := rapid.IntRange(1, 60).Draw(t, name+" rows")
	negatives := rapid.IntRange(0, rows).Draw(t, name+" negative rows")
	predictions = rapid.SliceOfN(rapid.Bool(), rows, rows).Draw(t, name+" predictions")
	return row(negatives, 0, rows-negatives, 1), predictions
}

func TestObservedIsAllNegativePlusGainsOfAlarms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels, predictions := drawStay(t, "stay")
		got, err := metric.StayUtility(labels, predictions)
		if err != nil {
			t.Fatal(err)
		}
		sum, best := got.AllNegative, got.AllNegative
		for i, gain := range metric.RowGains(labels) {
			best += max(gain, 0)
			if predictions[i] {
				sum += gain
			}
		}
		if !near(sum, got.Observed) || !near(best, got.Best) {
			t.Fatalf("gains give %v and best %v, totals are %+v", sum, best, got)
		}
	})
}

func TestBestPredictionsAreBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var observed, best metric.Utility
		for i := range rapid.IntRange(1, 5).Draw(t, "stays") {
			labels, predictions := drawStay(t, fmt.Sprint("stay ", i))
			u, err := metric.StayUtility(labels, predictions)
			if err != nil {
				t.Fatal(err)
			}
			b, err := metric.StayUtility(labels, metric.BestPredictions(labels))
			if err != nil {
				t.Fatal(err)
			}
			observed, best = observed.Plus(u), best.Plus(b)
		}
		if observed.Observed > best.Observed+1e-12 {
			t.Fatalf("%+v beats the best, %+v", observed, best)
		}
		if value, err := best.Normalised(); err == nil && value != 1 {
			t.Fatalf("best predictions score %v", value)
		}
	})
}

func ExampleStayUtility() {
	labels := []bool{false, false, false, false, true, true}
	alarms := []bool{false, false, true, true, true, true}
	utility, err := metric.StayUtility(labels, alarms)
	if err != nil {
		fmt.Println(err)
		return
	}
	normalised, err := utility.Normalised()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("observed %.4f, best %.4f, all-negative %.4f, normalised %.4f\n", utility.Observed, utility.Best, utility.AllNegative, normalised)
	// Output: observed 3.3889, best 4.2222, all-negative -0.2222, normalised 0.8125
}
