package evaluate

import (
	"encoding/json"

	"github.com/medtech-detect/sepsis/challenge"
)

// ReportFormat is the version of the layout of [Report].
const ReportFormat = 2

// Report is everything that `sepsis evaluate` finds out: the JSON from which the report, the model card's figures and
// the checklist are made. Every estimate is a [Figure] with its interval; plain numbers are counts, settings, or
// points of a curve. What is undefined is null. A part whose study was not asked for, or
// cannot be carried out on these stays, is null or empty, and the study named in NotRun or NotMeasured.
type Report struct {
	Format  int      `json:"format"`
	Origin  Origin   `json:"origin"`
	Data    Data     `json:"data"`
	Options Settings `json:"options"`
	Methods []Method `json:"methods"`           // how each part was made, in the order of the parts
	NotRun  []string `json:"not_run,omitempty"` // studies that were not asked for
	// NotMeasured tells of studies that the stays are too few for, or tell too little for, why; they have no figures.
	NotMeasured map[string]string `json:"not_measured,omitempty"`
	HomeParts
	Served       *Evidence         `json:"served,omitempty"` // files as they are served, each on stays that it has not seen
	Transfers    []Transfer        `json:"transfers"`        // to a hospital of which the model has seen no label
	Families     []ModelFamily     `json:"families"`         // model families on the same folds
	Degraded     []Degraded        `json:"degraded"`         // less input than was recorded
	Ablation     *Ablation         `json:"ablation"`         // feature families left out
	WithoutHours *WithoutHours     `json:"without_hours"`    // trained without any feature that tells the time
	Reliability  []ReliabilityPart `json:"reliability"`      // how often each level of reliability is given, and what it is worth
	// Conformal is the coverage of the conformal check by itself: out of fold, and carried to another hospital.
	Conformal        []ConformalPart `json:"conformal"`
	ConformalCarried []ConformalPart `json:"conformal_carried"`
	// Recalibrated are transfers whose calibration and thresholds were fitted to the other hospital's labels.
	Recalibrated []Recalibrated `json:"recalibrated,omitempty"`
}

// HomeParts are the parts that are measured on the out-of-fold predictions of the cross-validation on all stays.
type HomeParts struct {
	AtHome      *Evidence            `json:"at_home"`     // pooled, each hospital, snapshots
	Baselines   []Baseline           `json:"baselines"`   // counting hours and bedside scores, on the same stays and folds
	Phases      []Phase              `json:"phases"`      // by hours since ICU admission
	Ward        []WardView           `json:"ward"`        // what a ward sees, at each operating point
	Hysteresis  []AlertVariant       `json:"hysteresis"`  // the alert by other rules at the same threshold
	Calibration []CalibrationDeciles `json:"calibration"` // pooled, then each hospital
	Decision    []DecisionCurve      `json:"decision"`    // pooled, then each hospital
	ROC         []Curve              `json:"roc"`         // x: 1 - specificity, y: sensitivity
	PR          []Curve              `json:"pr"`          // x: recall, y: precision
	Subgroups   []SubgroupSet        `json:"subgroups"`
	HourBands   []HourBand           `json:"hour_bands"` // discrimination among hours of about the same ICU time
	Importance  *Importance          `json:"importance"`
}

// Origin is what made the report.
type Origin struct {
	Command   string `json:"command"` // that makes the same figures again, with file names in place of paths
	Version   string `json:"version"` // of the program
	GoVersion string `json:"go_version"`
}

// Data describes the cohort.
type Data struct {
	Names       []string   `json:"names"`  // of the files or folders
	Digest      string     `json:"sha256"` // of all stays in them, whether sampled or not
	Synthetic   bool       `json:"synthetic"`
	Sample      int        `json:"sample,omitempty"` // at most so many stays of each hospital; 0: all
	Stays       int        `json:"stays"`
	SepticStays int        `json:"septic_stays"`
	Hours       int        `json:"hours"`
	SepticHours int        `json:"septic_hours"` // hours with the label
	Hospitals   []Hospital `json:"hospitals"`
}

// Published tells how many stays the Challenge has made public of the cohort's hospitals; none unless all are its training sets.
func (d *Data) Published() (stays int, known bool) {
	var names []string
	for _, h := range d.Hospitals {
		names = append(names, h.Name)
	}
	return challenge.Published(names...)
}

