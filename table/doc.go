// Package table reads stays from tables with a row for each hour (CSV, Parquet) and from
// newline-delimited JSON, one after the other in memory that does not grow with the input, and writes predictions in the same forms.
//
// Like the Challenge's files, tables are records of the past: what cannot be true is taken for not measured, and counted.
package table
