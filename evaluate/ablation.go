package evaluate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/model"
)

// quickFolds is on how many folds the quick recipe is trained and measured: the fewest from which a threshold can be
// chosen on others.
const quickFolds = 2

// Quick is the recipe by which several feature sets are compared: the same trees, fewer and faster learnt, without forecasts, which are
// made of all features themselves.
func Quick(o model.Options) model.Options {
	const rounds, learningRate = 60, 0.25
	o.Trees.Rounds, o.Forecasts = min(o.Trees.Rounds, rounds), nil
	o.Members, o.Trees.LearningRate = 1, max(o.Trees.LearningRate, learningRate)
	return o
}

// quickRecipe is the recipe in words.
func quickRecipe(o model.Options) string {
	return fmt.Sprintf("without forecasts, %d trees at a learning rate of %g, on %d of the %d folds; both sides of a comparison are trained so",
		o.Trees.Rounds, o.Trees.LearningRate, quickFolds, o.Folds)
}

// quick is a cohort on which feature sets are compared.
type quick struct {
	stays  []sepsis.LabelledStay
	bench  *model.Workbench
	how    bootstrap
	recipe string
	full   trained // with all features
}

// trained is what one feature set comes to.
type trained struct {
	sample   sample
	measured measured
	figures  Ablated
}

func (e *Evaluation) newQuick(ctx context.Context, stays []sepsis.LabelledStay, report progress) (*quick, error) {
	training := e.training(stays, report)
	training.Options = Quick(training.Options)
	bench, err := model.NewWorkbench(ctx, training)
	if err != nil {
		return nil, err
	}
	q := &quick{stays: stays, bench: bench, how: e.bootstrap(), recipe: quickRecipe(training.Options)}
	q.full, err = q.train(ctx, func(features.Feature) bool { return false })
	return q, err
}

// train learns without some features and measures.
func (q *quick) train(ctx context.Context, without func(features.Feature) bool) (trained, error) {
	validated, err := q.bench.CrossValidate(ctx, quickFolds, without)
	if err != nil {
		return trained{}, err
	}
	all, _ := samples(q.stays, validated.Predicted)
	t := trained{sample: all.stays(func(stay *scoredStay) bool { return validated.Models[validated.Predicted.Fold[stay.index]] != nil })}
	m, measurable := resample(len(t.sample), q.how, newRows(t.sample, 0).ranked)
	if !measurable {
		return t, fmt.Errorf("evaluate: %d folds lack septic or other stays", quickFolds)
	}
	t.measured = m
	t.figures = Ablated{Utility: m.figure(utility), AUROC: m.figure(auroc), AUPRC: m.figure(auprc), Brier: m.figure(brier)}
	for _, f := range features.Table {
		if !without(f) {
			t.figures.Features++
		}
	}
	return t, nil
}

// leftOut is a set of features to do without.
type leftOut struct {
	name, meaning string
	holds         func(f features.Feature) bool
}

// leftOuts are the families of features one by one, and what was measured, and when, altogether.
func leftOuts() []leftOut {
	families := []features.Family{
		features.Level, features.Timing, features.Trend, features.Rolling, features.WholeLOS, features.Derived,
		features.Bedside, features.Pattern, features.Context,
	}
	var found []leftOut
	for _, family := range families {
		found = append(found, leftOut{string(family), familyMeaning[family], func(f features.Feature) bool { return f.Family == family }})
	}
	return append(found, leftOut{
		"timing and pattern", "everything that tells what was measured, and when, and not what was found",
		func(f features.Feature) bool { return f.Family == features.Timing || f.Family == features.Pattern },
	})
}

// ablation trains without each family.
func (q *quick) ablation(ctx context.Context, report progress) (*Ablation, error) {
	found := &Ablation{Recipe: q.recipe, Full: q.full.figures, Parts: []AblationPart{}}
	parts := leftOuts()
	for i, part := range parts {
		report("without "+part.name, i, len(parts))
		without, err := q.train(ctx, part.holds)
		if err != nil {
			return nil, err
		}
		found.Parts = append(found.Parts, AblationPart{
			Family: part.name, Meaning: part.meaning, Ablated: without.figures,
			UtilityDifference: without.measured.less(q.full.measured, utility),
			AUROCDifference:   without.measured.less(q.full.measured, auroc),
			AUPRCDifference:   without.measured.less(q.full.measured, auprc),
		})
	}
	return found, nil
}

// counted are the endings of features that count measurements or hours, over the stay or a part of it. In the first
// hours of a stay such a part is the stay so far, so that the count can be no more than the time since admission.
var counted = []string{"_count", "_count_6h", "_count_24h", "_hours_24h", "_hours_48h"}

// tellsTime tells whether a feature is the time since admission, or a count that grows with it.
func tellsTime(f features.Feature) bool {
	switch f.Name {
	case "labs_so_far", "vitals_so_far", "analytes_seen":
		return true
	}
	return f.Source == "icu_hour" || slices.ContainsFunc(counted, func(ending string) bool { return strings.HasSuffix(f.Name, ending) })
}

// withoutHours trains without any feature that tells the time.
func (q *quick) withoutHours(ctx context.Context) (*WithoutHours, error) {
	without, err := q.train(ctx, tellsTime)
	if err != nil {
		return nil, err
	}
	rule, err := without.sample.hoursThreshold()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	clocked, _ := resample(len(without.sample), q.how, newRows(without.sample, rule).ranked)
	found := &WithoutHours{
		Recipe: q.recipe, With: q.full.figures, Without: without.figures,
		UtilityDifference: without.measured.less(q.full.measured, utility),
		AUROCDifference:   without.measured.less(q.full.measured, auroc),
		Clock:             clocked.figure(hoursRuleUtility),
		OverClock:         clocked.derive(func(values []float64) float64 { return values[utility] - values[hoursRuleUtility] }),
		Bands:             hourBands(without.sample, q.how),
	}
	for _, f := range features.Table {
		if tellsTime(f) {
			found.Removed = append(found.Removed, f.Name)
		}
	}
	found.Hints, err = timeHints(ctx, q.stays, q.how)
	return found, err
}
