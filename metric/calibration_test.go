package metric_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
	"pgregory.net/rapid"
)

// Two groups, each with the rate that was predicted, are perfectly calibrated: intercept 0, slope 1.
func TestPerfectCalibration(t *testing.T) {
	labels := bools(1, 0, 0, 0, 1, 1, 1, 0)
	probabilities := []float64{0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75}
	got, err := metric.Recalibrate(labels, probabilities, nil)
	if err != nil || !near(got.Intercept, 0) || !near(got.Slope, 1) {
		t.Errorf("got %+v, %v; want intercept 0, slope 1", got, err)
	}
}

// With two distinct probabilities the fit passes through both observed rates, so it can be solved by hand:
// rates 1/4 and 1/2 at probabilities 1/4 and 3/4 give slope (0 + ln 3) / (2 ln 3) and intercept -ln 3 / 2.
func TestRecalibrationByHand(t *testing.T) {
	labels := bools(1, 0, 0, 0, 1, 0)
	probabilities := []float64{0.25, 0.25, 0.25, 0.25, 0.75, 0.75}
	got, err := metric.Recalibrate(labels, probabilities, nil)
	if err != nil || !near(got.Slope, 0.5) || !near(got.Intercept, -math.Log(3)/2) {
		t.Errorf("got %+v, %v; want intercept %v, slope 0.5", got, err, -math.Log(3)/2)
	}
}

// As above with rates of 1 in 1,000,001 and 1/2. The fit starts at the prevalence, where the second group looks almost
// certain: a whole Newton step from there overshoots, and only halved steps arrive.
func TestRecalibrationOfRareEvents(t *testing.T) {
	got, err := metric.Recalibrate(bools(1, 0, 1, 0), []float64{0.25, 0.25, 0.75, 0.75}, []float64{1, 1e6, 1, 1})
	slope, intercept := math.Log(1e6)/(2*math.Log(3)), -math.Log(1e6)/2
	if err != nil || differ(got.Slope, slope, 1e-9) || differ(got.Intercept, intercept, 1e-9) {
		t.Errorf("got %+v, %v; want intercept %v, slope %v", got, err, intercept, slope)
	}
}

// With logits of -5, -572 and 2 every intercept from about 40 to 530 fits all rows to the last digit: rounding alone would
// choose among them.
func TestInterceptOnAPlateauIsNotConverged(t *testing.T) {
	got, err := metric.CalibrationInTheLarge(bools(0, 1, 1), []float64{0.006, 1e-249, 0.84}, nil)
	if !errors.Is(err, metric.ErrNotConverged) || got != 0 {
		t.Errorf("got %v, %v; want %v", got, err, metric.ErrNotConverged)
	}
}

// Recalibrating what was distorted on the logit scale undoes the distortion.
func TestRecalibrationUndoesDistortion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		shift := rapid.Float64Range(-8, 8).Draw(t, "shift")
		stretch := rapid.Float64Range(0.2, 4).Draw(t, "stretch")
		distorted := make([]float64, len(s.scores))
		for i, p := range s.scores {
			distorted[i] = 1 / (1 + math.Exp(-shift-stretch*math.Log(p/(1-p))))
		}
		before, err := metric.Recalibrate(s.labels, s.scores, nil)
		after, distortedErr := metric.Recalibrate(s.labels, distorted, nil)
		if err != nil || distortedErr != nil {
			t.Skip("separated")
		}
		if differ(after.Slope*stretch, before.Slope, 1e-5) || differ(after.Intercept+after.Slope*shift, before.Intercept, 1e-5) {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}

// The bounds are those of CalibrationCurves 2.0: 1e-8 and 1 - 1e-8.
func TestBounded(t *testing.T) {
	for p, want := range map[float64]float64{0: 1e-8, 1e-300: 1e-8, 1e-8: 1e-8, 2e-8: 2e-8, 0.5: 0.5, 1 - 1e-9: 1 - 1e-8, 1: 1 - 1e-8} {
		if got := metric.Bounded(p); got != want {
			t.Errorf("%g: %g, want %g", p, got, want)
		}
	}
	if !math.IsNaN(metric.Bounded(math.NaN())) {
		t.Error("what is no number has become one")
	}
	labels, probabilities := bools(1, 0, 0, 0, 1, 0), []float64{0.25, 0.25, 0.25, 0, 0.75, 0.75}
	if _, err := metric.Recalibrate(labels, probabilities, nil); err == nil {
		t.Error("a probability of 0 has a logit")
	}
	probabilities[3] = metric.Bounded(probabilities[3])
	if _, err := metric.Recalibrate(labels, probabilities, nil); err != nil {
		t.Error(err)
	}
}

