package describe

import (
	"encoding/json"
	"math"

	"github.com/medtech-detect/sepsis/metric"
)

// Number is a figure; NaN means that it is undefined, and is written as null.
type Number float64

// undefined is a figure that the data do not determine.
var undefined = Number(math.NaN())

// Defined tells whether there is a figure.
func (n Number) Defined() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// MarshalJSON writes the number, or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// ratio is a/b, undefined where b is 0.
func ratio(a, b float64) Number {
	if b == 0 {
		return undefined
	}
	return Number(a / b)
}

// Share is a part of a whole.
type Share struct {
	Part  int `json:"part"`
	Whole int `json:"whole"`
}

// Value is Part / Whole, undefined when Whole is 0.
func (s Share) Value() Number { return ratio(float64(s.Part), float64(s.Whole)) }

// Interval is the 95 % interval of Wilson for parts that are independent of each other; undefined when Whole is 0.
func (s Share) Interval() (low, high Number) {
	l, h := metric.Wilson(float64(s.Part)/float64(s.Whole), float64(s.Whole))
	return Number(l), Number(h)
}

// MarshalJSON writes part, whole, the share and its interval.
func (s Share) MarshalJSON() ([]byte, error) {
	low, high := s.Interval()
	return json.Marshal(struct {
		Part  int    `json:"part"`
		Whole int    `json:"whole"`
		Value Number `json:"value"`
		Low   Number `json:"low"`
		High  Number `json:"high"`
	}{s.Part, s.Whole, s.Value(), low, high})
}

// plus counts one more, in the part or not.
func (s Share) plus(inPart bool) Share {
	s.Whole++
	if inPart {
		s.Part++
	}
	return s
}
