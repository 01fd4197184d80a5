package model

import (
	"encoding/json"

	"github.com/medtech-detect/sepsis"
)

// Card is the model card, as served by GET /model. Its parts follow Model Facts v2 (Duke Institute for Health
// Innovation); every figure in it comes from the bundle.
type Card struct {
	sepsis.ModelInfo
	Summary        string          `json:"summary"`
	Status         string          `json:"status"`
	IntendedUse    string          `json:"intended_use"`
	Limits         []string        `json:"limits"`
	Output         string          `json:"output"`
	OperatingPoint OperatingPoint  `json:"operating_point"`
	Calibration    Calibration     `json:"calibration"`
	TrainingData   TrainingData    `json:"training_data"`
	Training       Provenance      `json:"training"`
	Trees          int             `json:"trees"`
	Features       int             `json:"features"`
	Evidence       json.RawMessage `json:"evidence,omitempty"`
}

// TrainingData tells what the model was trained on.
type TrainingData struct {
	Description string `json:"description"`
	Source      string `json:"source,omitempty"`
	Licence     string `json:"licence,omitempty"`
}

func newCard(m *Model) Card {
	b := m.bundle
	return Card{
		ModelInfo: m.info,
		Summary:   "Foresees, hour by hour, whether sepsis sets in within the next 6 hours in adults in intensive care.",
		Status:    "Research use only. Not a medical device: no clearance, no conformity assessment, no prospective study.",
		IntendedUse: "Retrospective research and silent evaluation in adult intensive care, beside and never in place of " +
			"clinical judgement. Not for children, wards, emergency departments, or deciding on treatment.",
		Limits: []string{
			"Learnt from two hospital systems in the United States; at another hospital discrimination falls. Evaluate locally before any use.",
			"Relies on what was measured and when, which is a habit of the hospital, and on the hours spent in intensive care.",
			"The label is Sepsis-3 as computed from records (suspicion of infection and a rise of SOFA), not a bedside diagnosis.",
			"The operating point maximises the Challenge's utility, which accepts many early alarms; it is a watch list, not an interrupt.",
			"From a single observation without history it finds less and is wrong more often: see the group \"now only\".",
			"Does not know consciousness, urine output, vasopressors, ventilation, antibiotics, cultures, diagnoses, or notes.",
		},
		Output:         "probability: the calibrated chance that the Challenge's label holds at that hour; Positive when it reaches the threshold.",
		OperatingPoint: b.Operating,
		Calibration:    b.Calibration,
		TrainingData:   trainingData(b.Provenance),
		Training:       b.Provenance,
		Trees:          b.Trees.Trees(),
		Features:       len(b.Trees.Features()),
		Evidence:       b.Evidence,
	}
}

func trainingData(p Provenance) TrainingData {
	if p.Synthetic {
		return TrainingData{Description: "SYNTHETIC stays made by `sepsis data synth`. This model says nothing of real patients."}
	}
	return TrainingData{
		Description: "Hourly records of intensive care stays in the format of the PhysioNet/CinC Challenge 2019.",
		Source:      "Reyna et al., Crit Care Med 2020, doi:10.1097/CCM.0000000000004145; data set doi:10.13026/v64v-d857",
		Licence:     "CC BY 4.0",
	}
}
