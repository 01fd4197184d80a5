package challenge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
	"pgregory.net/rapid"
)

const (
	twoLabels      = "HR|ICULOS|SepsisLabel\nNaN|1|0\n80|2|1\n"
	twoPredictions = "PredictedProbability|PredictedLabel\n0.25|0\n0.75|1\n"
)

// The accuracy that the Challenge's official scorer prints for the made-up score vectors (expected.json) comes out
// of the pairs: rows and stays are brought together as the scorer does.
func TestPairAgreesWithOfficialScorer(t *testing.T) {
	vectors := filepath.Join("..", "metric", "testdata", "score-vectors")
	content, err := os.ReadFile(filepath.Join(vectors, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct{ Accuracy float64 }
	if err := json.Unmarshal(content, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) == 0 {
		t.Fatal("no vectors")
	}
	for name, want := range expected {
		scored, err := challenge.Pair(filepath.Join(vectors, name, "labels"), filepath.Join(vectors, name, "predictions"))
		if err != nil {
			t.Fatal(err)
		}
		right, rows := 0, 0
		for _, stay := range scored {
			for i, label := range stay.Labels {
				rows++
				if label == stay.Predictions[i] {
					right++
				}
			}
		}
		if got := float64(right) / float64(rows); len(scored) != 12 || math.Abs(got-want.Accuracy) > 1e-12 {
			t.Errorf("%s: accuracy %v in %d stays, want %v in 12", name, got, len(scored), want.Accuracy)
		}
	}
}

func TestPair(t *testing.T) {
	labels := func(rows int) string { return "SepsisLabel\n" + strings.Repeat("1\n", rows) }
	predictions := func(rows int) string {
		return "PredictedLabel|PredictedProbability\n" + strings.Repeat("1|0.5\n", rows)
	}
	tests := []struct {
		name                string
		labels, predictions map[string]string
		want                string // the stays with their rows, or parts of the error
	}{
		{
			"folders mirrored, ids repeated",
			map[string]string{"A/p1.psv": labels(1), "B/p1.psv": labels(2)},
			map[string]string{"A/p1.psv": predictions(1), "B/p1.psv": predictions(2)},
			"A/p1 1, B/p1 2",
		},
		{
			"predictions in one folder",
			map[string]string{"A/p1.psv": labels(1), "B/p2.psv": labels(2)},
			map[string]string{"out/p2.psv": predictions(2), "out/p1.psv": predictions(1)},
			"A/p1 1, B/p2 2",
		},
		{
			"labels ambiguous",
			map[string]string{"A/p1.psv": labels(1), "B/p1.psv": labels(1)},
			map[string]string{"out/p1.psv": predictions(1)},
			"A/p1.psv and |B/p1.psv have the same id; put the predictions into folders",
		},
		{
			"predictions ambiguous",
			map[string]string{"A/p1.psv": labels(1)},
			map[string]string{"x/p1.psv": predictions(1), "y/p1.psv": predictions(1)},
			"x/p1.psv and |y/p1.psv have the same id",
		},
		{
			"everything that is wrong at once",
			map[string]string{"A/p1.psv": labels(1), "A/p2.psv": labels(1), "A/p3.psv": labels(3)},
			map[string]string{"A/p1.psv": predictions(1), "A/p3.psv": predictions(2), "A/p4.psv": predictions(1)},
			"labels without predictions (1): |A/p2.psv|predictions without labels (1): |A/p4.psv|row counts differ (1): |A/p3.psv has 3 rows, but |A/p3.psv has 2",
		},
		{
			"names of many",
			map[string]string{"A/p1.psv": labels(1)},
			manyPredictions(30),
			"labels without predictions (1): |A/p1.psv|predictions without labels (30): |p009.psv and 20 more",
		},
		{
			"no label column",
			map[string]string{"A/p1.psv": "HR|ICULOS\n80|1\n"},
			map[string]string{"A/p1.psv": predictions(1)},
			"A/p1.psv:1: the column SepsisLabel is missing",
		},
		{
			"hours out of order",
			map[string]string{"A/p1.psv": "ICULOS|SepsisLabel\n2|0\n1|0\n"},
			map[string]string{"A/p1.psv": predictions(2)},
			"A/p1.psv:3: column ICULOS: the hour 1 comes after 2",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scored, err := challenge.Pair(folder(t, test.labels), folder(t, test.predictions))
			var stays []string
			for _, s := range scored {
				if len(s.Labels) != len(s.Predictions) || len(s.Labels) != len(s.Probabilities) {
					t.Errorf("%s has slices of different length", s.ID)
				}
				stays = append(stays, fmt.Sprintf("%s/%s %d", s.Hospital, s.ID, len(s.Labels)))
			}
			got := strings.Join(stays, ", ")
			if err != nil {
				got += err.Error()
			}
			for _, part := range strings.Split(test.want, "|") {
				if !strings.Contains(got, part) {
					t.Errorf("gives %q, want %q", got, part)
				}
			}
		})
	}
}

func manyPredictions(n int) map[string]string {
	files := make(map[string]string)
	for i := range n {
		files[fmt.Sprintf("out/p%03d.psv", i)] = twoPredictions
	}
	return files
}

func TestReadLabelsAndPredictions(t *testing.T) {
	labels, err := challenge.ReadLabels(archive(t, "a.zip", map[string]string{"A/p1.psv": twoLabels}))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%d %s/%s %v", len(labels), labels[0].Hospital, labels[0].ID, labels[0].Labels); got != "1 A/p1 [false true]" {
		t.Errorf("labels are %s", got)
	}
	predictions, err := challenge.ReadPredictions(folder(t, map[string]string{"A/p1.psv": twoPredictions}))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s/%s %v %v", predictions[0].Hospital, predictions[0].ID, predictions[0].Probabilities, predictions[0].Predictions); got != "A/p1 [0.25 0.75] [false true]" {
		t.Errorf("predictions are %s", got)
	}
}

func TestReadPredictionsRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"PredictedProbability\n0.5\n":                        ":1: the column PredictedLabel is missing",
		"PredictedLabel\n1\n":                                ":1: the column PredictedProbability is missing",
		"PredictedProbability|PredictedLabel|HR\n0.5|1|80\n": `:1: unknown column "HR"`,
		"PredictedProbability|PredictedLabel\n":              ":1: no rows after the header",
		"PredictedProbability|PredictedLabel\n1.01|1\n":      ":2: column PredictedProbability: 1.01 is not a probability from 0 to 1",
		"PredictedProbability|PredictedLabel\nNaN|1\n":       ":2: column PredictedProbability: NaN is not a probability from 0 to 1",
		"PredictedProbability|PredictedLabel\n0.5|true\n":    `:2: column PredictedLabel: "true" is not a number`,
		"PredictedProbability|PredictedLabel\n0.5|NaN\n":     ":2: column PredictedLabel: NaN is neither 0 nor 1",
		"Predictedprobability|PredictedLabel\n":              `did you mean "PredictedProbability"?`,
	} {
		_, err := challenge.ReadPredictions(folder(t, map[string]string{"A/p1.psv": content}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: says %v, want %q", content, err, want)
		}
	}
}

func TestWritePredictions(t *testing.T) {
	var written bytes.Buffer
	if err := challenge.WritePredictions(&written, []float64{0, 0.1, 1, 1e-9}, []bool{false, true, true, false}); err != nil {
		t.Fatal(err)
	}
	want := "PredictedProbability|PredictedLabel\n0|0\n0.1|1\n1|1\n1e-09|0\n"
	if written.String() != want {
		t.Errorf("wrote %q, want %q", written.String(), want)
	}
	for _, bad := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if err := challenge.WritePredictions(&written, []float64{bad}, []bool{true}); err == nil {
			t.Errorf("%v was written as a probability", bad)
		}
	}
	if err := challenge.WritePredictions(&written, []float64{0.5}, nil); err == nil {
		t.Error("a probability without a label was written")
	}
}

func TestPredictionsRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		probabilities := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(r, "probabilities")
		labels := rapid.SliceOfN(rapid.Bool(), len(probabilities), len(probabilities)).Draw(r, "labels")
		var written bytes.Buffer
		if err := challenge.WritePredictions(&written, probabilities, labels); err != nil {
			r.Fatal(err)
		}
		read, err := challenge.ReadPredictions(folder(t, map[string]string{"A/p1.psv": written.String()}))
		if err != nil {
			r.Fatal(err)
		}
		if fmt.Sprint(read[0].Probabilities, read[0].Predictions) != fmt.Sprint(probabilities, labels) {
			r.Errorf("read %v %v", read[0].Probabilities, read[0].Predictions)
		}
	})
}
