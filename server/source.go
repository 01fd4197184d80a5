package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// source gives the patients of a batch, one after the other.
type source interface {
	// next adds the next patient to the chunk. The error is io.EOF after the last one; with any other one, nothing more can be read.
	next(c *chunk) error
	// ready tells whether there is something to read without waiting for the client.
	ready() bool
	// problem says what an error of next is to the client.
	problem(err error) *problemDetails
}

func newSource(mediaType string, body io.Reader) source {
	if mediaType == ndjsonType {
		return &lines{reader: bufio.NewReaderSize(body, lineBuffer)}
	}
	bounded := &bounded{from: body}
	return &elements{bounded: bounded, decoder: jsontext.NewDecoder(bounded, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

const lineBuffer = 64 << 10

// tooLarge is the 413 answer to one patient.
func tooLarge() *problemDetails {
	return newProblem(http.StatusRequestEntityTooLarge, "A patient may have 4 MiB.")
}

// interrupted is the answer to a body whose end is not read: there is no room for it, the service ends, it came too slowly, or it did not
// arrive whole.
func interrupted(err error) *problemDetails {
	detail := underWay
	switch {
	case errors.Is(err, errClosing):
		detail = "The service is shutting down; send again what is not answered."
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(http.StatusRequestTimeout, "The next patient took more than "+patience.String()+" to come; send again what is not answered.")
	case !errors.Is(err, errNoRoom):
		return brokenOff()
	}
	return later(http.StatusServiceUnavailable, retrySoon, detail)
}

// brokenOff is the 422 answer to a body that did not arrive whole.
func brokenOff() *problemDetails { return unreadable("the transfer of the body broke off", "") }

func unreadable(message, hint string) *problemDetails { return unreadableAt("body", message, hint) }

func unreadableAt(location, message, hint string) *problemDetails {
	return incoherent([]sepsis.Problem{{Location: location, Code: sepsis.InvalidJSON, Message: message, Hint: hint}}, 0)
}

// lines reads newline-delimited JSON. Empty lines are counted and passed over.
type lines struct {
	reader *bufio.Reader
	number int // of the last one that was read whole, or skipped
}

func (l *lines) next(c *chunk) error {
	for {
		from := len(c.bodies)
		whole, err := l.line(c)
		if err != nil {
			return err
		}
		l.number++
		switch {
		case !whole:
			c.refuse(tooLarge(), position{line: l.number})
			return nil
		case len(bytes.TrimSpace(c.bodies[from:])) > 0:
			c.bodies = c.bodies[:from+len(withoutEnd(c.bodies[from:]))]
			c.keep(from, position{line: l.number})
			return nil
		}
		c.bodies = c.bodies[:from]
		if !l.ready() && len(c.patients) > 0 { // the next line may be long in coming
			return nil
		}
	}
}

// withoutEnd is the line without what ends it, which is no part of the patient.
func withoutEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// line adds a line to the chunk's bodies. One that is too large is skipped and not whole; of one that breaks off nothing is kept.
func (l *lines) line(c *chunk) (whole bool, err error) {
	from := len(c.bodies)
	read, whole := 0, true
	for {
		part, err := l.reader.ReadSlice('\n')
		read += len(part)
		if whole = whole && read <= maxBody+len("\r\n"); whole {
			c.bodies = append(c.bodies, part...)
		} else {
			c.bodies = c.bodies[:from]
		}
		switch {
		case err == nil, errors.Is(err, io.EOF) && read > 0:
			return whole, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			c.bodies = c.bodies[:from]
			return false, err
		}
	}
}

func (l *lines) ready() bool {
	buffered, _ := l.reader.Peek(l.reader.Buffered()) // what is buffered can be had
	return bytes.IndexByte(buffered, '\n') >= 0
}

func (l *lines) problem(err error) *problemDetails {
	p := interrupted(err)
	p.Line = l.number + 1
	return p
}

// elements reads the elements of a JSON array. Where it cannot be read on, the patients that are not yet handed out are dropped.
type elements struct {
	decoder *jsontext.Decoder
	bounded *bounded
	opened  bool
	read    int
}

// separators is how many bytes may stand between two elements.
const separators = 64 << 10

var errEmpty = errors.New("nothing was sent")

// noArrayError is a body that is another kind of JSON value.
type noArrayError jsontext.Kind

func (e noArrayError) Error() string {
	return "an array is expected, not " + kindName(jsontext.Kind(e))
}

func (e *elements) next(c *chunk) error {
	err := e.element(c)
	if err != nil && !errors.Is(err, io.EOF) {
		c.clear()
	}
	return err
}

func (e *elements) element(c *chunk) error {
	e.bounded.left = maxBody + separators
	if err := e.open(); err != nil {
		return err
	}
	if e.decoder.PeekKind() == ']' {
		return e.end()
	}
	value, err := e.decoder.ReadValue()
	if err != nil {
		return whileInside(err)
	}
	at := position{index: new(e.read)}
	e.read++
	if len(value) > maxBody {
		c.refuse(tooLarge(), at)
		return nil
	}
	from := len(c.bodies)
	c.bodies = append(c.bodies, value...)
	c.keep(from, at)
	return nil
}

func (e *elements) open() error {
	if e.opened {
		return nil
	}
	token, err := e.decoder.ReadToken()
	if errors.Is(err, io.EOF) {
		return errEmpty
	}
	if err != nil {
		return err
	}
	if token.Kind() != '[' {
		return noArrayError(token.Kind())
	}
	e.opened = true
	return nil
}

// end reads the end of the array and wants nothing after it.
func (e *elements) end() error {
	if _, err := e.decoder.ReadToken(); err != nil {
		return whileInside(err)
	}
	if _, err := e.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return io.EOF
}

// whileInside is an error inside of the array, where its end is one, too.
func whileInside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ready is always so: whoever sends an array waits for its end.
func (e *elements) ready() bool { return true }

// anArray is what to send in place of what is none.
const anArray = "send an array of patients, or application/x-ndjson, a patient a line"

func (e *elements) problem(err error) *problemDetails {
	after := fmt.Sprintf(", after %d patients", e.read)
	noArray, isNoArray := errors.AsType[noArrayError](err)
	var p *problemDetails
	switch {
	case errors.Is(err, errTooLarge):
		p = tooLarge()
	case errors.Is(err, errBrokenOff), errors.Is(err, errClosing):
		p = interrupted(err)
	case isNoArray:
		p = incoherent([]sepsis.Problem{{Location: "body", Code: sepsis.WrongType, Message: noArray.Error(), Hint: anArray}}, 0)
	case errors.Is(err, errEmpty):
		p = unreadable("the body is empty", anArray)
	case errors.Is(err, errTrailing):
		p = unreadable("something follows the end of the array"+after, anArray)
	case errors.Is(err, io.ErrUnexpectedEOF):
		p = unreadable("the array ends too early"+after, anArray)
	default:
		p = e.malformed(err)
	}
	if e.opened && !errors.Is(err, errClosing) { // then nothing is answered
		p.Index = &e.read
	}
	return p
}

// malformed names the element that is not JSON, and tells of words that JSON does not have, as of one patient.
func (e *elements) malformed(err error) *problemDetails {
	location, hint, offset := "body", anArray, e.decoder.InputOffset()
	if e.opened {
		location = fmt.Sprintf("body[%d]", e.read)
	}
	if syntax, is := errors.AsType[*jsontext.SyntacticError](err); is {
		unread := e.decoder.UnreadBuffer() // what could not be read begins there
		within := min(max(0, syntax.ByteOffset-offset), int64(len(unread)))
		offset += within
		if word := wordHint(unread[within:]); word != "" {
			hint = word
		}
	}
	return unreadableAt(location, fmt.Sprintf("the array is not JSON at byte %d, after %d patients", offset, e.read), hint)
}

var (
	errTooLarge  = errors.New("too large")
	errBrokenOff = errors.New("the transfer broke off")
)

// bounded reads as much as is left and then refuses, so that no element is held that is too large.
type bounded struct {
	from io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.from.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("%w: %w", errBrokenOff, err)
	}
	return n, err
}
