package fhir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// maxDepth is how deep JSON may nest. FHIR's own types need some 20 levels; Bundles and Parameters may hold others.
const maxDepth = 64

// maxParts is how many values a text may hold. 16 MiB of terse Observations hold some 1,200,000; a body of nothing but
// empty objects would take up many times its size.
const maxParts = 2_000_000

// Resource is a resource as it was sent, and where it stood.
type Resource struct {
	Path string // FHIRPath from the root of what was sent, such as Bundle.entry[2].resource
	Key  string // by which references find it: its fullUrl, or type and id
	JSON jsontext.Value

	kind string // its resourceType
	page int    // the cut-off searchset of which it is an entry, from 1; 0 for none
}

// bundle is what is read of a Bundle.
type bundle struct {
	Type  string         `json:"type"`
	Total jsontext.Value `json:"total"` // of all pages; a server may leave it out
	Link  []link         `json:"link"`
	Entry []bundleEntry  `json:"entry"`
}

// isCutOff tells whether a searchset says that there is more than it holds: by a link to the next page, or by a total above its entries.
func (b *bundle) isCutOff() bool {
	if slices.ContainsFunc(b.Link, func(l link) bool { return l.Relation == "next" }) {
		return true
	}
	total, err := strconv.Atoi(string(b.Total))
	matches := 0
	for i := range b.Entry {
		if mode := b.Entry[i].Search.Mode; mode == "" || mode == "match" { // the total does not count what is included beside
			matches++
		}
	}
	return err == nil && total > matches
}

type link struct {
	Relation string `json:"relation"`
}

type bundleEntry struct {
	FullURL  string         `json:"fullUrl"`
	Resource jsontext.Value `json:"resource"`
	Search   struct {
		Mode string `json:"mode"`
	} `json:"search"`
	Request struct {
		Method string `json:"method"`
	} `json:"request"`
	Response struct {
		Status string `json:"status"`
	} `json:"response"`
}

// failed tells whether an entry says, in place of a resource, that what was asked for did not come.
func (e *bundleEntry) failed() bool {
	return strings.HasPrefix(e.Response.Status, "4") || strings.HasPrefix(e.Response.Status, "5")
}

// parameters is what is read of a Parameters resource, in which FHIR wraps the input of an operation.
type parameters struct {
	Parameter []parameter `json:"parameter"`
}

type parameter struct {
	Resource jsontext.Value `json:"resource"`
	Part     []parameter    `json:"part"`
}

// readTypes are the types of Bundle of which the entries are facts about a patient.
var readTypes = []string{"searchset", "collection", "transaction", "document", "batch", "batch-response"}

// Input is what was sent, taken apart.
type Input struct {
	Resources []Resource
	cutOff    int // searchsets that say that there is more than they hold
	ignored   []Ignored
	problems  []sepsis.Problem
}

// Split takes a Bundle apart, or Parameters that hold one. Bundles in Bundles are taken apart, too.
func Split(body []byte) *Input {
	input := &Input{}
	if problem := TextProblem(body, "body"); problem != nil {
		input.problems = append(input.problems, *problem)
		return input
	}
	switch kind := kindOf(body); kind {
	case "Bundle":
		input.addBundle(body, "Bundle")
	case "Parameters":
		input.addParameters(body)
	default:
		if problem := grammarProblem(body, "body"); problem != nil {
			input.problems = append(input.problems, *problem)
			return input
		}
		input.problem("body", sepsis.WrongType, "a Bundle is expected, not "+named(kind, "something without a resourceType"), "send a Bundle with Patient, Encounter and Observations")
	}
	return input
}

// SplitLines takes resources apart that stand in one line each (NDJSON). Their paths count lines as entries.
func SplitLines(body []byte) *Input {
	input := &Input{}
	if _, parts := extent(body); parts > maxParts || bytes.Count(body, []byte("\n")) > maxParts {
		input.problem("body", sepsis.InvalidJSON, fmt.Sprintf("it holds more than %d values", maxParts), "")
		return input
	}
	index := 0
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		path := fmt.Sprintf("Bundle.entry[%d].resource", index)
		index++
		if problem := TextProblem(line, path); problem != nil {
			input.problems = append(input.problems, *problem)
			continue
		}
		input.add(line, path, "", 0)
	}
	if index == 0 {
		input.problem("body", sepsis.InvalidJSON, "the body is empty", "send one resource a line")
	}
	return input
}

// Add takes one more resource in, or the parts of a Bundle. The path is where it stands in what was sent.
func (i *Input) Add(resource []byte, path string) {
	if problem := TextProblem(resource, path); problem != nil {
		i.problems = append(i.problems, *problem)
		return
	}
	i.add(resource, path, "", 0)
}

