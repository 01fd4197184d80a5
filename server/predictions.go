package server

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
)

const (
	predictionsPath = "/predictions"
	predictionPath  = "/predictions/{id}"
	outcomePath     = "/predictions/{id}/outcome"
)

// auditTime is how long the audit log may take to be read, or to be told an outcome or feedback.
const auditTime = 10 * time.Second

// Bounds on a list of predictions, and on a caller's name in a query: the sub of a token alone may have 255 characters (OpenID Connect Core
// 1.0, section 2), and the issuer of a CDS client is an address.
const (
	mostListed    = 1000
	usuallyListed = "100"
	maxCaller     = 1024
)

// predictionParameters is the one table of query parameters of GET /predictions. The patient is chosen as it was sent.
var predictionParameters = []parameter[sepsis.AuditQuery]{
	instant("from", "Only predictions that were asked for at this time or later.", func(q *sepsis.AuditQuery, at time.Time) { q.From = &at }),
	instant("to", "Only predictions that were asked for before this time.", func(q *sepsis.AuditQuery, at time.Time) { q.To = &at }),
	phrase("caller", "Only predictions that this caller asked for.", maxCaller, func(q *sepsis.AuditQuery, name string) { q.Caller = name }),
	phrase("patient", "Only predictions for the patient with this patient_id, as it was sent with them; by FHIR and CDS Hooks, the reference Patient/<id>. Mind that proxies may log the addresses of requests.",
		maxPatientID, func(q *sepsis.AuditQuery, id string) { q.Patient = id }),
	choice("prediction", "Only predictions that said so.", []sepsis.Label{sepsis.Positive, sepsis.Negative}, func(q *sepsis.AuditQuery, label sepsis.Label) { q.Label = label }),
	flag("alert", "Only predictions with an alert, or only those without.", "", func(q *sepsis.AuditQuery, on bool) { q.Alert = &on }),
	flag("hypothetical", "Only predictions that were not of a patient as they are, or only those that were.", "", func(q *sepsis.AuditQuery, on bool) { q.Hypothetical = &on }),
	pattern("model", "Only predictions of the model whose file has this SHA-256.", digestPattern, "send the model.sha256 of an answer",
		func(q *sepsis.AuditQuery, digest string) { q.ModelSHA256 = digest }),
	pattern("cursor", "Only what follows the list before: its next.", idPattern, "send the next of the list before",
		func(q *sepsis.AuditQuery, id string) { q.Before = id }),
	number("limit", "At most so many predictions.", usuallyListed, 1, mostListed, func(q *sepsis.AuditQuery, n int) { q.Limit = n }),
}

