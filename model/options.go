package model

import (
	"slices"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
)

// Options say how the ensemble is trained.
type Options struct {
	Folds   int          `json:"folds"`    // cross-validation folds, at least 2
	Members int          `json:"members"`  // boosters trained on the same folds with different seeds
	MaxBins int          `json:"max_bins"` // bins a feature
	Trees   gbdt.Options `json:"trees"`
	// Views are what members do not see: member m goes by view m mod len(Views). Without views all see everything.
	Views []View `json:"views,omitempty"`
}

// View hides features: by name, or whole families by the family's name.
type View []string

func (v View) hides(f features.Feature) bool {
	return slices.Contains(v, f.Name) || slices.Contains(v, string(f.Family))
}

func (o Options) view(member int) View {
	if len(o.Views) == 0 {
		return nil
	}
	return o.Views[member%len(o.Views)]
}

// DefaultOptions train the model that ships. docs/adr/0003-training-recipe.md has the reasons.
func DefaultOptions() Options {
	return Options{
		Folds:   5,
		Members: 1,
		MaxBins: 64,
		Trees: gbdt.Options{
			Rounds:         300,
			LearningRate:   0.05,
			Growth:         gbdt.DepthWise,
			MaxDepth:       5,
			Lambda:         20,
			MinChildWeight: 10,
			RowSample:      0.3,
			Sampling:       gbdt.GradientBased,
			ColumnSample:   0.5,
			BaseScore:      0.5,
		},
	}
}

// PortableOptions train a model to be carried to a hospital of which no label is known: shallower trees, held back more
// strongly, that do not see how long the patient was in hospital before, nor the kind of unit, and of whose members
// some do not see how much was measured. These habits differ most between hospitals. docs/lab.md has the figures.
func PortableOptions() Options {
	o := DefaultOptions()
	o.Trees.Rounds, o.Trees.MaxDepth, o.Trees.Lambda, o.Trees.MinChildWeight = 200, 3, 100, 100
	o.Views = []View{
		siteHabits(),
		siteHabits(string(features.Pattern)),
		siteHabits(string(features.Pattern), string(features.Timing)),
	}
	o.Members = len(o.Views)
	return o
}

func siteHabits(more ...string) View {
	return append(View{"hours_before_icu", "hospital_hour", "surgical_icu"}, more...)
}