func (i *Input) add(resource []byte, path, fullURL string, page int) {
	kind := kindOf(resource)
	switch kind {
	case "":
		if problem := grammarProblem(resource, path); problem != nil {
			i.problems = append(i.problems, *problem)
			return
		}
		i.problem(path, sepsis.WrongType, "a resource is expected: an object with resourceType", "")
	case "Bundle":
		i.addBundle(resource, path)
	default:
		i.Resources = append(i.Resources, Resource{Path: path, Key: fullURL, JSON: resource, kind: kind, page: page})
	}
}

func (i *Input) addParameters(body []byte) {
	var read parameters
	if !i.decode(body, &read, "Parameters") {
		return
	}
	if !i.addParts(read.Parameter, "Parameters.parameter") {
		i.problem("Parameters.parameter", sepsis.MissingField, "no parameter has a resource", "send a parameter with a Bundle as resource")
	}
}

// addParts takes the resources of parameters and of their parts in, and tells whether there were any.
func (i *Input) addParts(parts []parameter, path string) (found bool) {
	for n, part := range parts {
		place := fmt.Sprintf("%s[%d]", path, n)
		if len(part.Resource) > 0 {
			found = true
			i.add(part.Resource, place+".resource", "", 0)
		}
		found = i.addParts(part.Part, place+".part") || found
	}
	return found
}

func (i *Input) addBundle(body []byte, path string) {
	var read bundle
	if !i.decode(body, &read, path) {
		return
	}
	if !slices.Contains(readTypes, read.Type) {
		i.problem(path+".type", sepsis.WrongType, "a Bundle is not read whose type is "+named(read.Type, "not given"), "send one of "+strings.Join(readTypes, ", "))
		return
	}
	page := 0
	if read.isCutOff() {
		i.cutOff++
		page = i.cutOff
	}
	for n, entry := range read.Entry {
		place := fmt.Sprintf("%s.entry[%d]", path, n)
		if len(entry.Resource) == 0 || entry.Resource.Kind() == 'n' || entry.Request.Method == "DELETE" {
			if entry.failed() {
				i.Resources = append(i.Resources, Resource{Path: place + ".response", JSON: jsontext.Value("{}"), kind: "OperationOutcome"})
				continue
			}
			i.ignored = append(i.ignored, Ignored{Path: place, Reason: NoResource, Message: infoOf(NoResource).When})
			continue
		}
		i.add(entry.Resource, place+".resource", entry.FullURL, page)
	}
}

func (i *Input) problem(location string, code sepsis.Code, message, hint string) {
	i.problems = append(i.problems, sepsis.Problem{Location: location, Code: code, Message: message, Hint: hint})
}

// decode reads a part, and notes what is wrong with its form.
func (i *Input) decode(part []byte, into any, path string) bool {
	problem := decode(part, into, path)
	if problem != nil {
		i.problems = append(i.problems, *problem)
	}
	return problem == nil
}

// named is a code as a message has it; where there is none, the words for that.
func named(code, none string) string {
	if code == "" {
		return none
	}
	return sepsis.Clip(code)
}

// kindOf is the resourceType of an object; empty when there is none.
func kindOf(resource []byte) string {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(resource), jsontext.AllowDuplicateNames(true))
	if token, err := decoder.ReadToken(); err != nil || token.Kind() != '{' {
		return ""
	}
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return ""
		}
		if name.String() != "resourceType" {
			if err := decoder.SkipValue(); err != nil {
				return ""
			}
			continue
		}
		kind, err := decoder.ReadToken()
		if err != nil || kind.Kind() != '"' {
			return ""
		}
		return kind.String()
	}
	return ""
}

// TextProblem tells why a text cannot be read at all; nil when it may be. The grammar is checked when it is decoded.
func TextProblem(text []byte, location string) *sepsis.Problem {
	problem := &sepsis.Problem{Location: location, Code: sepsis.InvalidJSON}
	deepest, parts := extent(text)
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		problem.Message = "it is empty"
	case !utf8.Valid(text):
		problem.Message = "it is not valid UTF-8"
	case deepest > maxDepth:
		problem.Message = fmt.Sprintf("it is nested deeper than %d levels", maxDepth)
	case parts > maxParts:
		problem.Message = fmt.Sprintf("it holds more than %d values", maxParts)
	default:
		return nil
	}
	return problem
}

