package server

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// maxDepth is how deep a valid body nests: body, observations, observation, {value, unit}.
const maxDepth = 4

var errTooDeep = errors.New("nested deeper than any valid body")

// patient is what a body says, when nothing is wrong with it.
type patient struct {
	stay     sepsis.Stay
	warnings findings[sepsis.Warning]
}

// decoder walks the tokens of a body once and notes everything that is wrong, not just the first thing.
//
// A syntax error is kept in failed: from then on next gives the zero token and more is false, so that every
// loop ends; what was found until then is dropped, for nothing is sure about a body that cannot be read.
type decoder struct {
	patient
	tokens   *jsontext.Decoder
	failed   error
	problems findings[sepsis.Problem]
	body     []byte
	current  *reading // the observation that is being read: one of the following
	flat     reading
	hourly   reading
	quantity quantity // the {"value", "unit"} that is being read
	stated   statedFields
	outcome  outcomeReading
}

// statedFields tells what the body holds, whether or not it is right.
type statedFields struct {
	age, observations, measurement bool
	observationsAt                 int64
	flat                           []string // measurements and icu_hour beside the stay's fields
	lastHour                       int      // of the observations so far
}

// patientExample is a short body with nothing wrong.
const patientExample = `{"age": 67, "heart_rate": 118}`

// decodePatient reads a body of /predict/patient. The patient is to be used only when there are no problems.
func decodePatient(body []byte) (patient, findings[sepsis.Problem]) {
	d := decoders.Get().(*decoder)
	defer d.release()
	d.start(body)
	problems := d.whole(d.readBody, patientExample)
	if len(problems.placed) > 0 {
		return patient{}, problems
	}
	return d.patient, problems
}

// whole reads the body to its end and gives what is wrong with it. The example is of a body with nothing wrong.
func (d *decoder) whole(read func(), example string) findings[sepsis.Problem] {
	read()
	d.expectEnd()
	if d.failed != nil {
		return findings[sepsis.Problem]{placed: []placed[sepsis.Problem]{{item: syntaxProblem(d.body, d.failed, example)}}}
	}
	return d.problems
}

// decoders are kept for the next body.
var decoders = sync.Pool{New: func() any { return &decoder{tokens: new(jsontext.Decoder)} }}

func (d *decoder) start(body []byte) {
	d.body = body
	d.tokens.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	d.stay.HoursBefore = sepsis.Missing
}

// empty is what a decoder reads between two bodies.
var empty = bytes.NewReader(nil)

// release forgets the body and all that was read from it.
func (d *decoder) release() {
	d.tokens.Reset(empty)
	*d = decoder{tokens: d.tokens, stated: statedFields{flat: d.stated.flat[:0]}}
	decoders.Put(d)
}

// next reads what opens or closes a container. After a syntax error it does nothing.
func (d *decoder) next() {
	if d.failed != nil {
		return
	}
	if _, d.failed = d.tokens.ReadToken(); d.failed == nil && d.tokens.StackDepth() > maxDepth {
		d.failed = errTooDeep
	}
}

// scalar reads what is no container and gives it as it stands in the body. After a syntax error it gives nothing.
func (d *decoder) scalar() []byte {
	if d.failed != nil {
		return nil
	}
	var raw jsontext.Value
	if raw, d.failed = d.tokens.ReadValue(); d.failed != nil {
		return nil
	}
	end := d.at() // raw itself holds only until the next one is read
	return d.body[end-int64(len(raw)) : end]
}

// more tells whether the open container has a further member.
func (d *decoder) more() bool {
	kind := d.tokens.PeekKind()
	return d.failed == nil && kind != '}' && kind != ']' && kind != jsontext.KindInvalid
}

// at is the place where the walk stands.
func (d *decoder) at() int64 { return d.tokens.InputOffset() }

func (d *decoder) expectEnd() {
	if d.failed != nil {
		return
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		d.failed = errTrailing
	}
}

// value is what stands at one place: of a container only that it is one.
type value struct {
	kind jsontext.Kind // 'n' null, 't' or 'f' boolean, '"' string, '0' number, '{' object, '[' array
	raw  []byte        // of a scalar, in the body
	at   int64
}

// text is that of a string or a number.
func (v value) text() string {
	if v.kind == '"' {
		return unquoted(v.raw)
	}
	return string(v.raw)
}

// unquoted is the text of a JSON string that was found to be one.
func unquoted(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// read reads one value and skips what is inside a container.
func (d *decoder) read() value {
	v := value{at: d.at()}
	kind := d.tokens.PeekKind()
	switch kind {
	case '{', '[':
		d.next()
		d.skipOpen()
	case '}', ']', jsontext.KindInvalid:
		d.next() // finds out what is wrong
	default:
		v.raw = d.scalar()
	}
	if d.failed == nil {
		v.kind = kind
	}
	return v
}

// skipOpen skips the rest of the container whose opening was just read. It goes token by token so that the
// depth is watched.
func (d *decoder) skipOpen() {
	outside := d.tokens.StackDepth() - 1
	for d.failed == nil && d.tokens.StackDepth() > outside {
		d.next()
	}
}

// echo is what an answer repeats of the value: scalars only, strings cut short.
func (v value) echo() any {
	switch v.kind {
	case 't', 'f':
		return v.kind == 't'
	case '"':
		return sepsis.Clip(v.text())
	case '0':
		if x, err := strconv.ParseFloat(string(v.raw), 64); err == nil {
			return x
		}
		return sepsis.Clip(v.text())
	}
	return nil
}

// problem notes what is wrong with the value.
func (d *decoder) problem(v value, code sepsis.Code, location, message, hint string) {
	d.problems.add(v.at, sepsis.Problem{Location: location, Code: code, Message: message, Value: v.echo(), Hint: hint})
}

// absent notes what is not there but has to be.
func (d *decoder) absent(location, message, hint string) {
	d.problems.add(d.at(), sepsis.Problem{Location: location, Code: sepsis.MissingField, Message: message, Hint: hint})
}

// number gives the number that the value is; false for null, and for what is wrong, which it notes.
func (d *decoder) number(v value, at location, hint string) (float64, bool) {
	if v.kind == 'n' {
		return 0, false
	}
	if v.kind != '0' {
		d.problem(v, sepsis.WrongType, at.String(), "a number is expected, not "+kindName(v.kind), hint)
		return 0, false
	}
	x, err := strconv.ParseFloat(string(v.raw), 64)
	if err != nil || math.IsInf(x, 0) {
		d.problem(v, sepsis.InvalidJSON, at.String(), "the number is too large for a 64-bit float", "")
		return 0, false
	}
	return x, true
}

// kindName is how a message calls a kind of value.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '[':
		return "an array"
	}
	return "an object"
}