func TestCalibrationCurve(t *testing.T) {
	labels := bools(0, 1, 0, 1, 1, 1)
	probabilities := []float64{0.1, 0.2, 0.2, 0.8, 0.9, 1}
	got, err := metric.CalibrationCurve(labels, probabilities, nil, 2)
	want := []metric.CalibrationBin{
		{Low: 0.1, High: 0.2, Rows: 3, Weight: 3, MeanProbability: 0.5 / 3, ObservedRate: 1.0 / 3},
		{Low: 0.8, High: 1, Rows: 3, Weight: 3, MeanProbability: 0.9, ObservedRate: 1},
	}
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i := range want {
		got[i].MeanProbability, want[i].MeanProbability = round(got[i].MeanProbability), round(want[i].MeanProbability)
		got[i].ObservedRate, want[i].ObservedRate = round(got[i].ObservedRate), round(want[i].ObservedRate)
		if got[i] != want[i] {
			t.Errorf("bin %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func round(x float64) float64 { return math.Round(x*1e12) / 1e12 }

// A tie goes, whole, where its middle falls: the middle of the three rows at 0.1 lies in the lower half of the four.
func TestCalibrationCurveDoesNotSplitTies(t *testing.T) {
	curve, err := metric.CalibrationCurve(bools(0, 0, 1, 1), []float64{0.1, 0.1, 0.1, 0.9}, nil, 2)
	if err != nil || len(curve) != 2 || curve[0].Rows != 3 || curve[1].Rows != 1 {
		t.Errorf("got %+v, %v; want bins of 3 and 1", curve, err)
	}
	// From above, 2 of the 7 rows come first, so that the middle of the next four lies at 4 of 7, in the lower half.
	curve, err = metric.CalibrationCurve(bools(0, 0, 1, 0, 1, 1, 1), []float64{0.1, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9}, nil, 2)
	if err != nil || len(curve) != 2 || curve[0].Rows != 5 || curve[1].Rows != 2 {
		t.Errorf("got %+v, %v; want bins of 5 and 2", curve, err)
	}
}

func TestCalibrationCurveOfDegenerateRows(t *testing.T) {
	one, err := metric.CalibrationCurve(bools(0, 1, 0, 1), []float64{0.3, 0.3, 0.3, 0.3}, nil, 10)
	if err != nil || len(one) != 1 || one[0].Rows != 4 || one[0].ObservedRate != 0.5 {
		t.Errorf("equal probabilities: got %+v, %v; want one bin of 4", one, err)
	}
	left, err := metric.CalibrationCurve(bools(0, 1, 1), []float64{0.3, 0.3, 0.9}, []float64{1, 0, 0}, 3)
	if err != nil || len(left) != 1 || left[0].Rows != 1 || left[0].High != 0.3 || left[0].ObservedRate != 0 {
		t.Errorf("rows of weight 0: got %+v, %v; want one bin of 1", left, err)
	}
	_, err = metric.CalibrationCurve(nil, nil, nil, 10)
	if _, undefined := errors.AsType[*metric.UndefinedError](err); !undefined {
		t.Errorf("no rows: got %v", err)
	}
	for message, bins := range map[string]int{"0 bins": 0, "-3 bins": -3} {
		if _, err := metric.CalibrationCurve(bools(1), []float64{0.5}, nil, bins); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("got %v, want %q", err, message)
		}
	}
	if _, err := metric.CalibrationCurve(bools(1), []float64{1.5}, nil, 2); err == nil {
		t.Error("a probability of 1.5 was taken")
	}
}

func TestCalibrationCurveKeepsEveryRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		curve, err := metric.CalibrationCurve(s.labels, s.scores, nil, rapid.IntRange(1, 12).Draw(t, "bins"))
		if err != nil {
			t.Fatal(err)
		}
		rows, sum, below := 0, 0.0, -1.0
		for _, bin := range curve {
			if bin.Low <= below || bin.High < bin.Low || bin.Rows == 0 {
				t.Fatalf("bins overlap or are empty: %+v", curve)
			}
			rows, sum, below = rows+bin.Rows, sum+bin.MeanProbability*bin.Weight, bin.High
		}
		want := 0.0
		for _, p := range s.scores {
			want += p
		}
		if rows != len(s.scores) || differ(sum, want, 1e-9) {
			t.Fatalf("%d rows of sum %v went in, %d of sum %v came out", len(s.scores), want, rows, sum)
		}
	})
}
