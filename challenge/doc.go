// Package challenge reads, cleans, fetches and writes the files of the PhysioNet/Computing in Cardiology
// Challenge 2019, "Early Prediction of Sepsis from Clinical Data" (Reyna et al., doi:10.1097/CCM.0000000000004145;
// data set doi:10.13026/v64v-d857, CC BY 4.0), and makes synthetic cohorts in the same format.
//
// There is one file for each stay, pipe-separated, with a header of column names and one row for each hour.
// "NaN" and the empty field mean: not measured. The reader refuses what is malformed, naming file, line and
// column. Values that cannot be true of a patient become missing, and each is counted in a [Cleaning].
package challenge
