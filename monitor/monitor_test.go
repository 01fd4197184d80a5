package monitor_test

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/monitor"
)

var (
	noon  = time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC)
	first = sepsis.ModelInfo{Name: "m", Version: "1", SHA256: "1"}
)

// reference is of 1,000 hours: heart rate in four bins of 200 and missing in 200, every other input missing in 500
// and on either side of 1 in the other; the score in four bins of 250.
func reference(t testing.TB) monitor.Reference {
	t.Helper()
	r := monitor.Reference{WindowHours: 24}
	for v := range sepsis.Variable(sepsis.NumVariables) {
		edges, counts, missing := []float64{1}, []int{250, 250}, 500
		if v == sepsis.HeartRate {
			edges, counts, missing = []float64{70, 80, 90}, []int{200, 200, 200, 200}, 200
		}
		bins, err := monitor.NewBins(edges, counts, missing)
		if err != nil {
			t.Fatal(err)
		}
		r.Inputs = append(r.Inputs, bins)
	}
	score, err := monitor.NewBins([]float64{0.1, 0.2, 0.3}, []int{250, 250, 250, 250}, 0)
	if err != nil {
		t.Fatal(err)
	}
	r.Score = &score
	return r
}

func following(t testing.TB) *monitor.Monitor {
	t.Helper()
	m := monitor.New()
	m.Follow(first, reference(t), noon.AddDate(0, -1, 0))
	return m
}

// stayOf has a heart rate now; a missing one is not measured.
func stayOf(heartRate float64) *sepsis.Stay {
	values := sepsis.NoValues()
	values[sepsis.HeartRate] = heartRate
	return &sepsis.Stay{Observations: []sepsis.Observation{{Hour: 30, Values: values}}}
}

// likeTraining observes so many predictions for each bin of the heart rate, and of the score.
func likeTraining(m *monitor.Monitor, at time.Time, each int) {
	for round := range each {
		for i, heartRate := range []float64{65, 75, 85, 95, sepsis.Missing} {
			m.Observe(at, first, stayOf(heartRate), sepsis.Risk{Probability: 0.05 + 0.1*float64((round+i)%4)})
		}
	}
}

func TestDrift(t *testing.T) {
	for _, test := range []struct {
		name             string
		observe          func(m *monitor.Monitor)
		heartRate, score sepsis.DriftLevel
		missing          float64
	}{
		{"as the training", func(m *monitor.Monitor) { likeTraining(m, noon, 100) }, sepsis.StableDrift, sepsis.StableDrift, 0.2},
		{"faster hearts", func(m *monitor.Monitor) {
			for range 500 {
				m.Observe(noon, first, stayOf(120), sepsis.Risk{Probability: 0.9})
			}
		}, sepsis.LargeDrift, sepsis.LargeDrift, 0},
		{"never measured", func(m *monitor.Monitor) {
			for i := range 500 {
				m.Observe(noon, first, stayOf(sepsis.Missing), sepsis.Risk{Probability: 0.05 + 0.1*float64(i%4)})
			}
		}, sepsis.LargeDrift, sepsis.StableDrift, 1},
		{"too few", func(m *monitor.Monitor) { likeTraining(m, noon, 5) }, sepsis.InsufficientDrift, sepsis.InsufficientDrift, 0.2},
	} {
		m := following(t)
		test.observe(m)
		day := m.Monitoring(noon).Drift[0]
		heartRate := day.Inputs[sepsis.HeartRate]
		if day.Window != "24h" || heartRate.Name != "heart_rate" || heartRate.Level != test.heartRate || day.Score.Level != test.score {
			t.Errorf("%s: heart rate %s, score %s", test.name, heartRate.Level, day.Score.Level)
		}
		if *heartRate.Missing.Value != test.missing || *heartRate.MissingReference != 0.2 {
			t.Errorf("%s: missing %g, %g", test.name, *heartRate.Missing.Value, *heartRate.MissingReference)
		}
	}
}

