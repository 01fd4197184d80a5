package model

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
)

// Options say how the ensemble is trained.
type Options struct {
	Folds   int          `json:"folds"`    // cross-validation folds, at least 2
	Members int          `json:"members"`  // boosters of each fold, with different seeds
	MaxBins int          `json:"max_bins"` // bins a feature
	Trees   gbdt.Options `json:"trees"`    // of the members
	// Forecasts say how each of [Forecasts] is learnt; nil is to do without them.
	Forecasts *gbdt.Options `json:"forecasts,omitempty"`
	// Network says how the network of each fold is trained; nil is to do without.
	Network *NetworkOptions `json:"network,omitempty"`
	// Kinds are how members differ: member m is of kind m mod len(Kinds). Without kinds all learn the utility and see everything.
	Kinds []Kind `json:"kinds,omitempty"`
	// Hidden is what neither forecasts nor members see.
	Hidden View `json:"hidden,omitempty"`
}

// Kind is what sets members apart.
type Kind struct {
	Target Target `json:"target"`
	Hidden View   `json:"hidden,omitempty"` // what these members do not see
}

// Target is what a member learns.
type Target string

// The targets.
const (
	// UtilityTarget is whether an alarm is worth more than silence under the Challenge's utility, weighted by how much.
	UtilityTarget Target = "utility"
	// LabelTarget is the Challenge's label, in which all labelled hours weigh the same.
	LabelTarget Target = "label"
)

// View hides columns: by name, or whole families by the family's name.
type View []string

func (v View) hides(column features.Feature) bool {
	return slices.Contains(v, column.Name) || slices.Contains(v, string(column.Family))
}

func (o *Options) kind(member int) Kind {
	if len(o.Kinds) == 0 {
		return Kind{Target: UtilityTarget}
	}
	return o.Kinds[member%len(o.Kinds)]
}

// mostMembers bounds the boosters of all folds where a fold has several: each answers every hour.
const mostMembers = 100

func (o *Options) check() error {
	if err := CheckFolds(o.Folds); err != nil {
		return err
	}
	if o.Members < 1 || o.Members > max(1, mostMembers/o.Folds) {
		return fmt.Errorf("%d members in each of %d folds: at least 1 is needed, and at most %d in all", o.Members, o.Folds, mostMembers)
	}
	for _, kind := range o.Kinds {
		if err := kind.Target.check(); err != nil {
			return err
		}
	}
	return o.Network.check(o.Folds)
}

func (t Target) check() error {
	if t != UtilityTarget && t != LabelTarget {
		return fmt.Errorf("target %q: give %q or %q", t, UtilityTarget, LabelTarget)
	}
	return nil
}

// WithRounds are the options with so many trees in each member, and no more than that in a forecast.
func (o Options) WithRounds(rounds int) Options {
	o.Trees.Rounds = rounds
	if o.Forecasts != nil {
		forecasts := *o.Forecasts
		forecasts.Rounds = min(forecasts.Rounds, rounds)
		o.Forecasts = &forecasts
	}
	return o
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
			ColumnSample:   0.25,
			BaseScore:      0.5,
		},
		Forecasts: defaultForecasts(),
		Network:   DefaultNetwork(0.35),
		Kinds:     []Kind{{Target: LabelTarget}},
		Hidden:    View{string(ForecastShareFamily)},
	}
}

// defaultForecasts learn fast: every hour teaches them, so a few trees on some of the rows know nearly all that is to be known.
func defaultForecasts() *gbdt.Options {
	return &gbdt.Options{
		Rounds:         60,
		LearningRate:   0.2,
		Growth:         gbdt.DepthWise,
		MaxDepth:       5,
		Lambda:         20,
		MinChildWeight: 20,
		RowSample:      0.35,
		Sampling:       gbdt.GradientBased,
		ColumnSample:   0.3,
		BaseScore:      0.5,
	}
}

// PortableRecipe is the name of the recipe of [PortableOptions].
const PortableRecipe = "portable"

// PortableOptions train a model to be carried to a hospital of which no label is known: shallower trees, held back more
// strongly, that do not see how long the patient was in hospital before, nor the kind of unit, nor what is foreseen by labels. Some
// members do not see how much was measured, and some are told how likely a forecast is, others how likely it is for the hospital.
// These habits differ most between hospitals. No network answers beside them: it carries worse. docs/lab.md has the figures.
func PortableOptions() Options {
	o := DefaultOptions()
	o.Network = nil
	o.Trees.Rounds, o.Trees.LearningRate = 100, 0.1
	o.Trees.MaxDepth, o.Trees.Lambda, o.Trees.MinChildWeight = 3, 100, 100
	o.Hidden = View{"hours_before_icu", "hospital_hour", "surgical_icu"}
	for i, name := range forecastNames() {
		if Forecasts[i].Labelled {
			o.Hidden = append(o.Hidden, name, name+"_share")
		}
	}
	likely, usual := string(ForecastFamily), string(ForecastShareFamily)
	habits := View{string(features.Pattern), string(features.Timing)}
	o.Kinds = []Kind{
		{Target: UtilityTarget, Hidden: View{usual}},
		{Target: UtilityTarget, Hidden: View{likely}},
		{Target: LabelTarget, Hidden: append(View{usual}, habits...)},
		{Target: LabelTarget, Hidden: append(View{likely}, habits...)},
	}
	o.Members = len(o.Kinds)
	return o
}
