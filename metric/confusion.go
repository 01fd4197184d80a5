package metric

import "fmt"

// The sources of the measures of a confusion matrix.
const (
	citeSensitivity = "Altman and Bland, BMJ 1994, doi:10.1136/bmj.308.6943.1552"
	citePredictive  = "Altman and Bland, BMJ 1994, doi:10.1136/bmj.309.6947.102"
	citeChallenge   = "Reyna et al., Critical Care Medicine 2020, doi:10.1097/CCM.0000000000004145"
)

var (
	sensitivityDefinition = share("sensitivity", "TP / (TP + FN)", noPositives, citeSensitivity)
	specificityDefinition = share("specificity", "TN / (TN + FP)", noNegatives, citeSensitivity)
	ppvDefinition         = share("positive predictive value", "TP / (TP + FP)", "no row is predicted positive", citePredictive)
	npvDefinition         = share("negative predictive value", "TN / (TN + FN)", "no row is predicted negative", citePredictive)
	accuracyDefinition    = share("accuracy", "(TP + TN) / (TP + FP + FN + TN)", "there are no rows", citeChallenge)
	f1Definition          = share("F-measure", "2 TP / (2 TP + FP + FN)", "no row is positive and none is predicted positive", citeChallenge)
)

// share defines a proportion of rows.
func share(name, formula, undefinedWhen, citation string) Definition {
	return Definition{
		Name: name, Direction: HigherIsBetter, Range: "[0, 1]", Ideal: 1,
		Formula: formula, UndefinedWhen: undefinedWhen, Citation: citation,
	}
}

// Confusion counts rows by label and prediction.
type Confusion struct {
	TruePositives  int
	FalsePositives int
	FalseNegatives int
	TrueNegatives  int
}

// NewConfusion counts the rows of labels and predictions, which must be of one length.
func NewConfusion(labels, predictions []bool) (Confusion, error) {
	if len(labels) != len(predictions) {
		return Confusion{}, fmt.Errorf("%d labels but %d predictions: give one prediction for each label", len(labels), len(predictions))
	}
	var c Confusion
	for row := range labels {
		switch {
		case labels[row] && predictions[row]:
			c.TruePositives++
		case labels[row]:
			c.FalseNegatives++
		case predictions[row]:
			c.FalsePositives++
		default:
			c.TrueNegatives++
		}
	}
	return c, nil
}

// Rows returns the number of rows counted.
func (c Confusion) Rows() int {
	return c.TruePositives + c.FalsePositives + c.FalseNegatives + c.TrueNegatives
}

// Sensitivity returns TP / (TP + FN), also called recall. Range [0, 1]; undefined when no row is positive.
func (c Confusion) Sensitivity() (float64, error) {
	return proportion(sensitivityDefinition, c.TruePositives, c.TruePositives+c.FalseNegatives)
}

// Specificity returns TN / (TN + FP). Range [0, 1]; undefined when no row is negative.
func (c Confusion) Specificity() (float64, error) {
	return proportion(specificityDefinition, c.TrueNegatives, c.TrueNegatives+c.FalsePositives)
}

// PPV returns the positive predictive value TP / (TP + FP), also called precision. Range [0, 1]; undefined when no
// row is predicted positive.
func (c Confusion) PPV() (float64, error) {
	return proportion(ppvDefinition, c.TruePositives, c.TruePositives+c.FalsePositives)
}

// NPV returns the negative predictive value TN / (TN + FN). Range [0, 1]; undefined when no row is predicted
// negative.
func (c Confusion) NPV() (float64, error) {
	return proportion(npvDefinition, c.TrueNegatives, c.TrueNegatives+c.FalseNegatives)
}

// Accuracy returns (TP + TN) / all. Range [0, 1]; undefined when there are no rows. With 2 % of rows positive,
// never predicting sepsis has an accuracy of 0.98: it is reported because the Challenge reports it.
func (c Confusion) Accuracy() (float64, error) {
	return proportion(accuracyDefinition, c.TruePositives+c.TrueNegatives, c.Rows())
}

// F1 returns the F-measure 2 TP / (2 TP + FP + FN), the harmonic mean of sensitivity and positive predictive
// value. Range [0, 1]; undefined when no row is positive and none is predicted positive, where the Challenge's
// official scorer answers 1.
func (c Confusion) F1() (float64, error) {
	return proportion(f1Definition, 2*c.TruePositives, 2*c.TruePositives+c.FalsePositives+c.FalseNegatives)
}

func proportion(definition Definition, part, whole int) (float64, error) {
	if whole == 0 {
		return 0, undefined(definition, definition.UndefinedWhen)
	}
	return float64(part) / float64(whole), nil
}
