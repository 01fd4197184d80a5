package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
)

// gapRows are the rows of the card's table of gaps between groups.
func gapRows(t *testing.T, r evaluate.Report) (caption string, rows []string) {
	t.Helper()
	_, after, found := strings.Cut(cardText(t, r), "\nGaps between groups of stays: ")
	if !found {
		return "", nil
	}
	part, _, _ := strings.Cut(after, "\n## ")
	caption, table, _ := strings.Cut(part, "\n\n")
	return caption, strings.Split(strings.TrimSpace(table), "\n")[2:]
}

// TestGapsBetweenGroups: each group less the largest that is known, where both have septic stays enough, with an interval whose sides come from the sides
// of both. Expected values by hand.
func TestGapsBetweenGroups(t *testing.T) {
	r := handMade()
	unknown, medical, surgical := group(evaluate.NotRecorded, 0.85), group("medical", 0.8), group("surgical", 0.83)
	unknown.Stays, surgical.Stays = 5000, 1300
	medical.AUROC = &evaluate.Figure{Value: 0.8, Low: 0.77, High: 0.81}
	surgical.AUROC = &evaluate.Figure{Value: 0.83, Low: 0.81, High: 0.87}
	medical.StaySensitivity = nil
	few := group("cardiac", 0.9)
	few.SepticStays = 99
	r.Subgroups = []evaluate.SubgroupSet{{Name: "unit", Groups: []evaluate.Group{medical, unknown, surgical, few}}, {Name: "hour", ByHour: true, Groups: []evaluate.Group{medical, surgical}}}
	caption, rows := gapRows(t, r)
	if want := "(of 8 such intervals about 0.4 leave out the true figure by chance alone)"; !strings.Contains(caption, want) {
		t.Errorf("the caption %q does not say %q", caption, want)
	}
	want := []string{
		// low: -0.03 - √(0.03² + 0.04²), high: -0.03 + √(0.01² + 0.02²)
		"| unit: medical | surgical | -0.030 (-0.080 to -0.008) | +0.000 (-0.014 to +0.014) | undefined | +0.0 (-1.4 to +1.4) points |",
		// low: 0.02 - √(0.01² + 0.04²), high: 0.02 + √(0.01² + 0.02²)
		"| unit: not recorded | surgical | +0.020 (-0.021 to +0.042) | +0.000 (-0.014 to +0.014) | +0.0 (-1.4 to +1.4) points | +0.0 (-1.4 to +1.4) points |",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	if page := readable(write(t, r)); !strings.Contains(page, "\nGaps between groups #\n") {
		t.Error("the page has no gaps")
	}
	r.Subgroups[0].Groups = []evaluate.Group{surgical, few}
	if _, rows := gapRows(t, r); rows != nil {
		t.Errorf("one group that is judged has gaps: %v", rows)
	}
	if page := readable(write(t, r)); strings.Contains(page, "\nGaps between groups #\n") {
		t.Error("the page has a heading of gaps without any")
	}
}
