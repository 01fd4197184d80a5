package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/sqlite"
)

// counter is entropy that never repeats itself.
type counter struct{ next byte }

func (c *counter) Read(p []byte) (int, error) {
	clear(p)
	c.next++
	p[len(p)-1] = c.next
	return len(p), nil
}

// scene is a service with an audit log.
type scene struct {
	config server.Config
	audit  audit.Options
}

// newScene records into an empty SQLite file.
func newScene(t testing.TB) *scene {
	t.Helper()
	log, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sepsis.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &scene{config: config(&fakePredictor{}, io.Discard)}
	s.config.Entropy = &counter{}
	s.audit = audit.Options{
		Log: log, Policy: audit.Required, Wait: 10 * time.Second, Privacy: audit.Hashed([32]byte{1}),
		Clock: s.config.Clock, Logger: slog.New(slog.DiscardHandler),
	}
	return s
}

func (s *scene) start(t testing.TB) http.Handler {
	t.Helper()
	recorder := audit.NewRecorder(s.audit)
	t.Cleanup(func() { recorder.Close(t.Context()) })
	s.config.Audit, s.config.AuditLog = recorder, s.audit.Log
	return serverOf(t, s.config)
}

func newAudited(t testing.TB) (http.Handler, sepsis.AuditLog) {
	t.Helper()
	s := newScene(t)
	return s.start(t), s.audit.Log
}

func tell(handler http.Handler, id, body string) *httptest.ResponseRecorder {
	return send(handler, "POST", "/predictions/"+id+"/outcome", body, "Content-Type", "application/json")
}

// brokenLog fails, but for what the log behind it is asked for.
type brokenLog struct {
	sepsis.AuditLog
}

var errBroken = errors.New("disk full at /var/lib/secret")

func (brokenLog) Append(context.Context, []sepsis.Record) error { return errBroken }
func (brokenLog) Record(context.Context, string) (sepsis.Record, error) {
	return sepsis.Record{}, errBroken
}
func (brokenLog) Check(context.Context) error { return errBroken }
func (brokenLog) AddOutcome(context.Context, sepsis.Outcome) (sepsis.Outcome, error) {
	return sepsis.Outcome{}, errBroken
}

func (brokenLog) Records(context.Context, sepsis.AuditQuery, func(sepsis.Record) error) error {
	return errBroken
}

func TestEveryPredictionIsRecorded(t *testing.T) {
	s := newScene(t)
	times := []time.Time{noon}
	s.config.Clock = func() time.Time { // each request looks at the clock when it comes, when it is answered, and for the log
		now := times[0]
		times = append(times[1:], now)
		return now
	}
	handler := s.start(t)
	times = []time.Time{noon, noon.Add(7 * time.Millisecond)}
	body := strings.Replace(historyBody, `{"age"`, `{"patient_id": "Jane \"7\"", "age"`, 1)
	recorder := predict(handler, body)
	given := answerOf(t, recorder)
	if *given.PatientID != `Jane "7"` {
		t.Errorf("the answer names %q", *given.PatientID)
	}
	record, err := s.audit.Log.Record(t.Context(), given.ID)
	if err != nil {
		t.Fatal(err)
	}
	// What was answered, without the patient's name.
	if want := strings.Replace(recorder.Body.String(), `,"patient_id":"Jane \"7\""`, "", 1); string(record.Output) != want {
		t.Errorf("output %s\nwant %s", record.Output, want)
	}
	digest := sha256.Sum256([]byte(body))
	want := sepsis.Record{
		ID: given.ID, Time: noon, Caller: "local", Route: "POST /predict/patient", Patient: s.audit.Privacy.PatientAs(`Jane "7"`),
		Model: given.Model, InputSHA256: hex.EncodeToString(digest[:]), Output: record.Output, Reliability: given.Reliability.Level,
		Risk:    sepsis.Risk{Hour: 2, Probability: given.Probability, Label: given.Prediction, Alert: given.Alert, Band: given.RiskBand},
		Latency: 7 * time.Millisecond,
	}
	if !reflect.DeepEqual(record, want) {
		t.Errorf("record\n%+v\nwant\n%+v", record, want)
	}
}

func TestOneWordIsRecordedToo(t *testing.T) {
	handler, log := newAudited(t)
	send(handler, "POST", "/predict/patient", flatBody, "Accept", "text/plain")
	predict(handler, `{"age": 17}`) // a refused body leaves no prediction
	records := 0
	if err := log.Records(t.Context(), sepsis.AuditQuery{}, func(sepsis.Record) error { records++; return nil }); err != nil || records != 1 {
		t.Errorf("%d records; %v", records, err)
	}
}

