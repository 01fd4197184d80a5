package featurefile

import (
	"context"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// groupRows is about how many rows are computed and written together, as one row group. It bounds memory: a row of about 500
// features takes 2 kB while it is computed, and as much until its group is written.
const groupRows = 1 << 16

// Counts tells what was written.
type Counts struct{ Rows, Snapshots, Bedside, Columns int }

// Write writes the rows of all stays. Of the schema it takes folds, seed, and what is said of data and program. progress, which may be
// nil, is told how many stays are done.
func Write(ctx context.Context, out io.Writer, stays []sepsis.LabelledStay, s Schema, threads int, progress func(done int)) (Counts, error) {
	if err := model.CheckFolds(s.Folds); err != nil {
		return Counts{}, fmt.Errorf("feature file: %w", err)
	}
	schema, err := fileSchema()
	if err != nil {
		return Counts{}, err
	}
	description, err := s.describe()
	if err != nil {
		return Counts{}, fmt.Errorf("feature file: %w", err)
	}
	writer := parquet.NewGenericWriter[any](out, schema, parquet.Compression(&parquet.Zstd), parquet.KeyValueMetadata(metadata, description))
	counts := Counts{Columns: len(schema.Columns())}
	folds := model.Folds(stays, s.Folds, s.Seed)
	for begin := 0; begin < len(stays); {
		end, rows := begin, 0
		for ; end < len(stays) && rows < groupRows; end++ {
			rows += len(stays[end].Observations)
		}
		g := group{stays: stays[begin:end], folds: folds[begin:end], rows: model.NewRows(stays[begin:end], s.Seed)}
		if g.matrix, err = g.rows.Matrix(ctx, g.stays, threads); err != nil {
			return Counts{}, err
		}
		if err := g.write(writer, schema); err != nil {
			return Counts{}, fmt.Errorf("feature file: %w", err)
		}
		counts.Rows += g.rows.Total()
		counts.Snapshots += len(g.rows.Snapshots)
		counts.Bedside += len(g.rows.Bedside)
		if begin = end; progress != nil {
			progress(end)
		}
	}
	if err := writer.Close(); err != nil {
		return Counts{}, fmt.Errorf("feature file: %w", err)
	}
	return counts, nil
}

// A group is the rows of some stays.
type group struct {
	stays  []sepsis.LabelledStay
	folds  []int
	rows   model.Rows
	matrix gbdt.Matrix
}

// write writes the group column by column.
func (g *group) write(writer *parquet.GenericWriter[any], schema *parquet.Schema) error {
	place := make(map[string]int, features.Count())
	for i, name := range features.Names() {
		place[name] = i
	}
	others := g.others()
	values := make([]parquet.Value, g.rows.Total())
	for i, path := range schema.Columns() {
		if column, isFeature := place[path[0]]; isFeature {
			for row := range values {
				values[row] = optional(g.matrix.Values[row*g.matrix.Cols+column])
			}
		} else {
			copy(values, others[path[0]])
		}
		for row := range values {
			values[row] = values[row].Level(0, values[row].DefinitionLevel(), i)
		}
		if _, err := writer.ColumnWriters()[i].WriteRowValues(values); err != nil {
			return fmt.Errorf("column %s: %w", path[0], err)
		}
	}
	return writer.Flush()
}

// optional is a number, or null for NaN.
func optional(v float32) parquet.Value {
	if v != v {
		return parquet.NullValue()
	}
	return present(parquet.FloatValue(v))
}

// present is a value of a column that may be null.
func present(v parquet.Value) parquet.Value { return v.Level(0, 1, 0) }

// others are the columns beside the features: first of the hours of all stays, then of the snapshots and of the bedside hours, which share the outcome of
// their hour.
func (g *group) others() map[string][]parquet.Value {
	made := map[string][]parquet.Value{}
	add := func(name string, v parquet.Value) { made[name] = append(made[name], v) }
	gains := make([][]float64, len(g.stays))
	row := func(stay, hour int, told int, snapshot, bedside bool) {
		s := &g.stays[stay]
		add(Stay, parquet.ByteArrayValue([]byte(s.ID)))
		add(Hospital, parquet.ByteArrayValue([]byte(s.Hospital)))
		add(Snapshot, parquet.BooleanValue(snapshot))
		add(Bedside, parquet.BooleanValue(bedside))
		add(Adult, parquet.BooleanValue(s.Adult()))
		add(Fold, parquet.Int32Value(int32(g.folds[stay]))) //nolint:gosec // a small count
		add(Hour, hourValue(told))
		label, gain := parquet.NullValue(), parquet.NullValue()
		if s.Labels != nil {
			label = present(parquet.Int32Value(0))
			if s.Labels[hour] {
				label = present(parquet.Int32Value(1))
			}
			gain = present(parquet.DoubleValue(gains[stay][hour]))
		}
		add(Label, label)
		add(Gain, gain)
	}
	for stay := range g.stays {
		if g.stays[stay].Labels != nil {
			gains[stay] = metric.RowGains(g.stays[stay].Labels)
		}
		for hour, observation := range g.stays[stay].Observations {
			row(stay, hour, observation.Hour, false, false)
		}
	}
	for _, s := range g.rows.Snapshots {
		row(s.Stay, s.Row, s.Hour(&g.stays[s.Stay]), true, false)
	}
	for _, b := range g.rows.Bedside {
		row(b.Stay, b.Row, b.Hour(&g.stays[b.Stay]), b.Alone, true)
	}
	return made
}

func hourValue(hour int) parquet.Value {
	if hour == sepsis.HourUnknown {
		return parquet.NullValue()
	}
	return present(parquet.Int32Value(int32(hour))) //nolint:gosec // at most sepsis.MaxICUHour
}
