// Package fhir translates between HL7 FHIR R4 (4.0.1) and the domain's types.
//
// In: a Bundle, or resources line by line, with one patient, becomes a stay by hours. Nothing is guessed: a value is
// used when its code, unit, time, status and subject say what it is; all else is named with its reason. What claims to
// be one of the vocabulary's measurements and cannot be true is a problem, as it is in the JSON API.
//
// Out: RiskAssessment, OperationOutcome and CapabilityStatement.
//
// docs/fhir.md tells users what is read, docs/adr has the reasons.
package fhir
