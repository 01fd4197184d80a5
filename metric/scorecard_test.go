package metric_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/metric"
)

const vectors = "testdata/score-vectors"

// officialCard is what evaluate_sepsis_score.py printed, from expected.json.
type officialCard struct {
	AUROC, AUPRC, Accuracy, Utility float64
	FMeasure                        float64 `json:"F-measure"`
}

func readOfficial(t *testing.T) map[string]officialCard {
	t.Helper()
	var cards map[string]officialCard
	readJSON(t, filepath.Join(vectors, "expected.json"), &cards)
	if len(cards) != 6 {
		t.Fatalf("expected.json holds %d folders, want 6", len(cards))
	}
	return cards
}

// column reads one column of a pipe-separated file.
func column(t *testing.T, path, name string) []float64 {
	t.Helper()
	body, err := os.ReadFile(path) //nolint:gosec // the test's own data
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(body))
	at := slices.Index(strings.Split(lines[0], "|"), name)
	if at < 0 {
		t.Fatalf("%s has no column %s", path, name)
	}
	values := make([]float64, len(lines)-1)
	for i, line := range lines[1:] {
		if values[i], err = strconv.ParseFloat(strings.Split(line, "|")[at], 64); err != nil {
			t.Fatalf("%s line %d: %v", path, i+2, err)
		}
	}
	return values
}

func ones(values []float64) []bool {
	out := make([]bool, len(values))
	for i, value := range values {
		out[i] = value == 1
	}
	return out
}

func readStays(t *testing.T, folder string) []metric.Stay {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectors, folder, "labels", "*.psv"))
	if err != nil || len(files) != 12 {
		t.Fatalf("%s: %d label files, %v; want 12", folder, len(files), err)
	}
	var stays []metric.Stay
	for _, file := range files {
		predicted := filepath.Join(vectors, folder, "predictions", filepath.Base(file))
		stays = append(stays, metric.Stay{
			Labels:        ones(column(t, file, "SepsisLabel")),
			Predictions:   ones(column(t, predicted, "PredictedLabel")),
			Probabilities: column(t, predicted, "PredictedProbability"),
		})
	}
	return stays
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

func TestScoreAgreesWithOfficialScorer(t *testing.T) {
	scikitLearn := readReference(t).ScoreVectors
	for folder, want := range readOfficial(t) {
		if folder == "probabilities-0-and-1" || folder == "ties" { // see testdata/README.md
			want.AUROC, want.AUPRC = scikitLearn[folder].AUROC, scikitLearn[folder].AUPRC
		}
		got, err := metric.Score(readStays(t, folder))
		if err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		for name, pair := range map[string][2]float64{
			"AUROC":     {got.AUROC, want.AUROC},
			"AUPRC":     {got.AUPRC, want.AUPRC},
			"Accuracy":  {got.Accuracy, want.Accuracy},
			"F-measure": {got.FMeasure, want.FMeasure},
			"Utility":   {got.Utility, want.Utility},
		} {
			if !near(pair[0], pair[1]) {
				t.Errorf("%s %s: got %v, want %v", folder, name, pair[0], pair[1])
			}
		}
	}
}

// The two departures from the official scorer are exactly the steps of the curve that it drops.
func TestOfficialScorerDropsEndSteps(t *testing.T) {
	for folder, official := range readOfficial(t) {
		stays := readStays(t, folder)
		got, err := metric.Score(stays)
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		atZero, atOne, all := countAt(stays, 0), countAt(stays, 1), countAt(stays, -1)
		positives, negatives := all[0], all[1]
		first := atOne[0] / positives
		last := atZero[0] / positives
		lostAUROC := first*(1-atOne[1]/negatives/2) + last*(atZero[1]/negatives/2)
		lostAUPRC := last * positives / (positives + negatives)
		if atOne[0] > 0 {
			lostAUPRC += first * atOne[0] / (atOne[0] + atOne[1])
		}
		if !near(official.AUROC+lostAUROC, got.AUROC) || !near(official.AUPRC+lostAUPRC, got.AUPRC) {
			t.Errorf("%s: official AUROC %v + %v, AUPRC %v + %v; got %v, %v", folder, official.AUROC, lostAUROC, official.AUPRC, lostAUPRC, got.AUROC, got.AUPRC)
		}
	}
}

// countAt counts positive and negative rows of one probability, or of any if it is below 0.
func countAt(stays []metric.Stay, probability float64) (count [2]float64) {
	for _, stay := range stays {
		for row, p := range stay.Probabilities {
			if probability >= 0 && p != probability {
				continue
			}
			if stay.Labels[row] {
				count[0]++
			} else {
				count[1]++
			}
		}
	}
	return count
}

func TestScoreNamesTheBadStay(t *testing.T) {
	good := metric.Stay{Labels: bools(0, 1), Predictions: bools(0, 1), Probabilities: []float64{0.1, 0.9}}
	for name, bad := range map[string]metric.Stay{
		"no rows":              {},
		"2 labels but 1 pred":  {Labels: bools(0, 1), Predictions: bools(0), Probabilities: []float64{0.1, 0.9}},
		"2 labels but 3":       {Labels: bools(0, 1), Predictions: bools(0, 1), Probabilities: []float64{0.1, 0.9, 0.5}},
		"row 1: the probabili": {Labels: bools(0, 1), Predictions: bools(0, 1), Probabilities: []float64{0.1, 1.5}},
		"row 0: the score is ": {Labels: bools(0, 1), Predictions: bools(0, 1), Probabilities: []float64{math.NaN(), 0.5}},
	} {
		_, err := metric.Score([]metric.Stay{good, good, bad})
		if err == nil || !strings.HasPrefix(err.Error(), "stay 2: ") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestScoreOfCohortWithoutSepsisGivesEveryReason(t *testing.T) {
	stay := metric.Stay{Labels: bools(0, 0), Predictions: bools(0, 0), Probabilities: []float64{0.1, 0.2}}
	for _, cohort := range [][]metric.Stay{nil, {stay}} {
		card, err := metric.Score(cohort)
		if _, undefined := errors.AsType[*metric.UndefinedError](err); !undefined || card != (metric.Scorecard{}) {
			t.Fatalf("got %v, %v; want an undefined error and no card", card, err)
		}
		for _, name := range []string{"AUROC", "AUPRC", "F-measure", "utility"} {
			if !strings.Contains(err.Error(), name+" is undefined") {
				t.Errorf("%q does not mention %s", err, name)
			}
		}
		if strings.Contains(err.Error(), "accuracy is undefined") != (len(cohort) == 0) {
			t.Errorf("accuracy in %q", err)
		}
	}
}
