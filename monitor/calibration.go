package monitor

import (
	"math/rand/v2"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

const (
	// fewestOfAKind: below 100 septic and 100 other predictions a calibration says little (Vergouwe et al. 2005,
	// doi:10.1016/j.jclinepi.2004.06.017).
	fewestOfAKind = 100
	// draws of the bootstrap: the 2.5 % tails hold 5 of them each.
	draws = 200
)

// rows are predictions of which the outcome is known.
type rows struct {
	septic        []bool
	probabilities []float64
	patient       []int // which patient, by number
	patients      int
}

// newRows numbers the patients. A prediction without one is a patient of its own.
func newRows(told []prediction) rows {
	var r rows
	numbers := map[string]int{}
	for i := range told {
		r.septic = append(r.septic, told[i].septic)
		r.probabilities = append(r.probabilities, told[i].risk.Probability)
		number, known := numbers[told[i].patient]
		if !known || told[i].patient == "" {
			number = r.patients
			r.patients++
			numbers[told[i].patient] = number
		}
		r.patient = append(r.patient, number)
	}
	return r
}

func calibration(told []prediction) sepsis.InUse {
	r := newRows(told)
	var c sepsis.InUse
	septic, total := 0, 0.0
	for i, is := range r.septic {
		total += r.probabilities[i]
		if is {
			septic++
		}
	}
	c.Observed = proportion(septic, len(told))
	if len(told) > 0 {
		expected := total / float64(len(told))
		c.Expected = &expected
	}
	c.Slope.Insufficient = min(septic, len(told)-septic) < fewestOfAKind
	c.InTheLarge.Insufficient = c.Slope.Insufficient
	if c.Slope.Insufficient {
		return c
	}
	c.Slope = r.estimate(func(weights []float64) (float64, error) {
		fit, err := metric.Recalibrate(r.septic, r.probabilities, weights)
		return fit.Slope, err
	})
	c.InTheLarge = r.estimate(func(weights []float64) (float64, error) {
		return metric.CalibrationInTheLarge(r.septic, r.probabilities, weights)
	})
	return c
}

// estimate gives a figure with the percentile interval of a bootstrap over patients. The seed is fixed, so that the same
// log gives the same interval. A draw in which the figure is not defined is left out.
func (r *rows) estimate(figure func(weights []float64) (float64, error)) sepsis.Estimate {
	value, err := figure(nil)
	if err != nil {
		return sepsis.Estimate{Insufficient: true}
	}
	random := rand.New(rand.NewPCG(1, 0))
	var drawn []float64
	for range draws {
		if resampled, err := figure(r.weights(random)); err == nil {
			drawn = append(drawn, resampled)
		}
	}
	if len(drawn) < draws/2 {
		return sepsis.Estimate{Value: &value, Insufficient: true}
	}
	slices.Sort(drawn)
	tail := len(drawn) / 40
	return sepsis.Estimate{Value: &value, Low: &drawn[tail], High: &drawn[len(drawn)-1-tail]}
}

// weights is how often each row is in a draw of as many patients as there are, with replacement.
func (r *rows) weights(random *rand.Rand) []float64 {
	times := make([]float64, r.patients)
	for range r.patients {
		times[random.IntN(r.patients)]++
	}
	weights := make([]float64, len(r.patient))
	for i, patient := range r.patient {
		weights[i] = times[patient]
	}
	return weights
}
