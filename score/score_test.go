package score_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// grade is a measured value and the points that the publication gives for it.
type grade struct {
	value  float64
	points int
}

// Values at each cut-off, just below and just above, read from the published tables: Singer 2016 box 4, Bone
// 1992, Vincent 1996 table 3, Royal College of Physicians 2017 chart 1.
var published = []struct {
	score    score.BedsideScore
	item     string
	variable sepsis.Variable
	grades   []grade
}{
	{score.QSOFA, "respiratory_rate", sepsis.RespiratoryRate, []grade{{0, 0}, {21, 0}, {21.99, 0}, {22, 1}, {22.01, 1}, {23, 1}}},
	{score.QSOFA, "systolic_bp", sepsis.SystolicBP, []grade{{99, 1}, {99.99, 1}, {100, 1}, {100.01, 0}, {101, 0}}},

	{score.SIRS, "temperature", sepsis.Temperature, []grade{{35.9, 1}, {35.99, 1}, {36, 0}, {36.01, 0}, {37, 0}, {37.99, 0}, {38, 0}, {38.01, 1}, {38.1, 1}}},
	{score.SIRS, "heart_rate", sepsis.HeartRate, []grade{{89, 0}, {89.99, 0}, {90, 0}, {90.01, 1}, {91, 1}}},
	{score.SIRS, "respiration", sepsis.RespiratoryRate, []grade{{0, 0}, {19, 0}, {19.99, 0}, {20, 0}, {20.01, 1}, {21, 1}}},
	{score.SIRS, "respiration", sepsis.PaCO2, []grade{{31, 1}, {31.99, 1}, {32, 0}, {32.01, 0}, {33, 0}}},
	{score.SIRS, "leukocytes", sepsis.WBC, []grade{{0, 1}, {3.9, 1}, {3.99, 1}, {4, 0}, {4.01, 0}, {11.99, 0}, {12, 0}, {12.01, 1}, {12.1, 1}}},

	{score.SOFA, "coagulation", sepsis.Platelets, []grade{
		{0, 4},
		{19, 4},
		{19.99, 4},
		{20, 3},
		{20.01, 3},
		{49, 3},
		{49.99, 3},
		{50, 2},
		{50.01, 2},
		{99, 2},
		{99.99, 2},
		{100, 1},
		{100.01, 1},
		{149, 1},
		{149.99, 1},
		{150, 0},
		{150.01, 0},
	}},
	{score.SOFA, "liver", sepsis.BilirubinTotal, []grade{
		{0, 0},
		{1.1, 0},
		{1.19, 0},
		{1.2, 1},
		{1.21, 1},
		{1.9, 1},
		{1.99, 1},
		{2, 2},
		{2.01, 2},
		{5.9, 2},
		{5.99, 2},
		{6, 3},
		{6.01, 3},
		{11.9, 3},
		{11.99, 3},
		{12, 4},
		{12.01, 4},
	}},
	{score.SOFA, "cardiovascular", sepsis.MeanArterialPressure, []grade{{69, 1}, {69.99, 1}, {70, 0}, {70.01, 0}, {71, 0}}},
	{score.SOFA, "renal", sepsis.Creatinine, []grade{
		{0, 0},
		{1.1, 0},
		{1.19, 0},
		{1.2, 1},
		{1.21, 1},
		{1.9, 1},
		{1.99, 1},
		{2, 2},
		{2.01, 2},
		{3.4, 2},
		{3.49, 2},
		{3.5, 3},
		{3.51, 3},
		{4.9, 3},
		{4.99, 3},
		{5, 4},
		{5.01, 4},
	}},

	{score.NEWS2, "respiration", sepsis.RespiratoryRate, []grade{{0, 3}, {7, 3}, {8, 3}, {9, 1}, {11, 1}, {12, 0}, {20, 0}, {21, 2}, {24, 2}, {25, 3}, {26, 3}}},
	{score.NEWS2, "oxygen_saturation", sepsis.SpO2, []grade{{90, 3}, {91, 3}, {92, 2}, {93, 2}, {94, 1}, {95, 1}, {96, 0}, {100, 0}}},
	{score.NEWS2, "supplemental_oxygen", sepsis.FiO2, []grade{{0.2, 0}, {0.21, 0}, {0.2101, 2}, {0.22, 2}, {1, 2}}},
	{score.NEWS2, "systolic_bp", sepsis.SystolicBP, []grade{{89, 3}, {90, 3}, {91, 2}, {100, 2}, {101, 1}, {110, 1}, {111, 0}, {219, 0}, {220, 3}, {221, 3}}},
	{score.NEWS2, "pulse", sepsis.HeartRate, []grade{
		{39, 3}, {40, 3}, {41, 1}, {50, 1}, {51, 0}, {90, 0}, {91, 1}, {110, 1}, {111, 2}, {130, 2}, {131, 3}, {132, 3},
	}},
	{score.NEWS2, "temperature", sepsis.Temperature, []grade{
		{34.9, 3}, {35, 3}, {35.1, 1}, {36, 1}, {36.1, 0}, {38, 0}, {38.1, 1}, {39, 1}, {39.1, 2}, {39.2, 2},
	}},
	// The chart is printed in whole numbers and tenths of a degree; between them, halves go up.
	{score.NEWS2, "respiration", sepsis.RespiratoryRate, []grade{{8.4, 3}, {8.5, 1}, {20.4, 0}, {20.5, 2}}},
	{score.NEWS2, "temperature", sepsis.Temperature, []grade{{36.04, 1}, {36.06, 0}, {38.04, 0}, {38.06, 1}}},
}

