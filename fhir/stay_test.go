package fhir_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// hospital is a hospital stay from 20:00 of the day before, of which encounter is a part.
const hospital = `{"resourceType":"Encounter","id":"h","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},"period":{"start":"2021-05-31T20:00:00+02:00"}}`

func location(id, system, code string) string {
	return `{"resourceType":"Location","id":"` + id + `","type":[{"coding":[{"system":"` + system + `","code":"` + code + `"}]}]}`
}

// visits is an Encounter with its locations, each with beginning and end in May and June 2021.
func visits(places ...[3]string) string {
	var parts []string
	for _, place := range places {
		end := ""
		if place[2] != "" {
			end = `,"end":"2021-` + place[2] + `:00Z"`
		}
		parts = append(parts, `{"location":{"reference":"`+place[0]+`"},"period":{"start":"2021-`+place[1]+`:00Z"`+end+`}}`)
	}
	return strings.Replace(hospital, `"period"`, `"location":[`+strings.Join(parts, ",")+`],"period"`, 1)
}

func TestLocations(t *testing.T) {
	const roleCode, hsloc = "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html"
	icu, surgical, ward := location("icu", roleCode, "ICU"), location("sicu", hsloc, "1030-6"), location("ward", roleCode, "HOSP")
	// The value is of 08:10 UTC on 1 June.
	cases := []struct {
		name      string
		encounter string
		hour      int // of the value; 0 when it lies outside
		before    float64
		unit      sepsis.ICUUnit
	}{
		{"from the ward", visits([3]string{"Location/ward", "05-31T18:00", "06-01T06:00"}, [3]string{"Location/icu", "06-01T06:00", ""}), 3, 12, ""},
		{"a kind of unit", visits([3]string{"Location/sicu", "06-01T06:00", ""}), 3, 12, sepsis.SurgicalICU},
		{"another bed", visits([3]string{"Location/icu", "06-01T02:00", "06-01T06:00"}, [3]string{"Location/icu", "06-01T06:30", ""}), 7, 8, ""},
		{"back again", visits([3]string{"Location/icu", "05-31T18:00", "05-31T20:00"}, [3]string{"Location/icu", "06-01T06:00", ""}), 3, 12, ""},
		{"not yet back", visits([3]string{"Location/icu", "06-01T06:00", "06-01T09:00"}, [3]string{"Location/icu", "06-02T06:00", ""}), 3, 12, ""},
		{"already gone", visits([3]string{"Location/icu", "06-01T02:00", "06-01T06:00"}), 0, 8, ""},
		{"no location in intensive care", visits([3]string{"Location/ward", "05-31T18:00", ""}), 15, -1, ""},
		{"a location that was not sent", visits([3]string{"Location/elsewhere", "05-31T18:00", ""}), 15, -1, ""},
	}
	for _, c := range cases {
		r := read(bundle(patientP, icu, surgical, ward, c.encounter, heartRate("o")))
		if c.hour == 0 {
			if len(r.Ignored) != 1 || r.Ignored[0].Reason != fhir.AfterStay {
				t.Errorf("%s: %+v, %+v", c.name, r.Problems, r.Ignored)
			}
			continue
		}
		if len(r.Stay.Observations) != 1 || r.Stay.Observations[0].Hour != c.hour || r.Stay.ICUUnit != c.unit {
			t.Errorf("%s: %+v, %+v", c.name, r.Stay, r.Problems)
		}
		if known := !sepsis.IsMissing(r.Stay.HoursBefore); known != (c.before >= 0) || known && r.Stay.HoursBefore != c.before {
			t.Errorf("%s: %g hours before", c.name, r.Stay.HoursBefore)
		}
	}
}

