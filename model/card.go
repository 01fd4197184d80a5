package model

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// Card is the model card, as served by GET /model. Its parts are those that Model Facts v2 (Duke Institute for Health
// Innovation; Sendak et al. 2020, doi:10.1038/s41746-020-0253-3) with the source attributes of HTI-1
// (45 CFR 170.315(b)(11)) and the applied model card of the Coalition for Health AI (https://mc.chai.org) ask for. Every
// figure in it comes from the bundle, from the vocabulary, or from the evidence that the bundle carries.
type Card struct {
	sepsis.ModelInfo
	Summary          string          `json:"summary"`
	Status           string          `json:"status"`
	Developer        Developer       `json:"developer"`
	Release          Release         `json:"release"`
	IntendedUse      string          `json:"intended_use"`
	IntendedUsers    string          `json:"intended_users"`
	HowToUse         []string        `json:"how_to_use"`
	TargetPopulation string          `json:"target_population"`
	OutOfScope       []string        `json:"out_of_scope"`
	Warnings         []string        `json:"warnings"`
	Limits           []string        `json:"limits"`
	Risks            []Risk          `json:"risks"`
	ClinicalRisk     string          `json:"clinical_risk_level"`
	HumanOversight   string          `json:"human_oversight"`
	Inputs           Inputs          `json:"inputs"`
	Outcome          string          `json:"outcome"`
	Output           string          `json:"output"`
	OperatingPoint   OperatingPoint  `json:"operating_point"`
	AlertPoint       AlertPoint      `json:"alert_point"`
	Calibration      Calibration     `json:"calibration"`
	ModelType        string          `json:"model_type"`
	TrainingData     TrainingData    `json:"training_data"`
	Training         Provenance      `json:"training"`
	Trees            int             `json:"trees"`
	Features         int             `json:"features"`
	Forecasts        []Foreseen      `json:"forecasts"`      // what the trees are told beside the features
	ForecastTrees    int             `json:"forecast_trees"` // of all forecasts together, beside Trees
	NetworkWeights   int             `json:"network_weights,omitempty"`
	Validation       Validation      `json:"validation"`
	Fairness         string          `json:"fairness"`
	Maintenance      Maintenance     `json:"maintenance"`
	Transparency     Transparency    `json:"transparency"`
	Evidence         json.RawMessage `json:"evidence,omitempty"`
	ParentEvidence   json.RawMessage `json:"parent_evidence,omitempty"` // of the model that this one was fitted to a site from
}

// Developer is who answers for the model.
type Developer struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
}

// Release is how far the model is from use.
type Release struct {
	Stage        string `json:"stage"`
	Date         string `json:"date"`
	Availability string `json:"availability"`
	Regulation   string `json:"regulation"`
	Licence      string `json:"licence"`
}

// Risk is what can go wrong, and what stands against it.
type Risk struct {
	Risk    string `json:"risk"`
	Control string `json:"control"`
}

// Inputs tell what the model reads, from the vocabulary.
type Inputs struct {
	Description  string  `json:"description"`
	Measurements []Input `json:"measurements"`
	Stay         []Input `json:"stay"`
	Missing      string  `json:"missing"`
	NotUsed      string  `json:"not_used"`
}

// Input is one variable that the model reads.
type Input struct {
	Name    string `json:"name"` // the field in the API
	English string `json:"english"`
	Unit    string `json:"unit,omitempty"` // UCUM; absent for a choice
}

// Foreseen is a forecast that the trees are told.
type Foreseen struct {
	Name     string `json:"name"` // of the column that the trees see
	English  string `json:"english"`
	Labelled bool   `json:"labelled"` // learnt from stays without sepsis alone
}

// TrainingData tells what the model was trained on.
type TrainingData struct {
	Description  string `json:"description"`
	Source       string `json:"source,omitempty"`
	Licence      string `json:"licence,omitempty"`
	Demographics string `json:"demographics"`
}

