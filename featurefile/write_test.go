package featurefile_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/featurefile"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/model"
)

func cohort(t *testing.T, stays int) []sepsis.LabelledStay {
	t.Helper()
	dir := t.TempDir()
	if _, err := challenge.WriteCohort(t.Context(), dir, challenge.SynthOptions{Stays: stays, Seed: 1, SepticShare: 0.3, Hospital: "synthetic_setA"}); err != nil {
		t.Fatal(err)
	}
	opened, err := challenge.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	read, _, err := opened.ReadAll(t.Context(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// written writes a file and reads all of it again, by column.
func written(t *testing.T, stays []sepsis.LabelledStay) (*parquet.File, map[string][]parquet.Value) {
	t.Helper()
	var content bytes.Buffer
	counts, err := featurefile.Write(t.Context(), &content, stays, featurefile.Schema{Folds: 3, Seed: 4, Program: "test"}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if file.NumRows() != int64(counts.Rows) || len(file.Schema().Columns()) != counts.Columns {
		t.Errorf("%d rows and %d columns, said to be %+v", file.NumRows(), len(file.Schema().Columns()), counts)
	}
	read := map[string][]parquet.Value{}
	rows := parquet.NewReader(file)
	for range file.NumRows() {
		row := make([]parquet.Row, 1)
		if n, err := rows.ReadRows(row); n != 1 {
			t.Fatal(err)
		}
		for _, v := range row[0] {
			name := file.Schema().Columns()[v.Column()][0]
			read[name] = append(read[name], v.Clone())
		}
	}
	return file, read
}

// TestRowsAreThoseOfTheTraining: what is written is what the trees of this program learn from, with null for what is missing.
func TestRowsAreThoseOfTheTraining(t *testing.T) {
	stays := cohort(t, 12)
	_, read := written(t, stays)
	rows := model.NewRows(stays, 4)
	matrix, err := rows.Matrix(t.Context(), stays, 1)
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for c, name := range features.Names() {
		for row := range matrix.Rows {
			want, got := matrix.Row(row)[c], read[name][row]
			if math.IsNaN(float64(want)) != got.IsNull() || !got.IsNull() && got.Float() != want {
				t.Fatalf("row %d, %s: %v, want %v", row, name, got, want)
			}
			if got.IsNull() {
				missing++
			}
		}
	}
	if missing == 0 {
		t.Error("nothing is missing in the whole cohort")
	}
	folds := model.Folds(stays, 3, 4)
	for i := range stays {
		for hour, observation := range stays[i].Observations {
			row := rows.Starts[i] + hour
			if string(read["stay_id"][row].ByteArray()) != stays[i].ID || int(read["fold"][row].Int32()) != folds[i] ||
				int(read["row_hour"][row].Int32()) != observation.Hour || (read["label"][row].Int32() == 1) != stays[i].Labels[hour] || read["row_snapshot"][row].Boolean() || read["row_bedside"][row].Boolean() {
				t.Fatalf("stay %s, hour %d: %v %v %v %v", stays[i].ID, observation.Hour, read["stay_id"][row], read["fold"][row], read["row_hour"][row], read["label"][row])
			}
		}
	}
	for i, bedside := range rows.Bedside {
		row := rows.Hours() + len(rows.Snapshots) + i
		if string(read["stay_id"][row].ByteArray()) != stays[bedside.Stay].ID || !read["row_bedside"][row].Boolean() || read["row_snapshot"][row].Boolean() != bedside.Alone ||
			(read["label"][row].Int32() == 1) != stays[bedside.Stay].Labels[bedside.Row] {
			t.Fatalf("bedside hour %d: %v %v %v", i, read["stay_id"][row], read["row_snapshot"][row], read["label"][row])
		}
	}
	for i, snapshot := range rows.Snapshots {
		row := rows.Hours() + i
		if string(read["stay_id"][row].ByteArray()) != stays[snapshot.Stay].ID || !read["row_snapshot"][row].Boolean() ||
			(read["label"][row].Int32() == 1) != stays[snapshot.Stay].Labels[snapshot.Row] {
			t.Fatalf("snapshot %d: %v %v", i, read["stay_id"][row], read["label"][row])
		}
	}
}

// TestSchemaTellsFeaturesAndUnits: whoever opens the file finds what each column is.
func TestSchemaTellsFeaturesAndUnits(t *testing.T) {
	file, read := written(t, cohort(t, 3))
	text, told := file.Lookup("sepsis.schema")
	var schema featurefile.Schema
	if err := json.Unmarshal([]byte(text), &schema); !told || err != nil {
		t.Fatalf("metadata %.80q: %v", text, err)
	}
	if schema.Folds != 3 || schema.Seed != 4 || schema.Program != "test" || schema.Digest != features.Digest() {
		t.Errorf("schema says %d folds, seed %d, %q, %s", schema.Folds, schema.Seed, schema.Program, schema.Digest)
	}
	units := map[string]string{}
	for i, column := range schema.Features {
		if column.Name != features.Names()[i] || read[column.Name] == nil {
			t.Errorf("feature %d is %q, %q in the program", i, column.Name, features.Names()[i])
		}
		units[column.Source] = column.SourceUnit
	}
	if units["lactate"] != "mmol/L" || units["temperature"] != "Cel" || units["age"] != "a" {
		t.Errorf("units of lactate, temperature and age: %q, %q, %q", units["lactate"], units["temperature"], units["age"])
	}
	for name := range read {
		if !slices.Contains(features.Names(), name) && !slices.Contains(schema.Others, name) {
			t.Errorf("%s is neither a feature nor told not to be one", name)
		}
	}
}

// Stays without labels can be exported, for predicting elsewhere.
func TestWithoutLabels(t *testing.T) {
	stays := cohort(t, 2)
	for i := range stays {
		stays[i].Labels = nil
	}
	_, read := written(t, stays)
	for row, label := range read["label"] {
		if !label.IsNull() || !read["utility_gain"][row].IsNull() {
			t.Fatalf("row %d: label %v, gain %v", row, label, read["utility_gain"][row])
		}
	}
}
