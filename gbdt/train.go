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
	scratch [][chunkRows]int32 // of each worker
}

// Train fits a booster to the train subset of d. valid, which may be nil, is only looked at for its loss and for early
// stopping. progress, which may be nil, is called after each round, on the caller's goroutine.
// Cancelling ctx ends training with ctx's error.
func Train(ctx context.Context, d *Dataset, train Subset, valid *Subset, o Options, progress func(Progress)) (*Booster, error) {
	if err := validate(d, train, valid, o); err != nil {
		return nil, err
	}
	t := newTrainer(d, train, valid, o.withDefaults())
	t.step(t.train, nil, true)
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
		grower:  newGrower(d, o, len(train.Rows)),
		sampler: sampler{options: o, train: train.Rows},
		train:   newScored(train, booster.margin),
		booster: booster,
		scratch: make([][chunkRows]int32, o.Threads),
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
	t.sampler.draw(t.grower, round)
	grown, err := t.grower.grow(ctx, round)
	if err != nil {
		return err
	}
	t.booster.appendTree(grown, &t.grower.regularisation, t.options.LearningRate)
	tree, err := t.booster.binTree(t.grower.data, round)
	if err != nil {
		return err
	}
	t.step(t.train, tree, true)
	if t.valid != nil {
		t.step(t.valid, tree, false)
	}
	return nil
}

// step adds a tree (nil for none) to the margins and computes losses, and gradients if asked for.
func (t *trainer) step(s *scored, tree *binTree, gradients bool) {
	forEach(t.options.Threads, len(s.losses), func(worker, i int) {
		begin, end := chunk(len(s.Rows), chunkRows, i)
		rows, margins := s.Rows[begin:end], s.margins[begin:end]
		if tree != nil {
			tree.add(margins, rows, t.scratch[worker][:])
		}
		sum := 0.0
		for k, row := range rows {
			weight := s.weight(row)
			loss, gradient, hessian := logistic(margins[k], float64(s.Labels[row]))
			sum += float64(weight * loss)
			if gradients {
				t.grower.gradient[row] = float64(weight * gradient)
				t.grower.hessian[row] = float64(weight * hessian)
			}
		}
		s.losses[i] = sum
	})
}

// loss is the weighted mean loss.
func (s *scored) loss() float64 { return sumInOrder(s.losses) / s.total }
