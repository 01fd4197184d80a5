package server

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

//go:embed docs.html
var docsFiles embed.FS

// docsPage is what the documentation page shows.
type docsPage struct {
	Title, Version string
	Paragraphs     []string
	StylePath      string
	Operations     []docsOperation
	Examples       []docsExample
	Vocabulary     vocabularyAnswer
	Problems       []code
	Warnings       []code
	MaxID          int
}

type docsOperation struct {
	Method, Path, Summary string
	Role                  string // that callers need; empty for none
	Parameters            []*huma.Param
	Answers               []docsAnswer
}

type docsAnswer struct {
	Status, When, Types string
}

type docsExample struct {
	Summary, Body string
}

// renderDocs makes the page from the OpenAPI document and the tables. It needs no script and no other host.
func renderDocs(document *huma.OpenAPI) ([]byte, error) {
	page, err := template.ParseFS(docsFiles, "docs.html")
	if err != nil {
		return nil, fmt.Errorf("documentation page: %w", err)
	}
	shown, err := examplesShown()
	if err != nil {
		return nil, err
	}
	var rendered bytes.Buffer
	err = page.Execute(&rendered, docsPage{
		Title: document.Info.Title, Version: document.Info.Version, StylePath: stylePath,
		Paragraphs: strings.Split(strings.ReplaceAll(document.Info.Description, "`", ""), "\n\n"),
		Operations: operationsOf(document), Examples: shown, Vocabulary: vocabulary(),
		Problems: problemCodes(), Warnings: codesOf(sepsis.WarningCodes), MaxID: maxPatientID,
	})
	return rendered.Bytes(), err
}

// operationsOf lists the routes: what is sent first, predictions among it, then what is read, both by path.
func operationsOf(document *huma.OpenAPI) []docsOperation {
	var operations []docsOperation
	for path, item := range document.Paths {
		for _, operation := range []*huma.Operation{item.Post, item.Get} {
			if operation != nil {
				operations = append(operations, docsOperation{
					Method: operation.Method, Path: path, Summary: operation.Summary,
					Role: string(whoMay(*operation).role), Parameters: operation.Parameters, Answers: answersOf(operation),
				})
			}
		}
	}
	slices.SortFunc(operations, func(a, b docsOperation) int {
		return cmp.Or(strings.Compare(b.Method, a.Method), strings.Compare(a.Path, b.Path))
	})
	return operations
}

func answersOf(operation *huma.Operation) []docsAnswer {
	var answers []docsAnswer
	for status, response := range operation.Responses {
		types := strings.Join(slices.Sorted(maps.Keys(response.Content)), ", ")
		answers = append(answers, docsAnswer{Status: status, When: response.Description, Types: types})
	}
	slices.SortFunc(answers, func(a, b docsAnswer) int { return strings.Compare(a.Status, b.Status) })
	return answers
}

func examplesShown() ([]docsExample, error) {
	var shown []docsExample
	for _, e := range examples {
		body, err := json.MarshalIndent(e.Body, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("example %s: %w", e.Name, err)
		}
		shown = append(shown, docsExample{Summary: e.Summary, Body: string(body)})
	}
	return shown, nil
}
