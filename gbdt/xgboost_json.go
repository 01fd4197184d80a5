package gbdt

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonDocument is a document in JSON. The decoder refuses what is not JSON, and objects with a key twice.
type jsonDocument struct{ decoder *jsontext.Decoder }

func newJSONDocument(r io.Reader) *jsonDocument {
	return &jsonDocument{decoder: jsontext.NewDecoder(r)}
}

func (d *jsonDocument) beginObject(at string) error { return d.open(at, '{', "an object") }

func (d *jsonDocument) nextKey(at string) (string, bool, error) {
	token, err := d.decoder.ReadToken()
	if err != nil {
		return "", false, d.fault(at, err)
	}
	if token.Kind() == '}' {
		return "", false, nil
	}
	return token.String(), true, nil
}

func (d *jsonDocument) beginList(at string) (int, error) { return -1, d.open(at, '[', "an array") }

func (d *jsonDocument) nextItem(at string) (bool, error) {
	if d.decoder.PeekKind() != ']' {
		return true, nil
	}
	if _, err := d.decoder.ReadToken(); err != nil {
		return false, d.fault(at, err)
	}
	return false, nil
}

func (d *jsonDocument) open(at string, kind jsontext.Kind, want string) error {
	token, err := d.decoder.ReadToken()
	if err != nil {
		return d.fault(at, err)
	}
	if token.Kind() != kind {
		return fmt.Errorf("%s: need %s", placeOf(at), want)
	}
	return nil
}

func (d *jsonDocument) skip(at string) error {
	if err := d.decoder.SkipValue(); err != nil {
		return d.fault(at, err)
	}
	return nil
}

func (d *jsonDocument) text(at string) (string, error) {
	token, err := d.decoder.ReadToken()
	if err != nil {
		return "", d.fault(at, err)
	}
	if token.Kind() != '"' {
		return "", fmt.Errorf("%s: need a string", at)
	}
	return token.String(), nil
}

func (d *jsonDocument) atEnd() error {
	_, err := d.decoder.ReadToken()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return errMoreData
}

// errMoreData is the fault of a file that does not end with the model.
var errMoreData = errors.New("more data after the model")

// fault says where the file is not JSON.
func (d *jsonDocument) fault(at string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	const longest = 300 // the decoder's message may repeat names of the file
	if text := err.Error(); len(text) > longest {
		err = errors.New(strings.ToValidUTF8(text[:longest], "") + "...")
	}
	return fmt.Errorf("%s (byte %d): %w", placeOf(at), d.decoder.InputOffset(), err)
}

// What the entries of arrays must be, in every encoding.
const (
	needInteger = "a 32-bit integer"
	needFloat   = "a finite 32-bit number"
	needFlag    = "0 or 1"
)

func (d *jsonDocument) integers(at string, room int) ([]int32, error) {
	return jsonArray(d, at, room, needInteger, func(text []byte) (int32, bool) {
		v, err := strconv.ParseInt(string(text), 10, 32)
		return int32(v), err == nil
	})
}

func (d *jsonDocument) floats(at string, room int) ([]float32, error) {
	return jsonArray(d, at, room, needFloat, func(text []byte) (float32, bool) {
		if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
			return 0, false
		}
		v, err := strconv.ParseFloat(string(text), 32)
		return float32(v), err == nil
	})
}

// flags reads booleans, which XGBoost writes as 0 and 1, or as false and true in early versions.
func (d *jsonDocument) flags(at string, room int) ([]bool, error) {
	return jsonArray(d, at, room, needFlag, func(text []byte) (value, ok bool) {
		switch string(text) {
		case "1", "true":
			return true, true
		case "0", "false":
			return false, true
		}
		return false, false
	})
}

// jsonArray reads a JSON array of scalars. The decoder has checked the JSON when parse sees an item.
func jsonArray[T any](d *jsonDocument, at string, room int, want string, parse func([]byte) (T, bool)) ([]T, error) {
	raw, err := d.decoder.ReadValue()
	if err != nil {
		return nil, d.fault(at, err)
	}
	if raw.Kind() != '[' {
		return nil, fmt.Errorf("%s: need an array", at)
	}
	var values []T
	for rest := raw[1 : len(raw)-1]; ; {
		item, after := nextItem(rest)
		if len(item) == 0 {
			return values, nil
		}
		if len(values) >= room {
			return nil, fmt.Errorf("%s: more than %d entries", at, room)
		}
		value, ok := parse(item)
		if !ok {
			return nil, fmt.Errorf("%s[%d]: %.40s, need %s", at, len(values), item, want)
		}
		values = append(values, value)
		rest = after
	}
}

// nextItem cuts the first item off the inside of an array of scalars.
func nextItem(inside []byte) (item, rest []byte) {
	begin := 0
	for begin < len(inside) && isBetween(inside[begin]) {
		begin++
	}
	end := begin
	for end < len(inside) && !isBetween(inside[end]) {
		end++
	}
	return inside[begin:end], inside[end:]
}

// isBetween tells commas and white space from items.
func isBetween(c byte) bool { return c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r' }
