package monitor

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// TestProportion: the interval is that of Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), Table I, method 3.
func TestProportion(t *testing.T) {
	p := proportion(81, 263)
	if math.Abs(*p.Low-0.2553) > 5e-5 || math.Abs(*p.High-0.3662) > 5e-5 || *p.Value != 81.0/263 {
		t.Errorf("81 of 263: %g (%g to %g)", *p.Value, *p.Low, *p.High)
	}
	if p := proportion(0, 0); p.Value != nil || p.Low != nil || !p.Insufficient {
		t.Errorf("0 of 0: %+v", p)
	}
	if !proportion(19, 19).Insufficient || proportion(20, 20).Insufficient || *proportion(20, 20).High != 1 {
		t.Error("the bound is at 20")
	}
}

// TestProportionByPatients: what predictions are worth that are alike within patients, by hand and by an independent program.
func TestProportionByPatients(t *testing.T) {
	alone := make([]counted, 148)
	for i := range 15 {
		alone[i].count = 1
	}
	for i := range alone {
		alone[i].of = 1
	}
	for name, test := range map[string]struct {
		patients  []counted
		low, high float64
		few       bool
	}{
		// As in TestWilson: patients of one prediction each are independent.
		"one each": {alone, 0.0624, 0.1605, false},
		// Design effect (240·10/9)/100² / (0.24/99) = 11, quantiles 1.98422 and 2.26216: worth 6.994 predictions.
		"wholly alike": {[]counted{{10, 10}, {10, 10}, {10, 10}, {10, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}}, 0.1416, 0.7293, true},
		"in part":      {[]counted{{3, 10}, {0, 4}, {5, 8}, {0, 0}, {1, 10}, {2, 5}, {0, 3}}, 0.1060, 0.5482, true},
		// No variance: 0 of 5, for 5 patients.
		"all agree":   {[]counted{{0, 20}, {0, 20}, {0, 20}, {0, 20}, {0, 20}}, 0, 0.4345, true},
		"one patient": {[]counted{{50, 100}}, 0.0546, 0.9454, true}, // 1/2 of 1: 0.5 ∓ sqrt((1/4 + z²/4)/(1 + z²)²)·z
	} {
		p := proportionOf(test.patients)
		if math.Abs(*p.Low-test.low) > 5e-5 || math.Abs(*p.High-test.high) > 5e-5 || p.Insufficient != test.few {
			t.Errorf("%s: %d of %d, %g to %g, insufficient %v, want %g to %g, %v", name, p.Count, p.Of, *p.Low, *p.High, p.Insufficient, test.low, test.high, test.few)
		}
	}
	if p := proportionOf(nil); p.Value != nil || !p.Insufficient {
		t.Errorf("of nothing: %+v", p)
	}
}

// TestIntervalsHoldTheTruth: over many wards of patients who differ, as often as 95 % intervals should, about. Those that take predictions as independent do so
// in less than half of the wards.
func TestIntervalsHoldTheTruth(t *testing.T) {
	const wards, patients, truth = 400, 60, 0.3
	random := rand.New(rand.NewPCG(11, 0))
	held, independent := 0, 0
	for range wards {
		all, count, of := make([]counted, patients), 0, 0
		for i := range all {
			all[i].of = 5 + random.IntN(50)
			if random.Float64() < truth { // all of a patient's, or none
				all[i].count = all[i].of
			}
			count, of = count+all[i].count, of+all[i].of
		}
		holds := func(p sepsis.Proportion) int {
			if *p.Low <= truth && truth <= *p.High {
				return 1
			}
			return 0
		}
		held, independent = held+holds(proportionOf(all)), independent+holds(proportion(count, of))
	}
	if held < wards*9/10 || independent > wards/2 {
		t.Errorf("%d of %d hold the truth, and %d of those that take predictions as independent", held, wards, independent)
	}
}

