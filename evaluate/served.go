package evaluate

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// ServedStudy is the study of files as they are served. It is carried out only when it is named: it takes as many whole trainings as there are
// folds.
const ServedStudy = "served"

const servedMethod = "The training as a whole is cross-validated: all of it - folds, forecasts, trees, networks, calibration, thresholds, mean of the folds - is done anew without " +
	"each fifth of the stays, and the file that comes out of it answers for these, as it would be served. The folds are those of the out-of-fold predictions. Beside those, each answer " +
	"comes from the mean of as many folds, which have learnt from fewer stays than the shipped file's. Intervals: 95 %, bootstrap over stays; they hold the files fixed. The threshold " +
	"named is the mean of the files' own, by which each is measured."

// served trains without each fold of the stays, and measures the files on the folds that they have not seen.
func (e *Evaluation) served(ctx context.Context, stays []sepsis.LabelledStay, report progress) (*Evidence, error) {
	fold := model.Folds(stays, e.Options.Folds, e.Seed)
	files := make([]*model.Model, e.Options.Folds)
	threshold := 0.0
	for f := range files {
		training := e.training(without(stays, fold, f), func(stage string, done, total int) {
			report(fmt.Sprintf("file %d of %d, %s", f+1, len(files), stage), done, total)
		})
		training.Pooling = true
		bundle, _, err := model.Train(ctx, training)
		if err != nil {
			return nil, fmt.Errorf("evaluate: train without fold %d: %w", f, err)
		}
		if files[f], err = opened(bundle); err != nil {
			return nil, fmt.Errorf("evaluate: open the file made without fold %d: %w", f, err)
		}
		threshold += files[f].Threshold() / float64(len(files))
	}
	answered, err := trajectories(ctx, stays, func(i int) trajectory { return files[fold[i]].Trajectory })
	if err != nil {
		return nil, err
	}
	found, _, err := answered.evidence(e.bootstrap())
	if err != nil {
		return nil, err
	}
	found.Method, found.Threshold = servedMethod, threshold
	return found, nil
}

// without are the stays of all folds but one.
func without(stays []sepsis.LabelledStay, fold []int, left int) []sepsis.LabelledStay {
	var others []sepsis.LabelledStay
	for i := range stays {
		if fold[i] != left {
			others = append(others, stays[i])
		}
	}
	return others
}
