package evaluate

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/metric"
)

// numFigures is the number of figures of a group, in the order of [sample.group].
const numFigures = 12

// figures are the figures of one draw of stays.
type figures struct {
	values     [numFigures]float64
	prevalence float64
}

// rows holds all hours of a sample, sorted by falling probability, so that a draw of stays is measured in one pass.
type rows struct {
	stays         int
	probabilities []float64
	labels        []bool
	stay          []int32
	alarm         int // rows before this one are alarms
	stayTotals    []stayTotal
	logit         []float64
}

// stayTotal is what a stay adds to the figures that are sums over stays.
type stayTotal struct {
	gain, best, hoursGain float64
	septic, alarmed       bool // alarmed: any alarm; for septic stays not later than onset
}

func newRows(s sample, hoursRule float64) *rows {
	r := &rows{stays: len(s.stays), stayTotals: make([]stayTotal, len(s.stays))}
	type row struct {
		probability float64
		label       bool
		stay        int32
	}
	var all []row
	for i, stay := range s.stays {
		r.stayTotals[i] = stay.total(s.threshold, hoursRule)
		for hour, p := range stay.probabilities {
			all = append(all, row{p, stay.labels[hour], int32(i)}) //nolint:gosec // the number of stays fits
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(b.probability, a.probability) })
	for _, one := range all {
		r.probabilities, r.labels, r.stay = append(r.probabilities, one.probability), append(r.labels, one.label), append(r.stay, one.stay)
		r.logit = append(r.logit, math.Log(one.probability/(1-one.probability)))
		if one.probability >= s.threshold {
			r.alarm++
		}
	}
	return r
}

func (s *scoredStay) total(threshold, hoursRule float64) stayTotal {
	t := stayTotal{septic: s.septic}
	onset := len(s.labels)
	if s.septic {
		onset = slices.Index(s.labels, true) - metric.OptimalHours
	}
	for hour, gain := range s.gains {
		if s.probabilities[hour] >= threshold {
			t.gain += gain
			t.alarmed = t.alarmed || hour <= onset
		}
		if s.hours[hour] >= hoursRule {
			t.hoursGain += gain
		}
		t.best += max(gain, 0)
	}
	return t
}

// figures measures a draw in which each stay counts weights[stay] times.
func (r *rows) figures(weights []float64) (figures, error) {
	var f figures
	var gain, best, hoursGain float64
	var stays, alarmed [2]float64
	for i, t := range r.stayTotals {
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
		return f, errors.New("a group needs septic and other stays")
	}
	slope, inLarge, err := r.calibration(weights)
	if err != nil {
		return f, err
	}
	f.prevalence = rank.positives / (rank.positives + rank.negatives)
	f.values = [numFigures]float64{
		gain / best, rank.auroc, rank.auprc, rank.brier, slope, inLarge,
		rank.truePositives / rank.positives, 1 - rank.falsePositives/rank.negatives,
		rank.truePositives / (rank.truePositives + rank.falsePositives),
		alarmed[1] / stays[1], alarmed[0] / stays[0], hoursGain / best,
	}
	return f, nil
}

// ranking is what one pass over the sorted rows gives.
type ranking struct {
	positives, negatives          float64
	truePositives, falsePositives float64 // at the threshold
	auroc, auprc, brier           float64
}

// rank passes over the rows by falling probability. Ties count half for AUROC and as one step for AUPRC, as in
// package metric, whose functions sort anew and are too slow to be called for each draw; a test holds them equal.
func (r *rows) rank(weights []float64) ranking {
	var k ranking
	var area, precision, squares float64
	for i := 0; i < len(r.labels); {
		p := r.probabilities[i]
		var positive, negative float64
		for ; i < len(r.labels) && r.probabilities[i] == p; i++ {
			if weight := weights[r.stay[i]]; r.labels[i] {
				positive += weight
			} else {
				negative += weight
			}
		}
		area += negative * (k.positives + positive/2)
		k.positives, k.negatives = k.positives+positive, k.negatives+negative
		if positive > 0 {
			precision += positive * k.positives / (k.positives + k.negatives)
		}
		squares += positive*(1-p)*(1-p) + negative*p*p
		if i <= r.alarm {
			k.truePositives, k.falsePositives = k.positives, k.negatives
		}
	}
	k.auroc, k.auprc = area/(k.positives*k.negatives), precision/k.positives
	k.brier = squares / (k.positives + k.negatives)
	return k
}

// calibrationBins is how finely logits are pooled for the calibration figures of a draw.
const calibrationBins = 2000

// calibration fits the logistic recalibration of a draw on rows pooled into bins of equal count, each with its mean
// probability, which changes the figures by less than 0.001 (a test holds it).
func (r *rows) calibration(weights []float64) (slope, inLarge float64, err error) {
	var labels []bool
	var probabilities, weight []float64
	size := max(1, len(r.labels)/calibrationBins)
	for start := 0; start < len(r.labels); start += size {
		var positive, negative, logit float64
		for i := start; i < min(start+size, len(r.labels)); i++ {
			w := weights[r.stay[i]]
			logit += w * r.logit[i]
			if r.labels[i] {
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
	fit, err := metric.Recalibrate(labels, probabilities, weight)
	if err != nil {
		return 0, 0, err
	}
	inLarge, err = metric.CalibrationInTheLarge(labels, probabilities, weight)
	return fit.Slope, inLarge, err
}
