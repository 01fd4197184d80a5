package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// fakePredictor sees sepsis in lactate: its probability is lactate / 100 at the last measurement so far, and 0.01
// without one. It remembers the stay that it was last asked about.
type fakePredictor struct {
	synthetic bool
	unfit     error
	broken    func(*sepsis.Stay) sepsis.Risk

	mutex     sync.Mutex
	asked     *sepsis.Stay
	explained int // how often
}

const (
	fakeThreshold      = 0.031
	fakeAlertThreshold = 0.05
	fakeClear          = 0.04
)

var fakePoints = sepsis.OperatingPoints{
	Threshold: fakeThreshold, Alert: sepsis.AlertRule{Threshold: fakeAlertThreshold, Clear: fakeClear},
}

func (f *fakePredictor) Info() sepsis.ModelInfo {
	return sepsis.ModelInfo{Name: "fake", Version: "1", SHA256: strings.Repeat("0", 64)}
}
func (f *fakePredictor) Threshold() float64      { return fakeThreshold }
func (f *fakePredictor) AlertThreshold() float64 { return fakeAlertThreshold }
func (f *fakePredictor) Card() []byte            { return []byte(`{"name":"fake"}`) }
func (f *fakePredictor) Synthetic() bool         { return f.synthetic }
func (f *fakePredictor) SelfTest() error         { return f.unfit }

func (f *fakePredictor) Predict(stay *sepsis.Stay) sepsis.Risk {
	f.mutex.Lock()
	f.asked = stay
	f.mutex.Unlock()
	if f.broken != nil {
		return f.broken(stay)
	}
	risks := f.Trajectory(stay)
	return risks[len(risks)-1]
}

func (f *fakePredictor) Trajectory(stay *sepsis.Stay) []sepsis.Risk {
	risks := make([]sepsis.Risk, len(stay.Observations))
	probability, alerting := 0.01, false
	for i, observation := range stay.Observations {
		if lactate := observation.Values[sepsis.Lactate]; !sepsis.IsMissing(lactate) {
			probability = math.Round(lactate*1000) / 100_000
		}
		risks[i] = fakePoints.Risk(observation.Hour, probability, alerting)
		alerting = risks[i].Alert
	}
	return risks
}

// Explain lays to lactate what the probability, which is its own raw output, differs from 0.01.
func (f *fakePredictor) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	f.mutex.Lock()
	f.explained++
	f.mutex.Unlock()
	risk := f.Predict(stay)
	base, output := 0.01, risk.Probability
	lactate := sepsis.Contribution{Name: "lactate", Contribution: output - base}
	if latest := stay.Latest(sepsis.MaxICUHour); latest.Has(sepsis.Lactate) {
		lactate.Value, lactate.Unit, lactate.HoursAgo = new(latest[sepsis.Lactate]), new("mmol/L"), new(0)
	}
	return risk, sepsis.NewExplanation(base, output, []sepsis.Contribution{lactate})
}

// unexplained is the explanation of a predictor that has none.
func unexplained(risk sepsis.Risk) (sepsis.Risk, sepsis.Explanation) {
	return risk, sepsis.NewExplanation(0, 0, nil)
}

func (f *fakePredictor) Reliability(stay *sepsis.Stay) sepsis.Reliability {
	return sepsis.Sufficiency(stay)
}

func (f *fakePredictor) Reliabilities(stay *sepsis.Stay) []sepsis.Reliability {
	all := make([]sepsis.Reliability, len(stay.Observations))
	past := *stay
	for i := range all {
		past.Observations = stay.Observations[:i+1]
		all[i] = f.Reliability(&past)
	}
	return all
}

var errUnfit = errors.New("reference stay 3 of /models/a.json differs")

// zeros is entropy that tests can foresee.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// noon is the time of every request in the tests. In a ULID, its 1,641,038,400,000 ms are 01FRAR5JG0.
var noon = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

// keeping is an audit that keeps everything, and fares as it is told to.
type keeping struct {
	server.Audit
	counts sepsis.AuditCounts
}

func (keeping) Record(context.Context, sepsis.Record) error { return nil }
func (keeping) Check(context.Context) error                 { return nil }
func (k keeping) Counts() sepsis.AuditCounts                { return k.counts }

