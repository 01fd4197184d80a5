package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/medtech-detect/sepsis"
)

// maxBody is the largest body, in bytes: 4 MiB.
const maxBody = 4 << 20

// generousBody is how much room an announced body gets before any of it has come, in bytes.
const generousBody = 64 << 10

// call is a request on its way through a route.
type call struct {
	request *http.Request
	writer  http.ResponseWriter
	accept  string // the type that was chosen for the answer
	clock   func() time.Time
	allowed who   // may call the route, of a batch
	slots   slots // of the server
	working bool  // whether the call has taken one
}

// Resolve is called by huma before the handler.
func (c *call) Resolve(ctx huma.Context) []error {
	c.request, c.writer = humago.Unwrap(ctx)
	return nil
}

// reply is a whole answer, already encoded, so that nothing can fail once its first byte was sent.
type reply struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// success is the answer 200.
func success(mediaType string, body []byte) *reply {
	return &reply{Status: http.StatusOK, ContentType: mediaType, Body: body}
}

// json is the answer 200 with a body that is yet to be encoded.
func (s *server) json(body any) (*reply, error) {
	encoded, err := encode(body)
	if err != nil {
		return nil, s.fault("the answer cannot be encoded", err)
	}
	return success(jsonType, encoded), nil
}

// add registers a route. Its handler runs when the client accepts one of the offered types. Who may call it stands in the operation, by
// public or needs.
func (s *server) add(operation huma.Operation, offered []string, handle func(c *call) (*reply, error)) {
	whoMay(operation) // ends the program now, and not at the first request, when nobody said it
	huma.Register(s.api, operation, func(_ context.Context, c *call) (*reply, error) {
		chosen, acceptable := negotiate(wanted(c.request), offered)
		if !acceptable {
			return nil, notAcceptable(offered)
		}
		c.accept, c.slots, c.clock = chosen, s.slots, s.Clock
		defer c.rest()
		answer, err := handle(c)
		if err != nil {
			err = holdRefusal(c.request, err)
			s.note(c, err)
			return nil, err
		}
		// net/http knows the length of short bodies only.
		c.writer.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
		return answer, nil
	})
}

func notAcceptable(offered []string) *problemDetails {
	return newProblem(http.StatusNotAcceptable, "The answer can be given as "+strings.Join(offered, " or ")+".")
}

// note counts what was refused, and logs what went wrong inside, with the request's id. What failed because the client has gone
// is neither's fault. Who is told to come again may do so with what was shown.
func (s *server) note(c *call, err error) {
	problem, is := errors.AsType[*problemDetails](err)
	if !is {
		return
	}
	s.metrics.refusal(problem.Errors)
	if giveBack := exchangeOf(c.request).giveBack; giveBack != nil && problem.retryAfter > 0 {
		giveBack()
	}
	gone := problem.Status >= http.StatusInternalServerError && c.request.Context().Err() != nil
	if gone {
		exchangeOf(c.request).gone.Store(true)
	}
	if problem.fault != nil && (!gone || !errors.Is(problem.fault, context.Canceled)) {
		s.Logger.ErrorContext(c.request.Context(), problem.faultMessage, "error", problem.fault)
	}
}

// body reads the body of a request of the JSON API.
func (c *call) body() ([]byte, *problemDetails) {
	if !isJSON(c.request.Header) {
		return nil, wrongType()
	}
	return c.read(maxBody)
}

func wrongType() *problemDetails {
	return newProblem(http.StatusUnsupportedMediaType, "Send application/json in UTF-8, uncompressed.")
}

// read reads the body, up to a number of bytes, and takes a slot for what is done with it.
func (c *call) read(most int64) ([]byte, *problemDetails) {
	if c.request.ContentLength > most {
		return nil, tooLong(most)
	}
	held(c.request, most)
	read, err := c.whole(http.MaxBytesReader(c.writer, c.request.Body, most))
	if err != nil {
		return nil, unread(err, most)
	}
	if !c.work() {
		return nil, busy()
	}
	return read, nil
}

