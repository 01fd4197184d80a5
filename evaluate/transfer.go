package evaluate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// AsIs names the variant of a transfer in which the model is carried to the other hospital as it is.
const AsIs = "as is"

// Adaptation fits a trained model to another hospital by its records alone, without any label of it.
type Adaptation struct {
	Name        string // such as "adapted without labels"
	Description string // what it does, and what of the other hospital it uses
	// Recipe is what it trains by, from the options of the model as it is; nil when it trains nothing anew.
	Recipe func(o model.Options) model.Options
	// Adapt gives what foresees the stays of the other hospital. source is what the model has learnt from; target
	// holds the other hospital's stays, without labels.
	Adapt func(ctx context.Context, source model.Training, trained *model.Bundle, target []sepsis.Stay) (Carried, error)
}

// Carried foresees the stays of a hospital that it was carried to.
type Carried interface {
	// Threshold is the probability from which the answer is Positive.
	Threshold() float64
	// Trajectory gives the risk at each observation, from that and the earlier ones only.
	Trajectory(stay *sepsis.Stay) []sepsis.Risk
}

var _ Carried = (*model.Model)(nil)

// variants are the recipes of the adaptations that train anew.
func (e *Evaluation) variants() ([]Variant, error) {
	var found []Variant
	for _, a := range e.Adaptations {
		if a.Recipe == nil {
			continue
		}
		options, err := json.Marshal(a.Recipe(e.Options))
		if err != nil {
			return nil, fmt.Errorf("recipe of %q: %w", a.Name, err)
		}
		found = append(found, Variant{a.Name, options})
	}
	return found, nil
}

// transferParts are what the study of transfers fills.
type transferParts struct {
	Transfers    []Transfer      `json:"transfers"`
	Conformal    []ConformalPart `json:"conformal_carried"`
	Recalibrated []Recalibrated  `json:"recalibrated,omitempty"`
}

// transfers trains on each hospital and measures on each other one.
func (e *Evaluation) transfers(ctx context.Context, stays []sepsis.LabelledStay, report progress) (transferParts, error) {
	found := transferParts{Transfers: []Transfer{}, Conformal: []ConformalPart{}}
	byHospital := map[string][]sepsis.LabelledStay{}
	for i := range stays {
		byHospital[stays[i].Hospital] = append(byHospital[stays[i].Hospital], stays[i])
	}
	hospitals := sortedKeys(byHospital)
	if len(hospitals) < 2 {
		return found, nil
	}
	for _, from := range hospitals {
		training := e.training(byHospital[from], func(stage string, done, total int) { report(from+", "+stage, done, total) })
		bundle, source, err := model.Train(ctx, training)
		if _, little := errors.AsType[*model.TooLittleError](err); little {
			found.Transfers = append(found.Transfers, e.notTrained(from, hospitals, byHospital, err)...)
			continue
		}
		if err != nil {
			return found, fmt.Errorf("evaluate: train on %s: %w", from, err)
		}
		learnt, _ := samples(training.Stays, source)
		sourceRule, err := learnt.hoursThreshold()
		if err != nil {
			return found, fmt.Errorf("evaluate: %w", err)
		}
		for _, to := range hospitals {
			if to == from {
				continue
			}
			t := target{from: from, to: to, stays: byHospital[to], sourceRule: sourceRule, how: e.bootstrap()}
			measured, recalibrated, err := e.carry(ctx, t, training, bundle, report)
			if err != nil {
				return found, err
			}
			found.Transfers, found.Recalibrated = append(found.Transfers, measured...), append(found.Recalibrated, recalibrated...)
			coverage, err := conformalCarried(ctx, bundle.Reference, from, byHospital[to], e.bootstrap())
			if err != nil {
				return found, err
			}
			found.Conformal = append(found.Conformal, coverage)
		}
	}
	return found, nil
}

// notTrained are the transfers from a hospital of which too little is known to learn from: what there would have been, and why there is not.
func (e *Evaluation) notTrained(from string, hospitals []string, stays map[string][]sepsis.LabelledStay, why error) []Transfer {
	var all []Transfer
	for _, to := range hospitals {
		if to == from {
			continue
		}
		for _, variant := range e.carriedVariants() {
			t := target{from: from, to: to, stays: stays[to]}
			all = append(all, t.failed(variant, why))
		}
	}
	return all
}

// carriedVariants are all variants, the model as it is first.
func (e *Evaluation) carriedVariants() []Adaptation {
	return append([]Adaptation{{
		Name:        AsIs,
		Description: "Trees, networks, calibration and threshold of the hospital of training; nothing of the other hospital is used.",
		Adapt:       asIs,
	}}, e.Adaptations...)
}

// target is a hospital to which a model is carried.
type target struct {
	from, to   string
	stays      []sepsis.LabelledStay
	sourceRule float64 // best hour of the hours rule at the hospital of training
	how        bootstrap
}

// unlabelled are the stays of the hospital without what became of them.
func (t *target) unlabelled() []sepsis.Stay {
	stays := make([]sepsis.Stay, len(t.stays))
	for i := range stays {
		stays[i] = t.stays[i].Stay
	}
	return stays
}

