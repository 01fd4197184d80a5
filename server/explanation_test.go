package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

func TestExplanation(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	a := answerOf(t, predict(handler, historyBody))
	if len(a.Explanation) != 1 || a.BaseValue == nil || a.RawOutput == nil {
		t.Fatalf("answer %+v", a)
	}
	if c := a.Explanation[0]; c.Name != "lactate" || *c.Value != 3.1 || *c.Unit != "mmol/L" || *c.HoursAgo != 0 || *a.BaseValue+c.Contribution != *a.RawOutput {
		t.Errorf("contribution %+v", c)
	}
	if a = answerOf(t, predict(handler, `{"age": 67, "ph": 7.4}`)); a.Explanation == nil || len(a.Explanation) != 0 {
		t.Errorf("an explanation without parts is %v, want []", a.Explanation)
	}
}

// TestExplanationLeftOut: an answer that carries no explanation does not pay for one.
func TestExplanationLeftOut(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	a := answerOf(t, send(handler, "POST", "/predict/patient?explain=false", historyBody))
	if a.Explanation != nil || a.BaseValue != nil || a.RawOutput != nil {
		t.Errorf("answer %+v", a)
	}
	word := send(handler, "POST", "/predict/patient?explain=true", historyBody, "Accept", "text/plain")
	if word.Code != http.StatusOK || word.Body.String() != "Positive" {
		t.Errorf("%d %s", word.Code, word.Body)
	}
	if predictor.explained != 0 {
		t.Errorf("%d explanations were made", predictor.explained)
	}
}

// TestExplanationNames: whatever the shipped model names, GET /variables has in both languages.
func TestExplanationNames(t *testing.T) {
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	handler := newServer(t, shipped)
	type entry struct {
		Name        string            `json:"name"`
		Description map[string]string `json:"description"`
	}
	var vocabulary struct {
		Variables []entry `json:"variables"`
		Stay      []entry `json:"stay"`
		Groups    []entry `json:"explanation_groups"`
	}
	decode(t, send(handler, "GET", "/variables", ""), &vocabulary)
	known := map[string]bool{}
	for _, e := range slices.Concat(vocabulary.Variables, vocabulary.Stay, vocabulary.Groups) {
		if known[e.Name] || e.Description["en"] == "" || e.Description["fr"] == "" {
			t.Errorf("%+v stands twice or lacks a language", e)
		}
		known[e.Name] = true
	}
	a := answerOf(t, predict(handler, strings.Replace(flatBody, "67", "68", 1)))
	for _, c := range a.Explanation {
		if !known[c.Name] {
			t.Errorf("GET /variables has no %s", c.Name)
		}
	}
	if len(a.Explanation) < sepsis.NumVariables {
		t.Errorf("%d parts", len(a.Explanation))
	}
}
