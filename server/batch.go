package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"
)

// patience is how long a batch waits for the next patient to arrive, and for the client to take the next answers.
const patience = 30 * time.Second

// askEvery is how long a batch goes on with what the gate said of its caller: whoever's key was revoked, or whose token has ended, brings no
// patient later.
const askEvery = 5 * time.Second

// batch is one request for many patients: one goroutine reads, some answer, and the handler's own writes. Only a bounded
// number of patients is between reading and writing, so that memory does not grow with the body, and nothing more
// is read while the client does not take the answers.
type batch struct {
	*server
	call       *call
	options    options
	source     source
	limiter    *rate.Limiter // of the caller's patients; nil for no bound
	asked      time.Time     // when the gate last told of the caller
	form       form
	controller *http.ResponseController
	chunks     int64           // whose answers may be held at once, at most
	failure    *problemDetails // why reading ended early; set before the queue is closed
	sent       bool            // whether part of the answer was
}

// form is how a sequence of answers is written down.
type form struct {
	mediaType           string
	open, end           string
	beforeEach, lineEnd string
	closed              bool // a part of the sequence would not be well-formed
}

// forms are those of a batch and of its answer.
var forms = map[string]form{
	jsonType:   {mediaType: jsonType, open: "[", end: "]", beforeEach: ",", closed: true},
	ndjsonType: {mediaType: ndjsonType, lineEnd: "\n"},
}

// offers are the types of the answer, by that of the body: the same one first.
var offers = map[string][]string{jsonType: {jsonType, ndjsonType}, ndjsonType: {ndjsonType, jsonType}}

// predictPatients answers POST /predict/patients. Its error is what is wrong before the first patient.
func (s *server) predictPatients(c *call) (func(), error) {
	if refused := exchangeOf(c.request).model.refusal(); refused != nil {
		return nil, refused
	}
	declared := declaredType(c.request.Header)
	offered, known := offers[declared]
	if !known {
		return nil, newProblem(http.StatusUnsupportedMediaType, "Send application/json or application/x-ndjson in UTF-8, uncompressed.")
	}
	chosen, acceptable := negotiate(c.request.Header, offered)
	if !acceptable {
		return nil, notAcceptable(offered)
	}
	asked, problems := readQuery(c.request.URL.RawQuery, batchParameters)
	if len(problems) > 0 {
		return nil, incoherent(problems, 0)
	}
	if !c.work() {
		return nil, busy()
	}
	held(c.request, chunkBytes) // what has been answered is not held any more
	b := &batch{
		server: s, call: c, options: asked, asked: exchangeOf(c.request).start, form: forms[chosen],
		source: newSource(declared, c.request.Body), controller: http.NewResponseController(c.writer),
		limiter: s.callers.patients(callerOf(c.request), c.request.RemoteAddr),
	}
	return b.run, nil
}

// addBatch registers a route whose answer is written while the body is read. It holds one slot of
// those of batches, however many patients it brings.
func (s *server) addBatch(operation huma.Operation, begin func(c *call) (func(), error)) {
	type streamed struct{ Body func(huma.Context) }
	allowed := whoMay(operation)
	huma.Register(s.api, operation, func(_ context.Context, c *call) (*streamed, error) {
		c.slots, c.allowed = s.batches, allowed
		run, err := begin(c)
		if err != nil {
			s.note(c, err)
			return nil, err
		}
		return &streamed{func(huma.Context) {
			defer c.rest()
			run()
		}}, nil
	})
}

// run answers until the body ends, or the client is gone. It leaves no goroutine behind.
func (b *batch) run() {
	_ = b.controller.EnableFullDuplex() // HTTP/2 needs none of it
	// net/http ends a request's context when a read of it fails, also by its deadline: patients who were read are answered all the same.
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.call.request.Context()))
	b.call.request = b.call.request.WithContext(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { b.wakeAtTheEnd(ctx) })
	defer watch.Wait() // the writer is not to be touched afterwards
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	b.chunks = int64(workers) + 1 // those in the queue, and one that is sent
	queue, work := make(chan *chunk, workers), make(chan *chunk)
	go b.read(ctx, queue, work)
	for range workers {
		go b.answerAll(work)
	}
	var gone error
	for c := range queue { // to its end, for the reader and the workers to end
		<-c.answered
		if gone == nil {
			if gone = b.send(c); gone != nil {
				cancel()
				_ = b.controller.SetReadDeadline(b.Clock()) // wakes the reader
			}
		}
		c.release()
	}
	if gone != nil {
		panic(http.ErrAbortHandler)
	}
	b.finish()
}

// wakeAtTheEnd ends the reader's wait for the client when the service ends.
func (b *batch) wakeAtTheEnd(ctx context.Context) {
	select {
	case <-b.Closing:
		_ = b.controller.SetReadDeadline(b.Clock())
	case <-ctx.Done():
	}
}

