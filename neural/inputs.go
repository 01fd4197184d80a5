package neural

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/medtech-detect/sepsis/parallel"
)

// Inputs say how the values of a row become what the first layer sees: a score of each column, then for each of Indicators
// whether there is a value.
type Inputs struct {
	// Cuts are where the bins of each column begin, ascending. A column without any is not looked at.
	Cuts [][]float32 `json:"cuts"`
	// Scores are those of each column's bins: of values below the first cut, of those from the first cut on, and so on.
	Scores [][]float32 `json:"scores"`
	// Indicators are the columns, ascending, of which it is told whether there is a value.
	Indicators []int `json:"indicators"`
}

// missing is the code of a missing value; other codes are 1 + the bin.
const missing = 0

// width is the number of inputs of the first layer.
func (in *Inputs) width() int { return len(in.Cuts) + len(in.Indicators) }

// tells says whether a column can be given anything but 0.
func (in *Inputs) tells(column int) bool {
	return slices.ContainsFunc(in.Scores[column], func(score float32) bool { return score != 0 })
}

// told are the inputs that can be anything but 0.
func (in *Inputs) told() (told []int32) {
	for i := range in.width() {
		if i >= len(in.Scores) || in.tells(i) {
			told = append(told, int32(i)) //nolint:gosec // at most maxInputs
		}
	}
	return told
}

// code is the bin of a value of a column.
func (in *Inputs) code(column int, value float32) uint8 {
	if value != value {
		return missing
	}
	bin, found := slices.BinarySearch(in.Cuts[column], value)
	if found {
		bin++
	}
	return uint8(bin + 1) //nolint:gosec // at most maxCuts + 1
}

// maxCuts is how many cuts a column has at most, so that codes fit a byte.
const maxCuts = math.MaxUint8 - 1

// sparse is a vector without its zeros, of which most rows have many.
type sparse struct {
	at    []int32
	value []float32
}

func newSparse(width int) sparse { return sparse{make([]int32, 0, width), make([]float32, 0, width)} }

func (s *sparse) reset() { s.at, s.value = s.at[:0], s.value[:0] }

func (s *sparse) add(at int, value float32) {
	if value != 0 {
		s.at = append(s.at, int32(at)) //nolint:gosec // at most maxInputs
		s.value = append(s.value, value)
	}
}

// read gives the inputs of a row by its codes.
func (in *Inputs) read(codes []uint8, into *sparse) {
	into.reset()
	for column, scores := range in.Scores {
		if code := codes[column]; code != missing && len(scores) > 0 {
			into.add(column, scores[code-1])
		}
	}
	for i, column := range in.Indicators {
		if codes[column] != missing {
			into.add(len(in.Scores)+i, 1)
		}
	}
}

// newInputs finds the scores and indicators of a table of codes, and the patterns of its missing values.
func newInputs(cuts [][]float32, codes [][]uint8, threads int) (in Inputs, patterns []uint64) {
	in = Inputs{Cuts: cuts, Scores: make([][]float32, len(cuts))}
	patterns = make([]uint64, len(cuts))
	parallel.Each(threads, len(cuts), func(column int) {
		if len(cuts[column]) == 0 {
			return
		}
		in.Scores[column] = normalScores(codes[column], len(cuts[column])+1)
		patterns[column] = pattern(codes[column])
	})
	in.Indicators = indicators(patterns)
	return in, patterns
}

// indicators are the first columns of each pattern.
func indicators(patterns []uint64) (columns []int) {
	seen := map[uint64]bool{0: true} // nothing to tell
	for column, pattern := range patterns {
		if !seen[pattern] {
			seen[pattern] = true
			columns = append(columns, column)
		}
	}
	return columns
}

// pattern is a digest of which rows have no value (FNV-1a, of 64 bits), 0 if all have one or the column is not looked at. Two patterns of the same digest would be told by one input, which
// harms nothing.
func pattern(codes []uint8) uint64 {
	const offset, prime = 0xcbf29ce484222325, 0x100000001b3
	digest, any := uint64(offset), false
	for row, code := range codes {
		if code == missing {
			digest, any = (digest^uint64(row))*prime, true //nolint:gosec // not negative
		}
	}
	if !any {
		return 0
	}
	return digest
}

// largestScore is as far from 0 as a score may be: what is rare would be far away, and count for more than it is known.
const largestScore = 4

// normalScores gives each of so many bins the normal score of the middle of its ranks, brought to mean 0 and deviation 1 over the rows
// that have a value, and held within largestScore.
func normalScores(codes []uint8, bins int) []float32 {
	counts := make([]float64, bins)
	total := 0.0
	for _, code := range codes {
		if code != missing {
			counts[code-1]++
			total++
		}
	}
	scores := make([]float32, bins)
	if total == 0 {
		return scores
	}
	raw := make([]float64, bins)
	below, mean, square := 0.0, 0.0, 0.0
	for bin, count := range counts {
		raw[bin] = distuv.UnitNormal.Quantile(min(max((below+count/2)/total, 0.5/total), 1-0.5/total))
		below += count
		mean += float64(count*raw[bin]) / total
		square += float64(count*raw[bin]*raw[bin]) / total
	}
	deviation := math.Sqrt(square - float64(mean*mean))
	if !(deviation > 0) { // all are in one bin
		return scores
	}
	for bin := range scores {
		scores[bin] = float32(min(max((raw[bin]-mean)/deviation, -largestScore), largestScore))
	}
	return scores
}

// check refuses inputs that cannot be of a network.
func (in *Inputs) check() error {
	if len(in.Cuts) == 0 || len(in.Cuts) != len(in.Scores) {
		return fmt.Errorf("cuts of %d columns, and scores of %d", len(in.Cuts), len(in.Scores))
	}
	if in.width() > maxInputs {
		return fmt.Errorf("%d inputs are more than %d", in.width(), maxInputs)
	}
	for column, cuts := range in.Cuts {
		if err := checkColumn(cuts, in.Scores[column]); err != nil {
			return fmt.Errorf("column %d: %w", column, err)
		}
	}
	for i, column := range in.Indicators {
		if column < 0 || column >= len(in.Cuts) || len(in.Cuts[column]) == 0 || i > 0 && column <= in.Indicators[i-1] {
			return fmt.Errorf("indicator %d is of column %d: columns with cuts from 0 to %d are expected, ascending", i, column, len(in.Cuts)-1)
		}
	}
	return nil
}

func checkColumn(cuts, scores []float32) error {
	if len(cuts) == 0 && len(scores) == 0 {
		return nil
	}
	if len(cuts) == 0 || len(cuts) > maxCuts || len(scores) != len(cuts)+1 {
		return fmt.Errorf("%d cuts and %d scores: at most %d cuts, and one score more than cuts, are expected", len(cuts), len(scores), maxCuts)
	}
	for i, cut := range cuts {
		if !finite(cut) || i > 0 && cut <= cuts[i-1] {
			return errors.New("the cuts are not finite and ascending")
		}
	}
	if !allFinite(scores) {
		return errors.New("a score is not finite")
	}
	return nil
}

// bounds are how far from 0 each input may be.
func (in *Inputs) bounds() []float64 {
	bounds := make([]float64, in.width())
	for column, scores := range in.Scores {
		for _, score := range scores {
			bounds[column] = max(bounds[column], math.Abs(float64(score)))
		}
	}
	for i := range in.Indicators {
		bounds[len(in.Scores)+i] = 1
	}
	return bounds
}

func finite(v float32) bool { return v-v == 0 }

func allFinite(values []float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return !finite(v) })
}
