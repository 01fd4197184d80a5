package main

import (
	"sync/atomic"

	"github.com/medtech-detect/sepsis"
)

// frail is a model that panics at every other patient, the first among them.
type frail struct {
	sepsis.Predictor
	asked atomic.Int64
}

// Predict panics, or predicts.
func (f *frail) Predict(stay *sepsis.Stay) sepsis.Risk {
	f.ask()
	return f.Predictor.Predict(stay)
}

// Explain panics as Predict does, or explains.
func (f *frail) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	f.ask()
	return f.Predictor.Explain(stay)
}

func (f *frail) ask() {
	if f.asked.Add(1)%2 == 1 {
		panic("frail")
	}
}
