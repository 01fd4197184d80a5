package metric

import (
	"errors"
	"fmt"
)

// Stay is one ICU stay: what happened and what was predicted, hour by hour. All slices have one entry for each
// row, in the order of time.
type Stay struct {
	// Labels are SepsisLabel: true from 6 hours before the onset of sepsis.
	Labels []bool
	// Predictions are the decisions; true is an alarm.
	Predictions []bool
	// Probabilities are the predicted probabilities of a positive label, each between 0 and 1.
	Probabilities []float64
}

// Scorecard holds the five figures that the Challenge's official scorer prints, under its names.
type Scorecard struct {
	AUROC    float64 // see [AUROC]
	AUPRC    float64 // see [AUPRC]
	Accuracy float64 // see [Confusion.Accuracy]
	FMeasure float64 // see [Confusion.F1]
	Utility  float64 // see [Utility.Normalised]
}

// Score measures a cohort as the Challenge's official scorer (evaluate_sepsis_score.py) does: AUROC, AUPRC, accuracy
// and F-measure over all rows of all stays together, utility over stays.
//
// It differs from that scorer in two ways. AUROC and AUPRC follow scikit-learn where a probability is exactly 1 or
// exactly 0, see [AUROC]. And what is undefined is an [*UndefinedError] instead of 1 or a division by zero: when
// any of the five is undefined no card is returned, and the error joins all the reasons.
//
// A stay that is empty, that has slices of different length, or that has a probability outside [0, 1] is an error
// that names the stay by its position, counted from 0.
func Score(stays []Stay) (Scorecard, error) {
	pooled, utility, err := pool(stays)
	if err != nil {
		return Scorecard{}, err
	}
	confusion, err := NewConfusion(pooled.Labels, pooled.Predictions)
	if err != nil {
		return Scorecard{}, err
	}
	var card Scorecard
	var errs [5]error
	card.AUROC, errs[0] = AUROC(pooled.Labels, pooled.Probabilities, nil)
	card.AUPRC, errs[1] = AUPRC(pooled.Labels, pooled.Probabilities, nil)
	card.Accuracy, errs[2] = confusion.Accuracy()
	card.FMeasure, errs[3] = confusion.F1()
	card.Utility, errs[4] = utility.Normalised()
	if err := errors.Join(errs[:]...); err != nil {
		return Scorecard{}, err
	}
	return card, nil
}

// pool strings the rows of all stays together and adds up their utilities.
func pool(stays []Stay) (Stay, Utility, error) {
	var pooled Stay
	var total Utility
	for i, stay := range stays {
		utility, err := stay.utility()
		if err != nil {
			return Stay{}, Utility{}, fmt.Errorf("stay %d: %w", i, err)
		}
		total = total.Plus(utility)
		pooled.Labels = append(pooled.Labels, stay.Labels...)
		pooled.Predictions = append(pooled.Predictions, stay.Predictions...)
		pooled.Probabilities = append(pooled.Probabilities, stay.Probabilities...)
	}
	return pooled, total, nil
}

// utility checks the stay and returns its totals.
func (s Stay) utility() (Utility, error) {
	if _, err := newProbabilityRows(s.Labels, s.Probabilities, nil); err != nil {
		return Utility{}, err
	}
	return StayUtility(s.Labels, s.Predictions)
}