// closing tells whether the service ends.
func (b *batch) closing() bool {
	select {
	case <-b.Closing:
		return true
	default:
		return false
	}
}

// read hands out the patients, to the queue in their order, until the body ends. A panic ends the batch, not the program.
func (b *batch) read(ctx context.Context, queue, work chan<- *chunk) {
	defer close(queue)
	defer close(work)
	defer func() {
		if cause := recover(); cause != nil {
			b.logPanic(cause)
			b.failure = newProblem(http.StatusInternalServerError, "")
		}
	}()
	for {
		c := newChunk()
		err := b.fill(ctx, c)
		if len(c.patients) > 0 {
			select {
			case queue <- c:
				work <- c
			case <-ctx.Done():
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			b.failure = b.whyEnded(err)
			return
		}
	}
}

// fill reads until the chunk is full or the client has to be waited for: no answer waits for a patient who is yet to be sent.
// Beyond the caller's rate it reads one patient and waits for their turn.
func (b *batch) fill(ctx context.Context, c *chunk) error {
	for {
		_ = b.controller.SetReadDeadline(b.Clock().Add(patience)) // where there are no deadlines, there is no network
		if ctx.Err() != nil {                                     // may have come before the deadline was set
			return io.EOF
		}
		if b.closing() {
			_ = b.controller.SetReadDeadline(b.Clock()) // nor does net/http wait for the rest
			return errClosing
		}
		before := len(c.patients)
		if err := b.source.next(c); err != nil {
			return err
		}
		if len(c.patients) == before { // there were empty lines alone
			return nil
		}
		wait := b.wait()
		if err := b.turn(ctx, c, wait); err != nil {
			return err
		}
		if err := b.askAgain(c); err != nil {
			return err
		}
		if wait > 0 || c.full() || !b.source.ready() {
			return nil
		}
	}
}

// wait counts a patient, and tells how long their caller has to wait for them. Beyond patience they are not counted.
func (b *batch) wait() time.Duration {
	if b.limiter == nil {
		return 0
	}
	now := b.Clock()
	place := b.limiter.ReserveN(now, 1)
	wait := place.DelayFrom(now)
	if wait > patience {
		place.CancelAt(now)
	}
	return wait
}

// turn waits for the turn of the chunk's last patient, or drops that patient and fails when it is too far off.
func (b *batch) turn(ctx context.Context, c *chunk, wait time.Duration) error {
	switch {
	case wait <= 0:
		return nil
	case wait > patience:
		problem := later(http.StatusTooManyRequests, wait, "Too many patients from this caller: the next one would wait for "+wait.Round(time.Second).String()+".")
		return &endedError{problem, c.drop()}
	}
	_ = b.controller.SetReadDeadline(b.Clock().Add(wait + patience)) // as in fill
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-b.Closing: // those who were read are answered; fill finds out
		return nil
	case <-ctx.Done():
		return io.EOF
	}
}

// askAgain asks the gate, when it is time, whether the caller may go on, or drops the chunk's last patient and fails.
func (b *batch) askAgain(c *chunk) error {
	now := b.Clock()
	since := now.Sub(b.asked)
	if since >= 0 && since < askEvery { // the clock may have been set back
		return nil
	}
	b.asked = now
	refused := b.still(b.call.request, b.call.allowed)
	if refused == nil {
		return nil
	}
	b.Logger.WarnContext(b.call.request.Context(), "a batch ended before its next patient, its caller may not go on", "caller", callerOf(b.call.request), "status", refused.Status)
	return &endedError{refused, c.drop()}
}

// errClosing is why a batch is not read on: the service ends.
var errClosing = errors.New("the service is shutting down")

// endedError is why a batch is not read on though there is a next patient: the caller may not go on, or not so soon.
type endedError struct {
	problem *problemDetails
	at      position // of that patient
}

func (e *endedError) Error() string { return e.problem.Error() }

// whyEnded says what ended the reading, to the client.
func (b *batch) whyEnded(err error) *problemDetails {
	if ended, is := errors.AsType[*endedError](err); is {
		ended.problem.Line, ended.problem.Index = ended.at.line, ended.at.index
		return ended.problem
	}
	if b.closing() {
		return b.source.problem(errClosing)
	}
	return b.source.problem(err)
}

func (b *batch) answerAll(work <-chan *chunk) {
	for c := range work {
		for _, answer := range b.answersOf(c) {
			c.answers.WriteString(b.form.beforeEach)
			c.answers.Write(answer)
			c.answers.WriteString(b.form.lineEnd)
		}
		close(c.answered)
	}
}

// answersOf gives the answers of a chunk. Its patients are answered at the same time, so that the audit log keeps
// them together.
func (b *batch) answersOf(c *chunk) [][]byte {
	answers := make([][]byte, len(c.patients))
	var all sync.WaitGroup
	for i := range c.patients {
		all.Go(func() { answers[i] = b.answerOne(c, &c.patients[i]) })
	}
	all.Wait()
	return answers
}

