package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// memoryLog is an audit log, the oldest record first.
type memoryLog struct {
	records  []sepsis.Record
	outcomes map[string][]sepsis.Outcome
	asked    sepsis.AuditQuery
	reading  bool
	broken   error
	brokenIn string // what alone is broken: records, told (records with outcomes) or outcomes; all when it is empty
	erases   int    // so many of the oldest are erased before the outcomes are asked for
}

func (l *memoryLog) Records(_ context.Context, query sepsis.AuditQuery, yield func(sepsis.Record) error) error {
	what := "records"
	if query.Told {
		what = "told"
	}
	l.asked, l.reading = query, true
	defer func() { l.reading = false }()
	given := 0
	for _, record := range slices.Backward(l.records) {
		if given == query.Limit {
			break
		}
		if query.Hypothetical != nil && record.Hypothetical != *query.Hypothetical || query.Told && len(l.outcomes[record.ID]) == 0 {
			continue
		}
		given++
		if err := yield(record); err != nil {
			return err
		}
	}
	return l.fails(what)
}

// fails is why a reading ends early.
func (l *memoryLog) fails(what string) error {
	if l.brokenIn == "" || l.brokenIn == what {
		return l.broken
	}
	return nil
}

// OutcomesFrom fails while records are read, as a store with one connection would hang.
func (l *memoryLog) OutcomesFrom(_ context.Context, prediction string, yield func(sepsis.Outcome) error) error {
	if l.reading {
		return errors.New("the only connection is in use")
	}
	for _, record := range l.records[l.erases:] {
		for _, outcome := range l.outcomes[record.ID] {
			if outcome.Prediction < prediction {
				continue
			}
			if err := yield(outcome); err != nil {
				return err
			}
		}
	}
	return l.fails("outcomes")
}

// add puts a prediction after the others. The outcome is "septic", "well" or not told.
func (l *memoryLog) add(patient string, risk sepsis.Risk, outcomes ...string) {
	id := fmt.Sprintf("%06d", len(l.records))
	l.records = append(l.records, sepsis.Record{ID: id, Patient: patient, Risk: risk})
	for _, outcome := range outcomes {
		if l.outcomes == nil {
			l.outcomes = map[string][]sepsis.Outcome{}
		}
		l.outcomes[id] = append(l.outcomes[id], sepsis.Outcome{Prediction: id, Septic: outcome == "septic"})
	}
}

func performanceOf(t *testing.T, log *memoryLog) *sepsis.Performance {
	t.Helper()
	m := following(t)
	if err := m.Refresh(t.Context(), log, noon); err != nil {
		t.Fatal(err)
	}
	return m.Monitoring(noon).Performance
}

var (
	alerted = sepsis.Risk{Probability: 0.6, Label: sepsis.Positive, Alert: true}
	watched = sepsis.Risk{Probability: 0.2, Label: sepsis.Positive}
	quiet   = sepsis.Risk{Probability: 0.1, Label: sepsis.Negative}
)

