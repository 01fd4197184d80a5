package model

import "github.com/medtech-detect/sepsis/gbdt"

// Options say how the ensemble is trained.
type Options struct {
	Folds   int          `json:"folds"`    // cross-validation folds, at least 2
	Members int          `json:"members"`  // boosters trained on the same folds with different seeds
	MaxBins int          `json:"max_bins"` // bins a feature
	Trees   gbdt.Options `json:"trees"`
}

// DefaultOptions train the model that ships. docs/adr/0003-training-recipe.md has the reasons.
func DefaultOptions() Options {
	return Options{
		Folds:   5,
		Members: 1,
		MaxBins: 64,
		Trees: gbdt.Options{
			Rounds:         300,
			LearningRate:   0.05,
			Growth:         gbdt.DepthWise,
			MaxDepth:       5,
			Lambda:         20,
			MinChildWeight: 10,
			RowSample:      0.3,
			Sampling:       gbdt.GradientBased,
			ColumnSample:   0.5,
			BaseScore:      0.5,
		},
	}
}
