package evaluate

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// pooled names all hospitals together.
const pooled = "pooled"

// part is all of a sample, or one hospital.
func (s sample) part(name string) sample {
	if name == pooled {
		return s
	}
	return s.only(name)
}

// home measures what a cross-validation on all stays predicted.
func home(ctx context.Context, stays []sepsis.LabelledStay, validated *model.CrossValidation, how bootstrap, report progress) (HomeParts, error) {
	var parts HomeParts
	var err error
	predicted := validated.Predicted
	hours, _ := samples(stays, predicted)
	const steps = 5
	report("groups", 0, steps)
	if parts.AtHome, err = outOfFold(stays, predicted, how); err != nil {
		return parts, err
	}
	rule, err := hours.hoursThreshold()
	if err != nil {
		return parts, fmt.Errorf("evaluate: %w", err)
	}
	report("bedside scores", 1, steps)
	if parts.Baselines, err = baselines(ctx, hours, predicted.Fold, len(validated.Models), how); err != nil {
		return parts, fmt.Errorf("evaluate: %w", err)
	}
	report("phases", 2, steps)
	parts.Phases, parts.HourBands = phases(hours, rule, how), hourBands(hours, rule, how)
	report("ward view", 3, steps)
	if err := parts.views(hours, predicted.AlertPoint.Choice, how); err != nil {
		return parts, fmt.Errorf("evaluate: %w", err)
	}
	threshold := func(stay int) float64 { return validated.Models[predicted.Fold[stay]].AlertThreshold() }
	for _, name := range append([]string{pooled}, hours.hospitals()...) {
		parts.Hysteresis = append(parts.Hysteresis, hysteresis(hours.part(name), name, threshold, how)...)
	}
	report("subgroups", 4, steps)
	parts.Subgroups = subgroups(hours, rule, how)
	parts.Importance = importance(validated.Models)
	return parts, ctx.Err()
}

// views adds what is shown for all hospitals together and for each: ward, calibration, decision curve, curves.
func (p *HomeParts) views(hours sample, alertChoice string, how bootstrap) error {
	for i := range p.AtHome.Groups {
		g := &p.AtHome.Groups[i]
		if g.Name == NowOnly {
			continue
		}
		part := hours.part(g.Name)
		for _, point := range operatingPoints(alertChoice) {
			if view, measurable := wardView(part, g.Name, point, how); measurable {
				p.Ward = append(p.Ward, view)
			}
		}
		calibration, err := calibrationDeciles(part, g, how)
		if err != nil {
			return err
		}
		p.Calibration = append(p.Calibration, calibration)
		if curve, measurable := decisionCurve(part, g.Name, how); measurable {
			p.Decision = append(p.Decision, curve)
		}
		roc, pr := curves(part, g)
		p.ROC, p.PR = append(p.ROC, roc), append(p.PR, pr)
	}
	return nil
}