// TestPerformance: a table of 100 predictions, counted by hand.
func TestPerformance(t *testing.T) {
	log := &memoryLog{}
	for _, group := range []struct {
		risk    sepsis.Risk
		outcome []string
		times   int
	}{
		{alerted, []string{"septic"}, 12},
		{watched, []string{"septic"}, 6},
		{quiet, []string{"well", "septic"}, 2}, // the latest outcome counts
		{alerted, []string{"well"}, 8},
		{watched, []string{"well"}, 14},
		{quiet, []string{"septic", "well"}, 48},
		{alerted, nil, 10},
	} {
		for range group.times {
			log.add("", group.risk, group.outcome...)
		}
	}
	p := performanceOf(t, log)
	for name, test := range map[string]struct {
		got       sepsis.Proportion
		count, of int
	}{
		"outcomes":               {p.Outcomes, 90, 100},
		"watch list sensitivity": {p.WatchList.Sensitivity, 18, 20}, "watch list specificity": {p.WatchList.Specificity, 48, 70},
		"watch list ppv": {p.WatchList.PPV, 18, 40}, "alert sensitivity": {p.Alert.Sensitivity, 12, 20},
		"alert specificity": {p.Alert.Specificity, 62, 70}, "alert ppv": {p.Alert.PPV, 12, 20},
		"observed": {p.Calibration.Observed, 20, 90},
	} {
		if test.got.Count != test.count || test.got.Of != test.of || test.got.Insufficient {
			t.Errorf("%s: %+v, want %d of %d", name, test.got, test.count, test.of)
		}
	}
	// (20 of 0.6 + 20 of 0.2 + 50 of 0.1) / 90
	if want := 21.0 / 90; math.Abs(*p.Calibration.Expected-want) > 1e-12 {
		t.Errorf("expected %g, want %g", *p.Calibration.Expected, want)
	}
	if !p.Calibration.Slope.Insufficient || p.Calibration.Slope.Value != nil {
		t.Errorf("a slope of 20 septic predictions: %+v", p.Calibration.Slope)
	}
	if p.Burden.NotCounted != 100 || p.Burden.PerPatientDay.Value != nil || p.Predictions != 100 || p.Truncated {
		t.Errorf("%+v", p)
	}
	if log.asked.ModelSHA256 != first.SHA256 || !log.asked.From.Equal(noon.AddDate(0, 0, -30)) || log.asked.To != nil {
		t.Errorf("asked for %+v", log.asked)
	}
}

// TestCalibrationOfFewPatients: 200 septic and 200 other predictions say little when they are of 9 septic patients.
func TestCalibrationOfFewPatients(t *testing.T) {
	for patients, insufficient := range map[int]bool{9: true, 10: false} {
		log := &memoryLog{}
		random := rand.New(rand.NewPCG(5, 0))
		for i := range 200 {
			log.add(fmt.Sprint("septic", i%patients), sepsis.Risk{Probability: 0.2 + 0.6*random.Float64()}, "septic")
			log.add(fmt.Sprint("well", i%20), sepsis.Risk{Probability: 0.1 + 0.6*random.Float64()}, "well")
		}
		if c := performanceOf(t, log).Calibration; c.Slope.Insufficient != insufficient || c.InTheLarge.Insufficient != insufficient {
			t.Errorf("%d septic patients: %+v", patients, c)
		}
	}
}

// TestCalibrationOfFewPredictions: a hundred septic ones are wanted, and a hundred others.
func TestCalibrationOfFewPredictions(t *testing.T) {
	for _, test := range []struct {
		septic, well int
		insufficient bool
	}{{99, 150, true}, {150, 99, true}, {100, 100, false}} {
		log := &memoryLog{}
		random := rand.New(rand.NewPCG(5, 0))
		for outcome, count := range map[string]int{"septic": test.septic, "well": test.well} {
			for range count {
				log.add("", sepsis.Risk{Probability: 0.2 + 0.6*random.Float64()}, outcome)
			}
		}
		if c := performanceOf(t, log).Calibration; c.Slope.Insufficient != test.insufficient || c.InTheLarge.Insufficient != test.insufficient {
			t.Errorf("%d septic and %d other predictions: %+v", test.septic, test.well, c)
		}
	}
}

// TestFewPatientsAreFew, however many hours of theirs were asked about.
func TestFewPatientsAreFew(t *testing.T) {
	few, many := &memoryLog{}, &memoryLog{}
	for i := range 100 {
		outcome, patient := "well", "p1"
		if i%2 == 0 {
			outcome, patient = "septic", "p2"
		}
		few.add(patient, alerted, outcome)
		many.add(fmt.Sprint("p", i), alerted, outcome)
	}
	ppv, other := performanceOf(t, few).Alert.PPV, performanceOf(t, many).Alert.PPV
	if ppv.Count != 50 || ppv.Of != 100 || !ppv.Insufficient || *ppv.High-*ppv.Low < 0.8 {
		t.Errorf("of two patients: %+v", ppv)
	}
	if other.Count != 50 || other.Of != 100 || other.Insufficient || *other.High-*other.Low > 0.2 {
		t.Errorf("of a hundred patients: %+v", other)
	}
	for hour := range 24 * 20 {
		few.add("p1", sepsis.Risk{Hour: hour + 1})
	}
	if b := performanceOf(t, few).Burden; b.PatientDays != 20 || !b.PerPatientDay.Insufficient {
		t.Errorf("of one patient: %+v", b)
	}
}

