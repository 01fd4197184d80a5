package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/monitor"
	"github.com/medtech-detect/sepsis/score"
	"github.com/medtech-detect/sepsis/server"
)

// openModel opens the named model file, or the embedded model, and holds it to its self-test: the features may have
// changed since it was trained.
func openModel(path string) (*model.Model, error) {
	open := model.Default
	if path != "" {
		open = func() (*model.Model, error) { return model.Open(path) }
	}
	opened, err := open()
	if err != nil {
		return nil, err
	}
	if err := opened.SelfTest(); err != nil {
		return nil, fmt.Errorf("model %s: %w", cmp.Or(path, "embedded in the program"), err)
	}
	return opened, nil
}

// regular refuses a pipe or a device as a model file of the service: it might never end.
func regular(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file, and might never end", path)
	}
	return err
}

// openServed opens a model for the service.
func openServed(path string) (*model.Model, error) {
	if path != "" {
		if err := regular(path); err != nil {
			return nil, err
		}
	}
	return openModel(path)
}

// servedModels holds the model that answers; one of a file can be read again. The monitor follows the swaps.
func servedModels(path string, watch *monitor.Monitor, logger *slog.Logger) (*server.Models, error) {
	first, err := openServed(path)
	if err != nil {
		return nil, err
	}
	var open func() (sepsis.Predictor, error)
	if path != "" {
		open = func() (sepsis.Predictor, error) { return openServed(path) }
	}
	models := server.NewModels(first, open)
	models.Follow(func(served sepsis.Predictor) {
		reference, err := referenceOf(served.(*model.Model).Bundle())
		if err != nil {
			logger.Error("drift is not told", "error", err)
		}
		watch.Follow(served.Info(), reference, time.Now())
	})
	return models, nil
}

// referenceOf is what the training of a model looked like: the inputs by the bundle itself, the probabilities as far as
// they are known of the model that ships.
func referenceOf(bundle *model.Bundle) (monitor.Reference, error) {
	reference := monitor.Reference{WindowHours: score.WindowHours}
	for _, variable := range bundle.Reference.Variables {
		missing := bundle.Reference.Counted
		for _, count := range variable.Counts {
			missing -= count
		}
		bins, err := monitor.NewBins(variable.Edges, variable.Counts, missing)
		if err != nil {
			return monitor.Reference{}, fmt.Errorf("reference of %s: %w", variable.Name, err)
		}
		reference.Inputs = append(reference.Inputs, bins)
	}
	shipped, err := monitor.ShippedScores()
	if err != nil || !ofScores(bundle, &shipped) {
		return reference, err
	}
	bins, err := monitor.NewBins(shipped.Edges, shipped.Hours, 0)
	reference.Score = &bins
	return reference, err
}

// ofScores tells whether the probabilities are of the training of the model: the threshold was chosen on them.
func ofScores(bundle *model.Bundle, scores *monitor.Scores) bool {
	return bundle.Provenance.DataDigest == scores.DataSHA256 && bundle.Operating.Threshold == scores.Threshold && !bundle.Provenance.FittedToSite()
}

// reloadOnHangup reads the model file again at each SIGHUP, and at one that came during the start.
func reloadOnHangup(ctx context.Context, hangups <-chan os.Signal, models *server.Models, logger *slog.Logger) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				info, err := models.Reload()
				server.LogSwap(ctx, logger, info, err)
			}
		}
	}()
}
