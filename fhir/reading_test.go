package fhir_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

func TestStay(t *testing.T) {
	r := fine(t, bundle(patientP, encounter, heartRate("o"), observed("l", "32693-4", "2021-06-01T08:00:00Z", 37, "mg/dL")))
	stay := r.Stay
	// 10:00+02:00 is the end of hour 2, 10:10 lies in hour 3: hour h is what lies above h-1 and at most h.
	if len(stay.Observations) != 2 || hourOf(t, r, 2)[sepsis.Lactate] != 37/9.008 || hourOf(t, r, 3)[sepsis.HeartRate] != 118 {
		t.Errorf("observations %+v", stay.Observations)
	}
	if stay.Age != 67 || stay.Sex != sepsis.Female || stay.ICUUnit != "" || !sepsis.IsMissing(stay.HoursBefore) || stay.PatientID != "Patient/p" {
		t.Errorf("stay %+v", stay)
	}
	if r.Encounter != "Encounter/e" || !r.Last.Equal(at(t, "2021-06-01T10:10:00+02:00")) || len(r.Used) != 2 || r.Used[0].Sent != "37 mg/dL" || len(r.Ignored) != 0 {
		t.Errorf("reading %+v", r)
	}
}

// TestLeftOut: each reason for which something is not used, and that it is not used.
func TestLeftOut(t *testing.T) {
	const quantity = `{"value":118,"system":"http://unitsofmeasure.org","code":"/min"`
	both := `valueQuantity=` + quantity + `}`
	cases := []struct {
		reason   fhir.Reason
		place    string
		resource string
	}{
		{fhir.NotRead, "", `{"resourceType":"Condition","id":"x","code":{"text":"sepsis"}}`},
		{fhir.UnmappedCode, "", heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"29463-7"}]}`)},
		{fhir.UnmappedCode, "", heartRate("x", `code={"coding":[{"system":"http://snomed.info/sct","code":"8867-4"}]}`)},
		{fhir.UnmappedCode, "", heartRate("x", `code={"coding":[{"code":"8867-4"}],"text":"Heart rate"}`)},
		{fhir.AmbiguousCode, "", heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"8867-4"},{"system":"http://loinc.org","code":"9279-1"}]}`)},
		{fhir.AmbiguousCode, "", observed("x", "2708-6", "2021-06-01T10:10:00+02:00", 95, "%")},
		{fhir.AmbiguousCode, "", heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"2708-6"}]}`, `specimen={"reference":"Specimen/1"}`,
			`category=[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}]`)},
		{fhir.NotFinal, "", heartRate("x", `status="entered-in-error"`)},
		{fhir.NotFinal, "", heartRate("x", `status="cancelled"`)},
		{fhir.NotFinal, "", heartRate("x", `status="registered"`)},
		{fhir.NotFinal, "", heartRate("x", `status="unknown"`)},
		{fhir.NotFinal, "", heartRate("x", `status=`)},
		{fhir.ModifierExtension, "", heartRate("x", `modifierExtension=[{"url":"http://example.org/not","valueBoolean":true}]`)},
		{fhir.ModifierExtension, "", heartRate("x", `implicitRules="http://example.org/rules"`)},
		{fhir.ModifierExtension, "", strings.NewReplacer(`"id":"e"`, `"id":"f","modifierExtension":[{"url":"http://example.org/not"}]`).Replace(encounter)},
		{fhir.ModifierExtension, "", `{"resourceType":"Location","id":"icu","implicitRules":"http://example.org/rules"}`},
		{fhir.ModifierExtension, ".component[0]", heartRate("x", `code={"text":"panel"}`, `valueQuantity=`, `component=[{"modifierExtension":[{"url":"http://example.org/not"}],
			"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg"}}]`)},
		{fhir.NoSubject, "", heartRate("x", `subject=`)},
		{fhir.NoSubject, "", heartRate("x", `subject={"identifier":{"system":"urn:x","value":"1"}}`)},
		{fhir.NoTime, "", heartRate("x", `effectiveDateTime=`)},
		{fhir.NoTime, "", heartRate("x", `effectiveDateTime=`, `issued="2021-06-01T10:10:00+02:00"`)},
		{fhir.NoTime, ".effective", heartRate("x", `effectiveDateTime="yesterday at T10"`)},
		{fhir.NoTime, ".effective", heartRate("x", `effectiveDateTime="2021-13-01T10:10:00Z"`)},
		{fhir.NoTime, ".effective", heartRate("x", `effectiveDateTime="0001-01-01T00:00:00Z"`)},
		{fhir.NoTime, ".effective.end", heartRate("x", `effectiveDateTime=`, `effectivePeriod={"start":"2021-06-01T10:10:00+02:00"}`)},
		{fhir.PartialTime, ".effective", heartRate("x", `effectiveDateTime="2021-06-01"`)},
		{fhir.PartialTime, ".effective", heartRate("x", `effectiveDateTime="2021-06"`)},
		{fhir.PartialTime, ".effective", heartRate("x", `effectiveDateTime="2021"`)},
		{fhir.NoTimeZone, ".effective", heartRate("x", `effectiveDateTime="2021-06-01T10:10:00"`)},
		{fhir.NoTimeZone, ".effective", heartRate("x", `effectiveDateTime="2021-06-01T23:10:00+14:01"`)},
		{fhir.NoTimeZone, ".effective", heartRate("x", `effectiveDateTime="2021-05-31T19:10-15:00"`)},
		{fhir.NoTimeZone, ".effective.end", heartRate("x", `effectiveDateTime=`, `effectivePeriod={"end":"2021-06-01T23:10:00+15:00"}`)},
		{fhir.LongPeriod, ".effective", heartRate("x", `effectiveDateTime=`, `effectivePeriod={"start":"2021-06-01T10:00:00Z","end":"2021-06-02T10:00:00Z"}`)},
		{fhir.LongPeriod, ".effective", heartRate("x", `effectiveDateTime=`, `effectivePeriod={"start":"2021-06-01T10:10:00Z","end":"2021-06-01T10:00:00Z"}`)},
		{fhir.NoValue, "", heartRate("x", `valueQuantity=`)},
		{fhir.NoValue, "", heartRate("x", `valueQuantity={"unit":"/min"}`)},
		{fhir.DataAbsent, "", heartRate("x", `valueQuantity=`, `dataAbsentReason={"text":"not measured"}`)},
		{fhir.DataAbsent, "", heartRate("x", both, `dataAbsentReason={"text":"error"}`)},
		{fhir.Comparator, ".value.comparator", heartRate("x", `valueQuantity=`+quantity+`,"comparator":"<"}`)},
		{fhir.NotAQuantity, ".value", heartRate("x", `valueQuantity=`, `valueString="118"`)},
		{fhir.NotAQuantity, ".value", heartRate("x", `valueQuantity=`, `valueInteger=118`)},
		{fhir.NotAQuantity, ".value", heartRate("x", both, `valueString="haemolysed"`)},
		{fhir.Panel, "", heartRate("x", `code={"text":"panel"}`, `valueQuantity=`, `hasMember=[{"reference":"Observation/o"}]`)},
		{fhir.Duplicate, "", heartRate("o")},
		{fhir.BeforeStay, ".value", heartRate("x", `effectiveDateTime="2021-06-01T07:59:59+02:00"`)},
		{fhir.NotInpatient, "", strings.NewReplacer("IMP", "AMB", `"e"`, `"f"`).Replace(encounter)},
	}
	for _, c := range cases {
		good := heartRate("o")
		r := fine(t, bundle(patientP, encounter, good, c.resource))
		want := fhir.Ignored{Path: "Bundle.entry[3].resource" + c.place, Reason: c.reason}
		if len(r.Ignored) != 1 || r.Ignored[0].Path != want.Path || r.Ignored[0].Reason != want.Reason || r.Ignored[0].Message == "" {
			t.Errorf("%s: left out %+v, want %+v", c.resource, r.Ignored, want)
		}
		if len(r.Used) != 1 || r.Used[0].Reference != "Observation/o" {
			t.Errorf("%s: used %+v", c.resource, r.Used)
		}
	}
}

func TestReasonsHaveTexts(t *testing.T) {
	seen := map[fhir.Reason]bool{}
	for _, info := range fhir.Reasons {
		if info.When == "" || info.Issue == "" || seen[info.Reason] {
			t.Errorf("reason %+v", info)
		}
		seen[info.Reason] = true
	}
}

// TestProblems: what claims to be a measurement and cannot be one, with the codes of the JSON API and the place.
func TestProblems(t *testing.T) {
	quantity := func(text string) string { return heartRate("x", "valueQuantity="+text) }
	pressures := heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"85354-9"}]}`, `valueQuantity=`, `component=[
		{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":80,"unit":"mmHg"}},
		{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":90,"unit":"mmHg"}}]`)
	cases := []struct {
		code     sepsis.Code
		place    string
		resource string
	}{
		{sepsis.OutOfRange, "Bundle.entry[3].resource.value.value", quantity(`{"value":301,"code":"/min"}`)},
		{sepsis.OutOfRange, "Bundle.entry[3].resource.value.value", observed("x", "8310-5", "2021-06-01T10:10:00+02:00", 101.3, "Cel")},
		{sepsis.UnknownUnit, "Bundle.entry[3].resource.value.code", quantity(`{"value":118,"code":"mg/dL"}`)},
		{sepsis.UnknownUnit, "Bundle.entry[3].resource.value.unit", quantity(`{"value":118,"unit":"beats"}`)},
		{sepsis.UnknownUnit, "Bundle.entry[3].resource.value.unit", heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"8310-5"}]}`, `valueQuantity={"value":38,"unit":"°F","code":"Cel"}`)},
		{sepsis.UnknownUnit, "Bundle.entry[3].resource.value.code", observed("x", "22664-7", "2021-06-01T10:10:00+02:00", 40, "mg/dL")},
		{sepsis.MissingField, "Bundle.entry[3].resource.value", quantity(`{"value":118}`)},
		{sepsis.WrongType, "Bundle.entry[3].resource.value.value", quantity(`{"value":"118","code":"/min"}`)},
		{sepsis.InvalidJSON, "Bundle.entry[3].resource.value.value", quantity(`{"value":1e999,"code":"/min"}`)},
		{sepsis.WrongType, "Bundle.entry[3].resource.status", heartRate("x", `status=5`)},
		{sepsis.WrongType, "Bundle.entry[3].resource.code.coding[0].code", heartRate("x", `code={"coding":[{"code":7}]}`)},
		{sepsis.WrongType, "Bundle.entry[3].resource", `{"id":"x"}`},
		{sepsis.WrongType, "Bundle.entry[3].resource", `[]`},
		{sepsis.DiastolicAboveSystolic, "Bundle.entry[3].resource.component[1].value", pressures},
		{fhir.SeveralPatients, "Bundle.entry[3].resource", strings.Replace(patientP, `"p"`, `"q"`, 1)},
		{fhir.SeveralPatients, "Bundle.entry[3].resource.subject", heartRate("x", `subject={"reference":"Patient/q"}`)},
		{fhir.SeveralEncounters, "Bundle.entry[3].resource", strings.Replace(encounter, `"e"`, `"f"`, 1)},
	}
	for _, c := range cases {
		r := read(bundle(patientP, encounter, heartRate("o"), c.resource))
		if len(r.Problems) != 1 || r.Problems[0].Code != c.code || r.Problems[0].Location != c.place || r.Problems[0].Message == "" {
			t.Errorf("%s: %+v, want %s at %s", c.resource, r.Problems, c.code, c.place)
		}
	}
}

// TestLenient: what cannot be true is left out with the code of its problem, and the rest is read.
func TestLenient(t *testing.T) {
	pressure := func(id, loinc string, value float64) string {
		return observed(id, loinc, "2021-06-01T10:10:00+02:00", value, "mm[Hg]")
	}
	r := lenient(bundle(patientP, encounter, heartRate("o"), observed("t", "8310-5", "2021-06-01T10:10:00+02:00", 101.3, "Cel"),
		observed("u", "32693-4", "2021-06-01T10:10:00+02:00", 3, "mg"), pressure("s", "8480-6", 80), pressure("d", "8462-4", 90)))
	var reasons []string
	for _, ignored := range r.Ignored {
		reasons = append(reasons, string(ignored.Reason))
	}
	slices.Sort(reasons)
	if got := strings.Join(reasons, " "); len(r.Problems) != 0 || got != "diastolic_above_systolic diastolic_above_systolic out_of_range unknown_unit" {
		t.Errorf("%+v, %s", r.Problems, got)
	}
	if values := hourOf(t, r, 3); values[sepsis.HeartRate] != 118 || values.Has(sepsis.SystolicBP) || values.Has(sepsis.DiastolicBP) || values.Has(sepsis.Temperature) || len(r.Used) != 1 {
		t.Errorf("values %v, used %+v", values, r.Used)
	}
}

// TestModifiers: a Patient or an Encounter that may mean something else is not taken as it stands.
func TestModifiers(t *testing.T) {
	for _, modifier := range []string{`"modifierExtension":[{"url":"http://example.org/not"}],"id"`, `"implicitRules":"http://example.org/rules","id"`} {
		patient, modified := strings.Replace(patientP, `"id"`, modifier, 1), strings.Replace(encounter, `"id"`, modifier, 1)
		for _, reading := range []*fhir.Reading{read(bundle(patient, encounter, heartRate("o"))), lenient(bundle(patient, encounter, heartRate("o")))} {
			if len(reading.Problems) != 1 || reading.Problems[0].Code != fhir.UnknownModifier || reading.Problems[0].Location != "Bundle.entry[0].resource" {
				t.Errorf("%s: %+v", modifier, reading.Problems)
			}
		}
		body := bundle(patientP, modified, heartRate("o"))
		if r := fine(t, body); r.Encounter != "" || len(r.Ignored) != 1 || r.Ignored[0].Reason != fhir.ModifierExtension || len(r.Warnings) != 1 {
			t.Errorf("%s: %+v", modifier, r)
		}
		if r := fhir.Read(fhir.Split([]byte(body)), fhir.Options{Encounter: "e"}); len(r.Problems) != 1 || r.Problems[0].Code != fhir.UnknownModifier {
			t.Errorf("%s: %+v", modifier, r.Problems)
		}
	}
}

// TestPatientWhoIsNotThere: who has died, or is not in use, is warned of; there is no answer at the bedside of the dead.
func TestPatientWhoIsNotThere(t *testing.T) {
	for element, c := range map[string]struct {
		code sepsis.WarningCode
		dead bool
	}{
		`"deceasedBoolean":true`: {sepsis.PatientDeceased, true}, `"deceasedDateTime":"2021-06-03"`: {sepsis.PatientDeceased, true},
		`"active":false`: {sepsis.PatientInactive, false}, `"active":true`: {}, `"deceasedBoolean":false`: {},
	} {
		body := bundle(strings.Replace(patientP, `"id"`, element+`,"id"`, 1), encounter, heartRate("o"))
		r := fine(t, body)
		if warned := len(r.Warnings) == 1 && r.Warnings[0].Code == c.code; warned != (c.code != "") || len(r.Used) != 1 {
			t.Errorf("%s: %+v", element, r.Warnings)
		}
		beside := fhir.Read(fhir.Split([]byte(body)), fhir.Options{Bedside: true})
		if refused := len(beside.Problems) == 1 && beside.Problems[0].Code == sepsis.OutOfScope; refused != c.dead {
			t.Errorf("%s: %+v", element, beside.Problems)
		}
	}
}

// TestGender: the codes of FHIR, and nothing that looks like them.
func TestGender(t *testing.T) {
	patient := func(gender string) string { return strings.Replace(patientP, `"gender":"female",`, gender, 1) }
	for gender, sex := range map[string]sepsis.Sex{
		`"gender":"male",`: sepsis.Male, `"gender":"female",`: sepsis.Female, `"gender":"other",`: "", `"gender":"unknown",`: "", `"gender":null,`: "", "": "",
	} {
		if r := fine(t, bundle(patient(gender), encounter, heartRate("o"))); r.Stay.Sex != sex || len(r.Ignored) != 0 {
			t.Errorf("%s: %q, %+v", gender, r.Stay.Sex, r.Ignored)
		}
	}
	for _, gender := range []string{"F", "Female", "M", "", "féminin"} {
		sent := bundle(patient(`"gender":"`+gender+`",`), encounter, heartRate("o"))
		if r := read(sent); len(r.Problems) != 1 || r.Problems[0].Code != sepsis.WrongType || r.Problems[0].Location != "Bundle.entry[0].resource.gender" || r.Problems[0].Value != gender {
			t.Errorf("%q: %+v", gender, r.Problems)
		}
		if r := lenient(sent); len(r.Problems) != 0 || r.Stay.Sex != "" || len(r.Ignored) != 1 || r.Ignored[0].Path != "Bundle.entry[0].resource.gender" {
			t.Errorf("%q: %+v, %+v", gender, r.Problems, r.Ignored)
		}
	}
}

// TestSaturations: LOINC 2708-6 has two meanings.
func TestSaturations(t *testing.T) {
	category := func(code string) string {
		return `category=[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"` + code + `"}]}]`
	}
	const (
		percent  = `valueQuantity={"value":95,"code":"%"}`
		alone    = `code={"coding":[{"system":"http://loinc.org","code":"2708-6"}]}`
		oximeter = `code={"coding":[{"system":"http://loinc.org","code":"2708-6"},{"system":"http://loinc.org","code":"59408-5"}]}`
	)
	for resource, want := range map[string]sepsis.Variable{
		heartRate("x", percent, alone, category("vital-signs")):                                                  sepsis.SpO2,
		heartRate("x", percent, alone, category("laboratory")):                                                   sepsis.SaO2,
		heartRate("x", percent, alone, `specimen={"reference":"Specimen/1"}`):                                    sepsis.SaO2,
		heartRate("x", percent, oximeter):                                                                        sepsis.SpO2, // as in HL7's example Observation/satO2
		heartRate("x", percent, `code={"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"20564-1"}]}`): sepsis.SaO2,
	} {
		if values := hourOf(t, fine(t, bundle(patientP, encounter, resource)), 3); values[want] != 95 {
			t.Errorf("%s: %v", resource, values)
		}
	}
}

