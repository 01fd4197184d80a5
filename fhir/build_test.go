package fhir_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// Resources of an invented patient, who came to intensive care at 08:00 on 1 June 2021.
const (
	patientP  = `{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1954-03-02"}`
	encounter = `{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p"},"period":{"start":"2021-06-01T08:00:00+02:00"}}`
)

// bundle joins resources.
func bundle(resources ...string) string {
	var entries []string
	for _, resource := range resources {
		entries = append(entries, `{"resource":`+resource+`}`)
	}
	return `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(entries, ",") + `]}`
}

// heartRate is an Observation of a heart rate of 118 at 10:10, with elements put in place of others or beside them.
func heartRate(id string, changes ...string) string {
	elements := map[string]string{
		"resourceType": `"Observation"`, "id": fmt.Sprintf("%q", id), "status": `"final"`, "subject": `{"reference":"Patient/p"}`,
		"effectiveDateTime": `"2021-06-01T10:10:00+02:00"`, "code": `{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}`,
		"valueQuantity": `{"value":118,"unit":"beats/min","system":"http://unitsofmeasure.org","code":"/min"}`,
	}
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		elements[name] = value
		if value == "" {
			delete(elements, name)
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		parts = append(parts, fmt.Sprintf("%q:%s", name, elements[name]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// observed is an Observation of a LOINC code.
func observed(id, loinc, at string, value float64, unit string) string {
	return heartRate(id, fmt.Sprintf(`code={"coding":[{"system":"http://loinc.org","code":%q}]}`, loinc), fmt.Sprintf("effectiveDateTime=%q", at),
		fmt.Sprintf(`valueQuantity={"value":%g,"system":"http://unitsofmeasure.org","code":%q}`, value, unit))
}

func read(body string) *fhir.Reading { return fhir.Read(fhir.Split([]byte(body)), fhir.Options{}) }

func lenient(body string) *fhir.Reading {
	return fhir.Read(fhir.Split([]byte(body)), fhir.Options{Lenient: true})
}

// fine reads what should have no problem.
func fine(t *testing.T, body string) *fhir.Reading {
	t.Helper()
	r := read(body)
	if len(r.Problems) > 0 {
		t.Fatalf("problems %+v, left out %+v", r.Problems, r.Ignored)
	}
	return r
}

func hourOf(t *testing.T, r *fhir.Reading, hour int) sepsis.Values {
	t.Helper()
	for _, observation := range r.Stay.Observations {
		if observation.Hour == hour {
			return observation.Values
		}
	}
	t.Fatalf("no hour %d in %+v", hour, r.Stay.Observations)
	return sepsis.Values{}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
