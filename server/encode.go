package server

import (
	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// encode writes an answer as JSON: an empty list as [], keys of maps in order, an omitted field only when Go's
// zero value is what it holds. NaN is an error.
func encode(answer any) ([]byte, error) {
	return json.Marshal(answer, json.Deterministic(true), jsonv1.OmitEmptyWithLegacySemantics(true))
}
