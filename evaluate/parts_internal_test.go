package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// drawn is how intervals are made where their ends are not looked at.
var drawn = bootstrap{1, 100}

// predicted is a stay of which each hour has a probability and a label.
func predicted(index int, labels []bool, probabilities ...float64) scoredStay {
	stay := &sepsis.LabelledStay{ID: fmt.Sprint(index), Hospital: "synthetic_setA", Labels: labels}
	for row := range labels {
		stay.Observations = append(stay.Observations, sepsis.Observation{Hour: row + 1, Values: sepsis.NoValues()})
	}
	return newScoredStay(stay, index, func(row int) answer {
		return answer{probability: probabilities[row], positive: probabilities[row] >= 0.2}
	})
}

// TestNetBenefitByHand: at a threshold of 0.2 the odds are 1/4.
func TestNetBenefitByHand(t *testing.T) {
	s := sample{predicted(0, []bool{false, true}, 0.5, 0.5), predicted(1, []bool{false, false}, 0.1, 0.3)}
	ratios := netBenefits(s, []float64{0.2, 0.05})
	once := []float64{1, 1}
	for i, want := range []float64{
		(1 - 2*0.25) / 4, // one true and two false positives
		(1 - 3*0.25) / 4, // everybody
		(1 - 3./19) / 4,  // all hours are above 0.05
		(1 - 3./19) / 4,
	} {
		if got := ratios[i].of(once); math.Abs(got-want) > 1e-15 {
			t.Errorf("net benefit %d is %g, want %g", i, got, want)
		}
	}
	curve, measurable := decisionCurve(s, pooled, drawn)
	if !measurable || len(curve.Points) != len(decisionThresholds) {
		t.Fatalf("%d points", len(curve.Points))
	}
	for _, p := range curve.Points {
		if want := p.Model.Value - max(0, p.All.Value); math.Abs(p.Advantage.Value-want) > 1e-15 {
			t.Errorf("advantage %g at %g, want %g", p.Advantage.Value, p.Threshold, want)
		}
	}
}

func TestCurvesByHand(t *testing.T) {
	// By falling probability: 0.9 labelled; 0.5 one of each; 0.1 not labelled.
	s := sample{predicted(0, []bool{false, true, true}, 0.5, 0.5, 0.9), predicted(1, []bool{false}, 0.1)}
	roc, pr := curves(s, &Group{Name: pooled})
	want := []CurvePoint{{0, 0.5, 0.9}, {0.5, 1, 0.5}, {1, 1, 0.1}}
	if fmt.Sprint(roc.Points) != fmt.Sprint(want) {
		t.Errorf("ROC %v, want %v", roc.Points, want)
	}
	want = []CurvePoint{{0.5, 1, 0.9}, {1, 2. / 3, 0.5}, {1, 0.5, 0.1}}
	if fmt.Sprint(pr.Points) != fmt.Sprint(want) {
		t.Errorf("precision and recall %v, want %v", pr.Points, want)
	}
}

func TestThinKeepsTheEnds(t *testing.T) {
	var points []CurvePoint
	for i := range 5000 {
		points = append(points, CurvePoint{X: float64(i) / 4999, Y: math.Sqrt(float64(i) / 4999)})
	}
	thinned := thin(points)
	if len(thinned) > curvePoints || len(thinned) < curvePoints*9/10 {
		t.Errorf("%d points", len(thinned))
	}
	if thinned[0] != points[0] || thinned[len(thinned)-1] != points[4999] {
		t.Error("an end is missing")
	}
	for i := 1; i < len(thinned); i++ {
		if thinned[i].X <= thinned[i-1].X || thinned[i].X-thinned[i-1].X+thinned[i].Y-thinned[i-1].Y > 0.02 {
			t.Fatalf("from %v to %v", thinned[i-1], thinned[i])
		}
	}
}

// some is a sample of made-up predictions with ties.
func some(stays int) sample {
	random := rand.New(rand.NewPCG(7, 7))
	var s sample
	for i := range stays {
		labels := make([]bool, 12)
		probabilities := make([]float64, 12)
		for row := range labels {
			labels[row] = i%3 == 0 && row >= 4
			probabilities[row] = (math.Round(20*random.Float64()) + 1) / 40
			if labels[row] {
				probabilities[row] += 0.2
			}
		}
		s = append(s, predicted(i, labels, probabilities...))
	}
	return s
}

