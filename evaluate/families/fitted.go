package families

import (
	"compress/flate"
	"io"
	"math"

	"github.com/medtech-detect/sepsis/gbdt"
)

// fitted is the model of one fold.
type fitted interface {
	// Margins are numbers that rise with the risk, close to log-odds.
	Margins(m gbdt.Matrix, threads int) []float64
	// write writes what a file of the model holds.
	write(w io.Writer) error
}

// steps is told by models that are fitted step by step.
type steps interface {
	steps() (iterations int, converged bool)
}

// margins predicts some rows. They are gathered a part at a time, so that few are held twice.
func (b *bench) margins(m fitted, rows []int32) []float64 {
	const part = 1 << 14
	margins := make([]float64, 0, len(rows))
	gathered := make([]float32, 0, min(part, len(rows))*b.matrix.Cols)
	for from := 0; from < len(rows); from += part {
		chosen := rows[from:min(from+part, len(rows))]
		gathered = gathered[:0]
		for _, row := range chosen {
			gathered = append(gathered, b.matrix.Row(int(row))...)
		}
		some := gbdt.Matrix{Names: b.matrix.Names, Rows: len(chosen), Cols: b.matrix.Cols, Values: gathered}
		margins = append(margins, m.Margins(some, b.options.Training.Threads)...)
	}
	for i, margin := range margins {
		margins[i] = min(max(margin, -farthest), farthest)
	}
	return margins
}

// farthest is as far from 0 as log-odds may be for their probability not to be exactly 0 or 1.
const farthest = 30

// some are the rows by which prediction is timed: the first ones.
func (b *bench) some() gbdt.Matrix {
	const timed = 10_000
	rows := min(timed, b.matrix.Rows)
	return gbdt.Matrix{Names: b.matrix.Names, Rows: rows, Cols: b.matrix.Cols, Values: b.matrix.Values[:rows*b.matrix.Cols]}
}

// packedSize is the size of a model's file, packed as in a bundle.
func packedSize(m fitted) (int, error) {
	var counted counter
	packer, err := flate.NewWriter(&counted, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	if err := m.write(packer); err != nil {
		return 0, err
	}
	return int(counted), packer.Close()
}

// counter counts what is written to it.
type counter int

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// logit is the log-odds of a probability, which may be 0 or 1.
func logit(p float64) float64 { return math.Log(p) - math.Log(1-p) }
