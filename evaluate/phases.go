package evaluate

import "fmt"

// hourRange is a range of ICU hours, both ends included; to 0 is open.
type hourRange struct{ from, to int }

func (r hourRange) holds(hour float64) bool {
	return hour >= float64(r.from) && (r.to == 0 || hour <= float64(r.to))
}

// String is the range in words.
func (r hourRange) String() string {
	if r.to == 0 {
		return fmt.Sprintf("from hour %d", r.from)
	}
	return fmt.Sprintf("hours %d to %d", r.from, r.to)
}

// in keeps the hours of a range.
func (s sample) in(r hourRange) sample {
	return s.where(func(_ *scoredStay, hour *scoredHour) bool { return r.holds(hour.icuHour) })
}

var (
	// phaseRanges are the phases of a stay in which the data, and the utility that is to be had, differ (Zhou et al.,
	// Computing in Cardiology 2019, team FlyingBubble).
	phaseRanges = []hourRange{{1, 9}, {10, 49}, {50, 0}}
	// bandRanges are narrower, so that the clock tells little within them.
	bandRanges = []hourRange{{1, 9}, {10, 23}, {24, 47}, {48, 71}, {72, 0}}
)

// phases measures the phases of the stays. A phase without septic, or without other, hours is left out.
func phases(s sample, hoursRule float64, how bootstrap) []Phase {
	found := []Phase{}
	for _, r := range phaseRanges {
		group, m, measurable := s.in(r).hourGroup(r.String(), hoursRule, how)
		if !measurable {
			continue
		}
		constant := func(values []float64) float64 { return values[prevalence] * (1 - values[prevalence]) }
		found = append(found, Phase{
			FromHour: r.from, ToHour: r.to, Group: group, PrevalenceBrier: m.derive(constant),
			BrierSkill: m.derive(func(values []float64) float64 { return 1 - values[brier]/constant(values) }),
		})
	}
	return found
}

// hourBands compares a model with the clock within bands of ICU hours. hoursRule is the hour from which counting hours alarms.
func hourBands(s sample, hoursRule float64, how bootstrap) []HourBand {
	found := []HourBand{}
	for _, r := range bandRanges {
		part := s.in(r)
		model, measurable := resample(len(part), how, newRows(part, hoursRule).ranked)
		if !measurable {
			continue
		}
		clocked := part.clocked(how)
		found = append(found, HourBand{
			FromHour: r.from, ToHour: r.to, Hours: part.hours(), SepticHours: part.septicHours(), Prevalence: model.point[prevalence],
			Model: model.figure(auroc), Clock: clocked.figure(auroc), Over: model.less(clocked, auroc),
			ModelAUPRC: model.figure(auprc), ClockAUPRC: clocked.figure(auprc), OverAUPRC: model.less(clocked, auprc),
			ModelUtility: model.figure(utility), ClockUtility: model.figure(hoursRuleUtility), OverUtility: model.derive(overHours),
		})
	}
	return found
}

// clocked measures the ICU hour alone on the hours of a sample: it ranks, and says Positive nowhere.
func (s sample) clocked(how bootstrap) measured {
	hours := s.said(func(stay *scoredStay, hour *scoredHour) answer { return answer{probability: clock(stay, hour)} })
	m, _ := resample(len(hours), how, newRows(hours, 0).ranked)
	return m
}

// overHours is what the utility of a draw is above that of counting hours.
func overHours(values []float64) float64 { return values[utility] - values[hoursRuleUtility] }
