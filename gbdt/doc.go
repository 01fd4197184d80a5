// Package gbdt trains, applies and explains gradient boosted decision trees on tables of numbers with missing values, and
// exchanges them with XGBoost and LightGBM. It is Go alone: no C, and nothing to load at run time.
//
//   - [NewDataset] cuts a [Matrix] into quantile bins, [Train] fits a [Booster] to a [Subset] of its rows.
//   - [Booster.Margin] predicts one row without allocating, [Booster.Margins] many, [Booster.MarginOf] one [Row] that several boosters see.
//   - [NewExplainer] prepares a booster for exact TreeSHAP: [Explainer.Contributions] says what each feature adds to the
//     margin of a row.
//   - [ReadXGBoost] reads XGBoost's JSON and UBJSON, [Booster.WriteXGBoost] and [Booster.WriteXGBoostUBJSON] write them;
//     [ReadLightGBM] reads LightGBM's text. [Average] makes one booster of several, [Booster.WithFeatures] moves one to other
//     columns.
//   - [EstimateMemory] says what a training takes before it starts.
//
// Training follows Chen & Guestrin, "XGBoost: A Scalable Tree Boosting System" (2016,
// doi:10.1145/2939672.2939785) on histograms of quantile bins: second-order logistic loss,
// L1 and L2 regularisation, learned directions for missing values, depth-wise or leaf-wise
// growth, row and column sampling, early stopping. Boosters are trained for a binary outcome; those read from a file may
// also estimate a number ([Booster.Objective]).
//
// # Missing values
//
// NaN is missing, and nothing else is: every split learns on which side missing values go. Where
// a split saw none while it was learnt, they go to the child with the larger hessian sum.
// Infinite values are refused when a [Dataset] is made. The one exception are LightGBM models trained with
// zero_as_missing, see [ReadLightGBM].
//
// # Explanations
//
// Contributions are Shapley values in margin space (log-odds, for a binary outcome). With the base value they add up to
// the margin. They are exact and path-dependent: what a tree gives without a feature is taken from the covers of its nodes,
// as in XGBoost's pred_contribs and LightGBM's pred_contrib.
//
// # Files of others
//
// Model files are taken as untrusted input. [Limits] bound them, memory stays in proportion to the bytes read, and what is not a
// model fails with an error that names the place.
//
// [Booster.Margin] sums all trees. Where XGBoost's early stopping has named a best round, [Booster.BestTrees] and [Booster.First] give the
// trees that XGBClassifier predicts with.
//
// # Determinism
//
// The same data, options and seed give the same bytes, with any number of threads and on any
// processor: histograms hold fixed-point sums (integers, so the order of addition is
// irrelevant), float64 sums are taken over fixed chunks in a fixed order, random numbers are
// functions of (seed, round, row), and products that are added are rounded first, so that no
// compiler fuses them.
package gbdt