// Validation tells how the figures came about, and which there are none of.
type Validation struct {
	Internal    string   `json:"internal"`
	External    string   `json:"external"`
	Prospective string   `json:"prospective"`
	Calibration string   `json:"calibration"`
	Groups      []string `json:"groups"` // the parts of the cohort that the evidence has figures of
}

// Maintenance tells what keeps the model good once it is used, and who sees to it.
type Maintenance struct {
	Updates       string `json:"updates"`
	Monitoring    string `json:"monitoring"`
	Recalibration string `json:"recalibration"`
	Adaptation    string `json:"adaptation"`
	Withdrawal    string `json:"withdrawal"`
}

// Transparency holds what the applied model card asks about those behind the model.
type Transparency struct {
	Funding       string `json:"funding"`
	ThirdParties  string `json:"third_parties"`
	Consulted     string `json:"stakeholders_consulted"`
	Publications  string `json:"publications"`
	Reimbursement string `json:"reimbursement"`
	Consent       string `json:"patient_consent"`
	Security      string `json:"security"`
}

func newCard(m *Model) Card {
	b := m.bundle
	from := b.origin()
	return Card{
		ModelInfo:        m.info,
		Summary:          "Foresees, hour by hour, whether sepsis sets in within the next 6 hours in adults in intensive care.",
		Status:           "Research use only. Not a medical device: no clearance, no conformity assessment, no prospective study.",
		Developer:        from.developer,
		Release:          release(from.licence),
		IntendedUse:      intendedUse,
		IntendedUsers:    "Researchers, and the staff who judge whether such a model could help their unit: intensive care physicians and nurses, statisticians, engineers.",
		HowToUse:         howToUse(),
		TargetPopulation: fmt.Sprintf("Adults (%d years and older) in a medical or surgical intensive care unit, hour by hour from the first hour on, before sepsis is recognised.", sepsis.AdultAge),
		OutOfScope:       outOfScope(),
		Warnings:         warnings(b.Provenance),
		Limits:           limits(from),
		Risks:            risks(),
		ClinicalRisk:     clinicalRisk,
		HumanOversight: "Every answer is read by a clinician, who examines the patient and decides. Nothing is ordered, given or withheld because of an " +
			"answer alone; Negative never ends a clinician's own suspicion.",
		Inputs:  inputs(),
		Outcome: from.outcome,
		Output: "probability: the calibrated chance that the Challenge's label holds at that hour; Positive when it reaches the threshold. " +
			"With it: whether an alert is on, a band of risk, how far to rely on the answer, bedside scores, and warnings.",
		OperatingPoint: b.Operating,
		AlertPoint:     *b.Alert,
		Calibration:    b.Calibration,
		ModelType:      modelType(b),
		TrainingData:   from.data,
		Training:       b.Provenance,
		Trees:          b.Trees.Trees(),
		Features:       features.Count(),
		Forecasts:      foreseen(b),
		ForecastTrees:  forecastTrees(b),
		NetworkWeights: networkWeights(b),
		Validation:     validation(b),
		Fairness: "Sex and age are inputs. Race, ethnicity, language, income and insurance are not in the data: fairness towards such groups is unknown. " +
			"Pulse oximetry, which is an input, reads too high more often in patients with dark skin (Sjoding et al. 2020, doi:10.1056/NEJMc2029240): what that does here cannot be measured. " +
			"No method against bias was applied. `sepsis evaluate` measures age, sex, unit and hospital apart, with calibration.",
		Maintenance:    maintenance(),
		Transparency:   transparency(b.Provenance, from),
		Evidence:       b.Evidence,
		ParentEvidence: b.ParentEvidence,
	}
}

const intendedUse = "Retrospective research and silent evaluation in adult intensive care, beside and never in place of " +
	"clinical judgement. Not for children, wards, emergency departments, or deciding on treatment."