func TestPublishedCutoffs(t *testing.T) {
	for _, p := range published {
		item := itemNamed(t, p.score, p.item)
		for _, g := range p.grades {
			values := sepsis.NoValues()
			values[p.variable] = g.value
			if points, known := item.Points(&values); points != g.points || !known {
				t.Errorf("%s, %s of %v: %d points, known %v; want %d", p.score.Name, p.variable, g.value, points, known, g.points)
			}
		}
	}
}

func itemNamed(t *testing.T, s score.BedsideScore, name string) score.Item {
	t.Helper()
	for _, item := range s.Items {
		if item.Name == name {
			return item
		}
	}
	t.Fatalf("%s has no item %s", s.Name, name)
	return score.Item{}
}

// SpO2/FiO2 against the cut-offs of Pandharipande 2009 (512 and 357), and the end at 2 points without knowledge
// of respiratory support (Vincent 1996).
func TestSOFARespiration(t *testing.T) {
	missing := sepsis.Missing
	cases := []struct {
		spo2, fio2 float64
		points     int
		known      bool
	}{
		// FiO2 under air, to reach the upper cut-off.
		{97.28, 0.19, 0, true}, // 512
		{97.27, 0.19, 1, true},
		{98, 0.21, 1, true},   // 467: the highest ratio in room air
		{89.3, 0.25, 1, true}, // 357.2
		{89.25, 0.25, 1, true},
		{89.2, 0.25, 2, true}, // 356.8
		{85.6, 0.4, 2, true},  // 214: 3 points would need respiratory support
		{80, 0.4, 2, true},
		{88, 1, 2, true},      // 88: 4 points would need respiratory support
		{98.01, 1, 0, false},  // beyond the surrogate
		{100, 0.21, 0, false}, //
		{missing, 0.4, 0, false},
		{95, missing, 0, false},
		{missing, missing, 0, false},
	}
	respiration := itemNamed(t, score.SOFA, "respiration")
	for _, c := range cases {
		values := sepsis.NoValues()
		values[sepsis.SpO2], values[sepsis.FiO2] = c.spo2, c.fio2
		if points, known := respiration.Points(&values); points != c.points || known != c.known {
			t.Errorf("SpO2 %v, FiO2 %v: %d points, known %v; want %d, %v", c.spo2, c.fio2, points, known, c.points, c.known)
		}
	}
}