// OfChallenge tells whether the cohort is of the Challenge's training sets alone, so that what is known of these may be told of it.
func (d *Data) OfChallenge() bool {
	public, known := d.Published()
	return known && !d.Synthetic && d.Stays <= public
}

// Hospital is one part of the cohort.
type Hospital struct {
	Name        string `json:"name"`
	Stays       int    `json:"stays"`
	SepticStays int    `json:"septic_stays"`
	Hours       int    `json:"hours"`
	SepticHours int    `json:"septic_hours"`
}

// Published tells how many stays the Challenge has made public of the hospital, if it is one of its training sets.
func (h *Hospital) Published() (stays int, known bool) { return challenge.Published(h.Name) }

// Settings are what the figures depend on beside the data.
type Settings struct {
	Seed      uint64          `json:"seed"`
	Resamples int             `json:"resamples"` // bootstrap draws of an interval
	Training  json.RawMessage `json:"training"`  // model.Options of the full recipe
	Quick     json.RawMessage `json:"quick"`     // model.Options of the quick recipe of ablations
	QuickFold int             `json:"quick_folds"`
	Variants  []Variant       `json:"variants,omitempty"` // of the transfers, that are trained by another recipe
}

// Variant is a variant of the transfers with the recipe that it is trained by.
type Variant struct {
	Name    string          `json:"name"`
	Options json.RawMessage `json:"options"` // model.Options
}

// Method says how one part of the report was made.
type Method struct {
	Part string `json:"part"` // the part's name in JSON
	Text string `json:"text"`
}

// Transfer is a model trained on one hospital and measured on another, of which it has seen no label.
type Transfer struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Variant     string `json:"variant"`     // such as "as is"
	Description string `json:"description"` // what the variant does, and what it uses of the other hospital
	// Failed says why a variant could not be made, such as too little to learn from; there are no figures then.
	Failed string `json:"failed,omitempty"`
	// Group holds the figures on the other hospital, with the calibration and the threshold that the variant has. Its
	// hours rule is the best for the other hospital itself, so the strictest.
	Group           Group   `json:"group"`
	Threshold       float64 `json:"threshold"`      // of the variant
	OracleUtility   *Figure `json:"oracle_utility"` // with the threshold that is best for the other hospital
	OracleThreshold float64 `json:"oracle_threshold"`
	HoursRuleHour   float64 `json:"hours_rule_hour"`        // the hour of Group.HoursRule
	HoursRuleFrom   *Figure `json:"hours_rule_source"`      // utility of the hours rule that is best for the first hospital
	OverHoursRule   *Figure `json:"utility_over_hours"`     // utility less that of the best hours rule, paired
	OverAsIs        *Figure `json:"utility_over_as_is"`     // utility less that of the variant "as is", paired; null for itself
	AUROCOverAsIs   *Figure `json:"auroc_over_as_is"`       // likewise
	HomeUtility     *Figure `json:"home_utility,omitempty"` // of the same hospital in cross-validation on both; from the report's at_home
	// Ward is what the other hospital's wards would see at each operating point that was carried there.
	Ward []WardView `json:"ward,omitempty"`
}

// Recalibrated is a carried model whose calibration and thresholds were fitted to labelled stays of the other hospital, as
// `sepsis model recalibrate` does. They are fitted to stays of each half of the hospital and measured on the other half, so that no
// figure is measured on what it was fitted to. Before and after are of the same stays; differences are after less before, paired.
type Recalibrated struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Variant string `json:"variant"` // of the transfer
	Asked   int    `json:"asked"`   // stays of each half that it was fitted to; 0: all of the half
	// Fitted and Septic count the stays of adults that each half's operating points were fitted to.
	Fitted [2]int `json:"fitted"`
	Septic [2]int `json:"fitted_septic"`
	// Failed says why it could not be fitted, such as too few septic stays; there are no figures then.
	Failed string            `json:"failed,omitempty"`
	Before *RecalibratedSide `json:"before"`
	After  *RecalibratedSide `json:"after"`

	UtilityDifference     *Figure `json:"utility_difference"`
	SlopeDifference       *Figure `json:"calibration_slope_difference"`
	InLargeDifference     *Figure `json:"calibration_in_the_large_difference"`
	BrierDifference       *Figure `json:"brier_difference"`
	AlertPPVDifference    *Figure `json:"alert_ppv_difference"`          // of StayPPV
	AlertPPVAtDifference  *Figure `json:"alert_ppv_adjusted_difference"` // of StayPPVAdjusted
	SensitivityDifference *Figure `json:"alert_sensitivity_difference"`  // of StaySensitivity
}

