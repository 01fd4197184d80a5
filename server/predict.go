package server

import (
	"context"
	"net/http"
	"runtime/debug"

	"github.com/medtech-detect/sepsis"
)

// predictPatient answers POST /predict/patient.
func (s *server) predictPatient(c *call) (*reply, error) {
	if refused := exchangeOf(c.request).model.refusal(); refused != nil {
		return nil, refused
	}
	body, refused := c.body()
	if refused != nil {
		return nil, refused
	}
	chosen, problems := readQuery(c.request.URL.RawQuery, patientParameters)
	if c.accept == textType { // one word explains nothing
		chosen = options{hypothetical: chosen.hypothetical}
	}
	read, found := decodePatient(body)
	if problems = append(problems, found.list()...); len(problems) > 0 {
		return nil, incoherent(problems, found.omitted)
	}
	return s.predicted(c, body, &read, chosen)
}

// predicted makes the answer for a patient with whom nothing is wrong.
func (s *server) predicted(c *call, body []byte, p *patient, o options) (*reply, error) {
	if holdAnswer(c.request, p.lists(o), 0) != nil { // before it is on record
		return nil, busy()
	}
	given, err := s.assess(c.request, exchangeOf(c.request), body, p, o)
	if err != nil {
		return nil, err
	}
	if c.accept == textType {
		return success(textType, []byte(given.Prediction)), nil
	}
	encoded, err := named(given.output, given.PatientID, 0)
	if err != nil {
		return nil, s.fault("the answer cannot be encoded", err)
	}
	return success(c.accept, encoded), nil
}

// The longest entries of an answer's lists, in bytes of JSON; of a warning, what stands around its texts, which may say hundreds of digits.
const (
	momentBytes  = 160
	warningBytes = 128
)

// lists is how long the lists of an answer may be together, in bytes: all that makes one much longer than its body.
func (p *patient) lists(o options) int64 {
	long := 0
	for _, warning := range p.warnings.placed {
		long += warningBytes + len(warning.item.Location) + len(warning.item.Message) + len(warning.item.Hint)
	}
	if o.trajectory {
		long += momentBytes * len(p.stay.Observations)
	}
	return int64(long)
}

// assessment is an answer that was recorded and may be given.
type assessment struct {
	answer
	output []byte // the answer as JSON, without patient_id
}

// assess gives a new answer for a patient with whom nothing is wrong, and records it with the input, the bytes from
// which the patient was read. The exchange is that of the request, or of one of its many patients. Every door to a
// prediction leads through here.
func (s *server) assess(r *http.Request, e *exchange, input []byte, p *patient, o options) (assessment, error) {
	id, err := s.newID(e)
	if err != nil {
		return assessment{}, s.fault("no answer id", err)
	}
	beside := s.beside(e, p, o)
	given, risk := answerOf(e.model, id, p, o)
	shadow := s.shadow.end(beside, risk)
	nameless := given
	nameless.PatientID = ""
	output, err := encode(&nameless)
	if err != nil {
		return assessment{}, s.fault("the answer cannot be encoded", err)
	}
	if err := s.record(r, e, sepsis.Record{Patient: p.stay.PatientID, Input: input, Output: output, Risk: risk, Shadow: shadow, Hypothetical: o.hypothetical}, &given); err != nil {
		return assessment{}, err
	}
	e.answer, e.shadow = given.ID, shadow
	if o.hypothetical {
		s.metrics.hypothetical.Inc()
		return assessment{given, output}, nil
	}
	s.metrics.predicted(risk, given.Reliability.Level)
	s.observe(r.Context(), e, &p.stay, risk)
	return assessment{given, output}, nil
}

// beside asks the shadow model, of patients as they are alone.
func (s *server) beside(e *exchange, p *patient, o options) <-chan *sepsis.ShadowRisk {
	if o.hypothetical {
		return nil
	}
	return s.shadow.begin(e.requestID, &p.stay)
}

// observe shows the monitor an answer. The answer is on record by then, so that a panic of the monitor may not take it back.
func (s *server) observe(ctx context.Context, e *exchange, stay *sepsis.Stay, risk sepsis.Risk) {
	if s.Monitor == nil {
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.Logger.ErrorContext(ctx, "panic of the monitor", "cause", cause, "stack", string(debug.Stack()))
		}
	}()
	s.Monitor.Observe(e.start, e.model.Info(), stay, risk)
}

// fault is the answer that does not tell what went wrong inside. The log tells it, by note, when a handler returns it.
func (s *server) fault(message string, err error) *problemDetails {
	problem := newProblem(http.StatusInternalServerError, "")
	problem.faultMessage, problem.fault = message, err
	return problem
}