func TestInputsInFull(t *testing.T) {
	s := newScene(t)
	s.audit.Privacy = audit.InFull()
	handler := s.start(t)
	body := `{"patient_id": "Jane",  "age": 67, "ph": 7.4}`
	given := answerOf(t, predict(handler, body))
	var shown struct{ Patient, Input string }
	decode(t, send(handler, "GET", "/predictions/"+given.ID, ""), &shown)
	if shown.Patient != "Jane" || shown.Input != body {
		t.Errorf("shown %+v", shown)
	}
}

func TestNothingIsAnsweredWithoutItsRecord(t *testing.T) {
	s := newScene(t)
	s.audit.Log, s.audit.Wait = brokenLog{s.audit.Log}, 30*time.Millisecond
	handler := s.start(t)
	for _, accept := range []string{"application/json", "text/plain"} {
		recorder := send(handler, "POST", "/predict/patient", flatBody, "Accept", accept)
		p := problemOf(t, recorder, http.StatusServiceUnavailable)
		if p.Detail != "The audit log cannot be written at present, so no prediction is given; it may be on record all the same. Try again." || strings.Contains(recorder.Body.String(), "ositive") {
			t.Errorf("answer %s", recorder.Body)
		}
		if got := recorder.Header().Get("Retry-After"); got != "" {
			t.Errorf("Retry-After %q: who asks again by itself may be on record twice", got)
		}
	}
}

func TestBestEffortAnswersAnyway(t *testing.T) {
	s := newScene(t)
	s.audit.Log, s.audit.Policy = brokenLog{s.audit.Log}, audit.BestEffort
	answerOf(t, predict(s.start(t), flatBody))
}

