// Package evidence holds what the evaluation found of the model that ships with the program.
package evidence

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// shipped is made by `sepsis model documents`.
//
//go:embed shipped.json
var shipped []byte

// Shipped is the evidence of the model that its Model names. Whoever shows it holds that against the model that answers.
func Shipped() (*sepsis.Evidence, error) {
	var found sepsis.Evidence
	if err := json.Unmarshal(shipped, &found); err != nil {
		return nil, fmt.Errorf("evidence/shipped.json: %w; make it again with `make documents`", err)
	}
	return &found, nil
}
