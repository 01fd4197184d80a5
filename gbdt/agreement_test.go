package gbdt_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// agreementDir is the directory that testdata/xgboost_agreement.py shares with these tests; its
// documentation says how. Without it there is no XGBoost to compare with.
func agreementDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SEPSIS_XGBOOST_DIR")
	if dir == "" {
		t.Skip("SEPSIS_XGBOOST_DIR is not set")
	}
	return dir
}

// TestReadsWhatXGBoostWrote compares our margins with XGBoost's, for the models that it trained.
func TestReadsWhatXGBoostWrote(t *testing.T) {
	dir := agreementDir(t)
	models, err := filepath.Glob(filepath.Join(dir, "xgboost", "*"))
	if err != nil || len(models) == 0 {
		t.Fatalf("no models of XGBoost in %s: %v", dir, err)
	}
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			file, err := os.Open(filepath.Join(model, "model.json"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			booster, err := gbdt.ReadXGBoost(file, gbdt.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			features, expected := readTable(t, model, "features.csv"), readTable(t, model, "margins.csv")
			for i, margin := range booster.Margins(features, 1) {
				if difference := math.Abs(margin - float64(expected.Row(i)[0])); !(difference <= 1e-5) {
					t.Fatalf("row %d: margin %v, XGBoost has %v", i, margin, expected.Row(i)[0])
				}
			}
		})
	}
}

// TestWritesForXGBoost leaves models with their margins for XGBoost to check.
func TestWritesForXGBoost(t *testing.T) {
	dir := agreementDir(t)
	m, labels := synthetic(500, 9, 0.2, 11)
	boosters := map[string]*gbdt.Booster{}
	for name, o := range someOptions() {
		boosters[name] = train(t, m, labels, o)
	}
	average, err := gbdt.Average(boosters["depth"], boosters["leaf"], boosters["sampled"])
	if err != nil {
		t.Fatal(err)
	}
	boosters["average"] = average
	for name, booster := range boosters {
		into := filepath.Join(dir, "gbdt", name)
		if err := os.MkdirAll(into, 0o750); err != nil {
			t.Fatal(err)
		}
		var model, features, margins bytes.Buffer
		if err := booster.WriteXGBoost(&model); err != nil {
			t.Fatal(err)
		}
		for i, margin := range booster.Margins(m, 1) {
			margins.WriteString(strconv.FormatFloat(margin, 'g', -1, 64) + "\n")
			features.WriteString(csvLine(m.Row(i)))
		}
		for file, content := range map[string]*bytes.Buffer{"model.json": &model, "features.csv": &features, "margins.csv": &margins} {
			if err := os.WriteFile(filepath.Join(into, file), content.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func csvLine(row []float32) string {
	cells := make([]string, len(row))
	for i, v := range row {
		if v == v {
			cells[i] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
	}
	return strings.Join(cells, ",") + "\n"
}

// readTable reads a CSV file without header, in which an empty cell is missing.
func readTable(t *testing.T, dir, name string) gbdt.Matrix {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := gbdt.Matrix{Rows: len(records), Cols: len(records[0])}
	for _, record := range records {
		for _, cell := range record {
			v := math.NaN()
			if cell != "" {
				if v, err = strconv.ParseFloat(cell, 32); err != nil {
					t.Fatal(err)
				}
			}
			m.Values = append(m.Values, float32(v))
		}
	}
	return m
}

// someOptions are trainings that together use every option.
func someOptions() map[string]gbdt.Options {
	return map[string]gbdt.Options{
		"depth": {Rounds: 20, LearningRate: 0.2, MaxDepth: 4, Lambda: 1, MinChildWeight: 1},
		"leaf": {
			Rounds: 20, LearningRate: 0.3, Growth: gbdt.LeafWise, MaxLeaves: 12, Lambda: 0.5, Alpha: 0.1, Gamma: 0.2,
			BaseScore: 0.3,
		},
		"sampled": {
			Rounds: 20, LearningRate: 0.2, MaxDepth: 5, MaxLeaves: 20, Lambda: 2, MinChildWeight: 0.5, RowSample: 0.4,
			Sampling: gbdt.GradientBased, ColumnSample: 0.7, ColumnSampleByNode: 0.6, Seed: 5,
		},
		"uniform": {Rounds: 20, LearningRate: 0.2, MaxDepth: 5, Lambda: 1, RowSample: 0.6, Seed: 6},
	}
}

// train fits a booster to all rows.
func train(t testing.TB, m gbdt.Matrix, labels []float32, o gbdt.Options) *gbdt.Booster {
	t.Helper()
	d, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		t.Fatal(err)
	}
	booster, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(m.Rows), Labels: labels}, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return booster
}