// TestFocus: what was measured on something else than the Patient, such as a fetus, is not the Patient's.
func TestFocus(t *testing.T) {
	inside, ofThePatient := heartRate("m", "subject="), heartRate("m")
	for resource, used := range map[string]int{
		heartRate("x", `focus=[{"reference":"Patient/p"}]`):                                                              2,
		heartRate("x", `focus=[{"reference":"RelatedPerson/fetus"}]`):                                                    1,
		heartRate("x", `focus=[{"display":"fetus"}]`):                                                                    1,
		heartRate("x", `focus=[{"identifier":{"system":"urn:mrn","value":"42"}}]`):                                       2,
		heartRate("x", `focus=[{"identifier":{"system":"urn:mrn","value":"43"}}]`):                                       1,
		heartRate("x", `focus=[{"identifier":{"system":"urn:mrn"}}]`):                                                    1,
		heartRate("x", `focus=[{"reference":"Patient/p"},{"reference":"Patient/child"}]`):                                1,
		heartRate("x", `focus=[{"reference":"Patient/child"}]`, `code={"text":"panel"}`, `contained=[`+inside+`]`):       1,
		heartRate("x", `focus=[{"reference":"Patient/child"}]`, `code={"text":"panel"}`, `contained=[`+ofThePatient+`]`): 1,
	} {
		r := fine(t, bundle(strings.Replace(patientP, `"id"`, `"identifier":[{"system":"urn:mrn","value":"42"},{"system":"urn:mrn"}],"id"`, 1), encounter, heartRate("o"), resource))
		if len(r.Used) != used || used == 1 && (r.Ignored[len(r.Ignored)-1].Reason != fhir.OtherFocus || !strings.HasSuffix(r.Ignored[len(r.Ignored)-1].Path, ".focus")) {
			t.Errorf("%s: %+v, %+v", resource, r.Used, r.Ignored)
		}
	}
}

