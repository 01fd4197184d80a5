package fhir

import (
	"fmt"
	"slices"
	"time"

	"github.com/medtech-detect/sepsis"
)

// Codes by which a Location says that it is an intensive care unit, and of which kind.
var intensiveCare = []struct {
	system, code string
	unit         sepsis.ICUUnit // empty when the code does not tell
}{
	{roleSystem, "ICU", ""},
	{roleSystem, "CCU", ""},                         // coronary care unit
	{snomedSystem, "309904001", ""},                 // Intensive care unit
	{snomedSystem, "441994008", sepsis.MedicalICU},  // Medical intensive care unit
	{snomedSystem, "418433008", sepsis.SurgicalICU}, // Surgical intensive care unit
	// HSLOC: the healthcare service locations of the CDC's National Healthcare Safety Network.
	{hslocSystem, "1027-2", sepsis.MedicalICU},  // Medical Critical Care
	{hslocSystem, "1028-0", sepsis.MedicalICU},  // Medical Cardiac Critical Care
	{hslocSystem, "1030-6", sepsis.SurgicalICU}, // Surgical Critical Care
	{hslocSystem, "1032-2", sepsis.SurgicalICU}, // Surgical Cardiothoracic Critical Care
	{hslocSystem, "1025-6", ""},                 // Trauma Critical Care
	{hslocSystem, "1026-4", ""},                 // Burn Critical Care
	{hslocSystem, "1029-8", ""},                 // Medical/Surgical Critical Care
	{hslocSystem, "1031-4", ""},                 // Neurosurgical Critical Care
	{hslocSystem, "1033-0", ""},                 // Respiratory Critical Care
	{hslocSystem, "1035-5", ""},                 // Neurologic Critical Care
}

// otherUnits are the hospital units of v3-RoleCode in which patients lie, or are seen, and that are not intensive care.
var otherUnits = []string{"HU", "BMTU", "CHEST", "EPIL", "ER", "ETU", "HD", "NS", "PEDU", "PHU", "RHU", "SLEEP"}

// Code systems of Locations.
const (
	roleSystem  = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	placeSystem = "http://terminology.hl7.org/CodeSystem/location-physical-type"
	hslocSystem = "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html"
)

// interval is a time in intensive care. The end is the zero time as long as the stay lasts, or is not known.
type interval struct {
	start, end time.Time
	unit       sepsis.ICUUnit
}

// bedMove is the longest time between two intensive care locations that are one stay: a move to another bed or unit.
const bedMove = time.Hour

// unusable are the statuses of an Encounter that did not take place.
var unusable = map[string]bool{"planned": true, "cancelled": true, "entered-in-error": true}

// actSystems are the names of the code system of an Encounter's class in R4: by URL, by OID and as in STU3. Many servers leave it out.
var actSystems = map[string]bool{
	"": true, "http://terminology.hl7.org/CodeSystem/v3-ActCode": true, "urn:oid:2.16.840.1.113883.5.4": true, "http://hl7.org/fhir/v3/ActCode": true,
}

// elsewhere are classes of Encounters that are never intensive care (HL7 v3 ActEncounterCode).
var elsewhere = map[string]bool{"AMB": true, "HH": true, "VR": true, "FLD": true, "EMER": true, "PRENC": true, "SS": true}

// findStay finds when the stay began: from an Encounter's locations, from its period, or from the first value.
func (r *reader) findStay(patient *patientEntry) {
	encounter := r.theEncounter(patient)
	if encounter != nil {
		r.Encounter = referenceTo("Encounter", encounter.ID, encounter.key)
		r.fromEncounter(encounter)
	}
	if r.stay.start.IsZero() && len(r.values) > 0 {
		r.stay = interval{start: r.firstTime()}
		r.Warnings = append(r.Warnings, sepsis.Warning{
			Code: sepsis.ICUHourUnknown, Location: "Encounter.period",
			Message: "no Encounter tells when intensive care began: hours count from the first value, and the model relies on them",
		})
	}
	r.Admission = r.stay.start
	r.Stay.ICUUnit = r.stay.unit
}

