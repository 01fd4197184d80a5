package server

import (
	"net/url"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// options is what the query parameters ask for.
type options struct {
	trajectory bool
	explain    bool
}

// parameter is a query parameter of /predict/patient. All are true or false.
type parameter struct {
	name         string
	description  string
	unlessStated bool
	set          func(o *options, on bool)
}

// parameters is the one table of query parameters.
var parameters = []parameter{
	{
		"trajectory", "With true, the answer also has the risk at each observation, from that and the earlier ones only.", false,
		func(o *options, on bool) { o.trajectory = on },
	},
	{
		"explain", "With false, the answer does not explain the probability, and comes sooner.", true,
		func(o *options, on bool) { o.explain = on },
	},
}

// readQuery reads the query parameters and lists what is wrong with them, by name.
func readQuery(raw string) (options, []sepsis.Problem) {
	var chosen options
	for _, p := range parameters {
		p.set(&chosen, p.unlessStated)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return chosen, []sepsis.Problem{{Location: "query", Code: sepsis.WrongType, Message: "the query string cannot be read", Hint: "use name=value, joined by &"}}
	}
	var problems []sepsis.Problem
	for _, name := range sortedKeys(values) {
		if problem, wrong := readParameter(&chosen, name, values[name]); wrong {
			problems = append(problems, problem)
		}
	}
	return chosen, problems
}

func readParameter(chosen *options, name string, values []string) (sepsis.Problem, bool) {
	problem := sepsis.Problem{Location: member("query", strings.ToValidUTF8(name, "\uFFFD"))}
	i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == name })
	switch {
	case i < 0:
		problem.Code, problem.Message, problem.Hint = sepsis.UnknownField, "there is no such query parameter", "known are "+parameterNames()
	case len(values) > 1:
		problem.Code, problem.Message = sepsis.DuplicateField, "the parameter stands more than once"
	case values[0] != "true" && values[0] != "false":
		problem.Code, problem.Message, problem.Hint = sepsis.WrongType, "true or false is expected", "send "+name+"=true or "+name+"=false"
		problem.Value = clip(strings.ToValidUTF8(values[0], "\uFFFD"))
	default:
		parameters[i].set(chosen, values[0] == "true")
		return sepsis.Problem{}, false
	}
	return problem, true
}

func parameterNames() string {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	return strings.Join(names, " and ")
}

func sortedKeys(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