func TestDecilesAgreeWithMetric(t *testing.T) {
	s := some(60)
	curve, err := calibrationDeciles(s, &Group{Name: pooled}, drawn)
	if err != nil {
		t.Fatal(err)
	}
	labels, probabilities := s.columns()
	want, err := metric.CalibrationCurve(labels, probabilities, nil, deciles)
	if err != nil {
		t.Fatal(err)
	}
	if len(curve.Bins) != len(want) {
		t.Fatalf("%d bins, want %d", len(curve.Bins), len(want))
	}
	for i, bin := range curve.Bins {
		if math.Abs(bin.Observed.Value-want[i].ObservedRate) > 1e-12 || bin.Observed.Low > bin.Observed.Value || bin.Observed.High < bin.Observed.Value {
			t.Errorf("bin %d: %v, want %g", i, bin.Observed, want[i].ObservedRate)
		}
	}
}

func TestDifferencesArePaired(t *testing.T) {
	s := some(60)
	m, _ := resample(len(s), drawn, newRows(s, 0).ranked)
	if d := m.less(m, auroc); d == nil || *d != (Figure{}) {
		t.Errorf("a sample less itself: %v, want 0 in every draw", d)
	}
	other, _ := resample(len(s), bootstrap{2, 100}, newRows(s, 0).ranked)
	if d := m.less(other, auroc); d.Value != 0 || d.Low >= 0 || d.High <= 0 {
		t.Errorf("other draws: %v, want an interval around 0", d)
	}
}

// TestRarelyDefinedIsUndefined: what only one stay of a hundred has is in 63 % of the draws, what only draws with three copies of it would tell is in few.
func TestRarelyDefinedIsUndefined(t *testing.T) {
	const stays = 100
	times := func(least float64) measure {
		return func(weights []float64) []float64 {
			if once := weights[0] == 1 && weights[1] == 1; once || weights[0] >= least {
				return []float64{weights[0]}
			}
			return []float64{math.NaN()}
		}
	}
	m, _ := resample(stays, drawn, times(1))
	if f := m.figure(0); f == nil || f.Value != 1 || f.Low < 1 {
		t.Errorf("in most draws: %v", f)
	}
	if m, _ = resample(stays, drawn, times(3)); m.figure(0) != nil {
		t.Errorf("in few draws: %v, want it undefined", m.figure(0))
	}
}

// TestBrierSkillOfAConstant: answering the prevalence has no skill, and knowing all has 1.
func TestBrierSkillOfAConstant(t *testing.T) {
	labels := []bool{false, false, true, true}
	for want, answers := range map[float64][]float64{0: {0.5, 0.5, 0.5, 0.5}, 1: {1e-9, 1e-9, 1 - 1e-9, 1 - 1e-9}} {
		s := sample{predicted(0, labels, answers...), predicted(1, labels, answers...)}
		found := phases(s, 0, drawn)
		if len(found) != 1 || math.Abs(found[0].BrierSkill.Value-want) > 1e-6 || math.Abs(found[0].PrevalenceBrier.Value-0.25) > 1e-12 {
			t.Errorf("phases %+v, want one of skill %g against a Brier score of 0.25", found, want)
		}
		if found[0].Group.StaySensitivity != nil {
			t.Error("a part of the hours has figures over whole stays")
		}
	}
}

func TestMeasuredRatesByHand(t *testing.T) {
	observation := func(hour, values int) sepsis.Observation {
		o := sepsis.Observation{Hour: hour, Values: sepsis.NoValues()}
		for v := range values {
			o.Values[v] = 1
		}
		return o
	}
	got := measuredRates([]sepsis.Observation{observation(3, 2), observation(4, 0), observation(6, 6), observation(27, 4), observation(60, 3)})
	// The last 24 hours at hour 27 begin with hour 4, at hour 60 with hour 37.
	for i, want := range []float64{2, 1, 8. / 4, 10. / 24, 3. / 24} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("observation %d: %g values an hour, want %g", i, got[i], want)
		}
	}
}

func TestAgeBands(t *testing.T) {
	for age, want := range map[float64]string{
		17.9: "under 18 years", 18: "18 to 44 years", 44.9: "18 to 44 years", 45: "45 to 64 years", 80: "80 years and over", 100: "80 years and over",
	} {
		if got := ageBand(age); got != want {
			t.Errorf("%g is %q, want %q", age, got, want)
		}
	}
	if ageBand(sepsis.Missing) != "not recorded" {
		t.Error("an unknown age is in a band")
	}
}

