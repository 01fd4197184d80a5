package server

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

const patientDescription = "One patient, in one of two forms: the measurements of the present hour flat, beside age, or a history in `observations`; " +
	"never both. null and absent both mean: not measured. At least one measurement is required in all."

// patientSchemas describes the body of a prediction, from the tables by which the decoder reads it.
func patientSchemas() map[string]*huma.Schema {
	schemas := map[string]*huma.Schema{"Patient": patientSchema(), "Observation": observationSchema()}
	for _, info := range sepsis.Variables {
		schemas[info.Name] = measurementSchema(info)
	}
	return schemas
}

func patientSchema() *huma.Schema {
	properties := measurementProperties(true)
	for _, entry := range stayEntries() {
		if entry.Name != "icu_hour" {
			properties[entry.Name] = staySchema(entry)
		}
	}
	longest, fewest, most := maxPatientID, 1, maxObservations
	properties["patient_id"] = &huma.Schema{
		Type: huma.TypeString, Nullable: true, MaxLength: &longest,
		Description: "An opaque name that the answer repeats; the model does not use it.",
	}
	properties["observations"] = &huma.Schema{
		Type: huma.TypeArray, Nullable: true, Items: reference("Observation"), MinItems: &fewest, MaxItems: &most,
		Description: "The history, one observation for each hour in which something was recorded, the earliest first. " +
			"An hour between two others in which nothing was measured may be sent, as `{\"icu_hour\": 7}`, or left out: that is the same. Before the first values it is not: " +
			"the record begins with the first observation, so that an empty one at the beginning says that nothing was measured from then on, and changes the probability. " +
			"An empty one at the end asks for the risk at that hour.",
	}
	return &huma.Schema{
		Type: huma.TypeObject, Description: patientDescription, Properties: properties,
		Required: []string{"age"}, AdditionalProperties: false,
	}
}

func observationSchema() *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, Description: "What was measured in one hour of the stay.", Properties: measurementProperties(false),
		Required: []string{"icu_hour"}, AdditionalProperties: false,
	}
}

// measurementProperties are the fields that both forms share. Only in the flat form icu_hour may be missing.
func measurementProperties(flat bool) map[string]*huma.Schema {
	properties := map[string]*huma.Schema{}
	for _, info := range sepsis.Variables {
		properties[info.Name] = reference(info.Name)
	}
	zero, last := 0.0, float64(sepsis.MaxICUHour)
	properties["icu_hour"] = &huma.Schema{
		Type: huma.TypeNumber, Nullable: flat, ExclusiveMinimum: &zero, Maximum: &last,
		Description: "Hours since ICU admission. Whole hours count: 1 is the first hour, and 2.5 belongs to hour 3; up to 1e-9 above a whole hour is taken for rounding, and belongs to it. The hours of observations must increase.",
	}
	return properties
}

func staySchema(entry stayEntry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeNumber, Nullable: !entry.Required, Description: describe(entry.Description, timeWord(entry.Unit))}
	if entry.Hard != nil {
		schema.Minimum, schema.Maximum = &entry.Hard.Min, &entry.Hard.Max
		return schema
	}
	schema.Type = huma.TypeString
	for _, choice := range entry.Choices {
		schema.Enum = append(schema.Enum, choice)
	}
	schema.Enum = append(schema.Enum, nil)
	return schema
}

// measurementSchema is a number in the variable's own unit, or a value with its unit, or null.
func measurementSchema(info sepsis.VariableInfo) *huma.Schema {
	hard := info.Hard
	return &huma.Schema{
		Description: describe(languages{info.English, info.French}, string(info.Unit)),
		AnyOf: []*huma.Schema{
			{Type: huma.TypeNumber, Nullable: true, Minimum: &hard.Min, Maximum: &hard.Max, Description: "in " + string(info.Unit)},
			quantitySchema(info),
		},
	}
}

func quantitySchema(info sepsis.VariableInfo) *huma.Schema {
	unit := &huma.Schema{Type: huma.TypeString, Description: "A UCUM code. Some common other spellings of these units are read too."}
	for _, accepted := range info.Units() {
		unit.Enum = append(unit.Enum, string(accepted))
	}
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"value", "unit"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"value": {Type: huma.TypeNumber, Nullable: true}, "unit": unit},
	}
}

// timeWord is a UCUM unit of time as a sentence has it. Numbers of the stay are sent without a unit, so that its code is not needed.
func timeWord(unit string) string {
	if word, isTime := map[string]string{"a": "years", "h": "hours"}[unit]; isTime {
		return word
	}
	return unit
}

func describe(names languages, unit string) string {
	if unit == "" {
		return names.English
	}
	return fmt.Sprintf("%s, in %s", names.English, unit)
}

// example is a body with what it shows.
type example struct {
	Name, Summary string
	Body          any
}

// examples are the two forms. Their values are invented.
var examples = []example{
	{"flat", "The present hour only", map[string]any{
		"age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9, "respiratory_rate": 26,
		"systolic_bp": 88, "mean_arterial_pressure": 61, "lactate": map[string]any{"value": 37, "unit": "mg/dL"}, "wbc": 16.4,
	}},
	{"history", "A stay with its history", map[string]any{
		"age": 67, "sex": "female", "icu_unit": "medical", "hours_in_hospital_before_icu": 12.5,
		"observations": []any{
			map[string]any{"icu_hour": 1, "heart_rate": 97, "spo2": 95, "systolic_bp": 98},
			map[string]any{"icu_hour": 2, "heart_rate": 89, "lactate": 3.1},
		},
	}},
}

func patientExamples() map[string]*huma.Example {
	named := map[string]*huma.Example{}
	for _, e := range examples {
		named[e.Name] = &huma.Example{Summary: e.Summary, Value: e.Body}
	}
	return named
}
