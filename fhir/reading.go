package fhir

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// Options say how resources are read.
type Options struct {
	// Lenient leaves out what cannot be true, and says so, instead of noting a problem. It is for stored records, and for
	// callers who cannot correct what they send.
	Lenient   bool
	Patient   string    // the id that the Patient must have; empty for any
	Encounter string    // the id of the Encounter that is the stay; empty when the resources tell
	Bedside   bool      // the answer is for a patient who is there: who has died, or has no Encounter under way but elsewhere, is out of scope
	Now       time.Time // nothing can have been measured later; the zero time for no limit
}

// Use is a value that became part of the stay.
type Use struct {
	Path        string // of the value
	Reference   string // of the Observation; empty when it has neither id nor fullUrl
	Variable    sepsis.Variable
	Value       float64 // in the variable's own unit
	Time        time.Time
	Hour        int // of the stay
	Preliminary bool
	Sent        string // the value and unit that were sent, when they were converted
}

// Ignored is what did not become part of the stay, and why.
type Ignored struct {
	Path    string
	Reason  Reason
	Message string
}

// Reading is what resources say of one patient's stay. The stay is to be used only when there are no problems.
type Reading struct {
	Stay       sepsis.Stay
	Patient    string      // the reference of the Patient
	Encounter  string      // the reference of the Encounter; empty when there was none
	Admission  time.Time   // the beginning of the first hour
	Last       time.Time   // of the last value that was used
	candidates []string    // ids of the Encounters of which nothing tells which is the stay
	reach      []time.Time // of the oldest Observation in each searchset that says that there is more; the zero time when it has none with a time
	Used       []Use       // by hour, then by variable
	Ignored    []Ignored
	Warnings   []sepsis.Warning
	Problems   []sepsis.Problem
}

// Partial tells whether a searchset says that there is more, which was not sent.
func (r *Reading) Partial() bool { return len(r.reach) > 0 }

// Truncated tells whether values of the stay may stand on pages that were not sent. A search that gives the newest first
// is complete for the stay when its page reaches back before it; that another's does says nothing of this one.
func (r *Reading) Truncated() bool {
	return slices.ContainsFunc(r.reach, func(oldest time.Time) bool { return oldest.IsZero() || !oldest.Before(r.Admission) })
}

// reader is a reading under way.
type reader struct {
	Reading
	options        Options
	patients       []*patientEntry
	encounters     []*encounterEntry
	encounterOf    map[string]*encounterEntry   // by key: those that took place
	locations      map[string]*locationResource // by key
	care           map[*locationResource]careUnit
	observations   []*observationEntry
	keys           map[string]bool // of all resources
	hasEncounters  bool            // whether an Encounter was sent at all, in whatever form
	stay           interval
	brokenPatient  bool // a Patient has not the form of FHIR
	patientDiffers bool // the Patient was sent in versions of which none can be taken
	values         []measurement
}

// entry is what is known of a resource beside its content.
type entry struct {
	path, key string
	text      string // as it was sent, to tell whether two are the same
	updated   string // when it last changed; empty when it does not say
}

type patientEntry struct {
	patientResource
	entry
}

type encounterEntry struct {
	encounterResource
	entry
	contained map[string]*locationResource // by reference, such as #1
	sent      int                          // how many locations it came with
}

type observationEntry struct {
	observationResource
	entry
	reference string // by which an answer names it; what is contained is named by what contains it
}

// Read makes a stay of resources.
func Read(input *Input, options Options) *Reading {
	r := &reader{options: options, locations: map[string]*locationResource{}, care: map[*locationResource]careUnit{}, keys: map[string]bool{}}
	r.Stay.HoursBefore = sepsis.Missing
	r.reach = make([]time.Time, input.cutOff)
	r.Problems, r.Ignored = input.problems, input.ignored
	for i := range input.Resources {
		r.sort(&input.Resources[i])
	}
	if len(input.Resources) == 0 && len(r.Problems) > 0 {
		return &r.Reading // nothing could be read at all
	}
	sent := len(r.patients)
	r.patients = newest(r, r.patients)
	r.patientDiffers = sent > 0 && len(r.patients) == 0
	r.encounters = newest(r, r.encounters)
	r.observations = r.withContained(newest(r, r.observations))
	if patient := r.thePatient(); patient != nil {
		for _, o := range r.observations {
			r.readObservation(o, patient)
		}
		r.findStay(patient)
		r.readPatient(patient)
		r.fill()
	}
	r.arrange(input)
	return &r.Reading
}

// sort decodes a resource by its type.
func (r *reader) sort(resource *Resource) {
	id := ""
	switch resource.kind {
	case "Patient":
		var read patientResource
		if r.decode(resource, &read) {
			id, r.patients = read.ID, append(r.patients, &patientEntry{read, entryOf(resource, read.base)})
		} else {
			r.brokenPatient = !r.options.Lenient
		}
	case "Encounter":
		r.hasEncounters = true
		var read encounterResource
		if r.decode(resource, &read) {
			id, r.encounters = read.ID, append(r.encounters, &encounterEntry{read, entryOf(resource, read.base), containedLocations(read.Contained), len(read.Location)})
		}
	case "Location":
		var read locationResource
		if r.decode(resource, &read) {
			id = read.ID
			r.addLocation(resource, &read)
		}
	case "Observation":
		var read observationResource
		if r.decode(resource, &read) {
			id = read.ID
			e := entryOf(resource, read.base)
			r.observations = append(r.observations, &observationEntry{read, e, referenceTo("Observation", id, e.key)})
			r.reachBack(resource.page, &read)
		}
	case "OperationOutcome":
		r.readOutcome(resource)
	default:
		r.ignore(resource.Path, NotRead, sepsis.Clip(resource.kind)+" is not read")
	}
	r.keys[keyFor(resource, id)], r.keys[resource.kind+"/"+id] = true, true
}

