// Package evaluate measures predictions that were made out of fold, with intervals over patients, and writes the
// figures that the model card and the documents are made from.
package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// Resamples is how many times stays are drawn with replacement for an interval (Efron and Tibshirani 1993,
// chapter 13: percentile intervals want about 1,000; half of it keeps the ends within their own noise here).
const Resamples = 500

// Figure is a number with its 95 % percentile bootstrap interval over stays. A nil Figure is undefined.
type Figure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Group is a part of the cohort with its figures.
type Group struct {
	Name               string  `json:"name"`
	Stays              int     `json:"stays"`
	SepticStays        int     `json:"septic_stays"`
	Hours              int     `json:"hours"`
	Prevalence         float64 `json:"prevalence"` // share of hours with the label
	Utility            *Figure `json:"utility"`
	AUROC              *Figure `json:"auroc"`
	AUPRC              *Figure `json:"auprc"`
	Brier              *Figure `json:"brier"`
	CalibrationSlope   *Figure `json:"calibration_slope"`
	CalibrationInLarge *Figure `json:"calibration_in_the_large"`
	Sensitivity        *Figure `json:"sensitivity"` // of hours, at the threshold
	Specificity        *Figure `json:"specificity"`
	PPV                *Figure `json:"ppv"`
	StaySensitivity    *Figure `json:"stay_sensitivity"` // septic stays with an alarm at or before onset, however early
	StayFalseAlarm     *Figure `json:"stay_false_alarm"` // other stays with any alarm
	HoursRule          *Figure `json:"hours_rule_utility"`
}

// Evidence is what is known of a model from predictions that its own members made on stays they never saw.
type Evidence struct {
	Method    string   `json:"method"`
	Threshold float64  `json:"threshold"`
	HoursRule string   `json:"hours_rule"`        // the rule that any model must beat
	Groups    []Group  `json:"groups"`            // pooled first, then each hospital, then snapshots
	Omitted   []string `json:"omitted,omitempty"` // parts in which septic or other stays are missing
}

// NowOnly names the group of snapshots: hours of which no history is sent, as in the flat form of the API.
const NowOnly = "now only"

const method = "Out-of-fold predictions of patient-disjoint cross-validation, stratified by hospital and outcome: each stay is " +
	"predicted by the fold's boosters, which never saw it, with a calibration and a threshold fitted on the other folds. The shipped model averages the " +
	"boosters of all folds and is itself not measured here. Stays under 18 are predicted, not learnt from. Intervals: 95 %, bootstrap over " +
	"stays; they hold the boosters fixed. \"" + NowOnly + "\": every sixth hour sent without history, every fourth of these without its ICU hour."

// OutOfFold measures the out-of-fold predictions of a training. Intervals come from the seed. A part of the cohort
// without septic, or without other, stays is named as omitted.
func OutOfFold(stays []sepsis.LabelledStay, predicted *model.OutOfFold, seed uint64) (*Evidence, error) {
	hours, now := samples(stays, predicted)
	rule, err := hours.hoursThreshold()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	evidence := &Evidence{
		Method:    method,
		Threshold: predicted.Threshold,
		HoursRule: fmt.Sprintf("Positive from ICU hour %.0f on (best hour for this cohort)", rule),
	}
	evidence.add("pooled", hours, rule, seed)
	for _, hospital := range hours.hospitals() {
		evidence.add(hospital, hours.only(hospital), rule, seed)
	}
	evidence.add(NowOnly, now, rule, seed)
	return evidence, nil
}

func (e *Evidence) add(name string, s sample, rule float64, seed uint64) {
	if group, measurable := s.group(name, rule, seed); measurable {
		e.Groups = append(e.Groups, group)
		return
	}
	e.Omitted = append(e.Omitted, name)
}

// sample is a set of stays with their predictions.
type sample []scoredStay

// scoredStay is one stay with its predicted hours.
type scoredStay struct {
	hospital string
	septic   bool
	hours    []scoredHour
}

// scoredHour is one predicted hour and what an alarm in it was worth.
type scoredHour struct {
	probability float64
	positive    bool
	label       bool
	gain        float64
	icuHour     float64
	byOnset     bool // not after the onset of sepsis
}

