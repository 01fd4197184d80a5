package evaluate

import (
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// sample is a set of stays with their predictions.
type sample []scoredStay

// scoredStay is one stay with its predicted hours.
type scoredStay struct {
	*sepsis.LabelledStay
	index  int // of the stay in the cohort
	septic bool
	onset  int // row of the onset of sepsis; beyond the last row in other stays
	hours  []scoredHour
}

// scoredHour is one predicted hour and what an alarm in it was worth.
type scoredHour struct {
	probability float64
	positive    bool
	alert       bool
	label       bool
	byOnset     bool // not after the onset of sepsis
	gain        float64
	icuHour     float64
	row         int // of the stay
}

// answer is what a model says of an hour.
type answer struct {
	probability     float64
	positive, alert bool
}

// newScoredStay puts a stay and the answers for its hours together. Onset is by position, as in metric.RowGains.
func newScoredStay(stay *sepsis.LabelledStay, index int, answers func(row int) answer) scoredStay {
	s := scoredStay{
		LabelledStay: stay, index: index, septic: stay.Septic(), onset: len(stay.Labels),
		hours: make([]scoredHour, len(stay.Labels)),
	}
	if s.septic {
		s.onset = slices.Index(stay.Labels, true) - metric.OptimalHours
	}
	for row, gain := range metric.RowGains(stay.Labels) {
		a := answers(row)
		s.hours[row] = scoredHour{
			probability: a.probability, positive: a.positive, alert: a.alert, label: stay.Labels[row],
			byOnset: row <= s.onset, gain: gain, icuHour: float64(stay.Observations[row].Hour), row: row,
		}
	}
	return s
}

// samples gathers the hours of all stays, and the snapshots of all stays.
func samples(stays []sepsis.LabelledStay, predicted *model.OutOfFold) (hours, now sample) {
	hours, now = make(sample, len(stays)), make(sample, len(stays))
	said := func(row int) answer {
		a := answer{probability: predicted.Probabilities[row], positive: predicted.Positive[row]}
		if predicted.Alert != nil {
			a.alert = predicted.Alert[row]
		}
		return a
	}
	for i := range stays {
		hours[i] = newScoredStay(&stays[i], i, func(row int) answer { return said(predicted.Rows.Starts[i] + row) })
		now[i] = hours[i]
		now[i].hours = nil
	}
	for k, snapshot := range predicted.Rows.Snapshots {
		hour, a := hours[snapshot.Stay].hours[snapshot.Row], said(predicted.Rows.Hours()+k)
		hour.probability, hour.positive, hour.alert = a.probability, a.positive, a.alert
		now[snapshot.Stay].hours = append(now[snapshot.Stay].hours, hour)
	}
	return hours, now
}

func (s sample) hospitals() []string {
	var names []string
	for i := range s {
		names = append(names, s[i].Hospital)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s sample) only(hospital string) sample {
	return s.stays(func(stay *scoredStay) bool { return stay.Hospital == hospital })
}

// stays are the stays that are wanted.
func (s sample) stays(wanted func(stay *scoredStay) bool) sample {
	var part sample
	for i := range s {
		if wanted(&s[i]) {
			part = append(part, s[i])
		}
	}
	return part
}

// where keeps the wanted hours, and the stays that have any.
func (s sample) where(wanted func(stay *scoredStay, hour *scoredHour) bool) sample {
	var part sample
	for i := range s {
		kept := s[i]
		kept.hours = nil
		for h := range s[i].hours {
			if wanted(&s[i], &s[i].hours[h]) {
				kept.hours = append(kept.hours, s[i].hours[h])
			}
		}
		if len(kept.hours) > 0 {
			part = append(part, kept)
		}
	}
	return part
}

// said is the sample with other answers.
func (s sample) said(answers func(stay *scoredStay, hour *scoredHour) answer) sample {
	other := slices.Clone(s)
	for i := range other {
		other[i].hours = slices.Clone(s[i].hours)
		for h := range other[i].hours {
			hour := &other[i].hours[h]
			a := answers(&s[i], &s[i].hours[h])
			hour.probability, hour.positive, hour.alert = a.probability, a.positive, a.alert
		}
	}
	return other
}

// hours is the number of hours of all stays.
func (s sample) hours() int {
	n := 0
	for i := range s {
		n += len(s[i].hours)
	}
	return n
}

// septicHours is the number of hours with the label.
func (s sample) septicHours() int {
	n := 0
	for i := range s {
		for h := range s[i].hours {
			if s[i].hours[h].label {
				n++
			}
		}
	}
	return n
}

// bestThreshold is the threshold of highest utility on something that rises with risk.
func (s sample) bestThreshold(risk func(stay *scoredStay, hour *scoredHour) float64) (metric.ThresholdChoice, error) {
	var risks, gains []float64
	for i := range s {
		for h := range s[i].hours {
			hour := &s[i].hours[h]
			risks, gains = append(risks, risk(&s[i], hour)), append(gains, hour.gain)
		}
	}
	return metric.BestThreshold(risks, gains)
}

// hoursThreshold is the ICU hour from which always saying Positive has the highest utility. Thresholds lie midway between whole hours, but for the
// first hour itself, from which everything is Positive, and for what lies just beyond the last.
func (s sample) hoursThreshold() (float64, error) {
	choice, err := s.bestThreshold(clock)
	return math.Ceil(choice.Threshold), err
}

// clock is the hour since ICU admission.
func clock(_ *scoredStay, hour *scoredHour) float64 { return hour.icuHour }
