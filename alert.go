package sepsis

// AlertRule says when an alert begins and when it ends: a comparator with hysteresis (Schmitt 1938,
// doi:10.1088/0950-7671/15/1/305). A probability that wavers about the threshold makes one episode and not many.
//
// The state after an hour depends on that hour and the earlier ones only. Hours that were not sent do not end an
// alert: nothing is known of them.
type AlertRule struct {
	Threshold float64 // an alert begins at a probability at or above this; above 0 and below 1
	Clear     float64 // it lasts until the probability is below this; above 0 and at most Threshold
}

// Next is the state after an hour of the given probability, when alerting was the state before it. A probability
// that is not a number alerts nobody.
func (r AlertRule) Next(alerting bool, probability float64) bool {
	return probability >= r.Threshold || alerting && probability >= r.Clear
}

// Decides tells whether an hour of the given probability leads to the same state whatever was before it.
func (r AlertRule) Decides(probability float64) bool {
	return r.Next(false, probability) == r.Next(true, probability)
}

// States are the states after each hour of a trajectory that begins without an alert.
func (r AlertRule) States(probabilities []float64) []bool {
	states := make([]bool, len(probabilities))
	alerting := false
	for i, probability := range probabilities {
		alerting = r.Next(alerting, probability)
		states[i] = alerting
	}
	return states
}

// RiskBand is the probability in one word.
type RiskBand string

// The bands, which the two operating points bound.
const (
	LowRisk      RiskBand = "low"      // below the threshold of Positive
	ElevatedRisk RiskBand = "elevated" // from the threshold of Positive on
	HighRisk     RiskBand = "high"     // from the threshold of an alert on
)

// RiskBands lists the bands, the lowest first.
var RiskBands = []RiskBand{LowRisk, ElevatedRisk, HighRisk}

// OperatingPoints turn probabilities into answers.
type OperatingPoints struct {
	Threshold float64 // the answer is Positive from this probability on
	Alert     AlertRule
}

// Label is Positive exactly when the probability is at or above the threshold.
func (o OperatingPoints) Label(probability float64) Label {
	if probability >= o.Threshold {
		return Positive
	}
	return Negative
}

// Band is the band of a probability: of this hour alone, whatever the state of the alert.
func (o OperatingPoints) Band(probability float64) RiskBand {
	switch {
	case probability >= o.Alert.Threshold:
		return HighRisk
	case probability >= o.Threshold:
		return ElevatedRisk
	}
	return LowRisk
}

// Risk is what an hour of the given probability means when alerting was the state before it.
func (o OperatingPoints) Risk(hour int, probability float64, alerting bool) Risk {
	return Risk{
		Hour: hour, Probability: probability, Label: o.Label(probability),
		Alert: o.Alert.Next(alerting, probability), Band: o.Band(probability),
	}
}
