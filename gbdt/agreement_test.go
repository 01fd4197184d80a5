package gbdt_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// agreementDir is the directory that testdata/xgboost_agreement.py and testdata/lightgbm_agreement.py share with these tests; its
// documentation says how. Without it there is no XGBoost to compare with.
func agreementDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SEPSIS_XGBOOST_DIR")
	if dir == "" {
		t.Skip("SEPSIS_XGBOOST_DIR is not set")
	}
	return dir
}

// TestReadsWhatXGBoostWrote compares our margins and contributions with XGBoost's, for the models that it trained.
func TestReadsWhatXGBoostWrote(t *testing.T) {
	compareModels(t, filepath.Join(agreementDir(t), "xgboost", "*"))
}

// TestReadsWhatLightGBMWrote is the same for LightGBM.
func TestReadsWhatLightGBMWrote(t *testing.T) {
	compareModels(t, filepath.Join(agreementDir(t), "lightgbm", "*"))
}

// TestAgreesOnSmallModels compares with the models below testdata/models, which XGBoost 3.2.0 and LightGBM 4.7.0 made with
// testdata/xgboost_agreement.py and testdata/lightgbm_agreement.py.
func TestAgreesOnSmallModels(t *testing.T) {
	compareModels(t, filepath.Join("testdata", "models", "*"))
}

// compareModels compares with what the library that made the models says of their rows.
func compareModels(t *testing.T, pattern string) {
	t.Helper()
	models, err := filepath.Glob(pattern)
	if err != nil || len(models) == 0 {
		t.Fatalf("no models in %s: %v", pattern, err)
	}
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			booster := readModel(t, model)
			features := readTable(t, model, "features.csv")
			margins, contributions := readTable(t, model, "margins.csv"), readTable(t, model, "contributions.csv")
			explainer, out := gbdt.NewExplainer(booster), make([]float64, features.Cols)
			for i, margin := range booster.Margins(features, 1) {
				agree(t, i, "margin", margin, margins.Row(i)[0])
				expected := contributions.Row(i)
				agree(t, i, "base", explainer.Contributions(features.Row(i), out), expected[features.Cols])
				for f, v := range out {
					agree(t, i, fmt.Sprintf("contribution of feature %d", f), v, expected[f])
				}
			}
		})
	}
}

func agree(t *testing.T, row int, what string, got float64, want float32) {
	t.Helper()
	if !(math.Abs(got-float64(want)) <= 1e-5) {
		t.Fatalf("row %d: %s %v, there it is %v", row, what, got, want)
	}
}

// readModel reads the one model in a directory.
func readModel(t *testing.T, dir string) *gbdt.Booster {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "model.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("models %q in %s: %v", files, dir, err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	read := gbdt.ReadXGBoost
	if filepath.Ext(files[0]) == ".txt" {
		read = gbdt.ReadLightGBM
	}
	booster, err := read(file, gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return booster
}

// TestWritesForXGBoost leaves models with their margins for XGBoost to check.
func TestWritesForXGBoost(t *testing.T) {
	dir := agreementDir(t)
	trained, labels := synthetic(500, 9, 0.2, 11)
	boosters := map[string]*gbdt.Booster{}
	for name, o := range someOptions() {
		boosters[name] = train(t, trained, labels, o)
	}
	average, err := gbdt.Average(boosters["depth"], boosters["leaf"], boosters["sampled"])
	if err != nil {
		t.Fatal(err)
	}
	boosters["average"] = average
	for name, label := range map[string]float32{"no_event": 0, "all_events": 1} {
		one := make([]float32, trained.Rows)
		for i := range one {
			one[i] = label
		}
		boosters[name] = train(t, trained, one, someOptions()["depth"])
	}
	rows := map[string]gbdt.Matrix{}
	for _, name := range []string{"lightgbm_nan", "lightgbm_estimate", "xgboost_estimate_ubj"} {
		dir := filepath.Join("testdata", "models", name)
		boosters[name], rows[name] = readModel(t, dir), readTable(t, dir, "features.csv")
	}
	for name, booster := range boosters {
		m, other := rows[name]
		if !other {
			m = trained
		}
		into := filepath.Join(dir, "gbdt", name)
		if err := os.MkdirAll(into, 0o750); err != nil {
			t.Fatal(err)
		}
		files := map[string]*bytes.Buffer{}
		for _, file := range []string{"model.json", "model.ubj", "features.csv", "margins.csv", "contributions.csv"} {
			files[file] = &bytes.Buffer{}
		}
		if err := errors.Join(booster.WriteXGBoost(files["model.json"]), booster.WriteXGBoostUBJSON(files["model.ubj"])); err != nil {
			t.Fatal(err)
		}
		explainer := gbdt.NewExplainer(booster)
		contributions := explainer.ContributionsOf(m, 1)
		for i, margin := range booster.Margins(m, 1) {
			_, _ = files["margins.csv"].WriteString(csvLine([]float64{margin})) // a buffer takes everything
			_, _ = files["features.csv"].WriteString(csvLine(m.Row(i)))
			_, _ = files["contributions.csv"].WriteString(csvLine(append(contributions[i*m.Cols:(i+1)*m.Cols:(i+1)*m.Cols], explainer.Base())))
		}
		for file, content := range files {
			if err := os.WriteFile(filepath.Join(into, file), content.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// csvLine writes one row, in which a missing value is an empty cell.
func csvLine[T float32 | float64](row []T) string {
	cells := make([]string, len(row))
	for i, v := range row {
		if !math.IsNaN(float64(v)) {
			cells[i] = strconv.FormatFloat(float64(v), 'g', -1, 64)
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