// TestSearchThatFellShort: what says beside the resources that something did not come is a warning; what says anything else is only named.
func TestSearchThatFellShort(t *testing.T) {
	outcome := func(severity, code string) string {
		return `{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"` + severity + `","code":"` + code + `"}]},"search":{"mode":"outcome"}}`
	}
	for entry, path := range map[string]string{
		outcome("error", "processing"):                                        "Bundle.entry[3].resource",
		outcome("warning", "suppressed"):                                      "Bundle.entry[3].resource",
		outcome("information", "incomplete"):                                  "Bundle.entry[3].resource",
		`{"response":{"status":"403 Forbidden"}}`:                             "Bundle.entry[3].response",
		`{"response":{"status":"504"},"resource":null}`:                       "Bundle.entry[3].response",
		outcome("warning", "not-supported"):                                   "",
		`{"response":{"status":"204 No Content"}}`:                            "",
		`{"response":{"status":"404 Not Found"},"resource":` + patientP + `}`: "",
	} {
		r := fine(t, strings.TrimSuffix(bundle(patientP, encounter, heartRate("o")), "]}")+","+entry+"]}")
		if warned := len(r.Warnings) == 1 && r.Warnings[0].Code == sepsis.ResultsWithheld && r.Warnings[0].Location == path; warned != (path != "") || len(r.Used) != 1 || len(r.Warnings)+len(r.Ignored) != 1 {
			t.Errorf("%s: %+v, %+v", entry, r.Warnings, r.Ignored)
		}
	}
}

