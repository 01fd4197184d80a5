package monitor

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

const (
	// fewestOfAKind: below 100 septic and 100 other predictions a calibration says little (Vergouwe et al. 2005,
	// doi:10.1016/j.jclinepi.2004.06.017).
	fewestOfAKind = 100
	// fewestPatientsOfAKind of whom they must be: a bootstrap of fewer patients says little of what others could have shown.
	fewestPatientsOfAKind = 10
	// draws of the bootstrap: the 2.5 % tails hold 5 of them each.
	draws = 200
)

// rows are predictions of which the outcome is known.
type rows struct {
	septic        []bool
	probabilities []float64 // bounded, so that each has a logit
	patient       []int     // which patient, by number
	patients      int
}

func newRows(told []prediction) rows {
	var r rows
	r.patient, r.patients = numbered(told)
	for i := range told {
		r.septic = append(r.septic, told[i].septic)
		r.probabilities = append(r.probabilities, metric.Bounded(told[i].risk.Probability))
	}
	return r
}

// numbered tells which patient each prediction is of, by number, and how many there are. A prediction without one is of a patient of its own.
func numbered(told []prediction) (patient []int, patients int) {
	patient = make([]int, len(told))
	numbers := map[string]int{}
	for i := range told {
		number, known := numbers[told[i].patient]
		if !known || told[i].patient == "" {
			number = patients
			patients++
			numbers[told[i].patient] = number
		}
		patient[i] = number
	}
	return patient, patients
}

// patientsWith counts the patients with a prediction of that outcome.
func (r *rows) patientsWith(septic bool) int {
	having := make([]bool, r.patients)
	count := 0
	for row, patient := range r.patient {
		if r.septic[row] == septic && !having[patient] {
			having[patient] = true
			count++
		}
	}
	return count
}

func calibration(told []prediction) sepsis.InUse {
	r := newRows(told)
	var c sepsis.InUse
	septic, total := 0, 0.0
	for i, is := range r.septic {
		total += told[i].risk.Probability
		if is {
			septic++
		}
	}
	c.Observed = shareOf(told, func(*prediction) bool { return true }, isSeptic)
	if len(told) > 0 {
		expected := total / float64(len(told))
		c.Expected = &expected
	}
	c.Slope.Insufficient = min(septic, len(told)-septic) < fewestOfAKind || min(r.patientsWith(true), r.patientsWith(false)) < fewestPatientsOfAKind
	c.InTheLarge.Insufficient = c.Slope.Insufficient
	if c.Slope.Insufficient {
		return c
	}
	g := r.grouped()
	c.Slope = r.estimate(g, func(septic []bool, probabilities, weights []float64) (float64, error) {
		fit, err := metric.Recalibrate(septic, probabilities, weights)
		return fit.Slope, err
	})
	c.InTheLarge = r.estimate(g, metric.CalibrationInTheLarge)
	return c
}

// groups are rows of the same outcome and nearly the same probability, for the bootstrap: it then fits hundreds of rows
// and not all.
type groups struct {
	septic        []bool
	probabilities []float64 // at the mean of the logits
	group         []int     // of each row
}

// parts are of the same size by rising probability. With 200 of them the slope moves by less than a twentieth of its interval's width; a
// test holds it.
const parts = 200

// grouped sorts the rows by probability and takes each part's septic rows, and its others, together.
func (r *rows) grouped() groups {
	order := make([]int, len(r.septic))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.probabilities[a], r.probabilities[b]) })
	g := groups{septic: make([]bool, 2*parts), probabilities: make([]float64, 2*parts), group: make([]int, len(order))}
	sizes := make([]float64, 2*parts)
	for rank, row := range order {
		group := 2 * (rank * parts / len(order))
		if r.septic[row] {
			group++
		}
		g.group[row] = group
		sizes[group]++
		g.probabilities[group] += math.Log(r.probabilities[row] / (1 - r.probabilities[row]))
	}
	for group, size := range sizes {
		g.septic[group] = group%2 == 1
		g.probabilities[group] = 1 / (1 + math.Exp(-g.probabilities[group]/max(size, 1)))
	}
	return g
}

// estimate gives a figure with the percentile interval of a bootstrap over patients. The seed is fixed, so that the same
// log gives the same interval. A draw in which the figure is not defined is left out.
func (r *rows) estimate(g groups, figure func(septic []bool, probabilities, weights []float64) (float64, error)) sepsis.Estimate {
	value, err := figure(r.septic, r.probabilities, nil)
	if err != nil {
		return sepsis.Estimate{Insufficient: true}
	}
	random := rand.New(rand.NewPCG(1, 0))
	var drawn []float64
	for range draws {
		if resampled, err := figure(g.septic, g.probabilities, r.weights(&g, random)); err == nil {
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

// weights is how many rows of each group are in a draw of as many patients as there are, with replacement.
func (r *rows) weights(g *groups, random *rand.Rand) []float64 {
	times := make([]float64, r.patients)
	for range r.patients {
		times[random.IntN(r.patients)]++
	}
	weights := make([]float64, len(g.septic))
	for row, patient := range r.patient {
		weights[g.group[row]] += times[patient]
	}
	return weights
}
