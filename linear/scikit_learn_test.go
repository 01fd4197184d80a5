package linear_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/medtech-detect/sepsis/linear"
)

// reference is testdata/scikit_learn.json, written by testdata/scikit_learn.py.
type reference struct {
	Columns int
	Values  [][]*float32 // null is missing
	Labels  []float32
	Weights []float32
	Learn   []int32
	Cases   []struct {
		Weighted     bool
		L2           float64
		Logistic     fitted
		SquaredHinge fitted `json:"squared_hinge"`
	}
}

type fitted struct {
	Coefficients []float64
	Intercept    float64
}

func readReference(t *testing.T) (reference, linear.Matrix) {
	t.Helper()
	body, err := os.ReadFile("testdata/scikit_learn.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) < 4 {
		t.Fatalf("scikit_learn.json holds %d cases", len(r.Cases))
	}
	m := linear.Matrix{Rows: len(r.Values), Cols: r.Columns}
	for _, row := range r.Values {
		for _, value := range row {
			if value == nil {
				m.Values = append(m.Values, float32(math.NaN()))
			} else {
				m.Values = append(m.Values, *value)
			}
		}
	}
	return r, m
}

// exact fits to the last digits.
func exact(loss linear.Loss, l2 float64) linear.Options {
	return linear.Options{Loss: loss, L2: l2, MaxIterations: 1000, Tolerance: 1e-14}
}

// TestCoefficientsAgreeWithScikitLearn holds preparation and fit together against LogisticRegression and LinearSVC.
func TestCoefficientsAgreeWithScikitLearn(t *testing.T) {
	const tolerance = 1e-4
	r, m := readReference(t)
	design, err := linear.NewDesign(m, r.Learn, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Cases {
		weights := r.Weights
		if !c.Weighted {
			weights = nil
		}
		for loss, want := range map[linear.Loss]fitted{linear.Logistic: c.Logistic, linear.SquaredHinge: c.SquaredHinge} {
			got, err := design.Fit(t.Context(), r.Labels, weights, exact(loss, c.L2), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Converged {
				t.Errorf("loss %d, L2 %g: not converged after %d iterations", loss, c.L2, got.Iterations)
			}
			if math.Abs(got.Intercept-want.Intercept) > tolerance {
				t.Errorf("loss %d, L2 %g, weighted %t: intercept %.6f, scikit-learn has %.6f", loss, c.L2, c.Weighted, got.Intercept, want.Intercept)
			}
			for j := range want.Coefficients {
				if math.Abs(got.Coefficients[j]-want.Coefficients[j]) > tolerance {
					t.Errorf("loss %d, L2 %g, weighted %t: coefficient %d is %.6f, scikit-learn has %.6f",
						loss, c.L2, c.Weighted, j, got.Coefficients[j], want.Coefficients[j])
				}
			}
		}
	}
}