// TestDriftOfFasterHearts is worked out by hand: half a count more in each of five bins, of 1,000 hours with 200 in each and of 500
// predictions in one, and 9.48773, the 0.95 quantile of chi-squared with 4 degrees of freedom in any table, for chance.
func TestDriftOfFasterHearts(t *testing.T) {
	m := following(t)
	for range 500 {
		m.Observe(noon, first, stayOf(120), sepsis.Risk{Probability: 0.9})
	}
	told := m.Monitoring(noon).Drift[0].Inputs[sepsis.HeartRate]
	psi := 4*(0.5/502.5-0.2)*math.Log(0.5/502.5/0.2) + (500.5/502.5-0.2)*math.Log(500.5/502.5/0.2)
	if chance := 9.48773 * (1.0/500 + 1.0/1000); math.Abs(*told.PSI-psi) > 1e-9 || math.Abs(*told.Chance-chance) > 1e-6 {
		t.Errorf("PSI %g, want %g; by chance %g, want %g", *told.PSI, psi, *told.Chance, chance)
	}
}

func TestNothingObserved(t *testing.T) {
	told := following(t).Monitoring(noon)
	if told.Model != first || !told.Since.Equal(noon.AddDate(0, -1, 0)) || len(told.Drift) != 3 || told.Performance != nil {
		t.Errorf("%+v", told)
	}
	for _, window := range told.Drift {
		for _, drift := range append(window.Inputs, window.Score) {
			if drift.Level != sepsis.InsufficientDrift || drift.PSI != nil {
				t.Errorf("%s of %s: %+v", drift.Name, window.Window, drift)
			}
		}
	}
}

// TestNoReference: a model of which no probabilities are known, as one that was trained at a site.
func TestNoReference(t *testing.T) {
	m := monitor.New()
	r := reference(t)
	r.Score = nil
	m.Follow(first, r, noon)
	likeTraining(m, noon, 100)
	day := m.Monitoring(noon).Drift[0]
	if day.Score.Level != sepsis.UnknownDrift || day.Score.PSI != nil || day.Inputs[0].Level != sepsis.StableDrift {
		t.Errorf("%+v, %+v", day.Score, day.Inputs[0])
	}
}

// TestLatestValueOfADay: what is compared is the latest value of 24 hours at the last observation.
func TestLatestValueOfADay(t *testing.T) {
	for name, test := range map[string]struct {
		ago     int
		missing int
	}{"a day ago": {24, 0}, "longer ago": {25, 1}} {
		m := following(t)
		stay := stayOf(sepsis.Missing)
		stay.Observations = append(stayOf(75).Observations, stay.Observations...)
		stay.Observations[0].Hour = 30 - test.ago
		m.Observe(noon, first, stay, sepsis.Risk{})
		if got := m.Monitoring(noon).Drift[0].Inputs[sepsis.HeartRate].Missing.Count; got != test.missing {
			t.Errorf("%s: missing %d, want %d", name, got, test.missing)
		}
	}
}

// TestWindows are whole hours that end with the present one; what is older than 30 days makes room.
func TestWindows(t *testing.T) {
	m := following(t)
	expect := func(now time.Time, want ...int) {
		t.Helper()
		for i, window := range m.Monitoring(now).Drift {
			if window.Predictions != want[i] {
				t.Errorf("%v: %d predictions in %s, want %d", now, window.Predictions, window.Window, want[i])
			}
		}
	}
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	likeTraining(m, noon, 1)
	expect(noon, 5, 5, 5)
	expect(hour(23), 5, 5, 5)
	expect(hour(24), 0, 5, 5)
	expect(hour(7*24), 0, 0, 5)
	expect(hour(30*24-1), 0, 0, 5)
	expect(hour(30*24), 0, 0, 0)
	likeTraining(m, hour(30*24), 2)
	expect(hour(30*24), 10, 10, 10)
	// The clock goes back by a day: the future is not told, and nothing is lost when it comes.
	likeTraining(m, hour(29*24), 3)
	expect(hour(29*24), 15, 15, 15)
	expect(hour(30*24), 10, 25, 25)
	// A clock before 1970 counts as well.
	likeTraining(m, time.Unix(-7200, 0), 1)
	expect(time.Unix(-7200, 0), 5, 5, 5)
}

