// Package gbdt trains and applies gradient boosted decision trees for a binary outcome.
//
// Training follows Chen & Guestrin, "XGBoost: A Scalable Tree Boosting System" (2016,
// doi:10.1145/2939672.2939785) on histograms of quantile bins: second-order logistic loss,
// L1 and L2 regularisation, learned directions for missing values, depth-wise or leaf-wise
// growth, row and column sampling, early stopping.
//
// A trained model is a [Booster]. It predicts without allocating, averages with others into
// one booster, and is written and read in XGBoost's own JSON, so that models travel both ways.
//
// # Missing values
//
// NaN is missing, and nothing else is: every split learns on which side missing values go. Where
// a split saw none while it was learnt, they go to the child with the larger hessian sum.
// Infinite values are refused when a [Dataset] is made.
//
// # Determinism
//
// The same data, options and seed give the same bytes, with any number of threads and on any
// processor: histograms hold fixed-point sums (integers, so the order of addition is
// irrelevant), float64 sums are taken over fixed chunks in a fixed order, random numbers are
// functions of (seed, round, row), and products that are added are rounded first, so that no
// compiler fuses them.
package gbdt
