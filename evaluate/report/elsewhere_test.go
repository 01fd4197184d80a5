package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// TestCarriedWards: each direction has what its wards would see, at both points, beside the view at home where there is one.
func TestCarriedWards(t *testing.T) {
	r := handMade()
	back := transfer("south", "north", evaluate.AsIs, 0.3, 0.02, nil)
	back.Ward = []evaluate.WardView{ward("north", "utility", 0.6, 0.55)}
	r.Transfers = append(r.Transfers, back)
	page := write(t, r)
	checkPage(t, page)
	_, after, _ := strings.Cut(readable(page), "\nWhat its wards would see #\n")
	section, _, _ := strings.Cut(after, "\nRecalibrated at the other hospital #\n")
	for _, want := range []string{
		"From north to south, as is, watch list (highest utility): of septic stays 70.0 % (69.0 to 71.0) are alarmed by onset, of the others 50.0 % (49.0 to 51.0) never;",
		"From north to south, as is, alert (high precision): of septic stays 25.0 % (24.0 to 26.0) are alarmed by onset, of the others 90.0 % (89.0 to 91.0) never; of stays with any alarm 10.0 % (9.0 to 11.0)",
		"From south to north, as is, watch list (highest utility): of septic stays 60.0 % (59.0 to 61.0)",
		"from south to north: threshold chosen there, and carried\n| at home | as is\n", // north has a watch list at home, south has none
		"from north to south: threshold chosen there, and carried\n| as is\n",
	} {
		if !strings.Contains(section, want) {
			t.Errorf("the section lacks %q:\n%s", want, section)
		}
	}
	if strings.Contains(section, "From south to north, as is, alert (") {
		t.Error("an alert that was not carried is told of")
	}
}

// TestCarriedAlertOfTheCard has a row for each variant that was carried with its wards.
func TestCarriedAlertOfTheCard(t *testing.T) {
	r := handMade()
	card, err := report.ModelCard(handMadeCard(), &r)
	if err != nil {
		t.Fatal(err)
	}
	if want := "| north to south, as is | 25.0 % (24.0 to 26.0) | 90.0 % (89.0 to 91.0) | 10.0 % (9.0 to 11.0) | 0.45 (0.44 to 0.46) |"; !strings.Contains(string(card), want) {
		t.Errorf("the card lacks %q", want)
	}
}
