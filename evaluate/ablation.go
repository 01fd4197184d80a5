package evaluate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/model"
)

const (
	// quickFolds is how many folds the quick recipe has: the fewest from which a threshold can be chosen on others. Trees then learn from half of the
	// stays, which costs less than from four fifths, and all stays are measured.
	quickFolds = 2
	// quickTrainings is how often each set of features is trained, by other seeds: the fewest from which their spread can be told.
	quickTrainings = 3
	// seedStep is the distance of these seeds: a training takes one for each of its boosters.
	seedStep = 100
)

// Quick is the recipe by which several feature sets are compared: the same trees, fewer and faster learnt, on half of the stays, without
// forecasts, which are made of all features themselves, and without a network. Rounds times learning rate are those of the recipe that ships.
func Quick(o model.Options) model.Options {
	const rounds, learningRate = 75, 0.2
	o.Folds, o.Trees.Rounds, o.Forecasts = quickFolds, min(o.Trees.Rounds, rounds), nil
	o.Network, o.Members, o.Trees.LearningRate = nil, 1, max(o.Trees.LearningRate, learningRate)
	return o
}

// quickRecipe is the recipe in words.
func quickRecipe(o model.Options) string {
	return fmt.Sprintf("without forecasts and networks, %d trees at a learning rate of %g, learnt on each half of the stays and measured on the other; both sides of a comparison "+
		"are trained %d times by the same seeds, and figures are means over these trainings", o.Trees.Rounds, o.Trees.LearningRate, quickTrainings)
}

// quick is a cohort on which feature sets are compared.
type quick struct {
	stays  []sepsis.LabelledStay
	bench  *model.Workbench
	seed   uint64
	how    bootstrap
	recipe string
	full   trained // with all features
}

// trained is what one feature set comes to.
type trained struct {
	sample   sample     // what the first training answers
	each     []measured // of each training
	measured measured   // their mean
	figures  Ablated
}

func (e *Evaluation) newQuick(ctx context.Context, stays []sepsis.LabelledStay, report progress) (*quick, error) {
	training := e.training(stays, report)
	training.Options = Quick(training.Options)
	bench, err := model.NewWorkbench(ctx, training)
	if err != nil {
		return nil, err
	}
	q := &quick{stays: stays, bench: bench, seed: e.Seed, how: e.bootstrap(), recipe: quickRecipe(training.Options)}
	q.full, err = q.train(ctx, func(features.Feature) bool { return false })
	return q, err
}

// train learns without some features, by one seed after the other, and measures.
func (q *quick) train(ctx context.Context, without func(features.Feature) bool) (trained, error) {
	var t trained
	for training := range uint64(quickTrainings) {
		validated, err := q.bench.CrossValidate(ctx, quickFolds, q.seed+training*seedStep, without)
		if err != nil {
			return t, err
		}
		answered, _ := samples(q.stays, validated.Predicted)
		m, measurable := resample(len(answered), q.how, newRows(answered, 0).ranked)
		if !measurable {
			return t, errors.New("evaluate: septic or other stays are missing")
		}
		if t.each = append(t.each, m); training == 0 {
			t.sample = answered
		}
	}
	m := mean(t.each)
	t.measured = m
	t.figures = Ablated{Utility: m.figure(utility), AUROC: m.figure(auroc), AUPRC: m.figure(auprc), Brier: m.figure(brier)}
	for _, f := range features.Table {
		if !without(f) {
			t.figures.Features++
		}
	}
	return t, nil
}

// over is how far a figure differs from that of another set of features in each of the trainings, which have their seeds in common, with the interval in
// which the mean of all such trainings lies if they differ by chance (Student 1908, doi:10.1093/biomet/6.1.1). It holds the stays fixed.
func (t *trained) over(other *trained, figure int) *OverTrainings {
	found := &OverTrainings{}
	for i := range t.each {
		found.Each = append(found.Each, t.each[i].point[figure]-other.each[i].point[figure])
	}
	n := float64(len(found.Each))
	middle, deviation := stat.MeanStdDev(found.Each, nil)
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * deviation / math.Sqrt(n)
	found.Mean = &Figure{Value: middle, Low: middle - half, High: middle + half}
	return found
}

// leftOut is a set of features to do without.
type leftOut struct {
	name, meaning string
	holds         func(f features.Feature) bool
}

// leftOuts are groups of families that can hardly stand in for each other. Single families can: without one of them the others tell nearly the
// same, by less than trainings differ, and each costs as many trainings as a group does.
func leftOuts() []leftOut {
	return []leftOut{
		leavingOut("what was found", "the last known values, and what is derived from them: ratios, bedside scores", features.Level, features.Derived, features.Bedside),
		leavingOut("course", "how values changed: trends, windows of hours, the whole stay", features.Trend, features.Rolling, features.WholeLOS),
		leavingOut("timing and pattern", "everything that tells what was measured, and when, and not what was found", features.Timing, features.Pattern),
		leavingOut("context", familyMeaning[features.Context], features.Context),
	}
}

func leavingOut(name, meaning string, families ...features.Family) leftOut {
	return leftOut{name, meaning, func(f features.Feature) bool { return slices.Contains(families, f.Family) }}
}

// ablation trains without each group of families.
func (q *quick) ablation(ctx context.Context, report progress) (*Ablation, error) {
	found := &Ablation{Recipe: q.recipe, Trainings: quickTrainings, Full: q.full.figures, Parts: []AblationPart{}}
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
			UtilityTrainings:  without.over(&q.full, utility),
			AUROCTrainings:    without.over(&q.full, auroc),
			AUPRCTrainings:    without.over(&q.full, auprc),
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
		UtilityTrainings:  without.over(&q.full, utility),
		AUROCTrainings:    without.over(&q.full, auroc),
		Clock:             clocked.figure(hoursRuleUtility),
		OverClock:         without.measured.beside(clocked, func(its, clock []float64) float64 { return its[utility] - clock[hoursRuleUtility] }),
		Bands:             hourBands(without.sample, rule, q.how),
	}
	for _, f := range features.Table {
		if tellsTime(f) {
			found.Removed = append(found.Removed, f.Name)
		}
	}
	found.Hints, err = timeHints(ctx, q.stays, q.how)
	return found, err
}
