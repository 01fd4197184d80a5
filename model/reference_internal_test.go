package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

func valuesOf(pairs map[sepsis.Variable]float64) sepsis.Values {
	values := sepsis.NoValues()
	for v, x := range pairs {
		values[v] = x
	}
	return values
}

// TestStrangenessByHand counts 8 hours: heart rate 60 in 6 of them, 90 in one, unknown in one.
func TestStrangenessByHand(t *testing.T) {
	var hours []sepsis.Values
	for range 6 {
		hours = append(hours, valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: 60}))
	}
	hours = append(hours, valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: 90}), sepsis.NoValues())
	r := fitReference(hours, func(int) bool { return true })
	if r.Counted != 8 || r.Held != 0 || len(r.Tail) != 0 {
		t.Errorf("%d counted, %d held, tail %v", r.Counted, r.Held, r.Tail)
	}
	// Edges 60, 90 and just above 90: nothing below 60, six below 90, one at 90, nothing above.
	if got := r.Variables[sepsis.HeartRate].Counts; len(got) != 4 || got[1] != 6 || got[2] != 1 {
		t.Errorf("counts %v", got)
	}
	d := newDensity(r)
	// With one imagined hour each: known in (7+1)/(8+2), unknown in (1+1)/(8+2) of the hours; of the known 60 in 7/11, 90
	// in 2/11, beyond in 1/11. The 33 other variables are unknown in (8+1)/(8+2).
	others := 33 * math.Log(10./9)
	for _, test := range []struct {
		heartRate, want float64
	}{
		{60, math.Log(11./7) + (others+math.Log(10./8))/34},
		{89, math.Log(11./7) + (others+math.Log(10./8))/34},
		{90, math.Log(11./2) + (others+math.Log(10./8))/34},
		{91, math.Log(11.) + (others+math.Log(10./8))/34},
		{59, math.Log(11.) + (others+math.Log(10./8))/34},
		{sepsis.Missing, (others + math.Log(10./2)) / 34},
	} {
		values := valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: test.heartRate})
		if got := d.strangeness(&values); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("heart rate %g: %.6f, want %.6f", test.heartRate, got, test.want)
		}
	}
}

// TestTailRanks: of n held hours, p needs the ceil((1-p)(n+1))-th (Vovk et al. 2005): with n = 99 and p = 0.01 the
// 99th, with n = 98 the 99th, which there is not.
func TestTailRanks(t *testing.T) {
	rising := make([]float64, 99)
	for i := range rising {
		rising[i] = float64(i + 1)
	}
	find := func(tail []TailPoint, p float64) float64 {
		for _, point := range tail {
			if point.P == p {
				return point.Strangeness
			}
		}
		return math.NaN()
	}
	full := tailOf(rising)
	for p, want := range map[float64]float64{0.2: 80, 0.1: 90, 0.05: 95, 0.02: 98, 0.01: 99} {
		if got := find(full, p); got != want {
			t.Errorf("p %g: %g, want %g", p, got, want)
		}
	}
	if got := find(full, 0.005); !math.IsNaN(got) {
		t.Errorf("99 hours cannot tell 0.005, yet %g", got)
	}
	if got := find(tailOf(rising[:98]), 0.01); !math.IsNaN(got) {
		t.Errorf("98 hours cannot tell 0.01, yet %g", got)
	}
	if got := tailOf(nil); len(got) != 0 {
		t.Errorf("without hours %v", got)
	}
}

// TestSplitConformalCoverage: of hours like the held ones a share p is stranger than the p-th tail point, give or take
// the luck of 20,000 draws (4 standard errors), though the values are counted in other hours.
func TestSplitConformalCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() sepsis.Values {
		values := sepsis.NoValues()
		for v := range values {
			if random.Float64() < 0.5 {
				values[v] = math.Exp(random.NormFloat64())
			}
		}
		return values
	}
	hours := make([]sepsis.Values, 40_000)
	for i := range hours {
		hours[i] = draw()
	}
	d := newDensity(fitReference(hours, func(i int) bool { return i%2 == 0 }))
	const n = 20_000
	flagged := map[float64]float64{}
	for range n {
		hour := draw()
		p := d.pValue(d.strangeness(&hour))
		for _, alpha := range []float64{limitedBelow, indeterminateBelow} {
			if p <= alpha {
				flagged[alpha] += 1. / n
			}
		}
	}
	for _, alpha := range []float64{limitedBelow, indeterminateBelow} {
		if deviation := math.Abs(flagged[alpha] - alpha); deviation > 4*math.Sqrt(2*alpha/n) {
			t.Errorf("%.4f flagged at %g", flagged[alpha], alpha)
		}
	}
}

