package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
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