// TestInvasivePressures: arterial lines have codes of their own.
func TestInvasivePressures(t *testing.T) {
	at := "2021-06-01T08:00:00Z"
	r := fine(t, bundle(patientP, encounter, observed("s", "76215-3", at, 120, "mm[Hg]"), observed("m", "76214-6", at, 80, "mm[Hg]"), observed("d", "76213-8", at, 60, "mm[Hg]")))
	if values := hourOf(t, r, 2); values[sepsis.SystolicBP] != 120 || values[sepsis.MeanArterialPressure] != 80 || values[sepsis.DiastolicBP] != 60 {
		t.Errorf("%v", values)
	}
}

// TestSystemsByOID: documents that were converted from HL7 v3 name LOINC and UCUM by their OIDs.
func TestSystemsByOID(t *testing.T) {
	r := fine(t, bundle(patientP, encounter, heartRate("x", `code={"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"8310-5"}]}`,
		`valueQuantity={"value":101.3,"unit":"degrees","system":"urn:oid:2.16.840.1.113883.6.8","code":"[degF]"}`)))
	if values := hourOf(t, r, 3); math.Abs(values[sepsis.Temperature]-38.5) > 1e-9 {
		t.Errorf("%v", values)
	}
}

// TestMedian: several values in an hour become their median, as in the Challenge's data.
func TestMedian(t *testing.T) {
	rate := func(id string, value int, minute int) string {
		return observed(id, "8867-4", fmt.Sprintf("2021-06-01T10:%02d:00+02:00", minute), float64(value), "/min")
	}
	three := fine(t, bundle(patientP, encounter, rate("a", 90, 5), rate("b", 200, 10), rate("c", 100, 59)))
	four := fine(t, bundle(patientP, encounter, rate("a", 90, 5), rate("b", 200, 10), rate("c", 100, 59), rate("d", 103, 1)))
	if hourOf(t, three, 3)[sepsis.HeartRate] != 100 || hourOf(t, four, 3)[sepsis.HeartRate] != 101.5 || len(four.Used) != 4 {
		t.Errorf("%+v, %+v", three.Stay, four.Stay)
	}
}

