package gbdt

import (
	"context"
	"fmt"
	"math"
)

// Progress reports one finished round.
type Progress struct {
	// Round counts from 1 to Rounds.
	Round, Rounds int
	// TrainLoss and ValidLoss are weighted mean logistic losses (natural logarithm) after the round.
	// ValidLoss is NaN without a validation subset.
	TrainLoss, ValidLoss float64
}

// scored is a subset with the current margin of each of its rows.
type scored struct {
	Subset
	margins []float64
	total   float64   // weight of all rows
	losses  []float64 // by chunk
}

func newScored(s Subset, base float64) *scored {
	made := &scored{Subset: s, margins: make([]float64, len(s.Rows)), losses: make([]float64, chunks(len(s.Rows), chunkRows))}
	for i, row := range s.Rows {
		made.margins[i] = base
		made.total += s.weight(row)
	}
	return made
}

// trainer holds the state of one training.
type trainer struct {
	options Options
	grower  *grower
	sampler sampler
	train   *scored
	valid   *scored // nil without validation
	booster *Booster

	gradient, hessian []float64   // of each row of train
	workers           []descender // of each thread
}

// A descender is one worker's memory for finding the leaves of rows.
type descender struct{ rows, positions, leaves [chunkRows]int32 }

// Train fits a booster to the train subset of d. valid, which may be nil, is only looked at for its loss and for early
// stopping. progress, which may be nil, is called after each round, on the caller's goroutine.
// Cancelling ctx ends training with ctx's error.
func Train(ctx context.Context, d *Dataset, train Subset, valid *Subset, o Options, progress func(Progress)) (*Booster, error) {
	if err := validate(d, train, valid, o); err != nil {
		return nil, err
	}
	t := newTrainer(d, train, valid, o.withDefaults())
	t.steepen()
	best, bestLoss := 0, math.Inf(1)
	for round := range o.Rounds {
		if err := t.round(ctx, round); err != nil {
			return nil, err
		}
		report := Progress{Round: round + 1, Rounds: o.Rounds, TrainLoss: t.train.loss(), ValidLoss: math.NaN()}
		if valid != nil {
			report.ValidLoss = t.valid.loss()
		}
		if progress != nil {
			progress(report)
		}
		if report.ValidLoss < bestLoss {
			best, bestLoss = round+1, report.ValidLoss
		}
		if o.EarlyStopping > 0 && round+1-best >= o.EarlyStopping {
			break
		}
	}
	if o.EarlyStopping > 0 {
		t.booster.truncate(best)
	}
	return t.booster, nil
}

func validate(d *Dataset, train Subset, valid *Subset, o Options) error {
	if d == nil {
		return errNoDataset
	}
	if err := o.Validate(); err != nil {
		return err
	}
	if o.EarlyStopping > 0 && valid == nil {
		return fmt.Errorf("gbdt: EarlyStopping is %d, need a validation subset", o.EarlyStopping)
	}
	if err := train.validate("training", d.rows); err != nil {
		return err
	}
	if valid == nil {
		return nil
	}
	return valid.validate("validation", d.rows)
}

func newTrainer(d *Dataset, train Subset, valid *Subset, o Options) *trainer {
	base := baseProbability(train.meanLabel())
	if o.BaseScore > 0 {
		base = float32(o.BaseScore)
	}
	booster := newBooster(d.names, base, Logistic)
	t := &trainer{
		options: o,
		grower:  newGrower(d, o),
		sampler: sampler{options: o, train: train.Rows},
		train:   newScored(train, booster.margin),
		booster: booster,

		gradient: make([]float64, len(train.Rows)),
		hessian:  make([]float64, len(train.Rows)),
		workers:  make([]descender, o.Threads),
	}
	if valid != nil {
		t.valid = newScored(*valid, booster.margin)
	}
	return t
}

// meanLabel is the weighted mean of the labels.
func (s Subset) meanLabel() float64 {
	sum, total := 0.0, 0.0
	for _, row := range s.Rows {
		w := s.weight(row)
		sum += float64(w * float64(s.Labels[row]))
		total += w
	}
	return sum / total
}

// round grows one tree and adds it to the booster and to all margins.
func (t *trainer) round(ctx context.Context, round int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	drawn := t.sampler.draw(t.gradient, t.hessian, round)
	grown, err := t.grower.grow(ctx, round, drawn)
	if err != nil {
		return err
	}
	t.booster.appendTree(grown, &t.grower.regularisation, t.options.LearningRate)
	tree, err := t.booster.binTree(t.grower.data, round)
	if err != nil {
		return err
	}
	t.grower.addLeaves(grown, t.train.margins)
	if drawn.positions != nil {
		t.addRest(tree)
	}
	t.steepen()
	if t.valid != nil {
		t.check(tree)
	}
	return nil
}

// addRest adds the tree to the margins of the training rows that it was not grown from.
func (t *trainer) addRest(tree *binTree) {
	train := t.train
	forEach(t.options.Threads, len(t.sampler.picked), func(worker, i int) {
		begin, end := chunk(len(train.Rows), chunkRows, i)
		w, picked, n := &t.workers[worker], t.sampler.picked[i], 0
		for position := begin; position < end; position++ {
			if len(picked) > 0 && int(picked[0]) == position {
				picked = picked[1:]
				continue
			}
			w.rows[n], w.positions[n] = train.Rows[position], int32(position) //nolint:gosec // bounded by maxRows
			n++
		}
		tree.descend(w.rows[:n], w.leaves[:n])
		for k, position := range w.positions[:n] {
			train.margins[position] += tree.nodes[w.leaves[k]].value
		}
	})
}

// steepen computes loss, gradient and hessian of the training rows from their margins.
func (t *trainer) steepen() {
	train := t.train
	forEach(t.options.Threads, len(train.losses), func(_, i int) {
		begin, end := chunk(len(train.Rows), chunkRows, i)
		sum := 0.0
		for k := begin; k < end; k++ {
			row := train.Rows[k]
			weight := train.weight(row)
			loss, gradient, hessian := logistic(train.margins[k], float64(train.Labels[row]))
			sum += float64(weight * loss)
			t.gradient[k] = float64(weight * gradient)
			t.hessian[k] = float64(weight * hessian)
		}
		train.losses[i] = sum
	})
}

// check adds the tree to the margins of the validation rows and computes their loss.
func (t *trainer) check(tree *binTree) {
	valid := t.valid
	forEach(t.options.Threads, len(valid.losses), func(worker, i int) {
		begin, end := chunk(len(valid.Rows), chunkRows, i)
		rows, margins := valid.Rows[begin:end], valid.margins[begin:end]
		tree.add(margins, rows, t.workers[worker].leaves[:])
		sum := 0.0
		for k, row := range rows {
			loss, _, _ := logistic(margins[k], float64(valid.Labels[row]))
			sum += float64(valid.weight(row) * loss)
		}
		valid.losses[i] = sum
	})
}

// loss is the weighted mean loss.
func (s *scored) loss() float64 { return sumInOrder(s.losses) / s.total }
