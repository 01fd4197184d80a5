package evaluate

import (
	"math"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// alertChoice is what decides which stays the alert alarms when its threshold is chosen anew in each draw.
type alertChoice struct {
	sample  sample
	stays   []*model.AlertStays // of the sample, by the calibration of each fold
	fold    []int               // of each stay of the sample
	adult   []bool
	utility []float64 // watch-list threshold of each fold, below which the alert's is not chosen
	parts   []string  // pooled, and each hospital
}

// The figures of a part of the stays, by their place after the mean threshold.
const (
	rechosenPPV = iota
	rechosenAdjusted
	numRechosen
)

func newAlertChoice(s sample, fold []int, models []*model.Model) *alertChoice {
	c := &alertChoice{sample: s, parts: append([]string{pooled}, s.hospitals()...)}
	for i := range s {
		c.fold, c.adult = append(c.fold, fold[s[i].index]), append(c.adult, s[i].Age >= sepsis.AdultAge)
	}
	for f, m := range models {
		stays := &model.AlertStays{}
		for i := range s {
			stays.Add(s[i].Hospital, s[i].Labels, s[i].calibrated(models[c.fold[i]].Bundle().Calibration, m.Bundle().Calibration, c.fold[i] == f))
		}
		c.stays, c.utility = append(c.stays, stays), append(c.utility, m.Threshold())
	}
	return c
}

// calibrated are the probabilities of a stay by another calibration than that which it has; as they are when it is the same.
func (s *scoredStay) calibrated(from, to model.Calibration, same bool) []float64 {
	probabilities := make([]float64, len(s.hours))
	for h := range s.hours {
		probabilities[h] = s.hours[h].probability
		if !same {
			probabilities[h] = to.Probability(marginOf(probabilities[h], from))
		}
	}
	return probabilities
}

// marginOf is the margin of the trees of which a calibration has made a probability.
func marginOf(probability float64, c model.Calibration) float64 {
	return (math.Log(probability/(1-probability)) - c.Intercept) / c.Slope
}

// thresholds are those of each fold, chosen on the adults' stays of the other folds in a draw, as in a training.
func (c *alertChoice) thresholds(weights []float64) []float64 {
	thresholds, others := make([]float64, len(c.utility)), make([]float64, len(weights))
	for f := range thresholds {
		for i, weight := range weights {
			others[i] = 0
			if c.fold[i] != f && c.adult[i] {
				others[i] = weight
			}
		}
		thresholds[f] = c.stays[f].Threshold(others, c.utility[f])
	}
	return thresholds
}

// figures are the mean threshold of a draw, and what the alert is worth by thresholds that were chosen in it.
func (c *alertChoice) figures(weights []float64) []float64 {
	thresholds := c.thresholds(weights)
	values := []float64{0}
	for _, threshold := range thresholds {
		values[0] += threshold / float64(len(thresholds))
	}
	for _, part := range c.parts {
		var septic, other, caught, septicEver, otherEver float64
		for i, weight := range weights {
			if part != pooled && c.sample[i].Hospital != part {
				continue
			}
			f := c.fold[i]
			inTime, ever := c.stays[f].Alerted(i, thresholds[f])
			if c.sample[i].septic {
				septic, caught, septicEver = septic+weight, caught+weight*count(inTime), septicEver+weight*count(ever)
			} else {
				other, otherEver = other+weight, otherEver+weight*count(ever)
			}
		}
		values = append(values, divided(caught, septicEver+otherEver),
			model.AdjustedPPV(divided(caught, septic), divided(septicEver, septic), divided(otherEver, other), model.AlertPrevalence))
	}
	return values
}

// divided is NaN for a share of nothing.
func divided(above, below float64) float64 {
	if below == 0 {
		return math.NaN()
	}
	return above / below
}

// rechosen puts the alert's predictive values beside those at fixed thresholds, in the views of the alert.
func (c *alertChoice) rechosen(views []WardView, how bootstrap) {
	m, _ := resample(len(c.sample), how, c.figures)
	for i := range views {
		view := &views[i]
		for k, part := range c.parts {
			if view.Point != operatingPoints("")[alertAt].name || view.Hospital != part {
				continue
			}
			at := 1 + k*numRechosen
			view.Rechosen = &RechosenAlert{Threshold: m.figure(0), StayPPV: m.figure(at + rechosenPPV), StayPPVAdjusted: m.figure(at + rechosenAdjusted)}
		}
	}
}