// carry measures all variants of a trained model at a target, and those of askedStays after recalibration, too.
func (e *Evaluation) carry(ctx context.Context, t target, source model.Training, bundle *model.Bundle, report progress) ([]Transfer, []Recalibrated, error) {
	variants := e.carriedVariants()
	found := []Transfer{}
	var recalibrated []Recalibrated
	var first measured
	for i, variant := range variants {
		report(fmt.Sprintf("%s to %s, %s", t.from, t.to, variant.Name), i, len(variants))
		transfer, c, err := t.variant(ctx, source, bundle, variant)
		if err != nil {
			return nil, nil, fmt.Errorf("evaluate: %s to %s, %s: %w", t.from, t.to, variant.Name, err)
		}
		m := c.measured
		if i == 0 {
			first = m
		} else {
			transfer.OverAsIs, transfer.AUROCOverAsIs = m.less(first, utility), m.less(first, auroc)
		}
		found = append(found, transfer)
		fitted, err := t.recalibrations(ctx, variant.Name, c, e.Threads)
		if err != nil {
			return nil, nil, fmt.Errorf("evaluate: %s to %s, %s: %w", t.from, t.to, variant.Name, err)
		}
		recalibrated = append(recalibrated, fitted...)
	}
	return found, recalibrated, nil
}

// carriedTo is a variant at the target, with what it answers there.
type carriedTo struct {
	carried  Carried // nil where it could not be made
	answered sample
	measured measured
}

// errUnmeasured is of a target that has nothing to find, or nothing to be quiet about.
var errUnmeasured = errors.New("septic or other stays are missing")

// failed is a variant without figures, and why.
func (t *target) failed(variant Adaptation, why error) Transfer {
	return Transfer{
		From: t.from, To: t.to, Variant: variant.Name, Description: variant.Description, Failed: why.Error(), Group: Group{Name: t.to, Stays: len(t.stays)},
	}
}

// variant measures one variant. That a variant cannot be made of little data, or measured at a hospital without septic stays, is a result; that the
// trained model itself cannot be opened is an error.
func (t *target) variant(ctx context.Context, source model.Training, bundle *model.Bundle, variant Adaptation) (Transfer, carriedTo, error) {
	carried, err := variant.Adapt(ctx, source, bundle, t.unlabelled())
	if err != nil && (ctx.Err() != nil || variant.Name == AsIs) {
		return Transfer{}, carriedTo{}, err
	}
	if err != nil {
		return t.failed(variant, err), carriedTo{}, nil
	}
	answered, err := trajectories(ctx, t.stays, func(int) trajectory { return carried.Trajectory })
	if err != nil {
		return Transfer{}, carriedTo{}, err
	}
	transfer, m, err := t.measure(answered)
	if errors.Is(err, errUnmeasured) {
		return t.failed(variant, err), carriedTo{}, nil
	}
	if err != nil {
		return Transfer{}, carriedTo{}, err
	}
	transfer.Variant, transfer.Description, transfer.Threshold = variant.Name, variant.Description, carried.Threshold()
	return transfer, carriedTo{carried, answered, m}, nil
}

// carriedPoints are the operating points of a model that was trained at a hospital.
func carriedPoints(from string) []operatingPoint {
	points := operatingPoints("")
	for i := range points {
		points[i].choice = "chosen at " + from + ", where the model was trained, and carried"
	}
	return points
}

// asIs foresees with the trained model, by the road that it is served on.
func asIs(_ context.Context, _ model.Training, trained *model.Bundle, _ []sepsis.Stay) (Carried, error) {
	return opened(trained)
}

// measure gives the figures of one variant at the target.
func (t *target) measure(answered sample) (Transfer, measured, error) {
	transfer := Transfer{From: t.from, To: t.to}
	best, err := answered.hoursThreshold()
	if err != nil {
		return transfer, measured{}, err
	}
	m, measurable := answered.measure(best, t.how)
	if !measurable {
		return transfer, m, errUnmeasured
	}
	oracle, err := answered.bestThreshold(func(_ *scoredStay, hour *scoredHour) float64 { return hour.probability })
	if err != nil {
		return transfer, m, err
	}
	chosen := answered.said(func(_ *scoredStay, hour *scoredHour) answer {
		return answer{probability: hour.probability, positive: hour.probability >= oracle.Threshold}
	})
	oracles, _ := resample(len(chosen), t.how, newRows(chosen, t.sourceRule).ranked)
	transfer.Group, transfer.HoursRuleHour = answered.groupOf(t.to, m), best
	transfer.OracleUtility, transfer.OracleThreshold = oracles.figure(utility), oracle.Threshold
	transfer.HoursRuleFrom = oracles.figure(hoursRuleUtility)
	transfer.OverHoursRule = m.derive(overHours)
	for _, point := range carriedPoints(t.from) {
		if view, measurable := wardView(answered, t.to, point, t.how); measurable {
			transfer.Ward = append(transfer.Ward, view)
		}
	}
	return transfer, m, nil
}
