package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// writeFHIRCodes writes docs/fhir-codes.md.
func writeFHIRCodes(out io.Writer) error {
	var b strings.Builder
	b.WriteString("# FHIR: codes, units, reasons\n\nMade by `sepsis data vocabulary --fhir` from `variable.go`, `problem.go` and `fhir/reason.go`; edit those. " +
		"How they are used: [fhir.md](fhir.md).\n\n## Observations\n\n" +
		"| LOINC | measurement | unit inside | converted from, with units of the same kind |\n|---|---|---|---|\n")
	for _, info := range sepsis.Variables {
		var units []string
		for _, unit := range info.Units() {
			units = append(units, "`"+string(unit)+"`")
		}
		fmt.Fprintf(&b, "| %s | `%s`: %s | `%s` | %s |\n", strings.Join(info.LOINC, ", "), info.Name, info.English, info.Unit, strings.Join(units, " "))
	}
	b.WriteString("\n## Why something is left out\n\nA lenient reading also gives the codes of problems below.\n\n| reason | when | issue type |\n|---|---|---|\n")
	for _, info := range fhir.Reasons {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", info.Reason, info.When, info.Issue)
	}
	b.WriteString("\n## Why a request is refused\n\nThe codes of the JSON API ([vocabulary.md](vocabulary.md)), and:\n\n| code | when |\n|---|---|\n")
	for _, info := range fhir.Codes {
		fmt.Fprintf(&b, "| `%s` | %s |\n", info.Code, info.When)
	}
	b.WriteString("\nLOINC codes and names: this material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. and the " +
		"LOINC Committee, and is available at no cost under the license at http://loinc.org/license. LOINC is a registered United States trademark of Regenstrief Institute, Inc.\n")
	_, err := io.WriteString(out, b.String())
	return err
}
