package gbdt_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"github.com/medtech-detect/sepsis/gbdt"
)

// smallMatrix has six rows of two features, half of them with a missing value, and their outcomes.
func smallMatrix() (gbdt.Matrix, []float32) {
	m := gbdt.Matrix{
		Names: []string{"a", "b"}, Rows: 6, Cols: 2,
		Values: []float32{
			1, 5,
			2, 6,
			1, 7,
			8, nan,
			9, nan,
			7, 6,
		},
	}
	return m, []float32{0, 0, 0, 1, 1, 1}
}

// smallBooster learns from all of them.
func smallBooster() *gbdt.Booster {
	m, labels := smallMatrix()
	data, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		log.Fatal(err)
	}
	rows := gbdt.Subset{Rows: []int32{0, 1, 2, 3, 4, 5}, Labels: labels}
	options := gbdt.Options{Rounds: 20, LearningRate: 0.3, MaxDepth: 2, Lambda: 1}
	booster, err := gbdt.Train(context.Background(), data, rows, nil, options, nil)
	if err != nil {
		log.Fatal(err)
	}
	return booster
}

func probability(margin float64) float64 { return 1 / (1 + math.Exp(-margin)) }

// A booster learns from six rows, half of them with a missing value, and predicts two.
func Example() {
	m := gbdt.Matrix{
		Names: []string{"a", "b"}, Rows: 6, Cols: 2,
		Values: []float32{
			1, 5,
			2, 6,
			1, 7,
			8, nan,
			9, nan,
			7, 6,
		},
	}
	labels := []float32{0, 0, 0, 1, 1, 1}
	data, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		log.Fatal(err)
	}
	booster, err := gbdt.Train(context.Background(), data, gbdt.Subset{Rows: []int32{0, 1, 2, 3, 4, 5}, Labels: labels}, nil,
		gbdt.Options{Rounds: 20, LearningRate: 0.3, MaxDepth: 2, Lambda: 1}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range [][]float32{{1, 6}, {8, nan}} {
		fmt.Printf("%.2f\n", 1/(1+math.Exp(-booster.Margin(row))))
	}
	// Output:
	// 0.08
	// 0.92
}

// Training stops when the loss on rows that it does not learn from has not fallen for three rounds. Of the two, one is unlike
// those learnt from, so it soon rises.
func ExampleTrain_earlyStopping() {
	m, labels := smallMatrix()
	data, err := gbdt.NewDataset(m, 256, 1)
	if err != nil {
		log.Fatal(err)
	}
	labels[2] = 1
	learn := gbdt.Subset{Rows: []int32{0, 1, 3, 4}, Labels: labels}
	check := gbdt.Subset{Rows: []int32{2, 5}, Labels: labels}
	options := gbdt.Options{Rounds: 1000, LearningRate: 0.5, MaxDepth: 2, Lambda: 1, EarlyStopping: 3}
	booster, err := gbdt.Train(context.Background(), data, learn, &check, options, func(p gbdt.Progress) {
		fmt.Printf("round %d: loss %.2f, on the others %.2f\n", p.Round, p.TrainLoss, p.ValidLoss)
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("trees kept:", booster.Trees())
	// Output:
	// round 1: loss 0.54, on the others 0.71
	// round 2: loss 0.43, on the others 0.74
	// round 3: loss 0.35, on the others 0.78
	// round 4: loss 0.30, on the others 0.83
	// trees kept: 1
}

// Many rows at once, on two threads.
func ExampleBooster_Margins() {
	m, _ := smallMatrix()
	for _, margin := range smallBooster().Margins(m, 2) {
		fmt.Printf("%.2f ", probability(margin))
	}
	// Output:
	// 0.08 0.08 0.08 0.92 0.92 0.92
}

// What each feature adds to the expected margin of a row.
func ExampleExplainer_Contributions() {
	booster := smallBooster()
	explainer := gbdt.NewExplainer(booster)
	row, contributions := []float32{8, nan}, make([]float64, 2)
	base := explainer.Contributions(row, contributions)
	fmt.Printf("expected %+.2f", base)
	for f, name := range booster.Features() {
		fmt.Printf(", %s %+.2f", name, contributions[f])
	}
	fmt.Printf(": margin %+.2f, probability %.2f\n", booster.Margin(row), probability(booster.Margin(row)))
	// Output:
	// expected +0.00, a +2.46, b +0.00: margin +2.46, probability 0.92
}

// A model travels to XGBoost, here in its binary format, and back. Python opens the same bytes with
// xgboost.Booster(model_file="model.ubj").
func ExampleBooster_WriteXGBoostUBJSON() {
	booster := smallBooster()
	var file bytes.Buffer
	if err := booster.WriteXGBoostUBJSON(&file); err != nil {
		log.Fatal(err)
	}
	again, err := gbdt.ReadXGBoost(&file, gbdt.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	row := []float32{8, nan}
	fmt.Println(again.Features(), again.Objective(), again.Margin(row) == booster.Margin(row))
	// Output:
	// [a b] binary:logistic true
}

// A model that XGBoost wrote. JSON and UBJSON are told apart by their content; limits protect from files of strangers.
func ExampleReadXGBoost() {
	file, err := os.ReadFile(filepath.Join("testdata", "models", "xgboost_depth4_ubj", "model.ubj"))
	if err != nil {
		log.Fatal(err)
	}
	booster, err := gbdt.ReadXGBoost(bytes.NewReader(file), gbdt.Limits{Bytes: 1 << 20, Trees: 100})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(booster.Objective(), booster.Trees(), len(booster.Features()))
	// Output:
	// binary:logistic 2 4
}

// A model that LightGBM wrote with save_model.
func ExampleReadLightGBM() {
	file, err := os.ReadFile(filepath.Join("testdata", "models", "lightgbm_estimate", "model.txt"))
	if err != nil {
		log.Fatal(err)
	}
	booster, err := gbdt.ReadLightGBM(bytes.NewReader(file), gbdt.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(booster.Objective(), booster.Trees(), booster.Features())
	// Output:
	// reg:squarederror 2 [Column_0 Column_1 Column_2 Column_3]
}
