package gbdt

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object reads a JSON object: known members by their functions, others are skipped (but must be
// JSON), and required ones must be there. Duplicates are an error of the decoder.
func (x *xgboostReader) object(at string, required []string, members member) error {
	if err := x.open(at, '{', "an object"); err != nil {
		return err
	}
	var seen []string
	for x.decoder.PeekKind() != '}' {
		key, err := x.decoder.ReadToken()
		if err != nil {
			return x.fault(at, err)
		}
		name := key.String()
		read, known := members[name]
		if !known {
			if err := x.decoder.SkipValue(); err != nil {
				return x.fault(at, err)
			}
			continue
		}
		seen = append(seen, name)
		if err := read(); err != nil {
			return err
		}
	}
	for _, name := range required {
		if !slices.Contains(seen, name) {
			return fmt.Errorf("%s: no %q", placeOf(at), name)
		}
	}
	return x.closed(at)
}

// list reads a JSON array, item by item.
func (x *xgboostReader) list(at string, item func(i int) error) error {
	if err := x.open(at, '[', "an array"); err != nil {
		return err
	}
	for i := 0; x.decoder.PeekKind() != ']'; i++ {
		if err := item(i); err != nil {
			return err
		}
	}
	return x.closed(at)
}

func (x *xgboostReader) open(at string, kind jsontext.Kind, want string) error {
	token, err := x.decoder.ReadToken()
	if err != nil {
		return x.fault(at, err)
	}
	if token.Kind() != kind {
		return fmt.Errorf("%s: need %s", placeOf(at), want)
	}
	return nil
}

func (x *xgboostReader) closed(at string) error {
	if _, err := x.decoder.ReadToken(); err != nil {
		return x.fault(at, err)
	}
	return nil
}

// atEnd checks that nothing follows the model.
func (x *xgboostReader) atEnd() error {
	_, err := x.decoder.ReadToken()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return errors.New("more data after the model")
}

// fault says where the file is not JSON.
func (x *xgboostReader) fault(at string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s (byte %d): %w", placeOf(at), x.decoder.InputOffset(), err)
}

func placeOf(at string) string {
	if at == "" {
		return "the file"
	}
	return at
}

// text reads a string.
func (x *xgboostReader) text(at string, into *string) error {
	token, err := x.decoder.ReadToken()
	if err != nil {
		return x.fault(at, err)
	}
	if token.Kind() != '"' {
		return fmt.Errorf("%s: need a string", at)
	}
	*into = token.String()
	return nil
}

// texts reads an object of which some members are strings to keep.
func (x *xgboostReader) texts(at string, required []string, into map[string]*string) error {
	members := member{}
	for key, value := range into {
		members[key] = func() error { return x.text(at+"."+key, value) }
	}
	return x.object(at, required, members)
}

func (x *xgboostReader) featureNames(at string) error {
	return x.list(at, func(i int) error {
		if i >= x.limits.Features {
			return fmt.Errorf("%s: more than %d features", at, x.limits.Features)
		}
		var name string
		if err := x.text(fmt.Sprintf("%s[%d]", at, i), &name); err != nil {
			return err
		}
		x.names = append(x.names, name)
		return nil
	})
}

func (x *xgboostReader) integers(at string, room int) ([]int32, error) {
	return array(x, at, room, "a 32-bit integer", func(text []byte) (int32, bool) {
		v, err := strconv.ParseInt(string(text), 10, 32)
		return int32(v), err == nil
	})
}

func (x *xgboostReader) floats(at string, room int) ([]float32, error) {
	return array(x, at, room, "a finite 32-bit number", func(text []byte) (float32, bool) {
		if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
			return 0, false
		}
		v, err := strconv.ParseFloat(string(text), 32)
		return float32(v), err == nil
	})
}

// flags reads booleans, which XGBoost writes as 0 and 1, or as false and true in early versions.
func (x *xgboostReader) flags(at string, room int) ([]bool, error) {
	return array(x, at, room, "0 or 1", func(text []byte) (value, ok bool) {
		switch string(text) {
		case "1", "true":
			return true, true
		case "0", "false":
			return false, true
		}
		return false, false
	})
}

// array reads a JSON array of scalars. The decoder has checked the JSON when parse sees an item.
func array[T any](x *xgboostReader, at string, room int, want string, parse func([]byte) (T, bool)) ([]T, error) {
	raw, err := x.decoder.ReadValue()
	if err != nil {
		return nil, x.fault(at, err)
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