// SIRS respiration is rate or PaCO2 (Bone 1992).
func TestSIRSRespirationFromEither(t *testing.T) {
	respiration := itemNamed(t, score.SIRS, "respiration")
	for _, c := range []struct {
		rate, paco2 float64
		points      int
		known       bool
	}{
		{24, 40, 1, true},
		{16, 30, 1, true},
		{24, 30, 1, true},
		{16, 40, 0, true},
		{16, sepsis.Missing, 0, true},
		{sepsis.Missing, sepsis.Missing, 0, false},
	} {
		values := sepsis.NoValues()
		values[sepsis.RespiratoryRate], values[sepsis.PaCO2] = c.rate, c.paco2
		if points, known := respiration.Points(&values); points != c.points || known != c.known {
			t.Errorf("rate %v, PaCO2 %v: %d points, known %v; want %d, %v", c.rate, c.paco2, points, known, c.points, c.known)
		}
	}
}

// A unit conversion's rounding error does not cross a cut-off: 309.4 µmol/L of creatinine is 3.5 mg/dL.
func TestConvertedValueAtCutoff(t *testing.T) {
	conversion, known := sepsis.Creatinine.Info().Conversion("umol/L")
	if !known {
		t.Fatal("creatinine does not accept µmol/L")
	}
	values := sepsis.NoValues()
	values[sepsis.Creatinine] = conversion.Convert(309.4)
	if points, _ := score.SOFA.Points(&values); points != 3 {
		t.Errorf("creatinine %v mg/dL: %d points, want 3", values[sepsis.Creatinine], points)
	}
}

// sickest has the most points that each score can reach without what is never known.
func sickest() sepsis.Values {
	values := sepsis.NoValues()
	for variable, value := range map[sepsis.Variable]float64{
		sepsis.RespiratoryRate: 30, sepsis.SpO2: 85, sepsis.FiO2: 0.5, sepsis.SystolicBP: 80, sepsis.HeartRate: 140,
		sepsis.Temperature: 34, sepsis.PaCO2: 28, sepsis.WBC: 20, sepsis.MeanArterialPressure: 50,
		sepsis.Platelets: 10, sepsis.BilirubinTotal: 15, sepsis.Creatinine: 6,
	} {
		values[variable] = value
	}
	return values
}

func TestOf(t *testing.T) {
	all := sickest()
	nothing := sepsis.NoValues()
	noOxygen := sickest()
	noOxygen[sepsis.FiO2] = sepsis.Missing
	onlyLactate := sepsis.NoValues()
	onlyLactate[sepsis.Lactate] = 4
	cases := []struct {
		name    string
		values  sepsis.Values
		score   score.BedsideScore
		value   any
		missing []string
	}{
		{"sickest", all, score.NEWS2, 17, []string{"consciousness"}},
		{"sickest", all, score.SIRS, 4, []string{}},
		{"sickest", all, score.QSOFA, 2, []string{"consciousness"}},
		{"sickest", all, score.SOFA, 15, []string{"consciousness"}},
		{"no FiO2", noOxygen, score.NEWS2, 15, []string{"supplemental_oxygen", "consciousness"}},
		{"no FiO2", noOxygen, score.SOFA, 13, []string{"respiration", "consciousness"}},
		{"nothing", nothing, score.NEWS2, nil, []string{
			"respiration", "oxygen_saturation", "supplemental_oxygen", "systolic_bp", "pulse", "consciousness", "temperature",
		}},
		{"nothing", nothing, score.SIRS, nil, []string{"temperature", "heart_rate", "respiration", "leukocytes"}},
		{"nothing", nothing, score.QSOFA, nil, []string{"respiratory_rate", "consciousness", "systolic_bp"}},
		{"nothing", nothing, score.SOFA, nil, []string{
			"respiration", "coagulation", "liver", "cardiovascular", "consciousness", "renal",
		}},
		{"only lactate", onlyLactate, score.QSOFA, nil, []string{"respiratory_rate", "consciousness", "systolic_bp"}},
	}
	for _, c := range cases {
		got := c.score.Of(&c.values)
		var value any
		if got.Value != nil {
			value = *got.Value
		}
		if value != c.value || !slices.Equal(got.Missing, c.missing) || got.Missing == nil || got.Maximum != c.score.Maximum {
			t.Errorf("%s of %s: %v of %d, missing %q; want %v, missing %q", c.score.Name, c.name, value, got.Maximum, got.Missing, c.value, c.missing)
		}
	}
}