// TestVersions: the newest version of a resource counts; when nothing tells which that is, none does.
// TestCalciumByMoles: the unit of the value tells that an ionised calcium is converted as total calcium.
func TestCalciumByMoles(t *testing.T) {
	r := fine(t, bundle(patientP, encounter, observed("c", "2000-8", "2021-06-01T08:00:00Z", 1.15, "mmol/L"), observed("g", "2345-7", "2021-06-01T08:00:00Z", 2, "mmol/L")))
	if len(r.Warnings) != 2 || r.Warnings[0].Code != sepsis.CalciumLooksIonised || !strings.HasPrefix(r.Warnings[0].Message, "1.15 mmol/L looks like ionised") {
		t.Errorf("%+v", r.Warnings)
	}
	if glucose := r.Warnings[1]; glucose.Code != sepsis.UnusualValue || glucose.Hint != "" {
		t.Errorf("%+v", glucose)
	}
}

func TestVersions(t *testing.T) {
	version := func(value, updated string) string {
		meta := `meta=`
		if updated != "" {
			meta = `meta={"lastUpdated":"` + updated + `"}`
		}
		return heartRate("v", meta, `valueQuantity={"value":`+value+`,"code":"/min"}`)
	}
	older, newer := version("50", "2021-06-01T09:00:00Z"), version("90", "2021-06-01T09:30:00Z")
	for _, body := range []string{bundle(patientP, encounter, older, newer), bundle(patientP, encounter, newer, older)} {
		r := fine(t, body)
		if hourOf(t, r, 3)[sepsis.HeartRate] != 90 || len(r.Ignored) != 1 || r.Ignored[0].Reason != fhir.Superseded {
			t.Errorf("%+v, %+v", r.Stay, r.Ignored)
		}
	}
	r := read(bundle(patientP, encounter, heartRate("o"), version("50", ""), version("90", "")))
	if len(r.Ignored) != 2 || r.Ignored[0].Reason != fhir.Conflicting || hourOf(t, r, 3)[sepsis.HeartRate] != 118 {
		t.Errorf("%+v, %+v", r.Stay, r.Ignored)
	}
}

