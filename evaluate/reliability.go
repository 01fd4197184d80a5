package evaluate

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/parallel"
)

// reliability measures how often each level of reliability is given, and what the answers under it are worth.
func reliability(ctx context.Context, stays []sepsis.LabelledStay, predicted *model.OutOfFold, how bootstrap) ([]ReliabilityPart, error) {
	hours, _ := samples(stays, predicted)
	rule, err := hours.hoursThreshold()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	levels := make([][]sepsis.Reliability, len(stays))
	err = parallel.EachUntil(ctx, 0, len(stays), func(i int) { levels[i] = predicted.Reliability(i, &stays[i].Stay) })
	if err != nil {
		return nil, err
	}
	found := []ReliabilityPart{}
	for _, level := range sepsis.ReliabilityLevels {
		part := hours.where(func(stay *scoredStay, hour *scoredHour) bool { return levels[stay.index][hour.row].Level == level })
		share := newRatio(len(hours))
		for i := range hours {
			share.below[i] = float64(len(hours[i].hours))
		}
		for i := range part {
			share.above[part[i].index] = float64(len(part[i].hours))
		}
		shares, _ := resample(len(hours), how, ratiosOf([]ratio{share}))
		group, _, measurable := part.hourGroup(string(level), rule, how)
		if !measurable {
			group = Group{Name: string(level), Stays: len(part), Hours: part.hours()}
		}
		found = append(found, ReliabilityPart{Level: string(level), Share: shares.figure(0), Group: group})
	}
	return found, nil
}
