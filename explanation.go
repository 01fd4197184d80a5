package sepsis

import (
	"cmp"
	"math"
	"slices"
)

// Explanation divides the model's raw output for one hour among what the model was told: the output is Base plus the sum of all
// contributions, within rounding (1e-9). It says what the model made of its input, and nothing of causes.
type Explanation struct {
	Base          float64        // the mean raw output of the hours that the trees learnt from, weighted as they weigh them; of a network, its output at their mean; in log-odds
	Output        float64        // the raw output, in log-odds, before calibration makes a probability of it
	Contributions []Contribution // the largest first, whatever their sign; what contributes nothing is left out
}

// Contribution is the part of one variable, with all that was made of it (its level, its course, its age, whether it was
// measured), or of another group of [ExplanationGroups], or of a bedside score.
type Contribution struct {
	Name         string   `json:"name" doc:"a variable, a field of the stay, a bedside score or another of the explanation_groups of GET /variables"`
	Value        *float64 `json:"value" doc:"the latest value, in unit; null where none was measured, and of what is not one number"`
	Choice       string   `json:"choice,omitempty" doc:"the word, of a field of the stay that is a choice"`
	Unit         *string  `json:"unit" doc:"UCUM code; null of what has none"`
	HoursAgo     *int     `json:"hours_ago" doc:"the age of the value at the last observation; null where none was measured, and of what is not measured by the hour"`
	Contribution float64  `json:"contribution" doc:"log-odds: above 0 where it raises the risk"`
}

// ExplanationGroup is something that an explanation can name and that is neither a variable nor a score.
type ExplanationGroup struct {
	Name    string
	English string
	French  string
}

// The names of the groups.
const (
	MeasurementPattern = "measurement_pattern" // how much was measured and how often
	ExpectedCourse     = "expected_course"     // forecasts of the hours to come, which are made from all variables at once
)

// ExplanationGroups is the one table of them.
var ExplanationGroups = []ExplanationGroup{
	{MeasurementPattern, "How much was measured, whatever it was", "Fréquence des mesures, quels qu'en soient les résultats"},
	{
		ExpectedCourse, "Expected course: what all values together make likely in the next hours",
		"Évolution attendue\u00a0: ce que l'ensemble des valeurs rend probable dans les prochaines heures",
	},
}

// NewExplanation leaves out what contributes nothing and sorts the rest.
func NewExplanation(base, output float64, contributions []Contribution) Explanation {
	contributions = slices.DeleteFunc(contributions, func(c Contribution) bool { return c.Contribution == 0 })
	slices.SortStableFunc(contributions, func(a, b Contribution) int {
		return cmp.Compare(math.Abs(b.Contribution), math.Abs(a.Contribution))
	})
	return Explanation{Base: base, Output: output, Contributions: contributions}
}
