package server

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// answer is the body of a prediction.
type answer struct {
	ID              string                `json:"id" doc:"A ULID: sortable by time." pattern:"^[0-9A-HJKMNP-TV-Z]{26}$"`
	PatientID       string                `json:"patient_id,omitempty" doc:"What the caller sent."`
	Line            int                   `json:"line,omitempty" doc:"Of many patients in application/x-ndjson, the line of this one, the first being 1."`
	Prediction      sepsis.Label          `json:"prediction" enum:"Positive,Negative" doc:"Positive exactly when probability >= threshold."`
	Probability     float64               `json:"probability" minimum:"0" maximum:"1" doc:"The calibrated chance that sepsis sets in within the next 6 hours."`
	Threshold       float64               `json:"threshold" minimum:"0" maximum:"1" doc:"The probability from which the answer is Positive: the operating point of highest utility, a watch list."`
	Alert           bool                  `json:"alert" doc:"Whether an alert is on: from alert_threshold on, and then until the probability has fallen well below it, in the hours that were sent."`
	AlertThreshold  float64               `json:"alert_threshold" minimum:"0" maximum:"1" doc:"The probability from which an alert begins: the operating point of high precision."`
	RiskBand        sepsis.RiskBand       `json:"risk_band" doc:"The probability in one word: low below threshold, elevated from threshold, high from alert_threshold on."`
	Reliability     reliability           `json:"reliability"`
	Explanation     []sepsis.Contribution `json:"explanation,omitzero" doc:"What raises and lowers raw_output: a part for each variable, the largest first; parts of 0 are left out. Not with ?explain=false. GET /variables has the names."`
	BaseValue       *float64              `json:"base_value,omitempty" doc:"Where every explanation begins: what the trees say on average of the hours that they learnt from, weighted as they weigh them, and, with hours before the last, the networks of the mean hour, by their share. With all contributions it adds up to raw_output, to 1e-9. Only beside explanation."`
	RawOutput       *float64              `json:"raw_output,omitempty" doc:"The model's raw output, in log-odds before calibration; the probability rises with it. Only beside explanation."`
	Scores          scores                `json:"scores"`
	Warnings        []sepsis.Warning      `json:"warnings" doc:"Doubts about the input, in the order of the body, then about the model."`
	WarningsOmitted int                   `json:"warnings_omitted,omitempty" doc:"How many further doubts about the input are not listed; the list stops at 1,000."`
	Trajectory      []moment              `json:"trajectory,omitempty" doc:"With ?trajectory=true: the risk at each observation, and how far to rely on it, from that and the earlier ones only."`
	Model           sepsis.ModelInfo      `json:"model" doc:"The model that gave the answer; sha256 is of its file."`
}

// moment is the risk at one observation.
type moment struct {
	ICUHour     *int            `json:"icu_hour" doc:"The whole hour since ICU admission; null when it was not sent."`
	Probability float64         `json:"probability" minimum:"0" maximum:"1"`
	Prediction  sepsis.Label    `json:"prediction" enum:"Positive,Negative"`
	Alert       bool            `json:"alert"`
	RiskBand    sepsis.RiskBand `json:"risk_band"`
	// Reliability is the level alone: reasons for each of many hours would be most of the answer.
	Reliability sepsis.ReliabilityLevel `json:"reliability" doc:"How far to rely on it, from that and the earlier observations only; the answer's own reliability has the reasons at the last one."`
}

// reliability is a sepsis.Reliability with its description.
type reliability struct {
	Level   sepsis.ReliabilityLevel `json:"level" doc:"The worst level of the reasons; good without any. An indeterminate answer should not be relied on."`
	Reasons []sepsis.Reason         `json:"reasons" doc:"Why not to rely on the answer: too little or too old data, or data unlike those that the model has learnt from."`
}

// scores are the bedside scores, one for each entry of score.All and in its order.
type scores []sepsis.Score

// MarshalJSONTo writes an object with the scores' names.
func (s scores) MarshalJSONTo(encoder *jsontext.Encoder) error {
	if err := encoder.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i := range s {
		if err := encoder.WriteToken(jsontext.String(score.All[i].Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(encoder, &s[i]); err != nil {
			return err
		}
	}
	return encoder.WriteToken(jsontext.EndObject)
}

// Schema describes the object to huma.
func (s scores) Schema(registry huma.Registry) *huma.Schema {
	schema := &huma.Schema{
		Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false,
		Description: "Bedside scores from the latest values of 24 hours. Parts that are not known are named, never counted as 0.",
	}
	for _, bedside := range score.All {
		schema.Properties[bedside.Name] = &huma.Schema{Ref: registry.Schema(scoreType, true, "").Ref, Description: bedside.English}
		schema.Required = append(schema.Required, bedside.Name)
	}
	return schema
}

// answerOf says all that the answer has to say of the risk that the model sees, and what it comes from if that is asked for.
func answerOf(model *answering, id ulid.ULID, p *patient, o options) (answer, sepsis.Risk) {
	risk, explanation := foreseen(model, p, o)
	a := answer{
		ID:              id.String(),
		PatientID:       p.stay.PatientID,
		Prediction:      risk.Label,
		Probability:     risk.Probability,
		Threshold:       model.Threshold(),
		Alert:           risk.Alert,
		AlertThreshold:  model.AlertThreshold(),
		RiskBand:        risk.Band,
		Reliability:     reliability(model.Reliability(&p.stay)),
		Scores:          scoresOf(&p.stay),
		Warnings:        p.warnings.list(),
		WarningsOmitted: p.warnings.omitted,
		Model:           model.Info(),
	}
	if explanation != nil {
		a.Explanation, a.BaseValue, a.RawOutput = explanation.Contributions, &explanation.Base, &explanation.Output
	}
	if model.Synthetic() {
		a.Warnings = append(a.Warnings, sepsis.Warning{
			Code: sepsis.TrainedOnSyntheticData, Location: "model",
			Message: "the model was trained on synthetic stays: for demonstration only",
		})
	}
	if o.trajectory {
		a.Trajectory = moments(model.Trajectory(&p.stay), model.Reliabilities(&p.stay))
	}
	return a, risk
}

// foreseen is the risk of a patient, with an explanation if one is asked for.
func foreseen(model *answering, p *patient, o options) (sepsis.Risk, *sepsis.Explanation) {
	if !o.explain {
		return model.Predict(&p.stay), nil
	}
	risk, explanation := model.Explain(&p.stay)
	return risk, &explanation
}

func scoresOf(stay *sepsis.Stay) scores {
	latest := stay.Latest(score.WindowHours)
	values := make(scores, len(score.All))
	for i, bedside := range score.All {
		values[i] = bedside.Of(&latest)
	}
	return values
}

func moments(risks []sepsis.Risk, reliabilities []sepsis.Reliability) []moment {
	trajectory := make([]moment, len(risks))
	for i, risk := range risks {
		trajectory[i] = moment{Probability: risk.Probability, Prediction: risk.Label, Alert: risk.Alert, RiskBand: risk.Band, Reliability: reliabilities[i].Level}
		if risk.Hour != sepsis.HourUnknown {
			trajectory[i].ICUHour = &risk.Hour
		}
	}
	return trajectory
}

// newID makes an answer's id: the milliseconds of the request and 80 bits of entropy.
func (s *server) newID(e *exchange) (ulid.ULID, error) {
	s.entropy.Lock()
	defer s.entropy.Unlock()
	return ulid.New(ulid.Timestamp(e.start), s.Entropy)
}
