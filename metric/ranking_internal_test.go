package metric

import (
	"slices"
	"testing"
)

func TestEachTie(t *testing.T) {
	var got [][]int
	eachTie([]float64{2, 1, 3, 2, 1, 2}, func(tied []int) { got = append(got, slices.Clone(tied)) })
	want := [][]int{{2}, {0, 3, 5}, {1, 4}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	eachTie(nil, func(tied []int) { t.Errorf("visited %v of no rows", tied) })
}
