package monitor

import (
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// fewest is how many must be counted for a share: with fewer the standard error may be above 0.1 (at a share of 0.3,
// sqrt(0.3*0.7/20) = 0.10).
const fewest = 20

// proportion is a share with Wilson's interval, of what is independent.
func proportion(count, of int) sepsis.Proportion { return proportionWorth(count, of, float64(of)) }

// proportionWorth is a share with Wilson's interval for n that are independent.
func proportionWorth(count, of int, n float64) sepsis.Proportion {
	p := sepsis.Proportion{Count: count, Of: of, Insufficient: n < fewest}
	if of == 0 {
		return p
	}
	share := float64(count) / float64(of)
	low, high := metric.Wilson(share, n)
	p.Value, p.Low, p.High = &share, &low, &high
	return p
}

// counted are the predictions of a patient that are counted, and of how many something is true.
type counted struct{ count, of int }

// proportionOf is the share of the predictions of some patients. Those of one patient are alike, so that they tell less than as many of different patients: Wilson's
// interval is for as many as they are worth (recommended by Franco et al. 2019, PMC6690503).
func proportionOf(patients []counted) sepsis.Proportion {
	count, of := 0, 0
	for _, patient := range patients {
		count, of = count+patient.count, of+patient.of
	}
	return proportionWorth(count, of, effective(patients, count, of))
}

// effective is how many independent predictions these are worth: their number divided by the design effect, for the degrees of freedom that so many patients
// leave (Korn and Graubard 1998, Survey Methodology 24:193). Where all predictions agree, no variance tells how alike those of a patient are; they are then
// taken for wholly so, and count by patients (Kish 1965, Survey Sampling, for unequal sizes). It is never more than there are.
func effective(patients []counted, count, of int) float64 {
	n, clusters, squares, spread := float64(of), 0.0, 0.0, 0.0
	share := float64(count) / n
	for _, patient := range patients {
		if patient.of == 0 {
			continue
		}
		size := float64(patient.of)
		clusters++
		squares += size * size
		residual := float64(patient.count) - share*size
		spread += residual * residual
	}
	switch {
	case clusters == n: // a prediction for each patient
		return n
	case clusters < 2:
		return 1
	case count == 0 || count == of:
		return n * n / squares
	}
	design := spread * clusters / (clusters - 1) / (n * n) / (share * (1 - share) / (n - 1))
	freedom := quantile(n-1) / quantile(clusters-1)
	return n / max(1, design) * freedom * freedom
}

// quantile is that of Student's distribution for 95 % intervals.
func quantile(freedom float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(0.975)
}

// watched is a patient's time, and the events in it.
type watched struct {
	events int
	time   float64
}

// rate is events by time with the exact interval of a Poisson count (Garwood 1936, doi:10.1093/biomet/28.3-4.437) of as many events as these are worth: patients
// differ more in how many they have than chance would make them, by the factor that both events and time are divided by.
func rate(patients []watched) (value, low, high float64) {
	events, time := 0.0, 0.0
	for _, patient := range patients {
		events, time = events+float64(patient.events), time+patient.time
	}
	value = events / time
	spread, clusters := 0.0, float64(len(patients))
	for _, patient := range patients {
		residual := float64(patient.events) - value*patient.time
		spread += residual * residual
	}
	if events > 0 && clusters > 1 {
		more := max(1, spread*clusters/(clusters-1)/events)
		events, time = events/more, time/more
	}
	if events > 0 {
		low = distuv.ChiSquared{K: 2 * events}.Quantile(0.025) / 2 / time
	}
	high = distuv.ChiSquared{K: 2 * (events + 1)}.Quantile(0.975) / 2 / time
	return value, low, high
}
