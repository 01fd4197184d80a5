package gbdt

import (
	"fmt"
	"slices"
)

// document is a model file in one of its encodings, read from front to back. at names the place in errors.
type document interface {
	beginObject(at string) error
	// nextKey returns the next key of the object, or false at its end, which it takes.
	nextKey(at string) (key string, more bool, err error)
	// beginList returns the number of items, or -1 where only nextItem tells.
	beginList(at string) (count int, err error)
	// nextItem tells whether there is another item in a list of unknown length; if not, it takes the end.
	nextItem(at string) (more bool, err error)
	skip(at string) error
	text(at string) (string, error)
	// Arrays of more than room entries are refused before they take memory.
	integers(at string, room int) ([]int32, error)
	floats(at string, room int) ([]float32, error)
	flags(at string, room int) ([]bool, error)
	// atEnd checks that nothing follows the model.
	atEnd() error
}

// object reads an object: known members by their functions, at most once each, others are skipped. That a required one is not there is kept
// for later, as other kinds of model have other members.
func (x *xgboostReader) object(at string, required []string, members member) error {
	if err := x.beginObject(at); err != nil {
		return err
	}
	var seen []string
	for {
		name, more, err := x.nextKey(at)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		read, known := members[name]
		if !known {
			if err := x.skip(at); err != nil {
				return err
			}
			continue
		}
		if slices.Contains(seen, name) {
			return fmt.Errorf("%s: duplicate %.40q", placeOf(at), name)
		}
		seen = append(seen, name)
		if err := read(); err != nil {
			return err
		}
	}
	for _, name := range required {
		if !slices.Contains(seen, name) {
			x.later(fmt.Errorf("%s: no %q", placeOf(at), name))
		}
	}
	return nil
}

// list reads a list, item by item.
func (x *xgboostReader) list(at string, item func(i int) error) error {
	count, err := x.beginList(at)
	if err != nil {
		return err
	}
	for i := 0; i != count; i++ {
		if count < 0 {
			more, err := x.nextItem(at)
			if err != nil || !more {
				return err
			}
		}
		if err := item(i); err != nil {
			return err
		}
	}
	return nil
}

// texts reads an object of which some members are strings to keep.
func (x *xgboostReader) texts(at string, required []string, into map[string]*string) error {
	members := member{}
	for key, value := range into {
		members[key] = func() (err error) { *value, err = x.text(at + "." + key); return }
	}
	return x.object(at, required, members)
}

func (x *xgboostReader) featureNames(at string) error {
	return x.list(at, func(i int) error {
		if i >= x.limits.Features {
			return fmt.Errorf("%s: more than %d features", at, x.limits.Features)
		}
		name, err := x.text(fmt.Sprintf("%s[%d]", at, i))
		x.names = append(x.names, name)
		return err
	})
}

func placeOf(at string) string {
	if at == "" {
		return "the file"
	}
	return at
}
