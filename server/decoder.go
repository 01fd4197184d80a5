package server

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// maxDepth is how deep a valid body nests: body, observations, observation, {value, unit}.
const maxDepth = 4

// maxEcho is how many characters of a string, or of an unknown name, an answer repeats.
const maxEcho = 64

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
	current  *reading // the observation that is being read
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
	d := newDecoder(body)
	d.stay.HoursBefore = sepsis.Missing
	problems := d.whole(body, d.readBody, patientExample)
	return d.patient, problems
}

func newDecoder(body []byte) *decoder {
	return &decoder{tokens: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))}
}

// whole reads a body to its end and gives what is wrong with it. The example is of a body with nothing wrong.
func (d *decoder) whole(body []byte, read func(), example string) findings[sepsis.Problem] {
	read()
	d.expectEnd()
	if d.failed != nil {
		return findings[sepsis.Problem]{placed: []placed[sepsis.Problem]{{item: syntaxProblem(body, d.failed, example)}}}
	}
	return d.problems
}

// next reads a token. After a syntax error it gives the zero token for ever.
func (d *decoder) next() jsontext.Token {
	if d.failed != nil {
		return jsontext.Token{}
	}
	token, err := d.tokens.ReadToken()
	if err != nil {
		d.failed = err
		return jsontext.Token{}
	}
	if d.tokens.StackDepth() > maxDepth {
		d.failed = errTooDeep
	}
	return token
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
	text string        // of a string or a number
	at   int64
}

// read reads one value and skips what is inside a container.
func (d *decoder) read() value {
	v := value{at: d.at()}
	token := d.next()
	v.kind = token.Kind()
	switch v.kind {
	case '"', '0':
		v.text = token.String()
	case '{', '[':
		d.skipOpen()
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
		return clip(v.text)
	case '0':
		if x, err := strconv.ParseFloat(v.text, 64); err == nil {
			return x
		}
		return clip(v.text)
	}
	return nil
}

// clip cuts a text to the length that answers repeat.
func clip(text string) string {
	if utf8.RuneCountInString(text) <= maxEcho {
		return text
	}
	return string([]rune(text)[:maxEcho-1]) + "…"
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
func (d *decoder) number(v value, location, hint string) (float64, bool) {
	if v.kind == 'n' {
		return 0, false
	}
	if v.kind != '0' {
		d.problem(v, sepsis.WrongType, location, "a number is expected, not "+kindName(v.kind), hint)
		return 0, false
	}
	x, err := strconv.ParseFloat(v.text, 64)
	if err != nil || math.IsInf(x, 0) {
		d.problem(v, sepsis.InvalidJSON, location, "the number is too large for a 64-bit float", "")
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