// firstTime is the time of the first value. At the bedside it is that of the first one that can be of the same stay as the last: a record may hold
// those of visits of years ago, and the values of now count.
func (r *reader) firstTime() time.Time {
	times := make([]time.Time, len(r.values))
	for i, value := range r.values {
		times[i] = value.time
	}
	slices.SortFunc(times, time.Time.Compare)
	if !r.options.Bedside {
		return times[0]
	}
	last := times[0]
	for _, at := range times {
		if !at.After(r.options.Now) {
			last = at
		}
	}
	return times[slices.IndexFunc(times, func(at time.Time) bool { return last.Sub(at) <= sepsis.MaxICUHour*time.Hour })]
}

// theEncounter chooses the Encounter that is the stay: the one that was asked for, or the only one that can be. Those that tell of intensive care
// come before the others, whose times do not tell of it; of these, one that others are part of is the hospital stay around them.
func (r *reader) theEncounter(patient *patientEntry) *encounterEntry {
	ours := r.possible(patient)
	if want := r.options.Encounter; want != "" {
		i := slices.IndexFunc(ours, func(e *encounterEntry) bool { return e.ID == want })
		if i < 0 && r.hasEncounters && !r.refused(sepsis.OutOfScope) && !r.refused(UnknownModifier) {
			message := "the Encounter of the request is not among the resources"
			if r.keys["Encounter/"+want] {
				message = "the Encounter of the request cannot be used: its status, its subject or its versions do not allow it"
			}
			r.fatal("Encounter", UnknownEncounter, message, "")
		}
		if i < 0 {
			return nil
		}
		return r.oneOf(r.within(ours, ours[i]))
	}
	return r.oneOf(inmost(only(ours, r.tellsOfUnit)))
}

// inmost are the Encounters of which none of them is a part.
func inmost(encounters []*encounterEntry) []*encounterEntry {
	parents := map[string]bool{}
	for _, encounter := range encounters {
		if around := encounter.PartOf.key(); around != encounter.key { // nothing is around itself
			parents[around] = true
		}
	}
	inner := slices.DeleteFunc(slices.Clone(encounters), func(e *encounterEntry) bool { return parents[e.key] })
	if len(inner) == 0 {
		return encounters // parts of each other
	}
	return inner
}

// tellsOfUnit tells whether an Encounter has a time in intensive care.
func (r *reader) tellsOfUnit(encounter *encounterEntry) bool { return len(r.intensive(encounter)) > 0 }

// within are the parts of an Encounter that tell of intensive care, as where a request names the hospital stay: the last one when all are over. It is
// itself when it tells of it, or none of them does.
func (r *reader) within(ours []*encounterEntry, encounter *encounterEntry) []*encounterEntry {
	if r.tellsOfUnit(encounter) {
		return []*encounterEntry{encounter}
	}
	var parts []*encounterEntry
	for _, e := range ours {
		if r.tellsOfUnit(e) && slices.Contains(r.around(e), encounter) {
			parts = append(parts, e)
		}
	}
	if len(parts) == 0 {
		return []*encounterEntry{encounter}
	}
	parts = inmost(parts)
	if slices.ContainsFunc(parts, underWay) {
		return parts
	}
	return []*encounterEntry{slices.MaxFunc(parts, func(a, b *encounterEntry) int { return r.intensive(a)[0].start.Compare(r.intensive(b)[0].start) })}
}

func underWay(encounter *encounterEntry) bool { return encounter.Status == "in-progress" }

// oneOf is the only Encounter, or the only one that is under way.
func (r *reader) oneOf(inner []*encounterEntry) *encounterEntry {
	inner = only(inner, underWay)
	switch len(inner) {
	case 0:
		return nil
	case 1:
		return inner[0]
	}
	for _, candidate := range inner {
		r.candidates = append(r.candidates, candidate.ID)
	}
	r.fatal(inner[1].path, SeveralEncounters, "more than one Encounter could be the stay", "send the one in intensive care, with the Encounter that it is part of")
	return nil
}