// RecalibratedSide is one side of a [Recalibrated].
type RecalibratedSide struct {
	Group Group    `json:"group"` // at the watch-list threshold
	Alert WardView `json:"alert"`
}

// Baseline is a simple rule on the same stays. Its threshold is chosen on the other folds, as the model's is.
type Baseline struct {
	Name     string `json:"name"`     // icu_hours, qsofa, sirs, sofa, news2
	English  string `json:"english"`  // in full
	Hospital string `json:"hospital"` // pooled, or the hospital
	// Known is the share of hours in which the score has at least one known part; unknown never alarms and ranks lowest.
	Known         float64   `json:"known"`
	Thresholds    []float64 `json:"thresholds"` // of each fold
	Utility       *Figure   `json:"utility"`
	AUROC         *Figure   `json:"auroc"`
	AUPRC         *Figure   `json:"auprc"`
	ModelUtility  *Figure   `json:"model_over_utility"` // the model's utility less this one, paired
	ModelAUROC    *Figure   `json:"model_over_auroc"`
	ModelAUPRC    *Figure   `json:"model_over_auprc"`
	AtSensitivity *Figure   `json:"sensitivity"` // of hours, at the thresholds
	AtSpecificity *Figure   `json:"specificity"`
}

// ModelFamily is one kind of model on the same folds and features.
type ModelFamily struct {
	Name         string  `json:"name"`
	Description  string  `json:"description"`
	Groups       []Group `json:"groups"`             // pooled first, then each hospital
	OverUtility  *Figure `json:"utility_difference"` // pooled utility less that of the first family, paired; null for itself
	OverAUROC    *Figure `json:"auroc_difference"`
	OverAUPRC    *Figure `json:"auprc_difference"`
	TrainSeconds float64 `json:"train_seconds"` // wall time, all folds
	Bytes        int     `json:"bytes"`         // of the model
}

// Phase is a part of the ICU time. Figures over whole stays (stay_sensitivity, stay_false_alarm) are null.
type Phase struct {
	FromHour int `json:"from_hour"` // first ICU hour
	ToHour   int `json:"to_hour"`   // last ICU hour; 0: open
	// Group is of the hours in the phase. Its utility is the share of what was to be had in these hours.
	Group Group `json:"group"`
	// PrevalenceBrier is the Brier score of always answering with the phase's own prevalence, the best constant.
	PrevalenceBrier *Figure `json:"prevalence_brier"`
	// BrierSkill is 1 - brier / prevalence_brier: above 0 the model is better than that constant.
	BrierSkill *Figure `json:"brier_skill"`
}

// WardView is what a ward sees at one operating point. An episode is an unbroken run of alarm hours. Time is counted
// from the hour of the alarm to onset, which is 6 hours after the first labelled hour. Window means: from 12
// hours before onset to 3 hours after it, where the Challenge rewards an alarm.
type WardView struct {
	Hospital  string `json:"hospital"` // pooled, or the hospital
	Point     string `json:"operating_point"`
	Choice    string `json:"choice"` // how its threshold was chosen
	Stays     int    `json:"stays"`
	Septic    int    `json:"septic_stays"`
	Hours     int    `json:"hours"`
	Episodes  int    `json:"episodes"`
	AlarmHour int    `json:"alarm_hours"`
	// OnsetUnknown counts the septic stays that have the label from their first hour on: the onset may be earlier.
	OnsetUnknown int `json:"septic_stays_onset_unknown"`

	StaySensitivity *Figure `json:"stay_sensitivity"` // septic stays with an alarm at or before onset, however early
	StayTimely      *Figure `json:"stay_timely"`      // septic stays with an alarm in the window
	StaySepticEver  *Figure `json:"stay_septic_ever"` // septic stays with an alarm at any time
	StaySpecificity *Figure `json:"stay_specificity"` // other stays without any alarm
	// StaySensitivityKnown leaves out the septic stays whose onset is unknown.
	StaySensitivityKnown *Figure `json:"stay_sensitivity_onset_known"`
	// StayPPV: among stays with any alarm, those with sepsis and an alarm at or before onset.
	StayPPV *Figure `json:"stay_ppv"`
	// StayPPVAdjusted is StayPPV if a share of AdjustedTo of the stays were septic, by Bayes' rule in each draw.
	StayPPVAdjusted *Figure `json:"stay_ppv_adjusted"`
	AdjustedTo      float64 `json:"adjusted_to_prevalence"`
	// EpisodePPV: episodes of which some hour lies in the window.
	EpisodePPV *Figure `json:"episode_ppv"`
	// EpisodeTimely: episodes that begin in the window.
	EpisodeTimely *Figure `json:"episode_timely"`
	HourPPV       *Figure `json:"hour_ppv"` // alarm hours with the label
	// Episodes for each 24 hours of observed stay.
	AlarmsPerPatientDay *Figure `json:"alarms_per_patient_day"`
	// Share of observed time in alarm.
	AlarmTime *Figure `json:"alarm_time"`
	// Episodes without any hour in the window, for each hour of observed stay.
	FalseAlarmsPerPatientHour *Figure `json:"false_alarms_per_patient_hour"`
	// Hours from the first alarm to onset, of the septic stays with an alarm at or before onset.
	LeadTime *Quartiles `json:"lead_time"`
	// LeadTimeCurrent counts from the beginning of the episode that is under way at onset, or is the last one before it.
	LeadTimeCurrent *Quartiles `json:"lead_time_current"`
	// LeadTimeKnown is LeadTime without the stays whose onset is unknown.
	LeadTimeKnown *Quartiles `json:"lead_time_onset_known"`
}

