package evaluate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// TestShippedModelIsGoodEnough holds the figures of the shipped model to what was promised: the utility that a plain
// XGBoost ensemble reached on the same data was 0.420, 0.434 and 0.397; counting ICU hours reaches 0.28.
func TestShippedModelIsGoodEnough(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "docs", "out-of-fold.json"))
	if err != nil {
		t.Fatal(err)
	}
	var written, carried evaluate.Evidence
	if err := json.Unmarshal(file, &written); err != nil {
		t.Fatal(err)
	}
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(shipped.Bundle().Evidence, &carried); err != nil {
		t.Fatal(err)
	}
	if written.Table() != carried.Table() {
		t.Error("docs/out-of-fold.json is not of the shipped model")
	}
	floors := map[string]float64{"pooled": 0.415, "training_setA": 0.43, "training_setB": 0.39}
	for _, g := range carried.Groups {
		if floor, promised := floors[g.Name]; promised && g.Utility.Value < floor {
			t.Errorf("%s: utility %.4f, promised %.3f", g.Name, g.Utility.Value, floor)
		}
		delete(floors, g.Name)
		if g.Name != evaluate.NowOnly && g.Utility.Low <= g.HoursRule.High {
			t.Errorf("%s: utility %.3f is not clearly above %.3f of counting hours", g.Name, g.Utility.Low, g.HoursRule.High)
		}
	}
	if len(floors) > 0 {
		t.Errorf("no figures for %v", floors)
	}
}
