package server

import (
	"bytes"

	"github.com/danielgtaylor/huma/v2"
	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// answer is the body of a prediction.
type answer struct {
	ID              string           `json:"id" doc:"A ULID: sortable by time." pattern:"^[0-9A-HJKMNP-TV-Z]{26}$"`
	PatientID       string           `json:"patient_id,omitempty" doc:"What the caller sent."`
	Prediction      sepsis.Label     `json:"prediction" enum:"Positive,Negative" doc:"Positive exactly when probability >= threshold."`
	Probability     float64          `json:"probability" minimum:"0" maximum:"1" doc:"The calibrated chance that sepsis sets in within the next 6 hours."`
	Threshold       float64          `json:"threshold" minimum:"0" maximum:"1" doc:"The probability from which the answer is Positive."`
	Scores          scores           `json:"scores"`
	Warnings        []sepsis.Warning `json:"warnings" doc:"Doubts about the input, in the order of the body, then about the model."`
	WarningsOmitted int              `json:"warnings_omitted,omitempty" doc:"How many further doubts about the input are not listed; the list stops at 10,000."`
	Trajectory      []moment         `json:"trajectory,omitempty" doc:"With ?trajectory=true: the risk at each observation, from that and the earlier ones only."`
	Model           sepsis.ModelInfo `json:"model" doc:"The model that gave the answer; sha256 is of its file."`
}

// moment is the risk at one observation.
type moment struct {
	ICUHour     *int         `json:"icu_hour" doc:"The whole hour since ICU admission; null when it was not sent."`
	Probability float64      `json:"probability" minimum:"0" maximum:"1"`
	Prediction  sepsis.Label `json:"prediction" enum:"Positive,Negative"`
}

// scores are the bedside scores, one for each entry of score.All and in its order.
type scores []sepsis.Score

// MarshalJSON writes an object with the scores' names.
func (s scores) MarshalJSON() ([]byte, error) {
	var object bytes.Buffer
	for i, value := range s {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		encoded, err := encode(value)
		if err != nil {
			return nil, err
		}
		object.WriteByte(separator)
		object.WriteString(`"` + score.All[i].Name + `":`)
		object.Write(encoded)
	}
	object.WriteByte('}')
	return object.Bytes(), nil
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

// answer predicts, and says all that the answer has to say.
func (s *server) answer(id ulid.ULID, p *patient, o options) answer {
	risk := s.Predictor.Predict(&p.stay)
	a := answer{
		ID:              id.String(),
		PatientID:       p.stay.PatientID,
		Prediction:      risk.Label,
		Probability:     risk.Probability,
		Threshold:       s.Predictor.Threshold(),
		Scores:          scoresOf(&p.stay),
		Warnings:        p.warnings.list(),
		WarningsOmitted: p.warnings.omitted,
		Model:           s.Predictor.Info(),
	}
	if s.Predictor.Synthetic() {
		a.Warnings = append(a.Warnings, sepsis.Warning{
			Code: sepsis.TrainedOnSyntheticData, Location: "model",
			Message: "the model was trained on synthetic stays: for demonstration only",
		})
	}
	if o.trajectory {
		a.Trajectory = moments(s.Predictor.Trajectory(&p.stay))
	}
	return a
}

func scoresOf(stay *sepsis.Stay) scores {
	latest := stay.Latest(score.WindowHours)
	values := make(scores, len(score.All))
	for i, bedside := range score.All {
		values[i] = bedside.Of(&latest)
	}
	return values
}

func moments(risks []sepsis.Risk) []moment {
	trajectory := make([]moment, len(risks))
	for i, risk := range risks {
		trajectory[i] = moment{Probability: risk.Probability, Prediction: risk.Label}
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
