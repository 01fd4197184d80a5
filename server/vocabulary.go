package server

import (
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
	"github.com/medtech-detect/sepsis/ucum"
)

// vocabularyAnswer is the body of GET /variables.
type vocabularyAnswer struct {
	Variables []variableEntry `json:"variables" doc:"the 34 measurements, in the order of the Challenge's files"`
	Stay      []stayEntry     `json:"stay" doc:"what describes the stay, and icu_hour, which tells the hour of an observation"`
	Groups    []groupEntry    `json:"explanation_groups" doc:"what an explanation names beside these: the bedside scores, and groups of what is not one variable"`
}

type groupEntry struct {
	Name        string    `json:"name"`
	Description languages `json:"description"`
}

type variableEntry struct {
	Name          string       `json:"name"`
	Description   languages    `json:"description"`
	Challenge     string       `json:"challenge" doc:"the column in the Challenge's files"`
	Group         sepsis.Group `json:"group"`
	Unit          ucum.Unit    `json:"unit" doc:"UCUM code of a plain number"`
	Symbol        string       `json:"symbol" doc:"the unit as people write it; empty for pH"`
	AcceptedUnits []ucum.Unit  `json:"accepted_units" doc:"UCUM codes that {value, unit} may name, the variable's own first"`
	Conversions   []conversion `json:"conversions" doc:"how a value in another accepted unit becomes one in the variable's own"`
	LOINC         []string     `json:"loinc"`
	Hard          interval     `json:"hard" doc:"outside, a value is refused"`
	Usual         interval     `json:"usual" doc:"outside, a value gives a warning"`
}

// conversion is a ucum.Conversion with its description.
type conversion struct {
	Unit        ucum.Unit `json:"unit" doc:"UCUM code of the other unit"`
	Symbol      string    `json:"symbol" doc:"that unit as people write it"`
	Offset      float64   `json:"offset" doc:"own = (value - offset) * numerator / denominator"`
	Numerator   float64   `json:"numerator"`
	Denominator float64   `json:"denominator"`
}

type stayEntry struct {
	Name        string    `json:"name"`
	Description languages `json:"description"`
	Challenge   []string  `json:"challenge" doc:"the columns in the Challenge's files; two for the kind of unit"`
	Unit        string    `json:"unit,omitempty" doc:"UCUM code; none for a choice"`
	Hard        *interval `json:"hard,omitempty" doc:"outside, a value is refused; none for a choice"`
	Choices     []string  `json:"choices,omitempty" doc:"the accepted words; none for a number"`
	Required    bool      `json:"required"`
}

type languages struct {
	English string `json:"en"`
	French  string `json:"fr"`
}

type interval struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

func vocabulary() vocabularyAnswer {
	var a vocabularyAnswer
	for _, info := range sepsis.Variables {
		a.Variables = append(a.Variables, variableEntry{
			Name: info.Name, Description: languages{info.English, info.French}, Challenge: info.Challenge, Group: info.Group,
			Unit: info.Unit, Symbol: info.Unit.Symbol(), AcceptedUnits: info.Units(), Conversions: conversions(info), LOINC: info.LOINC,
			Hard: interval(info.Hard), Usual: interval(info.Usual),
		})
	}
	a.Stay, a.Groups = stayEntries(), groupEntries()
	return a
}

// conversions is never nil.
func conversions(info sepsis.VariableInfo) []conversion {
	all := make([]conversion, len(info.Accepted))
	for i, c := range info.Accepted {
		all[i] = conversion{c.From, c.From.Symbol(), c.Offset, c.Numerator, c.Denominator}
	}
	return all
}

func groupEntries() []groupEntry {
	var entries []groupEntry
	for _, bedside := range score.All {
		entries = append(entries, groupEntry{bedside.Name, languages{bedside.English, bedside.French}})
	}
	for _, group := range sepsis.ExplanationGroups {
		entries = append(entries, groupEntry{group.Name, languages{group.English, group.French}})
	}
	return entries
}

// stayEntries gives one entry for each field. icu_unit gathers two columns of the vocabulary, whose names differ
// only in what follows the colon.
func stayEntries() []stayEntry {
	var entries []stayEntry
	for _, variable := range sepsis.StayVariables {
		if last := len(entries) - 1; last >= 0 && entries[last].Name == variable.Name {
			entries[last].Challenge = append(entries[last].Challenge, variable.Challenge)
			continue
		}
		entry := stayEntry{
			Name: variable.Name, Description: languages{beforeColon(variable.English), beforeColon(variable.French)},
			Challenge: []string{variable.Challenge}, Unit: variable.Unit, Choices: variable.Choices, Required: variable.Name == "age",
		}
		if len(variable.Choices) == 0 {
			limits := interval(variable.Range)
			entry.Hard = &limits
		}
		entries = append(entries, entry)
	}
	return entries
}

func beforeColon(name string) string {
	before, _, _ := strings.Cut(name, ":")
	return strings.TrimSpace(before)
}