// modelType says what kind of model it is, and where forecasts stand in it.
func modelType(b *Bundle) string {
	made := "the average of the boosters of all folds"
	if b.Provenance.Imported != nil {
		made = "trained elsewhere and imported"
	}
	text := "Gradient boosted decision trees, " + made + ", with logistic recalibration. No foundation model; it does not learn in use."
	if b.Provenance.Recipe == PortableRecipe {
		text += " Trained by the portable recipe, for a hospital of which no label is known: shallower trees, most of them blind to some habits of measuring."
	}
	if b.Network != nil {
		text += fmt.Sprintf(" Beside them answers, of hours that have hours before them, the average of small feed-forward networks of all folds, on %d of the features: "+
			"the raw output is %g of its log-odds and %g of the trees'.", b.Network.Seen(), b.NetworkShare, 1-b.NetworkShare)
	}
	if b.SingleHour != 0 {
		text += fmt.Sprintf(" Of an hour without history the trees answer alone, and %+.3f is added to their log-odds, so that its risk is right in the large.", b.SingleHour)
	}
	if len(b.Forecasters) == 0 {
		return text
	}
	if b.Network != nil {
		text += " They learnt, along with the outcome, what the forecasts foretell."
	}
	return text + " Beside the features the trees are told forecasts of the hours to come: how likely each is, or where that stands among the hours of the " +
		"hospital. Each is made from the same features by boosted trees of its own, which have learnt from what came next in the records, most of them without any label. " +
		"A prediction still uses nothing but the past."
}

// foreseen lists the bundle's forecasts with what they mean.
func foreseen(b *Bundle) []Foreseen {
	all := make([]Foreseen, len(b.Forecasters))
	for i := range b.Forecasters {
		all[i] = Foreseen{b.Forecasters[i].Column, Forecasts[i].English, Forecasts[i].Labelled}
	}
	return all
}

func networkWeights(b *Bundle) int {
	if b.Network == nil {
		return 0
	}
	return b.Network.Weights()
}

func forecastTrees(b *Bundle) int {
	trees := 0
	for i := range b.Forecasters {
		trees += b.Forecasters[i].Trees.Trees()
	}
	return trees
}

// The Challenge's label: Reyna et al. 2020, doi:10.1097/CCM.0000000000004145, with the criteria of Sepsis-3 (Singer et
// al. 2016, doi:10.1001/jama.2016.0287).
const outcome = "Onset of sepsis by Sepsis-3 as computed from records: suspicion of infection (antibiotics and cultures ordered) and a rise of SOFA " +
	"by 2 points within 24 hours, near each other in time. Onset is the earlier of the two. The label holds from 6 hours before it on."

func release(licence string) Release {
	return Release{
		Stage: "Research release, for retrospective and silent evaluation.",
		Date:  "Not in the bundle: it holds no time, so that training again gives the same bytes. The version and the SHA-256 identify it.",
		Regulation: "None. Software that predicts sepsis is a medical device in the United States (21 CFR 880.6316, class II) and in the European Union " +
			"(Regulation 2017/745, rule 11, class IIa or above): using it in care needs what those rules ask for first.",
		Availability: "As a file, for research. Nowhere placed on the market as a medical device.",
		Licence:      licence,
	}
}

const clinicalRisk = "High if it were used in care: a miss that is trusted can delay the treatment of a patient who may die of it, and false alarms can bring needless antibiotics and tests. " +
	"In the intended use, retrospective or silent, no answer reaches care."

func howToUse() []string {
	return []string{
		"Evaluate it on the unit's own records before anything else, and recalibrate where the probabilities are off.",
		"Send the whole history of the stay, hour by hour, with the hour of intensive care; send what was not measured as missing.",
		"Read the probability together with what was measured, how long ago, and the warnings of the answer.",
		"Take Positive as a reason to look at the patient again, not as a diagnosis.",
	}
}

