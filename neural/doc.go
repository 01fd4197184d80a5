// Package neural fits small feed-forward networks to large tables with missing values, for outcomes of 0 and 1.
//
// A [Design] is a table whose values are cut into bins. A value enters as the normal score of its bin (van der Waerden 1952): the
// standard normal quantile of the bin's mid-rank, brought to mean 0 and deviation 1 over what is measured and held within 4, so that units do not
// matter and outliers do little. A missing value (NaN) enters as 0, and a further input tells of each pattern of missing values whether there is a value: columns
// that are always measured together share one.
//
// [Design.Train] then learns layers of rectified linear units (Glorot et al., AISTATS 2011) that end in a margin, the log-odds of a
// logistic loss: by AdamW (Loshchilov and Hutter, ICLR 2019) in batches of rows, with a learning rate that rises over the first tenth of the steps and
// falls as a cosine after, and with dropout (Srivastava et al., JMLR 2014, 15:1929-1958) of inputs and of units. The number of
// threads does not change a bit of the result.
package neural
