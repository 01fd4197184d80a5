package evaluate

import (
	"context"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// sharedTraining is what several studies need, made when the first of them asks for it.
type sharedTraining struct {
	evaluation *Evaluation
	validated  *model.CrossValidation // on all stays, by the full recipe
	bench      *quick                 // all stays, for the quick recipe
	// Why there can be none of either: it is not tried again.
	notValidated, noBench error
}

// drop forgets the cross-validation.
func (s *sharedTraining) drop() { s.validated = nil }

func (s *sharedTraining) crossValidation(ctx context.Context, stays []sepsis.LabelledStay, study string) (*model.CrossValidation, error) {
	if s.validated == nil && s.notValidated == nil {
		s.validated, s.notValidated = model.CrossValidate(ctx, s.evaluation.training(stays, s.evaluation.report(study)))
	}
	return s.validated, s.notValidated
}

func (s *sharedTraining) workbench(ctx context.Context, stays []sepsis.LabelledStay, study string) (*quick, error) {
	s.drop()
	if s.bench == nil && s.noBench == nil {
		s.bench, s.noBench = s.evaluation.newQuick(ctx, stays, s.evaluation.report(study))
	}
	return s.bench, s.noBench
}

func (s *sharedTraining) home(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	validated, err := s.crossValidation(ctx, stays, homeStudy)
	if err != nil {
		return nil, err
	}
	return home(ctx, stays, validated, s.evaluation.bootstrap(), s.evaluation.report(homeStudy))
}

func (s *sharedTraining) degraded(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	validated, err := s.crossValidation(ctx, stays, degradedStudy)
	if err != nil {
		return nil, err
	}
	found, err := degraded(ctx, stays, validated, s.evaluation.bootstrap(), s.evaluation.report(degradedStudy))
	return struct {
		Degraded []Degraded `json:"degraded"`
	}{found}, err
}

func (s *sharedTraining) reliability(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	validated, err := s.crossValidation(ctx, stays, reliabilityStudy)
	if err != nil {
		return nil, err
	}
	s.evaluation.report(reliabilityStudy)("levels", 0, 1)
	found, err := reliability(ctx, stays, validated.Predicted, s.evaluation.bootstrap())
	if err != nil {
		return nil, err
	}
	coverage, err := conformalHome(ctx, stays, validated.Predicted, s.evaluation.bootstrap())
	return struct {
		Reliability []ReliabilityPart `json:"reliability"`
		Conformal   []ConformalPart   `json:"conformal"`
	}{found, coverage}, err
}

func (s *sharedTraining) ablation(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	bench, err := s.workbench(ctx, stays, ablationStudy)
	if err != nil {
		return nil, err
	}
	found, err := bench.ablation(ctx, s.evaluation.report(ablationStudy))
	return struct {
		Ablation *Ablation `json:"ablation"`
	}{found}, err
}

func (s *sharedTraining) hours(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	bench, err := s.workbench(ctx, stays, hoursStudy)
	if err != nil {
		return nil, err
	}
	defer func() { s.bench = nil }() // the last study that needs it
	found, err := bench.withoutHours(ctx)
	return struct {
		WithoutHours *WithoutHours `json:"without_hours"`
	}{found}, err
}

func (s *sharedTraining) served(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
	s.drop()
	found, err := s.evaluation.served(ctx, stays, s.evaluation.report(ServedStudy))
	return struct {
		Served *Evidence `json:"served"`
	}{found}, err
}