func TestHealthTellsOfTheAuditLog(t *testing.T) {
	handler, _ := newAudited(t)
	if recorder := send(handler, "GET", "/health", ""); recorder.Code != http.StatusOK || recorder.Body.String() != "OK" {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
	const reason = "the audit log cannot be written"
	s := newScene(t)
	s.audit.Log = brokenLog{s.audit.Log}
	broken := s.start(t)
	if recorder := send(broken, "GET", "/health", ""); recorder.Code != http.StatusServiceUnavailable || recorder.Body.String() != reason {
		t.Errorf("%d %q", recorder.Code, recorder.Body)
	}
	recorder := send(broken, "GET", "/health", "", "Accept", "application/json")
	if p := problemOf(t, recorder, http.StatusServiceUnavailable); p.Detail != reason {
		t.Errorf("detail %q", p.Detail)
	}
	var found struct{ Checks map[string]string }
	decode(t, recorder, &found)
	if found.Checks["self_test"] != "OK" || found.Checks["audit"] != reason {
		t.Errorf("checks %v", found.Checks)
	}
}

// brokenAudit cannot record, and says so when it is asked.
type brokenAudit struct {
	server.Audit
	asked *atomic.Bool
}

func (brokenAudit) PatientAs(id string) string { return id }

func (brokenAudit) Counts() sepsis.AuditCounts { return sepsis.AuditCounts{} }

func (a brokenAudit) Check(context.Context) error {
	a.asked.Store(true)
	return errBroken
}

// TestReadinessSparesTheAuditLog where predictions are given without it, so that balancers do not take away who answers. The log is not even
// asked, for it may be long in answering.
func TestReadinessSparesTheAuditLog(t *testing.T) {
	for _, test := range []struct {
		target, audit string
		spared        bool
		unfit         error
		status        int
	}{
		{"/readyz", "not needed", true, nil, http.StatusOK},
		{"/readyz", "not needed", true, errUnfit, http.StatusServiceUnavailable},
		{"/readyz", "the audit log cannot be written", false, nil, http.StatusServiceUnavailable},
		{"/health", "the audit log cannot be written", true, nil, http.StatusServiceUnavailable},
	} {
		var asked atomic.Bool
		handler := guarded(t, func(c *server.Config) {
			c.Audit, c.AuditLog, c.AuditSpared, c.Models = brokenAudit{asked: &asked}, brokenLog{}, test.spared, only(&fakePredictor{unfit: test.unfit})
		})
		recorder := send(handler, "GET", test.target, "", "Accept", "application/json")
		var found struct{ Checks map[string]string }
		decode(t, recorder, &found)
		if recorder.Code != test.status || found.Checks["audit"] != test.audit || asked.Load() != (test.audit != "not needed") {
			t.Errorf("%+v: %d %s, asked: %t", test, recorder.Code, recorder.Body, asked.Load())
		}
		if plain := send(handler, "GET", test.target, ""); plain.Code != test.status {
			t.Errorf("%+v: plain %d", test, plain.Code)
		}
	}
}

// listed is the body of GET /predictions.
type listed struct {
	Predictions []map[string]any
	Next        string
}

func list(t testing.TB, handler http.Handler, query string) listed {
	t.Helper()
	recorder := send(handler, "GET", "/predictions?"+query, "")
	if recorder.Code != http.StatusOK {
		t.Fatalf("%s: %s", query, recorder.Body)
	}
	var l listed
	decode(t, recorder, &l)
	return l
}

func TestPredictionsAreFoundByEachFilter(t *testing.T) {
	s := newScene(t)
	now := noon
	s.config.Clock = func() time.Time { return now }
	handler := s.start(t)
	var ids []string
	for i, lactate := range []float64{1, 3.5, 6} { // Negative, Positive, Positive with an alert; see fakePoints
		now = noon.Add(time.Duration(i) * time.Hour)
		ids = append(ids, answerOf(t, predict(handler, fmt.Sprintf(`{"age": 67, "patient_id": "p %d&", "lactate": %g}`, i%2, lactate))).ID)
	}
	patient := url.QueryEscape("p 0&")
	for query, want := range map[string][]int{
		"":                          {2, 1, 0},
		"from=2022-01-01T13:00:00Z": {2, 1},
		"to=2022-01-01T13:00:00%2B00:00&from=2021-01-01T00:00:00Z": {0},
		"to=0001-01-01T00:00:00Z":                                  {},
		"from=0001-01-01T00:00:00Z":                                {2, 1, 0},
		"caller=local":                                             {2, 1, 0},
		"caller=nobody":                                            {},
		"caller=oidc:" + strings.Repeat("x", 255):                  {}, // the longest sub
		"patient=" + patient:                                       {2, 0},
		"patient=p":                                                {},
		"prediction=Positive":                                      {2, 1},
		"prediction=Negative":                                      {0},
		"alert=true":                                               {2},
		"alert=false&patient=p+1%26":                               {1},
		"model=" + strings.Repeat("0", 64):                         {2, 1, 0},
		"model=" + strings.Repeat("f", 64):                         {},
		"cursor=" + ids[1]:                                         {0},
		"limit=2":                                                  {2, 1},
	} {
		var got []any
		for _, p := range list(t, handler, query).Predictions {
			got = append(got, p["id"])
		}
		if len(got) != len(want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
			continue
		}
		for i, w := range want {
			if got[i] != ids[w] {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
	}
}

// TestAPatientOfFHIRIsFoundByTheReference, which is also what the answer calls them.
func TestAPatientOfFHIRIsFoundByTheReference(t *testing.T) {
	handler, _ := newAudited(t)
	if answer := evaluate(handler, goodBundle); answer.Code != http.StatusOK {
		t.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	for query, want := range map[string]int{"patient=Patient/p": 1, "patient=p": 0} {
		if got := list(t, handler, query).Predictions; len(got) != want {
			t.Errorf("%s finds %v, want %d", query, got, want)
		}
	}
}

func TestPagesFollowTheirCursor(t *testing.T) {
	handler, _ := newAudited(t)
	const total = 7
	for range total {
		answerOf(t, predict(handler, flatBody))
	}
	for limit := 1; limit <= total+1; limit++ {
		seen, query, pages := map[any]bool{}, fmt.Sprintf("limit=%d", limit), 0
		for {
			page := list(t, handler, query)
			pages++
			for _, p := range page.Predictions {
				seen[p["id"]] = true
			}
			if page.Next == "" {
				break
			}
			query = fmt.Sprintf("limit=%d&cursor=%s", limit, page.Next)
		}
		if want := (total + limit - 1) / limit; len(seen) != total || pages != want {
			t.Errorf("limit %d: %d predictions on %d pages, want %d on %d", limit, len(seen), pages, total, want)
		}
	}
}

// TestTheClockJumps back, forward, and to and fro at each look: everything is answered, ids stay different, each prediction is
// found once, and no latency is below 0.
func TestTheClockJumps(t *testing.T) {
	for what, jump := range map[string]func(look int) time.Duration{
		"back":       func(int) time.Duration { return -time.Hour },
		"forward":    func(int) time.Duration { return 30 * 24 * time.Hour },
		"to and fro": func(look int) time.Duration { return time.Duration(1-look%2*2) * 24 * time.Hour },
	} {
		t.Run(what, func(t *testing.T) {
			s := newScene(t)
			now, looks := noon, 0
			s.config.Clock = func() time.Time { looks++; now = now.Add(jump(looks)); return now }
			s.config.Limits.Rate, s.config.Limits.Burst = 1, 5
			handler := s.start(t)
			for range 5 {
				answerOf(t, predict(handler, flatBody))
			}
			seen := map[any]bool{}
			for query := "limit=2"; ; {
				page := list(t, handler, query)
				for _, p := range page.Predictions {
					seen[p["id"]] = true
					if p["latency_ms"].(float64) < 0 {
						t.Errorf("latency %v", p["latency_ms"])
					}
				}
				if page.Next == "" {
					break
				}
				query = "limit=2&cursor=" + page.Next
			}
			if len(seen) != 5 {
				t.Errorf("%d predictions", len(seen))
			}
		})
	}
}

func TestQueriesThatCannotBeRead(t *testing.T) {
	handler, _ := newAudited(t)
	for query, want := range map[string]complaint{
		"from=yesterday": {sepsis.WrongType, "query.from"},
		"to=2022-01-01":  {sepsis.WrongType, "query.to"},
		"from=2022-01-01T00:00:00Z&to=2022-01-01T00:00:00Z": {sepsis.TimeOrder, "query.to"},
		"caller=":                             {sepsis.OutOfRange, "query.caller"},
		"caller=" + strings.Repeat("x", 1025): {sepsis.OutOfRange, "query.caller"},
		"patient=" + strings.Repeat("x", 129): {sepsis.OutOfRange, "query.patient"},
		"prediction=positive":                 {sepsis.WrongType, "query.prediction"},
		"alert=1":                             {sepsis.WrongType, "query.alert"},
		"model=abc":                           {sepsis.WrongType, "query.model"},
		"cursor=01JD9Z":                       {sepsis.WrongType, "query.cursor"},
		"cursor=8" + strings.Repeat("0", 25):  {sepsis.WrongType, "query.cursor"},
		"limit=0":                             {sepsis.OutOfRange, "query.limit"},
		"limit=1001":                          {sepsis.OutOfRange, "query.limit"},
		"limit=ten":                           {sepsis.WrongType, "query.limit"},
		"limit=1&limit=2":                     {sepsis.DuplicateField, "query.limit"},
		"page=2":                              {sepsis.UnknownField, "query.page"},
		"limit=%zz":                           {sepsis.WrongType, "query"},
	} {
		p := problemOf(t, send(handler, "GET", "/predictions?"+query, ""), http.StatusUnprocessableEntity)
		if got := complaints(p); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func TestOutcomesAreShown(t *testing.T) {
	handler, log := newAudited(t)
	id := answerOf(t, predict(handler, flatBody)).ID
	for _, body := range []string{`{"septic": true, "onset_hours": -3.5}`, `{"septic": true, "onset_hours": null}`, `{"septic": false}`} {
		if recorder := tell(handler, id, body); recorder.Code != http.StatusOK {
			t.Errorf("%s: %s", body, recorder.Body)
		}
	}
	if err := log.AddFeedback(t.Context(), sepsis.Feedback{Prediction: id, Time: noon, Caller: "cds", Reason: "known", Comment: "treated"}); err != nil {
		t.Fatal(err)
	}
	var shown struct{ Outcomes, Feedback json.RawMessage }
	decode(t, send(handler, "GET", "/predictions/"+id, ""), &shown)
	const at = `"time":"2022-01-01T12:00:00Z","caller":`
	if want := `[{` + at + `"local","septic":true,"onset_hours":-3.5},{` + at + `"local","septic":true,"onset_hours":null},{` + at +
		`"local","septic":false,"onset_hours":null}]`; string(shown.Outcomes) != want {
		t.Errorf("outcomes %s\nwant %s", shown.Outcomes, want)
	}
	if want := `[{` + at + `"cds","accepted":false,"reason":"known","comment":"treated"}]`; string(shown.Feedback) != want {
		t.Errorf("feedback %s\nwant %s", shown.Feedback, want)
	}
}

// TestNoOutcomeIsReplaced by what another caller tells: both stand, with who told them.
func TestNoOutcomeIsReplaced(t *testing.T) {
	s := newScene(t)
	s.config.Gate = fakeGate{}
	handler := s.start(t)
	const ward, coder = "ward predict audit", "coder predict"
	id := answerOf(t, send(handler, "POST", "/predict/patient", flatBody, "Content-Type", "application/json", "X-Caller", ward)).ID
	for _, told := range [][2]string{{ward, `{"septic": true}`}, {coder, `{"septic": false}`}} {
		recorder := send(handler, "POST", "/predictions/"+id+"/outcome", told[1], "Content-Type", "application/json", "X-Caller", told[0])
		if recorder.Code != http.StatusOK {
			t.Fatalf("%s: %s", told, recorder.Body)
		}
	}
	var shown struct {
		Outcomes []struct {
			Caller string
			Septic bool
		}
	}
	decode(t, send(handler, "GET", "/predictions/"+id, "", "X-Caller", ward), &shown)
	if got := fmt.Sprint(shown.Outcomes); got != "[{ward true} {coder false}]" {
		t.Errorf("%s", got)
	}
}

var incoherentOutcomes = []struct {
	body string
	want []complaint
}{
	{``, []complaint{{"invalid_json", "body"}}},
	{`{"septic": true} {}`, []complaint{{"invalid_json", "body"}}},
	{`{"septic": NaN}`, []complaint{{"invalid_json", "body"}}},
	{`[]`, []complaint{{"wrong_type", "body"}}},
	{`{}`, []complaint{{"missing_field", "body.septic"}}},
	{`{"septic": null, "onset_hours": 1}`, []complaint{{"missing_field", "body.septic"}}},
	{`{"septic": "yes", "onset_hours": "1"}`, []complaint{{"wrong_type", "body.septic"}, {"wrong_type", "body.onset_hours"}}},
	{`{"septic": true, "septic": true}`, []complaint{{"duplicate_field", "body.septic"}}},
	{`{"sepsis": true, "septic": true}`, []complaint{{"unknown_field", "body.sepsis"}}},
	{`{"septic": true, "onset_hours": 6.1}`, []complaint{{"out_of_range", "body.onset_hours"}}},
	{`{"septic": true, "onset_hours": -8785}`, []complaint{{"out_of_range", "body.onset_hours"}}},
	{`{"septic": true, "onset_hours": 1e999}`, []complaint{{"invalid_json", "body.onset_hours"}}},
	{`{"septic": false, "onset_hours": 2}`, []complaint{{"onset_without_sepsis", "body.onset_hours"}}},
	{`{"onset_hours": 2, "septic": false}`, []complaint{{"onset_without_sepsis", "body.onset_hours"}}},
}

func TestIncoherentOutcomes(t *testing.T) {
	handler, log := newAudited(t)
	id := answerOf(t, predict(handler, flatBody)).ID
	for _, test := range incoherentOutcomes {
		p := problemOf(t, tell(handler, id, test.body), http.StatusUnprocessableEntity)
		if got := complaints(p); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, want %v", test.body, got, test.want)
		}
	}
	for hours, foreseen := range map[string]bool{"6.1": false, "-90000": true} { // too early is no reason to take a septic patient for one who is not
		p := problemOf(t, tell(handler, id, `{"septic": true, "onset_hours": `+hours+`}`), http.StatusUnprocessableEntity)
		if got := !strings.Contains(p.Errors[0].Hint, "septic false"); got != foreseen {
			t.Errorf("%s hours: %q", hours, p.Errors[0].Hint)
		}
	}
	problemOf(t, send(handler, "POST", "/predictions/"+id+"/outcome", `{"septic": true}`, "Content-Type", "text/plain"), http.StatusUnsupportedMediaType)
	p := problemOf(t, send(handler, "POST", "/predictions/"+id+"/outcome?x=1", `{}`), http.StatusUnprocessableEntity)
	if got := fmt.Sprint(complaints(p)); got != "[{unknown_field query.x} {missing_field body.septic}]" {
		t.Errorf("query and body: %s", got)
	}
	if outcomes, err := log.Outcomes(t.Context(), id); err != nil || len(outcomes) != 0 {
		t.Errorf("a refused body left %v; %v", outcomes, err)
	}
}

func TestOutcomeSchemaAndServerAgree(t *testing.T) {
	handler, _ := newAudited(t)
	schema := loadDocument(t, handler).Paths.Value("/predictions/{id}/outcome").Post.RequestBody.Value.Content["application/json"].Schema.Value
	for _, test := range incoherentOutcomes {
		switch test.want[0].code {
		case sepsis.InvalidJSON, sepsis.DuplicateField, sepsis.OnsetWithoutSepsis: // a schema cannot tell
			continue
		}
		if verdict(t, schema, test.body) == nil {
			t.Errorf("the schema accepts %s", test.body)
		}
	}
}

func TestUnknownPredictions(t *testing.T) {
	handler, _ := newAudited(t)
	for _, id := range []string{"01JD9Z0000000000000000000A", "01jd9z0000000000000000000a", "x", "%00", "..%2Fhealth", strings.Repeat("Z", 5000)} {
		problemOf(t, send(handler, "GET", "/predictions/"+id, ""), http.StatusNotFound)
		problemOf(t, tell(handler, id, `{"septic": true}`), http.StatusNotFound)
	}
}

func TestAuditLogAway(t *testing.T) {
	s := newScene(t)
	var log bytes.Buffer
	s.config.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	s.audit.Log = brokenLog{s.audit.Log}
	handler := s.start(t)
	const id = "01JD9Z0000000000000000000A"
	for _, recorder := range []*httptest.ResponseRecorder{
		send(handler, "GET", "/predictions", ""), send(handler, "GET", "/predictions/"+id, ""), tell(handler, id, `{"septic": true}`),
	} {
		problemOf(t, recorder, http.StatusServiceUnavailable)
		if strings.Contains(recorder.Body.String(), "secret") {
			t.Errorf("the answer tells of the inside: %s", recorder.Body)
		}
	}
	if strings.Count(log.String(), errBroken.Error()) != 3 {
		t.Errorf("log %s", &log)
	}
}

// crowdedLog cannot be read for an error, which it finds after a while, or when the search has ended.
type crowdedLog struct {
	sepsis.AuditLog
	after time.Duration
	err   error
}

func (l crowdedLog) Records(ctx context.Context, _ sepsis.AuditQuery, _ func(sepsis.Record) error) error {
	select {
	case <-time.After(l.after):
	case <-ctx.Done():
	}
	return fmt.Errorf("predictions: %w", l.err)
}

// TestWhyASearchFails: a store that answers is not one that is away, and each has its own cure.
func TestWhyASearchFails(t *testing.T) {
	const (
		tooLong = "The search took longer than 10s. Narrow it by from and to."
		busy    = "Too many use the audit log at present. Try again."
		away    = "The audit log cannot be reached at present. Try again."
	)
	for _, test := range []struct {
		after time.Duration
		err   error
		want  string
		again string // Retry-After
	}{
		{time.Minute, context.DeadlineExceeded, tooLong, ""},
		{time.Minute, errBroken, tooLong, ""},                 // not each database says so
		{2 * time.Second, context.DeadlineExceeded, away, ""}, // to connect took too long
		{0, errBroken, away, ""},
		{3 * time.Second, sepsis.ErrBusy, busy, "1"},
		{3 * time.Second, errors.Join(sepsis.ErrBusy, context.DeadlineExceeded), busy, "1"}, // as a store says it
	} {
		synctest.Test(t, func(t *testing.T) {
			handler := guarded(t, func(c *server.Config) {
				c.Gate, c.Audit, c.AuditLog = nil, brokenAudit{}, crowdedLog{brokenLog{}, test.after, test.err}
			})
			recorder := send(handler, "GET", "/predictions?caller=nobody", "")
			if p, again := problemOf(t, recorder, http.StatusServiceUnavailable), recorder.Header().Get("Retry-After"); p.Detail != test.want || again != test.again {
				t.Errorf("%v after %v: %q, Retry-After %q", test.err, test.after, p.Detail, again)
			}
		})
	}
}

func TestWithoutAuditLog(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	const id = "01JD9Z0000000000000000000A"
	for _, recorder := range []*httptest.ResponseRecorder{
		send(handler, "GET", "/predictions", ""), send(handler, "GET", "/predictions/"+id, ""), tell(handler, id, `{"septic": true}`),
	} {
		if p := problemOf(t, recorder, http.StatusServiceUnavailable); p.Detail != "No audit log is kept here." {
			t.Errorf("detail %q", p.Detail)
		}
	}
}

func TestQueriesAreNotLogged(t *testing.T) {
	s := newScene(t)
	var log bytes.Buffer
	s.config.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	s.audit.Logger = s.config.Logger
	handler := s.start(t)
	send(handler, "GET", "/predictions?patient=Jane", "")
	send(handler, "GET", "/predictions?patient=Jane&limit=0&Jane=1", "")
	send(handler, "GET", "/predictions/Jane", "")
	tell(handler, "Jane", `{"Jane": "Jane"}`)
	if got := log.String(); strings.Contains(strings.ToLower(got), "jane") || strings.Count(got, "\n") != 4 {
		t.Errorf("log\n%s", got)
	}
}

// Who was shown which prediction, and who told of it, can be found out later: by the line of the request. What is not there was not shown.
func TestTheLogNamesThePredictionThatWasReadOrToldOf(t *testing.T) {
	s := newScene(t)
	var log bytes.Buffer
	s.config.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	handler := s.start(t)
	id := answerOf(t, predict(handler, flatBody)).ID
	const unknown = "01JD9Z0000000000000000000A"
	log.Reset()
	send(handler, "GET", "/predictions/"+id, "")
	tell(handler, id, `{"septic": false}`)
	send(handler, "GET", "/predictions/"+unknown, "")
	tell(handler, unknown, `{"septic": false}`)
	for i, want := range []string{id, id, "", ""} {
		var line struct{ Answer string }
		decodeLine(t, &log, &line)
		if line.Answer != want {
			t.Errorf("request %d: answer %q in the log, want %q", i+1, line.Answer, want)
		}
	}
}

// decodeLine reads one line of a log.
func decodeLine(t *testing.T, log *bytes.Buffer, into any) {
	t.Helper()
	line, err := log.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestExportIsWhatTheRouteShows holds the two forms of the same record together.
func TestExportIsWhatTheRouteShows(t *testing.T) {
	handler, log := newAudited(t)
	var want []byte
	for range 3 {
		id := answerOf(t, predict(handler, flatBody)).ID
		tell(handler, id, `{"septic": true, "onset_hours": 3.5}`)
		want = append(append(send(handler, "GET", "/predictions/"+id, "").Body.Bytes(), '\n'), want...)
	}
	var exported bytes.Buffer
	if written, err := server.Export(t.Context(), log, sepsis.AuditQuery{}, &exported); err != nil || written != 3 {
		t.Fatal(written, err)
	}
	if exported.String() != string(want) {
		t.Errorf("exported\n%s\nwant\n%s", &exported, want)
	}
}

// TestABatchIsRecordedPatientByPatient: each by its own bytes, as if it had come alone.
func TestABatchIsRecordedPatientByPatient(t *testing.T) {
	s := newScene(t)
	s.audit.Privacy = audit.InFull()
	handler := s.start(t)
	body := `{"patient_id": "Jane",  "age": 67, "ph": 7.4}`
	answers := []string{answerOf(t, predict(handler, body)).ID}
	for _, lines := range []string{body, body + "\n", body + "\r\n"} {
		answers = append(answers, linesOf(t, sendMany(handler, "application/x-ndjson", lines))[0].ID)
	}
	answers = append(answers, elementsOf(t, sendMany(handler, "application/json", "[ "+body+" ]\n"))[0].ID)
	digest := sha256.Sum256([]byte(body))
	for i, id := range answers {
		record, err := s.audit.Log.Record(t.Context(), id)
		if err != nil || string(record.Input) != body || record.InputSHA256 != hex.EncodeToString(digest[:]) {
			t.Errorf("%d: %v, %s of %q", i, err, record.InputSHA256, record.Input)
		}
	}
}

// heldLog does not write before it is released.
type heldLog struct {
	sepsis.AuditLog
	released chan struct{}
}

func (l heldLog) Append(ctx context.Context, records []sepsis.Record) error {
	select {
	case <-l.released:
		return l.AuditLog.Append(ctx, records)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestEveryRecordHasItsOwnInput, also when it is written long after the batch has used its memory for other patients.
func TestEveryRecordHasItsOwnInput(t *testing.T) {
	s := newScene(t)
	held := heldLog{s.audit.Log, make(chan struct{})}
	s.config.Entropy = rand.Reader
	s.audit.Privacy, s.audit.Policy, s.audit.Log = audit.InFull(), audit.BestEffort, held
	recorder := audit.NewRecorder(s.audit)
	s.config.Audit, s.config.AuditLog = recorder, s.audit.Log
	handler := serverOf(t, s.config)
	var body strings.Builder
	const patients = 1000
	for i := range patients {
		body.WriteString(person(float64(i%7), fmt.Sprintf("patient %d", i)) + "\n")
	}
	if answers := linesOf(t, sendMany(handler, "application/x-ndjson", body.String())); len(answers) != patients {
		t.Fatalf("%d answers", len(answers))
	}
	close(held.released)
	recorder.Close(t.Context())
	seen, wrong := map[string]bool{}, 0
	err := s.audit.Log.Records(t.Context(), sepsis.AuditQuery{}, func(r sepsis.Record) error {
		digest := sha256.Sum256(r.Input)
		seen[r.Patient] = true
		if r.InputSHA256 != hex.EncodeToString(digest[:]) || !bytes.Contains(r.Input, []byte(`"`+r.Patient+`"`)) {
			wrong++
		}
		return nil
	})
	if err != nil || wrong > 0 || len(seen) != patients {
		t.Errorf("%d of %d records have the input of another patient; %v", wrong, len(seen), err)
	}
}

// TestABatchOfRefusalsIsCounted: the batch as such has status 200 even when nobody in it got a prediction.
func TestABatchOfRefusalsIsCounted(t *testing.T) {
	s := newScene(t)
	s.audit.Log, s.audit.Wait = brokenLog{s.audit.Log}, 30*time.Millisecond
	handler := s.start(t)
	for _, o := range linesOf(t, sendMany(handler, "application/x-ndjson", strings.Repeat(person(1, "Jane")+"\n", 20))) {
		if o.Status != http.StatusServiceUnavailable {
			t.Errorf("status %d", o.Status)
		}
	}
	if text := metricsOf(t, handler); !strings.Contains(text, `sepsis_batch_patients_total{status="503"} 20`) {
		t.Error(text)
	}
}

// TestHealthTellsOfLoss in JSON. Plain health is about whether the service can predict, and stays as it is.
func TestHealthTellsOfLoss(t *testing.T) {
	const shape = `{"status":"OK","checks":{"self_test":"OK","audit":"OK"},"audit":{"degraded":%t,"lost":%d,"last_loss":%s,"refused":%d}}`
	for _, test := range []struct {
		counts sepsis.AuditCounts
		want   string
	}{
		{sepsis.AuditCounts{Recorded: 9}, fmt.Sprintf(shape, false, 0, "null", 0)},
		{sepsis.AuditCounts{Refused: 3}, fmt.Sprintf(shape, false, 0, "null", 3)},
		{sepsis.AuditCounts{Lost: 2, LastLoss: noon.Add(-9 * time.Minute)}, fmt.Sprintf(shape, true, 2, `"2022-01-01T11:51:00Z"`, 0)},
		{sepsis.AuditCounts{Lost: 2, LastLoss: noon.Add(-10 * time.Minute)}, fmt.Sprintf(shape, false, 2, `"2022-01-01T11:50:00Z"`, 0)},
		{sepsis.AuditCounts{Lost: 2, LastLoss: noon.Add(time.Hour)}, fmt.Sprintf(shape, true, 2, `"2022-01-01T13:00:00Z"`, 0)},
	} {
		c := config(&fakePredictor{}, io.Discard)
		c.Audit, c.AuditLog = keeping{counts: test.counts}, brokenLog{}
		handler := serverOf(t, c)
		if recorder := send(handler, "GET", "/health", "", "Accept", "application/json"); recorder.Code != http.StatusOK || recorder.Body.String() != test.want {
			t.Errorf("%+v: %d %s", test.counts, recorder.Code, recorder.Body)
		}
		if recorder := send(handler, "GET", "/health", ""); recorder.Code != http.StatusOK || recorder.Body.String() != "OK" {
			t.Errorf("%+v: plain %d %s", test.counts, recorder.Code, recorder.Body)
		}
	}
}

// TestOutcomesHaveABound, and a repetition is no new outcome.
func TestOutcomesHaveABound(t *testing.T) {
	handler, _ := newAudited(t)
	id := answerOf(t, predict(handler, flatBody)).ID
	for i := range 2 * sepsis.MaxTold {
		if recorder := tell(handler, id, fmt.Sprintf(`{"septic": %t}`, i/2%2 == 0)); recorder.Code != http.StatusOK {
			t.Fatalf("%d: %s", i, recorder.Body)
		}
	}
	if p := problemOf(t, tell(handler, id, `{"septic": true}`), http.StatusConflict); !strings.HasPrefix(p.Detail, "100 outcomes were told of this prediction") {
		t.Errorf("detail %q", p.Detail)
	}
	var shown struct{ Outcomes []json.RawMessage }
	decode(t, send(handler, "GET", "/predictions/"+id, ""), &shown)
	if len(shown.Outcomes) != sepsis.MaxTold {
		t.Errorf("%d outcomes", len(shown.Outcomes))
	}
}
