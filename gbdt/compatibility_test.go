package gbdt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
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
		m := exchanged(t, into)
		largest := 0.0
		for _, name := range []string{"model.json", "model.ubj"} {
			booster := readExchanged(t, filepath.Join(into, name))
			for file, got := range answers(booster, m) {
				expected := make([]float32, m.Rows)
				readLittle(t, into, file, expected)
				largest = max(largest, difference(got, expected))
			}
			writeExchanged(t, into, booster)
		}
		writeFile(t, filepath.Join(into, "difference.txt"), []byte(fmt.Sprint(largest)))
	}
	for _, depth := range []int{1, 6, 12} {
		for _, missing := range []float64{0, 0.3} {
			ownExchanged(t, dir, depth, missing, 0)
		}
	}
	for _, base := range []float64{1e-6, 0.9, 0.9999, 0.999999} {
		ownExchanged(t, dir, 6, 0.3, base)
	}
}

// ownExchanged trains a model, and leaves it with what we predict.
func ownExchanged(t *testing.T, dir string, depth int, missing, base float64) {
	t.Helper()
	m, labels := synthetic(800, 6, missing, 12)
	o := gbdt.Options{Rounds: 15, LearningRate: 0.2, MaxDepth: depth, Lambda: 1, MinChildWeight: 1, BaseScore: base}
	name := ""
	if base > 0 { // far from what the labels say: held back, or trees first leap hundreds to and fro, and float32 forgets the base
		name, o.Lambda, o.MinChildWeight = fmt.Sprint(base), 1000, 0
	}
	booster := train(t, m, labels, o)
	into := filepath.Join(dir, "gbdt", fmt.Sprintf("own_depth%d_missing%.0f_base%s", depth, 100*missing, name))
	if err := os.MkdirAll(into, 0o750); err != nil { //nolint:gosec // the script's own folder
		t.Fatal(err)
	}
	writeExchanged(t, into, booster)
	writeFile(t, filepath.Join(into, "features.f32"), little(t, m.Values))
	for file, values := range answers(booster, m) {
		expected := make([]float32, len(values))
		for i, v := range values {
			expected[i] = float32(v)
		}
		writeFile(t, filepath.Join(into, file), little(t, expected))
	}
	writeFile(t, filepath.Join(into, "shape.i32"), little(t, []int32{int32(m.Rows), int32(m.Cols)})) //nolint:gosec // small
}

// answers are what XGBoost's predict gives, by the file that keeps it: probabilities, or numbers; and margins.
func answers(b *gbdt.Booster, m gbdt.Matrix) map[string][]float64 {
	margins := b.Margins(m, 1)
	predictions := slices.Clone(margins)
	if b.Objective() == gbdt.Logistic {
		for i, margin := range margins {
			predictions[i] = 1 / (1 + math.Exp(-margin))
		}
	}
	return map[string][]float64{"predictions.f32": predictions, "margins.f32": margins}
}

// difference is the largest, of 1 or of the largest number where that is more: XGBoost adds with floats of 32 bits, which hold 7 digits.
func difference(got []float64, expected []float32) float64 {
	largest, scale := 0.0, 1.0
	for i, v := range expected {
		largest = max(largest, math.Abs(got[i]-float64(v)))
		scale = max(scale, math.Abs(float64(v)))
	}
	return largest / scale
}

// exchanged reads the rows of a model.
func exchanged(t *testing.T, dir string) gbdt.Matrix {
	t.Helper()
	var shape [2]int32
	readLittle(t, dir, "shape.i32", &shape)
	m := gbdt.Matrix{Rows: int(shape[0]), Cols: int(shape[1]), Values: make([]float32, shape[0]*shape[1])}
	readLittle(t, dir, "features.f32", m.Values)
	return m
}

func readLittle(t *testing.T, dir, name string, into any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // the script's own folder
	if err == nil {
		_, err = binary.Decode(content, binary.LittleEndian, into)
	}
	if err != nil {
		t.Fatal(err)
	}
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
