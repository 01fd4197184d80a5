package features

import (
	"math"

	"github.com/medtech-detect/sepsis"
)

// vitals are the measurements that are watched hour by hour.
var vitals = [...]sepsis.Variable{
	sepsis.HeartRate, sepsis.SpO2, sepsis.Temperature, sepsis.SystolicBP,
	sepsis.MeanArterialPressure, sepsis.DiastolicBP, sepsis.RespiratoryRate,
}

// windowHours is how far the rolling statistics look back.
const windowHours = 24

// window keeps the hourly values of the last 24 hours; its newest entry is the current hour.
type window struct {
	values [windowHours]float64 // a ring
	newest int
	passed int // how many hours there were, at most 24
}

func (w *window) advance() {
	w.newest = (w.newest + 1) % windowHours
	w.passed = min(w.passed+1, windowHours)
	w.values[w.newest] = sepsis.Missing
}

func (w *window) set(value float64) { w.values[w.newest] = value }

// ago is the value of some hours ago, less than 24.
func (w *window) ago(hours int) float64 {
	if hours >= w.passed {
		return sepsis.Missing
	}
	return w.values[(w.newest-hours+windowHours)%windowHours]
}

// roughness is the mean size of the change from one measured value to the next, of those of the last 12 hours; missing below 2.
func (w *window) roughness() float64 {
	sum, changes, newer := 0.0, 0, sepsis.Missing
	for hours := range 12 {
		value := w.ago(hours)
		if sepsis.IsMissing(value) {
			continue
		}
		if !sepsis.IsMissing(newer) {
			sum += math.Abs(newer - value)
			changes++
		}
		newer = value
	}
	if changes == 0 {
		return sepsis.Missing
	}
	return sum / float64(changes)
}

// fading is a mean of all values so far in which older ones count ever less; missing before the first. Its weight is that
// of the newest value.
type fading struct{ weight, value float64 }

func (f *fading) add(value float64) {
	if sepsis.IsMissing(value) {
		return
	}
	if sepsis.IsMissing(f.value) {
		f.value = value
		return
	}
	f.value += float64(f.weight * (value - f.value))
}

// A course is what a vital sign or a score has been of late, and what is usual for the patient.
type course struct{ late, usual fading }

// The newest value's weights: a value counts half as much as the one 12 (late) or 36 (usual) measurements after it, which
// for most vital signs are hours. They are 1 - 2^(-1/12) and 1 - 2^(-1/36), written out so that every processor has the same.
const (
	lateWeight  = 0.05612568731830647
	usualWeight = 0.019069912331085015
)

func newFading(weight float64) fading { return fading{weight, sepsis.Missing} }

func newCourse() course { return course{newFading(lateWeight), newFading(usualWeight)} }

func (c *course) add(value float64) {
	c.late.add(value)
	c.usual.add(value)
}

// moments are statistics of the measured values of a window; missing when there is none.
type moments struct {
	mean, low, high, deviation float64
	slope                      float64 // per hour, by least squares; missing below 2 values
}

// rolling are the statistics over the last 6, 12 and 24 hours.
type rolling struct{ six, twelve, day moments }

func (w *window) statistics() rolling {
	sums := newSums()
	w.sum(&sums, 0, 6)
	six := sums.moments()
	w.sum(&sums, 6, 12)
	twelve := sums.moments()
	w.sum(&sums, 12, windowHours)
	return rolling{six, twelve, sums.moments()}
}

// sum adds the values of some hours ago.
func (w *window) sum(sums *sums, from, to int) {
	for hours := from; hours < min(to, w.passed); hours++ {
		if value := w.ago(hours); !sepsis.IsMissing(value) {
			sums.add(float64(-hours), value)
		}
	}
}

// sums accumulates values y at times x. Values are taken relative to the first one, so that the sums of
// squares keep their digits.
type sums struct {
	n, base          float64
	y, yy, x, xx, xy float64
	low, high        float64
}

func newSums() sums { return sums{low: math.Inf(1), high: math.Inf(-1)} }

func (s *sums) add(x, y float64) {
	if s.n == 0 {
		s.base = y
	}
	s.low, s.high = math.Min(s.low, y), math.Max(s.high, y)
	y -= s.base
	s.n++
	s.y += y
	s.yy += float64(y * y)
	s.x += x
	s.xx += float64(x * x)
	s.xy += float64(x * y)
}

func (s *sums) moments() moments {
	if s.n == 0 {
		return moments{sepsis.Missing, sepsis.Missing, sepsis.Missing, sepsis.Missing, sepsis.Missing}
	}
	m := moments{mean: s.base + s.y/s.n, low: s.low, high: s.high, slope: sepsis.Missing}
	variance := (s.yy - float64(s.y*s.y)/s.n) / s.n
	m.deviation = math.Sqrt(math.Max(variance, 0))
	if spread := float64(s.n*s.xx) - float64(s.x*s.x); spread > 0 {
		m.slope = (float64(s.n*s.xy) - float64(s.x*s.y)) / spread
	}
	return m
}

// vitals adds the rolling and whole-stay statistics of the vital signs.
func (t *table) vitals() {
	for i, v := range vitals {
		name := v.String()
		t.add(name+"_mean_6h", Rolling, name, func(s *state) float64 { return s.rolling[i].six.mean })
		t.add(name+"_low_6h", Rolling, name, func(s *state) float64 { return s.rolling[i].six.low })
		t.add(name+"_high_6h", Rolling, name, func(s *state) float64 { return s.rolling[i].six.high })
		t.add(name+"_deviation_6h", Rolling, name, func(s *state) float64 { return s.rolling[i].six.deviation })
		t.add(name+"_mean_12h", Rolling, name, func(s *state) float64 { return s.rolling[i].twelve.mean })
		t.add(name+"_slope_12h", Rolling, name, func(s *state) float64 { return s.rolling[i].twelve.slope })
		t.add(name+"_mean_24h", Rolling, name, func(s *state) float64 { return s.rolling[i].day.mean })
		t.add(name+"_low_24h", Rolling, name, func(s *state) float64 { return s.rolling[i].day.low })
		t.add(name+"_high_24h", Rolling, name, func(s *state) float64 { return s.rolling[i].day.high })
		t.add(name+"_deviation_24h", Rolling, name, func(s *state) float64 { return s.rolling[i].day.deviation })
		t.add(name+"_mean", WholeLOS, name, func(s *state) float64 { return s.series[v].mean() })
		t.add(name+"_low", WholeLOS, name, func(s *state) float64 { return s.series[v].low })
		t.add(name+"_high", WholeLOS, name, func(s *state) float64 { return s.series[v].high })
		t.add(name+"_from_mean", Trend, name, func(s *state) float64 { return s.series[v].last - s.series[v].mean() })
		t.add(name+"_late", Trend, name, func(s *state) float64 { return s.courses[i].late.value })
		t.add(name+"_usual", Trend, name, func(s *state) float64 { return s.courses[i].usual.value })
		t.add(name+"_drift", Trend, name, func(s *state) float64 { return s.courses[i].late.value - s.courses[i].usual.value })
		t.add(name+"_roughness_12h", Rolling, name, func(s *state) float64 { return s.windows[i].roughness() })
		t.add(name+"_count_6h", Timing, name, func(s *state) float64 { return s.series[v].measured.within(6) })
	}
}
