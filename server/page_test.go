package server_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
	"github.com/medtech-detect/sepsis/web"
)

func TestPage(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	recorder := send(handler, "GET", "/", "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != "text/html; charset=utf-8" ||
		recorder.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", recorder.Code, recorder.Header())
	}
	links := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(recorder.Body.String(), -1)
	if len(links) < 3 {
		t.Errorf("the page names %d assets", len(links))
	}
	for _, link := range links {
		asset := send(handler, "GET", link[1], "")
		if asset.Code != http.StatusOK || !strings.Contains(asset.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", link[1], asset.Code, asset.Header())
		}
	}
	problemOf(t, send(handler, "GET", "/assets/main.js", ""), http.StatusNotFound)
	problemOf(t, send(handler, "GET", "/", "", "Accept", "application/json"), http.StatusNotAcceptable)
}

func TestPageIsCompressedForThoseWhoAsk(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	plain := send(handler, "GET", "/", "")
	for accepted, compressed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip; q=1.0, *": true, "": false, "br": false, "gzip;q=0": false, "gzip;q=0.000, br": false,
	} {
		recorder := send(handler, "GET", "/", "", "Accept-Encoding", accepted)
		if got := recorder.Header().Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("Accept-Encoding %q: compressed %t", accepted, got)
		}
		if recorder.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Vary %q", recorder.Header().Get("Vary"))
		}
		body := io.Reader(recorder.Body)
		if compressed {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != plain.Body.String() {
			t.Errorf("Accept-Encoding %q: another body, %v", accepted, err)
		}
	}
}

// TestPageHasWordsForEveryCode holds the page's catalogue against the tables of codes: what the API says is shown in both languages.
func TestPageHasWordsForEveryCode(t *testing.T) {
	page, err := web.Open()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page.Assets, func(f web.File) bool { return strings.HasSuffix(f.Path, "/fr.json") })
	var catalogue map[string]string
	if err := json.Unmarshal(page.Assets[i].Body, &catalogue); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, info := range sepsis.Codes {
		keys = append(keys, "problem."+string(info.Code))
	}
	for _, info := range sepsis.WarningCodes {
		keys = append(keys, "warning."+string(info.Code))
	}
	for _, info := range sepsis.ReasonCodes {
		keys = append(keys, "reason."+string(info.Code))
	}
	for _, level := range sepsis.ReliabilityLevels {
		keys = append(keys, "level."+string(level), "reliability."+string(level))
	}
	for _, level := range sepsis.DriftLevels {
		keys = append(keys, "drift."+string(level))
	}
	for _, role := range sepsis.Roles {
		keys = append(keys, "role."+string(role))
	}
	for _, info := range sepsis.Variables {
		keys = append(keys, "group."+string(info.Group))
	}
	nothing := sepsis.NoValues()
	for _, bedside := range score.All {
		for _, part := range bedside.Of(&nothing).Missing {
			keys = append(keys, "part."+part)
		}
	}
	for _, key := range keys {
		if catalogue[key] == "" {
			t.Errorf("the page's catalogues have no %s", key)
		}
	}
}
