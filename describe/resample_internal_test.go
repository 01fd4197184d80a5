package describe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

// ofStays makes two samples of stays with some values each, most of them tied.
func ofStays(stays int) (first, second *sample) {
	random := rand.New(rand.NewPCG(3, 4))
	sides := [2]sample{}
	for stay := range stays {
		for range random.IntN(5) {
			side := random.IntN(2)
			sides[side].add(math.Round(4*random.NormFloat64())+float64(side), stay)
		}
	}
	return &sides[0], &sides[1]
}

// repeated are the values of a draw, each as often as its stay is drawn.
func repeated(s *sample, weights []uint8) []float64 {
	var values []float64
	for i, value := range s.values {
		values = append(values, slices.Repeat([]float64{value}, int(weights[s.stays[i]]))...)
	}
	return values
}

// TestEveryDrawIsMeasuredAsIfItsStaysWereThere holds each draw against its own rows, written out and given to package
// metric, and the ends of the interval against the draws in order.
func TestEveryDrawIsMeasuredAsIfItsStaysWereThere(t *testing.T) {
	first, second := ofStays(60)
	d := newDraws(60, 0)
	var want []float64
	for _, weights := range d {
		a, b := repeated(first, weights), repeated(second, weights)
		labels := slices.Concat(make([]bool, len(a)), slices.Repeat([]bool{true}, len(b)))
		area, err := metric.AUROC(labels, slices.Concat(a, b), nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, area)
	}
	draw := 0
	got := newComparison(first, second, 60).estimates(d, func(counts []split, at int) []Number {
		if area := auroc(counts); at != draw || math.Abs(float64(area)-want[at]) > 1e-12 {
			t.Errorf("draw %d: %v, want %v", at, float64(area), want[at])
		}
		draw++
		return []Number{auroc(counts)}
	})[0]
	drawn := slices.Sorted(slices.Values(want[1:]))
	if draw != 1+resamples || math.Abs(float64(got.Low)-drawn[10]) > 1e-12 || math.Abs(float64(got.High)-drawn[389]) > 1e-12 {
		t.Errorf("%d draws, %+v, want %v to %v", draw, got, drawn[10], drawn[389])
	}
}

// TestDrawsTakeAsManyStays: each draw has as many stays as there are, and the hospitals' draws are not the same.
func TestDrawsTakeAsManyStays(t *testing.T) {
	for _, stays := range []int{1, 2, 300} {
		d := newDraws(stays, 0)
		for i, weights := range d {
			sum := 0
			for _, weight := range weights {
				sum += int(weight)
			}
			if sum != stays || i == 0 && slices.Max(weights) != 1 {
				t.Fatalf("draw %d of %d stays has %d", i, stays, sum)
			}
		}
	}
	if slices.Equal(newDraws(300, 0)[1], newDraws(300, 1)[1]) {
		t.Error("two hospitals have the same draws")
	}
}

// TestADistanceIsReflected: 0.3 with resamples from 0.28 to 0.36 is 0.24 to 0.32, and never below 0.
func TestADistanceIsReflected(t *testing.T) {
	if e := (Estimate{0.3, 0.28, 0.36}).reflected(); math.Abs(float64(e.Low)-0.24) > 1e-12 || math.Abs(float64(e.High)-0.32) > 1e-12 {
		t.Errorf("%+v", e)
	}
	if e := (Estimate{0.01, 0.01, 0.04}).reflected(); e.Low != 0 || math.Abs(float64(e.High)-0.01) > 1e-12 {
		t.Errorf("%+v", e)
	}
	if e := (Estimate{0.3, undefined, undefined}).reflected(); e.Value != 0.3 || e.Low.Defined() || e.High.Defined() {
		t.Errorf("without an interval: %+v", e)
	}
}
