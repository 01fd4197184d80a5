package gbdt

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// ubjsonDocument is a document in Universal Binary JSON (draft 12, https://ubjson.org), as XGBoost writes it: a value is a
// marker and its bytes, big-endian; a key is a length and its bytes; an array may say the type and the number of its items
// ahead.
type ubjsonDocument struct {
	in     *bufio.Reader
	offset int64
}

func newUBJSONDocument(in *bufio.Reader) *ubjsonDocument { return &ubjsonDocument{in: in} }

// isUBJSON tells UBJSON from JSON by the byte after the opening brace: the marker of a key's length, where JSON has a quote, a
// space, or the end of the object.
func isUBJSON(in *bufio.Reader) bool {
	begin, err := in.Peek(2)
	return err == nil && begin[0] == '{' && bytes.IndexByte([]byte("iUIlL#$N"), begin[1]) >= 0
}

// ubjsonSizes are the bytes that follow the markers of numbers.
var ubjsonSizes = map[byte]int{'i': 1, 'U': 1, 'I': 2, 'l': 4, 'L': 8, 'd': 4, 'D': 8}

// maxNesting bounds the containers within each other in what is skipped.
const maxNesting = 100

func (d *ubjsonDocument) fault(at string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s (byte %d): %w", placeOf(at), d.offset, err)
}

// need reports a marker that is not what must be there.
func (d *ubjsonDocument) need(at, want string, marker byte) error {
	return fmt.Errorf("%s (byte %d): need %s, there is %q", placeOf(at), d.offset, want, marker)
}

func (d *ubjsonDocument) peek(at string) (byte, error) {
	next, err := d.in.Peek(1)
	if err != nil {
		return 0, d.fault(at, err)
	}
	return next[0], nil
}

// take reads so many bytes, up to 8; they hold until the next read.
func (d *ubjsonDocument) take(at string, n int) ([]byte, error) {
	raw, err := d.in.Peek(n)
	if err != nil {
		return nil, d.fault(at, err)
	}
	d.offset += int64(n)
	_, _ = d.in.Discard(n) // they are there
	return raw, nil
}

func (d *ubjsonDocument) marker(at string) (byte, error) {
	raw, err := d.take(at, 1)
	if err != nil {
		return 0, err
	}
	return raw[0], nil
}

// expect reads a marker that must be there.
func (d *ubjsonDocument) expect(at string, want byte, name string) error {
	marker, err := d.marker(at)
	if err != nil {
		return err
	}
	if marker != want {
		return d.need(at, name, marker)
	}
	return nil
}

// length reads a marker with an integer that is not negative.
func (d *ubjsonDocument) length(at string) (int64, error) {
	marker, err := d.marker(at)
	if err != nil {
		return 0, err
	}
	raw, err := d.take(at, ubjsonSizes[marker])
	if err != nil {
		return 0, err
	}
	n, ok := ubjsonInteger(marker, raw)
	if !ok {
		return 0, d.need(at, "a length", marker)
	}
	if n < 0 {
		return 0, fmt.Errorf("%s (byte %d): a length of %d", placeOf(at), d.offset, n)
	}
	return n, nil
}

// characters reads a string without its marker. Memory grows with the bytes that are there, whatever the length says.
func (d *ubjsonDocument) characters(at string) (string, error) {
	n, err := d.length(at)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	read, err := io.CopyN(&text, d.in, n)
	d.offset += read
	if err != nil {
		return "", d.fault(at, err)
	}
	return text.String(), nil
}

// discard skips bytes.
func (d *ubjsonDocument) discard(at string, n int64) error {
	skipped, err := io.CopyN(io.Discard, d.in, n)
	d.offset += skipped
	if err != nil {
		return d.fault(at, err)
	}
	return nil
}