var (
	idPattern     = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// predictionList is the body of GET /predictions.
type predictionList struct {
	Predictions []RecordEntry `json:"predictions" doc:"the newest first"`
	Next        string        `json:"next,omitempty" doc:"the cursor of what follows; absent when nothing does"`
}

// RecordEntry is a recorded prediction in short. It is exported because huma leaves out embedded types that are not.
type RecordEntry struct {
	ID           string                  `json:"id"`
	Time         time.Time               `json:"time" doc:"when the request came in"`
	Caller       string                  `json:"caller" doc:"who asked"`
	Route        string                  `json:"route" doc:"by which door"`
	Patient      string                  `json:"patient,omitempty" doc:"patient_id under a keyed hash, or as sent when inputs are kept in full; absent when none was sent"`
	Hypothetical bool                    `json:"hypothetical" doc:"whether it was not of a patient as they are: a what-if, an invented patient, a test"`
	ICUHour      *int                    `json:"icu_hour" doc:"the hour that was predicted from; null when it was not sent"`
	Prediction   sepsis.Label            `json:"prediction" enum:"Positive,Negative"`
	Probability  float64                 `json:"probability" minimum:"0" maximum:"1"`
	Alert        bool                    `json:"alert"`
	RiskBand     sepsis.RiskBand         `json:"risk_band"`
	Reliability  sepsis.ReliabilityLevel `json:"reliability"`
	Model        sepsis.ModelInfo        `json:"model"`
	Shadow       *shadowEntry            `json:"shadow,omitempty" doc:"what a second model said that ran beside and was not answered; absent when none ran"`
	InputSHA256  string                  `json:"input_sha256" doc:"of the body of the request"`
	Latency      float64                 `json:"latency_ms" doc:"milliseconds from the request's arrival until the answer was ready to be recorded"`
}

type shadowEntry struct {
	Model       sepsis.ModelInfo `json:"model"`
	Probability float64          `json:"probability" minimum:"0" maximum:"1"`
	Prediction  sepsis.Label     `json:"prediction" enum:"Positive,Negative"`
}

// predictionAnswer is the body of GET /predictions/{id}.
type predictionAnswer struct {
	RecordEntry
	Answer   rawObject       `json:"answer" doc:"what was answered, without patient_id"`
	Input    string          `json:"input,omitempty" doc:"the body of the request as it was sent; absent unless inputs are kept in full"`
	Outcomes []outcomeEntry  `json:"outcomes" doc:"what was told to have turned out, the latest last; the latest counts"`
	Feedback []feedbackEntry `json:"feedback" doc:"what clinicians did with the prediction's card, the latest last"`
}

type outcomeEntry struct {
	Time       time.Time `json:"time" doc:"when it was told"`
	Caller     string    `json:"caller" doc:"by whom"`
	Septic     bool      `json:"septic"`
	OnsetHours *float64  `json:"onset_hours" doc:"hours from the prediction until onset, negative when it was before; null when not known"`
}

type feedbackEntry struct {
	Time     time.Time `json:"time" doc:"when it was told"`
	Caller   string    `json:"caller" doc:"by whom"`
	Accepted bool      `json:"accepted"`
	Reason   string    `json:"reason,omitempty" doc:"code of the override reason"`
	Comment  string    `json:"comment,omitempty" doc:"the clinician's own words"`
}

// rawObject is a JSON object that is encoded already.
type rawObject []byte

// MarshalJSON gives it as it is.
func (o rawObject) MarshalJSON() ([]byte, error) { return o, nil }

// Schema describes the object to huma.
func (rawObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "what was answered, without patient_id"}
}

// listPredictions answers GET /predictions.
func (s *server) listPredictions(c *call) (*reply, error) {
	query, problems := ReadAuditQuery(c.request.URL.RawQuery)
	if len(problems) > 0 {
		return nil, incoherent(problems, 0)
	}
	if s.Audit == nil {
		return nil, noAudit()
	}
	list, err := s.page(c.request.Context(), query)
	if err != nil {
		return nil, searchFault(err)
	}
	return s.json(list)
}

// ReadAuditQuery reads the query string of GET /predictions and lists what is wrong with it.
func ReadAuditQuery(raw string) (sepsis.AuditQuery, []sepsis.Problem) {
	query, problems := readQuery(raw, predictionParameters)
	if query.From != nil && query.To != nil && !query.From.Before(*query.To) {
		problems = append(problems, sepsis.Problem{Location: "query.to", Code: sepsis.TimeOrder, Message: "to is not after from"})
	}
	return query, problems
}

// page reads one record more than are listed, to know whether there is a next page.
func (s *server) page(ctx context.Context, query sepsis.AuditQuery) (predictionList, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, auditTime, errSearch)
	defer cancel()
	list, limit := predictionList{}, query.Limit
	query.Patient, query.Brief, query.Limit = s.Audit.PatientAs(query.Patient), true, limit+1
	err := s.AuditLog.Records(ctx, query, func(r sepsis.Record) error {
		list.Predictions = append(list.Predictions, entryOf(&r))
		return nil
	})
	if err != nil {
		return list, errors.Join(err, context.Cause(ctx)) // not each database says that the time was over
	}
	if len(list.Predictions) > limit {
		list.Predictions = list.Predictions[:limit]
		list.Next = list.Predictions[limit-1].ID
	}
	return list, nil
}

// showPrediction answers GET /predictions/{id}.
func (s *server) showPrediction(c *call) (*reply, error) {
	if s.Audit == nil {
		return nil, noAudit()
	}
	shown, err := s.prediction(c.request, c.request.PathValue("id"))
	if err != nil {
		return nil, predictionFault(err)
	}
	return s.json(shown)
}