// TestTimes: the same moment in many spellings.
func TestTimes(t *testing.T) {
	for _, element := range []string{
		`effectiveDateTime="2021-06-01T10:10:00+02:00"`, `effectiveDateTime="2021-06-01T08:10:00Z"`, `effectiveDateTime="2021-06-01T08:10:00.000Z"`,
		`effectiveDateTime="2021-06-01T08:10Z"`, `effectiveDateTime="2021-06-01T08:09:60Z"`, `effectiveInstant="2021-06-01T03:10:00-05:00"`, `effectiveDateTime="2021-06-01T22:10:00+14:00"`, `effectiveDateTime="2021-05-31T18:10:00-14:00"`,
		`effectivePeriod={"start":"2021-06-01T08:00:00Z","end":"2021-06-01T08:10:00Z"}`, `effectivePeriod={"end":"2021-06-01T08:10:00Z"}`,
	} {
		r := fine(t, bundle(patientP, encounter, heartRate("o", "effectiveDateTime=", element)))
		if !r.Last.Equal(at(t, "2021-06-01T08:10:00Z")) {
			t.Errorf("%s is %s", element, r.Last)
		}
	}
}

func TestFuture(t *testing.T) {
	input := fhir.Split([]byte(bundle(patientP, encounter, heartRate("o"), heartRate("x", `effectiveDateTime="2021-06-02T10:10:00+02:00"`))))
	r := fhir.Read(input, fhir.Options{Now: at(t, "2021-06-01T12:00:00+02:00")})
	if len(r.Used) != 1 || len(r.Ignored) != 1 || r.Ignored[0].Reason != fhir.InFuture {
		t.Errorf("%+v", r)
	}
}

