package linear

import (
	"errors"
	"fmt"
)

// Loss says what a margin costs.
type Loss int

const (
	// Logistic is ln(1 + exp(-y·m)) for y = ±1: logistic regression. Margins are log-odds.
	Logistic Loss = iota
	// SquaredHinge is max(0, 1 - y·m)² for y = ±1: the linear support vector machine as LIBLINEAR fits it by default (Fan et al.,
	// JMLR 2008, 9:1871-1874). Margins are no log-odds: calibrate them before they are read as probabilities.
	SquaredHinge
)

// Options say how to fit.
type Options struct {
	// Loss is Logistic or SquaredHinge.
	Loss Loss
	// L2 is the penalty on the coefficients beside the mean loss, more than 0.
	L2 float64
	// MaxIterations is the number of L-BFGS iterations at most, 1 or more.
	MaxIterations int
	// Tolerance ends the fit when the objective has fallen by less than this share of itself in each of three
	// iterations running; more than 0 and less than 1.
	Tolerance float64
	// Threads is the number of goroutines, without influence on the result; 0 means all processors.
	Threads int
}

// Validate reports everything that is wrong with the options, in one error.
func (o Options) Validate() error {
	var problems []error
	need := func(ok bool, name string, value any, need string) {
		if !ok {
			problems = append(problems, fmt.Errorf("linear: %s is %v, need %s", name, value, need))
		}
	}
	need(o.Loss == Logistic || o.Loss == SquaredHinge, "Loss", int(o.Loss), "Logistic or SquaredHinge")
	need(o.L2 > 0 && o.L2 <= 1e12, "L2", o.L2, "more than 0, at most 1e12")
	need(o.MaxIterations >= 1, "MaxIterations", o.MaxIterations, "1 or more")
	need(o.Tolerance > 0 && o.Tolerance < 1, "Tolerance", o.Tolerance, "more than 0, less than 1")
	need(o.Threads >= 0, "Threads", o.Threads, "0 or more")
	return errors.Join(problems...)
}
