package sepsis

import "time"

// Monitoring is how what the service was sent and what it answered compares with the training of its model, and with
// what turned out to be true.
type Monitoring struct {
	Model       ModelInfo     `json:"model" doc:"The model that answers; all figures are of its predictions alone."`
	Since       time.Time     `json:"since" doc:"Since when drift is counted: the start of the service, or of the model's first answers."`
	Drift       []DriftWindow `json:"drift" doc:"One entry for each window of time that ends now."`
	Performance *Performance  `json:"performance,omitempty" doc:"Absent without an audit log, and until it was first read."`
}

// DriftWindow is the drift in a window of time.
type DriftWindow struct {
	Window      string  `json:"window" doc:"24h, 7d or 30d; whole hours of the clock."`
	Predictions int     `json:"predictions" doc:"How many were counted."`
	Score       Drift   `json:"score" doc:"Of the probability."`
	Inputs      []Drift `json:"inputs" doc:"Of each measurement: its latest value of 24 hours at the last observation, or that there is none."`
}

// DriftLevel says how far a distribution is from that of the training.
type DriftLevel string

// The levels. The bounds are those in common use for credit scores (Siddiqi 2006, Credit Risk Scorecards, ISBN
// 978-0-471-75451-0, chapter 13): up to 0.1 no change, up to 0.25 some, above it a shift.
const (
	StableDrift       DriftLevel = "stable"       // PSI below 0.1
	ModerateDrift     DriftLevel = "moderate"     // from 0.1
	LargeDrift        DriftLevel = "large"        // from 0.25
	InsufficientDrift DriftLevel = "insufficient" // too few predictions to tell drift from chance
	UnknownDrift      DriftLevel = "no_reference" // nothing is known of the training's distribution
)

// DriftLevels lists the levels.
var DriftLevels = []DriftLevel{StableDrift, ModerateDrift, LargeDrift, InsufficientDrift, UnknownDrift}

// Drift compares one distribution with that of the training.
type Drift struct {
	Name             string      `json:"name"`
	Level            DriftLevel  `json:"level"`
	PSI              *float64    `json:"psi" doc:"Population stability index, with missing as a bin of its own; null when it cannot be told."`
	Chance           *float64    `json:"chance" doc:"The PSI that chance alone exceeds once in 20 times, were predictions independent; those of one patient are not."`
	Missing          *Proportion `json:"missing,omitempty" doc:"In how many predictions it was not known; of inputs alone."`
	MissingReference *float64    `json:"missing_reference,omitempty" doc:"The share of training hours in which it was not known."`
}

// Proportion is a share with its 95 % interval (Wilson 1927, doi:10.1080/01621459.1927.10502953). Those of [PointInUse] and [InUse] are for as many predictions as those of the
// same patient are worth; others take what is counted as independent.
type Proportion struct {
	Count        int      `json:"count"`
	Of           int      `json:"of"`
	Value        *float64 `json:"value" doc:"null when there is nothing to divide by"`
	Low          *float64 `json:"low"`
	High         *float64 `json:"high"`
	Insufficient bool     `json:"insufficient" doc:"Fewer than 20 are counted, or more that are worth less, being of few patients: the standard error may exceed 0.1."`
}

// Estimate is a figure with its 95 % interval.
type Estimate struct {
	Value        *float64 `json:"value" doc:"null when it cannot be told"`
	Low          *float64 `json:"low"`
	High         *float64 `json:"high"`
	Insufficient bool     `json:"insufficient" doc:"Too little is known for a figure that one may rely on."`
}

// Performance is what became of the model's predictions, by the outcomes that were told.
type Performance struct {
	AsOf        time.Time `json:"as_of" doc:"When the audit log was read; about once a minute."`
	From        time.Time `json:"from" doc:"Predictions from then on are counted."`
	Predictions int       `json:"predictions" doc:"How many of them were read, the newest first."`
	Truncated   bool      `json:"truncated" doc:"There are more; the oldest are left out."`
	Told        int       `json:"told" doc:"How many predictions with an outcome were read, the newest first, also such as are older than those above; watch_list, alert and calibration are of these."`
	// ToldTruncated is apart from Truncated: outcomes are few.
	ToldTruncated bool        `json:"told_truncated" doc:"There are more with an outcome; the oldest are left out."`
	Outcomes      Proportion  `json:"outcomes" doc:"Of how many of predictions the outcome was told. If it is told of some kinds of patients rather than of others, the figures below are of those."`
	WatchList     PointInUse  `json:"watch_list" doc:"Of prediction: Positive or Negative."`
	Alert         PointInUse  `json:"alert" doc:"Of alert: on or off."`
	Calibration   InUse       `json:"calibration"`
	Burden        AlarmBurden `json:"alarm_burden"`
}

// PointInUse is an operating point, by predictions, with intervals that know which are of one patient.
type PointInUse struct {
	Sensitivity Proportion `json:"sensitivity"`
	Specificity Proportion `json:"specificity"`
	PPV         Proportion `json:"ppv"`
}

// InUse is the calibration of the probabilities.
type InUse struct {
	Expected   *float64   `json:"expected" doc:"The mean probability of the predictions whose outcome was told."`
	Observed   Proportion `json:"observed" doc:"The share of them that were septic."`
	Slope      Estimate   `json:"slope" doc:"1 is best. Interval: bootstrap over patients. Below 100 septic and 100 other predictions, and 10 patients of either, insufficient."`
	InTheLarge Estimate   `json:"in_the_large" doc:"0 is best; above 0 the probabilities are too low. As the slope."`
}

// AlarmBurden is how often alerts begin. It is counted where both icu_hour and patient_id were sent.
type AlarmBurden struct {
	Patients      int      `json:"patients" doc:"Patients with an hour of the window."`
	PatientDays   float64  `json:"patient_days" doc:"Their different hours, by 24."`
	Alerts        int      `json:"alerts" doc:"Unbroken runs of their hours in which the alert was on."`
	PerPatientDay Estimate `json:"per_patient_day" doc:"Interval of Poisson counts (Garwood 1936), wider as far as patients differ more than by chance; below 10 patient-days, and of one patient, insufficient."`
	NotCounted    int      `json:"not_counted" doc:"Predictions without hour or patient."`
}
