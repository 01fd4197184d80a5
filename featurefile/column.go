package featurefile

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
)

// The columns beside the features. None of them may be learnt from but Label and Gain, which are what is to be learnt.
const (
	Stay     = "stay_id"       // of the patient's stay, as the data name it
	Hospital = "hospital"      // of the stay, as the data name it
	Hour     = "row_hour"      // hours since admission to intensive care; null in a snapshot that does not tell it
	Snapshot = "row_snapshot"  // whether the row is what a caller without history would send
	Bedside  = "row_bedside"   // whether the row is what a caller without laboratory values would send
	Adult    = "adult"         // whether the patient is known to be one: nobody else's rows are learnt from
	Fold     = "fold"          // which of the folds the stay is in
	Label    = "label"         // the Challenge's SepsisLabel, 0 or 1; null where the data have none
	Gain     = "utility_gain"  // the Challenge's utility of an alarm less that of silence; null without label
	metadata = "sepsis.schema" // the key of Schema in the file's metadata
)

// Schema is what the file says of itself in its metadata, as JSON under the key sepsis.schema.
type Schema struct {
	Features  []Column `json:"features"`         // in the order in which the program computes them; in the file, columns are ordered by name
	Digest    string   `json:"features_digest"`  // of the feature table
	Folds     int      `json:"folds"`            // that the stays were dealt into
	Seed      uint64   `json:"seed"`             // of folds and snapshots
	Synthetic bool     `json:"synthetic"`        // whether any stay is made up
	Data      string   `json:"data_sha256"`      // of the stays' files
	Program   string   `json:"program"`          // which version wrote the file
	Others    []string `json:"not_for_training"` // the columns that are no features
}

// Column describes one feature.
type Column struct {
	Name   string `json:"name"`
	Family string `json:"family"` // what kind of fact it is of its source, such as a level, a trend, or hours since it was measured
	Source string `json:"source"` // the clinical variable, stay variable or score that it speaks of
	// SourceUnit is the UCUM unit of the source, where it is a measurement or a stay variable. Levels, trends and statistics are in it; times
	// are in hours, counts and scores have none.
	SourceUnit string `json:"source_unit,omitempty"`
}

// columns describes all features.
func columns() []Column {
	units := map[string]string{}
	for _, v := range sepsis.Variables {
		units[v.Name] = string(v.Unit)
	}
	for _, v := range sepsis.StayVariables {
		units[v.Name] = v.Unit
	}
	described := make([]Column, features.Count())
	for i, f := range features.Table {
		described[i] = Column{Name: f.Name, Family: string(f.Family), Source: f.Source, SourceUnit: units[f.Source]}
	}
	return described
}

// keys are the columns beside the features, with their types.
func keys() map[string]parquet.Node {
	return map[string]parquet.Node{
		Stay:     parquet.String(),
		Hospital: parquet.String(),
		Hour:     parquet.Optional(parquet.Int(32)),
		Snapshot: parquet.Leaf(parquet.BooleanType),
		Bedside:  parquet.Leaf(parquet.BooleanType),
		Adult:    parquet.Leaf(parquet.BooleanType),
		Fold:     parquet.Int(32),
		Label:    parquet.Optional(parquet.Int(32)),
		Gain:     parquet.Optional(parquet.Leaf(parquet.DoubleType)),
	}
}

// fileSchema is the schema of the file: columns in the order of their names.
func fileSchema() (*parquet.Schema, error) {
	group := parquet.Group(keys())
	for _, name := range features.Names() {
		if group[name] != nil {
			return nil, fmt.Errorf("feature file: %q is the name of a feature and of a column beside them", name)
		}
		group[name] = parquet.Optional(parquet.Leaf(parquet.FloatType))
	}
	return parquet.NewSchema("features", group), nil
}

// describe completes a schema and encodes it.
func (s Schema) describe() (string, error) {
	s.Features, s.Digest, s.Others = columns(), features.Digest(), nil
	for name := range keys() {
		s.Others = append(s.Others, name)
	}
	slices.Sort(s.Others)
	text, err := json.Marshal(s)
	return string(text), err
}