// readOutcome warns of an OperationOutcome by which something that was asked for did not come.
func (r *reader) readOutcome(resource *Resource) {
	if !saysFailed(*resource) {
		r.ignore(resource.Path, NotRead, "OperationOutcome is not read")
		return
	}
	r.Warnings = append(r.Warnings, sepsis.Warning{
		Code: sepsis.ResultsWithheld, Location: resource.Path,
		Message: "an OperationOutcome says that a search failed, or did not tell all: values may be missing",
	})
}

// reachBack notes how far a searchset that says that there is more reaches back, also by what is not used.
func (r *reader) reachBack(page int, o *observationResource) {
	at, unknown, _ := observedAt(o)
	if page == 0 || unknown != "" {
		return
	}
	if oldest := &r.reach[page-1]; oldest.IsZero() || at.Before(*oldest) {
		*oldest = at
	}
}

func entryOf(resource *Resource, read base) entry {
	return entry{path: resource.Path, key: keyFor(resource, read.ID), text: string(resource.JSON), updated: read.Meta.LastUpdated}
}

// keyFor is how references find a resource: type and id, or its fullUrl when it has no id.
func keyFor(resource *Resource, id string) string {
	if id == "" {
		return keyOf(resource.Key)
	}
	if strings.HasPrefix(resource.Key, "urn:") {
		return resource.Key
	}
	return resource.kind + "/" + id
}

func (r *reader) decode(resource *Resource, into any) bool {
	problem := decode(resource.JSON, into, resource.Path)
	if problem != nil {
		r.problem(*problem)
	}
	return problem == nil
}

func (r *reader) addLocation(resource *Resource, read *locationResource) {
	if read.modified() {
		r.leaveOut(resource.Path, ModifierExtension)
		return
	}
	r.locations[keyFor(resource, read.ID)], r.locations["Location/"+read.ID] = read, read
}

// containedLocations reads the Locations inside an Encounter, by the reference that only what contains them has to them.
func containedLocations(contained []jsontext.Value) map[string]*locationResource {
	places := map[string]*locationResource{}
	for _, part := range contained {
		var inside locationResource
		if kindOf(part) == "Location" && decode(part, &inside, "") == nil && !inside.modified() {
			places["#"+inside.ID] = &inside
		}
	}
	return places
}

// withContained adds the Observations inside of others. What is contained has no existence of its own: what its container is
// left out for, it is left out for, too.
func (r *reader) withContained(observations []*observationEntry) []*observationEntry {
	var all []*observationEntry
	for _, container := range observations {
		inside := newest(r, r.containedIn(container))
		if reason, message := unusableFor(&container.observationResource); reason != "" {
			for _, o := range inside {
				r.ignore(o.path, reason, "of the Observation that it is contained in: "+message)
			}
			inside = nil
		}
		all = append(append(all, container), inside...)
	}
	return all
}

// containedIn reads the Observations inside another.
func (r *reader) containedIn(container *observationEntry) []*observationEntry {
	var inside []*observationEntry
	for n, part := range container.Contained {
		if kindOf(part) != "Observation" {
			continue
		}
		path := fmt.Sprintf("%s.contained[%d]", container.path, n)
		var read observationResource
		if problem := decode(part, &read, path); problem != nil {
			r.problem(*problem)
			continue
		}
		if read.Subject.key() == "" {
			read.Subject = container.Subject
		}
		read.Focus = append(read.Focus, container.Focus...)
		r.keys["#"+read.ID] = true
		inside = append(inside, &observationEntry{read, entry{path: path, key: container.key + "#" + read.ID, text: string(part)}, container.reference})
	}
	return inside
}

// problem notes what is wrong; when the reading is lenient, the thing is left out with the same code.
func (r *reader) problem(problem sepsis.Problem) {
	if r.options.Lenient {
		r.ignore(problem.Location, Reason(problem.Code), problem.Message)
		return
	}
	r.Problems = append(r.Problems, problem)
}

// fatal notes what no reading can do without.
func (r *reader) fatal(location string, code sepsis.Code, message, hint string) {
	r.Problems = append(r.Problems, sepsis.Problem{Location: location, Code: code, Message: message, Hint: hint})
}

// leaveOut ignores something in the words of the table of reasons.
func (r *reader) leaveOut(path string, reason Reason) { r.ignore(path, reason, infoOf(reason).When) }

func (r *reader) ignore(path string, reason Reason, message string) {
	r.Ignored = append(r.Ignored, Ignored{Path: path, Reason: reason, Message: message})
}
