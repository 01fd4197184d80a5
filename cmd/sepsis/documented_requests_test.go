package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/monitor"
	"github.com/medtech-detect/sepsis/server"
)

var (
	heredoc     = regexp.MustCompile(`(?s)cat > patients\.ndjson <<'END'\n(.*?)END\n`)
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	routeTold   = regexp.MustCompile("`(GET|POST) (/[^`?]*)`")
)

// TestTheManyPatientsOfTheDocument: the lines of docs/predicting.md are answered, and refused, as it says.
func TestTheManyPatientsOfTheDocument(t *testing.T) {
	lines := heredoc.FindStringSubmatch(page(t, "predicting.md"))
	if lines == nil {
		t.Fatal("docs/predicting.md makes no patients.ndjson")
	}
	handler, _ := shippedService(t)
	request := httptest.NewRequest(http.MethodPost, "/predict/patients", strings.NewReader(lines[1]))
	request.Header.Set("Content-Type", "application/x-ndjson")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	var got []string
	for line := range strings.Lines(recorder.Body.String()) {
		var answer struct {
			ID        string `json:"id"`
			PatientID string `json:"patient_id"`
			Status    int    `json:"status"`
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatal(err, line)
		}
		switch {
		case answer.ID != "":
			got = append(got, answer.PatientID)
		case answer.Status == http.StatusUnprocessableEntity:
			got = append(got, "422")
		}
	}
	if want := "bed 1, bed 2, 422"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q of %s", got, want, recorder.Body)
	}
}

// contract is what the front page is held against.
type contract struct {
	Paths      map[string]map[string]any `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct {
				Enum []string `json:"enum"`
			} `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

func servedContract(t *testing.T) contract {
	t.Helper()
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	handler, err := server.New(server.Config{
		Models: server.NewModels(shipped, nil), Monitor: monitor.New(), Clock: time.Now, Entropy: zeros{}, Logger: slog.New(slog.DiscardHandler), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	var served contract
	if err := json.Unmarshal(recorder.Body.Bytes(), &served); err != nil {
		t.Fatal(err)
	}
	return served
}

// TestTheFrontPageKnowsTheRoutes: README.md and README.fr.md name each route of the contract, and no other.
func TestTheFrontPageKnowsTheRoutes(t *testing.T) {
	served := map[string]bool{}
	for path, methods := range servedContract(t).Paths {
		for method := range methods {
			served[strings.ToUpper(method)+" "+placeholder.ReplaceAllString(path, "{}")] = true
		}
	}
	for _, name := range []string{"README.md", "README.fr.md"} {
		text := frontPage(t, name)
		told := map[string]bool{}
		for _, route := range routeTold.FindAllStringSubmatch(text, -1) {
			told[route[1]+" "+placeholder.ReplaceAllString(route[2], "{}")] = true
		}
		for route := range told {
			if !served[route] {
				t.Errorf("%s names %s, and there is no such route", name, route)
			}
		}
		for route := range served {
			swaps := strings.Contains(route, " /admin/model") && strings.Contains(text, "`/admin/model`")
			if !told[route] && !swaps {
				t.Errorf("%s does not name %s", name, route)
			}
		}
	}
}

// TestTheFrontPageKnowsTheAnswer: what the section on answers explains stands in the answer, or is one of the words of its fields.
func TestTheFrontPageKnowsTheAnswer(t *testing.T) {
	properties := servedContract(t).Components.Schemas["Answer"].Properties
	words := map[string]bool{"Positive": true, "Negative": true}
	for _, word := range properties["prediction"].Enum {
		if !words[word] {
			t.Errorf("a prediction can be %s", word)
		}
	}
	for name, title := range map[string]string{"README.md": "What an answer means", "README.fr.md": "Ce que veut dire une réponse"} {
		explained := 0
		for line := range strings.Lines(frontPageSection(t, name, title)) {
			cells := strings.Split(line, "|")
			if len(cells) < 4 {
				continue
			}
			for _, span := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
				explained++
				if _, field := properties[span[1]]; !field && !words[span[1]] {
					t.Errorf("%s explains %s, which no answer has", name, span[1])
				}
			}
		}
		if explained < 8 {
			t.Errorf("%s explains only %d parts of an answer", name, explained)
		}
	}
}

func frontPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// frontPageSection is what stands below a heading of the second level, up to the next.
func frontPageSection(t *testing.T, name, title string) string {
	t.Helper()
	_, section, found := strings.Cut(frontPage(t, name), "\n## "+title+"\n")
	if !found {
		t.Fatalf("%s has no section %q", name, title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