// AlertVariant is another rule at the threshold of the alert, beside the one that serves (sepsis.AlertRule), on the
// same stays. Differences are this rule less the one that serves, paired.
type AlertVariant struct {
	Hospital            string  `json:"hospital"` // pooled, or the hospital
	Name                string  `json:"name"`
	Description         string  `json:"description"`
	AlarmsPerPatientDay *Figure `json:"alarms_per_patient_day"`
	StaySensitivity     *Figure `json:"stay_sensitivity"`
	StayTimely          *Figure `json:"stay_timely"`
	StaySpecificity     *Figure `json:"stay_specificity"`
	EpisodePPV          *Figure `json:"episode_ppv"`
	AlarmTime           *Figure `json:"alarm_time"`

	AlarmsDifference      *Figure `json:"alarms_difference"`
	SensitivityDifference *Figure `json:"sensitivity_difference"`
	TimelyDifference      *Figure `json:"timely_difference"`
	SpecificityDifference *Figure `json:"specificity_difference"`
	EpisodePPVDifference  *Figure `json:"episode_ppv_difference"`
	AlarmTimeDifference   *Figure `json:"alarm_time_difference"`
}

// Quartiles describe a distribution, each with its interval.
type Quartiles struct {
	Count  int     `json:"count"`
	Lower  *Figure `json:"lower"`
	Median *Figure `json:"median"`
	Upper  *Figure `json:"upper"`
}

// CalibrationDeciles is a calibration curve in ten groups of hours.
type CalibrationDeciles struct {
	Hospital  string            `json:"hospital"` // pooled, or the hospital
	Slope     *Figure           `json:"slope"`
	Intercept *Figure           `json:"intercept_in_the_large"`
	Bins      []CalibrationPart `json:"bins"` // by rising probability
	// Top divides the highest tenth of the hours more finely, for there decisions are made.
	Top []CalibrationPart `json:"top,omitempty"`
	// Smoothed is the curve without bins.
	Smoothed *SmoothedCalibration `json:"smoothed,omitempty"`
}

// SmoothedCalibration tells how far risks are from the shares of hours with the label that a local regression finds at them (Austin and Steyerberg 2019,
// doi:10.1002/sim.8281).
type SmoothedCalibration struct {
	Index     *Figure         `json:"integrated_calibration_index"` // mean distance, over all hours
	Watched   *Figure         `json:"index_of_the_watch_list"`      // mean distance, over the hours on the watch list
	Median    *Figure         `json:"e50"`                          // of the distances
	Ninetieth *Figure         `json:"e90"`                          // of the distances, nine tenths of which are smaller
	Points    []SmoothedPoint `json:"points"`
}

// SmoothedPoint is one point of a smoothed calibration curve.
type SmoothedPoint struct {
	Predicted float64 `json:"predicted"`
	Observed  *Figure `json:"observed"`
}