// TestWithoutEncounter: hours count from the first value, and a warning says so.
func TestWithoutEncounter(t *testing.T) {
	r := fine(t, bundle(patientP, heartRate("o"), observed("l", "32693-4", "2021-06-01T12:00:00+02:00", 3, "mmol/L")))
	if hourOf(t, r, 1)[sepsis.HeartRate] != 118 || hourOf(t, r, 2)[sepsis.Lactate] != 3 {
		t.Errorf("%+v", r.Stay)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != sepsis.ICUHourUnknown {
		t.Errorf("%+v", r.Warnings)
	}
}

// TestPanels: components with codes of their own, members beside the panel or inside it.
func TestPanels(t *testing.T) {
	inside := heartRate("m", "subject=")
	contained := heartRate("x", `code={"text":"panel"}`, `valueQuantity=`, `hasMember=[{"reference":"#m"},{"reference":"Observation/nowhere"}]`, `contained=[`+inside+`]`)
	r := fine(t, bundle(patientP, encounter, contained))
	if hourOf(t, r, 3)[sepsis.HeartRate] != 118 || len(r.Ignored) != 2 || r.Ignored[1].Reason != fhir.MemberMissing || r.Ignored[1].Path != "Bundle.entry[2].resource.hasMember[1]" {
		t.Errorf("%+v, %+v", r.Stay, r.Ignored)
	}
	if r.Used[0].Reference != "Observation/x" {
		t.Errorf("what is contained is no resource of its own: %+v", r.Used)
	}
	for element, reason := range map[string]fhir.Reason{
		`status="entered-in-error"`: fhir.NotFinal, `implicitRules="http://example.org/rules"`: fhir.ModifierExtension,
		`modifierExtension=[{"url":"http://example.org/not"}]`: fhir.ModifierExtension,
	} {
		container := heartRate("x", `code={"text":"panel"}`, `valueQuantity=`, `contained=[`+inside+`]`, element)
		r := fine(t, bundle(patientP, encounter, container, observed("l", "32693-4", "2021-06-01T08:00:00Z", 3, "mmol/L")))
		if len(r.Used) != 1 || len(r.Ignored) != 2 || r.Ignored[0].Path != "Bundle.entry[2].resource.contained[0]" || r.Ignored[0].Reason != reason {
			t.Errorf("%s: %+v, %+v", element, r.Used, r.Ignored)
		}
	}
	earlier := heartRate("x", `meta={"lastUpdated":"2021-06-01T09:00:00Z"}`, `code={"text":"panel"}`, `valueQuantity=`, `contained=[`+inside+`]`)
	later := heartRate("x", `meta={"lastUpdated":"2021-06-01T09:30:00Z"}`, `valueQuantity={"value":90,"code":"/min"}`)
	if r := fine(t, bundle(patientP, encounter, earlier, later)); len(r.Used) != 1 || r.Used[0].Value != 90 {
		t.Errorf("a part of a version that was replaced is used: %+v", r.Used)
	}
	mean := heartRate("x", `code={"coding":[{"system":"http://loinc.org","code":"85354-9"}]}`, `valueQuantity=`, `component=[
		{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg"}},
		{"code":{"coding":[{"system":"http://loinc.org","code":"8478-0"}]},"valueQuantity":{"value":10,"unit":"kPa"}},
		{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"dataAbsentReason":{"text":"not performed"}},
		{"code":{"text":"cuff size"},"valueString":"large"}]`)
	r = fine(t, bundle(patientP, encounter, mean))
	if values := hourOf(t, r, 3); values[sepsis.SystolicBP] != 120 || math.Abs(values[sepsis.MeanArterialPressure]-75.0062) > 1e-12 || values.Has(sepsis.DiastolicBP) {
		t.Errorf("%v, %+v", values, r.Ignored)
	}
	want := []string{"Bundle.entry[2].resource.component[3] unmapped_code", "Bundle.entry[2].resource.component[2] data_absent"}
	var got []string
	for _, ignored := range r.Ignored {
		got = append(got, ignored.Path+" "+string(ignored.Reason))
	}
	if !slices.Equal(got, want) {
		t.Errorf("left out %q, want %q", got, want)
	}
}
