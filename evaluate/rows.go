package evaluate

import (
	"cmp"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/metric"
)

// The figures of a draw of stays, by their place.
const (
	utility = iota
	auroc
	auprc
	brier
	slope
	inLarge
	sensitivity
	specificity
	ppv
	staySensitivity
	stayFalseAlarm
	hoursRuleUtility
	prevalence
)

// rows holds all hours of a sample, sorted by falling probability, so that a draw of stays is measured in one pass.
type rows struct {
	stays  int
	sorted []row
	totals []stayTotal
}

type row struct {
	probability, logit float64
	label, positive    bool
	stay               int32
}

// stayTotal is what a stay adds to the figures that are sums over stays.
type stayTotal struct {
	gain, best, hoursGain float64
	septic, alarmed       bool // alarmed: any alarm; for septic stays not later than onset
}

// measure gives the figures of a sample. It cannot when septic or other hours are missing.
func (s sample) measure(hoursRule float64, how bootstrap) (measured, bool) {
	return resample(len(s), how, newRows(s, hoursRule).figures)
}

func newRows(s sample, hoursRule float64) *rows {
	r := &rows{stays: len(s), totals: make([]stayTotal, len(s))}
	for i := range s {
		stay := &s[i]
		r.totals[i] = stay.total(hoursRule)
		for h := range stay.hours {
			hour := &stay.hours[h]
			logit := math.Log(hour.probability / (1 - hour.probability))
			r.sorted = append(r.sorted, row{hour.probability, logit, hour.label, hour.positive, int32(i)}) //nolint:gosec // the number of stays fits
		}
	}
	slices.SortStableFunc(r.sorted, func(a, b row) int { return cmp.Compare(b.probability, a.probability) })
	return r
}

func (s *scoredStay) total(hoursRule float64) stayTotal {
	t := stayTotal{septic: s.septic}
	for h := range s.hours {
		hour := &s.hours[h]
		if hour.positive {
			t.gain += hour.gain
			t.alarmed = t.alarmed || hour.byOnset
		}
		if hour.icuHour >= hoursRule {
			t.hoursGain += hour.gain
		}
		t.best += max(hour.gain, 0)
	}
	return t
}

// figures measures a draw in which each stay counts weights[stay] times. It cannot when septic or other hours are
// missing. A single figure that is undefined is NaN.
func (r *rows) figures(weights []float64) []float64 {
	values := r.ranked(weights)
	if values != nil {
		values[slope], values[inLarge] = r.calibration(weights, calibrationBins)
	}
	return values
}

// ranked is figures for answers that are no probabilities: without calibration, and its Brier score means nothing.
func (r *rows) ranked(weights []float64) []float64 {
	var gain, best, hoursGain float64
	var stays, alarmed [2]float64
	for i, t := range r.totals {
		gain, best, hoursGain = gain+weights[i]*t.gain, best+weights[i]*t.best, hoursGain+weights[i]*t.hoursGain
		group := 0
		if t.septic {
			group = 1
		}
		stays[group] += weights[i]
		if t.alarmed {
			alarmed[group] += weights[i]
		}
	}
	rank := r.rank(weights)
	if best == 0 || rank.positives == 0 || rank.negatives == 0 {
		return nil
	}
	return []float64{
		utility: gain / best, auroc: rank.auroc, auprc: rank.auprc, brier: rank.brier, slope: math.NaN(), inLarge: math.NaN(),
		sensitivity: rank.truePositives / rank.positives, specificity: 1 - rank.falsePositives/rank.negatives,
		ppv:             rank.truePositives / (rank.truePositives + rank.falsePositives),
		staySensitivity: alarmed[1] / stays[1], stayFalseAlarm: alarmed[0] / stays[0],
		hoursRuleUtility: hoursGain / best, prevalence: rank.positives / (rank.positives + rank.negatives),
	}
}

// ranking is what one pass over the sorted rows gives.
type ranking struct {
	positives, negatives          float64
	truePositives, falsePositives float64 // of the decisions
	auroc, auprc, brier           float64
}

// rank passes over the rows by falling probability. Ties count half for AUROC and as one step for AUPRC, as in
// package metric, whose functions sort anew and are too slow to be called for each draw; a test holds them equal.
func (r *rows) rank(weights []float64) ranking {
	var k ranking
	var area, precision, squares float64
	for i := 0; i < len(r.sorted); {
		p := r.sorted[i].probability
		var positive, negative float64
		for ; i < len(r.sorted) && r.sorted[i].probability == p; i++ {
			one := &r.sorted[i]
			weight := weights[one.stay]
			if one.label {
				positive += weight
			} else {
				negative += weight
			}
			if one.positive && one.label {
				k.truePositives += weight
			} else if one.positive {
				k.falsePositives += weight
			}
		}
		area += negative * (k.positives + positive/2)
		k.positives, k.negatives = k.positives+positive, k.negatives+negative
		if positive > 0 {
			precision += positive * k.positives / (k.positives + k.negatives)
		}
		squares += positive*(1-p)*(1-p) + negative*p*p
	}
	k.auroc, k.auprc = area/(k.positives*k.negatives), precision/k.positives
	k.brier = squares / (k.positives + k.negatives)
	return k
}

// calibrationBins is how finely logits are pooled for the calibration figures of a draw.
const calibrationBins = 2000

// calibration fits the logistic recalibration of a draw on rows pooled into bins of equal count, each with its mean
// logit: the rows of one of 2,000 bins are so alike that the figures hardly change (a test compares even 200 bins with
// none). Undefined figures are NaN.
func (r *rows) calibration(weights []float64, bins int) (slope, inLarge float64) {
	var labels []bool
	var probabilities, weight []float64
	size := max(1, len(r.sorted)/bins)
	for bin := range slices.Chunk(r.sorted, size) {
		var positive, negative, logit float64
		for i := range bin {
			w := weights[bin[i].stay]
			logit += w * bin[i].logit
			if bin[i].label {
				positive += w
			} else {
				negative += w
			}
		}
		if total := positive + negative; total > 0 {
			p := 1 / (1 + math.Exp(-logit/total))
			labels, probabilities, weight = append(labels, true, false), append(probabilities, p, p), append(weight, positive, negative)
		}
	}
	slope, inLarge = math.NaN(), math.NaN()
	if fit, err := metric.Recalibrate(labels, probabilities, weight); err == nil {
		slope = fit.Slope
	}
	if intercept, err := metric.CalibrationInTheLarge(labels, probabilities, weight); err == nil {
		inLarge = intercept
	}
	return slope, inLarge
}
