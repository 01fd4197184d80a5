package model

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/gbdt"
)

// lookAhead finds out how every forecast came out at every row. A snapshot shares the outcome of its hour.
func (r *run) lookAhead(ctx context.Context) error {
	if r.training.Options.Forecasts == nil {
		return nil
	}
	r.training.report("outcomes", 0, 1)
	stays := make([]*sepsis.Stay, len(r.training.Stays))
	for i := range stays {
		stays[i] = &r.training.Stays[i].Stay
	}
	var err error
	r.outcomes, err = outcomesOf(ctx, stays, r.rows, r.training.Threads)
	return err
}

func outcomesOf(ctx context.Context, stays []*sepsis.Stay, rows Rows, threads int) ([][]sighting, error) {
	outcomes := make([][]sighting, len(Forecasts))
	for f := range outcomes {
		outcomes[f] = make([]sighting, rows.Total())
	}
	err := inParallel(ctx, len(stays), threads, func(i int) {
		o := newOutlook(stays[i])
		for f := range Forecasts {
			copy(outcomes[f][rows.Starts[i]:], Forecasts[f].outcomes(o))
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range rows.Snapshots {
		for f := range Forecasts {
			outcomes[f][rows.Hours()+i] = outcomes[f][rows.hourOf(i)]
		}
	}
	return outcomes, nil
}

// forecasters learns the forecasts from the adult stays that are chosen. The place among the run's cross-validations makes the seeds.
func (r *run) forecasters(ctx context.Context, chosen func(stay int) bool, place int) ([]*gbdt.Booster, error) {
	t := r.training
	if t.Options.Forecasts == nil {
		return nil, nil
	}
	learn := r.rowsOf(func(stay int) bool { return chosen(stay) && r.adult[stay] })
	o := *t.Options.Forecasts
	o.Threads = t.Threads
	forecasters := make([]*gbdt.Booster, len(Forecasts))
	for f := range Forecasts {
		t.report("forecasts", place*len(Forecasts)+f, (t.Options.Folds+1)*len(Forecasts))
		o.Seed = t.Seed + uint64(place*len(Forecasts)+f) //nolint:gosec // a small count
		var err error
		if forecasters[f], err = forecaster(ctx, r.dataset, learn, r.outcomes[f], o); err != nil {
			return nil, fmt.Errorf("forecast %s: %w", Forecasts[f].Name, err)
		}
	}
	return forecasters, nil
}

// forecaster learns one forecast from those of the rows of which the outcome is known. Where none is, it leaves all as likely
// as not.
func forecaster(ctx context.Context, dataset *gbdt.Dataset, rows []int32, outcomes []sighting, o gbdt.Options) (*gbdt.Booster, error) {
	labels := make([]float32, len(outcomes))
	known := make([]int32, 0, len(rows))
	for _, row := range rows {
		if outcomes[row] == unknown {
			continue
		}
		known = append(known, row)
		if outcomes[row] == seen {
			labels[row] = 1
		}
	}
	if len(known) == 0 {
		known = rows
		for _, row := range rows {
			labels[row] = 0.5
		}
	}
	return gbdt.Train(ctx, dataset, gbdt.Subset{Rows: known, Labels: labels}, nil, o, nil)
}

// withForecasts appends to the run's dataset what the forecasters say of each row.
func (r *run) withForecasts(forecasters []*gbdt.Booster) (*gbdt.Dataset, error) {
	if len(forecasters) == 0 {
		return r.dataset, nil
	}
	rows := r.rowsOf(func(int) bool { return true })
	said := gbdt.Matrix{
		Names: forecastNames(), Rows: len(rows), Cols: len(forecasters), Values: make([]float32, len(rows)*len(forecasters)),
	}
	for f, forecaster := range forecasters {
		for row, margin := range forecaster.DatasetMargins(r.dataset, rows, r.training.Threads) {
			said.Values[row*said.Cols+f] = float32(margin)
		}
	}
	return r.dataset.Append(said, r.training.Options.MaxBins, r.training.Threads)
}

// marginRows is how many rows get their forecasts at once.
const marginRows = 4096

// Margins are the trees' raw outputs for rows of features, without calibration. threads 0 uses all processors.
func (b *Bundle) Margins(rows gbdt.Matrix, threads int) []float64 {
	if len(b.Forecasters) == 0 {
		return b.Trees.Margins(rows, threads)
	}
	margins := make([]float64, 0, rows.Rows)
	for from := 0; from < rows.Rows; from += marginRows {
		to := min(from+marginRows, rows.Rows)
		part := gbdt.Matrix{Rows: to - from, Cols: rows.Cols, Values: rows.Values[from*rows.Cols : to*rows.Cols]}
		margins = append(margins, b.Trees.Margins(b.foresee(part, threads), threads)...)
	}
	return margins
}

// foresee puts what the forecasters say beside the features of some rows.
func (b *Bundle) foresee(rows gbdt.Matrix, threads int) gbdt.Matrix {
	whole := gbdt.Matrix{Rows: rows.Rows, Cols: rows.Cols + len(b.Forecasters)}
	whole.Values = make([]float32, whole.Rows*whole.Cols)
	for i := range rows.Rows {
		copy(whole.Row(i), rows.Row(i))
	}
	for f, forecaster := range b.Forecasters {
		for i, margin := range forecaster.Margins(rows, threads) {
			whole.Row(i)[rows.Cols+f] = float32(margin)
		}
	}
	return whole
}