// answerOne gives the answer for a patient, or what is wrong, as JSON. A panic costs this one answer.
func (b *batch) answerOne(c *chunk, p *enclosed) (encoded []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			b.logPanic(cause)
			encoded = b.refuse(p, newProblem(http.StatusInternalServerError, ""))
		}
	}()
	if p.refused != nil {
		return b.refuse(p, p.refused)
	}
	body := c.body(p)
	read, found := decodePatient(body)
	if problems, omitted := found.first(longList); len(problems) > 0 {
		return b.refuse(p, incoherent(problems, omitted))
	}
	if !b.holds(c, read.lists(b.options)) { // before it is on record
		return b.refuse(p, busy())
	}
	own := exchangeOf(b.call.request).ofOne(b.Clock(), b.Models.current())
	if refused := own.model.refusal(); refused != nil {
		return b.refuse(p, refused)
	}
	given, err := b.assess(b.call.request, own, body, &read, b.options)
	if err != nil {
		return b.refuse(p, b.problemOf(err))
	}
	if encoded, err = named(given.output, given.PatientID, p.place.line); err != nil {
		return b.refuse(p, b.fault("the answer cannot be encoded", err))
	}
	b.metrics.ended(http.StatusOK)
	return encoded
}

// holds counts what is long of a chunk's answers, the lists of one more patient being so many bytes: until the batch ends there is room for the longest
// chunk so far, as often as chunks may be held. It is false when there is none.
func (b *batch) holds(c *chunk, lists int64) bool {
	if lists == 0 {
		return true
	}
	if holdAnswer(b.call.request, 0, c.lists.Add(lists)*b.chunks) == nil {
		return true
	}
	c.lists.Add(-lists)
	return false
}

func (b *batch) logPanic(cause any) {
	b.Logger.ErrorContext(b.call.request.Context(), "panic", "cause", cause, "route", routeOf(b.call.request), "stack", string(debug.Stack()))
}

// refuse notes a problem of one patient, and gives it as JSON.
func (b *batch) refuse(p *enclosed, problem *problemDetails) []byte {
	b.note(b.call, problem)
	status := problem.Status
	if status >= http.StatusInternalServerError && b.call.request.Context().Err() != nil { // as in note
		status = statusGone
	}
	b.metrics.ended(status)
	return p.refuse(problem)
}

// problemOf is the error as a problem.
func (s *server) problemOf(err error) *problemDetails {
	if problem, is := errors.AsType[*problemDetails](err); is {
		return problem
	}
	return s.fault("no prediction", err)
}

// send writes the answers of a chunk, and sees that they go out.
func (b *batch) send(c *chunk) error {
	answers := c.answers.Bytes()
	if !b.sent {
		answers = answers[len(b.form.beforeEach):]
	}
	if err := b.begin(); err != nil {
		return err
	}
	if _, err := b.call.writer.Write(answers); err != nil {
		return err
	}
	if err := b.controller.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// hangUp closes the connection after the answer, which may have begun. In full duplex net/http does not see to it, and what is unread of
// the body would be taken for the next request. The way to say so is to tell net/http that a body was too long.
func hangUp(w http.ResponseWriter) {
	for {
		wrapper, wraps := w.(interface{ Unwrap() http.ResponseWriter })
		if !wraps {
			break
		}
		w = wrapper.Unwrap()
	}
	_, _ = http.MaxBytesReader(w, io.NopCloser(strings.NewReader(" ")), 0).Read(make([]byte, 1))
}

// begin sends what comes before the first answer, once.
func (b *batch) begin() error {
	_ = b.controller.SetWriteDeadline(b.Clock().Add(patience)) // as in fill
	if b.sent {
		return nil
	}
	b.sent = true
	b.call.writer.Header().Set("Content-Type", b.form.mediaType)
	b.call.writer.WriteHeader(http.StatusOK)
	_, err := io.WriteString(b.call.writer, b.form.open)
	return err
}

// finish ends the answer. A body that could not be read to its end gets a problem as the whole answer while nothing was
// sent, or as the last line; an array that cannot be ended is cut off with its connection, so that nobody takes the part for the whole.
func (b *batch) finish() {
	end := []byte(b.form.end)
	if b.failure != nil {
		hangUp(b.call.writer)
		b.note(b.call, b.failure)
		b.metrics.ends(b.failure.Status)
	}
	switch {
	case b.failure != nil && !b.sent:
		_ = b.controller.SetWriteDeadline(b.Clock().Add(patience)) // as in fill
		b.failure.write(b.call.writer)
		return
	case b.failure != nil && b.form.closed:
		panic(http.ErrAbortHandler)
	case b.failure != nil:
		end = append(b.failure.encoded(), b.form.lineEnd...)
	}
	if err := b.begin(); err == nil {
		_, _ = b.call.writer.Write(end) // the client has gone; nobody is left to tell
	}
}
