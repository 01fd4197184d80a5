package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// labelColumn is the Challenge's outcome. Sending it would be telling the answer.
const labelColumn = "SepsisLabel"

// challengeNames maps the Challenge's columns, in lower case, to the API's names.
var challengeNames = func() map[string]string {
	names := map[string]string{}
	for _, info := range sepsis.Variables {
		names[strings.ToLower(info.Challenge)] = info.Name
	}
	for _, variable := range sepsis.StayVariables {
		names[strings.ToLower(variable.Challenge)] = variable.Name
	}
	return names
}()

// fhirHint is for those who send FHIR to the JSON API.
const fhirHint = "resources of FHIR go to POST " + evaluatePath

// hint tells which name was probably meant.
func (s *fieldSet) hint(name string) string {
	if name == labelColumn {
		return labelColumn + " is what the model foresees; leave it out"
	}
	if name == "resourceType" {
		return fhirHint
	}
	if sepsis.IsUnused(name) {
		return sepsis.UnusedAdvice
	}
	lower := strings.ToLower(name)
	meant, known := challengeNames[lower]
	if !known {
		meant = sepsis.NearestName(lower, s.names)
	}
	if slices.Contains(s.elsewhere, lower) || slices.Contains(s.elsewhere, meant) {
		return "it describes the stay; send it beside observations"
	}
	if meant == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", meant)
}
