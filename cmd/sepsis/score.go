package main

import (
	"errors"
	"fmt"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/metric"
)

type scoreCommand struct {
	Labels      string `required:"" placeholder:"PATH" help:"Folder, .zip or .psv with SepsisLabel."`
	Predictions string `required:"" placeholder:"DIR" help:"Folder of predictions, a file for each stay, under the same names."`
}

// Run prints what the Challenge's official scorer prints. What is undefined for these stays is said to be so.
func (c scoreCommand) Run() error {
	scored, err := challenge.Pair(c.Labels, c.Predictions)
	if err != nil {
		return err
	}
	stays := make([]metric.Stay, len(scored))
	for i, s := range scored {
		stays[i] = metric.Stay{Labels: s.Labels, Predictions: s.Predictions, Probabilities: s.Probabilities}
	}
	card, err := metric.Score(stays)
	if _, undefined := errors.AsType[*metric.UndefinedError](err); undefined {
		return fmt.Errorf("score: %w", err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Printf("AUROC|AUPRC|Accuracy|F-measure|Utility\n%g|%g|%g|%g|%g\n", card.AUROC, card.AUPRC, card.Accuracy, card.FMeasure, card.Utility)
	return err
}
