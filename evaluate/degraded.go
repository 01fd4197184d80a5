package evaluate

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/parallel"
)

// degradation is a way to know less of a stay. It gets a copy of the observations to change.
type degradation struct {
	name, description string
	degrade           func(stay *sepsis.LabelledStay, observations []sepsis.Observation)
}

func degradations(seed uint64) []degradation {
	return []degradation{
		{
			"vitals only", "Vital signs, age, sex, unit and hours; no laboratory value, blood gas or oxygen fraction.",
			func(_ *sepsis.LabelledStay, observations []sepsis.Observation) {
				for i := range observations {
					observations[i].Values.KeepVitals()
				}
			},
		},
		{
			"half of the measurements", "Each measured value is left out with probability 1/2.",
			func(stay *sepsis.LabelledStay, observations []sepsis.Observation) {
				random := stayRandom(stay, seed)
				for i := range observations {
					dropHalf(&observations[i].Values, random)
				}
			},
		},
	}
}

func dropHalf(values *sepsis.Values, random *rand.Rand) {
	for variable := range sepsis.Variable(sepsis.NumVariables) {
		if values.Has(variable) && random.Uint64()&1 == 1 {
			values[variable] = sepsis.Missing
		}
	}
}

// stayRandom is a random source that depends on the seed and the stay's name alone.
func stayRandom(stay *sepsis.LabelledStay, seed uint64) *rand.Rand {
	name := fnv.New64a()
	_, _ = name.Write([]byte(stay.Hospital + "/" + stay.ID)) // never fails
	return rand.New(rand.NewPCG(seed, name.Sum64()))
}

// degraded measures the models of a cross-validation on stays of which less is known than was recorded. Each stay is
// predicted by its fold's model, with the operating points that were chosen on whole input.
func degraded(ctx context.Context, stays []sepsis.LabelledStay, validated *model.CrossValidation, how bootstrap, report progress) ([]Degraded, error) {
	hours, now := samples(stays, validated.Predicted)
	full, _ := hours.measure(0, how)
	rule, err := hours.hoursThreshold()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	found := []Degraded{}
	add := func(name, description string, s sample, full, clock measured) {
		m, measurable := s.measure(rule, how)
		if !measurable {
			return
		}
		group := s.groupOf(name, m)
		if name == NowOnly {
			group = group.withoutStays()
		}
		found = append(found, Degraded{
			Name: name, Description: description, Group: group, Utility: m.less(full, utility), AUROC: m.less(full, auroc),
			ClockAUROC: clock.figure(auroc), OverHoursAUROC: m.less(clock, auroc),
		})
	}
	clock := hours.clocked(how)
	add(FullInput, "All that was recorded, for comparison.", hours, full, clock)
	known := withHistory(now, hours)
	if fullNow, measurable := known.measure(0, how); measurable {
		add(NowOnly, "Every sixth hour as one observation with the latest values of 24 hours and no history, every fourth of these "+
			"without its ICU hour; compared with the same hours with their history.", now, fullNow, now.clocked(how))
	}
	for i, d := range degradations(how.seed) {
		report(d.name, i, len(degradations(how.seed)))
		answers, err := trajectories(ctx, stays, func(i int) trajectory {
			return degradedTrajectory(validated.Models[validated.Predicted.Fold[i]], &stays[i], d)
		})
		if err != nil {
			return nil, err
		}
		add(d.name, d.description, answers, full, clock)
	}
	return found, nil
}

// withHistory are the hours of the snapshots, as they are predicted with their history.
func withHistory(now, hours sample) sample {
	return now.said(func(stay *scoredStay, hour *scoredHour) answer {
		whole := &hours[stay.index].hours[hour.row]
		return answer{whole.probability, whole.positive, whole.alert}
	})
}

// trajectory foresees a stay, hour by hour.
type trajectory func(stay *sepsis.Stay) []sepsis.Risk

func degradedTrajectory(m *model.Model, labelled *sepsis.LabelledStay, d degradation) trajectory {
	return func(stay *sepsis.Stay) []sepsis.Risk {
		less := *stay
		less.Observations = append([]sepsis.Observation(nil), stay.Observations...)
		d.degrade(labelled, less.Observations)
		return m.Trajectory(&less)
	}
}

// trajectories predicts all stays, each by its own predictor.
func trajectories(ctx context.Context, stays []sepsis.LabelledStay, of func(i int) trajectory) (sample, error) {
	answered := make(sample, len(stays))
	err := parallel.EachUntil(ctx, 0, len(stays), func(i int) {
		risks := of(i)(&stays[i].Stay)
		answered[i] = newScoredStay(&stays[i], i, func(row int) answer {
			return answer{risks[row].Probability, risks[row].Label == sepsis.Positive, risks[row].Alert}
		})
	})
	return answered, err
}
