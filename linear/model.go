package linear

import (
	"fmt"

	"github.com/medtech-detect/sepsis/parallel"
)

// Model is a fitted linear classifier. It must not be changed, and is then safe for concurrent use.
type Model struct {
	Loss         Loss      `json:"loss"`
	Scalings     []Scaling `json:"scalings"`     // of each column
	Coefficients []float64 `json:"coefficients"` // of each column, scaled
	Intercept    float64   `json:"intercept"`
	Objective    float64   `json:"objective"` // what the fit minimised: mean loss and penalty
	Iterations   int       `json:"iterations"`
	Converged    bool      `json:"converged"` // false where the number of iterations ended the fit
}

// Margin returns intercept + coefficients · scaled row: above 0 where label 1 is the likelier one (Logistic: its
// log-odds). A missing value adds nothing. It panics when the row's length is not the number of columns.
func (m *Model) Margin(row []float32) float64 {
	if len(row) != len(m.Coefficients) {
		panic(fmt.Sprintf("linear: row of %d values for a model of %d columns", len(row), len(m.Coefficients)))
	}
	sum := m.Intercept
	for c, value := range row {
		sum += float64(m.Coefficients[c] * m.Scalings[c].apply(value))
	}
	return sum
}

// Margins returns the margin of each row, equal to [Model.Margin]. threads 0 uses all processors. It panics when x has
// another number of columns than the model.
func (m *Model) Margins(x Matrix, threads int) []float64 {
	margins := make([]float64, x.Rows)
	parallel.Each(threads, blocks(x.Rows), func(i int) {
		begin, end := block(x.Rows, i)
		for r := begin; r < end; r++ {
			margins[r] = m.Margin(x.Row(r))
		}
	})
	return margins
}