// TestUnknownScoresRankLowest: an hour of which nothing is known is never an alarm.
func TestUnknownScoresRankLowest(t *testing.T) {
	nothing := sepsis.NoValues()
	for k, points := range scorePoints(&nothing) {
		if points != unknownScore {
			t.Errorf("score %d of nothing is %d", k, points)
		}
	}
	s := sample{predicted(0, []bool{true, true, true}, 0.5, 0.5, 0.5), predicted(1, []bool{false, false, false}, 0.1, 0.1, 0.1)}
	found, err := baselines(t.Context(), s, []int{0, 1}, 2, drawn)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range found {
		if b.Name != "icu_hours" && (b.Known != 0 || b.Utility.Value != 0 || b.AUROC.Value != 0.5) {
			t.Errorf("%s: known %g, utility %v, AUROC %v", b.Name, b.Known, b.Utility, b.AUROC)
		}
	}
}

// TestClockThresholdsComeFromOtherFolds: each fold is judged by the hour that is best for the other one.
func TestClockThresholdsComeFromOtherFolds(t *testing.T) {
	late := make([]bool, 20) // labelled from the fifteenth hour on: alarms pay from the ninth
	for row := 14; row < 20; row++ {
		late[row] = true
	}
	flat := make([]float64, 20)
	s := sample{predicted(0, late, flat...), predicted(1, make([]bool, 20), flat...)}
	thresholds, err := foldThresholds(s, rule{risk: clock}, []int{0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	// Without any sepsis in the other fold, silence is best: above hour 20. The other way, RowGains is above 0 from
	// 11 hours before onset on, which is row 20: hour 10 is the first that pays.
	if thresholds[0] <= 20 || math.Abs(thresholds[1]-9.5) > 1e-9 {
		t.Errorf("thresholds %v, want one above 20, and 9.5", thresholds)
	}
}

func TestDegradationsTakeAway(t *testing.T) {
	full := sepsis.NoValues()
	for v := range full {
		full[v] = float64(v)
	}
	stay := &sepsis.LabelledStay{ID: "p1", Hospital: "h", Stay: sepsis.Stay{Observations: make([]sepsis.Observation, 200)}}
	for _, d := range degradations(1) {
		var kept [2]int
		for round := range kept {
			observations := make([]sepsis.Observation, 200)
			for i := range observations {
				observations[i].Values = full
			}
			d.degrade(stay, observations)
			for i := range observations {
				for v, value := range observations[i].Values {
					if !sepsis.IsMissing(value) && value != full[v] {
						t.Fatalf("%s changed a value", d.name)
					}
					if d.name == "vitals only" && sepsis.IsMissing(value) == sepsis.Variable(v).IsVital() {
						t.Fatalf("%s: %s", d.name, sepsis.Variable(v))
					}
				}
				kept[round] += observations[i].Values.Known()
			}
		}
		if share := float64(kept[0]) / float64(200*sepsis.NumVariables); kept[0] != kept[1] || d.name != "vitals only" && math.Abs(share-0.5) > 0.03 {
			t.Errorf("%s keeps %d, then %d values: a share of %.3f", d.name, kept[0], kept[1], share)
		}
	}
}

// TestCountingHoursIsSilentBeforeItsHour: in a band before it, it is worth nothing, and in one after it as much as always alarming.
// TestBestHour: where an alarm is worth most in every hour, counting begins with the first, and where in none, after the last.
func TestBestHour(t *testing.T) {
	for _, test := range []struct {
		name  string
		gains []float64 // of hours 1, 2, 4
		want  float64
	}{
		{"always", []float64{1, 1, 1}, 1},
		{"from the second on", []float64{-1, 1, 1}, 2},
		{"the last alone", []float64{-1, -1, 1}, 3},
		{"never", []float64{-1, -1, -1}, 5},
	} {
		stay := scoredStay{hours: make([]scoredHour, len(test.gains))}
		for i, gain := range test.gains {
			stay.hours[i] = scoredHour{gain: gain, icuHour: []float64{1, 2, 4}[i]}
		}
		if got, err := (sample{stay}).hoursThreshold(); err != nil || got != test.want {
			t.Errorf("%s: hour %g, %v, want %g", test.name, got, err, test.want)
		}
	}
}

func TestCountingHoursIsSilentBeforeItsHour(t *testing.T) {
	labels := make([]bool, 20)
	for row := 5; row < 20; row++ {
		labels[row] = true
	}
	answers := slices.Repeat([]float64{0.5}, 20)
	s := sample{predicted(0, labels, answers...), predicted(1, make([]bool, 20), answers...)}
	found := hourBands(s, 10, drawn)
	if len(found) != 2 || found[0].ClockUtility.Value != 0 || found[1].ClockUtility.Value != found[1].ModelUtility.Value || found[1].OverUtility.Value != 0 || found[0].OverUtility.Value != found[0].ModelUtility.Value {
		t.Errorf("bands %+v", found)
	}
}
