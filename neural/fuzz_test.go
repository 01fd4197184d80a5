package neural_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/medtech-detect/sepsis/neural"
)

// FuzzNetwork reads anything as a network. What is taken answers, explains and writes itself.
func FuzzNetwork(f *testing.F) {
	f.Add([]byte(byHand))
	f.Add([]byte(`{"inputs":{"cuts":[null],"scores":[null],"indicators":null},"members":[{"reference":[0],"layers":[{"biases":[0],"weights":[1]},{"biases":[0],"weights":[1]}]}]}`))
	f.Fuzz(func(t *testing.T, written []byte) {
		var n neural.Network
		if json.Unmarshal(written, &n) != nil {
			return
		}
		row, contributions := make([]float32, n.Columns()), make([]float64, n.Columns())
		for i := range row {
			row[i] = float32(i%3) - 1
			if i%4 == 3 {
				row[i] = float32(math.NaN())
			}
		}
		base := contributionsOf(&n, row, contributions)
		for _, x := range append(n.Margins(row, 1), append(contributions, base)...) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%v is no answer", x)
			}
		}
		if _, err := json.Marshal(&n); err != nil {
			t.Error(err)
		}
	})
}
