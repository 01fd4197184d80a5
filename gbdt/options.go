package gbdt

import (
	"errors"
	"fmt"
	"math"
)

// Growth says which leaf of a growing tree is split next.
type Growth int

const (
	// DepthWise splits all leaves of one depth before those of the next.
	DepthWise Growth = iota
	// LeafWise splits the leaf with the largest gain.
	LeafWise
)

// Sampling says how rows are drawn for each tree when RowSample is below 1.
type Sampling int

const (
	// Uniform keeps each row with the same probability.
	Uniform Sampling = iota
	// GradientBased keeps a row with probability min(1, r/t), r = sqrt(g² + Lambda·h²) of its
	// gradient g and hessian h, with t such that RowSample of the rows are expected, and weighs
	// the kept ones by the inverse of their probability: minimal-variance sampling (Ibragimov &
	// Gusev 2019, arXiv:1910.13204), as in XGBoost's gradient_based. It allows a RowSample of 0.1 to 0.3 with
	// little loss.
	GradientBased
)

// Limits of options, wide enough for use and narrow enough to keep memory bounded.
const (
	maxFeatures = 1 << 20
	maxDepth    = 24
	maxLeaves   = 1 << 16
	maxRounds   = 100_000
)

// Options say how to train. Where a zero means something, the field says so.
type Options struct {
	// Rounds is the number of trees, 1 to 100,000.
	Rounds int
	// LearningRate shrinks each tree, in (0, 1].
	LearningRate float64
	// Growth is DepthWise or LeafWise.
	Growth Growth
	// MaxDepth is the number of splits between root and leaf at most, up to 24. LeafWise takes
	// 0 as no limit; DepthWise needs 1 or more.
	MaxDepth int
	// MaxLeaves is the number of leaves at most, up to 65,536. DepthWise takes 0 as no limit;
	// LeafWise needs 2 or more.
	MaxLeaves int
	// Lambda is the L2 penalty on leaf values, 0 or more.
	Lambda float64
	// Alpha is the L1 penalty on leaf values, 0 or more.
	Alpha float64
	// Gamma is the least loss reduction of a split, 0 or more. As in XGBoost it is compared with
	// the bracket of Chen & Guestrin's Equation 7 (without the factor 1/2).
	Gamma float64
	// MinChildWeight is the least hessian sum of a child, 0 or more.
	MinChildWeight float64
	// RowSample is the fraction of rows for each tree, in (0, 1]; 0 means 1.
	RowSample float64
	// Sampling is Uniform or GradientBased.
	Sampling Sampling
	// ColumnSample is the fraction of columns for each tree, in (0, 1]; 0 means 1.
	ColumnSample float64
	// ColumnSampleByNode is the fraction of the tree's columns for each node, in (0, 1]; 0 means 1.
	ColumnSampleByNode float64
	// EarlyStopping ends training when the loss of the validation subset has not fallen for so many
	// rounds, and cuts the booster at its best round. 0 means never.
	EarlyStopping int
	// Seed starts all sampling and rounding.
	Seed uint64
	// Threads is the number of goroutines, without influence on the result; 0 means all processors.
	Threads int
	// BaseScore is the probability from which boosting starts, in [0.000001, 0.999999], beyond which versions of XGBoost differ; 0 means
	// the weighted mean of the training labels, held within [0.0001, 0.9999].
	BaseScore float64
}

// withDefaults gives the zeros their meaning.
func (o Options) withDefaults() Options {
	for _, fraction := range []*float64{&o.RowSample, &o.ColumnSample, &o.ColumnSampleByNode} {
		if *fraction == 0 {
			*fraction = 1
		}
	}
	o.Threads = threadCount(o.Threads)
	return o
}

// Validate reports everything that is wrong with the options, in one error.
func (o Options) Validate() error {
	var problems []error
	need := func(ok bool, name string, value any, need string) {
		if !ok {
			problems = append(problems, fmt.Errorf("gbdt: %s is %v, need %s", name, value, need))
		}
	}
	need(o.Rounds >= 1 && o.Rounds <= maxRounds, "Rounds", o.Rounds, "1 to 100000")
	need(o.LearningRate > 0 && o.LearningRate <= 1, "LearningRate", o.LearningRate, "more than 0, at most 1")
	need(o.Growth == DepthWise || o.Growth == LeafWise, "Growth", int(o.Growth), "DepthWise or LeafWise")
	need(o.Sampling == Uniform || o.Sampling == GradientBased, "Sampling", int(o.Sampling), "Uniform or GradientBased")
	need(o.MaxDepth >= 0 && o.MaxDepth <= maxDepth, "MaxDepth", o.MaxDepth, "0 to 24")
	need(o.MaxLeaves >= 0 && o.MaxLeaves <= maxLeaves && o.MaxLeaves != 1, "MaxLeaves", o.MaxLeaves, "0, or 2 to 65536")
	need(o.Growth != DepthWise || o.MaxDepth != 0, "MaxDepth", o.MaxDepth, "1 or more for DepthWise growth")
	need(o.Growth != LeafWise || o.MaxLeaves != 0, "MaxLeaves", o.MaxLeaves, "2 or more for LeafWise growth")
	for _, penalty := range []struct {
		name  string
		value float64
	}{{"Lambda", o.Lambda}, {"Alpha", o.Alpha}, {"Gamma", o.Gamma}, {"MinChildWeight", o.MinChildWeight}} {
		need(penalty.value >= 0 && penalty.value <= math.MaxFloat32, penalty.name, penalty.value, "a finite number, 0 or more")
	}
	for _, fraction := range []struct {
		name  string
		value float64
	}{{"RowSample", o.RowSample}, {"ColumnSample", o.ColumnSample}, {"ColumnSampleByNode", o.ColumnSampleByNode}} {
		need(fraction.value >= 0 && fraction.value <= 1, fraction.name, fraction.value, "more than 0, at most 1 (0 means 1)")
	}
	need(o.EarlyStopping >= 0, "EarlyStopping", o.EarlyStopping, "0 or more")
	need(o.Threads >= 0, "Threads", o.Threads, "0 or more")
	base := float32(o.BaseScore)
	need(o.BaseScore == 0 || base >= leastBase && base <= greatestBase, "BaseScore", o.BaseScore, "0.000001 to 0.999999 (0 means the mean label)")
	return errors.Join(problems...)
}
