package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/medtech-detect/sepsis"
)

type vocabularyCommand struct {
	FHIR bool `name:"fhir" help:"Print how FHIR resources are read instead: LOINC codes, units, reasons."`
}

// Run prints the vocabulary, the codes and the warnings as Markdown: docs/vocabulary.md, or docs/fhir-codes.md.
func (c vocabularyCommand) Run() error {
	if c.FHIR {
		return writeFHIRCodes(os.Stdout)
	}
	return writeVocabulary(os.Stdout)
}

func writeVocabulary(out io.Writer) error {
	var b strings.Builder
	b.WriteString("# Vocabulary\n\nMade by `sepsis data vocabulary` from `variable.go`, `stay.go` and `problem.go`; edit those.\n" +
		"What was corrected in the facts, and why: [vocabulary-notes.md](vocabulary-notes.md).\n\n## Measurements\n\n" +
		"| name | English | French | unit | also accepted | LOINC | hard range (else 422) | usual range (else a warning) | Challenge column |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, v := range sepsis.Variables {
		var accepted []string
		for _, c := range v.Accepted {
			accepted = append(accepted, "`"+string(c.From)+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s | %s | %g to %g | %g to %g | %s |\n", v.Name, v.English, v.French, v.Unit,
			strings.Join(accepted, " "), strings.Join(v.LOINC, " "), v.Hard.Min, v.Hard.Max, v.Usual.Min, v.Usual.Max, v.Challenge)
	}
	b.WriteString("\n## The stay\n\n| name | English | French | accepted | Challenge column |\n|---|---|---|---|---|\n")
	for _, v := range sepsis.StayVariables {
		accepted := fmt.Sprintf("%g to %g %s", v.Range.Min, v.Range.Max, v.Unit)
		if len(v.Choices) > 0 {
			accepted = "`" + strings.Join(v.Choices, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", v.Name, v.English, v.French, accepted, v.Challenge)
	}
	b.WriteString("\n## What is refused with 422\n\n| code | when |\n|---|---|\n")
	for _, c := range sepsis.Codes {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Code, c.When)
	}
	b.WriteString("\n## What is warned of\n\n| code | when |\n|---|---|\n")
	for _, w := range sepsis.WarningCodes {
		fmt.Fprintf(&b, "| `%s` | %s |\n", w.Code, w.When)
	}
	b.WriteString("\n## What makes an answer less reliable\n\n| reason | when |\n|---|---|\n")
	for _, r := range sepsis.ReasonCodes {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.Code, r.When)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