func TestEmptyLog(t *testing.T) {
	p := performanceOf(t, &memoryLog{})
	if p.Predictions != 0 || p.Alert.PPV.Value != nil || !p.Alert.PPV.Insufficient || p.Calibration.Expected != nil || !p.Burden.PerPatientDay.Insufficient {
		t.Errorf("%+v", p)
	}
}

// TestAlarmBurden: 12 patients of 24 hours, of whom each has an alert in hours 3 to 5 and every second one again in hour 9.
func TestAlarmBurden(t *testing.T) {
	log := &memoryLog{}
	for patient := range 12 {
		for hour := 1; hour <= 24; hour++ {
			on := hour >= 3 && hour <= 5 || hour == 9 && patient%2 == 0
			log.add(fmt.Sprint("p", patient), sepsis.Risk{Hour: hour, Probability: 0.1, Alert: !on}) // asked too early: the later answer counts
			log.add(fmt.Sprint("p", patient), sepsis.Risk{Hour: hour, Probability: 0.1, Alert: on})
		}
	}
	log.add("p1", sepsis.Risk{Probability: 0.1, Alert: true})
	log.add("", sepsis.Risk{Hour: 1, Probability: 0.1, Alert: true})
	b := performanceOf(t, log).Burden
	if b.Patients != 12 || b.PatientDays != 12 || b.Alerts != 18 || b.NotCounted != 2 || b.PerPatientDay.Insufficient || *b.PerPatientDay.Value != 1.5 {
		t.Errorf("%+v", b)
	}
}

// TestFewDaysAreFew: a rate is told as one from ten patient-days on.
func TestFewDaysAreFew(t *testing.T) {
	log := &memoryLog{}
	for patient := range 10 {
		for hour := range 24 {
			if log.add(fmt.Sprint("p", patient), sepsis.Risk{Hour: hour + 1}); patient == 9 && hour == 22 {
				if b := performanceOf(t, log).Burden; !b.PerPatientDay.Insufficient {
					t.Errorf("an hour less: %+v", b)
				}
			}
		}
	}
	if b := performanceOf(t, log).Burden; b.PatientDays != 10 || b.PerPatientDay.Insufficient {
		t.Errorf("%+v", b)
	}
}

// drawn is a log in which sepsis is as likely as the probabilities say, on a logit scale that is stretched.
func drawn(predictions int, stretch float64) *memoryLog {
	log := &memoryLog{outcomes: map[string][]sepsis.Outcome{}}
	random := rand.New(rand.NewPCG(7, 0))
	for i := range predictions {
		logit := -1.5 + 1.5*random.NormFloat64()
		outcome := "well"
		if random.Float64() < 1/(1+math.Exp(-stretch*logit)) {
			outcome = "septic"
		}
		log.add(fmt.Sprint("p", i/3), sepsis.Risk{Hour: i%3 + 1, Probability: 1 / (1 + math.Exp(-logit))}, outcome)
	}
	return log
}

