package report

import (
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
)

// TestPlacesAreThoseOfThePage, in its order: a section that is missing in the one or the other would be linked to in vain, or not at all.
func TestPlacesAreThoseOfThePage(t *testing.T) {
	var listed, shown []string
	for _, p := range places {
		listed = append(listed, p.anchor)
	}
	for _, part := range newPage(&evaluate.Report{}).Parts {
		for _, s := range part.Sections {
			shown = append(shown, s.ID)
		}
	}
	if !slices.Equal(listed, shown) {
		t.Errorf("listed %q\nshown %q", listed, shown)
	}
}