// CalibrationPart is one part of the hours.
type CalibrationPart struct {
	Low       float64 `json:"low"`  // lowest probability
	High      float64 `json:"high"` // highest probability
	Hours     int     `json:"hours"`
	Predicted float64 `json:"predicted"` // mean probability
	Observed  *Figure `json:"observed"`  // share of hours with the label
}

// DecisionCurve is the net benefit over threshold probabilities (Vickers and Elkin 2006,
// doi:10.1177/0272989X06295361): true positives less false positives weighed by the odds of the threshold, for each hour.
type DecisionCurve struct {
	Hospital string          `json:"hospital"` // pooled, or the hospital
	Points   []DecisionPoint `json:"points"`   // by rising threshold
}

// DecisionPoint is the net benefit at one threshold probability. That of alarming nobody is 0.
type DecisionPoint struct {
	Threshold float64 `json:"threshold"`
	Model     *Figure `json:"model"`
	All       *Figure `json:"all"`       // alarming everybody
	Advantage *Figure `json:"advantage"` // the model less the better of all and none, paired
}

// Curve is a curve of at most 200 points.
type Curve struct {
	Name   string       `json:"name"`  // pooled, or the hospital
	Area   *Figure      `json:"area"`  // AUROC or AUPRC
	Level  float64      `json:"level"` // prevalence, which is the precision of chance
	Points []CurvePoint `json:"points"`
}

// CurvePoint is one point of a curve, at the threshold at or above which an hour counts as positive.
type CurvePoint struct {
	X         float64 `json:"x"`
	Y         float64 `json:"y"`
	Threshold float64 `json:"threshold"`
}

// SubgroupSet divides the cohort by one characteristic.
type SubgroupSet struct {
	Name string `json:"name"` // such as "age"
	// ByHour tells that hours are divided and not stays; figures over whole stays are then null.
	ByHour  bool     `json:"by_hour"`
	Groups  []Group  `json:"groups"`
	Omitted []string `json:"omitted,omitempty"` // parts in which septic or other hours are missing
}

// HourBand compares model and clock within a band of ICU hours, where the clock has less to tell.
type HourBand struct {
	FromHour    int     `json:"from_hour"`
	ToHour      int     `json:"to_hour"` // 0: open
	Hours       int     `json:"hours"`
	SepticHours int     `json:"septic_hours"`
	Model       *Figure `json:"model_auroc"`
	Clock       *Figure `json:"hours_auroc"` // AUROC of the ICU hour alone
	Over        *Figure `json:"over_hours"`  // difference, paired
	ModelAUPRC  *Figure `json:"model_auprc"`
	Prevalence  float64 `json:"prevalence"`
	ClockAUPRC  *Figure `json:"hours_auprc"`
	OverAUPRC   *Figure `json:"over_hours_prec"` // difference in AUPRC, paired
	// The utility that was to be had in the band: the share that the model gets, that which counting hours gets by the best hour
	// of the whole cohort, and the difference, paired.
	ModelUtility *Figure `json:"model_utility,omitempty"`
	ClockUtility *Figure `json:"hours_utility,omitempty"`
	OverUtility  *Figure `json:"over_hours_utility,omitempty"`
}

// Degraded is the model at less input than was recorded.
type Degraded struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Group       Group   `json:"group"`
	Utility     *Figure `json:"utility_difference"` // less that of full input on the same hours, paired
	AUROC       *Figure `json:"auroc_difference"`
	// The ICU hour alone on the same hours, and how far the model is above it, paired; poorer input does not hide the clock from who counts hours.
	ClockAUROC     *Figure `json:"hours_auroc,omitempty"`
	OverHoursAUROC *Figure `json:"auroc_over_hours,omitempty"`
}

// Ablation trains anew without each group of families of features, by the quick recipe.
type Ablation struct {
	Recipe    string         `json:"recipe"`              // in words
	Trainings int            `json:"trainings,omitempty"` // by different seeds, of each side; 0: one, in older reports
	Full      Ablated        `json:"full"`                // nothing left out
	Parts     []AblationPart `json:"parts"`
}

// OverTrainings is how far a difference depends on the training.
type OverTrainings struct {
	Each []float64 `json:"each"` // the difference of each training, both sides by the same seed
	Mean *Figure   `json:"mean"` // with Student's 95 % interval over the trainings, the stays held fixed
}