// grammarProblem tells what is wrong with the grammar of a text, or which name stands twice; nil when it is JSON.
func grammarProblem(text []byte, location string) *sepsis.Problem {
	problem := &sepsis.Problem{Location: location, Code: sepsis.InvalidJSON}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		problem.Message, problem.Hint = "it begins with a byte order mark", "send UTF-8 without a byte order mark"
		return problem
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text))
	err := decoder.SkipValue()
	if err == nil {
		if _, trailing := decoder.ReadToken(); errors.Is(trailing, io.EOF) {
			return nil
		}
		problem.Message = "something follows the end of the JSON value"
		return problem
	}
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		problem.Code, problem.Message = sepsis.DuplicateField, "a name stands twice in one object"
		if isSyntax {
			problem.Location = pathTo(problem.Location, text, syntax.JSONPointer)
		}
	case isSyntax:
		problem.Message = fmt.Sprintf("it is not JSON at byte %d", syntax.ByteOffset)
	default:
		problem.Message = "it is not JSON, or ends too early"
	}
	return problem
}

// extent is how deep brackets nest, and how many values there are at most, by what stands outside of strings.
func extent(text []byte) (deepest, parts int) {
	level, inString := 0, false
	for n := 0; n < len(text); n++ {
		switch c := text[n]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				n++
			}
		case c == '{' || c == '[':
			level++
			parts++
			deepest = max(deepest, level)
		case c == '}' || c == ']':
			level--
		case c == ',':
			parts++
		}
	}
	return deepest, parts
}

const notOfFHIR = "it has not the form of FHIR R4"

// decode reads one resource. The problem tells where its form is not that of FHIR.
func decode(part []byte, into any, path string) *sepsis.Problem {
	err := json.Unmarshal(part, into)
	if err == nil {
		return nil
	}
	if problem := grammarProblem(part, path); problem != nil {
		return problem
	}
	problem := &sepsis.Problem{Location: path, Code: sepsis.WrongType, Message: notOfFHIR}
	if semantic, is := errors.AsType[*json.SemanticError](err); is {
		problem.Location = pathTo(path, part, semantic.JSONPointer)
		problem.Message = kindName(semantic.JSONKind) + " is not what FHIR R4 has here"
	}
	return problem
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "this"
}

// choices are the JSON names of elements with a choice of types, and their names in FHIRPath.
var choices = []string{"value", "effective"}

// pathTo is the FHIRPath of a JSON pointer below a path.
func pathTo(path string, text []byte, pointer jsontext.Pointer) string {
	if path == "body" {
		path = kindOf(text)
		if path == "" {
			return "body"
		}
	}
	for token := range pointer.Tokens() {
		if index, isIndex := strings.CutPrefix(token, "-"); isIndex || strings.Trim(index, "0123456789") == "" && token != "" {
			path += "[" + sepsis.Clip(token) + "]"
			continue
		}
		for _, choice := range choices {
			if rest, found := strings.CutPrefix(token, choice); found && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
				token = choice
			}
		}
		path += "." + sepsis.Clip(token)
	}
	return path
}

// IsOutcome tells whether a resource is an OperationOutcome, or a Bundle in which nothing else stands and which says that the search failed. A search
// that found nothing may say so in a warning (https://hl7.org/fhir/R4/bundle-search-warning.json.html), as Epic does.
func IsOutcome(resource []byte) bool {
	if !bytes.Contains(resource, []byte("OperationOutcome")) {
		return false // as nearly always
	}
	if kindOf(resource) == "OperationOutcome" {
		return true
	}
	input := &Input{}
	if kindOf(resource) != "Bundle" || TextProblem(resource, "") != nil {
		return false
	}
	input.addBundle(resource, "Bundle")
	return !slices.ContainsFunc(input.Resources, func(r Resource) bool { return r.kind != "OperationOutcome" }) && slices.ContainsFunc(input.Resources, saysFailed)
}

// withheld are the types of an issue by which a search, though it is only warned of it, may not have found, or not told, all that there is: those of
// access and of what passes, and where there was too much (http://hl7.org/fhir/R4/valueset-issue-type.html).
var withheld = map[string]bool{
	"security": true, "login": true, "unknown": true, "expired": true, "forbidden": true, "suppressed": true,
	"transient": true, "lock-error": true, "no-store": true, "exception": true, "timeout": true, "incomplete": true, "throttled": true,
	"too-costly": true, "too-long": true,
}

// saysFailed tells whether an OperationOutcome has an issue that made something fail, or fall short, or none that can be read.
func saysFailed(outcome Resource) bool {
	var read struct {
		Issue []struct {
			Severity string `json:"severity"`
			Code     string `json:"code"`
		} `json:"issue"`
	}
	if decode(outcome.JSON, &read, "") != nil {
		return true
	}
	for _, issue := range read.Issue {
		if issue.Severity != severityWarning && issue.Severity != severityInformation || withheld[issue.Code] {
			return true
		}
	}
	return len(read.Issue) == 0
}
