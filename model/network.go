package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/neural"
)

// NetworkOptions say how the networks of each fold are trained that answer, as their mean, beside the fold's boosters. They see the features, not the
// forecasts: what these foretell they learn themselves, as outcomes aside. They learn from hours that have hours before them, and answer for these
// alone: of a single hour they made less than the trees (docs/lab.md).
type NetworkOptions struct {
	neural.Options
	Members int    `json:"members"` // networks of each fold, with different seeds
	Target  Target `json:"target"`
	// Share is that of the network in the margin, more than 0 and less than 1; the trees have the rest.
	Share float64 `json:"share"`
	// Hidden are the features that the network does not see.
	Hidden View `json:"hidden,omitempty"`
}

// DefaultNetwork is the network that docs/lab.md has the figures of, with a share of the margin. It does not see the statistics of a course, hundreds of numbers that
// tell nearly the same: without them it was no worse, in six tenths of the time.
func DefaultNetwork(share float64) *NetworkOptions {
	return &NetworkOptions{
		Options: neural.Options{
			Units: []int{128, 64}, InputDropout: 0.2, Dropout: 0.1, Passes: 2, BatchRows: 1024, LearningRate: 0.002, WeightDecay: 1, Aside: 6,
		},
		Members: 2, Target: UtilityTarget, Share: share,
		Hidden: View{string(features.Trend), string(features.WholeLOS), string(features.Rolling)},
	}
}

func (o *NetworkOptions) check(folds int) error {
	if o == nil {
		return nil
	}
	if err := checkShare(o.Share); err != nil {
		return err
	}
	if o.Members < 1 || o.Members*folds > neural.MaxMembers {
		return fmt.Errorf("a network of %d members in each of %d folds: at least 1 is needed, and at most %d in all", o.Members, folds, neural.MaxMembers)
	}
	for _, name := range o.Hidden {
		if !slices.ContainsFunc(features.Table, View{name}.hides) {
			return fmt.Errorf("a network that does not see %q: no feature and no family has that name", name)
		}
	}
	return errors.Join(o.Target.check(), o.Validate())
}

// checkShare refuses what is no part of a margin.
func checkShare(share float64) error {
	if !(share > 0 && share < 1) {
		return fmt.Errorf("a network with the share %g of the margin: more than 0 and less than 1 is expected", share)
	}
	return nil
}

// layInputs makes what networks learn from: the features of all rows, as they are cut for the trees.
func (r *run) layInputs() error {
	if r.training.Options.Network == nil {
		return nil
	}
	cuts, codes := make([][]float32, r.dataset.Cols()), make([][]uint8, r.dataset.Cols())
	for column := range cuts {
		cuts[column], codes[column] = r.dataset.Bins(column)
	}
	design, err := neural.NewDesign(cuts, codes, r.training.Threads)
	if err != nil {
		return err
	}
	columns, hidden := Columns(), r.training.Options.Network.Hidden
	r.design = design.Hide(func(column int) bool { return hidden.hides(columns[column]) })
	return nil
}

// network trains the networks of a fold on some rows; nil where the options want none, and where no hour has hours before it. The index makes their seeds.
func (r *run) network(ctx context.Context, learn []int32, index, before int) (*neural.Network, error) {
	t := r.training
	if t.Options.Network == nil {
		return nil, nil //nolint:nilnil // said above
	}
	learn = slices.DeleteFunc(slices.Clone(learn), func(row int32) bool { return r.rows.single(int(row)) })
	if len(learn) == 0 {
		return nil, nil //nolint:nilnil // said above
	}
	members := make([]*neural.Network, t.Options.Network.Members)
	labels, weights := r.target.of(t.Options.Network.Target)
	aside := r.outcomesAside()
	for m := range members {
		o := t.Options.Network.Options
		o.Seed, o.Threads = t.Seed+uint64(index*len(members)+m), t.Threads //nolint:gosec // a small count
		done := before*len(members) + m
		var err error
		members[m], err = r.design.Train(ctx, learn, neural.Outcome{Labels: labels, Weights: weights}, aside, o, func(step, steps int) {
			t.report("networks", done*steps+step, r.trainings()*len(members)*steps)
		})
		if err != nil {
			return nil, err
		}
	}
	return neural.Average(members...)
}

// outcomesAside are how the forecasts came out that are not hidden.
func (r *run) outcomesAside() (aside []neural.Outcome) {
	names := forecastNames()
	for f, sightings := range r.outcomes {
		if slices.Contains(r.training.Options.Hidden, names[f]) {
			continue
		}
		labels := make([]float32, len(sightings))
		for row, s := range sightings {
			switch s {
			case unknown:
				labels[row] = float32(math.NaN())
			case seen:
				labels[row] = 1
			}
		}
		aside = append(aside, neural.Outcome{Labels: labels})
	}
	return aside
}

// learner is what has learnt from some rows: boosters, and a network beside them or nil.
type learner struct {
	boosters []*gbdt.Booster
	network  *neural.Network
}

// learn trains a learner on some rows. The fold makes its seeds; so many were trained before it.
func (r *run) learn(ctx context.Context, dataset *gbdt.Dataset, rows []int32, fold, before int) (l learner, err error) {
	if l.boosters, err = r.members(ctx, dataset, rows, fold, before); err != nil {
		return l, err
	}
	l.network, err = r.network(ctx, rows, fold, before)
	return l, err
}

// margins are those of a learner for rows of a dataset.
func (r *run) margins(l learner, dataset *gbdt.Dataset, rows []int32) []float64 {
	margins := r.meanMargins(l.boosters, dataset, rows)
	if l.network == nil {
		return margins
	}
	share := r.training.Options.Network.Share
	for i, margin := range l.network.DesignMargins(r.design, rows, r.training.Threads) {
		if !r.rows.single(int(rows[i])) {
			margins[i] = blend(margins[i], margin, share)
		}
	}
	return margins
}

// hoursObserved is the feature that tells how many hours are known, the first and the last observation included.
var hoursObserved = slices.Index(features.Names(), "hours_observed")

// single tells whether the features are of an hour without history.
func single(features []float32) bool { return features[hoursObserved] <= 1 }

// blend is the margin of trees and a network together.
func blend(trees, network, share float64) float64 {
	return float64((1-share)*trees) + float64(share*network)
}

// merge averages learners: their boosters, and their networks if they have any.
func merge(learners ...learner) (trees *gbdt.Booster, network *neural.Network, err error) {
	var boosters []*gbdt.Booster
	var networks []*neural.Network
	for _, l := range learners {
		boosters = append(boosters, l.boosters...)
		if l.network != nil {
			networks = append(networks, l.network)
		}
	}
	if trees, err = gbdt.Average(boosters...); err != nil || len(networks) == 0 {
		return trees, nil, err
	}
	network, err = neural.Average(networks...)
	return trees, network, err
}
