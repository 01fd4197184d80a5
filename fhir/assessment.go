package fhir

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
)

// Assessment is what is said of a stay.
type Assessment struct {
	ID             string // of the answer
	Time           time.Time
	Risk           sepsis.Risk
	Threshold      float64
	AlertThreshold float64
	Reliability    sepsis.Reliability
	Warnings       []sepsis.Warning
	Unlisted       int // further warnings
	Scores         []NamedScore
	Contributions  []sepsis.Contribution
	Model          sepsis.ModelInfo
}

// NamedScore is a bedside score with its name.
type NamedScore struct {
	Name string
	sepsis.Score
}

// RiskAssessment is the resource by which FHIR says how likely something is.
type RiskAssessment struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Text         *Narrative       `json:"text,omitzero"`
	Contained    []any            `json:"contained,omitempty"`
	Extension    []Extension      `json:"extension,omitempty"`
	Status       string           `json:"status"`
	Method       *CodeableConcept `json:"method,omitzero"`
	Subject      Reference        `json:"subject"`
	Encounter    *Reference       `json:"encounter,omitzero"`
	Occurrence   string           `json:"occurrenceDateTime"`
	Performer    Reference        `json:"performer"`
	Basis        []Reference      `json:"basis,omitempty"`
	Prediction   []Prediction     `json:"prediction"`
	Note         []Annotation     `json:"note,omitempty"`
}

// Prediction is one outcome with its probability.
type Prediction struct {
	Outcome            CodeableConcept `json:"outcome"`
	ProbabilityDecimal float64         `json:"probabilityDecimal"`
	QualitativeRisk    CodeableConcept `json:"qualitativeRisk"`
	WhenRange          Range           `json:"whenRange"`
	Rationale          string          `json:"rationale"`
}

// Range is a range of quantities.
type Range struct {
	Low  Amount `json:"low"`
	High Amount `json:"high"`
}

// Amount is a Quantity that is written.
type Amount struct {
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	System string  `json:"system"`
	Code   string  `json:"code"`
}

// Narrative is a resource for human eyes.
type Narrative struct {
	Status string `json:"status"`
	Div    string `json:"div"`
}

// Annotation is a note.
type Annotation struct {
	Text string `json:"text"`
}

// Extension is an element that FHIR does not have.
type Extension struct {
	URL            string      `json:"url"`
	Extension      []Extension `json:"extension,omitempty"`
	ValueBoolean   *bool       `json:"valueBoolean,omitzero"`
	ValueCode      string      `json:"valueCode,omitzero"`
	ValueDecimal   *float64    `json:"valueDecimal,omitzero"`
	ValueInteger   *int        `json:"valueInteger,omitzero"`
	ValueReference *Reference  `json:"valueReference,omitzero"`
	ValueString    string      `json:"valueString,omitzero"`
}

// Device is the model that performed the assessment.
type Device struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Identifier   []Identifier    `json:"identifier"`
	DeviceName   []deviceName    `json:"deviceName"`
	Type         CodeableConcept `json:"type"`
	Version      []deviceVersion `json:"version"`
}

type deviceName struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type deviceVersion struct {
	Value string `json:"value"`
}

const researchOnly = "Research use only, not a medical device. It stands beside clinical judgement and never in its place."

// qualitative is a band in the words of FHIR's value set.
var qualitative = map[sepsis.RiskBand]string{sepsis.LowRisk: "low", sepsis.ElevatedRisk: "moderate", sepsis.HighRisk: "high"}

// NewRiskAssessment says in FHIR what was found. The reading is the one from which the assessment was made.
func NewRiskAssessment(a Assessment, reading *Reading) *RiskAssessment {
	resource := &RiskAssessment{
		ResourceType: "RiskAssessment", ID: a.ID, Text: narrative(a, reading), Status: "final",
		Contained: []any{modelDevice(a.Model), inputReport(a, reading)},
		Extension: []Extension{a.extension(), {URL: canonical + "StructureDefinition/input", ValueReference: &Reference{Reference: "#input"}}},
		Method:    text(fmt.Sprintf("%s %s: prediction model learnt from hourly measurements", a.Model.Name, a.Model.Version)),
		Subject:   Reference{Reference: reading.Patient}, Occurrence: a.Time.Format(time.RFC3339), Performer: Reference{Reference: "#model"},
		Basis: basis(reading.Used), Prediction: []Prediction{a.prediction(reading)}, Note: a.notes(),
	}
	if reading.Patient == "" {
		resource.Subject = Reference{Display: "the Patient that was sent, which has no id"}
	}
	if reading.Encounter != "" {
		resource.Encounter = &Reference{Reference: reading.Encounter}
	}
	return resource
}

// Sepsis is the disease in SNOMED CT.
var Sepsis = Coding{System: snomedSystem, Code: "91302008", Display: "Sepsis"}

