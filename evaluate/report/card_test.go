package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// TestCardTellsWhereItFails as the page does, sentence by sentence, and without a report what nobody knows.
func TestCardTellsWhereItFails(t *testing.T) {
	page, card := whereItFails(t, failing())+"\n", cardText(t, failing())
	_, after, _ := strings.Cut(card, "\n## Where it fails\n")
	part, _, _ := strings.Cut(after, "\n## ")
	told := 0
	for _, line := range strings.Split(part, "\n") {
		title, isTitle := strings.CutPrefix(line, "### ")
		sentence, isSentence := strings.CutPrefix(line, "- ")
		switch {
		case isTitle && !strings.Contains(page, title+" #\n"):
			t.Errorf("the page has no heading %q", title)
		case isSentence && !strings.Contains(page, "\n"+sentence+"\n"):
			t.Errorf("the page does not say %q", sentence)
		case isSentence:
			told++
		}
	}
	if sentences := strings.Count(strings.TrimSpace(page), "\n") + 1 - strings.Count(page, " #\n"); told != sentences {
		t.Errorf("the card tells %d of %d sentences", told, sentences)
	}
	bare, err := report.ModelCard(handMadeCard(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## Where it fails\n\nThe bundle does not carry these figures", "### What nobody knows\n\n- Never tried: at a bedside"} {
		if !strings.Contains(string(bare), want) {
			t.Errorf("without a report it lacks %q", want)
		}
	}
}

// TestCardHasPhasesAndPoorerInputs beside counting hours.
func TestCardHasPhasesAndPoorerInputs(t *testing.T) {
	r := handMade()
	card := cardText(t, r)
	for _, want := range []string{
		"| phase | stays (septic) | hours (with label) | Challenge utility | utility of counting ICU hours | AUROC | calibration slope | calibration in the large |",
		"| hour 10 and later | 1,200 (100) | 48,000 (2.00 %) | 0.400 (0.390 to 0.410) | 0.280 (0.270 to 0.290) | 0.840 (0.830 to 0.850) |",
		"| vitals only | 1,200 (100) | 48,000 (2.00 %) | 0.400 (0.390 to 0.410) | 0.280 (0.270 to 0.290) | 0.800 (0.790 to 0.810) |",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	r.Phases, r.Degraded = nil, nil
	if bare := cardText(t, r); !strings.Contains(bare, "## By phase of the stay, and with less information\n\nThe bundle does not carry these figures") {
		t.Error("the card does not say that there are no figures by phase")
	}
}

// TestCardHasServedFigures as the front page has them, and speaks of them only where there are any.
func TestCardHasServedFigures(t *testing.T) {
	r := handMade()
	_, table, _ := strings.Cut(string(report.FrontPage(&r)), "As it is served: ")
	table, _, found := strings.Cut(table, "\n\nLearnt at one hospital")
	card := cardText(t, r)
	if !found || !strings.Contains(card, table) || !strings.Contains(card, "\n## As it is served\n\nFiles made anew, by hand.\n") || !strings.Contains(card, `Files made as the shipped one is are measured in "As it is served".`) {
		t.Errorf("the card has not the front page's table of what is served, its method and where it is:\n%s", table)
	}
	r.Served = nil
	if strings.Contains(cardText(t, r), "As it is served") {
		t.Error("a card without figures of what is served speaks of them")
	}
}

// TestCardTellsWhereItIsWorthActing: of the thresholds that were looked at, those at which the whole interval lies above 0; and what each measure means.
func TestCardTellsWhereItIsWorthActing(t *testing.T) {
	r := handMade()
	north := r.Decision[0]
	north.Hospital, north.Points = "north", []evaluate.DecisionPoint{{Threshold: 0.0125, Advantage: wide(0.04)}, {Threshold: 0.05, Advantage: fig(0.02)}}
	r.Decision = append(r.Decision, north)
	card := cardText(t, r)
	for _, want := range []string{
		"\n- pooled: better than the better of both at 0 of 2 thresholds from 1 % to 5 %; not at 1 % and 5 %.\n",
		"\n- north: better than the better of both at all 2 thresholds from 1.25 % to 5 %.\n",
		"\n## What the measures mean\n\n- AUROC: ",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	r.Decision = nil
	if strings.Contains(cardText(t, r), "worth acting") {
		t.Error("a card without decision curves tells where it is worth acting")
	}
}

// TestAShareOfAllOrNoneHasNoInterval: to draw stays again from those of which none was alarmed gives none every time.
func TestAShareOfAllOrNoneHasNoInterval(t *testing.T) {
	r := handMade()
	r.Ward[0].StayTimely, r.Ward[0].StayPPV = &evaluate.Figure{}, &evaluate.Figure{Value: 1, Low: 1, High: 1}
	card := cardText(t, r)
	for _, want := range []string{"| septic stays alarmed in the hours from 12 before onset to 3 after it | 0.0 % (no interval) |", "(PPV) | 100.0 % (no interval) |"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
}

// TestFewAreCountedWithoutFigures: of a group of 2 septic stays neither card nor page nor service tells more than how many they are.
func TestFewAreCountedWithoutFigures(t *testing.T) {
	r := handMade()
	few := group("under 18", 0.966)
	few.SepticStays = 2
	r.Subgroups[0].Groups = append(r.Subgroups[0].Groups, few)
	const note = "(–: fewer than 100 septic stays, too few for figures)"
	card, page := cardText(t, r), readable(write(t, r))
	if !strings.Contains(card, "| under 18 | 1,200 (2) | 48,000 (2.00 %) | – | – | – | – | – | – | – |") || !strings.Contains(card, "By age "+note+":") {
		t.Error("the card has figures of the few, or no note")
	}
	if !strings.Contains(page, "All figures by age "+note) || !strings.Contains(page, "\nstays (septic) | 1,200 (2) | ") || !strings.Contains(page, "\nAUROC | – | 0.850 (0.840 to 0.860) | ") {
		t.Error("the page has figures of the few, or no note")
	}
	if strings.Index(card, "\n| under 18 |") > strings.Index(card, "\n| 18 to 79 |") {
		t.Error("the card has groups of age in another order than the page: the youngest are not the first")
	}
	for where, text := range map[string]string{"card": card, "page": page} {
		if strings.Contains(text, "0.966") {
			t.Errorf("the %s tells an AUROC of 2 septic stays", where)
		}
	}
	shown, err := report.Evidence(&r, sepsis.ModelInfo{})
	if err != nil {
		t.Fatal(err)
	}
	groups := shown.Subgroups[0].Groups
	if want := (sepsis.GroupFigures{Name: "under 18", Stays: 1200, SepticStays: 2, Hours: 48000}); groups[2] != want || groups[0].AUROC == nil {
		t.Errorf("the service shows %+v, want %+v, and figures of the others", groups[2], want)
	}
	if whole := cardText(t, handMade()); strings.Contains(whole, note) {
		t.Error("the note stands where nothing is left out")
	}
}

// TestPublishedAlerts: each figure of others has a source and how it differs, with ours of the same kind or none.
func TestPublishedAlerts(t *testing.T) {
	r := handMade()
	_, after, _ := strings.Cut(cardText(t, r), "\nWhat others published of their alerts:\n\n")
	table, _, _ := strings.Cut(after, "\n\n")
	rows := strings.Split(table, "\n")
	if len(rows) < 10 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 6 {
			t.Errorf("%d cells: %s", len(cells), row)
			continue
		}
		for _, cell := range cells {
			if cell == "" {
				t.Errorf("a cell is empty: %s", row)
			}
		}
		if source := cells[5]; !strings.Contains(source, "doi:") && !strings.Contains(source, "PMC") {
			t.Errorf("no source: %s", row)
		}
	}
	for _, want := range []string{
		"| alerts that are right (PPV) | Epic Sepsis Model, version 2 | 13 to 26 % (range) | at 7 %: 15.0 % (14.0 to 16.0) |",
		"| septic patients without an alert | Epic Sepsis Model, version 1 | 67 % (1,709 of 2,552) | 59.0 % (58.0 to 60.0) |", // 1 - 0.41
		"| 0.0200 (0.0100 to 0.0300); time in alarm 14.0 % (13.0 to 15.0) |", "| 5.0 % (4.0 to 6.0) of hours |", "| 9.0 (9.0 to 9.0) |", "| south 0.780 (0.770 to 0.790) |", "| none of this kind |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	r.Ward, r.Reliability, r.AtHome, r.Transfers = nil, nil, nil, r.Transfers[2:] // which failed
	if bare := readable(write(t, r)); strings.Count(bare, "| not measured |") < 5 {
		t.Error("what this report does not hold is not said to be not measured")
	}
	r = handMade()
	r.Data.Synthetic = true
	if strings.Contains(cardText(t, r)+write(t, r), "What others published") {
		t.Error("made-up patients are held beside real ones")
	}
}

// TestRecalibratedAlertIsHeldToItsTarget: an alert that comes down to what was asked for has not got worse.
func TestRecalibratedAlertIsHeldToItsTarget(t *testing.T) {
	r := handMade()
	x := &r.Recalibrated[1]
	x.Before.Alert.StayPPVAdjusted, x.After.Alert.StayPPVAdjusted, x.AlertPPVDifference, x.AlertPPVAtDifference = fig(0.487), fig(0.296), fig(-0.182), fig(-0.191)
	for where, text := range recalibratedTexts(t, r) {
		if want := "the alert's predictive value at 7 % septic stays goes from 0.487 (0.477 to 0.497) to 0.296 (0.286 to 0.306), where 0.28 was asked for, and its sensitivity"; !strings.Contains(text, want) {
			t.Errorf("%s: it lacks %q", where, want)
		}
		if strings.Contains(text, "predictive value clearly falls") || strings.Contains(text, "-0.182") {
			t.Errorf("%s: what was asked for is told as a loss", where)
		}
	}
	x.After.Alert.StayPPVAdjusted = nil
	for where, text := range recalibratedTexts(t, r) {
		if !strings.Contains(text, "to undefined, where 0.28 was asked for") {
			t.Errorf("%s: an undefined value is not said to be so", where)
		}
	}
}