// AblationPart is what is lost without a group of families of features.
type AblationPart struct {
	Family  string `json:"family"`
	Meaning string `json:"meaning"`
	Ablated
	UtilityDifference *Figure `json:"utility_difference"` // without the family less with all, paired: below 0 the family helps
	AUROCDifference   *Figure `json:"auroc_difference"`
	AUPRCDifference   *Figure `json:"auprc_difference"`
	// The same differences by training; null in older reports, which have one training.
	UtilityTrainings *OverTrainings `json:"utility_difference_trainings,omitempty"`
	AUROCTrainings   *OverTrainings `json:"auroc_difference_trainings,omitempty"`
	AUPRCTrainings   *OverTrainings `json:"auprc_difference_trainings,omitempty"`
}

// Ablated are the figures of one set of features by the quick recipe: means over its trainings.
type Ablated struct {
	Features int     `json:"features"` // that it was trained with
	Utility  *Figure `json:"utility"`
	AUROC    *Figure `json:"auroc"`
	AUPRC    *Figure `json:"auprc"`
	Brier    *Figure `json:"brier"`
}

// WithoutHours trains anew without any feature that tells the time since admission, by the quick recipe.
type WithoutHours struct {
	Recipe            string     `json:"recipe"`
	Removed           []string   `json:"removed"` // the features left out
	With              Ablated    `json:"with"`
	Without           Ablated    `json:"without"`
	UtilityDifference *Figure    `json:"utility_difference"` // without less with, paired
	AUROCDifference   *Figure    `json:"auroc_difference"`
	Clock             *Figure    `json:"hours_utility"`      // of the best hours rule on the same stays
	OverClock         *Figure    `json:"utility_over_hours"` // without less hours rule, paired
	Bands             []HourBand `json:"bands"`              // of the model without, in its first training
	Hints             []TimeHint `json:"hints"`              // the features left that go most with the time
	// As in [AblationPart].
	UtilityTrainings *OverTrainings `json:"utility_difference_trainings,omitempty"`
	AUROCTrainings   *OverTrainings `json:"auroc_difference_trainings,omitempty"`
}

// TimeHint is how a feature goes with the ICU hour in the first day: 0 not at all, 1 or -1 always.
type TimeHint struct {
	Feature     string  `json:"feature"`
	Correlation *Figure `json:"rank_correlation"` // Spearman, over the hours in which the feature is known
	Known       float64 `json:"known"`            // share of these hours
}

// Importance is what the trees split on.
type Importance struct {
	// Variables by falling share of the loss reduction of all splits. Their figures are the mean over the folds, with
	// the lowest and the highest fold in place of an interval.
	Variables []VariableImportance `json:"variables"`
	Families  []VariableImportance `json:"families"` // likewise, by family of features
	Features  []VariableImportance `json:"features"` // the 30 first features, likewise
}

// VariableImportance is the share of one clinical variable, or of a family, or of one feature.
type VariableImportance struct {
	Name     string  `json:"name"`
	English  string  `json:"english,omitempty"`
	Features int     `json:"features"` // that are made from it
	Share    *Figure `json:"share"`    // 0 to 1
}

// ReliabilityPart is one level of reliability: how often it is given, and what the answers under it are worth.
type ReliabilityPart struct {
	Level string  `json:"level"`
	Share *Figure `json:"share"` // of hours
	Group Group   `json:"group"`
}

// AllHours names the input of which every hour is sent with its history; the other input is [NowOnly].
const AllHours = "all hours"

// ConformalPart is how often the conformal check (sepsis.UnlikeTraining) flags the hours of some stays.
type ConformalPart struct {
	From     string           `json:"from,omitempty"` // hospital whose stays the check was made of; empty: the other folds of all
	Hospital string           `json:"hospital"`       // pooled, or the hospital of the hours
	Input    string           `json:"input"`          // [AllHours] or [NowOnly]
	Stays    int              `json:"stays"`
	Hours    int              `json:"hours"`
	Levels   []ConformalLevel `json:"levels"`
}

// ConformalLevel holds the shares of hours that are flagged at one level. Were hours independent, and like those that
// the check was made of, each would be at most Nominal, but for chance.
type ConformalLevel struct {
	Nominal  float64 `json:"nominal"`
	All      *Figure `json:"all"`
	Labelled *Figure `json:"labelled"` // of the hours with the label
	Other    *Figure `json:"other"`    // of the hours without it
}
