package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

// earliestOnset is the earliest onset that an outcome may tell, in hours: a whole stay before the prediction.
const earliestOnset = -sepsis.MaxICUHour

// outcomeReading is an outcome while it is being read.
type outcomeReading struct {
	septic  *bool // nil when not stated, or wrong
	stated  bool
	onset   *float64
	onsetAt value
}

var outcomeSet = newFieldSet("an outcome", []field{
	{"septic", (*decoder).readSeptic},
	{"onset_hours", (*decoder).readOnset},
})

// outcomeExample is a body with nothing wrong.
const outcomeExample = `{"septic": true, "onset_hours": 3.5}`

// decodeOutcome reads a body of /predictions/{id}/outcome. The outcome is to be used only when there are no problems.
func decodeOutcome(body []byte) (sepsis.Outcome, findings[sepsis.Problem]) {
	d := decoders.Get().(*decoder)
	defer d.release()
	d.start(body)
	problems := d.whole(d.readOutcome, outcomeExample)
	if len(problems.placed) > 0 {
		return sepsis.Outcome{}, problems
	}
	return sepsis.Outcome{Septic: *d.outcome.septic, OnsetHours: d.outcome.onset}, problems
}

func (d *decoder) readOutcome() {
	if !d.object(outcomeSet, location{}) {
		return
	}
	o := &d.outcome
	if !o.stated {
		d.absent("body.septic", "septic is required", "send true or false")
	}
	if o.septic != nil && !*o.septic && o.onset != nil {
		d.problem(o.onsetAt, sepsis.OnsetWithoutSepsis, "body.onset_hours", "there is no onset where there was no sepsis", "leave it out, or send septic true")
	}
}

func (d *decoder) readSeptic() {
	v := d.read()
	d.outcome.stated = v.kind != 'n'
	switch v.kind {
	case 'n':
	case 't', 'f':
		septic := v.kind == 't'
		d.outcome.septic = &septic
	default:
		d.problem(v, sepsis.WrongType, "body.septic", "a boolean is expected, not "+kindName(v.kind), "send true or false")
	}
}

func (d *decoder) readOnset() {
	at := location{field: "onset_hours"}
	v := d.read()
	hours, ok := d.number(v, at, "send the hours from the prediction until onset")
	if !ok {
		return
	}
	if hours < earliestOnset || hours > sepsis.HorizonHours {
		hint := "send the hours from the prediction until onset; below 0 if it was before"
		if hours > sepsis.HorizonHours {
			hint = fmt.Sprintf("an onset more than %d hours later was not foreseen by this prediction: send septic false", sepsis.HorizonHours)
		}
		d.problem(v, sepsis.OutOfRange, at.String(), fmt.Sprintf("onset_hours is outside %d to %d", earliestOnset, sepsis.HorizonHours), hint)
		return
	}
	d.outcome.onset, d.outcome.onsetAt = &hours, v
}

// tellOutcome answers POST /predictions/{id}/outcome.
func (s *server) tellOutcome(c *call) (*reply, error) {
	body, refused := c.body()
	if refused != nil {
		return nil, refused
	}
	_, problems := readQuery(c.request.URL.RawQuery, []parameter[options]{})
	outcome, found := decodeOutcome(body)
	if problems = append(problems, found.list()...); len(problems) > 0 {
		return nil, incoherent(problems, found.omitted)
	}
	if s.Audit == nil {
		return nil, noAudit()
	}
	outcome.Prediction, outcome.Caller = c.request.PathValue("id"), callerOf(c.request)
	outcome.Time = wholeMilliseconds(exchangeOf(c.request).start)
	kept, err := s.addOutcome(c.request.Context(), outcome)
	if errors.Is(err, sepsis.ErrFull) {
		return nil, newProblem(http.StatusConflict, fmt.Sprintf("%d outcomes were told of this prediction, and the latest counts. "+
			"Correct what tells them again and again; if an outcome must be added, ask whoever keeps the audit log.", sepsis.MaxTold))
	}
	if err != nil {
		return nil, predictionFault(err)
	}
	exchangeOf(c.request).answer = outcome.Prediction
	return s.json(outcomeEntryOf(kept))
}

func (s *server) addOutcome(ctx context.Context, outcome sepsis.Outcome) (sepsis.Outcome, error) {
	if !isID(outcome.Prediction) {
		return sepsis.Outcome{}, sepsis.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	return s.AuditLog.AddOutcome(ctx, outcome)
}

// outcomeBody describes the body.
func outcomeBody() *huma.RequestBody {
	earliest, latest := float64(earliestOnset), float64(sepsis.HorizonHours)
	schema := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"septic"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"septic": {
				Type:        huma.TypeBoolean,
				Description: fmt.Sprintf("Whether sepsis set in within %d hours after the prediction, or was there already.", sepsis.HorizonHours),
			},
			"onset_hours": {
				Type: huma.TypeNumber, Nullable: true, Minimum: &earliest, Maximum: &latest,
				Description: "Hours from the prediction until onset, negative when it was before; null or absent when not known. Only with septic true.",
			},
		},
	}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {
		Schema: schema, Examples: map[string]*huma.Example{
			"septic":     {Summary: "Sepsis set in 3.5 hours later", Value: map[string]any{"septic": true, "onset_hours": 3.5}},
			"not_septic": {Summary: "No sepsis", Value: map[string]any{"septic": false}},
		},
	}}}
}