// TestLocationsThatDoNotTell: the beginning of the Encounter is taken for that of intensive care, which a warning says, unless the
// hospital Encounter around it tells the two apart.
func TestLocationsThatDoNotTell(t *testing.T) {
	const roleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	icu, ward := location("icu", roleCode, "ICU"), location("ward", roleCode, "HOSP")
	unknown := visits([3]string{"Location/elsewhere", "06-01T06:00", ""})
	part := strings.Replace(strings.Replace(unknown, `"id":"h"`, `"id":"e"`, 1), `"period":{"start":"2021-05-31T20`, `"partOf":{"reference":"Encounter/h"},"period":{"start":"2021-06-01T08`, 1)
	for name, c := range map[string]struct {
		resources []string
		warned    bool
	}{
		"not sent":                       {[]string{unknown}, true},
		"by name alone":                  {[]string{strings.Replace(unknown, `"reference":"Location/elsewhere"`, `"display":"Intensive care, bed 3"`, 1)}, true},
		"by name, beside one without id": {[]string{strings.Replace(icu, `"id":"icu",`, "", 1), strings.Replace(unknown, `"reference":"Location/elsewhere"`, `"display":"Intensive care, bed 3"`, 1)}, true},
		"one of two":                     {[]string{ward, visits([3]string{"Location/ward", "05-31T18:00", "06-01T06:00"}, [3]string{"Location/icu", "06-01T06:00", ""})}, true},
		"both":                           {[]string{ward, icu, visits([3]string{"Location/ward", "05-31T18:00", "06-01T06:00"}, [3]string{"Location/icu", "06-01T06:00", ""})}, false},
		"a ward":                         {[]string{ward, visits([3]string{"Location/ward", "05-31T18:00", ""})}, true},
		"without a type":                 {[]string{`{"resourceType":"Location","id":"x","name":"ICU"}`, visits([3]string{"Location/x", "05-31T18:00", ""})}, true},
		"without a period":               {[]string{icu, strings.Replace(visits([3]string{"Location/icu", "06-01T06:00", ""}), `"period":{"start":"2021-06-01T06:00:00Z"}`, `"status":"active"`, 1)}, true},
		"part of the hospital stay":      {[]string{hospital, part}, false},
		"an Encounter without places":    {[]string{encounter}, false},
	} {
		r := fine(t, bundle(append(c.resources, patientP, heartRate("o"))...))
		if warned := len(r.Warnings) == 1 && r.Warnings[0].Code == sepsis.ICUStartUncertain; warned != c.warned || len(r.Warnings) > 1 {
			t.Errorf("%s: %+v", name, r.Warnings)
		}
	}
}

// TestBedOfAUnit: a Location is in intensive care when one that it is part of is.
func TestBedOfAUnit(t *testing.T) {
	bed := `{"resourceType":"Location","id":"bed","partOf":{"reference":"Location/room"}}`
	room := `{"resourceType":"Location","id":"room","partOf":{"reference":"https://ehr.example/fhir/Location/icu"}}`
	icu := location("icu", "http://snomed.info/sct", "441994008")
	stay := visits([3]string{"Location/bed", "06-01T06:00", ""})
	r := fine(t, bundle(patientP, bed, room, icu, stay, heartRate("o")))
	if r.Stay.Observations[0].Hour != 3 || r.Stay.ICUUnit != sepsis.MedicalICU || r.Stay.HoursBefore != 12 || len(r.Warnings) != 0 {
		t.Errorf("%+v, %+v", r.Stay, r.Warnings)
	}
	for name, locations := range map[string]string{"the unit was not sent": bed + "," + room, "parts of each other": bed + "," + strings.Replace(room, "https://ehr.example/fhir/Location/icu", "Location/bed", 1)} {
		r := fine(t, strings.Replace(bundle(patientP, stay, heartRate("o")), `{"resource":`, `{"resource":`+strings.Replace(locations, "},{", `}},{"resource":{`, 1)+`},{"resource":`, 1))
		if r.Stay.Observations[0].Hour != 15 || len(r.Warnings) != 1 || r.Warnings[0].Code != sepsis.ICUStartUncertain {
			t.Errorf("%s: %+v, %+v", name, r.Stay, r.Warnings)
		}
	}
}

// TestUnitWithinAUnit: what says of itself that it is another kind of unit is no intensive care, though it is part of it; beds and rooms are what they are part of.
func TestUnitWithinAUnit(t *testing.T) {
	const roleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	part := func(code, physical string) string {
		more := `"id":"part","partOf":{"reference":"Location/icu"},"physicalType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"` + physical + `"}]}`
		return strings.Replace(location("part", roleCode, code), `"id":"part"`, more, 1)
	}
	bed := `{"resourceType":"Location","id":"bed","partOf":{"reference":"Location/part"}}`
	for _, c := range []struct {
		code, physical string
		hour           int // 3 in intensive care, 15 where the hospital stay is taken for it
	}{
		{"HU", "wa", 15},
		{"ER", "wi", 15},
		{"HD", "lvl", 15},
		{"NS", "wa", 15},
		{"HU", "bd", 3},
		{"HD", "ro", 3},
		{"ICU", "wa", 3},
		{"PEDICU", "wa", 3},
		{"HOSP", "wa", 3},
		{"x", "wa", 3},
	} {
		for _, place := range []string{"Location/part", "Location/bed"} {
			r := fine(t, bundle(patientP, location("icu", roleCode, "ICU"), part(c.code, c.physical), bed, visits([3]string{place, "06-01T06:00", ""}), heartRate("o")))
			if r.Stay.Observations[0].Hour != c.hour || (len(r.Warnings) == 1) != (c.hour == 15) {
				t.Errorf("%s, %s at %s: hour %d, %+v", c.code, c.physical, place, r.Stay.Observations[0].Hour, r.Warnings)
			}
		}
	}
	within := strings.Replace(location("icu", roleCode, "ICU"), `"id":"icu"`, `"id":"icu","partOf":{"reference":"Location/unit"}`, 1)
	if r := fine(t, bundle(patientP, within, location("unit", roleCode, "HU"), visits([3]string{"Location/icu", "06-01T06:00", ""}), heartRate("o"))); r.Stay.Observations[0].Hour != 3 {
		t.Errorf("intensive care in a hospital unit: hour %d", r.Stay.Observations[0].Hour)
	}
}