func outOfScope() []string {
	return []string{
		fmt.Sprintf("Patients under %d, whose normal values and criteria of sepsis differ.", sepsis.AdultAge),
		"Emergency departments, general wards, and intensive care other than medical and surgical.",
		"Patients in whom sepsis is already recognised or treated: their hours are not in the data, beyond the first few.",
		"Deciding on antibiotics, fluids, transfer, or the end of monitoring.",
		"Ranking hospitals or staff, billing, and any use without a clinician who reads the answer.",
	}
}

func warnings(p Provenance) []string {
	all := []string{
		"Research use only: do not use it in the care of patients.",
		"A Negative answer does not rule sepsis out.",
		"Do not use it at a hospital where it has not been evaluated.",
	}
	first := importWarnings(p)
	if p.Synthetic {
		first = append(first, "Trained on SYNTHETIC stays: it says nothing of real patients.")
	}
	if slices.ContainsFunc(p.Recalibrations, func(r Recalibration) bool { return r.Synthetic }) {
		first = append(first, "Recalibrated on SYNTHETIC stays: its probabilities say nothing of real patients.")
	}
	if slices.ContainsFunc(p.Adaptations, func(a Adaptation) bool { return a.Synthetic }) {
		first = append(first, "Adapted to SYNTHETIC stays: its forecasts, and so its probabilities, say nothing of real patients.")
	}
	return append(first, all...)
}

func limits(from origin) []string {
	all := append([]string{
		from.learnt,
		"Relies on what was measured and when, and on what is likely to be measured next, which are habits of the hospital, and on the hours spent in intensive care.",
		from.label,
	}, from.records...)
	return append(all,
		"The threshold of Positive maximises the Challenge's utility, which accepts many early alarms; it is a watch list, not an interrupt. The alert is rarer and misses more.",
		"From a single observation without history it finds less and is wrong more often: see the group \"now only\".",
		"Does not know consciousness, urine output, vasopressors, ventilation, antibiotics, cultures, diagnoses, or notes.",
	)
}

func risks() []Risk {
	return []Risk{
		{"Sepsis is missed and a Negative answer reassures.", "The card says that Negative rules nothing out; bedside scores stand beside the answer; a clinician decides."},
		{"So many alarms that they are no longer read.", "Alarm rates are published with the figures; an alert of higher precision, which ends only when the risk has fallen, stands beside the watch list; both thresholds can be fitted to a unit."},
		{"It says what the staff knows: tests are ordered because sepsis is suspected, and the model reads that they were.", "The evaluation reports how much rests on measuring habits and on hours in intensive care, and compares with counting hours."},
		{"Practice or population differ or change, and the figures no longer hold.", "Evaluation and recalibration on the unit's own records, repeated; the data digest and the version say what a figure belongs to."},
		{"An answer from too little, or from a patient unlike those learnt from.", "Each answer says how far to rely on it, down to indeterminate, and why."},
		{"Wrong units or impossible values.", "Units are converted once at the border; what cannot be true is refused with place and cure, never guessed."},
		{"A group of patients is served worse.", "Figures by age, sex, unit and hospital; groups that the data do not record remain unknown."},
	}
}

func inputs() Inputs {
	in := Inputs{
		Description: fmt.Sprintf("Hourly measurements of an intensive care stay (%d) and what describes the stay, from the electronic record. Documents: docs/vocabulary.md.", sepsis.NumVariables),
		Missing:     "What was not measured stays missing and is never taken for normal; that it was not measured, and how long ago it was, is information to the model.",
		NotUsed:     "Names, identifiers, race, ethnicity, language, insurance, diagnoses, notes, images, treatments.",
	}
	for _, v := range sepsis.Variables {
		in.Measurements = append(in.Measurements, Input{Name: v.Name, English: v.English, Unit: string(v.Unit)})
	}
	for i, v := range sepsis.StayVariables {
		if i > 0 && v.Name == sepsis.StayVariables[i-1].Name {
			continue // the two columns of the kind of unit
		}
		english := v.English
		if v.Name == "icu_unit" {
			english = "Kind of intensive care unit"
		}
		in.Stay = append(in.Stay, Input{Name: v.Name, English: english, Unit: v.Unit})
	}
	return in
}

