package main

import (
	"fmt"

	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/model"
)

// writeBundle writes a model, unless it cannot be opened again.
func writeBundle(path string, bundle *model.Bundle) error {
	file, err := bundle.Bytes()
	if err != nil {
		return err
	}
	if _, err := model.New(file); err != nil {
		return fmt.Errorf("the new model: %w", err)
	}
	return atomicfile.Write(path, file)
}

// notLearntFrom is a line on the stays that nothing was learnt from or fitted to, and why; empty if there are none.
func notLearntFrom(left model.Left) string {
	if left.Stays() == 0 {
		return ""
	}
	return fmt.Sprintf("Nothing was learnt from %d further stays, whose patients are not known to be adults: %s.\n", left.Stays(), left)
}

// syntheticNotice ends what is told of a model that has seen made-up stays.
const syntheticNotice = "SYNTHETIC data: this model is for demonstration only.\n"
