package server_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

func TestDocsPageHoldsTheTables(t *testing.T) {
	recorder := send(newServer(t, &fakePredictor{}), "GET", "/docs", "", "Accept", "text/html,*/*;q=0.8")
	page := recorder.Body.String()
	if got := recorder.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	var expected []string
	for _, info := range sepsis.Variables {
		expected = append(expected, "<code>"+info.Name+"</code>")
	}
	for _, info := range sepsis.Codes {
		expected = append(expected, "<code>"+string(info.Code)+"</code>")
	}
	for _, info := range sepsis.WarningCodes {
		expected = append(expected, "<code>"+string(info.Code)+"</code>")
	}
	expected = append(expected, "POST /predict/patient", "GET /health", "GET /variables", "GET /model", "GET /openapi.json",
		"<code>trajectory</code>", "<td>415</td>", "Cel, [degF]", "&#34;icu_hour&#34;: 30")
	for _, text := range expected {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %s", text)
		}
	}
}

// The page's policy allows its own style sheet and nothing else.
func TestDocsPageNeedsNothingElse(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	page := send(handler, "GET", "/docs", "").Body.String()
	for _, forbidden := range []string{"<script", "style=", "<style", "http:", "https:", "//", "src=", "ZgotmplZ", "no value", "onclick"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
	if strings.Count(page, "<link") != 1 || !strings.Contains(page, `<link rel="stylesheet" href="/docs/style.css">`) {
		t.Error("the page links to more, or less, than its style sheet")
	}
	sheet := send(handler, "GET", "/docs/style.css", "", "Accept", "text/css,*/*;q=0.1")
	if sheet.Header().Get("Content-Type") != "text/css; charset=utf-8" || strings.Contains(sheet.Body.String(), "url(") || strings.Contains(sheet.Body.String(), "@import") {
		t.Errorf("style sheet %v", sheet.Header())
	}
}