// samples gathers the hours of all stays, and the snapshots of all stays.
func samples(stays []sepsis.LabelledStay, predicted *model.OutOfFold) (hours, now sample) {
	hours, now = make(sample, len(stays)), make(sample, len(stays))
	for i := range stays {
		s := &stays[i]
		hours[i] = scoredStay{hospital: s.Hospital, septic: s.Septic()}
		now[i] = hours[i]
		onset := len(s.Labels)
		if s.Septic() {
			onset = slices.Index(s.Labels, true) - metric.OptimalHours
		}
		for hour, gain := range metric.RowGains(s.Labels) {
			row := predicted.Rows.Starts[i] + hour
			hours[i].hours = append(hours[i].hours, scoredHour{
				probability: predicted.Probabilities[row], positive: predicted.Positive[row], label: s.Labels[hour],
				gain: gain, icuHour: float64(s.Observations[hour].Hour), byOnset: hour <= onset,
			})
		}
	}
	for k, snapshot := range predicted.Rows.Snapshots {
		hour, row := hours[snapshot.Stay].hours[snapshot.Row], predicted.Rows.Hours()+k
		hour.probability, hour.positive = predicted.Probabilities[row], predicted.Positive[row]
		now[snapshot.Stay].hours = append(now[snapshot.Stay].hours, hour)
	}
	return hours, now
}

func (s sample) hospitals() []string {
	var names []string
	for _, stay := range s {
		names = append(names, stay.hospital)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s sample) only(hospital string) sample {
	var part sample
	for _, stay := range s {
		if stay.hospital == hospital {
			part = append(part, stay)
		}
	}
	return part
}

// hoursThreshold is the ICU hour from which always saying Positive has the highest utility.
func (s sample) hoursThreshold() (float64, error) {
	var hours, gains []float64
	for _, stay := range s {
		for _, hour := range stay.hours {
			hours, gains = append(hours, hour.icuHour), append(gains, hour.gain)
		}
	}
	choice, err := metric.BestThreshold(hours, gains)
	return choice.Threshold + 0.5, err // thresholds lie midway between whole hours
}

// group measures a sample; it cannot when septic or other hours are missing.
func (s sample) group(name string, hoursRule float64, seed uint64) (Group, bool) {
	g := Group{Name: name, Stays: len(s)}
	r := newRows(s, hoursRule)
	once := make([]float64, len(s))
	for i, stay := range s {
		once[i] = 1
		g.Hours += len(stay.hours)
		if stay.septic {
			g.SepticStays++
		}
	}
	point, measurable := r.figures(once)
	if !measurable {
		return g, false
	}
	g.Prevalence = point.prevalence
	draws := r.bootstrap(seed)
	for i, figure := range []**Figure{
		&g.Utility, &g.AUROC, &g.AUPRC, &g.Brier, &g.CalibrationSlope, &g.CalibrationInLarge,
		&g.Sensitivity, &g.Specificity, &g.PPV, &g.StaySensitivity, &g.StayFalseAlarm, &g.HoursRule,
	} {
		*figure = interval(point.values[i], draws, i)
	}
	return g, true
}

// interval is the 2.5 to 97.5 % percentile interval of one figure over the draws in which it is defined.
func interval(value float64, draws []figures, i int) *Figure {
	var column []float64
	for d := range draws {
		if x := draws[d].values[i]; !math.IsNaN(x) {
			column = append(column, x)
		}
	}
	if math.IsNaN(value) || len(column) == 0 {
		return nil
	}
	slices.Sort(column)
	tail := len(column) / 40
	return &Figure{Value: value, Low: column[tail], High: column[len(column)-1-tail]}
}

// bootstrap draws as many stays as there are, with replacement, and measures them, again and again. A draw without
// septic, or without other, stays measures nothing and is left out.
func (r *rows) bootstrap(seed uint64) []figures {
	random := rand.New(rand.NewPCG(seed, 0x5e9515))
	draws := make([]figures, 0, Resamples)
	weights := make([]float64, r.stays)
	for range Resamples {
		clear(weights)
		for range weights {
			weights[random.IntN(len(weights))]++
		}
		if draw, measurable := r.figures(weights); measurable {
			draws = append(draws, draw)
		}
	}
	return draws
}
