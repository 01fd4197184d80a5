package sepsis

import "unicode/utf8"

// Code names one kind of incoherence, for machines.
type Code string

// The codes of the 422 answer.
const (
	InvalidJSON                    Code = "invalid_json"
	DuplicateField                 Code = "duplicate_field"
	UnknownField                   Code = "unknown_field"
	WrongType                      Code = "wrong_type"
	MissingField                   Code = "missing_field"
	OutOfRange                     Code = "out_of_range"
	UnknownUnit                    Code = "unknown_unit"
	OutOfScope                     Code = "out_of_scope"
	TimeOrder                      Code = "time_order"
	AmbiguousForm                  Code = "ambiguous_form"
	DiastolicAboveSystolic         Code = "diastolic_above_systolic"
	MAPOutsidePressures            Code = "map_outside_pressures"
	DirectAboveTotalBilirubin      Code = "direct_above_total_bilirubin"
	BloodGasIncoherent             Code = "blood_gas_incoherent"
	HematocritHemoglobinIncoherent Code = "hematocrit_hemoglobin_incoherent"
	OnsetWithoutSepsis             Code = "onset_without_sepsis"
)

// CodeInfo tells what a code of one of the tables means.
type CodeInfo[C ~string] struct {
	Code C
	When string
}

// Codes is the one table of input errors, from which the API's description and the documents are made.
var Codes = []CodeInfo[Code]{
	{InvalidJSON, "not JSON, truncated, trailing data, invalid UTF-8, NaN or Infinity, a number that overflows a float64, an empty body, nested deeper than any valid body"},
	{DuplicateField, "the same name twice in one object"},
	{UnknownField, "a name that is not in the contract"},
	{WrongType, "a string for a number, a boolean, an array, a word that is not one of the choices"},
	{MissingField, "no age, no measurement at all, no icu_hour in an observation, a value without its unit"},
	{OutOfRange, "outside the hard range of the vocabulary"},
	{UnknownUnit, "a unit that this variable does not accept"},
	{OutOfScope, "age from 0 to under 18: the model is for adults"},
	{TimeOrder, "icu_hour repeated or going back, two observations in one hour"},
	{AmbiguousForm, "flat measurements and observations in one body"},
	{DiastolicAboveSystolic, "diastolic above systolic blood pressure in one observation"},
	{MAPOutsidePressures, "mean arterial pressure above systolic + 20 or below diastolic - 20 mmHg"},
	{DirectAboveTotalBilirubin, "direct bilirubin above total + 0.1 mg/dL in one observation"},
	{BloodGasIncoherent, "bicarbonate more than 15 mmol/L from what pH and PaCO2 imply (Henderson-Hasselbalch)"},
	{HematocritHemoglobinIncoherent, "hematocrit / hemoglobin outside 1.5 to 6"},
	{OnsetWithoutSepsis, "an outcome that tells the onset of a sepsis that there was not"},
}

// Problem is one thing that is wrong with what came in.
type Problem struct {
	Location string `json:"location"`        // where, such as body.observations[2].heart_rate
	Code     Code   `json:"code"`            // which kind
	Message  string `json:"message"`         // a sentence for humans
	Value    any    `json:"value,omitempty"` // what was sent, when it is a scalar
	Hint     string `json:"hint,omitempty"`  // how to cure it, when that can be told
}

// Clip cuts a text to the 64 characters that problems repeat of what was sent.
func Clip(text string) string {
	const longest = 64
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest-1]) + "…"
}

// WarningCode names one kind of doubt about accepted input.
type WarningCode string