// A patient whose known parts are all normal has 0, not nothing.
func TestNormalIsZero(t *testing.T) {
	values := sepsis.NoValues()
	values[sepsis.RespiratoryRate] = 14
	for _, s := range []score.BedsideScore{score.NEWS2, score.SIRS, score.QSOFA} {
		if got := s.Of(&values); got.Value == nil || *got.Value != 0 {
			t.Errorf("%s: %v, want 0", s.Name, got.Value)
		}
	}
	if got := score.SOFA.Of(&values); got.Value != nil {
		t.Errorf("sofa from the respiratory rate: %d, want nil", *got.Value)
	}
}

func TestAll(t *testing.T) {
	var names []string
	var maxima []int
	for _, s := range score.All {
		names = append(names, s.Name)
		maxima = append(maxima, s.Maximum)
	}
	if want := []string{"news2", "sirs", "qsofa", "sofa"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	// The full range of each publication.
	if want := []int{20, 4, 3, 24}; !slices.Equal(maxima, want) {
		t.Errorf("maxima %v, want %v", maxima, want)
	}
}

// valuesGenerator draws each variable within its hard range, or missing.
func valuesGenerator() *rapid.Generator[sepsis.Values] {
	return rapid.Custom(func(t *rapid.T) sepsis.Values {
		values := sepsis.NoValues()
		for v, info := range sepsis.Variables {
			if rapid.Bool().Draw(t, "measured") {
				values[v] = rapid.Float64Range(info.Hard.Min, info.Hard.Max).Draw(t, info.Name)
			}
		}
		return values
	})
}

// Taking measurements away never makes more of a score known, and never adds points, since no part has points
// below 0.
func TestMoreMissingNeverKnowsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := valuesGenerator().Draw(t, "values")
		after := before
		for v := range after {
			if rapid.Bool().Draw(t, "remove") {
				after[v] = sepsis.Missing
			}
		}
		for _, s := range score.All {
			totalBefore, knownBefore := s.Points(&before)
			totalAfter, knownAfter := s.Points(&after)
			if knownAfter > knownBefore || totalAfter > totalBefore {
				t.Fatalf("%s: %d points of %d parts became %d of %d", s.Name, totalBefore, knownBefore, totalAfter, knownAfter)
			}
		}
	})
}

// Points and Of tell the same, within the score's range.
func TestPointsAgreeWithOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := valuesGenerator().Draw(t, "values")
		for _, s := range score.All {
			total, known := s.Points(&values)
			of := s.Of(&values)
			if known+len(of.Missing) != len(s.Items) {
				t.Fatalf("%s: %d known and %d missing of %d", s.Name, known, len(of.Missing), len(s.Items))
			}
			if total < 0 || total > s.Maximum {
				t.Fatalf("%s: %d is outside 0 to %d", s.Name, total, s.Maximum)
			}
			if (of.Value == nil) != (known == 0) || of.Value != nil && *of.Value != total {
				t.Fatalf("%s: Points gives %d of %d parts, Of gives %v", s.Name, total, known, of.Value)
			}
		}
	})
}

func TestPointsDoNotAllocate(t *testing.T) {
	values := sickest()
	for _, s := range score.All {
		if allocations := testing.AllocsPerRun(100, func() { s.Points(&values) }); allocations != 0 {
			t.Errorf("%s allocates %v times", s.Name, allocations)
		}
	}
}

func BenchmarkPoints(b *testing.B) {
	values := sickest()
	for _, s := range score.All {
		b.Run(s.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Points(&values)
			}
		})
	}
}
