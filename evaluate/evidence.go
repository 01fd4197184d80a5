// Package evaluate measures predictions that were made out of fold, with intervals over patients, and writes the
// figures that the model card and the documents are made from.
package evaluate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// Resamples is how many times stays are drawn with replacement for an interval (Efron and Tibshirani 1993,
// chapter 13: percentile intervals want about 1,000; half of it keeps the ends within their own noise here).
const Resamples = 500

// Figure is a number with its 95 % percentile bootstrap interval over stays.
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
	Utility            Figure  `json:"utility"`
	AUROC              Figure  `json:"auroc"`
	AUPRC              Figure  `json:"auprc"`
	Brier              Figure  `json:"brier"`
	CalibrationSlope   Figure  `json:"calibration_slope"`
	CalibrationInLarge Figure  `json:"calibration_in_the_large"`
	Sensitivity        Figure  `json:"sensitivity"` // of hours, at the threshold
	Specificity        Figure  `json:"specificity"`
	PPV                Figure  `json:"ppv"`
	StaySensitivity    Figure  `json:"stay_sensitivity"` // septic stays with an alarm before or at onset
	StayFalseAlarm     Figure  `json:"stay_false_alarm"` // other stays with any alarm
	HoursRule          Figure  `json:"hours_rule_utility"`
}

// Evidence is what is known of a model from predictions that its own members made on stays they never saw.
type Evidence struct {
	Method    string  `json:"method"`
	Threshold float64 `json:"threshold"`
	HoursRule string  `json:"hours_rule"` // the rule that any model must beat
	Groups    []Group `json:"groups"`     // pooled first, then each hospital
}

// OutOfFold measures the out-of-fold predictions of a training. Intervals come from the seed.
func OutOfFold(stays []sepsis.LabelledStay, predicted *model.OutOfFold, seed uint64) (*Evidence, error) {
	all := newSample(stays, predicted)
	hours, err := all.hoursThreshold()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	evidence := &Evidence{
		Method: "Out-of-fold predictions of patient-disjoint cross-validation, stratified by hospital and outcome. " +
			"The threshold maximises the pooled utility on the same predictions. Intervals: 95 %, bootstrap over stays.",
		Threshold: predicted.Threshold,
		HoursRule: fmt.Sprintf("Positive from ICU hour %.0f on (best hour for this cohort)", hours),
	}
	pooled, err := all.group("pooled", hours, seed)
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	evidence.Groups = append(evidence.Groups, pooled)
	for _, hospital := range all.hospitals() {
		part, err := all.only(hospital).group(hospital, hours, seed)
		if err != nil {
			return nil, fmt.Errorf("evaluate: %s: %w", hospital, err)
		}
		evidence.Groups = append(evidence.Groups, part)
	}
	return evidence, nil
}

// sample is a set of stays with their predictions.
type sample struct {
	threshold float64
	stays     []scoredStay
}

// scoredStay is one stay with what its hours were worth.
type scoredStay struct {
	hospital      string
	labels        []bool
	probabilities []float64
	gains         []float64
	hours         []float64
	septic        bool
}

func newSample(stays []sepsis.LabelledStay, predicted *model.OutOfFold) sample {
	s := sample{threshold: predicted.Threshold}
	for i := range stays {
		stay := &stays[i]
		scored := scoredStay{
			hospital: stay.Hospital, labels: stay.Labels, septic: stay.Septic(),
			probabilities: predicted.Probabilities[predicted.Rows.Starts[i]:predicted.Rows.Starts[i+1]],
			gains:         metric.RowGains(stay.Labels),
		}
		for _, observation := range stay.Observations {
			scored.hours = append(scored.hours, float64(observation.Hour))
		}
		s.stays = append(s.stays, scored)
	}
	return s
}

func (s sample) hospitals() []string {
	var names []string
	for _, stay := range s.stays {
		names = append(names, stay.hospital)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s sample) only(hospital string) sample {
	part := sample{threshold: s.threshold}
	for _, stay := range s.stays {
		if stay.hospital == hospital {
			part.stays = append(part.stays, stay)
		}
	}
	return part
}

// hoursThreshold is the ICU hour from which always saying Positive has the highest utility.
func (s sample) hoursThreshold() (float64, error) {
	var hours, gains []float64
	for _, stay := range s.stays {
		hours, gains = append(hours, stay.hours...), append(gains, stay.gains...)
	}
	choice, err := metric.BestThreshold(hours, gains)
	return choice.Threshold + 0.5, err // thresholds lie midway between whole hours
}

func (s sample) group(name string, hoursRule float64, seed uint64) (Group, error) {
	g := Group{Name: name, Stays: len(s.stays)}
	r := newRows(s, hoursRule)
	whole := make([]float64, len(s.stays))
	for i, stay := range s.stays {
		whole[i] = 1
		g.Hours += len(stay.labels)
		if stay.septic {
			g.SepticStays++
		}
	}
	point, err := r.figures(whole)
	if err != nil {
		return g, err
	}
	g.Prevalence = point.prevalence
	draws, err := r.bootstrap(seed)
	if err != nil {
		return g, err
	}
	for i, figure := range []*Figure{
		&g.Utility, &g.AUROC, &g.AUPRC, &g.Brier, &g.CalibrationSlope, &g.CalibrationInLarge,
		&g.Sensitivity, &g.Specificity, &g.PPV, &g.StaySensitivity, &g.StayFalseAlarm, &g.HoursRule,
	} {
		*figure = interval(point.values[i], draws, i)
	}
	return g, nil
}

// interval is the 2.5 to 97.5 % percentile interval of one figure.
func interval(value float64, draws []figures, i int) Figure {
	column := make([]float64, len(draws))
	for d := range draws {
		column[d] = draws[d].values[i]
	}
	slices.SortFunc(column, cmp.Compare[float64])
	tail := len(column) / 40
	return Figure{Value: value, Low: column[tail], High: column[len(column)-1-tail]}
}

// bootstrap draws as many stays as there are, with replacement, and measures them, again and again.
func (r *rows) bootstrap(seed uint64) ([]figures, error) {
	random := rand.New(rand.NewPCG(seed, 0x5e9515))
	draws := make([]figures, 0, Resamples)
	weights := make([]float64, r.stays)
	for range Resamples {
		clear(weights)
		for range weights {
			weights[random.IntN(len(weights))]++
		}
		draw, err := r.figures(weights)
		if err != nil {
			return nil, err
		}
		draws = append(draws, draw)
	}
	return draws, nil
}
