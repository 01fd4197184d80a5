package families

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/parallel"
)

// ForestOptions say how a random forest is grown (Breiman 2001, doi:10.1023/A:1010933404324).
type ForestOptions struct {
	Trees int `json:"trees"`
	Depth int `json:"depth"` // splits between root and leaf at most
	// RowShare is the share of the rows that each tree sees, drawn without replacement, in (0, 1].
	RowShare float64 `json:"row_share"`
	// ColumnShare is the share of the columns that each tree sees, in (0, 1]; of these, each node chooses among
	// NodeColumnShare.
	ColumnShare     float64 `json:"column_share"`
	NodeColumnShare float64 `json:"node_column_share"`
	MinLeafWeight   float64 `json:"min_leaf_weight"` // least weight of the rows in a leaf
}

// DefaultForest is the forest of the comparison. A node chooses among about the square root of the number of columns.
// The shares of rows and columns keep the time within that of the boosting; the least leaf had the highest out-of-fold
// utility of 1, 4, 16 and 64 on a sample of 3,000 stays of each hospital, and deeper trees on more rows no higher.
func DefaultForest() ForestOptions {
	return ForestOptions{Trees: 80, Depth: 12, RowShare: 0.3, ColumnShare: 0.25, NodeColumnShare: 0.25, MinLeafWeight: 16}
}

func (o ForestOptions) validate() error {
	if o.Trees < 1 || o.Trees > 10_000 {
		return fmt.Errorf("a forest of %d trees, need 1 to 10000", o.Trees)
	}
	for _, share := range []struct {
		of    string
		value float64
	}{{"row", o.RowShare}, {"column", o.ColumnShare}, {"node column", o.NodeColumnShare}} {
		if !(share.value > 0 && share.value <= 1) {
			return fmt.Errorf("a forest's %s share of %v, need more than 0, at most 1", share.of, share.value)
		}
	}
	return o.tree(0).Validate()
}

// tree is a tree of the forest as a boosting of one round. From a probability of 1/2 each row has the hessian weight/4, so
// that the gain of a split is the fall of the Gini impurity, and the value of a leaf is 4 (share - 1/2) of its weighted
// share of label 1: with neither penalty nor shrinkage a Newton step is exactly the share.
func (o ForestOptions) tree(seed uint64) gbdt.Options {
	return gbdt.Options{
		Rounds: 1, LearningRate: 1, BaseScore: 0.5, Growth: gbdt.DepthWise, MaxDepth: o.Depth, MinChildWeight: o.MinLeafWeight / 4,
		ColumnSample: o.ColumnShare, ColumnSampleByNode: o.NodeColumnShare, Seed: seed, Threads: 1,
	}
}

// binned tells once what the bins took, which serve all folds.
func (b *bench) binned(fold int, _ []int32) (time.Duration, error) {
	if fold > 0 {
		return 0, nil
	}
	return b.binning, nil
}

// boosted is gradient boosting as it ships: the mean of a fold's members, with the forecasts that they are told and the networks beside them.
type boosted struct{ *model.Bundle }

func (m boosted) write(w io.Writer) error {
	for _, f := range m.Forecasters {
		if err := f.Trees.WriteXGBoost(w); err != nil {
			return err
		}
	}
	if err := m.Trees.WriteXGBoost(w); err != nil || m.Network == nil {
		return err
	}
	return json.NewEncoder(w).Encode(m.Network)
}

func (b *bench) boosting(ctx context.Context, fold int, _ []int32) (fitted, error) {
	bundle, err := b.layout.Fit(ctx, b.dataset, fold)
	b.shipped = bundle
	return boosted{bundle}, err
}

// trained prepares nothing: all is there.
func (b *bench) trained(int, []int32) (time.Duration, error) { return 0, nil }

// treesAlone are those of the first family, without its network.
func (b *bench) treesAlone(context.Context, int, []int32) (fitted, error) {
	alone := *b.shipped
	alone.Network, alone.NetworkShare = nil, 0
	return boosted{&alone}, nil
}

func (b *bench) plainBoosting(ctx context.Context, fold int, _ []int32) (fitted, error) {
	bundle, err := b.layout.WithoutForecasts().Fit(ctx, b.dataset, fold) // after the first family, whose design for networks it shares
	return boosted{bundle}, err
}

// grown is a random forest.
type grown struct{ *gbdt.Booster }

// Margins are the log-odds of the trees' mean probability.
func (m grown) Margins(x gbdt.Matrix, threads int) []float64 {
	margins := m.Booster.Margins(x, threads)
	for i, mean := range margins {
		margins[i] = logit(min(max(0.5+mean/4, least), 1-least))
	}
	return margins
}

// least is the smallest probability of a forest: leaves may be all of one kind.
const least = 1e-6

func (m grown) write(w io.Writer) error { return m.WriteXGBoost(w) }

// forest grows the trees side by side, each from its own seed.
func (b *bench) forest(ctx context.Context, fold int, learn []int32) (fitted, error) {
	o, t := b.options.Forest, &b.options.Training
	labels, weights := b.layout.Target()
	trees, faults := make([]*gbdt.Booster, o.Trees), make([]error, o.Trees)
	grow := func(i int) {
		seed := t.Seed + uint64(fold*o.Trees+i) //nolint:gosec // a small count
		drawn := gbdt.Subset{Rows: drawRows(learn, o.RowShare, seed), Labels: labels, Weights: weights}
		trees[i], faults[i] = gbdt.Train(ctx, b.dataset, drawn, nil, o.tree(seed), nil)
	}
	ended := parallel.EachUntil(ctx, t.Threads, o.Trees, grow)
	if err := errors.Join(append(faults, ended)...); err != nil {
		return nil, err
	}
	mean, err := gbdt.Average(trees...)
	return grown{mean}, err
}

// drawRows keeps each row with the same chance, and at least one.
func drawRows(rows []int32, share float64, seed uint64) []int32 {
	random := rand.New(rand.NewPCG(seed, 0xf04e57))
	drawn := make([]int32, 0, int(share*float64(len(rows))))
	for _, row := range rows {
		if random.Float64() < share {
			drawn = append(drawn, row)
		}
	}
	if len(drawn) == 0 {
		return rows[:1]
	}
	return drawn
}