// The warnings: common in real data, so not refused.
const (
	UnusualValue               WarningCode = "unusual_value"
	MAPBeyondPressures         WarningCode = "map_beyond_pressures"
	SaturationsDisagree        WarningCode = "saturations_disagree"
	EtCO2AbovePaCO2            WarningCode = "etco2_above_paco2"
	CalciumLooksIonised        WarningCode = "calcium_looks_ionised"
	NarrowPulsePressure        WarningCode = "narrow_pulse_pressure"
	LactateWithoutAcidosis     WarningCode = "lactate_without_acidosis"
	HemoglobinLowForHematocrit WarningCode = "hemoglobin_low_for_hematocrit"
	ICUHourUnknown             WarningCode = "icu_hour_unknown"
	ICUStartUncertain          WarningCode = "icu_start_uncertain"
	PatientDeceased            WarningCode = "patient_deceased"
	PatientInactive            WarningCode = "patient_inactive"
	ResultsWithheld            WarningCode = "results_withheld"
	TrainedOnSyntheticData     WarningCode = "trained_on_synthetic_data"
)

// WarningCodes is the one table of warnings.
var WarningCodes = []CodeInfo[WarningCode]{
	{UnusualValue, "a value outside its usual range: rarer than 1 in 1,000 in the training data"},
	{MAPBeyondPressures, "mean arterial pressure outside diastolic to systolic"},
	{SaturationsDisagree, "SpO2 and SaO2 more than 20 points apart: perhaps a venous sample"},
	{EtCO2AbovePaCO2, "EtCO2 more than 10 mmHg above PaCO2"},
	{CalciumLooksIonised, "calcium under 4 mg/dL, which is read as ionised calcium in mmol/L; or sent in mmol/L and at most 1.4, where ionised calcium lies, which is converted as total calcium"},
	{NarrowPulsePressure, "systolic less than 5 mmHg above diastolic blood pressure"},
	{LactateWithoutAcidosis, "lactate above 10 mmol/L with a base excess of at least -2 mmol/L: perhaps sent in mg/dL"},
	{HemoglobinLowForHematocrit, "hematocrit (%) more than 4 times hemoglobin (g/dL), and not so much more that it is refused: perhaps hemoglobin sent in mmol/L"},
	{ICUHourUnknown, "no icu_hour: the model relies on it"},
	{ICUStartUncertain, "FHIR: the Encounter's locations do not tell when intensive care began, so that its beginning was taken for that of intensive care"},
	{PatientDeceased, "FHIR: the Patient has died"},
	{PatientInactive, "FHIR: the Patient is not in active use: it may have been replaced by another, or entered in error"},
	{ResultsWithheld, "FHIR: an OperationOutcome beside the resources says that a search failed, or did not tell all"},
	{TrainedOnSyntheticData, "the model was trained on synthetic stays: for demonstration only"},
}

// ReasonCode names one cause to doubt an answer.
type ReasonCode string

// The reasons for which an answer is less reliable.
const (
	NoRecentVitals    ReasonCode = "no_recent_vitals"
	NoRecentLabs      ReasonCode = "no_recent_labs"
	TooLittleMeasured ReasonCode = "few_measurements"
	HourNotGiven      ReasonCode = "hour_unknown"
	NoHistory         ReasonCode = "no_history"
	UnlikeTraining    ReasonCode = "unlike_training"
)

// ReasonCodes is the one table of reasons to doubt an answer, with the level that each leads to.
var ReasonCodes = []CodeInfo[ReasonCode]{
	{NoRecentVitals, "no vital sign measured in the last 6 hours: indeterminate"},
	{NoRecentLabs, "no laboratory value in the last 24 hours: limited"},
	{TooLittleMeasured, "fewer than 5 different measurements in the last 24 hours: limited"},
	{HourNotGiven, "no icu_hour, on which the model relies: limited"},
	{NoHistory, "a single observation, later than the first hour: limited"},
	{UnlikeTraining, "what is known, or which of it, is as unusual as in fewer than 1 in 100 hours of the training data: limited; in fewer than 1 in 1,000: indeterminate"},
}

// Warning is one doubt about accepted input, or about the answer.
type Warning struct {
	Code     WarningCode `json:"code"`
	Location string      `json:"location"`
	Message  string      `json:"message"`
	Hint     string      `json:"hint,omitempty"` // how to cure it, when that can be told
}
