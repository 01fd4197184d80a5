package fhir

import "time"

// CapabilityStatement says what a server can do.
type CapabilityStatement struct {
	ResourceType   string          `json:"resourceType"`
	Status         string          `json:"status"`
	Experimental   bool            `json:"experimental"`
	Date           string          `json:"date"`
	Kind           string          `json:"kind"`
	Software       software        `json:"software"`
	Implementation implementation  `json:"implementation"`
	FHIRVersion    string          `json:"fhirVersion"`
	Format         []string        `json:"format"`
	Rest           []restInterface `json:"rest"`
}

type software struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type implementation struct {
	Description string `json:"description"`
}

type restInterface struct {
	Mode          string         `json:"mode"`
	Documentation string         `json:"documentation"`
	Resource      []restResource `json:"resource"`
}

type restResource struct {
	Type          string          `json:"type"`
	Documentation string          `json:"documentation"`
	Operation     []restOperation `json:"operation"`
}

type restOperation struct {
	Name          string `json:"name"`
	Definition    string `json:"definition"`
	Documentation string `json:"documentation"`
}

// NewCapabilityStatement says what this service can do, as of a time.
func NewCapabilityStatement(version string, at time.Time) *CapabilityStatement {
	return &CapabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Experimental: true, Date: at.Format(time.RFC3339), Kind: "instance",
		Software:       software{Name: "sepsis", Version: version},
		Implementation: implementation{Description: "Foresees sepsis in adults in intensive care. " + researchOnly},
		FHIRVersion:    "4.0.1", Format: []string{MediaType, "json"},
		Rest: []restInterface{{
			Mode: "server", Documentation: "Nothing is stored as a FHIR resource and nothing can be searched: there is one operation.",
			Resource: []restResource{{
				Type: "RiskAssessment", Documentation: "The answer of the operation. Its id is that of the prediction in the audit log.",
				Operation: []restOperation{{
					Name: "evaluate", Definition: canonical + "OperationDefinition/RiskAssessment-evaluate",
					Documentation: "POST a Bundle (searchset, collection, transaction or document), Parameters that hold one, or resources as NDJSON: one Patient, " +
						"the Encounter and the Observations of a stay in intensive care. The answer is a RiskAssessment, or an OperationOutcome that lists all problems. " +
						"With Prefer: handling=lenient, values that cannot be true are left out and named instead.",
				}},
			}},
		}},
	}
}