// TestRateByPatients: 8 alerts in 20 days, of two of four patients: they differ by 2.67 times what chance would, so these are 3 alerts in 7.5 days.
func TestRateByPatients(t *testing.T) {
	value, low, high := rate([]watched{{4, 5}, {0, 5}, {0, 5}, {4, 5}})
	if value != 0.4 || math.Abs(low-0.08249) > 5e-6 || math.Abs(high-1.16897) > 5e-6 {
		t.Errorf("%g (%g to %g)", value, low, high)
	}
	// Of one of two: by 8 times, so that these are 1 alert in 2.5 days.
	if _, low, high = rate([]watched{{8, 10}, {0, 10}}); math.Abs(2.5*low-0.0253) > 5e-4 || math.Abs(2.5*high-5.572) > 5e-4 {
		t.Errorf("one of two patients: %g to %g, want those of 1 event in 2.5 days", low, high)
	}
	if _, low, high = rate([]watched{{2, 5}, {2, 5}}); math.Abs(4*low-0.4360) > 5e-4 || math.Abs(10*high-10.2416) > 5e-4 {
		t.Errorf("patients who are alike by chance alone: %g to %g, want those of 4 events", low, high)
	}
}

// TestRate: the exact limits of a Poisson count, as in Garwood 1936 and every later table: 0 (0, 3.689), 1 (0.0253, 5.572), 5 (1.623, 11.668),
// 10 (4.795, 18.390).
func TestRate(t *testing.T) {
	for events, want := range map[int][2]float64{0: {0, 3.689}, 1: {0.0253, 5.572}, 5: {1.623, 11.668}, 10: {4.795, 18.390}} {
		if value, low, high := rate([]watched{{events, 2}}); value != float64(events)/2 || math.Abs(2*low-want[0]) > 6e-4 || math.Abs(2*high-want[1]) > 6e-4 {
			t.Errorf("%d: %g (%g to %g), want %v", events, value, low, high, want)
		}
	}
}

// TestChance: 16.919 is the 0.95 quantile of chi-squared with 9 degrees of freedom in any table.
func TestChance(t *testing.T) {
	if got, want := chance(10, 1000, 4000), 16.919*(0.001+0.00025); math.Abs(got-want) > 1e-6 {
		t.Errorf("%g, want %g", got, want)
	}
}

// TestLevels: the bounds of Siddiqi 2006 belong to the level above them.
func TestLevels(t *testing.T) {
	for psi, want := range map[float64]sepsis.DriftLevel{
		0: sepsis.StableDrift, 0.0999: sepsis.StableDrift, 0.1: sepsis.ModerateDrift, 0.2499: sepsis.ModerateDrift, 0.25: sepsis.LargeDrift, 9: sepsis.LargeDrift,
	} {
		if got := level(psi); got != want {
			t.Errorf("%g is %s, want %s", psi, got, want)
		}
	}
}

func TestSharesAreNeverEmpty(t *testing.T) {
	// (0 + 0.5) / (3 + 1.5), (1 + 0.5) / 4.5, (2 + 0.5) / 4.5
	if got := shares([]int{0, 1, 2}); !slices.Equal(got, []float64{0.5 / 4.5, 1.5 / 4.5, 2.5 / 4.5}) {
		t.Errorf("%v", got)
	}
}

