package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCoarseBinsHardlyChangeCalibration compares 200 bins of 100 rows with no bins at all.
func TestCoarseBinsHardlyChangeCalibration(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	stay := scoredStay{septic: true}
	for range 20000 {
		p := 1 / (1 + math.Exp(3-random.NormFloat64()))
		stay.hours = append(stay.hours, scoredHour{probability: p, label: random.Float64() < p*0.8, gain: 1})
	}
	r := newRows(sample{stay}, 0)
	coarse, coarseLarge := r.calibration([]float64{1}, 200)
	exact, exactLarge := r.calibration([]float64{1}, len(r.sorted))
	if math.Abs(coarse-exact) > 5e-3 || math.Abs(coarseLarge-exactLarge) > 5e-3 {
		t.Errorf("slope %g, in the large %g with 200 bins; %g, %g without", coarse, coarseLarge, exact, exactLarge)
	}
}

// TestSmoothedCalibrationByHand: hours of one risk have the share of labels as their smoothed share, and no line is drawn through one point.
func TestSmoothedCalibrationByHand(t *testing.T) {
	stay := func(index int, labels ...bool) scoredStay {
		return predicted(index, slices.Repeat(labels, 20), slices.Repeat([]float64{0.2}, 20*len(labels))...)
	}
	got := smoothed(sample{stay(0, false, true), stay(1, false, false), stay(2, true, true)}, drawn)
	for name, f := range map[string]*Figure{"index": got.Index, "of the watch list": got.Watched, "median": got.Median, "ninetieth": got.Ninetieth} {
		if f == nil || math.Abs(f.Value-0.3) > 1e-12 { // half of the hours have the label
			t.Errorf("%s: %v, want 0.3", name, f)
		}
	}
	if len(got.Points) != 1 || got.Points[0].Predicted != 0.2 || math.Abs(got.Points[0].Observed.Value-0.5) > 1e-12 {
		t.Errorf("curve %v, want 0.5 at 0.2", got.Points)
	}
	if few := smoothed(sample{stay(0, false, true), stay(1, true, true)}, drawn); len(few.Points) != 0 {
		t.Errorf("80 hours are drawn: %v", few.Points)
	}
}

// TestSmoothedCalibrationFindsWhatIsWrong: with risks that are right it finds little, and with risks of which every odds is doubled their distance.
func TestSmoothedCalibrationFindsWhatIsWrong(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	var right, wrong sample
	want := 0.0
	const stays, hours = 2000, 10
	for i := range stays {
		labels, truth, doubled := make([]bool, hours), make([]float64, hours), make([]float64, hours)
		for h := range hours {
			p := 1 / (1 + math.Exp(4-3*random.Float64()))
			labels[h], truth[h], doubled[h] = random.Float64() < p, p, 2*p/(1+p)
			want += (doubled[h] - p) / (stays * hours)
		}
		right, wrong = append(right, predicted(i, labels, truth...)), append(wrong, predicted(i, labels, doubled...))
	}
	well, badly := smoothed(right, drawn), smoothed(wrong, drawn)
	if well.Index.Value > 0.005 || well.Index.High > 0.01 {
		t.Errorf("right risks are %v from what is observed", well.Index)
	}
	if math.Abs(badly.Index.Value-want) > 0.005 || badly.Index.Low > badly.Index.Value || badly.Index.High < badly.Index.Value || badly.Ninetieth.Value < badly.Median.Value {
		t.Errorf("doubled odds are %v off, want %.4f; nine tenths within %v, half within %v", badly.Index, want, badly.Ninetieth, badly.Median)
	}
	for _, p := range badly.Points {
		if p.Predicted < 0.05 || p.Predicted > 0.4 {
			continue // the ends of the curve are known less well
		}
		if truth := p.Predicted / (2 - p.Predicted); math.Abs(p.Observed.Value-truth) > 0.02 {
			t.Errorf("at %g the curve has %v, want %.4f", p.Predicted, p.Observed, truth)
		}
	}
	r := newRows(wrong, 0)
	fine, coarse := smoothedFigures(r.pooled(slices.Repeat([]float64{1}, stays), 5*smoothedBins)), smoothedFigures(r.pooled(slices.Repeat([]float64{1}, stays), smoothedBins))
	if math.Abs(fine[smoothedIndex]-coarse[smoothedIndex]) > 1e-4 {
		t.Errorf("pooled into %d bins the index is %g, into five times as many %g", smoothedBins, coarse[smoothedIndex], fine[smoothedIndex])
	}
}

// TestHighestTenthIsDivided: every hour above the ninth tenth is in one part, and none below it.
func TestHighestTenthIsDivided(t *testing.T) {
	var s sample
	for i := range 1000 {
		s = append(s, predicted(i, []bool{i%2 == 0}, float64(i+1)/2000))
	}
	_, probabilities := s.columns()
	var hours []int
	for _, part := range topParts(s, probabilities, drawn) {
		hours = append(hours, part.Hours)
		if math.Abs(part.Predicted-(part.Low+part.High)/2) > 1e-12 || math.Abs(part.Observed.Value-0.5) > 0.17 {
			t.Errorf("%+v", part)
		}
	}
	if want := []int{50, 30, 10, 5, 3, 2}; !slices.Equal(hours, want) {
		t.Errorf("%v hours, want %v", hours, want)
	}
	flat := sample{predicted(0, []bool{false, true}, 0.2, 0.2)}
	if _, p := flat.columns(); len(topParts(flat, p, drawn)) != 0 {
		t.Error("hours of one risk are divided")
	}
}
