package fhir

import "github.com/go-json-experiment/json/jsontext"

// meta tells the version of a resource.
type meta struct {
	LastUpdated string `json:"lastUpdated"`
}

// base is what every resource has.
type base struct {
	ID                string           `json:"id"`
	Meta              meta             `json:"meta"`
	ImplicitRules     string           `json:"implicitRules"`
	ModifierExtension []jsontext.Value `json:"modifierExtension"`
	Contained         []jsontext.Value `json:"contained"`
}

// modified tells whether something may turn the meaning of a resource round: no extension is known here.
func (b *base) modified() bool { return len(b.ModifierExtension) > 0 || b.ImplicitRules != "" }

type patientResource struct {
	base
	Identifier []Identifier `json:"identifier"`
	Gender     *string      `json:"gender"` // nil when it was not sent, which "" is not
	BirthDate  string       `json:"birthDate"`
	Active     *bool        `json:"active"` // nil when it was not sent
	Deceased   bool         `json:"deceasedBoolean"`
	DeceasedAt string       `json:"deceasedDateTime"`
}

type encounterResource struct {
	base
	Identifier []Identifier        `json:"identifier"`
	Status     string              `json:"status"`
	Class      Coding              `json:"class"`
	Subject    Reference           `json:"subject"`
	Period     Period              `json:"period"`
	PartOf     Reference           `json:"partOf"`
	Location   []encounterLocation `json:"location"`
}

type encounterLocation struct {
	Location          Reference        `json:"location"`
	Status            string           `json:"status"`
	Period            Period           `json:"period"`
	ModifierExtension []jsontext.Value `json:"modifierExtension"`
}

type locationResource struct {
	base
	Type         []CodeableConcept `json:"type"`
	PhysicalType CodeableConcept   `json:"physicalType"`
	PartOf       Reference         `json:"partOf"`
}

type observationResource struct {
	base
	Status            string            `json:"status"`
	Category          []CodeableConcept `json:"category"`
	Subject           Reference         `json:"subject"`
	Focus             []Reference       `json:"focus"`
	Specimen          Reference         `json:"specimen"`
	EffectiveDateTime string            `json:"effectiveDateTime"`
	EffectiveInstant  string            `json:"effectiveInstant"`
	EffectivePeriod   *Period           `json:"effectivePeriod"`
	EffectiveTiming   jsontext.Value    `json:"effectiveTiming"`
	HasMember         []Reference       `json:"hasMember"`
	Component         []partOfPanel     `json:"component"`
	component
}

// partOfPanel is a component of an Observation.
type partOfPanel struct {
	component
	ModifierExtension []jsontext.Value `json:"modifierExtension"`
}

// component is what an Observation and each of its components have: a code and its value, or why there is none.
type component struct {
	Code                 CodeableConcept  `json:"code"`
	ValueQuantity        *Quantity        `json:"valueQuantity"`
	ValueCodeableConcept jsontext.Value   `json:"valueCodeableConcept"`
	ValueString          jsontext.Value   `json:"valueString"`
	ValueBoolean         jsontext.Value   `json:"valueBoolean"`
	ValueInteger         jsontext.Value   `json:"valueInteger"`
	ValueRange           jsontext.Value   `json:"valueRange"`
	ValueRatio           jsontext.Value   `json:"valueRatio"`
	ValueSampledData     jsontext.Value   `json:"valueSampledData"`
	ValueTime            jsontext.Value   `json:"valueTime"`
	ValueDateTime        jsontext.Value   `json:"valueDateTime"`
	ValuePeriod          jsontext.Value   `json:"valuePeriod"`
	DataAbsentReason     *CodeableConcept `json:"dataAbsentReason"`
}

// otherValue is the kind of a value that is no Quantity; empty when there is none.
func (c *component) otherValue() string {
	for _, other := range []struct {
		kind  string
		value jsontext.Value
	}{
		{"CodeableConcept", c.ValueCodeableConcept},
		{"string", c.ValueString},
		{"boolean", c.ValueBoolean},
		{"integer", c.ValueInteger},
		{"Range", c.ValueRange},
		{"Ratio", c.ValueRatio},
		{"SampledData", c.ValueSampledData},
		{"time", c.ValueTime},
		{"dateTime", c.ValueDateTime},
		{"Period", c.ValuePeriod},
	} {
		if len(other.value) > 0 && other.value.Kind() != 'n' {
			return other.kind
		}
	}
	return ""
}