// TestClassOfAnotherSystem: a local code is no code of HL7 because it is spelt so; many servers leave the system out.
func TestClassOfAnotherSystem(t *testing.T) {
	for system, taken := range map[string]bool{
		``: false, `"system":"",`: false, `"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",`: false, `"system":"urn:oid:2.16.840.1.113883.5.4",`: false,
		`"system":"http://hl7.org/fhir/v3/ActCode",`: false, `"system":"https://ehr.example/encounter-class",`: true,
	} {
		r := fine(t, bundle(patientP, strings.Replace(encounter, `"code":"IMP"`, system+`"code":"SS"`, 1), heartRate("o")))
		if (r.Encounter == "Encounter/e") != taken || (len(r.Ignored) == 0) != taken {
			t.Errorf("%q: %s, %+v", system, r.Encounter, r.Ignored)
		}
	}
}

// TestPlannedVisit: a bed that is planned or held is not where the patient is.
func TestPlannedVisit(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	for status, hour := range map[string]int{"active": 3, "completed": 3, "planned": 15, "reserved": 15} {
		r := fine(t, bundle(patientP, icu, strings.Replace(visits([3]string{"Location/icu", "06-01T06:00", ""}), `{"location":{`, `{"status":"`+status+`","location":{`, 1), heartRate("o")))
		if r.Stay.Observations[0].Hour != hour || (len(r.Ignored) == 1) != (hour == 15) || (len(r.Warnings) == 1) != (hour == 15) {
			t.Errorf("%s: %+v, %+v, %+v", status, r.Stay, r.Ignored, r.Warnings)
		}
	}
}

// TestPartsOfTheEncounterOfARequest: hours count from intensive care where the request names the hospital stay around it.
func TestPartsOfTheEncounterOfARequest(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	part := func(id, of, status string) string {
		return `{"resourceType":"Encounter","id":"` + id + `","status":"` + status + `","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},"partOf":{"reference":"Encounter/` + of + `"},` +
			`"location":[{"location":{"reference":"Location/icu"},"period":{"start":"2021-06-01T06:00:00Z"}}],"period":{"start":"2021-06-01T06:00:00Z"}}`
	}
	ward := strings.Replace(strings.Replace(hospital, `"id":"h"`, `"id":"w","partOf":{"reference":"Encounter/h"}`, 1), "05-31T20", "05-31T22", 1)
	elsewhere := strings.Replace(hospital, `"id":"h"`, `"id":"x"`, 1)
	named := func(resources ...string) *fhir.Reading {
		return fhir.Read(fhir.Split([]byte(bundle(append(resources, patientP, icu, heartRate("o"))...))), fhir.Options{Encounter: "h"})
	}
	for name, c := range map[string]struct {
		encounters []string
		encounter  string
		hour       int
	}{
		"one part":            {[]string{hospital, part("e", "h", "in-progress")}, "Encounter/e", 3},
		"a part of a part":    {[]string{hospital, ward, part("e", "w", "in-progress")}, "Encounter/e", 3},
		"one is finished":     {[]string{hospital, part("f", "h", "finished"), part("e", "h", "in-progress")}, "Encounter/e", 3},
		"part of another":     {[]string{hospital, elsewhere, part("e", "x", "in-progress")}, "Encounter/h", 15},
		"in the unit itself":  {[]string{visits([3]string{"Location/icu", "06-01T06:00", ""}), part("e", "h", "in-progress")}, "Encounter/h", 3},
		"without such a part": {[]string{hospital, ward}, "Encounter/h", 15},
		"parts that nest":     {[]string{hospital, part("d", "h", "in-progress"), part("e", "d", "in-progress")}, "Encounter/e", 3},
		"all are over":        {[]string{hospital, part("e", "h", "finished"), strings.ReplaceAll(part("f", "h", "finished"), "06-01T06", "06-01T02")}, "Encounter/e", 3},
		"of an emergency":     {[]string{strings.Replace(hospital, "IMP", "EMER", 1), part("e", "h", "in-progress")}, "Encounter/e", 3},
	} {
		r := named(c.encounters...)
		if len(r.Problems) > 0 || r.Encounter != c.encounter || r.Stay.Observations[0].Hour != c.hour {
			t.Errorf("%s: %s, %+v, %+v", name, r.Encounter, r.Stay, r.Problems)
		}
	}
	if r := named(strings.Replace(hospital, "IMP", "EMER", 1), ward); len(r.Problems) != 1 || r.Problems[0].Code != sepsis.OutOfScope {
		t.Errorf("an emergency with a part on a ward: %s, %+v", r.Encounter, r.Problems)
	}
	if r := named(hospital, part("e", "h", "in-progress"), part("f", "h", "in-progress")); len(r.Problems) != 1 || r.Problems[0].Code != fhir.SeveralEncounters {
		t.Errorf("two parts: %+v", r.Problems)
	}
}

