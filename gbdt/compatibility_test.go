package gbdt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// TestCompatibility is our side of testdata/compatibility.py: it reads the models of each version of XGBoost, leaves the largest difference
// of predictions in difference.txt, and writes each model again, and some of our own below gbdt.
func TestCompatibility(t *testing.T) {
	dir := os.Getenv("SEPSIS_COMPATIBILITY_DIR")
	if dir == "" {
		t.Skip("SEPSIS_COMPATIBILITY_DIR is not set")
	}
	models, err := filepath.Glob(filepath.Join(dir, "*", "*", "model.json"))
	if err != nil || len(models) == 0 {
		t.Fatalf("no models in %s: %v", dir, err)
	}
	for _, path := range models {
		into := filepath.Dir(path)
		m, expected := exchanged(t, into)
		largest := 0.0
		for _, name := range []string{"model.json", "model.ubj"} {
			booster := readExchanged(t, filepath.Join(into, name))
			for i, got := range predictions(booster, m) {
				largest = max(largest, math.Abs(got-float64(expected[i])))
			}
			writeExchanged(t, into, booster)
		}
		writeFile(t, filepath.Join(into, "difference.txt"), []byte(fmt.Sprint(largest)))
	}
	for _, depth := range []int{1, 6, 12} {
		for _, missing := range []float64{0, 0.3} {
			m, labels := synthetic(800, 6, missing, 12)
			booster := train(t, m, labels, gbdt.Options{Rounds: 15, LearningRate: 0.2, MaxDepth: depth, Lambda: 1, MinChildWeight: 1})
			into := filepath.Join(dir, "gbdt", fmt.Sprintf("own_depth%d_missing%.0f", depth, 100*missing))
			if err := os.MkdirAll(into, 0o750); err != nil { //nolint:gosec // the script's own folder
				t.Fatal(err)
			}
			var expected []float32
			for _, p := range predictions(booster, m) {
				expected = append(expected, float32(p))
			}
			writeExchanged(t, into, booster)
			writeFile(t, filepath.Join(into, "features.f32"), little(t, m.Values))
			writeFile(t, filepath.Join(into, "predictions.f32"), little(t, expected))
			writeFile(t, filepath.Join(into, "shape.i32"), little(t, []int32{int32(m.Rows), int32(m.Cols)})) //nolint:gosec // small
		}
	}
}

// predictions are what XGBoost's predict gives: probabilities, or numbers.
func predictions(b *gbdt.Booster, m gbdt.Matrix) []float64 {
	made := b.Margins(m, 1)
	if b.Objective() == gbdt.Logistic {
		for i, margin := range made {
			made[i] = 1 / (1 + math.Exp(-margin))
		}
	}
	return made
}

// exchanged reads the rows of a model and what XGBoost predicts for them.
func exchanged(t *testing.T, dir string) (gbdt.Matrix, []float32) {
	t.Helper()
	read := func(name string, into any) {
		content, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // the script's own folder
		if err == nil {
			_, err = binary.Decode(content, binary.LittleEndian, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var shape [2]int32
	read("shape.i32", &shape)
	m := gbdt.Matrix{Rows: int(shape[0]), Cols: int(shape[1]), Values: make([]float32, shape[0]*shape[1])}
	expected := make([]float32, m.Rows)
	read("features.f32", m.Values)
	read("predictions.f32", expected)
	return m, expected
}

func readExchanged(t *testing.T, path string) *gbdt.Booster {
	t.Helper()
	file, err := os.Open(path) //nolint:gosec // the script's own folder
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	booster, err := gbdt.ReadXGBoost(file, gbdt.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return booster
}

func writeExchanged(t *testing.T, dir string, booster *gbdt.Booster) {
	t.Helper()
	var asJSON, asUBJSON bytes.Buffer
	if err := booster.WriteXGBoost(&asJSON); err != nil {
		t.Fatal(err)
	}
	if err := booster.WriteXGBoostUBJSON(&asUBJSON); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "written.json"), asJSON.Bytes())
	writeFile(t, filepath.Join(dir, "written.ubj"), asUBJSON.Bytes())
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil { //nolint:gosec // the script's own folder
		t.Fatal(err)
	}
}

func little(t *testing.T, values any) []byte {
	t.Helper()
	content, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
