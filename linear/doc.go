// Package linear fits L2-regularised linear classifiers to large tables with missing values: logistic regression
// and the linear support vector machine with squared hinge loss, both by L-BFGS.
//
// A [Design] is made from the rows to learn from: each column is held within two of its quantiles and brought to
// mean 0 and deviation 1. [Design.Fit] then minimises, over coefficients c and an intercept b,
//
//	Σ wᵢ·loss(yᵢ, b + c·xᵢ) / Σ wᵢ + L2/2·|c|²
//
// The intercept is not penalised. In terms of scikit-learn and LIBLINEAR, L2 is 1/(C·Σ wᵢ). Sums run over fixed blocks of
// rows and are added in their order, so the number of threads does not change a bit of the result.
//
// A missing value (NaN) takes the column's mean, which is 0 after scaling, and adds nothing to a margin. No column is
// added that tells where values are missing: a caller to whom absence means something brings it as columns of its own.
package linear