func (d *ubjsonDocument) beginObject(at string) error {
	if err := d.expect(at, '{', "an object"); err != nil {
		return err
	}
	next, err := d.peek(at)
	if err == nil && (next == '$' || next == '#') {
		return d.need(at, "an object without type or count, as XGBoost writes it", next)
	}
	return err
}

func (d *ubjsonDocument) nextKey(at string) (string, bool, error) {
	end, err := d.ends(at, '}')
	if err != nil || end {
		return "", false, err
	}
	key, err := d.characters(at)
	return key, true, err
}

// ends takes the end of a container if it is next.
func (d *ubjsonDocument) ends(at string, end byte) (bool, error) {
	next, err := d.peek(at)
	if err != nil || next != end {
		return false, err
	}
	_, err = d.marker(at)
	return true, err
}

func (d *ubjsonDocument) beginList(at string) (int, error) {
	kind, count, err := d.beginArray(at)
	if err != nil {
		return 0, err
	}
	if kind != 0 && count != 0 {
		return 0, d.need(at, "a list, not an array of numbers", kind)
	}
	return int(min(count, math.MaxInt32)), nil // such a count is beyond all limits
}

func (d *ubjsonDocument) nextItem(at string) (bool, error) {
	end, err := d.ends(at, ']')
	return !end, err
}

// beginArray reads what comes before the items: their common type, or 0, and their number, or -1.
func (d *ubjsonDocument) beginArray(at string) (kind byte, count int64, err error) {
	if err := d.expect(at, '[', "an array"); err != nil {
		return 0, 0, err
	}
	typed, err := d.ends(at, '$')
	if err != nil {
		return 0, 0, err
	}
	if typed {
		if kind, err = d.marker(at); err != nil {
			return 0, 0, err
		}
		// Types without bytes of their own would make much of little.
		if ubjsonSizes[kind] == 0 {
			return 0, 0, d.need(at, "a type of numbers", kind)
		}
	}
	counted, err := d.ends(at, '#')
	if err != nil {
		return 0, 0, err
	}
	if counted {
		count, err = d.length(at)
		return kind, count, err
	}
	if typed {
		return 0, 0, fmt.Errorf("%s (byte %d): an array with a type needs a count", placeOf(at), d.offset)
	}
	return 0, -1, nil
}

func (d *ubjsonDocument) text(at string) (string, error) {
	if err := d.expect(at, 'S', "a string"); err != nil {
		return "", err
	}
	return d.characters(at)
}

func (d *ubjsonDocument) atEnd() error {
	if _, err := d.in.Peek(1); errors.Is(err, io.EOF) {
		return nil
	}
	return errMoreData
}

func (d *ubjsonDocument) skip(at string) error { return d.skipWithin(at, 0) }

// skipWithin skips a value that lies within so many containers.
func (d *ubjsonDocument) skipWithin(at string, nesting int) error {
	if nesting > maxNesting {
		return fmt.Errorf("%s (byte %d): more than %d containers within each other", placeOf(at), d.offset, maxNesting)
	}
	marker, err := d.peek(at)
	if err != nil {
		return err
	}
	switch marker {
	case '{':
		return d.skipObject(at, nesting)
	case '[':
		return d.skipArray(at, nesting)
	}
	_, _ = d.marker(at) // it is there
	switch marker {
	case 'Z', 'N', 'T', 'F':
		return nil
	case 'C':
		return d.discard(at, 1)
	case 'S', 'H':
		n, err := d.length(at)
		if err != nil {
			return err
		}
		return d.discard(at, n)
	}
	size := ubjsonSizes[marker]
	if size == 0 {
		return d.need(at, "a value", marker)
	}
	return d.discard(at, int64(size))
}

func (d *ubjsonDocument) skipObject(at string, nesting int) error {
	if err := d.beginObject(at); err != nil {
		return err
	}
	for {
		_, more, err := d.nextKey(at)
		if err != nil || !more {
			return err
		}
		if err := d.skipWithin(at, nesting+1); err != nil {
			return err
		}
	}
}

