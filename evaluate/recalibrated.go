package evaluate

import (
	"context"
	"math"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// askedStays are the numbers of labelled stays of a half to which calibration and thresholds are fitted, 0 for all of them: what a
// hospital may have at first, after some months, and in the end.
var askedStays = map[string][]int{AsIs: {500, 2000, 0}, PortableAdapted: {0}}

// recalibrations fit calibration and thresholds of a variant to stays of each half of the target, and measure them on the other
// half. Variants that no hospital is advised to take are not recalibrated.
func (t *target) recalibrations(ctx context.Context, variant string, c carriedTo, threads int) ([]Recalibrated, error) {
	models, known := modelsOf(c.carried)
	if !known {
		return nil, nil
	}
	rule, err := c.answered.hoursThreshold()
	if err != nil {
		return nil, err
	}
	stays := t.halved()
	var found []Recalibrated
	var before *recalibratedView
	for _, asked := range askedStays[variant] {
		if asked >= min(len(stays[0]), len(stays[1])) {
			continue // that is all of them, which is asked for, too
		}
		r := Recalibrated{From: t.from, To: t.to, Variant: variant, Asked: asked}
		fitted, err := r.fit(ctx, models, stays, threads)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			r.Failed = err.Error()
			found = append(found, r)
			continue
		}
		if before == nil {
			before = t.recalibratedView(c.answered, c.measured)
		}
		answered := c.answered.recalibrated(models, fitted)
		measured, _ := answered.measure(rule, t.how) // the stays of c.answered could be measured
		r.compare(before, t.recalibratedView(answered, measured))
		found = append(found, r)
	}
	return found, nil
}

// modelsOf are the models that answer for each half of the target's stays, where they are models of package model.
func modelsOf(carried Carried) (halves, bool) {
	switch c := carried.(type) {
	case *model.Model:
		return halves{c, c}, true
	case halves:
		return c, true
	}
	return halves{}, false
}

// halved are the stays of both halves.
func (t *target) halved() (stays [2][]sepsis.LabelledStay) {
	for i := range t.stays {
		half := halfOf(&t.stays[i].Stay)
		stays[half] = append(stays[half], t.stays[i])
	}
	return stays
}

// fit recalibrates the model of each half on stays of the other half, and counts them.
func (r *Recalibrated) fit(ctx context.Context, models halves, stays [2][]sepsis.LabelledStay, threads int) ([2]*model.Bundle, error) {
	var fitted [2]*model.Bundle
	for half := range fitted {
		learn := stays[1-half]
		if r.Asked > 0 {
			learn = pick(learn, r.Asked)
		}
		var err error
		if fitted[half], err = models[half].Recalibrate(ctx, learn, threads, model.Recalibration{}); err != nil {
			return fitted, err
		}
		last := fitted[half].Provenance.Recalibrations[len(fitted[half].Provenance.Recalibrations)-1]
		r.Fitted[half], r.Septic[half] = last.Stays, last.Septic
	}
	return fitted, nil
}

// recalibrated is what the fitted bundles answer, each for its half. The trees are those that have answered before, so their margins are
// found again from the probabilities, and not from every hour's features anew; a test holds this to the fitted models' own answers.
func (s sample) recalibrated(models halves, fitted [2]*model.Bundle) sample {
	other := make(sample, len(s))
	for i := range s {
		half := halfOf(&s[i].Stay)
		was, is, points := models[half].Bundle().Calibration, fitted[half].Calibration, fitted[half].Points()
		other[i] = s[i]
		other[i].hours = make([]scoredHour, len(s[i].hours))
		for h, hour := range s[i].hours {
			probability := is.Probability(marginOf(hour.probability, was))
			risk := points.Risk(s[i].Observations[hour.row].Hour, probability, h > 0 && other[i].hours[h-1].alert)
			hour.probability, hour.positive, hour.alert = risk.Probability, risk.Label == sepsis.Positive, risk.Alert
			other[i].hours[h] = hour
		}
	}
	return other
}

// recalibratedView is one side of the comparison with its draws.
type recalibratedView struct {
	shown       RecalibratedSide
	hours, ward measured
}

func (t *target) recalibratedView(answered sample, hours measured) *recalibratedView {
	v := &recalibratedView{hours: hours}
	v.shown.Group = answered.groupOf(t.to, hours)
	v.shown.Alert, v.ward, _ = measureWard(answered, t.to, carriedPoints(t.from)[alertAt], t.how)
	return v
}

// compare puts both sides and their differences in their places. The choice of the alert after is that of the fitting.
func (r *Recalibrated) compare(before, after *recalibratedView) {
	after.shown.Alert.Choice = "chosen on labelled stays of the other half of " + r.To
	r.Before, r.After = &before.shown, &after.shown
	r.UtilityDifference, r.BrierDifference = after.hours.less(before.hours, utility), after.hours.less(before.hours, brier)
	r.SlopeDifference, r.InLargeDifference = after.hours.less(before.hours, slope), after.hours.less(before.hours, inLarge)
	r.AlertPPVDifference = after.ward.less(before.ward, wardStayPPV)
	r.SensitivityDifference = after.ward.less(before.ward, wardSensitivity)
	r.AlertPPVAtDifference = after.ward.beside(before.ward, func(its, others []float64) float64 {
		return adjustedPPV(its) - adjustedPPV(others)
	})
}

// marginOf is the margin of the trees of which a calibration has made a probability.
func marginOf(probability float64, c model.Calibration) float64 {
	return (math.Log(probability/(1-probability)) - c.Intercept) / c.Slope
}