func TestContainedLocation(t *testing.T) {
	inside := strings.Replace(visits([3]string{"#here", "06-01T06:00", ""}), `"id":"h"`, `"id":"h","contained":[`+location("here", "http://snomed.info/sct", "441994008")+`]`, 1)
	other := strings.Replace(inside, `"id":"h"`, `"id":"i"`, 1)
	other = strings.Replace(strings.Replace(other, `"status":"in-progress"`, `"status":"finished"`, 1), "441994008", "no unit", 1) // #here is another place there
	for _, body := range []string{bundle(patientP, inside, heartRate("o")), bundle(patientP, inside, other, heartRate("o")), bundle(other, inside, patientP, heartRate("o"))} {
		r := fine(t, body)
		if r.Stay.Observations[0].Hour != 3 || r.Stay.ICUUnit != sepsis.MedicalICU || r.Encounter != "Encounter/h" {
			t.Errorf("%+v, %s", r.Stay, r.Encounter)
		}
	}
}

// TestPartsWithoutEnd: what is part of itself, or of very much, costs no more than its length.
func TestPartsWithoutEnd(t *testing.T) {
	const many = 1500
	types := strings.Repeat(`{},`, many) + `{}`
	locations := []string{patientP, heartRate("o"), `{"resourceType":"Location","id":"a","type":[` + types + `],"partOf":{"reference":"Location/a"}}`, visits([3]string{"Location/a", "06-01T06:00", ""})}
	encounters := []string{patientP, heartRate("o"), location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU"), visits([3]string{"Location/icu", "06-01T06:00", ""})}
	around := "h"
	for i := range many {
		id := fmt.Sprint("n", i)
		locations = append(locations, strings.Replace(location("x", "s", "c"), `"x"`, `"`+id+`"`, 1))
		encounters = append(encounters, strings.Replace(visits([3]string{"Location/icu", "06-01T06:00", ""}), `"id":"h"`, `"id":"`+id+`","partOf":{"reference":"Encounter/`+around+`"}`, 1))
		around = id
	}
	for name, body := range map[string]string{"Locations": bundle(locations...), "Encounters": bundle(encounters...)} {
		input := fhir.Split([]byte(body))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		fhir.Read(input, fhir.Options{Encounter: "h"})
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > uint64(60*len(body)) {
			t.Errorf("%s: %d bytes for a body of %d", name, used, len(body))
		}
	}
}

func TestPartOf(t *testing.T) {
	part := strings.Replace(encounter, `"period"`, `"partOf":{"reference":"Encounter/h"},"period"`, 1)
	for _, body := range []string{bundle(patientP, hospital, part, heartRate("o")), bundle(heartRate("o"), part, hospital, patientP)} {
		r := fine(t, body)
		if r.Encounter != "Encounter/e" || r.Stay.HoursBefore != 12 || r.Stay.Observations[0].Hour != 3 {
			t.Errorf("%+v, %s", r.Stay, r.Encounter)
		}
	}
}

// TestEncountersAround: hours in hospital count from the outermost Encounter, whether or not the inner one tells of its unit.
func TestEncountersAround(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	part := func(id, of, start, places string) string {
		return `{"resourceType":"Encounter","id":"` + id + `","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},` + places +
			`"partOf":{"reference":"Encounter/` + of + `"},"period":{"start":"2021-` + start + `:00Z"}}`
	}
	const inICU = `"location":[{"location":{"reference":"Location/icu"},"period":{"start":"2021-06-01T06:00:00Z"}}],`
	for name, c := range map[string]struct {
		encounters []string
		before     float64
	}{
		"in a unit, part of the hospital stay": {[]string{hospital, part("e", "h", "06-01T06:00", inICU)}, 12},
		"in a unit later, part of it":          {[]string{part("e", "h", "06-01T04:00", inICU), hospital}, 12},
		"three levels":                         {[]string{part("bed", "ward", "06-01T06:00", ""), part("ward", "h", "06-01T01:00", ""), hospital}, 12},
		"three levels, in a unit":              {[]string{hospital, part("ward", "h", "06-01T01:00", ""), part("bed", "ward", "06-01T06:00", inICU)}, 12},
		"the outer one was not sent":           {[]string{part("ward", "h", "06-01T01:00", ""), part("bed", "ward", "06-01T06:00", inICU)}, 5},
		"the outer one begins later":           {[]string{part("ward", "h", "06-01T01:00", ""), part("bed", "ward", "06-01T06:00", ""), strings.Replace(hospital, "2021-05-31T20", "2021-06-01T06", 1)}, 5},
		"part of itself":                       {[]string{part("e", "e", "06-01T04:00", inICU)}, 2},
		"the outermost one is long-term care":  {[]string{strings.Replace(hospital, "2021-05-31T20", "2019-01-01T00", 1), part("ward", "h", "06-01T01:00", ""), part("bed", "ward", "06-01T06:00", inICU)}, 5},
	} {
		r := fine(t, bundle(append(c.encounters, patientP, icu, heartRate("o"))...))
		if r.Stay.HoursBefore != c.before || r.Stay.Observations[0].Hour != 3 {
			t.Errorf("%s: %g hours before, %+v", name, r.Stay.HoursBefore, r.Stay.Observations)
		}
	}
	ring := fine(t, bundle(part("a", "b", "06-01T06:00", inICU), part("b", "a", "06-01T01:00", ""), part("c", "a", "06-01T06:00", inICU), patientP, icu, heartRate("o")))
	if ring.Encounter != "Encounter/c" || ring.Stay.HoursBefore != 5 {
		t.Errorf("a ring: %s, %g hours before", ring.Encounter, ring.Stay.HoursBefore)
	}
	if r := read(bundle(part("a", "b", "06-01T06:00", inICU), part("b", "a", "06-01T01:00", inICU), patientP, icu, heartRate("o"))); len(r.Problems) != 1 || r.Problems[0].Code != fhir.SeveralEncounters {
		t.Errorf("a ring of which both are in a unit: %+v", r.Problems)
	}
}

// TestEncounterWithinTheStay: an Encounter within the hospital stay that tells of no unit does not hide when intensive care began.
func TestEncounterWithinTheStay(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	consultation := `{"resourceType":"Encounter","id":"c","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},"partOf":{"reference":"Encounter/h"},"period":{"start":"2021-06-01T07:30:00Z"}}`
	r := fine(t, bundle(patientP, icu, visits([3]string{"Location/icu", "06-01T06:00", ""}), consultation, heartRate("o")))
	if r.Encounter != "Encounter/h" || r.Stay.Observations[0].Hour != 3 || r.Stay.HoursBefore != 12 {
		t.Errorf("%s, hour %d, %g hours before", r.Encounter, r.Stay.Observations[0].Hour, r.Stay.HoursBefore)
	}
}

// TestVisitThatMayMeanSomethingElse is not taken for one in intensive care.
func TestVisitThatMayMeanSomethingElse(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	visit := strings.Replace(visits([3]string{"Location/icu", "06-01T06:00", ""}), `{"location":{`, `{"modifierExtension":[{"url":"http://example.org/not"}],"location":{`, 1)
	r := fine(t, bundle(patientP, icu, visit, heartRate("o")))
	if r.Stay.Observations[0].Hour != 15 || len(r.Ignored) != 1 || r.Ignored[0].Path != "Bundle.entry[2].resource.location[0]" {
		t.Errorf("%+v, %+v", r.Stay, r.Ignored)
	}
}

// TestHospitalStayInError tells nothing of the hours before intensive care.
func TestHospitalStayInError(t *testing.T) {
	part := strings.Replace(encounter, `"period"`, `"partOf":{"reference":"Encounter/h"},"period"`, 1)
	if r := fine(t, bundle(patientP, strings.Replace(hospital, "in-progress", "entered-in-error", 1), part, heartRate("o"))); !sepsis.IsMissing(r.Stay.HoursBefore) {
		t.Errorf("%+v", r.Stay)
	}
}

func TestChoiceOfEncounter(t *testing.T) {
	other := strings.Replace(strings.Replace(encounter, `"e"`, `"f"`, 1), "08:00", "09:30", 1)
	finished := strings.Replace(other, "in-progress", "finished", 1)
	ended := strings.Replace(encounter, `"start"`, `"end":"2021-06-01T10:00:00+02:00","start"`, 1)
	r := fine(t, bundle(patientP, finished, encounter, heartRate("o")))
	if r.Encounter != "Encounter/e" {
		t.Errorf("the finished one was chosen: %s", r.Encounter)
	}
	input := fhir.Split([]byte(bundle(patientP, other, encounter, heartRate("o"))))
	if r := fhir.Read(input, fhir.Options{Encounter: "f"}); len(r.Problems) > 0 || r.Encounter != "Encounter/f" || r.Stay.Observations[0].Hour != 1 {
		t.Errorf("%+v", r)
	}
	if r := fhir.Read(input, fhir.Options{Encounter: "g"}); len(r.Problems) != 1 || r.Problems[0].Code != fhir.UnknownEncounter {
		t.Errorf("%+v", r.Problems)
	}
	for message, encounters := range map[string][]string{
		"the Encounter of the request is not among the resources":                                              {encounter},
		"the Encounter of the request cannot be used: its status, its subject or its versions do not allow it": {strings.Replace(other, "in-progress", "planned", 1), strings.Replace(other, `"subject":{"reference":"Patient/p"},`, "", 1)},
	} {
		for _, sent := range encounters {
			r := fhir.Read(fhir.Split([]byte(bundle(patientP, sent, heartRate("o")))), fhir.Options{Encounter: "f"})
			if len(r.Problems) != 1 || r.Problems[0].Code != fhir.UnknownEncounter || r.Problems[0].Message != message {
				t.Errorf("%+v, want %q", r.Problems, message)
			}
		}
	}
	if r := read(bundle(patientP, ended, heartRate("o"))); len(r.Ignored) != 1 || r.Ignored[0].Reason != fhir.AfterStay {
		t.Errorf("%+v", r.Ignored)
	}
}

// TestYearOne: what programs write for no time is none, and no way around the age.
func TestYearOne(t *testing.T) {
	child := strings.Replace(patientP, "1954", "2015", 1)
	for _, patient := range []string{patientP, child} {
		if r := lenient(bundle(patient, heartRate("o", `effectiveDateTime="0001-01-01T00:00:00Z"`))); len(r.Problems) == 0 || len(r.Stay.Observations) > 0 {
			t.Errorf("age %g, %+v", r.Stay.Age, r.Stay.Observations)
		}
	}
}

// TestTimesOfAStayWithoutAnHour are named, whatever they are of.
func TestTimesOfAStayWithoutAnHour(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	inICU := visits([3]string{"Location/icu", "06-01T06:00", "06-01T20:00"})
	part := strings.Replace(encounter, `"period"`, `"partOf":{"reference":"Encounter/h"},"period"`, 1)
	for path, encounters := range map[string][]string{
		"[2].resource.period.start":             {strings.Replace(encounter, "2021-06-01T08:00:00+02:00", "2021-06-01", 1)},
		"[2].resource.period.end":               {strings.Replace(encounter, `"start"`, `"end":"2021-06-02","start"`, 1)},
		"[3].resource.period.start":             {part, strings.Replace(hospital, "2021-05-31T20:00:00+02:00", "2021-05-31", 1)},
		"[2].resource.location[0].period.start": {strings.Replace(inICU, "2021-06-01T06:00:00Z", "0001-01-01T00:00:00Z", 1)},
		"[2].resource.location[0].period.end":   {strings.Replace(inICU, "2021-06-01T20:00:00Z", "2021-06-01", 1)},
	} {
		r := fine(t, bundle(append(append([]string{patientP, icu}, encounters...), heartRate("o"))...))
		if len(r.Ignored) != 1 || r.Ignored[0].Path != "Bundle.entry"+path || len(r.Used) != 1 {
			t.Errorf("%s: %+v", path, r.Ignored)
		}
	}
}

// TestStayThatEndsBeforeItBegins: what is wrong is its period, and not the values.
func TestStayThatEndsBeforeItBegins(t *testing.T) {
	icu := location("icu", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "ICU")
	for path, stay := range map[string]string{
		"period":   strings.Replace(encounter, `"start"`, `"end":"2021-06-01T07:59:00+02:00","start"`, 1),
		"location": visits([3]string{"Location/icu", "06-01T06:00", "06-01T05:00"}),
	} {
		body := bundle(patientP, icu, stay, heartRate("o"))
		if r := read(body); len(r.Problems) != 1 || r.Problems[0].Code != sepsis.OutOfRange || r.Problems[0].Location != "Bundle.entry[2].resource."+path {
			t.Errorf("%s: %+v, %+v", path, r.Problems, r.Ignored)
		}
		if r := lenient(body); len(r.Problems) > 0 || len(r.Used) != 1 || len(r.Ignored) != 1 || r.Ignored[0].Path != "Bundle.entry[2].resource."+path {
			t.Errorf("%s, leniently: %+v, %+v", path, r.Problems, r.Ignored)
		}
	}
}

// TestWordsForWhatIsNotThere: a message says what is missing, also where a code should stand in it, and a byte order mark is named.
func TestWordsForWhatIsNotThere(t *testing.T) {
	for body, want := range map[string]string{
		"[]":                        "a Bundle is expected, not something without a resourceType",
		patientP:                    "a Bundle is expected, not Patient",
		`{"resourceType":"Bundle"}`: "a Bundle is not read whose type is not given",
		"\ufeff" + bundle(patientP): "it begins with a byte order mark",
	} {
		if r := read(body); len(r.Problems) != 1 || r.Problems[0].Message != want || r.Problems[0].Hint == "" {
			t.Errorf("%.40s: %+v", body, r.Problems)
		}
	}
	if r := fine(t, bundle(patientP, encounter, heartRate("o"), heartRate("x", "status="))); len(r.Ignored) != 1 || r.Ignored[0].Message != "its status is not given" {
		t.Errorf("%+v", r.Ignored)
	}
}

func TestAge(t *testing.T) {
	cases := []struct {
		birth string
		age   float64
		code  sepsis.Code
	}{
		{`"1954-06-01"`, 67, ""},
		{`"1954-06-02"`, 66, ""},
		{`"1954-05"`, 67, ""},
		{`"1954-06"`, 66, ""},
		{`"1954"`, 66, ""},
		{`"2003-06-01"`, 18, ""},
		{`"2003-06-02"`, 0, sepsis.OutOfScope},
		{`"2003"`, 0, sepsis.OutOfScope},
		{`"2021-06-02"`, 0, sepsis.OutOfRange},
		{`"1890-01-01"`, 0, sepsis.OutOfRange},
		{`"long ago"`, 0, sepsis.WrongType},
		{`"1954-13-01"`, 0, sepsis.WrongType},
		{`""`, 0, sepsis.MissingField},
		{`null`, 0, sepsis.MissingField},
		{`1954`, 0, sepsis.WrongType},
	}
	for _, c := range cases {
		r := read(bundle(strings.Replace(patientP, `"1954-03-02"`, c.birth, 1), encounter, heartRate("o")))
		if c.code == "" && (len(r.Problems) > 0 || r.Stay.Age != c.age) {
			t.Errorf("born %s: %g, %+v", c.birth, r.Stay.Age, r.Problems)
		}
		if c.code != "" && (len(r.Problems) == 0 || r.Problems[0].Code != c.code || !strings.HasSuffix(r.Problems[0].Location, ".birthDate")) {
			t.Errorf("born %s: %+v, want %s", c.birth, r.Problems, c.code)
		}
	}
}

// TestReferences: one patient under many names.
func TestReferences(t *testing.T) {
	for _, subject := range []string{"Patient/p", "https://ehr.example/fhir/Patient/p", "Patient/p/_history/3", "urn:uuid:7"} {
		patient := patientP
		body := strings.Replace(bundle(patient, heartRate("o", `subject={"reference":"`+subject+`"}`)), `{"resource":`+patient, `{"fullUrl":"urn:uuid:7","resource":`+patient, 1)
		if r := fine(t, body); len(r.Used) != 1 {
			t.Errorf("%s: %+v", subject, r.Ignored)
		}
	}
	byIdentifier := strings.Replace(patientP, `"id"`, `"identifier":[{"use":"usual","system":"urn:mrn","value":"42"}],"id"`, 1)
	fine(t, bundle(byIdentifier, heartRate("o", `subject={"identifier":{"system":"urn:mrn","value":"42"}}`)))
}

func TestEnvelopes(t *testing.T) {
	good := bundle(patientP, encounter, heartRate("o"))
	for name, body := range map[string]string{
		"Parameters":          `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + good + `}]}`,
		"parts of Parameters": `{"resourceType":"Parameters","parameter":[{"name":"all","part":[{"name":"who","resource":` + patientP + `},{"name":"more","part":[{"name":"stay","resource":` + bundle(encounter, heartRate("o")) + `}]}]}]}`,
		"a Bundle of Bundles": `{"resourceType":"Bundle","type":"batch-response","entry":[{"resource":` + good + `}]}`,
		"searchset":           strings.Replace(good, "collection", "searchset", 1),
		"transaction":         strings.Replace(good, "collection", "transaction", 1),
		"document":            strings.Replace(good, "collection", "document", 1),
	} {
		if r := fine(t, body); r.Stay.Observations[0].Hour != 3 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	lines := fhir.Read(fhir.SplitLines([]byte(patientP+"\n\n"+encounter+"\r\n"+heartRate("o"))), fhir.Options{})
	if len(lines.Problems) > 0 || lines.Used[0].Path != "Bundle.entry[2].resource.value" {
		t.Errorf("%+v", lines)
	}
	for body, code := range map[string]sepsis.Code{
		"": sepsis.InvalidJSON, "{": sepsis.InvalidJSON, "{} {}": sepsis.InvalidJSON, "\xff": sepsis.InvalidJSON, `{"a":NaN}`: sepsis.InvalidJSON,
		strings.Repeat("[", 100_000): sepsis.InvalidJSON, "[]": sepsis.WrongType, "null": sepsis.WrongType, `"x"`: sepsis.WrongType, "{}": sepsis.WrongType,
		patientP: sepsis.WrongType, strings.Replace(good, "collection", "history", 1): sepsis.WrongType, strings.Replace(good, `"collection"`, "5", 1): sepsis.WrongType,
		strings.Replace(good, `"status":"final"`, `"status":"final","status":"final"`, 1): sepsis.DuplicateField,
		`{"resourceType":"Parameters"}`: sepsis.MissingField, bundle(): sepsis.MissingField, bundle(patientP): sepsis.MissingField, bundle(heartRate("o")): sepsis.MissingField,
	} {
		if r := read(body); len(r.Problems) == 0 || r.Problems[0].Code != code || r.Problems[0].Location == "" {
			t.Errorf("%.60s: %+v, want %s", body, r.Problems, code)
		}
	}
}

// TestSmallPartsInGreatNumber: a body that would take up many times its size is refused before.
func TestSmallPartsInGreatNumber(t *testing.T) {
	for _, body := range []string{
		`{"resourceType":"Bundle","type":"collection","entry":[{}` + strings.Repeat(",{}", 2_000_001) + `]}`,
		bundle(patientP, heartRate("o", `code={"coding":[null`+strings.Repeat(",null", 2_000_001)+`]}`)),
	} {
		if r := read(body); len(r.Problems) != 1 || r.Problems[0].Code != sepsis.InvalidJSON || !strings.Contains(r.Problems[0].Message, "2000000 values") {
			t.Errorf("%d problems", len(r.Problems))
		}
	}
	if r := fhir.Read(fhir.SplitLines([]byte(strings.Repeat("1\n", 2_000_001))), fhir.Options{}); len(r.Problems) != 1 {
		t.Errorf("%d problems", len(r.Problems))
	}
}

// TestPatientThatCannotBeTaken: none at all, and one in versions that differ, are told apart.
func TestPatientThatCannotBeTaken(t *testing.T) {
	other := strings.Replace(patientP, "1954", "1955", 1)
	for body, want := range map[string]string{bundle(): "there is no Patient", bundle(patientP, other): "the Patient was sent in versions that differ, and nothing tells which is newer"} {
		if r := read(body); len(r.Problems) == 0 || r.Problems[0].Message != want || r.Problems[0].Code != sepsis.MissingField || r.Problems[0].Hint == "" {
			t.Errorf("%s: %+v", body, r.Problems)
		}
	}
}

// TestTruncated: a page of the newest values is the whole stay only when it reaches back before it.
func TestTruncated(t *testing.T) {
	page := strings.Replace(strings.Replace(bundle(patientP, encounter, heartRate("o")), "collection", "searchset", 1), `"entry"`, `"link":[{"relation":"next","url":"x"}],"entry"`, 1)
	if r := read(page); !r.Truncated() {
		t.Error("a page that begins within the stay is not taken for truncated")
	}
	older := heartRate("b", `effectiveDateTime="2021-06-01T05:00:00+02:00"`)
	if r := read(strings.Replace(page, `{"resource":`+patientP, `{"resource":`+older+`},{"resource":`+patientP, 1)); r.Truncated() || len(r.Used) != 1 {
		t.Errorf("a page that reaches back is taken for truncated: %+v", r)
	}
	unused := heartRate("w", `effectiveDateTime="2021-06-01T05:00:00+02:00"`, `code={"text":"weight"}`)
	if r := read(strings.Replace(page, `{"resource":`+patientP, `{"resource":`+unused+`},{"resource":`+patientP, 1)); r.Truncated() {
		t.Error("a page that reaches back by what is not used is taken for truncated")
	}
	for total, cut := range map[string]bool{"4": true, "2000": true, "3": false, "0": false, `"4"`: false, "null": false, "4.5": false} {
		if r := read(strings.Replace(page, `"link":[{"relation":"next","url":"x"}]`, `"total":`+total, 1)); r.Truncated() != cut || r.Partial() != cut || len(r.Used) != 1 {
			t.Errorf("a total of %s beside 3 entries: %t, %+v", total, r.Truncated(), r.Problems)
		}
	}
	included := strings.Replace(page, `"link":[{"relation":"next","url":"x"}]`, `"total":3`, 1)
	for mode, cut := range map[string]bool{"match": false, "include": true, "outcome": true} {
		if r := read(strings.Replace(included, `{"resource":`+patientP, `{"search":{"mode":"`+mode+`"},"resource":`+patientP, 1)); r.Truncated() != cut {
			t.Errorf("a total of 3 beside 3 entries, one of them of mode %s: %t", mode, r.Truncated())
		}
	}
	whole := strings.Replace(bundle(older), "collection", "searchset", 1)
	if r := read(bundle(page, whole)); !r.Truncated() {
		t.Error("a page is taken for complete because another reaches back")
	}
	if r := read(bundle(strings.Replace(page, heartRate("o"), `{"resourceType":"OperationOutcome"}`, 1), bundle(heartRate("o"), older))); !r.Truncated() {
		t.Error("a page without a single Observation is taken for complete")
	}
}
