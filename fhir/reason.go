package fhir

import "github.com/medtech-detect/sepsis"

// Codes of problems that only FHIR can have. They stand beside those of package sepsis.
const (
	SeveralPatients   sepsis.Code = "several_patients"
	SeveralEncounters sepsis.Code = "several_encounters"
	WrongPatient      sepsis.Code = "wrong_patient"
	UnknownEncounter  sepsis.Code = "unknown_encounter"
	UnknownModifier   sepsis.Code = "unknown_modifier"
)

// Codes is the one table of them.
var Codes = []sepsis.CodeInfo[sepsis.Code]{
	{Code: SeveralPatients, When: "resources of more than one patient"},
	{Code: SeveralEncounters, When: "more than one Encounter could be the stay, and nothing tells which"},
	{Code: WrongPatient, When: "the Patient is not the one that the request speaks of"},
	{Code: UnknownEncounter, When: "the Encounter that the request names is not among the resources, or cannot be used"},
	{Code: UnknownModifier, When: "the Patient, or the Encounter that the request names, has a modifierExtension or implicitRules, which may turn its meaning round"},
}

// Reason says why something was not used. Beside these, a lenient reading also gives the codes of problems.
type Reason string

// The reasons.
const (
	NotRead           Reason = "not_read"
	UnmappedCode      Reason = "unmapped_code"
	AmbiguousCode     Reason = "ambiguous_code"
	NotFinal          Reason = "status"
	ModifierExtension Reason = "modifier_extension"
	NoSubject         Reason = "no_subject"
	OtherFocus        Reason = "other_focus"
	NoTime            Reason = "no_time"
	PartialTime       Reason = "partial_time"
	NoTimeZone        Reason = "no_time_zone"
	LongPeriod        Reason = "long_period"
	NoValue           Reason = "no_value"
	DataAbsent        Reason = "data_absent"
	Comparator        Reason = "comparator"
	NotAQuantity      Reason = "not_a_quantity"
	Panel             Reason = "panel"
	MemberMissing     Reason = "member_missing"
	Duplicate         Reason = "duplicate"
	Superseded        Reason = "superseded"
	Conflicting       Reason = "conflicting_versions"
	BeforeStay        Reason = "before_stay"
	AfterStay         Reason = "after_stay"
	InFuture          Reason = "in_future"
	NoResource        Reason = "no_resource"
	NotInpatient      Reason = "not_inpatient"
)

// ReasonInfo tells what a reason means, and the code of FHIR's issue-type value set that says it.
type ReasonInfo struct {
	Reason Reason
	When   string
	Issue  string
}

// Reasons is the one table of them.
var Reasons = []ReasonInfo{
	{NotRead, "a resource of a type that is not read", "not-supported"},
	{NoResource, "an entry without a resource, or one that deletes", "not-supported"},
	{UnmappedCode, "no LOINC code of the vocabulary", "not-supported"},
	{AmbiguousCode, "LOINC codes of different measurements, or 2708-6 with nothing that tells pulse oximetry from a blood gas", "multiple-matches"},
	{NotFinal, "its status is none of final, amended, corrected and preliminary: there is no result, or it is an error", "business-rule"},
	{ModifierExtension, "it has a modifierExtension or implicitRules, which may turn its meaning round", "extension"},
	{NoSubject, "it does not say of whom it is", "required"},
	{OtherFocus, "its focus is not known to be the Patient: it may have been measured on something else, such as a fetus or a donor", "business-rule"},
	{NoTime, "no effectiveDateTime, effectiveInstant or end of effectivePeriod, or one that cannot be read", "required"},
	{PartialTime, "its time is a day, a month or a year, and not an hour", "value"},
	{NoTimeZone, "its time has no time zone, or none of those from -14:00 to +14:00 that FHIR knows", "value"},
	{LongPeriod, "its effectivePeriod is longer than an hour, or ends before it begins", "value"},
	{NoValue, "it has no value", "informational"},
	{DataAbsent, "dataAbsentReason says that there is no value; with a value beside it, it is not believed", "informational"},
	{Comparator, "a value with <, <=, >= or > is a limit, and not a measured value", "value"},
	{NotAQuantity, "its value is not a Quantity", "not-supported"},
	{Panel, "a panel: its members are read on their own", "informational"},
	{MemberMissing, "a member of a panel that was not sent", "not-found"},
	{Duplicate, "the same resource was sent before", "duplicate"},
	{Superseded, "a newer version of the resource was sent", "duplicate"},
	{Conflicting, "versions of one resource differ, and meta.lastUpdated does not tell which is newer", "conflict"},
	{BeforeStay, "it was measured before the stay in intensive care began", "informational"},
	{AfterStay, "it was measured after the stay in intensive care ended", "informational"},
	{NotInpatient, "an Encounter of a class that is never intensive care: ambulatory, at home, virtual, in the field, emergency, before admission", "business-rule"},
	{InFuture, "its time lies after that of the request", "value"},
}

// infoOf is the entry of a reason. A code of a problem has none of its own.
func infoOf(reason Reason) ReasonInfo {
	for _, info := range Reasons {
		if info.Reason == reason {
			return info
		}
	}
	return ReasonInfo{Reason: reason, Issue: "value"}
}

// usedStatus are the statuses of a result that stands. A preliminary one is a measured value that nobody has signed yet;
// monitors in intensive care send nothing else.
var usedStatus = map[string]bool{"final": true, "amended": true, "corrected": true, "preliminary": true}
