package evaluate

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// Names of the variants of a transfer beside [AsIs].
const (
	AsIsAdapted     = "as is, forecasts of the other hospital"
	PortableRecipe  = "portable recipe"
	PortableAdapted = "portable recipe, forecasts of the other hospital"
)

// adaptedNote says what an adaptation uses.
const adaptedNote = "Whether a fever will be seen, or lactate measured, within hours is learnt anew from the other hospital's records, without any label of it, on one " +
	"half of its stays for the other half; everything else comes from the hospital of training."

// Adaptations are the variants of a transfer: the model as it is and the one that was trained to be carried
// ([model.PortableOptions]), with the forecasts of the hospital of training and with those of the other.
func Adaptations() []Adaptation {
	var p portable
	return []Adaptation{
		{Name: AsIsAdapted, Description: adaptedNote, Adapt: adaptAsIs},
		{
			Name: PortableRecipe,
			Description: "Trained again on the hospital of training, with shallower trees that do not see its habits; calibration and threshold " +
				"come from the hospital of training. Nothing of the other hospital is used.",
			Recipe: portableOptions,
			Adapt:  p.carry,
		},
		{Name: PortableAdapted, Description: "The portable recipe. " + adaptedNote, Recipe: portableOptions, Adapt: p.adapt},
	}
}

// portableOptions are those of the portable recipe, with no more rounds than the recipe of the evaluation has.
func portableOptions(o model.Options) model.Options {
	portable := model.PortableOptions()
	return portable.WithRounds(min(o.Trees.Rounds, portable.Trees.Rounds))
}

// portable trains the portable recipe once for the variants that share it.
type portable struct {
	hospital string // of training
	trained  *model.Model
}

func (p *portable) train(ctx context.Context, source model.Training) (*model.Model, error) {
	if hospital := source.Stays[0].Hospital; p.trained == nil || p.hospital != hospital {
		source.Options = portableOptions(source.Options)
		bundle, _, err := model.Train(ctx, source)
		if err != nil {
			return nil, err
		}
		if p.trained, err = opened(bundle); err != nil {
			return nil, err
		}
		p.hospital = hospital
	}
	return p.trained, nil
}

func (p *portable) carry(ctx context.Context, source model.Training, _ *model.Bundle, _ []sepsis.Stay) (Carried, error) {
	return p.train(ctx, source)
}

func (p *portable) adapt(ctx context.Context, source model.Training, _ *model.Bundle, target []sepsis.Stay) (Carried, error) {
	trained, err := p.train(ctx, source)
	if err != nil {
		return nil, err
	}
	return adaptHalves(ctx, trained, target, source.Threads)
}

func adaptAsIs(ctx context.Context, source model.Training, bundle *model.Bundle, target []sepsis.Stay) (Carried, error) {
	trained, err := opened(bundle)
	if err != nil {
		return nil, err
	}
	return adaptHalves(ctx, trained, target, source.Threads)
}

// halves answers for each stay by forecasts that were learnt from the other half.
type halves [2]*model.Model

func adaptHalves(ctx context.Context, trained *model.Model, target []sepsis.Stay, threads int) (Carried, error) {
	var stays [2][]*sepsis.Stay
	for i := range target {
		half := halfOf(&target[i])
		stays[half] = append(stays[half], &target[i])
	}
	var h halves
	for half := range h {
		bundle, err := trained.Adapt(ctx, stays[1-half], threads, nil, model.Adaptation{})
		if err != nil {
			return nil, err
		}
		if h[half], err = opened(bundle); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// halfOf is 0 or 1, by what was measured in a stay.
func halfOf(stay *sepsis.Stay) int {
	hash := fnv.New64a()
	for i := range stay.Observations {
		for _, value := range stay.Observations[i].Values {
			_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(value)))
		}
	}
	return int(hash.Sum64() >> 32 & 1) //nolint:gosec // one bit
}

func (h halves) Threshold() float64 { return h[0].Threshold() }

func (h halves) Trajectory(stay *sepsis.Stay) []sepsis.Risk { return h[halfOf(stay)].Trajectory(stay) }

// opened is the model of a bundle, by the road that it is served on.
func opened(bundle *model.Bundle) (*model.Model, error) {
	file, err := bundle.Bytes()
	if err != nil {
		return nil, err
	}
	return model.New(file)
}
