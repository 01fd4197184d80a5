// Package featurefile writes the features of recorded stays as one Parquet file, for whoever trains elsewhere (XGBoost, LightGBM,
// Spark) what this program then serves. One row is one hour of a stay, or a snapshot of one (see package model); a missing value
// is null.
package featurefile