// TestCalibration: the slope is that of the whole log, and its interval holds the truth.
func TestCalibration(t *testing.T) {
	for _, truth := range []float64{1, 0.5} {
		log := drawn(3000, truth)
		c := performanceOf(t, log).Calibration
		var septic []bool
		var probabilities []float64
		for _, record := range log.records {
			septic = append(septic, log.outcomes[record.ID][0].Septic)
			probabilities = append(probabilities, record.Risk.Probability)
		}
		want, err := metric.Recalibrate(septic, probabilities, nil)
		if err != nil || math.Abs(*c.Slope.Value-want.Slope) > 1e-9 {
			t.Errorf("slope %g, want %g (%v)", *c.Slope.Value, want.Slope, err)
		}
		if c.Slope.Insufficient || !(*c.Slope.Low < truth && truth < *c.Slope.High) || *c.Slope.High-*c.Slope.Low > 0.3 {
			t.Errorf("slope %g (%g to %g), in truth %g", *c.Slope.Value, *c.Slope.Low, *c.Slope.High, truth)
		}
		if again := performanceOf(t, log).Calibration; *again.Slope.Low != *c.Slope.Low || *again.InTheLarge.High != *c.InTheLarge.High {
			t.Error("another interval from the same log")
		}
	}
}

// TestPerfectPredictions: a few probabilities of exactly 0 and 1 that came true change next to nothing; one of 0 that did not is told by the slope.
func TestPerfectPredictions(t *testing.T) {
	of := func(change func(*memoryLog)) sepsis.InUse {
		log := drawn(3000, 1)
		change(log)
		c := performanceOf(t, log).Calibration
		if c.Slope.Value == nil || c.InTheLarge.Value == nil || !(*c.Slope.Low < *c.Slope.Value && *c.Slope.Value < *c.Slope.High) {
			t.Fatalf("%+v", c)
		}
		return c
	}
	without := of(func(*memoryLog) {})
	right := of(func(log *memoryLog) {
		for range 5 {
			log.add("", sepsis.Risk{Probability: 0}, "well")
			log.add("", sepsis.Risk{Probability: 1}, "septic")
		}
	})
	if math.Abs(*right.Slope.Value-*without.Slope.Value) > 1e-6 || math.Abs(*right.InTheLarge.Value-*without.InTheLarge.Value) > 1e-6 {
		t.Errorf("%+v, without them %+v", right, without)
	}
	wrong := of(func(log *memoryLog) { log.add("", sepsis.Risk{Probability: 0}, "septic") })
	if !(*wrong.Slope.Value < *without.Slope.Value-0.01) {
		t.Errorf("slope %g, without it %g", *wrong.Slope.Value, *without.Slope.Value)
	}
}

// TestCalibrationThatIsNotDefined: a cut separates the outcomes.
func TestCalibrationThatIsNotDefined(t *testing.T) {
	for name, low := range map[string]float64{"separated": 0.1, "and certain": 0} {
		log := &memoryLog{}
		for range 150 {
			log.add("", sepsis.Risk{Probability: 0.9}, "septic")
			log.add("", sepsis.Risk{Probability: low}, "well")
		}
		if c := performanceOf(t, log).Calibration; !c.Slope.Insufficient || c.Slope.Value != nil {
			t.Errorf("%s: %+v", name, c.Slope)
		}
	}
}

func TestLongLogIsTruncated(t *testing.T) {
	log := &memoryLog{records: make([]sepsis.Record, 20_002)}
	for i := range log.records {
		log.records[i].Risk = quiet
	}
	if p := performanceOf(t, log); p.Predictions != 20_000 || !p.Truncated {
		t.Errorf("%d predictions, truncated %v", p.Predictions, p.Truncated)
	}
	log = &memoryLog{}
	for range 20_001 {
		log.add("", quiet, "well")
	}
	if p := performanceOf(t, log); p.Told != 20_000 || !p.ToldTruncated || p.Outcomes.Count != 20_000 {
		t.Errorf("%d told, truncated %v, outcomes %+v", p.Told, p.ToldTruncated, p.Outcomes)
	}
}

