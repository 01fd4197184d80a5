package monitor

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// leastShare is the share of the reference that a bin holds at least: with ten bins or fewer none is so small that
// chance fills or empties it.
const leastShare = 0.05

// Bins is a distribution in the training: how often a value lay in each bin, and how often there was none.
type Bins struct {
	Edges   []float64 // rising; bin i holds the values from Edges[i-1] to below Edges[i]
	Counts  []int     // one more than edges
	Missing int
}

// NewBins makes them of finer ones. Neighbours are joined until each has 5 % of the values at least.
func NewBins(edges []float64, counts []int, missing int) (Bins, error) {
	if len(counts) != len(edges)+1 || !slices.IsSorted(edges) || missing < 0 || slices.Min(counts) < 0 {
		return Bins{}, fmt.Errorf("bins: %d counts for %d edges, or edges that do not rise, or counts below 0", len(counts), len(edges))
	}
	known := sum(counts)
	b := Bins{Missing: missing}
	gathered, left := 0, known
	for i, count := range counts[:len(edges)] {
		gathered, left = gathered+count, left-count
		if float64(gathered) >= leastShare*float64(known) && float64(left) >= leastShare*float64(known) && gathered > 0 {
			b.Edges, b.Counts = append(b.Edges, edges[i]), append(b.Counts, gathered)
			gathered = 0
		}
	}
	b.Counts = append(b.Counts, gathered+left)
	return b, nil
}

// total is how many hours the reference is of.
func (b *Bins) total() int { return b.Missing + sum(b.Counts) }

// bin of a value.
func (b *Bins) bin(value float64) int {
	at, found := slices.BinarySearch(b.Edges, value)
	if found {
		return at + 1
	}
	return at
}

// Reference is what the training of a model looked like.
type Reference struct {
	Inputs      []Bins // one for each of sepsis.Variables, in their order
	Score       *Bins  // nil when it is not known
	WindowHours int    // how old the latest value of an input may be
}

// Scores is how the probabilities of a training were distributed, each by a model that never saw the patient.
type Scores struct {
	Note       string    `json:"note"`
	DataSHA256 string    `json:"data_sha256"` // of the stays that the model learnt from
	Threshold  float64   `json:"threshold"`   // of the model, chosen on these probabilities
	Edges      []float64 `json:"edges"`
	Hours      []int     `json:"hours"` // in each bin
}

// shippedScores is made by `sepsis model documents`.
//
//go:embed scores.json
var shippedScores []byte

// ShippedScores are those of the model that ships with the program.
func ShippedScores() (Scores, error) {
	var scores Scores
	if err := json.Unmarshal(shippedScores, &scores); err != nil {
		return Scores{}, fmt.Errorf("monitor/scores.json: %w", err)
	}
	return scores, nil
}