// TestModelsComeBack: each model has its own counts, those of the last three are kept, and a late prediction of a forgotten one is left out.
func TestModelsComeBack(t *testing.T) {
	m := following(t)
	likeTraining(m, noon, 1)
	info := func(version string) sepsis.ModelInfo { return sepsis.ModelInfo{Version: version, SHA256: version} }
	expect := func(version string, want int) {
		t.Helper()
		told := m.Monitoring(noon)
		if told.Model.Version != version || told.Drift[0].Predictions != want {
			t.Errorf("%d predictions of %s, want %d of %s", told.Drift[0].Predictions, told.Model.Version, want, version)
		}
	}
	m.Follow(info("2"), reference(t), noon)
	expect("2", 0)
	likeTraining(m, noon, 1) // still under way when the model was swapped
	expect("2", 0)
	m.Follow(first, reference(t), noon)
	expect("1", 10)
	for _, version := range []string{"2", "3", "4"} {
		m.Follow(info(version), reference(t), noon)
	}
	likeTraining(m, noon, 1)
	m.Follow(first, reference(t), noon)
	expect("1", 0)
}

// TestAtTheSameTime is for the race detector.
func TestAtTheSameTime(t *testing.T) {
	m := following(t)
	var all sync.WaitGroup
	for i := range uint64(4) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(i, 0))
			for range 200 {
				m.Observe(noon, first, stayOf(60+40*random.Float64()), sepsis.Risk{Probability: random.Float64()})
				m.Monitoring(noon)
			}
		})
	}
	all.Go(func() {
		for range 100 {
			m.Follow(sepsis.ModelInfo{Version: "2"}, reference(t), noon)
			m.Follow(first, reference(t), noon)
		}
	})
	all.Wait()
	if got := m.Monitoring(noon).Drift[0].Predictions; got != 800 {
		t.Errorf("%d predictions", got)
	}
}

// TestShippedScores: ten tenths.
func TestShippedScores(t *testing.T) {
	scores, err := monitor.ShippedScores()
	if err != nil || len(scores.Edges) != 9 || len(scores.Hours) != 10 {
		t.Fatalf("%+v, %v", scores, err)
	}
	bins, err := monitor.NewBins(scores.Edges, scores.Hours, 0)
	if err != nil || len(bins.Counts) != 10 {
		t.Errorf("%+v, %v", bins, err)
	}
}

func BenchmarkObserve(b *testing.B) {
	m := following(b)
	stay := stayOf(75)
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(noon, first, stay, sepsis.Risk{Probability: 0.15})
	}
}

// fullWindow is a monitor that has counted in every hour of 30 days, with as many bins as the shipped model has at most.
func fullWindow(t testing.TB) *monitor.Monitor {
	t.Helper()
	edges, counts := make([]float64, 18), make([]int, 19)
	for i := range counts {
		counts[i] = 100
		if i < len(edges) {
			edges[i] = float64(i)
		}
	}
	fine, err := monitor.NewBins(edges, counts, 100)
	if err != nil {
		t.Fatal(err)
	}
	r := monitor.Reference{WindowHours: 24, Score: &fine}
	for range sepsis.NumVariables {
		r.Inputs = append(r.Inputs, fine)
	}
	m := monitor.New()
	m.Follow(first, r, noon.AddDate(0, -1, 0))
	for hour := range 30 * 24 {
		m.Observe(noon.Add(-time.Duration(hour)*time.Hour), first, stayOf(80), sepsis.Risk{Probability: 0.3})
	}
	return m
}

// BenchmarkMonitoring is the cost of GET /monitoring.
func BenchmarkMonitoring(b *testing.B) {
	m := fullWindow(b)
	for b.Loop() {
		m.Monitoring(noon)
	}
}

// BenchmarkObserveMeanwhile is the mean of what an answer waits to be counted while somebody asks for the monitoring without end.
func BenchmarkObserveMeanwhile(b *testing.B) {
	m, stay := fullWindow(b), stayOf(75)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			default:
				m.Monitoring(noon)
			}
		}
	}()
	for b.Loop() {
		m.Observe(noon, first, stay, sepsis.Risk{Probability: 0.15})
	}
	close(over)
	<-ended
}
