// Package describe tells what is in a cohort of recorded stays before anything is learnt from it: who is in it, what is
// measured and how often, how hospitals differ, when sepsis sets in, which values are implausible, and which
// variables go together.
//
// [Read] makes a [Report] in one pass over the stays, keeping values but no stays. The report becomes JSON, one
// self-contained HTML page, and Markdown tables with which [Refill] keeps documents up to date. The same stays give the
// same bytes, whatever the number of threads.
package describe