func TestAllAlikeIsNeverStrange(t *testing.T) {
	hours := make([]sepsis.Values, 5000)
	for i := range hours {
		hours[i] = valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: 80})
	}
	r := fitReference(hours, func(i int) bool { return i%2 == 0 })
	d := newDensity(r)
	if p := d.pValue(d.strangeness(&hours[0])); p != 1 {
		t.Errorf("p %g for an hour like all others", p)
	}
	odd := valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: 81})
	if p := d.pValue(d.strangeness(&odd)); p > indeterminateBelow {
		t.Errorf("p %g for one like no other", p)
	}
	stay := &sepsis.Stay{Age: 60, Observations: []sepsis.Observation{{Hour: 1, Values: odd}}}
	last := d.reliability(stay).Reasons
	if got := last[len(last)-1]; got.Code != sepsis.UnlikeTraining || !strings.Contains(got.Message, "heart_rate 81") {
		t.Errorf("%+v", got)
	}
}

// TestLevelsOfStrangeness: strange is what exceeds a tail point, by 0.01 limited and by 0.001 indeterminate.
func TestLevelsOfStrangeness(t *testing.T) {
	hours := []sepsis.Values{valuesOf(map[sepsis.Variable]float64{
		sepsis.HeartRate: 80, sepsis.SpO2: 97, sepsis.Temperature: 37, sepsis.SystolicBP: 120, sepsis.WBC: 9,
	})}
	d := newDensity(fitReference(hours, func(int) bool { return true }))
	s := d.strangeness(&hours[0])
	stay := &sepsis.Stay{Age: 60, Observations: []sepsis.Observation{{Hour: 1, Values: hours[0]}}}
	for _, test := range []struct {
		tail []TailPoint
		want sepsis.ReliabilityLevel
	}{
		{nil, sepsis.GoodReliability},
		{[]TailPoint{{0.02, s - 1}}, sepsis.GoodReliability},
		{[]TailPoint{{0.02, s - 1}, {0.01, s}}, sepsis.GoodReliability},
		{[]TailPoint{{0.01, s - 1}}, sepsis.LimitedReliability},
		{[]TailPoint{{0.01, s - 1}, {0.002, s - 0.5}, {0.001, s}}, sepsis.LimitedReliability},
		{[]TailPoint{{0.01, s - 1}, {0.001, s - 0.5}}, sepsis.Indeterminate},
		{[]TailPoint{{0.01, s - 1}, {0.001, s - 0.5}, {0.0005, s - 0.2}}, sepsis.Indeterminate},
	} {
		d.reference.Tail = test.tail
		if got := d.reliability(stay); got.Level != test.want {
			t.Errorf("%v: %+v, want %s", test.tail, got, test.want)
		}
	}
}

func TestRefusesBadReferences(t *testing.T) {
	good := func() *Reference {
		hours := make([]sepsis.Values, 400)
		for i := range hours {
			hours[i] = valuesOf(map[sepsis.Variable]float64{sepsis.HeartRate: float64(60 + i%40)})
		}
		return fitReference(hours, func(i int) bool { return i < 200 })
	}
	if err := good().check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(r *Reference){
		"of 3 variables":    func(r *Reference) { r.Variables = r.Variables[:3] },
		"expected":          func(r *Reference) { r.Variables[3].Name = "pulse" },
		"counted":           func(r *Reference) { r.Counted = 0 },
		"counts for":        func(r *Reference) { r.Variables[0].Counts = nil },
		"do not rise":       func(r *Reference) { r.Variables[0].Edges[1] = r.Variables[0].Edges[0] },
		"in a bin":          func(r *Reference) { r.Variables[0].Counts[0] = -1 },
		"hours":             func(r *Reference) { r.Variables[0].Counts[0] = 150 },
		"larger to smaller": func(r *Reference) { r.Tail[1].P = r.Tail[0].P },
		"finite":            func(r *Reference) { r.Tail[0].Strangeness = math.Inf(1) },
		"too long":          func(r *Reference) { r.Tail = make([]TailPoint, 50) },
	} {
		r := good()
		spoil(r)
		if err := r.check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