// TestBinsAreJoined until each has a twentieth of the values.
func TestBinsAreJoined(t *testing.T) {
	for name, test := range map[string]struct {
		edges  []float64
		counts []int
		want   Bins
	}{
		"large enough":     {[]float64{1, 2}, []int{30, 40, 30}, Bins{Edges: []float64{1, 2}, Counts: []int{30, 40, 30}, Missing: 7}},
		"first":            {[]float64{1, 2, 3}, []int{0, 4, 46, 50}, Bins{Edges: []float64{3}, Counts: []int{50, 50}, Missing: 7}},
		"last":             {[]float64{1, 2, 3}, []int{50, 46, 4, 0}, Bins{Edges: []float64{1}, Counts: []int{50, 50}, Missing: 7}},
		"between":          {[]float64{1, 2, 3}, []int{48, 2, 2, 48}, Bins{Edges: []float64{1}, Counts: []int{48, 52}, Missing: 7}},
		"one value alone":  {[]float64{1, 2}, []int{0, 100, 0}, Bins{Counts: []int{100}, Missing: 7}},
		"never measured":   {nil, []int{0}, Bins{Counts: []int{0}, Missing: 7}},
		"edges, no values": {[]float64{1}, []int{0, 0}, Bins{Counts: []int{0}, Missing: 7}},
	} {
		got, err := NewBins(test.edges, test.counts, 7)
		if err != nil || !slices.Equal(got.Edges, test.want.Edges) || !slices.Equal(got.Counts, test.want.Counts) || got.Missing != 7 {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, test.want)
		}
	}
	for name, wrong := range map[string]struct {
		edges   []float64
		counts  []int
		missing int
	}{
		"edges that fall": {[]float64{2, 1}, []int{1, 1, 1}, 0}, "a count too many": {nil, []int{1, 1}, 0},
		"a count below 0": {[]float64{1}, []int{-1, 1}, 0}, "missing below 0": {[]float64{1}, []int{1, 1}, -1},
	} {
		if got, err := NewBins(wrong.edges, wrong.counts, wrong.missing); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestBinOfAnEdge: an edge belongs to the bin above it, as in model.VariableReference.
func TestBinOfAnEdge(t *testing.T) {
	bins := Bins{Edges: []float64{1, 2}}
	for value, want := range map[float64]int{0: 0, 1: 1, 1.5: 1, 2: 2, 99: 2, math.Inf(-1): 0} {
		if got := bins.bin(value); got != want {
			t.Errorf("%g is in bin %d, want %d", value, got, want)
		}
	}
}

func TestEpisodes(t *testing.T) {
	for _, test := range []struct {
		states map[int]bool
		want   int
	}{
		{nil, 0},
		{map[int]bool{1: false, 2: false}, 0},
		{map[int]bool{1: true, 2: true, 3: true}, 1},
		{map[int]bool{1: true, 2: false, 3: true}, 2},
		{map[int]bool{9: true, 1: true}, 1}, // the hours between were not asked about
		{map[int]bool{3: true, 2: false}, 1},
	} {
		if got := episodes(test.states); got != test.want {
			t.Errorf("%v: %d, want %d", test.states, got, test.want)
		}
	}
}

// TestGroupsHardlyChangeTheSlope: the bootstrap fits groups of rows, and its interval must not move by that.
func TestGroupsHardlyChangeTheSlope(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 0))
	var told []prediction
	for range 4000 {
		logit := -2 + 1.5*random.NormFloat64()
		p := 1 / (1 + math.Exp(-logit))
		told = append(told, prediction{risk: sepsis.Risk{Probability: p}, septic: random.Float64() < p})
	}
	r := newRows(told)
	g := r.grouped()
	sizes := make([]float64, len(g.septic))
	for _, group := range g.group {
		sizes[group]++
	}
	fit, err := metric.Recalibrate(r.septic, r.probabilities, nil)
	grouped, err2 := metric.Recalibrate(g.septic, g.probabilities, sizes)
	slope := calibration(told).Slope
	if width := *slope.High - *slope.Low; err != nil || err2 != nil || math.Abs(fit.Slope-grouped.Slope) > 0.05*width {
		t.Errorf("slope %g by rows, %g by groups, interval of width %g (%v, %v)", fit.Slope, grouped.Slope, width, err, err2)
	}
}

// TestTailsOfTheBootstrap: of 200 draws, five lie beyond either end of the interval; with fewer than half of them it is none.
func TestTailsOfTheBootstrap(t *testing.T) {
	r := newRows([]prediction{{patient: "a", septic: true, risk: sepsis.Risk{Probability: 0.6}}, {patient: "b", risk: sepsis.Risk{Probability: 0.4}}})
	for defined, want := range map[int]struct {
		low, high    float64
		insufficient bool
	}{200: {6, 195, false}, 100: {3, 98, false}, 99: {insufficient: true}} {
		drawn := -1
		e := r.estimate(r.grouped(), func([]bool, []float64, []float64) (float64, error) { // 0 of the log itself, then 1, 2, ...
			if drawn++; drawn > defined {
				return 0, errors.New("not defined")
			}
			return float64(drawn), nil
		})
		if *e.Value != 0 || e.Insufficient != want.insufficient || (e.Low == nil) != want.insufficient || !want.insufficient && (*e.Low != want.low || *e.High != want.high) {
			t.Errorf("%d draws: %+v, want %+v", defined, e, want)
		}
	}
}
