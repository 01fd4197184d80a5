// Package metric measures predictions: discrimination, calibration, decisions at a threshold, and the
// utility of the PhysioNet/Computing in Cardiology Challenge 2019.
//
// Everything here is a pure function of slices. Row i of each slice is the same hour of the same stay.
// labels[i] is true where the row belongs to the positive class (for the Challenge: SepsisLabel = 1), so the
// positive class is never a matter of convention. weights[i] counts a row as weights[i] rows; a nil slice of
// weights counts every row once.
//
// A metric that has no value for its rows returns an [*UndefinedError] that says why; a number is never made up
// in its place. Rows that cannot be measured at all (slices of different length, a score that is not finite) are
// plain errors that name the first bad row, counted from 0. When an error is returned the value beside it is
// zero and means nothing. [Definitions] lists each metric with its direction, range, formula and source.
package metric
