package sepsis

// HorizonHours is how far the model foresees: the Challenge's label holds from 6 hours before onset on (Reyna et al.
// 2020, doi:10.1097/CCM.0000000000004145).
const HorizonHours = 6

// Label is the answer in one word.
type Label string

// The two answers.
const (
	Positive Label = "Positive"
	Negative Label = "Negative"
)

// Risk is what the model says of one hour.
type Risk struct {
	Hour        int     // the hour of the observation that it ends with; HourUnknown if not given
	Probability float64 // calibrated chance that sepsis sets in within the next 6 hours, 0 to 1
	Label       Label   // Positive exactly when Probability >= the model's threshold
	Alert       bool    // whether an alert is on after this hour; it may have begun earlier, see AlertRule
	Band        RiskBand
}

// ModelInfo names the model that gave an answer.
type ModelInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"` // of the bundle file, in hexadecimal
}

// Predictor foresees sepsis. Implementations are safe for concurrent use and deterministic.
type Predictor interface {
	// Info names the model.
	Info() ModelInfo
	// Threshold is the probability from which the answer is Positive.
	Threshold() float64
	// AlertThreshold is the probability from which an alert begins; at least Threshold.
	AlertThreshold() float64
	// Predict gives the risk at the last observation of the stay, from that and the earlier ones.
	Predict(stay *Stay) Risk
	// Trajectory gives the risk at each observation, from that and the earlier ones only.
	Trajectory(stay *Stay) []Risk
	// Explain gives the risk that Predict gives, and says what it comes from.
	Explain(stay *Stay) (Risk, Explanation)
	// Reliability says how far to rely on the risk at the last observation of the stay.
	Reliability(stay *Stay) Reliability
	// Reliabilities say how far to rely on the risk at each observation, from that and the earlier ones only.
	Reliabilities(stay *Stay) []Reliability
	// Card is the model card as JSON.
	Card() []byte
	// Synthetic tells whether the model was trained on synthetic stays, and so says nothing of patients.
	Synthetic() bool
	// SelfTest predicts reference stays and compares with what the model gave when it was trained.
	SelfTest() error
}

// Score is a bedside score with the parts that it lacked.
type Score struct {
	Value   *int     `json:"value"`   // nil when no part could be computed
	Missing []string `json:"missing"` // the parts that were not known, by name
	Maximum int      `json:"maximum"` // the highest value that the full score can take
}
