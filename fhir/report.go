package fhir

import "fmt"

// maxIssues bounds the report of an answer. What is left out is counted.
const maxIssues = 10_000

// inputReport tells what became of what was sent: warnings, conversions, and all that was left out with the reason. What
// was used without a word stands in the basis.
func inputReport(a Assessment, reading *Reading) *OperationOutcome {
	issues := []Issue{{
		Severity: severityInformation, Code: "informational",
		Details: text(fmt.Sprintf("values used: %d, in hours with values: %d, left out: %d", len(reading.Used), len(reading.Stay.Observations), len(reading.Ignored))),
	}}
	for _, warning := range a.Warnings {
		issues = append(issues, Issue{
			Severity: severityWarning, Code: "business-rule", Details: coded(string(warning.Code), warning.Message), Diagnostics: warning.Hint, Expression: expression(warning.Location),
		})
	}
	if reading.Partial() {
		issues = append(issues, Issue{
			Severity: severityWarning, Code: "incomplete", Details: text("a searchset says that there is more, by further pages or by its total, which was not sent"),
		})
	}
	issues = append(issues, conversions(reading.Used)...)
	for _, ignored := range reading.Ignored {
		issues = append(issues, Issue{
			Severity: severityInformation, Code: infoOf(ignored.Reason).Issue, Details: coded(string(ignored.Reason), ignored.Message),
			Expression: expression(ignored.Path),
		})
	}
	if more := max(len(issues)-maxIssues, 0) + a.Unlisted; more > 0 {
		issues = append(issues[:min(len(issues), maxIssues)], Issue{
			Severity: severityInformation, Code: "incomplete", Details: text(fmt.Sprintf("%d further issues are not listed", more)),
		})
	}
	return &OperationOutcome{ResourceType: "OperationOutcome", ID: "input", Issue: issues}
}

// conversions tells what was converted into another unit, and which values nobody has signed yet.
func conversions(used []Use) []Issue {
	var issues []Issue
	for _, use := range used {
		if use.Sent != "" {
			message := fmt.Sprintf("%s was converted to %s %s", use.Sent, number6(use.Value), use.Variable.Info().Unit)
			issues = append(issues, Issue{Severity: severityInformation, Code: "informational", Details: coded("converted", message), Expression: expression(use.Path)})
		}
		if use.Preliminary {
			issues = append(issues, Issue{
				Severity: severityInformation, Code: "informational", Details: coded("preliminary", "a preliminary value was used"), Expression: expression(use.Path),
			})
		}
	}
	return issues
}
