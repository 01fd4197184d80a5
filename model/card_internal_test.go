package model

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

// shownFirst are the parts of the card that the page shows in words, as in web/assets/model.js.
var shownFirst = []string{"status", "summary", "intended_use", "out_of_scope", "limits", "warnings", "how_to_use", "human_oversight"}

// TestCardHasItsFrench: the page finds the French of a sentence by its English words, so whoever changes one changes the other. No
// sentence lacks it, and none stands there in vain.
func TestCardHasItsFrench(t *testing.T) {
	text, err := os.ReadFile("../web/assets/card-fr.json")
	if err != nil {
		t.Fatal(err)
	}
	var french map[string]string
	if err := json.Unmarshal(text, &french); err != nil {
		t.Fatal(err)
	}
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	synthetic := *m.bundle
	synthetic.Provenance.Synthetic = true
	synthetic.Provenance.Recalibrations = []Recalibration{{Synthetic: true}}
	synthetic.Provenance.Adaptations = []Adaptation{{Synthetic: true}}
	own := *m.bundle
	own.Provenance.Data = []string{"my_hospital"}
	said := map[string]bool{}
	for _, bundle := range []*Bundle{m.bundle, &synthetic, &own} {
		for _, sentence := range sentences(t, newCard(&Model{bundle: bundle, info: m.info})) {
			said[sentence] = true
		}
	}
	for _, sentence := range slices.Sorted(maps.Keys(said)) {
		if french[sentence] == "" {
			t.Errorf("web/assets/card-fr.json has no French for %q", sentence)
		}
	}
	for _, sentence := range slices.Sorted(maps.Keys(french)) {
		if !said[sentence] {
			t.Errorf("web/assets/card-fr.json translates what the card does not say: %q", sentence)
		}
	}
}

// sentences are those of the parts that are shown.
func sentences(t *testing.T, card Card) []string {
	t.Helper()
	text, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]any
	if err := json.Unmarshal(text, &parts); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range shownFirst {
		switch part := parts[name].(type) {
		case string:
			all = append(all, part)
		case []any:
			for _, sentence := range part {
				all = append(all, sentence.(string))
			}
		default:
			t.Errorf("the card has no %s", name)
		}
	}
	return all
}