// TestOutcomesAreFoundBeyondTheNewest: a busy service has more predictions than are read before the first outcome is known.
func TestOutcomesAreFoundBeyondTheNewest(t *testing.T) {
	log := &memoryLog{}
	for range 30 {
		log.add("", alerted, "septic")
	}
	for range 25_000 {
		log.add("", quiet)
	}
	log.add("", alerted, "well")
	p := performanceOf(t, log)
	if p.Predictions != 20_000 || !p.Truncated || p.Told != 31 || p.ToldTruncated {
		t.Errorf("%d predictions, truncated %v; %d told, truncated %v", p.Predictions, p.Truncated, p.Told, p.ToldTruncated)
	}
	if p.Alert.PPV.Count != 30 || p.Alert.PPV.Of != 31 || p.Outcomes.Count != 1 || p.Outcomes.Of != 20_000 {
		t.Errorf("ppv %+v, outcomes %+v", p.Alert.PPV, p.Outcomes)
	}
}

// TestRecordsAreErasedMeanwhile: a prediction whose outcome has gone with it by the time that outcomes are read was not of somebody without sepsis.
func TestRecordsAreErasedMeanwhile(t *testing.T) {
	log := &memoryLog{erases: 40}
	for range 60 {
		log.add("", alerted, "septic")
	}
	p := performanceOf(t, log)
	if p.Told != 20 || p.Alert.PPV.Count != 20 || p.Alert.PPV.Of != 20 || p.Calibration.Observed.Of != 20 || math.Abs(*p.Calibration.Expected-0.6) > 1e-12 || p.Outcomes.Count != 20 {
		t.Errorf("%d told, PPV %+v, observed %+v, outcomes %+v", p.Told, p.Alert.PPV, p.Calibration.Observed, p.Outcomes)
	}
	log.erases = 60
	if p := performanceOf(t, log); p.Told != 0 || p.Alert.PPV.Value != nil || p.Calibration.Expected != nil {
		t.Errorf("all erased: %d told, PPV %+v", p.Told, p.Alert.PPV)
	}
}

// TestUnreadableLog keeps the earlier performance, whatever cannot be read to its end.
func TestUnreadableLog(t *testing.T) {
	for _, part := range []string{"records", "told", "outcomes"} {
		m := following(t)
		log := &memoryLog{}
		log.add("", alerted, "septic")
		if err := m.Refresh(t.Context(), log, noon); err != nil {
			t.Fatal(err)
		}
		log.broken, log.brokenIn = errors.New("the disk is gone"), part
		if err := m.Refresh(t.Context(), log, noon.Add(time.Minute)); !errors.Is(err, log.broken) {
			t.Errorf("%s: %v", part, err)
		}
		if p := m.Monitoring(noon).Performance; p == nil || !p.AsOf.Equal(noon) {
			t.Errorf("%s: %+v", part, p)
		}
	}
}

// TestPerformanceIsOfTheModel that answers.
func TestPerformanceIsOfTheModel(t *testing.T) {
	m := following(t)
	if err := m.Refresh(t.Context(), &memoryLog{}, noon); err != nil {
		t.Fatal(err)
	}
	m.Follow(sepsis.ModelInfo{Version: "2"}, reference(t), noon)
	if p := m.Monitoring(noon).Performance; p != nil {
		t.Errorf("%+v", p)
	}
}

// TestKeep reads at once and at each tick, tells of failures, and ends with its context.
func TestKeep(t *testing.T) {
	m := following(t)
	log := &memoryLog{broken: errors.New("the disk is gone")}
	ctx, stop := context.WithCancel(t.Context())
	ticks, failures, ended := make(chan time.Time), make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		m.Keep(ctx, log, func() time.Time { return noon }, ticks, func(err error) { failures <- err })
	}()
	for range 2 {
		if err := <-failures; !errors.Is(err, log.broken) {
			t.Error(err)
		}
		ticks <- noon
	}
	if err := <-failures; !errors.Is(err, log.broken) {
		t.Error(err)
	}
	stop()
	<-ended
}

// BenchmarkRefresh is of as long a log as is read, with all outcomes told.
func BenchmarkRefresh(b *testing.B) {
	log, m := drawn(20_000, 1), following(b)
	for b.Loop() {
		if err := m.Refresh(b.Context(), log, noon); err != nil {
			b.Fatal(err)
		}
	}
}
