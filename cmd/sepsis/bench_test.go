package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/medtech-detect/sepsis/load"
	"github.com/medtech-detect/sepsis/server"
)

// TestBench drives a service of which every body must be one that the real one accepts.
func TestBench(t *testing.T) {
	var mutex sync.Mutex
	forms := map[bool]int{}
	running := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		stay, problems := server.ReadPatient(body)
		mutex.Lock()
		defer mutex.Unlock()
		forms[len(stay.Observations) > 1]++
		if len(problems) > 0 || r.URL.Path != "/predict/patient" || r.Header.Get("X-Key") != "secret" || r.URL.Query().Get("explain") != "false" {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	defer running.Close()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "data", "synth", "--out", data, "--stays", "5")
	common := []string{"bench", "--url", running.URL + "/", "--warmup", "0s", "--duration", "200ms", "--no-explain", "--header", "X-Key: secret", "--format", "json"}
	bodies := filepath.Join(t.TempDir(), "bodies.ndjson")
	if err := os.WriteFile(bodies, []byte(somebody+"\n"+somebody+"\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{{"--form", "flat", "--stays", "20"}, {"--data", data, "--rate", "200", "--arrivals", "random"}, {"--bodies", bodies}} {
		var report load.Report
		if err := json.Unmarshal([]byte(must(t, append(common, more...)...)), &report); err != nil || report.Requests == 0 || report.Outcomes["200"] != report.Requests {
			t.Errorf("%v: %v, %+v", more, err, report)
		}
	}
	if forms[true] == 0 || forms[false] == 0 {
		t.Errorf("forms %v", forms)
	}
	text, err := sepsisCommand(t, "bench", "--url", running.URL, "--warmup", "0s", "--duration", "100ms")
	if err == nil || !strings.Contains(err.Error(), "did not get status 200") || !strings.Contains(text, "status 422") {
		t.Errorf("%v: %s", err, text)
	}
	for _, header := range []string{"secret", ":secret", "X Key: secret", "X-Key : secret", "X-Key: a\nb"} {
		if _, err := sepsisCommand(t, "bench", "--header", header, "--data", "nowhere"); err == nil || !strings.Contains(err.Error(), "--header") {
			t.Errorf("%q: %v", header, err)
		}
	}
	if _, err := sepsisCommand(t, "bench", "--arrivals", "random"); err == nil || !strings.Contains(err.Error(), "--rate") {
		t.Errorf("random arrivals at no rate: %v", err)
	}
}
