package monitor

import (
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// fewest is how many must be counted for a share: with fewer the standard error may be above 0.1 (at a share of 0.3,
// sqrt(0.3*0.7/20) = 0.10).
const fewest = 20

// proportion is a share with Wilson's interval.
func proportion(count, of int) sepsis.Proportion {
	p := sepsis.Proportion{Count: count, Of: of, Insufficient: of < fewest}
	if of == 0 {
		return p
	}
	share := float64(count) / float64(of)
	low, high := metric.Wilson(count, of)
	p.Value, p.Low, p.High = &share, &low, &high
	return p
}

// rate is events by time with the exact interval of a Poisson count (Garwood 1936, doi:10.1093/biomet/28.3-4.437).
func rate(events int, time float64) (value, low, high float64) {
	if events > 0 {
		low = distuv.ChiSquared{K: 2 * float64(events)}.Quantile(0.025) / 2 / time
	}
	high = distuv.ChiSquared{K: 2 * float64(events+1)}.Quantile(0.975) / 2 / time
	return float64(events) / time, low, high
}
