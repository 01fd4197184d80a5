package model

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sort"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/neural"
	"github.com/medtech-detect/sepsis/parallel"
)

// lookAhead finds out how every forecast came out at every row. A snapshot and a bedside hour share the outcome of their hour.
func (r *run) lookAhead(ctx context.Context) error {
	if r.training.Options.Forecasts == nil {
		return nil
	}
	r.training.report("outcomes", 0, 1)
	rows := r.rows
	r.outcomes = make([][]sighting, len(Forecasts))
	for f := range r.outcomes {
		r.outcomes[f] = make([]sighting, rows.Total())
	}
	err := parallel.EachUntil(ctx, r.training.Threads, len(r.training.Stays), func(i int) {
		stay := &r.training.Stays[i]
		o := newOutlook(&stay.Stay)
		for f := range Forecasts {
			if !Forecasts[f].Labelled || stay.Labels != nil && !stay.Septic() {
				copy(r.outcomes[f][rows.Starts[i]:], Forecasts[f].outcomes(o))
			}
		}
	})
	rows.eachShort(func(row, _, hour int) {
		for f := range Forecasts {
			r.outcomes[f][row] = r.outcomes[f][hour]
		}
	})
	return err
}

// forecastEvery is of how many rows one is learnt from. Hours that follow one another are so alike that little is lost.
const forecastEvery = 3

// Forecaster is a forecast as it was learnt.
type Forecaster struct {
	Column string `json:"column"` // as which the trees know it
	// Usual are quantiles, evenly spaced and rising, of what the trees say of the hours that they were learnt from.
	Usual []float32     `json:"usual"`
	Trees *gbdt.Booster `json:"-"` // on the features; in an entry of its own
}

// usualQuantiles is how many quantiles are kept, the lowest and the highest value among them.
const usualQuantiles = 101

// share is how much of the hours it was less likely at than at a margin: 0 to 1, between neighbouring quantiles in proportion.
func (f *Forecaster) share(margin float64) float32 {
	last := len(f.Usual) - 1
	at := sort.Search(len(f.Usual), func(i int) bool { return float64(f.Usual[i]) >= margin })
	switch {
	case at == 0:
		return 0
	case at > last:
		return 1
	}
	low, high := float64(f.Usual[at-1]), float64(f.Usual[at])
	return float32((float64(at-1) + (margin-low)/(high-low)) / float64(last))
}

// tell writes what the trees say of some rows into a column, and their shares so many columns further on.
func (f *Forecaster) tell(margins []float64, rows gbdt.Matrix, column, further int) {
	for i, margin := range margins {
		row := rows.Row(i)
		row[column], row[column+further] = float32(margin), f.share(margin)
	}
}

// quantiles are evenly spaced ones of some margins.
func quantiles(margins []float64) []float32 {
	slices.Sort(margins)
	found := make([]float32, usualQuantiles)
	for i := range found {
		found[i] = float32(margins[i*(len(margins)-1)/(usualQuantiles-1)])
	}
	return found
}

func (f *Forecaster) check() error {
	if len(f.Usual) < 2 || len(f.Usual) > usualQuantiles {
		return fmt.Errorf("forecast %s: %d quantiles, 2 to %d expected", f.Column, len(f.Usual), usualQuantiles)
	}
	if !slices.IsSorted(f.Usual) || math.IsInf(float64(f.Usual[0]), 0) || math.IsInf(float64(f.Usual[len(f.Usual)-1]), 0) {
		return fmt.Errorf("forecast %s: the quantiles are not finite or do not rise", f.Column)
	}
	return nil
}

