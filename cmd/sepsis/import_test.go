package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

// elsewhere trains trees on some of the columns that are exported, in reverse order, without one fold, as a colleague with other tools would.
func elsewhere(t *testing.T, data, out string, fold int) *gbdt.Booster {
	t.Helper()
	cohort, err := challenge.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cohort.Close() }()
	stays, _, err := cohort.ReadAll(t.Context(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := model.NewRows(stays, 1)
	all, err := rows.Matrix(t.Context(), stays, 1)
	if err != nil {
		t.Fatal(err)
	}
	const columns = 100
	m := gbdt.Matrix{Rows: rows.Hours(), Cols: columns}
	for c := range columns {
		m.Names = append(m.Names, all.Names[columns-1-c])
	}
	subset := gbdt.Subset{Labels: make([]float32, m.Rows)}
	folds := model.Folds(stays, 5, 1)
	for i := range stays {
		for hour, septic := range stays[i].Labels {
			row := rows.Starts[i] + hour
			for c := range columns {
				m.Values = append(m.Values, all.Row(row)[columns-1-c])
			}
			if septic {
				subset.Labels[row] = 1
			}
			if folds[i] != fold {
				subset.Rows = append(subset.Rows, int32(row)) //nolint:gosec // a small cohort
			}
		}
	}
	dataset, err := gbdt.NewDataset(m, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	booster, err := gbdt.Train(t.Context(), dataset, subset, nil, gbdt.Options{Rounds: 10, LearningRate: 0.3, MaxDepth: 3, Lambda: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := booster.WriteXGBoostUBJSON(&content); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return booster
}

// calibration is what a bundle file holds.
func calibration(t *testing.T, bundle string) model.Calibration {
	t.Helper()
	archive, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	entry, err := archive.Open("bundle.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Calibration model.Calibration }
	content, err := io.ReadAll(entry)
	if err == nil {
		err = json.Unmarshal(content, &manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Calibration
}

// TestImportedTreesServe: trees on some columns in another order give through the program what they give themselves.
func TestImportedTreesServe(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, "data", "synth", "--out", path("data"), "--stays", "200", "--septic-share", "0.4")
	booster := elsewhere(t, path("data"), path("trees.ubj"), 1)
	printed := must(t, "model", "import", "--data", path("data"), "--trees", path("trees.ubj"), "--fold", "1", "--out", path("m.sepsis"))
	if !strings.Contains(printed, "fold 1") || !strings.Contains(printed, "SYNTHETIC") {
		t.Errorf("import printed %q", printed)
	}
	must(t, "predict", "--data", path("data"), "--model", path("m.sepsis"), "--out", path("out"))
	fitted := calibration(t, path("m.sepsis"))
	cohort, err := challenge.Open(path("data"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cohort.Close() }()
	stays, _, err := cohort.ReadAll(t.Context(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	row, part := make([]float32, features.Count()), make([]float32, 100)
	for i := range stays[:20] {
		content, err := os.ReadFile(filepath.Join(path("out"), stays[i].Hospital, stays[i].ID+".psv"))
		if err != nil {
			t.Fatal(err)
		}
		extractor := features.NewExtractor(&stays[i].Stay)
		for hour, line := range strings.Split(strings.TrimSpace(string(content)), "\n")[1:] {
			extractor.Next(&stays[i].Observations[hour], row)
			for c := range part {
				part[c] = row[len(part)-1-c]
			}
			got, err := strconv.ParseFloat(strings.Split(line, "|")[0], 64)
			if want := fitted.Probability(booster.Margin(part)); err != nil || math.Abs(got-want) > 1e-9 {
				t.Fatalf("stay %s, hour %d: %v, the trees say %v (%v)", stays[i].ID, hour, got, want, err)
			}
		}
	}
	card := must(t, "model", "card", "--model", path("m.sepsis"))
	if !strings.Contains(card, "trained elsewhere and imported (trees.ubj)") {
		t.Error("the card does not say that the trees were imported")
	}
}

func TestImportRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, "data", "synth", "--out", path("data"), "--stays", "60", "--septic-share", "0.4")
	elsewhere(t, path("data"), path("trees.ubj"), 0)
	write := func(name, content string) {
		if err := os.WriteFile(path(name), []byte(content), 0o600); err != nil { //nolint:gosec // in a folder of the test
			t.Fatal(err)
		}
	}
	write("hostile.json", `{"learner": {"learner_model_param": {"num_feature": "99999999999"}}}`)
	for name, source := range map[string][]string{"nameless.txt": {"models", "lightgbm_nan", "model.txt"}, "stopped.json": {"stopped", "model.json"}} {
		content, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "gbdt", "testdata"}, source...)...)) //nolint:gosec // files of the repository
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(content))
	}
	for _, c := range []struct {
		name, trees, want string
		more              []string
	}{
		{"not trees", "hostile.json", "hostile.json", nil},
		{"no feature of ours", "nameless.txt", "which is none of the", nil},
		{"stopped early", "stopped.json", "--rounds best", nil},
		{"stopped early, and it is said which", "stopped.json", "which is none of the", []string{"--rounds", "best"}},
		{"the best round of a training that went to its end", "trees.ubj", "trees.ubj names no best round", []string{"--rounds", "best"}},
		{"no such fold", "trees.ubj", "fold 7: there are folds 0 to 4", []string{"--fold", "7"}},
		{"too few stays in the fold", "trees.ubj", "at least 30 of both", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			arguments := append([]string{"model", "import", "--data", path("data"), "--trees", path(c.trees), "--out", path("m.sepsis")}, c.more...)
			if _, err := sepsisCommand(t, arguments...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if _, err := os.Stat(path("m.sepsis")); err == nil {
				t.Error("a model was written")
			}
		})
	}
}

// TestFeaturesAreWrittenWhole: a file that is there is complete.
func TestFeaturesAreWrittenWhole(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "f.parquet")
	must(t, "data", "synth", "--out", data, "--stays", "10")
	if printed := must(t, "features", "--data", data, "--out", out); !strings.Contains(printed, "in 5 folds") {
		t.Errorf("features printed %q", printed)
	}
	content, err := os.ReadFile(out)
	if err != nil || !bytes.HasPrefix(content, []byte("PAR1")) || !bytes.HasSuffix(content, []byte("PAR1")) {
		t.Errorf("not a whole Parquet file: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
