package evaluate

import (
	"cmp"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/score"
)

// importantFeatures is how many single features are listed.
const importantFeatures = 30

// importance shares out the loss reduction of all splits among variables, families and features.
func importance(models []*model.Model) *Importance {
	var gains [][]float64
	for _, m := range models {
		if m != nil {
			gains = append(gains, m.Bundle().Trees.Importance())
		}
	}
	by := func(name func(f *features.Feature) string) []VariableImportance { return shares(gains, name) }
	found := &Importance{
		Variables: by(func(f *features.Feature) string { return f.Source }),
		Families:  by(func(f *features.Feature) string { return string(f.Family) }),
		Features:  by(func(f *features.Feature) string { return f.Name }),
	}
	for i := range found.Variables {
		found.Variables[i].English = english(found.Variables[i].Name)
	}
	for i := range found.Families {
		found.Families[i].English = familyMeaning[features.Family(found.Families[i].Name)]
	}
	found.Features = found.Features[:min(importantFeatures, len(found.Features))]
	return found
}

// shares adds up gains by name: the mean over the folds, the lowest and the highest fold.
func shares(gains [][]float64, name func(f *features.Feature) string) []VariableImportance {
	position := map[string]int{}
	found := []VariableImportance{}
	perFold := [][]float64{} // by name, then fold
	columns := model.Columns()
	for i := range gains[0] {
		key := name(&columns[i])
		at, known := position[key]
		if !known {
			at = len(found)
			position[key] = at
			found, perFold = append(found, VariableImportance{Name: key}), append(perFold, make([]float64, len(gains)))
		}
		found[at].Features++
		for f := range gains {
			perFold[at][f] += gains[f][i]
		}
	}
	for f := range gains {
		total := 0.0
		for at := range perFold {
			total += perFold[at][f]
		}
		for at := range perFold {
			if total > 0 {
				perFold[at][f] /= total
			}
		}
	}
	for at := range found {
		found[at].Share = spread(perFold[at])
	}
	slices.SortStableFunc(found, func(a, b VariableImportance) int { return cmp.Compare(b.Share.Value, a.Share.Value) })
	return found
}

// spread is the mean of some values with the lowest and the highest.
func spread(values []float64) *Figure {
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	return &Figure{Value: sum / float64(len(values)), Low: slices.Min(values), High: slices.Max(values)}
}

// english is the name of a feature's source in words.
func english(source string) string {
	if variable, known := sepsis.VariableNamed(source); known {
		return variable.Info().English
	}
	for _, v := range sepsis.StayVariables {
		if v.Name == source {
			return v.English
		}
	}
	for _, s := range score.All {
		if s.Name == source {
			return s.English
		}
	}
	for _, group := range sepsis.ExplanationGroups {
		if group.Name == source {
			return group.English
		}
	}
	return otherSources[source]
}

// otherSources are sources that have no name elsewhere.
var otherSources = map[string]string{"ionised_calcium": "Calcium, ionised"}

// familyMeaning is what the families of features are, in words.
var familyMeaning = map[features.Family]string{
	features.Level:    "last known values",
	features.Timing:   "hours since each measurement, and how often",
	features.Trend:    "changes from one value to the next and since the first",
	features.Rolling:  "statistics of the last 6, 12 and 24 hours",
	features.WholeLOS: "statistics of the stay so far",
	features.Derived:  "ratios and differences of several variables",
	features.Bedside:  "partial bedside scores and their course",
	features.Pattern:  "how much was measured, whatever it was",
	features.Context:  "age, sex, unit, hours",

	model.ForecastFamily:      "what is likely to be seen in the next hours",
	model.ForecastShareFamily: "what is likelier than usual at the hospital to be seen in the next hours",
}
