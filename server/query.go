package server

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

// options is what the query parameters of a prediction ask for.
type options struct {
	trajectory   bool
	explain      bool
	hypothetical bool
}

// predictParameters are the query parameters of a prediction. Whether it explains itself unless that is stated depends on the route.
func predictParameters(explained string) []parameter[options] {
	return []parameter[options]{
		flag("trajectory", "With true, the answer also has the risk at each observation, and how far to rely on it, from that and the earlier ones only.", "false",
			func(o *options, on bool) { o.trajectory = on }),
		flag("explain", "With false, the answer does not explain the probability, and comes sooner.", explained,
			func(o *options, on bool) { o.explain = on }),
		flag("hypothetical", "With true, this is not of a patient as they are: a what-if, an invented patient, a test. It is recorded as such, and left out of monitoring and metrics.",
			"false", func(o *options, on bool) { o.hypothetical = on }),
	}
}

// The parameters for one patient and for many.
var (
	patientParameters = predictParameters("true")
	batchParameters   = predictParameters("false")
)

// parameter is a query parameter that sets a part of what is chosen.
type parameter[Chosen any] struct {
	name         string
	description  string
	unlessStated string // what holds when it is not sent; empty for nothing
	schema       huma.Schema
	set          func(chosen *Chosen, text string) (wrong *sepsis.Problem) // code, message and hint; nil when nothing is wrong
}

// flag is a parameter that is true or false.
func flag[Chosen any](name, description, unlessStated string, set func(chosen *Chosen, on bool)) parameter[Chosen] {
	schema := huma.Schema{Type: huma.TypeBoolean}
	if unlessStated != "" {
		schema.Default = unlessStated == "true"
	}
	return parameter[Chosen]{name, description, unlessStated, schema, func(chosen *Chosen, text string) *sepsis.Problem {
		if text != "true" && text != "false" {
			return &sepsis.Problem{Code: sepsis.WrongType, Message: "true or false is expected", Hint: "send " + name + "=true or " + name + "=false"}
		}
		set(chosen, text == "true")
		return nil
	}}
}

// instant is a parameter that is a time.
func instant[Chosen any](name, description string, set func(chosen *Chosen, at time.Time)) parameter[Chosen] {
	schema := huma.Schema{Type: huma.TypeString, Format: "date-time"}
	return parameter[Chosen]{name, description, "", schema, func(chosen *Chosen, text string) *sepsis.Problem {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return &sepsis.Problem{
				Code: sepsis.WrongType, Message: "a time as in RFC 3339 is expected",
				Hint: "send " + name + "=2026-11-24T08:00:00Z; a + before the offset is written %2B",
			}
		}
		set(chosen, at)
		return nil
	}}
}

// number is a parameter that is a whole number within limits.
func number[Chosen any](name, description, unlessStated string, least, most int, set func(chosen *Chosen, n int)) parameter[Chosen] {
	low, high := float64(least), float64(most)
	schema := huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high}
	if standard, err := strconv.Atoi(unlessStated); err == nil {
		schema.Default = standard
	}
	return parameter[Chosen]{name, description, unlessStated, schema, func(chosen *Chosen, text string) *sepsis.Problem {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return &sepsis.Problem{Code: sepsis.WrongType, Message: "a whole number is expected"}
		case n < least || n > most:
			return &sepsis.Problem{Code: sepsis.OutOfRange, Message: fmt.Sprintf("%s is outside %d to %d", name, least, most)}
		}
		set(chosen, n)
		return nil
	}}
}

// choice is a parameter that is one of some words.
func choice[Chosen any, Word ~string](name, description string, choices []Word, set func(chosen *Chosen, word Word)) parameter[Chosen] {
	schema := huma.Schema{Type: huma.TypeString, Enum: words(choices)}
	return parameter[Chosen]{name, description, "", schema, func(chosen *Chosen, text string) *sepsis.Problem {
		if !slices.Contains(choices, Word(text)) {
			return &sepsis.Problem{Code: sepsis.WrongType, Message: "another word is expected", Hint: fmt.Sprintf("send one of %v", choices)}
		}
		set(chosen, Word(text))
		return nil
	}}
}

// pattern is a parameter that is a text of one form.
func pattern[Chosen any](name, description string, form *regexp.Regexp, hint string, set func(chosen *Chosen, text string)) parameter[Chosen] {
	schema := huma.Schema{Type: huma.TypeString, Pattern: form.String()}
	return parameter[Chosen]{name, description, "", schema, func(chosen *Chosen, text string) *sepsis.Problem {
		if !form.MatchString(text) {
			return &sepsis.Problem{Code: sepsis.WrongType, Message: "another form is expected", Hint: hint}
		}
		set(chosen, text)
		return nil
	}}
}

// phrase is a parameter that is a text of 1 to so many characters.
func phrase[Chosen any](name, description string, most int, set func(chosen *Chosen, text string)) parameter[Chosen] {
	least := 1
	schema := huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most}
	return parameter[Chosen]{name, description, "", schema, func(chosen *Chosen, text string) *sepsis.Problem {
		if length := utf8.RuneCountInString(text); length < least || length > most {
			return &sepsis.Problem{Code: sepsis.OutOfRange, Message: fmt.Sprintf("%s must have %d to %d characters", name, least, most)}
		}
		set(chosen, text)
		return nil
	}}
}

// readQuery reads the query parameters and lists what is wrong with them, by name.
func readQuery[Chosen any](raw string, known []parameter[Chosen]) (Chosen, []sepsis.Problem) {
	var chosen Chosen
	for _, p := range known {
		if p.unlessStated != "" {
			p.set(&chosen, p.unlessStated)
		}
	}
	if raw == "" {
		return chosen, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return chosen, []sepsis.Problem{{Location: "query", Code: sepsis.WrongType, Message: "the query string cannot be read", Hint: "use name=value, joined by &"}}
	}
	var problems []sepsis.Problem
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if wrong := readParameter(&chosen, known, name, values[name]); wrong != nil {
			wrong.Location = member("query", strings.ToValidUTF8(name, "\uFFFD"))
			problems = append(problems, *wrong)
		}
	}
	return chosen, problems
}

func readParameter[Chosen any](chosen *Chosen, known []parameter[Chosen], name string, values []string) *sepsis.Problem {
	i := slices.IndexFunc(known, func(p parameter[Chosen]) bool { return p.name == name })
	switch {
	case i < 0:
		return &sepsis.Problem{Code: sepsis.UnknownField, Message: "there is no such query parameter", Hint: knownParameters(known)}
	case len(values) > 1:
		return &sepsis.Problem{Code: sepsis.DuplicateField, Message: "the parameter stands more than once"}
	}
	text := strings.ToValidUTF8(values[0], "\uFFFD")
	wrong := known[i].set(chosen, text)
	if wrong != nil {
		wrong.Value = sepsis.Clip(text)
	}
	return wrong
}

func knownParameters[Chosen any](known []parameter[Chosen]) string {
	names := make([]string, len(known))
	for i, p := range known {
		names[i] = p.name
	}
	last := len(names) - 1
	if last < 0 {
		return "there are none"
	}
	return "known are " + strings.Join(names[:last], ", ") + " and " + names[last]
}

// describeParameters adds the query parameters of a table to the description of a route.
func describeParameters[Chosen any](operation *huma.Operation, known []parameter[Chosen]) {
	for _, p := range known {
		operation.Parameters = append(operation.Parameters, &huma.Param{Name: p.name, In: "query", Description: p.description, Schema: &p.schema})
	}
}
