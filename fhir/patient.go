package fhir

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// maxReference is the longest reference of a patient, in bytes: that of patient_id in the JSON API.
const maxReference = 128

// thePatient is the one Patient of the resources; nil when there is none, or another than was asked for.
func (r *reader) thePatient() *patientEntry {
	if len(r.patients) == 0 && r.brokenPatient {
		return nil // which has been said
	}
	if r.patientDiffers {
		r.fatal("Patient", sepsis.MissingField, "the Patient was sent in versions that differ, and nothing tells which is newer", "send one of them, or meta.lastUpdated with each")
		return nil
	}
	if len(r.patients) == 0 {
		r.fatal("Patient", sepsis.MissingField, "there is no Patient", "send the Patient with birthDate and gender")
		return nil
	}
	patient := r.patients[0]
	if len(r.patients) > 1 {
		r.fatal(r.patients[1].path, SeveralPatients, "resources of more than one patient", "send one patient at a time")
		return nil
	}
	if want := r.options.Patient; want != "" && patient.ID != want {
		r.fatal(patient.path+".id", WrongPatient, "the Patient is not the one of the request", "")
		return nil
	}
	if patient.modified() {
		r.fatal(patient.path, UnknownModifier, "the Patient has a modifierExtension or implicitRules, which may turn its meaning round", "")
		return nil
	}
	r.Patient = referenceTo("Patient", patient.ID, patient.key)
	if len(r.Patient) > maxReference {
		r.fatal(patient.path+".id", sepsis.OutOfRange, "the id is longer than FHIR allows", "an id has at most 64 characters")
		return nil
	}
	return patient
}

// referenceTo is how an answer refers to a resource; empty when it cannot.
func referenceTo(kind, id, key string) string {
	if id != "" && !strings.HasPrefix(key, "urn:") {
		return kind + "/" + id
	}
	return key
}

// is tells whether a reference is to the Patient.
func (p *patientEntry) is(reference Reference) bool {
	key := reference.key()
	if key == "" && reference.Identifier != nil && reference.Identifier.Value != "" {
		return slices.Contains(p.Identifier, *reference.Identifier)
	}
	return key != "" && (key == p.key || p.ID != "" && key == "Patient/"+p.ID)
}

// ofPatient tells whether a reference is to the patient. What refers to another patient is a problem: one of the two
// is in the wrong place. A reference to nobody is none.
func (r *reader) ofPatient(subject Reference, patient *patientEntry, path string) (ours bool) {
	key := subject.key()
	switch {
	case patient.is(subject):
		return true
	case key == "" && subject.Identifier != nil:
		r.ignore(path, NoSubject, "its subject is an identifier that the Patient does not have")
		return false
	case key == "":
		r.leaveOut(path, NoSubject)
		return false
	}
	r.fatal(path+".subject", SeveralPatients, "it is of another patient than "+patient.path, "send one patient at a time")
	return false
}

// readPatient takes over what the Patient says. Age counts at the beginning of the stay.
func (r *reader) readPatient(patient *patientEntry) {
	r.Stay.PatientID = r.Patient
	r.readGender(patient)
	r.readWhetherAlive(patient)
	path := patient.path + ".birthDate"
	if patient.BirthDate == "" {
		r.fatal(path, sepsis.MissingField, "birthDate is required: the model needs the age", "send at least the year")
		return
	}
	if r.Admission.IsZero() {
		return // nothing was measured, which is said elsewhere
	}
	years, known := age(patient.BirthDate, r.Admission)
	switch {
	case !known:
		r.fatal(path, sepsis.WrongType, "birthDate is no date", "send YYYY-MM-DD, YYYY-MM or YYYY")
	case years < 0 || years > sepsis.MaxAge:
		r.fatal(path, sepsis.OutOfRange, fmt.Sprintf("an age of %g at the beginning of the stay is outside 0 to %d years", years, sepsis.MaxAge), "")
	case years < sepsis.AdultAge:
		r.fatal(path, sepsis.OutOfScope, fmt.Sprintf("the model is for adults: from %d years", sepsis.AdultAge), "")
	default:
		r.Stay.Age = years
	}
}

// readWhetherAlive looks at the elements by which FHIR says that a Patient is not to be taken as it stands: of one who has died
// nothing can be foreseen, but for what was before; one that is not in use may have been entered twice or in error.
func (r *reader) readWhetherAlive(patient *patientEntry) {
	if patient.Deceased || patient.DeceasedAt != "" {
		if r.options.Bedside {
			r.fatal(patient.path+".deceased", sepsis.OutOfScope, "the patient has died", "")
		}
		r.Warnings = append(r.Warnings, sepsis.Warning{Code: sepsis.PatientDeceased, Location: patient.path + ".deceased", Message: "the patient has died"})
	}
	if patient.Active != nil && !*patient.Active {
		r.Warnings = append(r.Warnings, sepsis.Warning{
			Code: sepsis.PatientInactive, Location: patient.path + ".active",
			Message: "the Patient is not in active use: it may have been replaced by another, or entered in error",
		})
	}
}

// readGender takes over the sexes that the model knows. The other codes of the value set, to which FHIR binds gender
// (http://hl7.org/fhir/ValueSet/administrative-gender), say that it is another one or not known; whatever else stands there is wrong.
func (r *reader) readGender(patient *patientEntry) {
	if patient.Gender == nil {
		return
	}
	switch gender := *patient.Gender; gender {
	case string(sepsis.Female), string(sepsis.Male):
		r.Stay.Sex = sepsis.Sex(gender)
	case "other", "unknown":
	default:
		r.problem(sepsis.Problem{
			Location: patient.path + ".gender", Code: sepsis.WrongType, Message: "gender is not one of the codes of FHIR's administrative-gender", Value: sepsis.Clip(gender),
			Hint: "send male, female, other or unknown, in lower case, or leave it out",
		})
	}
}
