package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// prometheusAccept is what Prometheus 3 sends.
const prometheusAccept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5," +
	"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

func metricsOf(t testing.TB, handler http.Handler) string {
	t.Helper()
	recorder := send(handler, "GET", "/metrics", "", "Accept", prometheusAccept)
	if got := recorder.Header().Get("Content-Type"); recorder.Code != http.StatusOK || got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("%d %s", recorder.Code, got)
	}
	return recorder.Body.String()
}

// everything is a server with all that metrics are of, after a request of each kind.
func everything(t testing.TB) http.Handler {
	t.Helper()
	c := config(&fakePredictor{}, io.Discard)
	c.Shadow, c.Monitor = modelTwo, &knownMonitoring{}
	c.Audit, c.AuditLog = keeping{counts: sepsis.AuditCounts{Recorded: 7, Waiting: 2, Lost: 1, Refused: 3}}, brokenLog{}
	c.LogLinesLost = func() uint64 { return 5 }
	c.AuditHeld = func() bool { return true }
	c.Disk = func() (server.Disk, error) { return server.Disk{Free: 3, Size: 8}, nil }
	c.TLSUntil = func() time.Time { return time.Unix(1_800_000_000, 0) }
	handler := serverOf(t, c)
	predict(handler, flatBody)
	predict(handler, flatBody)
	predict(handler, `{"age": 67, "ph": 7.4, "patient_id": "Jane"}`)
	predict(handler, `{"age": "Jane", "Jane": 1, "Joan": 2}`)
	send(handler, "POST", "/predict/patients?hypothetical=true", "{\n"+person(1, "Jane")+"\n"+person(1, "Joan"), "Content-Type", "application/x-ndjson")
	send(handler, "GET", "/Jane?Jane=Jane", "")
	send(handler, "JANE", "/health", "", "X-Request-Id", "Jane")
	return handler
}

