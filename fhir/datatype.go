package fhir

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The parts of FHIR's data types that are read or written. Names and cardinalities are those of FHIR R4; what a type
// has beyond them is skipped when it is read.

// Coding is a code of a code system.
type Coding struct {
	System  string `json:"system,omitzero"`
	Code    string `json:"code,omitzero"`
	Display string `json:"display,omitzero"`
}

// CodeableConcept is a meaning, by codes, by text or by both.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitzero"`
}

// has tells whether one of the codings is that of a code system.
func (c CodeableConcept) has(system, code string) bool {
	for _, coding := range c.Coding {
		if coding.System == system && coding.Code == code {
			return true
		}
	}
	return false
}

// Identifier is a business name of a thing.
type Identifier struct {
	System string `json:"system,omitzero"`
	Value  string `json:"value,omitzero"`
}

// Reference points to a resource.
type Reference struct {
	Reference  string      `json:"reference,omitzero"`
	Identifier *Identifier `json:"identifier,omitzero"`
	Display    string      `json:"display,omitzero"`
}

// key is what two references to one resource share: "Patient/1", for a relative, an absolute and a versioned one, and
// the whole text of others, such as urn:uuid:… or #1.
func (r Reference) key() string { return keyOf(r.Reference) }

func keyOf(reference string) string {
	reference, _, _ = strings.Cut(reference, "/_history/")
	parts := strings.Split(reference, "/")
	if len(parts) < 2 || strings.HasPrefix(reference, "urn:") {
		return reference
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

// Period is a time with beginning and end; either may be missing.
type Period struct {
	Start string `json:"start,omitzero"`
	End   string `json:"end,omitzero"`
}

// Quantity is a measured amount. The value is kept as it was sent.
type Quantity struct {
	Value      jsontext.Value `json:"value,omitempty"`
	Comparator string         `json:"comparator,omitzero"`
	Unit       string         `json:"unit,omitzero"`
	System     string         `json:"system,omitzero"`
	Code       string         `json:"code,omitzero"`
}

// Code systems.
const (
	snomedSystem   = "http://snomed.info/sct"
	ucumSystem     = "http://unitsofmeasure.org"
	categorySystem = "http://terminology.hl7.org/CodeSystem/observation-category"
)