// only is a model that is never swapped.
func only(predictor sepsis.Predictor) *server.Models { return server.NewModels(predictor, nil) }

func config(predictor sepsis.Predictor, log io.Writer) server.Config {
	return server.Config{
		Models: only(predictor), Clock: func() time.Time { return noon }, Entropy: zeros{},
		Logger: slog.New(slog.NewJSONHandler(log, nil)), Version: "0.0.0-test",
	}
}

func newServer(t testing.TB, predictor sepsis.Predictor) http.Handler {
	t.Helper()
	return serverOf(t, config(predictor, io.Discard))
}

func serverOf(t testing.TB, c server.Config) http.Handler {
	t.Helper()
	handler, err := server.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// send makes a request; headers come in pairs of name and value.
func send(handler http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Add(pair[0], pair[len(pair)-1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func predict(handler http.Handler, body string) *httptest.ResponseRecorder {
	return send(handler, "POST", "/predict/patient", body, "Content-Type", "application/json")
}

// problem is the body of an answer that says what is wrong.
type problem struct {
	Type    string           `json:"type"`
	Title   string           `json:"title"`
	Status  int              `json:"status"`
	Detail  string           `json:"detail"`
	Errors  []sepsis.Problem `json:"errors"`
	Omitted int              `json:"errors_omitted"`
}

func problemOf(t testing.TB, recorder *httptest.ResponseRecorder, status int) problem {
	t.Helper()
	if recorder.Code != status {
		t.Fatalf("status %d, want %d: %s", recorder.Code, status, recorder.Body)
	}
	if got := recorder.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q of a problem", got)
	}
	var p problem
	decode(t, recorder, &p)
	if p.Status != status || p.Type != "about:blank" || p.Title == "" {
		t.Errorf("problem %+v with status %d", p, status)
	}
	return p
}

// given is the body of a prediction.
type given struct {
	ID             string                  `json:"id"`
	PatientID      *string                 `json:"patient_id"`
	Prediction     sepsis.Label            `json:"prediction"`
	Probability    float64                 `json:"probability"`
	Threshold      float64                 `json:"threshold"`
	Alert          bool                    `json:"alert"`
	AlertThreshold float64                 `json:"alert_threshold"`
	RiskBand       sepsis.RiskBand         `json:"risk_band"`
	Reliability    sepsis.Reliability      `json:"reliability"`
	Scores         map[string]sepsis.Score `json:"scores"`
	Explanation    []sepsis.Contribution   `json:"explanation"`
	BaseValue      *float64                `json:"base_value"`
	RawOutput      *float64                `json:"raw_output"`
	Warnings       []sepsis.Warning        `json:"warnings"`
	Omitted        int                     `json:"warnings_omitted"`
	Trajectory     []struct {
		ICUHour     *int                    `json:"icu_hour"`
		Probability float64                 `json:"probability"`
		Prediction  sepsis.Label            `json:"prediction"`
		Alert       bool                    `json:"alert"`
		RiskBand    sepsis.RiskBand         `json:"risk_band"`
		Reliability sepsis.ReliabilityLevel `json:"reliability"`
	} `json:"trajectory"`
	Model sepsis.ModelInfo `json:"model"`
}

func answerOf(t testing.TB, recorder *httptest.ResponseRecorder) given {
	t.Helper()
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	var a given
	decode(t, recorder, &a)
	return a
}

func decode(t testing.TB, recorder *httptest.ResponseRecorder, into any) {
	t.Helper()
	if err := json.Unmarshal(recorder.Body.Bytes(), into); err != nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
}

// The two examples of the contract.
const (
	flatBody = `{"age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9,
 "respiratory_rate": 26, "systolic_bp": 88, "mean_arterial_pressure": 61,
 "lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4}`
	historyBody = `{"age": 67, "sex": "female", "icu_unit": "medical", "hours_in_hospital_before_icu": 12.5,
 "observations": [
   {"icu_hour": 1, "heart_rate": 97, "spo2": 95, "systolic_bp": 98},
   {"icu_hour": 2, "heart_rate": 89, "lactate": 3.1}]}`
)