// validation reads from the evidence how it was measured and of whom. That of a model that was fitted to a site is its parent's.
func validation(b *Bundle) Validation {
	v := Validation{
		Internal:    "Not measured: the bundle carries no figures.",
		External:    "None at a hospital outside the training data. `sepsis evaluate` carries models from each hospital system to the other.",
		Prospective: "None: no prospective study, no silent trial, no effect on patients is known.",
		Calibration: "Logistic recalibration on out-of-fold predictions. Not measured: the bundle carries no figures.",
		Groups:      []string{},
	}
	if b.Provenance.Imported != nil {
		v.Calibration = "Logistic recalibration on a fold that the imported trees did not learn from; not measured on others."
	}
	raw, of := b.Evidence, ""
	if b.ParentEvidence != nil {
		raw, of = b.ParentEvidence, "Of the parent model, before anything was fitted to a site: "
	}
	var evidence struct {
		Method string
		Groups []struct{ Name string }
	}
	if json.Unmarshal(raw, &evidence) != nil || evidence.Method == "" {
		return v
	}
	v.Internal = of + evidence.Method
	v.Calibration = "Logistic recalibration on out-of-fold predictions; slope and calibration in the large, with intervals, are in the figures. " +
		"At another hospital, recalibrate first."
	if p := b.Pooling; p != nil {
		v.Calibration += fmt.Sprintf(" What answers is the mean of what %d folds have learnt, whose risks are closer together than those of one: therefore its log-odds are drawn apart %.3f times "+
			"(the margins of two of them correlate by %.3f on stays that are new to both).", p.Folds, p.Factor(), p.Correlation)
	}
	if len(b.Provenance.Recalibrations) > 0 {
		v.Calibration = "Logistic recalibration on the stays of a site, after the training; not measured on others."
	}
	if len(b.Provenance.Adaptations) > 0 {
		v.Calibration += " Forecasts were learnt anew at a site, without labels: what calibration and thresholds from before that are worth with them is not measured."
	}
	for _, g := range evidence.Groups {
		v.Groups = append(v.Groups, g.Name)
	}
	return v
}

func maintenance() Maintenance {
	return Maintenance{
		Updates:       "A model is a read-only file and never changes in use. A new one has a new version and SHA-256, and its card and figures are made again.",
		Monitoring:    "By whoever runs it: measure again on recent records at fixed intervals and after any change of devices, laboratory, record system or practice. No monitoring of outcomes is promised by the developer.",
		Recalibration: "Calibration and thresholds hold for the hospitals that they were fitted to. `sepsis model recalibrate` fits them to labelled records of another, and writes a new model that names its parent.",
		Adaptation: "Forecasts say what is likely by the habits of the hospitals that they were learnt at. `sepsis model adapt` learns those that need no label anew from records of another, " +
			"and writes a new model that names its parent. Calibration and thresholds stay; they want fitting once there are labels. Between the two hospitals of the Challenge this gave the " +
			"shipped recipe no more utility and moved its calibration further off; it is meant for a model of the portable recipe (`sepsis train --recipe portable`).",
		Withdrawal: "Stop using it when its local figures fall below those of counting the hours in intensive care, or leave the range that the unit has set.",
	}
}

func transparency(p Provenance, from origin) Transparency {
	return Transparency{
		Funding:       "None on record.",
		ThirdParties:  thirdParties(p, from.authors),
		Consulted:     "No patients or clinicians took part in its making; published studies of such systems did shape it.",
		Publications:  "None of this model.",
		Reimbursement: "None: it is not for use in care.",
		Consent:       from.consent,
		Security:      "A bundle is data and never code: it is read with limits and checks, and its SHA-256 names it in every JSON answer.",
	}
}
