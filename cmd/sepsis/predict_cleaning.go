package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// tellCleaning says, on standard error, which values were not used, column by column, and for how many stays the model is not made; these
// are predicted all the same, as the Challenge does.
func tellCleaning(cleaning *challenge.Cleaning) {
	if removed := cleaning.Removed(); removed > 0 {
		fmt.Fprintf(os.Stderr, "%d implausible values were taken as not measured:\n%s", removed, removals(cleaning))
	}
	if minors := cleaning.Count("Age", challenge.UnderAge); minors > 0 {
		fmt.Fprintf(os.Stderr, "%d stays are of patients under %d years, for whom the model is not made; their predictions say nothing\n", minors, sepsis.AdultAge)
	}
}

// removals has a line for each column and reason.
func removals(cleaning *challenge.Cleaning) string {
	var lines strings.Builder
	for _, finding := range cleaning.Findings {
		if finding.Reason.Kept() {
			continue
		}
		fmt.Fprintf(&lines, "  %s: %d %s", bothNames(finding.Column), finding.Count, finding.Reason)
		if finding.Reason == challenge.Reason(sepsis.OutOfRange) {
			lines.WriteString(otherUnits(cleaning, finding.Column))
		}
		lines.WriteByte('\n')
	}
	return lines.String()
}

// otherUnits says how many of the values look like those in another unit, and which one is expected.
func otherUnits(cleaning *challenge.Cleaning, column string) string {
	var words strings.Builder
	for _, found := range cleaning.OtherUnits {
		if found.Column == column {
			fmt.Fprintf(&words, ", %d of them look like %s", found.Count, found.Unit.Symbol())
		}
	}
	for _, info := range sepsis.Variables {
		if info.Challenge == column && words.Len() > 0 {
			fmt.Fprintf(&words, "; %s is expected", info.Unit.Symbol())
		}
	}
	return words.String()
}

// bothNames are the API's name and the Challenge's.
func bothNames(column string) string {
	name := column
	for _, info := range sepsis.Variables {
		if info.Challenge == column {
			name = info.Name
		}
	}
	for _, info := range sepsis.StayVariables {
		if info.Challenge == column {
			name = info.Name
		}
	}
	if name == column {
		return name
	}
	return name + " (" + column + ")"
}
