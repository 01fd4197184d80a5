package gbdt

import (
	"fmt"
	"math"
)

// Footprint estimates the memory that a training takes, in bytes. It is known before anything is read or allocated.
type Footprint struct {
	Rows, Columns int
	Matrix        int64 // the values, if they are all in memory at once
	Dataset       int64 // the bins, and what finding them takes
	Training      int64 // what is held from the first round to the last, but for matrix and dataset
}

// EstimateMemory estimates what [NewDataset] and [Train] take for all of so many rows and columns, with 256 bins. On
// top of it come the caller's own labels and row numbers.
func EstimateMemory(rows, columns int, o Options) Footprint {
	o = o.withDefaults()
	n, c := float64(rows), float64(columns)
	sampled := math.Min(n, n*o.RowSample*1.125)
	if o.RowSample >= 1 {
		sampled = n
	}
	drawn := math.Ceil(c * o.ColumnSample)

	const float, number, word = 8, 4, 8                                                      // bytes of a float64, of an int32 and of an int64
	sampling := min(n, sampleRows) * number * float64(o.Threads) * (gatherWidth + 2 + 1 + 2) // columns, two rounds of keys, and runs
	kept := n * (2*float + float + 1)                                                        // gradient, hessian, margin, and a mark of each row
	table := sampled * math.Ceil(drawn/blockWidth) * blockWidth                              // codes
	places := sampled * (2*number + word)                                                    // the partition and packed sums
	histograms := math.Ceil(drawn/wordColumns) * wordSums * word * openHistograms(o)         // at most maxHistogramBytes and a few
	if o.RowSample < 1 {
		places += sampled * (2*number + 2*float + number) // rows, positions, gradient and hessian of the sample, and what was picked
		if o.Sampling == GradientBased {
			kept += n * float
		}
	}
	return Footprint{
		Rows: rows, Columns: columns,
		Matrix:   int64(n * c * number),
		Dataset:  int64(n*c + sampling),
		Training: int64(kept + table + places + math.Min(histograms, maxHistogramBytes)),
	}
}

// openHistograms is about how many histograms wait for their node to be split.
func openHistograms(o Options) float64 {
	open := float64(maxLeaves)
	if o.MaxDepth > 0 {
		open = math.Exp2(float64(o.MaxDepth - 1))
	}
	if o.MaxLeaves > 0 {
		open = math.Min(open, float64(o.MaxLeaves))
	}
	return open + 1
}

// Total is all of it.
func (f Footprint) Total() int64 { return f.Matrix + f.Dataset + f.Training }

// Within is an error when the training does not fit into so many bytes, which says what takes them and what helps.
func (f Footprint) Within(limit int64) error {
	if f.Total() <= limit {
		return nil
	}
	return fmt.Errorf("gbdt: %d rows of %d columns need about %s (%s for the values, %s for the bins, %s for training), there are %s: "+
		"train on fewer rows or columns, or with a lower RowSample or ColumnSample",
		f.Rows, f.Columns, size(f.Total()), size(f.Matrix), size(f.Dataset), size(f.Training), size(limit))
}

// size is a number of bytes in the largest of GiB, MiB and KiB that it has one of.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
}