func (d *ubjsonDocument) skipArray(at string, nesting int) error {
	kind, count, err := d.beginArray(at)
	if err != nil {
		return err
	}
	if kind != 0 {
		if count > math.MaxInt64/8 {
			return fmt.Errorf("%s (byte %d): an array of %d entries", placeOf(at), d.offset, count)
		}
		return d.discard(at, count*int64(ubjsonSizes[kind]))
	}
	for i := int64(0); i != count; i++ {
		if count < 0 {
			more, err := d.nextItem(at)
			if err != nil || !more {
				return err
			}
		}
		if err := d.skipWithin(at, nesting+1); err != nil {
			return err
		}
	}
	return nil
}

func (d *ubjsonDocument) integers(at string, room int) ([]int32, error) {
	return ubjsonArray(d, at, room, needInteger, func(marker byte, raw []byte) (int32, bool) {
		v, ok := ubjsonInteger(marker, raw)
		return int32(v), ok && v >= math.MinInt32 && v <= math.MaxInt32 //nolint:gosec // checked
	})
}

func (d *ubjsonDocument) floats(at string, room int) ([]float32, error) {
	return ubjsonArray(d, at, room, needFloat, func(marker byte, raw []byte) (float32, bool) {
		v := math.NaN()
		switch marker {
		case 'd':
			v = float64(math.Float32frombits(binary.BigEndian.Uint32(raw)))
		case 'D':
			v = math.Float64frombits(binary.BigEndian.Uint64(raw))
		default:
			if n, ok := ubjsonInteger(marker, raw); ok {
				v = float64(n)
			}
		}
		return float32(v), math.Abs(float64(float32(v))) <= math.MaxFloat32
	})
}

func (d *ubjsonDocument) flags(at string, room int) ([]bool, error) {
	return ubjsonArray(d, at, room, needFlag, func(marker byte, raw []byte) (value, ok bool) {
		if marker == 'T' || marker == 'F' {
			return marker == 'T', true
		}
		n, ok := ubjsonInteger(marker, raw)
		return n == 1, ok && (n == 0 || n == 1)
	})
}

// ubjsonArray reads an array of scalars. Values are kept as they come, so memory grows with the bytes that are there.
func ubjsonArray[T any](d *ubjsonDocument, at string, room int, want string, parse func(marker byte, raw []byte) (T, bool)) ([]T, error) {
	kind, count, err := d.beginArray(at)
	if err != nil {
		return nil, err
	}
	var values []T
	for i := int64(0); i != count; i++ {
		if count < 0 {
			more, err := d.nextItem(at)
			if err != nil || !more {
				return values, err
			}
		}
		if i >= int64(room) || count > int64(room) {
			return nil, fmt.Errorf("%s: more than %d entries", at, room)
		}
		marker := kind
		if marker == 0 {
			if marker, err = d.marker(at); err != nil {
				return nil, err
			}
		}
		raw, err := d.take(at, ubjsonSizes[marker])
		if err != nil {
			return nil, err
		}
		value, ok := parse(marker, raw)
		if !ok {
			return nil, fmt.Errorf("%s[%d] (byte %d): %q %x, need %s", at, i, d.offset, marker, raw, want)
		}
		values = append(values, value)
	}
	return values, nil
}

// ubjsonInteger is the value of an integer, or false for another marker.
func ubjsonInteger(marker byte, raw []byte) (int64, bool) {
	switch marker {
	case 'i':
		return int64(int8(raw[0])), true //nolint:gosec // two's complement is meant
	case 'U':
		return int64(raw[0]), true
	case 'I':
		return int64(int16(binary.BigEndian.Uint16(raw))), true //nolint:gosec // as above
	case 'l':
		return int64(int32(binary.BigEndian.Uint32(raw))), true //nolint:gosec // as above
	case 'L':
		return int64(binary.BigEndian.Uint64(raw)), true //nolint:gosec // as above
	}
	return 0, false
}