// possible are the patient's Encounters that can be the stay. At the bedside there is nothing to foresee when the only ones
// under way are elsewhere.
func (r *reader) possible(patient *patientEntry) []*encounterEntry {
	var ours []*encounterEntry
	var away *encounterEntry
	r.encounters = slices.DeleteFunc(r.encounters, r.isUnusable)
	r.encounterOf = map[string]*encounterEntry{}
	for _, encounter := range r.encounters {
		if encounter.key != "" && r.encounterOf[encounter.key] == nil {
			r.encounterOf[encounter.key] = encounter
		}
	}
	holding := map[*encounterEntry]bool{} // a part that tells of intensive care
	for _, encounter := range r.encounters {
		if !r.tellsOfUnit(encounter) {
			continue
		}
		for _, outer := range r.around(encounter) {
			holding[outer] = true
		}
	}
	for _, encounter := range r.encounters {
		switch {
		case !r.ofPatient(encounter.Subject, patient, encounter.path):
		case actSystems[encounter.Class.System] && elsewhere[encounter.Class.Code] && !r.tellsOfUnit(encounter) && !holding[encounter]:
			r.leaveElsewhere(encounter)
			if encounter.Status != "finished" {
				away = encounter
			}
		default:
			ours = append(ours, encounter)
		}
	}
	if r.options.Bedside && r.options.Encounter == "" && len(ours) == 0 && away != nil {
		r.notIntensive(away)
	}
	return ours
}

// isUnusable leaves out what did not take place, or may mean something else. When that is the Encounter of the request, nothing
// can be said.
func (r *reader) isUnusable(encounter *encounterEntry) bool {
	switch {
	case unusable[encounter.Status]:
		r.ignore(encounter.path, NotFinal, "its status is "+sepsis.Clip(encounter.Status))
		return true
	case encounter.modified() && encounter.ID != "" && encounter.ID == r.options.Encounter:
		r.fatal(encounter.path, UnknownModifier, "the Encounter has a modifierExtension or implicitRules, which may turn its meaning round", "")
		return true
	case encounter.modified():
		r.leaveOut(encounter.path, ModifierExtension)
		return true
	}
	encounter.Location = r.sureVisits(encounter)
	return false
}

// notThere are the statuses of a location of an Encounter where the patient is not, or not yet (http://hl7.org/fhir/encounter-location-status).
var notThere = map[string]bool{"planned": true, "reserved": true}

// sureVisits are the locations of an Encounter without those where the patient is not yet, or that may mean something else.
func (r *reader) sureVisits(encounter *encounterEntry) []encounterLocation {
	var sure []encounterLocation
	for n, visit := range encounter.Location {
		path := fmt.Sprintf("%s.location[%d]", encounter.path, n)
		switch {
		case len(visit.ModifierExtension) > 0:
			r.leaveOut(path, ModifierExtension)
		case notThere[visit.Status]:
			r.ignore(path, NotFinal, "its status is "+visit.Status)
		default:
			if _, isICU := r.unitOf(encounter, visit.Location); isICU {
				r.instant(visit.Period.Start, path+".period.start")
				r.instant(visit.Period.End, path+".period.end")
			}
			sure = append(sure, visit)
		}
	}
	return sure
}

// leaveElsewhere leaves out an Encounter that is not in intensive care. When it is the one of the request, there is nothing
// to foresee.
func (r *reader) leaveElsewhere(encounter *encounterEntry) {
	if encounter.ID != "" && encounter.ID == r.options.Encounter {
		r.notIntensive(encounter)
		return
	}
	r.ignore(encounter.path, NotInpatient, "its class is "+encounter.Class.Code)
}

func (r *reader) notIntensive(encounter *encounterEntry) {
	r.fatal(encounter.path+".class", sepsis.OutOfScope, "the Encounter is not in intensive care: its class is "+encounter.Class.Code, "")
}

