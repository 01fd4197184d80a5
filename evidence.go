package sepsis

import (
	"fmt"
	"math"
)

// Evidence is what the evaluation of a model found beyond the figures of its card: curves and groups. It belongs to one
// file of a model, by its SHA-256, and to no other: not to one that was fitted to a site, imported or trained again.
type Evidence struct {
	Note        string             `json:"note" doc:"Where the figures come from."`
	Model       ModelInfo          `json:"model" doc:"The model that the figures are of; sha256 is of its file."`
	Method      string             `json:"method" doc:"How the patients were predicted, and what the intervals are."`
	Stays       int                `json:"stays"`
	SepticStays int                `json:"septic_stays"`
	Hours       int                `json:"hours"`
	Calibration []CalibrationCurve `json:"calibration" doc:"All hospitals together, named pooled, then each."`
	Decision    []DecisionCurve    `json:"decision" doc:"All hospitals together, named pooled, then each."`
	Points      []PointInWard      `json:"points" doc:"What a ward sees at each operating point: all hospitals together, named pooled, then each."`
	Phases      []GroupFigures     `json:"phases" doc:"By hours since ICU admission."`
	Subgroups   []Subgroups        `json:"subgroups" doc:"By age, sex, unit and more."`
	Elsewhere   []Elsewhere        `json:"elsewhere" doc:"Learnt at one hospital and measured at another, of which no label was used."`
}

// Figure is an estimate with its 95 % interval, of a bootstrap over patients.
type Figure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Digits writes the figure with its interval, with n digits after the point. A nil figure is "undefined". A value that is 0 in so many digits has no
// sign; the ends of the interval keep theirs, which tells on which side of 0 they lie.
func (f *Figure) Digits(n int) string {
	if f == nil {
		return "undefined"
	}
	value := f.Value
	if math.Abs(value) < math.Pow10(-n)/2 {
		value = 0
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f)", n, value, n, f.Low, n, f.High)
}

// CalibrationCurve compares what was said with what happened.
type CalibrationCurve struct {
	Hospital   string            `json:"hospital"`
	Slope      *Figure           `json:"slope,omitempty" doc:"1 is best; absent when it is not known."`
	InTheLarge *Figure           `json:"in_the_large,omitempty" doc:"0 is best; above 0 the probabilities are too low; absent when it is not known."`
	Parts      []CalibrationPart `json:"parts" doc:"Tenths of the hours, by rising probability."`
}

// CalibrationPart is a tenth of the hours.
type CalibrationPart struct {
	Low       float64 `json:"low" doc:"The lowest probability."`
	High      float64 `json:"high" doc:"The highest probability."`
	Hours     int     `json:"hours"`
	Predicted float64 `json:"predicted" doc:"The mean probability."`
	Observed  *Figure `json:"observed,omitempty" doc:"The share of hours of which the label held; absent when it is not known."`
}

// DecisionCurve is the net benefit over threshold probabilities (Vickers and Elkin 2006, doi:10.1177/0272989X06295361).
type DecisionCurve struct {
	Hospital string          `json:"hospital"`
	Points   []DecisionPoint `json:"points" doc:"By rising threshold."`
}

// DecisionPoint is the net benefit at one threshold, for each hour; alarming nobody has 0.
type DecisionPoint struct {
	Threshold float64 `json:"threshold"`
	Model     *Figure `json:"model,omitempty"`
	All       *Figure `json:"all,omitempty" doc:"Of alarming everybody."`
	Advantage *Figure `json:"advantage,omitempty" doc:"The model less the better of alarming everybody and nobody, paired. Where its interval lies above 0 the model is worth using."`
}

// PointInWard is what a ward sees at an operating point.
type PointInWard struct {
	Hospital            string     `json:"hospital"`
	Point               string     `json:"point" enum:"watch,alert" doc:"watch: the answer is Positive; alert: an alert is on."`
	SepticStays         int        `json:"septic_stays"`
	StaySensitivity     *Figure    `json:"stay_sensitivity,omitempty" doc:"Septic stays with an alarm by onset."`
	StaySpecificity     *Figure    `json:"stay_specificity,omitempty" doc:"Other stays without any alarm."`
	StayPPV             *Figure    `json:"stay_ppv,omitempty" doc:"Stays with an alarm that are septic, with the alarm by onset."`
	AlarmsPerPatientDay *Figure    `json:"alarms_per_patient_day,omitempty"`
	LeadTime            *Quartiles `json:"lead_time,omitempty" doc:"Hours from the first alarm to onset; absent when no septic stay was alarmed by onset."`
}

// Quartiles are of hours.
type Quartiles struct {
	Count  int     `json:"count" doc:"Of how many stays."`
	Lower  *Figure `json:"lower,omitempty"`
	Median *Figure `json:"median,omitempty"`
	Upper  *Figure `json:"upper,omitempty"`
}

// GroupFigures are the figures of a part of the patients or of the hours. One that is undefined is absent, and so are all of a
// subgroup with fewer than 100 septic stays.
type GroupFigures struct {
	Name             string  `json:"name"`
	FromHour         int     `json:"from_hour,omitempty" doc:"Of phases: the first ICU hour."`
	ToHour           int     `json:"to_hour,omitempty" doc:"Of phases: the last ICU hour; absent when it is open."`
	Stays            int     `json:"stays"`
	SepticStays      int     `json:"septic_stays"`
	Hours            int     `json:"hours"`
	Utility          *Figure `json:"utility,omitempty"`
	AUROC            *Figure `json:"auroc,omitempty"`
	CalibrationSlope *Figure `json:"calibration_slope,omitempty"`
	Sensitivity      *Figure `json:"sensitivity,omitempty" doc:"Of hours, at the threshold of watch."`
	Specificity      *Figure `json:"specificity,omitempty"`
	PPV              *Figure `json:"ppv,omitempty"`
}

// Subgroups are parts of the patients that are held side by side.
type Subgroups struct {
	Name   string         `json:"name"`
	Groups []GroupFigures `json:"groups"`
}

// Elsewhere is how a model does at a hospital that it has not learnt from.
type Elsewhere struct {
	From    string  `json:"from"`
	To      string  `json:"to"`
	Recipe  string  `json:"recipe"`
	Utility *Figure `json:"utility,omitempty"`
	AUROC   *Figure `json:"auroc,omitempty"`
}
