package neural

import (
	"errors"
	"fmt"
)

// Options say how a network is trained.
type Options struct {
	// Units are those of each hidden layer, the first one first; each 1 to 1024, in at most 8 layers.
	Units []int `json:"units"`
	// InputDropout and Dropout are the shares of inputs, and of units, that each row does without while it teaches, in [0, 0.95].
	InputDropout float64 `json:"input_dropout"`
	Dropout      float64 `json:"dropout"`
	// Passes is how often each row teaches, 1 or more.
	Passes int `json:"passes"`
	// BatchRows is how many rows a step learns from, 1 or more.
	BatchRows int `json:"batch_rows"`
	// LearningRate is the highest of the steps' learning rates, more than 0, at most 1.
	LearningRate float64 `json:"learning_rate"`
	// WeightDecay is the share of each weight that a step takes away, times the learning rate; 0 to 100.
	WeightDecay float64 `json:"weight_decay"`
	// Aside is what all outcomes aside weigh together beside the one that is wanted, 0 to 100.
	Aside float64 `json:"aside"`
	Seed  uint64  `json:"-"`
	// Threads is the number of goroutines, without influence on the result; 0 means all processors.
	Threads int `json:"-"`
}

// Bounds on a network, which keep one that is read from a file within reason.
const (
	maxLayers = 8
	maxUnits  = 1024
	maxInputs = 1 << 14
)

// MaxMembers is how many networks a mean has at most.
const MaxMembers = 64

// Validate reports everything that is wrong with the options, in one error.
func (o Options) Validate() error {
	var problems []error
	need := func(ok bool, name string, value any, need string) {
		if !ok {
			problems = append(problems, fmt.Errorf("neural: %s is %v, need %s", name, value, need))
		}
	}
	need(len(o.Units) >= 1 && len(o.Units) <= maxLayers, "the number of Units", len(o.Units), fmt.Sprintf("1 to %d", maxLayers))
	for _, units := range o.Units {
		need(units >= 1 && units <= maxUnits, "one of Units", units, fmt.Sprintf("1 to %d", maxUnits))
	}
	need(o.InputDropout >= 0 && o.InputDropout <= 0.95, "InputDropout", o.InputDropout, "0 to 0.95")
	need(o.Dropout >= 0 && o.Dropout <= 0.95, "Dropout", o.Dropout, "0 to 0.95")
	need(o.Passes >= 1, "Passes", o.Passes, "1 or more")
	need(o.BatchRows >= 1, "BatchRows", o.BatchRows, "1 or more")
	need(o.LearningRate > 0 && o.LearningRate <= 1, "LearningRate", o.LearningRate, "more than 0, at most 1")
	need(o.WeightDecay >= 0 && o.WeightDecay <= 100, "WeightDecay", o.WeightDecay, "0 to 100")
	need(o.Aside >= 0 && o.Aside <= 100, "Aside", o.Aside, "0 to 100")
	need(o.Threads >= 0, "Threads", o.Threads, "0 or more")
	return errors.Join(problems...)
}