func (r *reader) refused(code sepsis.Code) bool {
	return slices.ContainsFunc(r.Problems, func(p sepsis.Problem) bool { return p.Code == code })
}

// only keeps those of which something holds, unless it holds of none.
func only(encounters []*encounterEntry, holds func(*encounterEntry) bool) []*encounterEntry {
	var kept []*encounterEntry
	for _, encounter := range encounters {
		if holds(encounter) {
			kept = append(kept, encounter)
		}
	}
	if len(kept) == 0 {
		return encounters
	}
	return kept
}

// intensive are an Encounter's times in intensive care, by its locations, in order.
func (r *reader) intensive(encounter *encounterEntry) []interval {
	var times []interval
	for _, visit := range encounter.Location {
		unit, isICU := r.unitOf(encounter, visit.Location)
		start, unknown := readInstant(visit.Period.Start)
		if !isICU || unknown != "" {
			continue
		}
		end, _ := readInstant(visit.Period.End)
		times = append(times, interval{start: start, end: end, unit: unit})
	}
	slices.SortStableFunc(times, func(a, b interval) int { return a.start.Compare(b.start) })
	return times
}

// mostLevels is how many Locations are looked at from a bed outwards, and how many Encounters from a part of a stay: more than there are, from the
// bed to the site (http://hl7.org/fhir/R4/valueset-location-physical-type.html). They may be parts of each other.
const mostLevels = 16

// careUnit is what the types of a Location say: whether it is an intensive care unit, and of which kind, if they tell, or another unit.
type careUnit struct {
	isICU   bool
	unit    sepsis.ICUUnit
	isOther bool
}

// unitOf tells whether a Location is in intensive care, by its types and those of the Locations that it is part of, as a bed is of its unit. A unit of
// another kind that is part of one, such as a step-down ward, is not.
func (r *reader) unitOf(encounter *encounterEntry, location Reference) (unit sepsis.ICUUnit, isICU bool) {
	for range mostLevels {
		place := r.place(encounter, location.key())
		if place == nil {
			break
		}
		care, known := r.care[place]
		if !known {
			care = careUnitOf(place)
			r.care[place] = care
		}
		if care.unit != "" {
			return care.unit, true
		}
		if care.isOther {
			break
		}
		isICU = isICU || care.isICU
		location = place.PartOf
	}
	return "", isICU
}

// place is the Location of a reference in an Encounter, or in what it contains; nil when it was not sent.
func (r *reader) place(encounter *encounterEntry, key string) *locationResource {
	if inside := encounter.contained[key]; inside != nil {
		return inside
	}
	if key == "" { // that of Locations without id
		return nil
	}
	return r.locations[key]
}

func careUnitOf(place *locationResource) careUnit {
	found := careUnit{}
	for _, concept := range place.Type {
		for _, known := range intensiveCare {
			if concept.has(known.system, known.code) {
				if known.unit != "" {
					return careUnit{isICU: true, unit: known.unit}
				}
				found.isICU = true
			}
		}
		for _, code := range otherUnits {
			found.isOther = found.isOther || concept.has(roleSystem, code)
		}
	}
	found.isOther = found.isOther && !found.isICU && !isBedOrRoom(place)
	return found
}

// isBedOrRoom tells whether a Location is a part of a unit, whatever is done there, and no unit.
func isBedOrRoom(place *locationResource) bool {
	return place.PhysicalType.has(placeSystem, "bd") || place.PhysicalType.has(placeSystem, "ro")
}

// instant reads the beginning or the end of a stay, or of a part of it. One that tells no hour is named.
func (r *reader) instant(text, path string) (at time.Time, known bool) {
	at, unknown := readInstant(text)
	if unknown != "" && text != "" {
		r.ignore(path, unknown, "it does not tell the hour")
	}
	return at, unknown == ""
}