// prediction is an errNoRoom when there is none for what the answer is made of, before anything is.
func (s *server) prediction(r *http.Request, id string) (predictionAnswer, error) {
	if !isID(id) {
		return predictionAnswer{}, sepsis.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(r.Context(), auditTime)
	defer cancel()
	record, err := s.AuditLog.Record(ctx, id)
	if err != nil {
		return predictionAnswer{}, err
	}
	if err := holdAnswer(r, int64(len(record.Input)+len(record.Output)), 0); err != nil {
		return predictionAnswer{}, err
	}
	exchangeOf(r).answer = record.ID // who read which record stays in the log
	return shownWhole(ctx, s.AuditLog, &record)
}

// shownWhole is all that is known of a record.
func shownWhole(ctx context.Context, log sepsis.AuditLog, record *sepsis.Record) (predictionAnswer, error) {
	outcomes, err := log.Outcomes(ctx, record.ID)
	if err != nil {
		return predictionAnswer{}, err
	}
	feedback, err := log.Feedback(ctx, record.ID)
	if err != nil {
		return predictionAnswer{}, err
	}
	shown := predictionAnswer{RecordEntry: entryOf(record), Answer: record.Output, Input: string(record.Input)}
	for _, o := range outcomes {
		shown.Outcomes = append(shown.Outcomes, outcomeEntryOf(o))
	}
	for _, f := range feedback {
		shown.Feedback = append(shown.Feedback, feedbackEntry{Time: f.Time, Caller: f.Caller, Accepted: f.Accepted, Reason: f.Reason, Comment: f.Comment})
	}
	return shown, nil
}

// isID tells whether a text is the id of an answer as this service writes it.
func isID(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}

// predictionFault is the answer when a prediction cannot be shown, or told of.
func predictionFault(err error) *problemDetails {
	switch {
	case errors.Is(err, sepsis.ErrNotFound):
		return newProblem(http.StatusNotFound, "There is no such prediction.")
	case errors.Is(err, errNoRoom):
		return busy()
	}
	return auditFault(err)
}

func entryOf(r *sepsis.Record) RecordEntry {
	entry := RecordEntry{
		ID: r.ID, Time: r.Time, Caller: r.Caller, Route: r.Route, Patient: r.Patient,
		Prediction: r.Risk.Label, Probability: r.Risk.Probability, Alert: r.Risk.Alert, RiskBand: r.Risk.Band, Reliability: r.Reliability,
		Hypothetical: r.Hypothetical, Model: r.Model, InputSHA256: r.InputSHA256, Latency: float64(r.Latency) / float64(time.Millisecond),
	}
	if r.Risk.Hour != sepsis.HourUnknown {
		entry.ICUHour = &r.Risk.Hour
	}
	if r.Shadow != nil {
		entry.Shadow = &shadowEntry{Model: r.Shadow.Model, Probability: r.Shadow.Probability, Prediction: r.Shadow.Label}
	}
	return entry
}

func outcomeEntryOf(o sepsis.Outcome) outcomeEntry {
	return outcomeEntry{Time: o.Time, Caller: o.Caller, Septic: o.Septic, OnsetHours: o.OnsetHours}
}

// describePredictions adds to the routes of the audit log what Go's types do not tell.
func describePredictions(document *huma.OpenAPI) {
	describeParameters(document.Paths[predictionsPath].Get, predictionParameters)
	id := &huma.Param{
		Name: "id", In: "path", Required: true, Description: "The id of an answer.", Example: "01JD9Z0000000000000000000A",
		Schema: &huma.Schema{Type: huma.TypeString},
	}
	for _, operation := range []*huma.Operation{document.Paths[predictionPath].Get, document.Paths[outcomePath].Post} {
		operation.Parameters = append(operation.Parameters, id)
	}
	document.Paths[outcomePath].Post.RequestBody = outcomeBody()
	for _, holder := range []string{"RecordEntry", "PredictionAnswer"} {
		document.Components.Schemas.Map()[holder].Properties["reliability"].Enum = words(sepsis.ReliabilityLevels)
	}
}