func TestMetricsCount(t *testing.T) {
	text := metricsOf(t, everything(t))
	for _, want := range []string{
		`sepsis_http_requests_total{route="POST /predict/patient",status="200"} 3`,
		`sepsis_http_requests_total{route="POST /predict/patient",status="422"} 1`,
		`sepsis_http_requests_total{route="none",status="404"} 1`,
		`sepsis_http_requests_total{route="none",status="405"} 1`,
		`sepsis_http_request_duration_seconds_count{route="POST /predict/patient"} 4`,
		`sepsis_http_requests_in_flight 1`, // the one that asks
		`sepsis_predictions_total{alert="false",prediction="Positive",reliability="limited",risk_band="elevated"} 2`,
		`sepsis_predictions_total{alert="false",prediction="Negative",reliability="indeterminate",risk_band="low"} 1`,
		`sepsis_refused_requests_total{code="unknown_field"} 1`, // twice in one request
		`sepsis_refused_requests_total{code="wrong_type"} 1`,
		`sepsis_refused_requests_total{code="time_order"} 0`,
		`sepsis_model_info{name="fake",role="answering",sha256="` + strings.Repeat("0", 64) + `",version="1"} 1`,
		`sepsis_model_info{name="constant",role="shadow",sha256="` + strings.Repeat("2", 64) + `",version="2"} 1`,
		`sepsis_shadow_predictions_total{end="agrees"} 2`,
		`sepsis_shadow_predictions_total{end="disagrees"} 1`,
		`sepsis_shadow_probability_difference_count 3`,
		`sepsis_audit_recorded_total 7`, `sepsis_audit_waiting 2`, `sepsis_audit_lost_total 1`, `sepsis_audit_refused_total 3`,
		`sepsis_batch_patients_total{status="200"} 2`, `sepsis_batch_patients_total{status="422"} 1`, `sepsis_batch_patients_total{status="503"} 0`,
		`sepsis_log_lines_lost_total 5`, `sepsis_audit_retention_held 1`,
		`sepsis_disk_free_bytes 3`, `sepsis_disk_size_bytes 8`, `sepsis_tls_certificate_expiry_timestamp_seconds 1.8e+09`,
		`sepsis_drift_psi{input="score",window="24h"} 0.5`,
		`sepsis_drift_missing_ratio{input="lactate",window="24h"} 0.75`,
		`sepsis_drift_missing_reference_ratio{input="lactate"} 0.25`,
		`sepsis_live_performance_ratio{figure="ppv",point="alert"} 0.4`,
		`sepsis_live_calibration_slope 0.9`,
		`go_goroutines `, `process_open_fds `, `sepsis_build_info{`, `version="0.0.0-test"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, absent := range []string{`window="7d"`, `figure="sensitivity"`} {
		if strings.Contains(text, absent) {
			t.Errorf("%s of which too little is known", absent)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestMetricsOfBatches: what is wrong with a patient counts as it would alone, and what ends a batch early counts, too, though its status is 200.
func TestMetricsOfBatches(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	batch := func(body, mediaType string) {
		defer func() { _ = recover() }() // an array that cannot be ended is cut off
		send(handler, "POST", "/predict/patients", body, "Content-Type", mediaType)
	}
	batch(person(1, "Ann")+"\n"+`{"age": 67, "hart_rate": 90, "ph": "7.4"}`+"\n"+`{"age": 12}`, "application/x-ndjson")
	batch("["+person(1, "Ann")+`, {"age": 12}, nonsense]`, "application/json")
	batch("[]", "application/json")
	text := metricsOf(t, handler)
	for _, want := range []string{
		`sepsis_refused_requests_total{code="unknown_field"} 1`, `sepsis_refused_requests_total{code="wrong_type"} 1`, `sepsis_refused_requests_total{code="out_of_scope"} 1`,
		`sepsis_refused_requests_total{code="invalid_json"} 1`, `sepsis_batch_patients_total{status="200"} 1`, `sepsis_batch_patients_total{status="422"} 2`,
		`sepsis_batches_cut_short_total{status="422"} 1`, `sepsis_batches_cut_short_total{status="503"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestMetricsHoldNothingOfThePatient: no name that a caller invents becomes a label.
func TestMetricsHoldNothingOfThePatient(t *testing.T) {
	if text := strings.ToLower(metricsOf(t, everything(t))); strings.Contains(text, "jane") || strings.Contains(text, "joan") {
		t.Error(text)
	}
}

// TestMetricsWithoutMore: what is off has no series.
func TestMetricsWithoutMore(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	text := metricsOf(t, handler)
	for _, absent := range []string{"sepsis_shadow", "sepsis_audit", "sepsis_disk", "sepsis_tls", "sepsis_drift", "sepsis_live", `role="shadow"`} {
		if strings.Contains(text, absent) {
			t.Errorf("there is %s", absent)
		}
	}
	problemOf(t, send(handler, "GET", "/monitoring", ""), http.StatusNotFound)
}

func TestMetricsFollowTheConventions(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(metricsOf(t, everything(t)))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

// TestMetricsAreDocumented holds the table of docs/operations.md against what is served; -update writes it.
func TestMetricsAreDocumented(t *testing.T) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(metricsOf(t, everything(t))))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range families {
		if strings.HasPrefix(name, "sepsis_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	table := "\n| series | kind | labels | what |\n|---|---|---|---|\n"
	for _, name := range names {
		family := families[name]
		table += fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, strings.ToLower(family.GetType().String()), labelsOf(family), family.GetHelp())
	}
	path := filepath.Join("..", "docs", "operations.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- metrics -->", "<!-- /metrics -->"
	before, rest, opened := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !opened || !closed {
		t.Fatalf("%s has no %s and %s", path, begin, end)
	}
	compare(t, path, slices.Concat(before, []byte(begin+"\n"+table+"\n"+end), after))
}

func labelsOf(family *dto.MetricFamily) string {
	var names []string
	for _, label := range family.GetMetric()[0].GetLabel() {
		if name := "`" + label.GetName() + "`"; label.GetName() != "le" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// TestShadowSeriesExistBeforeTheFirstPrediction, so that a rate can be told of the first disagreement.
func TestShadowSeriesExistBeforeTheFirstPrediction(t *testing.T) {
	c := config(&fakePredictor{}, io.Discard)
	c.Shadow = modelTwo
	handler := serverOf(t, c)
	if !strings.Contains(metricsOf(t, handler), `sepsis_shadow_predictions_total{end="disagrees"} 0`) {
		t.Error("no series")
	}
}

// TestEveryCodeIsCounted, also one that is added later.
func TestEveryCodeIsCounted(t *testing.T) {
	text := metricsOf(t, newServer(t, &fakePredictor{}))
	for _, info := range sepsis.Codes {
		if !strings.Contains(text, fmt.Sprintf("sepsis_refused_requests_total{code=%q} 0", info.Code)) {
			t.Errorf("no series of %s", info.Code)
		}
	}
}