// believeEnd does not believe the end of a stay that ended before it began.
func (r *reader) believeEnd(path string) {
	if r.stay.end.IsZero() || !r.stay.end.Before(r.stay.start) {
		return
	}
	r.stay.end = time.Time{}
	r.problem(sepsis.Problem{Location: path, Code: sepsis.OutOfRange, Message: "it ends before it begins"})
}

// fromEncounter takes the stay from an Encounter. Without locations in intensive care, the Encounter is taken for the
// stay in intensive care.
func (r *reader) fromEncounter(encounter *encounterEntry) {
	start, known := r.instant(encounter.Period.Start, encounter.path+".period.start")
	if times := r.intensive(encounter); len(times) > 0 {
		r.stay = r.lastStay(times)
		r.believeEnd(encounter.path + ".location")
		if known {
			r.before(start, encounter.path+".period.start")
		}
		r.beforeAround(encounter)
		return
	}
	if !known {
		return
	}
	end, _ := r.instant(encounter.Period.End, encounter.path+".period.end")
	r.stay = interval{start: start, end: end}
	r.believeEnd(encounter.path + ".period")
	r.beforeAround(encounter)
	if sepsis.IsMissing(r.Stay.HoursBefore) && encounter.sent > 0 {
		r.Warnings = append(r.Warnings, sepsis.Warning{
			Code: sepsis.ICUStartUncertain, Location: encounter.path + ".location",
			Message: "the Encounter's locations do not tell when intensive care began: its beginning was taken for that, and may be that of the hospital stay",
			Hint:    "send the Locations with their type, those that they are part of, and the period of each in the Encounter",
		})
	}
}

// lastStay joins moves within intensive care, and gives the last time there that began before the last value.
func (r *reader) lastStay(times []interval) interval {
	var last time.Time
	for _, value := range r.values {
		if value.time.After(last) {
			last = value.time
		}
	}
	stay := times[0]
	for _, next := range times[1:] {
		if next.start.After(last) && !last.IsZero() {
			break
		}
		if stay.end.IsZero() || next.start.Sub(stay.end) <= bedMove {
			stay.end = next.end
			continue
		}
		stay = next
	}
	return stay
}

// beforeAround takes the hours before intensive care from the Encounters around one: that of which it is a part, and so on outwards, as where
// the bed is part of the department's Encounter, and that of the hospital's.
func (r *reader) beforeAround(encounter *encounterEntry) {
	for _, outer := range r.around(encounter) {
		if admitted, known := r.instant(outer.Period.Start, outer.path+".period.start"); known {
			r.before(admitted, outer.path+".period.start")
		}
	}
}

// around are the Encounters of which one is a part, from the inmost outwards.
func (r *reader) around(encounter *encounterEntry) []*encounterEntry {
	var outer []*encounterEntry
	inner := encounter
	for range mostLevels {
		around := r.encounterOf[inner.PartOf.key()]
		if around == nil || around == encounter {
			break
		}
		inner = around
		outer = append(outer, inner)
	}
	return outer
}

// before notes the hours in hospital before intensive care, of several Encounters the most. A hospital stay that begins later is not believed, nor one
// around another that begins too early, as in long-term care does.
func (r *reader) before(admitted time.Time, path string) {
	hours := r.stay.start.Sub(admitted).Hours()
	tooEarly := fmt.Sprintf("it is more than %d hours before intensive care", sepsis.MaxHoursWait)
	switch {
	case hours < 0:
		r.ignore(path, BeforeStay, "the hospital stay begins after that in intensive care")
	case hours > sepsis.MaxHoursWait && sepsis.IsMissing(r.Stay.HoursBefore):
		r.problem(sepsis.Problem{Location: path, Code: sepsis.OutOfRange, Message: tooEarly})
	case hours > sepsis.MaxHoursWait:
		r.ignore(path, BeforeStay, tooEarly)
	case sepsis.IsMissing(r.Stay.HoursBefore) || hours > r.Stay.HoursBefore:
		r.Stay.HoursBefore = hours
	}
}