// prediction is the risk. FHIR's text asks for per cent in probabilityDecimal, HL7's examples have fractions of 1: this
// is a fraction, as in the JSON API, and the rationale says so.
func (a Assessment) prediction(reading *Reading) Prediction {
	return Prediction{
		Outcome:            CodeableConcept{Coding: []Coding{Sepsis}, Text: "Onset of sepsis (Sepsis-3)"},
		ProbabilityDecimal: a.Risk.Probability,
		QualitativeRisk:    a.qualitativeRisk(),
		WhenRange:          Range{hours(0), hours(sepsis.HorizonHours)},
		Rationale: fmt.Sprintf("whenRange counts from the last value that was used, %s. probabilityDecimal is a fraction of 1: %s is %s.",
			reading.Last.Format(time.RFC3339), number6(a.Risk.Probability), percent(a.Risk.Probability)),
	}
}

// cannotBeJudged is what people read in place of a low risk that nothing stands behind.
const cannotBeJudged = "cannot be judged: too little is known, or unusual data"

// unjudged tells whether the answer looks calm although it is not to be relied on.
func (a Assessment) unjudged() bool {
	return a.Reliability.Level == sepsis.Indeterminate && a.Risk.Label == sepsis.Negative
}

// qualitativeRisk is the band and the label; the label alone, and no low risk, where it cannot be judged.
func (a Assessment) qualitativeRisk() CodeableConcept {
	label := Coding{System: labelSystem, Code: string(a.Risk.Label), Display: string(a.Risk.Label)}
	if a.unjudged() {
		return CodeableConcept{Coding: []Coding{label}, Text: cannotBeJudged}
	}
	band := Coding{System: "http://terminology.hl7.org/CodeSystem/risk-probability", Code: qualitative[a.Risk.Band]}
	return CodeableConcept{Coding: []Coding{band, label}, Text: fmt.Sprintf("%s: %s", a.Risk.Label, percent(a.Risk.Probability))}
}

func hours(value float64) Amount {
	return Amount{Value: value, Unit: "h", System: ucumSystem, Code: "h"}
}

func percent(fraction float64) string { return fmt.Sprintf("%.1f %%", 100*fraction) }

func number6(x float64) string { return fmt.Sprintf("%.6g", x) }

// basis are the Observations that were used, each once.
func basis(used []Use) []Reference {
	var references []Reference
	seen := map[string]bool{"": true}
	for _, use := range used {
		if !seen[use.Reference] {
			seen[use.Reference] = true
			references = append(references, Reference{Reference: use.Reference})
		}
	}
	return references
}

func modelDevice(model sepsis.ModelInfo) Device {
	return Device{
		ResourceType: "Device", ID: "model", Identifier: []Identifier{{System: canonical + "NamingSystem/model-sha256", Value: model.SHA256}},
		DeviceName: []deviceName{{Name: model.Name, Type: "model-name"}}, Type: CodeableConcept{Text: "Prediction model (software)"},
		Version: []deviceVersion{{Value: model.Version}},
	}
}

// extension carries what RiskAssessment has no element for.
func (a Assessment) extension() Extension {
	parts := []Extension{
		{URL: "label", ValueCode: string(a.Risk.Label)},
		{URL: "threshold", ValueDecimal: &a.Threshold},
		{URL: "alert", ValueBoolean: &a.Risk.Alert},
		{URL: "alert-threshold", ValueDecimal: &a.AlertThreshold},
		{URL: "reliability", ValueCode: string(a.Reliability.Level)},
	}
	for _, named := range a.Scores {
		score := Extension{URL: "score", Extension: []Extension{{URL: "name", ValueCode: named.Name}}}
		if named.Value != nil {
			score.Extension = append(score.Extension, Extension{URL: "value", ValueInteger: named.Value})
		}
		for _, missing := range named.Missing {
			score.Extension = append(score.Extension, Extension{URL: "missing", ValueCode: missing})
		}
		parts = append(parts, score)
	}
	for _, c := range a.Contributions {
		parts = append(parts, Extension{URL: "contribution", Extension: []Extension{
			{URL: "name", ValueCode: c.Name}, {URL: "log-odds", ValueDecimal: &c.Contribution},
		}})
	}
	return Extension{URL: canonical + "StructureDefinition/assessment", Extension: parts}
}

// notes are what nobody should overlook.
func (a Assessment) notes() []Annotation {
	notes := []Annotation{{researchOnly}}
	for _, reason := range a.Reliability.Reasons {
		notes = append(notes, Annotation{fmt.Sprintf("Reliability is %s: %s.", a.Reliability.Level, reason.Message)})
	}
	return notes
}

func narrative(a Assessment, reading *Reading) *Narrative {
	said := fmt.Sprintf("%s (%s).", percent(a.Risk.Probability), a.Risk.Label)
	if a.unjudged() {
		said = fmt.Sprintf("%s. That the answer is %s, at %s, means nothing here.", cannotBeJudged, a.Risk.Label, percent(a.Risk.Probability))
	}
	lines := []string{
		fmt.Sprintf("Sepsis within %d hours of %s: %s", sepsis.HorizonHours, reading.Last.Format(time.RFC3339), said),
		fmt.Sprintf("Values used: %d; left out: %d.", len(reading.Used), len(reading.Ignored)),
	}
	for _, note := range a.notes() {
		lines = append(lines, note.Text)
	}
	var div strings.Builder
	div.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml">`)
	for _, line := range lines {
		div.WriteString("<p>" + html.EscapeString(line) + "</p>")
	}
	div.WriteString("</div>")
	return &Narrative{Status: "generated", Div: div.String()}
}
