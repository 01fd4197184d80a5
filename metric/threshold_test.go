package metric_test

import (
	"math"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
	"pgregory.net/rapid"
)

func TestBestThreshold(t *testing.T) {
	above := math.Nextafter(0.9, 2)
	for _, c := range []struct {
		name          string
		scores, gains []float64
		want          metric.ThresholdChoice
	}{
		{"midpoint", []float64{0.25, 0.75}, []float64{-0.05, 1}, metric.ThresholdChoice{Threshold: 0.5, Gain: 1}},
		{"all positive", []float64{0.25, 0.75}, []float64{1, 1}, metric.ThresholdChoice{Threshold: 0.25, Gain: 2}},
		{"none positive", []float64{0.1, 0.9}, []float64{-1, -1}, metric.ThresholdChoice{Threshold: above, Gain: 0}},
		{"gain too deep to reach", []float64{0.1, 0.9}, []float64{1, -2}, metric.ThresholdChoice{Threshold: above, Gain: 0}},
		{"a tie cannot be split", []float64{0.5, 0.5, 0.25}, []float64{2, -1, -1}, metric.ThresholdChoice{Threshold: 0.375, Gain: 1}},
		{"equal gains: fewest alarms", []float64{1, 0.75, 0.5, 0.25}, []float64{1, -1, 1, 0}, metric.ThresholdChoice{Threshold: 0.875, Gain: 1}},
		{"one row", []float64{0.5}, []float64{1}, metric.ThresholdChoice{Threshold: 0.5, Gain: 1}},
		{"neighbouring floats", []float64{1, math.Nextafter(1, 2)}, []float64{-1, 1}, metric.ThresholdChoice{Threshold: math.Nextafter(1, 2), Gain: 1}},
		{"no overflow", []float64{math.MaxFloat64, math.MaxFloat64 / 2}, []float64{1, -1}, metric.ThresholdChoice{Threshold: 0.75 * math.MaxFloat64, Gain: 1}},
	} {
		got, err := metric.BestThreshold(c.scores, c.gains)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestBestThresholdRefuses(t *testing.T) {
	for message, c := range map[string][2][]float64{
		"2 scores but 1 gains":     {{1, 2}, {1}},
		"row 1: the score is NaN":  {{1, math.NaN()}, {1, 1}},
		"row 0: the gain is -Inf":  {{1, 2}, {math.Inf(-1), 1}},
		"there are no rows":        {nil, nil},
		"row 0: the score is +Inf": {{math.Inf(1)}, {1}},
	} {
		if _, err := metric.BestThreshold(c[0], c[1]); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("got %v, want %q", err, message)
		}
	}
}

// gainAt adds up the gains of all rows at or above the threshold.
func gainAt(scores, gains []float64, threshold float64) float64 {
	sum := 0.0
	for i, score := range scores {
		if score >= threshold {
			sum += gains[i]
		}
	}
	return sum
}

func TestBestThresholdEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 40).Draw(t, "rows")
		scores := rapid.SliceOfN(score(), rows, rows).Draw(t, "scores")
		gains := rapid.SliceOfN(rapid.Float64Range(-2, 2), rows, rows).Draw(t, "gains")
		got, err := metric.BestThreshold(scores, gains)
		if err != nil {
			t.Fatal(err)
		}
		best := 0.0 // predicting none positive
		for _, threshold := range scores {
			best = max(best, gainAt(scores, gains, threshold))
		}
		if differ(got.Gain, best, 1e-9) || differ(gainAt(scores, gains, got.Threshold), best, 1e-9) {
			t.Fatalf("got %+v, which gains %v; brute force finds %v", got, gainAt(scores, gains, got.Threshold), best)
		}
	})
}

// Searched over the gains of a cohort, the threshold's gain, as a share of the best, is what the Challenge's definition gives for it.
func TestThresholdUtilityIsTheChallengeUtility(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var scores, gains []float64
		var stays [][]bool
		for range rapid.IntRange(1, 4).Draw(t, "stays") {
			labels, _ := drawStay(t, "stay")
			stays = append(stays, labels)
			gains = append(gains, metric.RowGains(labels)...)
			scores = append(scores, rapid.SliceOfN(score(), len(labels), len(labels)).Draw(t, "scores")...)
		}
		choice, err := metric.BestThreshold(scores, gains)
		if err != nil {
			t.Fatal(err)
		}
		var total metric.Utility
		at := 0
		for _, labels := range stays {
			alarms := make([]bool, len(labels))
			for i := range alarms {
				alarms[i] = scores[at+i] >= choice.Threshold
			}
			at += len(labels)
			u, err := metric.StayUtility(labels, alarms)
			if err != nil {
				t.Fatal(err)
			}
			total = total.Plus(u)
		}
		best := 0.0 // what perfect scores gain
		for _, gain := range gains {
			best += max(gain, 0)
		}
		want, err := total.Normalised()
		if (err == nil) != (best > 0) || err == nil && differ(choice.Gain/best, want, 1e-9) {
			t.Fatalf("gains %v of %v; the stays give %v, %v", choice.Gain, best, want, err)
		}
	})
}
