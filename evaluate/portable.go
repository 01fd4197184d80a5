package evaluate

import (
	"context"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// Portable is the variant of a transfer that was trained to be carried: [model.PortableOptions].
func Portable() Adaptation {
	return Adaptation{
		Name: "portable recipe",
		Description: "Trained again on the hospital of training, with shallower trees that do not see its habits; calibration and threshold " +
			"come from the hospital of training. Nothing of the other hospital is used.",
		Recipe: portableOptions,
		Adapt:  portable,
	}
}

// portableOptions are those of the portable recipe, with no more rounds than the recipe of the evaluation has.
func portableOptions(o model.Options) model.Options {
	portable := model.PortableOptions()
	return portable.WithRounds(min(o.Trees.Rounds, portable.Trees.Rounds))
}

func portable(ctx context.Context, source model.Training, _ *model.Bundle, target []sepsis.Stay) (Carried, error) {
	source.Options = portableOptions(source.Options)
	trained, _, err := model.Train(ctx, source)
	if err != nil {
		return nil, err
	}
	return asIs(ctx, source, trained, target)
}
