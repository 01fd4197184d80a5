package gbdt

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const writeBuffer = 1 << 16

// jsonEncoder writes JSON without spaces, numbers as XGBoost does. The bufio.Writer keeps the first error of writing.
type jsonEncoder struct {
	out    *bufio.Writer
	buffer []byte
	within bool // a value came before in the same container
	err    error
}

func newJSONEncoder(w io.Writer) *jsonEncoder {
	return &jsonEncoder{out: bufio.NewWriterSize(w, writeBuffer)}
}

func (e *jsonEncoder) flush() error {
	if e.err != nil {
		return e.err
	}
	return e.out.Flush()
}

func (e *jsonEncoder) write(b []byte) { _, _ = e.out.Write(b) } // flush returns the error

// value writes a value, after a comma if it is not the first.
func (e *jsonEncoder) value(b []byte) {
	if e.within {
		e.write([]byte{','})
	}
	e.write(b)
	e.within = true
}

func (e *jsonEncoder) begin(mark byte) {
	e.value([]byte{mark})
	e.within = false
}

func (e *jsonEncoder) end(mark byte) {
	e.write([]byte{mark})
	e.within = true
}

func (e *jsonEncoder) beginObject()  { e.begin('{') }
func (e *jsonEncoder) endObject()    { e.end('}') }
func (e *jsonEncoder) beginList(int) { e.begin('[') }
func (e *jsonEncoder) endList()      { e.end(']') }

func (e *jsonEncoder) key(name string) {
	e.text(name)
	e.write([]byte{':'})
	e.within = false
}

func (e *jsonEncoder) text(s string) {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.value(quoted)
}

func (e *jsonEncoder) integer(v int) { e.value(strconv.AppendInt(nil, int64(v), 10)) }

func (e *jsonEncoder) int32s(n int, value func(i int) int32) {
	e.array(n, func(b []byte, i int) []byte { return strconv.AppendInt(b, int64(value(i)), 10) })
}

func (e *jsonEncoder) int64s(n int, value func(i int) int64) {
	e.array(n, func(b []byte, i int) []byte { return strconv.AppendInt(b, value(i), 10) })
}

func (e *jsonEncoder) bytes(n int, value func(i int) uint8) {
	e.array(n, func(b []byte, i int) []byte { return strconv.AppendInt(b, int64(value(i)), 10) })
}

func (e *jsonEncoder) floats(n int, value func(i int) float32) {
	e.array(n, func(b []byte, i int) []byte { return appendFloat(b, value(i)) })
}

func (e *jsonEncoder) array(n int, item func(b []byte, i int) []byte) {
	b := e.buffer[:0]
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	b = append(b, ']')
	e.value(b)
	e.buffer = b
}

// appendFloat writes a float in the fewest digits that keep it, as XGBoost does, always with an exponent (5E-1, 0E0): its
// reader takes a number without one for an integer.
func appendFloat(b []byte, v float32) []byte {
	begin := len(b)
	b = strconv.AppendFloat(b, float64(v), 'E', -1, 32)
	mark := begin + bytes.IndexByte(b[begin:], 'E') + 1
	sign, digits := b[mark], bytes.TrimLeft(b[mark+1:], "0")
	tail := make([]byte, 0, 4)
	if len(digits) == 0 {
		return append(b[:mark], '0')
	}
	if sign == '-' {
		tail = append(tail, '-')
	}
	return append(b[:mark], append(tail, digits...)...)
}

// ubjsonEncoder writes UBJSON in the forms that XGBoost uses: keys and strings with lengths of 64 bits, lists with their count,
// arrays with type and count.
type ubjsonEncoder struct {
	out    *bufio.Writer
	buffer [9]byte
}

func newUBJSONEncoder(w io.Writer) *ubjsonEncoder {
	return &ubjsonEncoder{out: bufio.NewWriterSize(w, writeBuffer)}
}

func (e *ubjsonEncoder) flush() error { return e.out.Flush() }

func (e *ubjsonEncoder) marker(m byte) { _ = e.out.WriteByte(m) } // flush returns the error

// number writes the low bytes of a number, big-endian, after its marker unless that is 0.
func (e *ubjsonEncoder) number(marker byte, bits uint64, size int) {
	b := binary.BigEndian.AppendUint64(append(e.buffer[:0], marker), bits)
	if marker != 0 {
		e.marker(marker)
	}
	_, _ = e.out.Write(b[len(b)-size:]) // flush returns the error
}

func (e *ubjsonEncoder) length(n int) { e.number('L', uint64(n), 8) } //nolint:gosec // not negative

func (e *ubjsonEncoder) beginObject() { e.marker('{') }
func (e *ubjsonEncoder) endObject()   { e.marker('}') }

func (e *ubjsonEncoder) key(name string) {
	e.length(len(name))
	_, _ = e.out.WriteString(name) // flush returns the error
}

func (e *ubjsonEncoder) beginList(n int) {
	e.marker('[')
	e.marker('#')
	e.length(n)
}

func (e *ubjsonEncoder) endList() {} // the count said it

func (e *ubjsonEncoder) text(s string) {
	e.marker('S')
	e.key(s)
}

// integer takes the least bytes that hold v.
func (e *ubjsonEncoder) integer(v int) {
	bits := uint64(v) //nolint:gosec // two's complement is meant
	switch {
	case v >= math.MinInt8 && v <= math.MaxInt8:
		e.number('i', bits, 1)
	case v >= math.MinInt16 && v <= math.MaxInt16:
		e.number('I', bits, 2)
	case v >= math.MinInt32 && v <= math.MaxInt32:
		e.number('l', bits, 4)
	default:
		e.number('L', bits, 8)
	}
}

func (e *ubjsonEncoder) int32s(n int, value func(i int) int32) {
	e.array('l', n, func(i int) uint64 { return uint64(value(i)) }) //nolint:gosec // two's complement is meant
}

func (e *ubjsonEncoder) int64s(n int, value func(i int) int64) {
	e.array('L', n, func(i int) uint64 { return uint64(value(i)) }) //nolint:gosec // as above
}

func (e *ubjsonEncoder) bytes(n int, value func(i int) uint8) {
	e.array('U', n, func(i int) uint64 { return uint64(value(i)) })
}

func (e *ubjsonEncoder) floats(n int, value func(i int) float32) {
	e.array('d', n, func(i int) uint64 { return uint64(math.Float32bits(value(i))) })
}

func (e *ubjsonEncoder) array(marker byte, n int, bits func(i int) uint64) {
	e.marker('[')
	e.marker('$')
	e.marker(marker)
	e.marker('#')
	e.length(n)
	for i := range n {
		e.number(0, bits(i), ubjsonSizes[marker])
	}
}