// whole reads a body that must come at some speed. Memory for what was announced is taken, and counted, in two steps: who
// announces much must first have sent something.
func (c *call) whole(body io.Reader) ([]byte, error) {
	paced := newPaced(body, c.writer, c.clock)
	var read bytes.Buffer
	announced := max(0, c.request.ContentLength)
	for _, step := range []int64{min(announced, generousBody), announced} {
		if err := expect(c.request, step); err != nil {
			return nil, err
		}
		read.Grow(int(step) - read.Len() + bytes.MinRead) // one read more finds the end
		if _, err := read.ReadFrom(io.LimitReader(paced, step-int64(read.Len()))); err != nil {
			return nil, err
		}
	}
	if _, err := read.ReadFrom(paced); err != nil {
		return nil, err
	}
	paced.done()
	return read.Bytes(), nil
}

// unread says why a body of at most so many bytes could not be read.
func unread(err error, most int64) *problemDetails {
	_, isTooLong := errors.AsType[*http.MaxBytesError](err)
	switch {
	case isTooLong:
		return tooLong(most)
	case errors.Is(err, errNoRoom):
		return busy()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(http.StatusRequestTimeout, tooSlow)
	}
	return brokenOff()
}

func tooLong(most int64) *problemDetails {
	return newProblem(http.StatusRequestEntityTooLarge, "A body may have "+strconv.FormatInt(most>>20, 10)+" MiB.")
}

// work takes a slot, which rest gives back when the answer is made. It is false when there is none.
func (c *call) work() bool {
	c.working = c.working || c.slots.take()
	return c.working
}

// among lets a route work with slots of its kind. One without a body takes its slot at once, and its answer is given when there is room to
// hold it until it was taken, however slowly: the slot is free by then.
func among(kind slots, handle func(c *call) (*reply, error)) func(c *call) (*reply, error) {
	return func(c *call) (*reply, error) {
		c.slots = kind
		if c.request.Method == http.MethodPost {
			return handle(c)
		}
		if !c.work() {
			return nil, busy()
		}
		answer, err := handle(c)
		if err != nil {
			return nil, err
		}
		if holdAnswer(c.request, 0, int64(len(answer.Body))) != nil {
			return nil, busy()
		}
		return answer, nil
	}
}

func (c *call) rest() {
	if c.working {
		c.slots.free()
	}
}

// retrySoon is when to try again what may end at any moment.
const retrySoon = time.Second

const underWay = "Too many requests are under way; try again."

func busy() *problemDetails {
	return later(http.StatusServiceUnavailable, retrySoon, underWay)
}

// exchange is a request as the log, the metrics and the audit see it.
type exchange struct {
	start     time.Time
	requestID string
	model     *answering         // which answers, from the beginning to the end of the request, or of one of its many patients
	answer    string             // the id of the prediction that was given, shown or told of; empty when there is none
	shadow    *sepsis.ShadowRisk // of that prediction; nil when there is none
	gone      atomic.Bool        // whether the client went away before there was an answer; many patients of a request may find it at once
	caller    string             // who asked; empty when nobody was asked who they are, or that is not known
	giveBack  func()             // lets the token that was shown be shown again; nil when it may be anyway, or none was
}

// ofOne is the exchange of one of the request's many patients, who have a time and a model of their own. Only what does not change is
// taken over.
func (e *exchange) ofOne(start time.Time, model *answering) *exchange {
	return &exchange{start: start, requestID: e.requestID, model: model, caller: e.caller}
}

type exchangeKey struct{}

// exchangeOf finds what the log middleware put into the context.
func exchangeOf(r *http.Request) *exchange {
	return r.Context().Value(exchangeKey{}).(*exchange)
}

// callerOf names who sent a request. Where nobody was asked for a key, it is sepsis.Local.
func callerOf(r *http.Request) string {
	if caller := exchangeOf(r).caller; caller != "" {
		return caller
	}
	return sepsis.Local.Name
}
