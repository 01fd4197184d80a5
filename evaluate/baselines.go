package evaluate

import (
	"context"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/parallel"
	"github.com/medtech-detect/sepsis/score"
)

// HoursRuleName names the rule of counting hours among the baselines.
const HoursRuleName = "icu_hours"

// unknownScore ranks an hour of which no part of a score is known below every known one.
const unknownScore = -1

// rule is something simple that rises with risk.
type rule struct {
	name, english string
	risk          func(stay *scoredStay, hour *scoredHour) float64
}

// rules are the clock, and the bedside scores from the latest values of 24 hours, from the simplest on.
func rules(ctx context.Context, s sample) ([]rule, error) {
	found := []rule{{HoursRuleName, "Counting hours since ICU admission", clock}}
	points, err := bedsidePoints(ctx, s)
	if err != nil {
		return nil, err
	}
	for k, bedside := range slices.Backward(score.All) {
		found = append(found, rule{bedside.Name, bedside.English, func(stay *scoredStay, hour *scoredHour) float64 {
			return float64(points[stay.index][hour.row][k])
		}})
	}
	return found, nil
}

// bedsidePoints are the scores of score.All at each row of each stay, by the stay's index in the cohort.
func bedsidePoints(ctx context.Context, s sample) (map[int][][]int8, error) {
	points := make([][][]int8, len(s))
	err := parallel.EachUntil(ctx, 0, len(s), func(i int) {
		stay := s[i].Stay
		for row := range stay.Observations {
			past := stay
			past.Observations = stay.Observations[:row+1]
			values := past.Latest(score.WindowHours)
			points[i] = append(points[i], scorePoints(&values))
		}
	})
	byIndex := map[int][][]int8{}
	for i := range s {
		byIndex[s[i].index] = points[i]
	}
	return byIndex, err
}

func scorePoints(values *sepsis.Values) []int8 {
	points := make([]int8, len(score.All))
	for k := range score.All {
		points[k] = unknownScore
		if total, known := score.All[k].Points(values); known > 0 {
			points[k] = int8(total) //nolint:gosec // at most 24
		}
	}
	return points
}

// baselines measures simple rules on a sample, pooled and by hospital, with thresholds chosen on the other folds, and
// compares the model with them.
func baselines(ctx context.Context, s sample, fold []int, folds int, how bootstrap) ([]Baseline, error) {
	found := []Baseline{}
	simple, err := rules(ctx, s)
	if err != nil {
		return nil, err
	}
	parts := append([]string{pooled}, s.hospitals()...)
	model := map[string]measured{}
	for _, name := range parts {
		part := s.part(name)
		model[name], _ = resample(len(part), how, newRows(part, 0).ranked)
	}
	for _, r := range simple {
		thresholds, err := foldThresholds(s, r, fold, folds)
		if err != nil {
			return nil, err
		}
		ruled := s.said(func(stay *scoredStay, hour *scoredHour) answer {
			risk := r.risk(stay, hour)
			return answer{probability: risk, positive: risk >= thresholds[fold[stay.index]] && risk != unknownScore}
		})
		for _, name := range parts {
			part := ruled.part(name)
			m, measurable := resample(len(part), how, newRows(part, 0).ranked)
			if !measurable {
				continue
			}
			found = append(found, Baseline{
				Name: r.name, English: r.english, Hospital: name, Known: part.knownShare(), Thresholds: thresholds,
				Utility: m.figure(utility), AUROC: m.figure(auroc), AUPRC: m.figure(auprc),
				AtSensitivity: m.figure(sensitivity), AtSpecificity: m.figure(specificity),
				ModelUtility: model[name].less(m, utility), ModelAUROC: model[name].less(m, auroc), ModelAUPRC: model[name].less(m, auprc),
			})
		}
	}
	return found, nil
}

// foldThresholds are, for each fold, the threshold of highest utility on the stays of the others.
func foldThresholds(s sample, r rule, fold []int, folds int) ([]float64, error) {
	thresholds := make([]float64, folds)
	for f := range thresholds {
		others := s.stays(func(stay *scoredStay) bool { return fold[stay.index] != f })
		choice, err := others.bestThreshold(r.risk)
		if err != nil {
			return nil, err
		}
		thresholds[f] = choice.Threshold
	}
	return thresholds, nil
}

// knownShare is the share of hours whose score is known.
func (s sample) knownShare() float64 {
	known := 0
	for i := range s {
		for h := range s[i].hours {
			if s[i].hours[h].probability != unknownScore {
				known++
			}
		}
	}
	return float64(known) / float64(s.hours())
}