// forecasters learns the forecasts from the adult stays that are chosen. The place among the run's cross-validations makes the seeds.
func (r *run) forecasters(ctx context.Context, chosen func(stay int) bool, place int) ([]Forecaster, error) {
	t := r.training
	if t.Options.Forecasts == nil {
		return nil, nil
	}
	learn := r.forecastRows(chosen)
	o := *t.Options.Forecasts
	o.Threads = t.Threads
	forecasters := make([]Forecaster, len(Forecasts))
	for f, name := range forecastNames() {
		t.report("forecasts", place*len(Forecasts)+f, (t.Options.Folds+1)*len(Forecasts))
		o.Seed = t.Seed + uint64(place*len(Forecasts)+f) //nolint:gosec // a small count
		trees, err := learnForecast(ctx, r.dataset, learn, r.outcomes[f], o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		forecasters[f] = Forecaster{name, quantiles(trees.DatasetMargins(r.dataset, learn, t.Threads)), trees}
	}
	return forecasters, nil
}

// forecastRows are the rows of the adult stays that are chosen from which forecasts are learnt.
func (r *run) forecastRows(chosen func(stay int) bool) []int32 {
	rows := r.rowsOf(func(stay int) bool { return chosen(stay) && r.adult[stay] })
	return slices.DeleteFunc(rows, func(row int32) bool { return row%forecastEvery != 0 })
}

// learnForecast learns one forecast from those of the rows of which the outcome is known. Where none is, it leaves all as
// likely as not.
func learnForecast(ctx context.Context, dataset *gbdt.Dataset, rows []int32, outcomes []sighting, o gbdt.Options) (*gbdt.Booster, error) {
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
		known, o.Rounds = rows, 1
		for _, row := range rows {
			labels[row] = 0.5
		}
	}
	return gbdt.Train(ctx, dataset, gbdt.Subset{Rows: known, Labels: labels}, nil, o, nil)
}

// withForecasts appends to the run's dataset what the forecasters say of each row.
func (r *run) withForecasts(forecasters []Forecaster) (*gbdt.Dataset, error) {
	if len(forecasters) == 0 {
		return r.dataset, nil
	}
	rows := make([]int32, r.rows.Total())
	for row := range rows {
		rows[row] = int32(row) //nolint:gosec // bounded by the matrix, whose rows are int32
	}
	told := gbdt.Matrix{
		Names: toldNames(), Rows: len(rows), Cols: 2 * len(forecasters), Values: make([]float32, len(rows)*2*len(forecasters)),
	}
	for f := range forecasters {
		forecasters[f].tell(forecasters[f].Trees.DatasetMargins(r.dataset, rows, r.training.Threads), told, f, len(forecasters))
	}
	return r.dataset.Append(told, r.training.Options.MaxBins, r.training.Threads)
}

// rowsAtOnce is how many rows one goroutine takes at a time.
const rowsAtOnce = 256

// Margins are the raw outputs for rows of features, without calibration. threads 0 uses all processors.
func (b *Bundle) Margins(rows gbdt.Matrix, threads int) []float64 {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	margins := make([]float64, rows.Rows)
	parts := (rows.Rows + rowsAtOnce - 1) / rowsAtOnce
	parallel.Each(threads, parts, func(part int) {
		r := b.newRoom()
		for i := part * rowsAtOnce; i < min((part+1)*rowsAtOnce, rows.Rows); i++ {
			margins[i] = b.margin(rows.Row(i), r)
		}
	})
	return margins
}

// room is what a margin needs.
type room struct {
	whole   *gbdt.Row       // all that the trees see
	network *neural.Scratch // nil without a network
}

func (b *Bundle) newRoom() room {
	r := room{whole: gbdt.NewRow(features.Count() + 2*len(b.Forecasters))}
	if b.Network != nil {
		r.network = b.Network.NewScratch()
	}
	return r
}

// margin is the raw output for the features of one row, without calibration. What the trees see is left in the room. It does not allocate.
func (b *Bundle) margin(features []float32, r room) float64 {
	trees := b.treesMargin(features, r.whole)
	if single(features) {
		return trees + b.SingleHour
	}
	if b.Network == nil {
		return trees
	}
	return blend(trees, b.Network.MarginOf(features, r.network), b.NetworkShare)
}

// treesMargin is the trees' part of a margin.
func (b *Bundle) treesMargin(features []float32, whole *gbdt.Row) float64 {
	whole.Set(0, features...)
	for i := range b.Forecasters {
		f := &b.Forecasters[i]
		margin := f.Trees.MarginOf(whole)
		whole.Set(len(features)+i, float32(margin))
		whole.Set(len(features)+i+len(b.Forecasters), f.share(margin))
	}
	return b.Trees.MarginOf(whole)
}
