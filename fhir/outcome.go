package fhir

import (
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// MediaType is the type of FHIR resources as JSON.
const MediaType = "application/fhir+json"

// canonical is the beginning of the names of our own code systems and extensions. They are names, and need not lead
// anywhere.
const canonical = "https://github.com/medtech-detect/sepsis/fhir/"

// Code systems of our own.
const (
	problemSystem = canonical + "CodeSystem/problem" // codes of package sepsis, Codes and Reasons
	labelSystem   = canonical + "CodeSystem/label"   // Positive and Negative
)

// OperationOutcome tells what went wrong, or what is to be known about what went right.
type OperationOutcome struct {
	ResourceType string  `json:"resourceType"`
	ID           string  `json:"id,omitzero"`
	Issue        []Issue `json:"issue"`
}

// Issue is one entry of an OperationOutcome.
type Issue struct {
	Severity    string           `json:"severity"`
	Code        string           `json:"code"`
	Details     *CodeableConcept `json:"details,omitzero"`
	Diagnostics string           `json:"diagnostics,omitzero"`
	Expression  []string         `json:"expression,omitempty"`
}

// Severities.
const (
	severityError       = "error"
	severityWarning     = "warning"
	severityInformation = "information"
)

// issueTypes give each code of a problem the code of FHIR's issue-type value set.
var issueTypes = map[sepsis.Code]string{
	sepsis.InvalidJSON: "structure", sepsis.DuplicateField: "structure", sepsis.UnknownField: "structure", sepsis.WrongType: "structure",
	sepsis.MissingField: "required", sepsis.OutOfRange: "value", sepsis.UnknownUnit: "code-invalid", sepsis.OutOfScope: "business-rule",
	sepsis.TimeOrder: "business-rule", sepsis.AmbiguousForm: "multiple-matches", sepsis.DiastolicAboveSystolic: "invariant",
	sepsis.MAPOutsidePressures: "invariant", sepsis.DirectAboveTotalBilirubin: "invariant", sepsis.BloodGasIncoherent: "invariant",
	sepsis.HematocritHemoglobinIncoherent: "invariant",
	SeveralPatients:                       "multiple-matches", SeveralEncounters: "multiple-matches", WrongPatient: "business-rule", UnknownEncounter: "not-found", UnknownModifier: "extension",
}

// statusTypes give each status the code of FHIR's issue-type value set, for what is wrong with no element.
var statusTypes = map[int]string{
	401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported", 413: "too-long", 415: "not-supported",
	422: "invalid", 429: "throttled", 503: "transient",
}

// NewOutcome is the OperationOutcome of a refused request: every problem, or else the sentence that says what is wrong.
func NewOutcome(status int, detail string, problems []sepsis.Problem, omitted int) *OperationOutcome {
	outcome := &OperationOutcome{ResourceType: "OperationOutcome"}
	for _, problem := range problems {
		outcome.Issue = append(outcome.Issue, issueOf(problem))
	}
	if omitted > 0 {
		detail = fmt.Sprintf("%d further problems are not listed", omitted)
	}
	if len(outcome.Issue) == 0 || omitted > 0 {
		kind, known := statusTypes[status]
		if !known {
			kind = "exception"
		}
		outcome.Issue = append(outcome.Issue, Issue{Severity: severityError, Code: kind, Details: text(detail)})
	}
	return outcome
}

func issueOf(problem sepsis.Problem) Issue {
	kind, known := issueTypes[problem.Code]
	if !known {
		kind = "processing"
	}
	return Issue{
		Severity: severityError, Code: kind, Details: coded(string(problem.Code), problem.Message), Diagnostics: problem.Hint,
		Expression: expression(problem.Location),
	}
}

// expression is the place as FHIRPath; none for what is no element of a resource.
func expression(location string) []string {
	if location == "" || location[0] < 'A' || location[0] > 'Z' {
		return nil
	}
	return []string{location}
}

func coded(code, message string) *CodeableConcept {
	return &CodeableConcept{Coding: []Coding{{System: problemSystem, Code: code}}, Text: message}
}

// text is a meaning without a code; nil without text.
func text(message string) *CodeableConcept {
	if message == "" {
		return nil
	}
	return &CodeableConcept{Text: message}
}
