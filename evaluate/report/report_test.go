package report_test

import (
	"flag"
	"html"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("%s differs at line %d; go test ./evaluate/report -update writes it anew\n got %q\nwant %q", path, i+1, at(gotLines, i), at(wantLines, i))
		}
	}
}

func at(lines []string, i int) string {
	if i >= len(lines) {
		return "(no such line)"
	}
	return lines[i]
}

func write(t *testing.T, r evaluate.Report) string {
	t.Helper()
	page, err := report.HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

var (
	hidden  = regexp.MustCompile(`(?s)<style>.*?</style>|<svg.*?</svg>`)
	breaks  = regexp.MustCompile(`</(h1|h2|h3|p|li|tr|caption|title|summary|figcaption|pre)>`)
	cells   = regexp.MustCompile(`</t[dh]><t[dh]`)
	markup  = regexp.MustCompile(`<[^>]*>`)
	spaces  = regexp.MustCompile(`[ \t]+`)
	nothing = regexp.MustCompile(`\n\s*\n+`)
)

// readable is the text of a page as a reader meets it, without pictures.
func readable(page string) string {
	text := strings.ReplaceAll(hidden.ReplaceAllString(page, ""), "\u00a0", " ")
	text = strings.ReplaceAll(text, "\n", " ")
	text = breaks.ReplaceAllString(text, "\n")
	text = cells.ReplaceAllString(text, " | <td")
	text = html.UnescapeString(markup.ReplaceAllString(text, ""))
	return strings.TrimSpace(nothing.ReplaceAllString(strings.ReplaceAll(spaces.ReplaceAllString(text, " "), "\n ", "\n"), "\n")) + "\n"
}

func TestPageReadsAsWritten(t *testing.T) { golden(t, "report.txt", readable(write(t, handMade()))) }

func TestChecklistReadsAsWritten(t *testing.T) {
	golden(t, "tripod.md", string(report.Tripod(handMade(), handMadeCard())))
}

// TestFirstScreen holds the sentences that a clinician reads to figures worked by hand from the report above.
func TestFirstScreen(t *testing.T) {
	text := readable(write(t, handMade()))
	first, _, _ := strings.Cut(text, "\nContents\n")
	for _, want := range []string{
		"Research use only. Not a medical device",
		"2,400 stays, 200 of them septic, 96,000 hours, from north.zip and south.zip",
		"in 84.0 % (83.0 to 85.0) of such pairs",
		"are worth 0.400 (0.390 to 0.410)", "counting the hours in intensive care is worth 0.280 (0.270 to 0.290), and on the same stays the model is +0.120 (+0.110 to +0.130) above that.",
		"83.0 % (82.0 to 84.0) of septic stays at or before onset, and also in 36.0 % (35.0 to 37.0) of the other stays",                                   // 1 - 0.64
		"A unit of 20 patients would see 9.0 (8.8 to 9.2) alarms a day, of which 10.0 % (9.0 to 11.0) touch the hours from 12 before onset to 3 after it.", // 20 * 0.45
		"an hour with the label (from 6 hours before the onset of sepsis to 3 after it)",
		"to 3 after it. From the beginning of the last alarm to onset, in septic stays alarmed in time: median 9 (9 to 9) hours, the middle half from 4 to 20.",
		"As an alert, which is rarer, it raises an alarm in 41.0 % (40.0 to 42.0) of septic stays at or before onset and in 6.0 % (5.0 to 7.0) of the other stays; the unit would see 9.0 (8.8 to 9.2) alarms a day.",
		"Of the alarms 10.0 % (9.0 to 11.0) touch the hours near an onset and 8.0 % (7.0 to 9.0) begin in them; of the hours in alarm 7.0 % (6.0 to 8.0) have the label.",
		"\n| north to south\n", "counting hours there | 0.280 (0.270 to 0.290)\nas is (shipped) | 0.280 (0.270 to 0.290)\nas is, forecasts of the other hospital | 0.340 (0.330 to 0.350)\nportable recipe | could not be made: too few septic stays\nlearning at that hospital, too | 0.400 (0.390 to 0.410)\n",
		"Of 100 patients with sepsis", "about 83 have an alarm at or before onset", "and 17 have none by then",
		"Of 100 patients without sepsis", "about 36 have at least one alarm", "and 64 have none",
		"Were 7 of 100 stays septic, as in a study of 38,455 hospital stays (Wong et al. 2021), it would be about 15 of 100 stays with any alarm (15.0 % (14.0 to 16.0)).",
		"about 41 have an alarm at or before onset", "about 6 have at least one alarm", // the alert
		"misses 17.0 % (16.0 to 18.0) of septic stays",
		"Carried from north to south, portable recipe: it could not be made: too few septic stays.",
		"Carried from north to south, as is: utility 0.280 (0.270 to 0.290), which is not clearly better than counting hours there",
		"Not clearly better in utility than: hours in intensive care (north, difference +0.005 (-0.005 to +0.015)).",
		"always answering the share of labelled hours: in hours 1 to 9 (Brier skill +0.0050 (-0.0050 to +0.0150)).",
		"It does not clearly tell more than the hour itself: in hours 1 to 6 (AUROC 0.750 (0.740 to 0.760), difference +0.005 (-0.005 to +0.015)).",
		`it ranks worst in "80 and older" (age): AUROC 0.700`,
		`Risks are overstated most in "80 and older" (age): calibration in the large -0.200 (-0.210 to -0.190), so the odds are 0.82 times those foretold`, // exp(-0.2) = 0.8187
		"most of all with vitals only", "From a single hour without its history: utility 0.400 (0.390 to 0.410), AUROC 0.810",
		"In 5.0 % (4.0 to 6.0) of hours it says itself",
		"Pooled, both come near their ideals by how risks are fitted", "risks are off by 2.00 (1.00 to 3.00) percentage points on the mean of all hours, and by 3.00 (2.00 to 4.00) on the mean of the hours on the watch list",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the first screen lacks %q", want)
		}
	}
	for _, not := range []string{"north to south, as is, forecasts of the other hospital: utility", "north to south, portable recipe: utility", "NEWS2 ("} {
		if strings.Contains(first, not) {
			t.Errorf("the first screen says %q, which did not fail", not)
		}
	}
}

// TestWorthElsewhereIsToldAsFound: the first screen does not say that alarms are worth less elsewhere where they are not.
func TestWorthElsewhereIsToldAsFound(t *testing.T) {
	const less = "its alarms are worth less: the table below"
	better := handMade()
	for i := range better.Transfers {
		better.Transfers[i].HomeUtility = fig(0.1)
	}
	for name, r := range map[string]evaluate.Report{"less": handMade(), "more": better} {
		if told := strings.Contains(readable(write(t, r)), less); told != (name == "less") {
			t.Errorf("worth %s: told as less: %t", name, told)
		}
	}
}

var (
	tag       = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"]|"[^"]*")*?)(/?)>`)
	anchors   = regexp.MustCompile(`href="#([^"]*)"`)
	identity  = regexp.MustCompile(`\sid="([^"]*)"`)
	resource  = regexp.MustCompile(`(?i)<script|<link|<iframe|<object|<img|<base|\ssrc=|\son[a-z]+=|url\(|@import|javascript:|[("']data:|href="[^#]`)
	namespace = `xmlns="http://www.w3.org/2000/svg"`
)

// checkPage holds a page to what every page must be: well-formed, self-contained, its links leading somewhere.
func checkPage(t *testing.T, page string) {
	t.Helper()
	void := map[string]bool{"meta": true}
	body := regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page, "")
	if stray := strings.Count(body, "<") - len(tag.FindAllString(body, -1)) - 1; stray != 0 { // one is the doctype
		t.Errorf("%d < are not of a tag", stray)
	}
	var open []string
	for _, m := range tag.FindAllStringSubmatch(body, -1) {
		closing, name, selfClosed := m[1] != "", m[2], m[4] != ""
		switch {
		case closing && (len(open) == 0 || open[len(open)-1] != name):
			t.Fatalf("</%s> closes %v", name, open)
		case closing:
			open = open[:len(open)-1]
		case !selfClosed && !void[name]:
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
	if found := resource.FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if found := strings.Index(strings.ReplaceAll(page, namespace, ""), "http"); found >= 0 {
		t.Errorf("the page names an address: %q", page[found:min(len(page), found+60)])
	}
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "%!") {
		t.Error("the page holds NaN, Inf or a broken format")
	}
	ids := map[string]bool{}
	for _, m := range identity.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("id %q stands twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range anchors.FindAllStringSubmatch(page, -1) {
		if !ids[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
	checkTables(t, body)
}

var (
	wholeTable = regexp.MustCompile(`(?s)<table.*?</table>`)
	tableRow   = regexp.MustCompile(`(?s)<tr>.*?</tr>`)
	tableCell  = regexp.MustCompile(`<t[dh][ >]`)
)

// checkTables holds the rows of each table to the length of its header.
func checkTables(t *testing.T, body string) {
	t.Helper()
	for _, one := range wholeTable.FindAllString(body, -1) {
		rows := tableRow.FindAllString(one, -1)
		for _, r := range rows {
			if got, want := len(tableCell.FindAllString(r, -1)), len(tableCell.FindAllString(rows[0], -1)); got != want {
				t.Errorf("a row has %d cells, its header %d: %s", got, want, r)
			}
		}
	}
}

func TestPageIsSelfContained(t *testing.T) {
	page := write(t, handMade())
	checkPage(t, page)
	if strings.Contains(readable(page), "This part was not run") {
		t.Error("a part of the whole report is said not to have been run")
	}
}

// TestAllChartsAreThere counts the pictures, each with a table of its values.
func TestAllChartsAreThere(t *testing.T) {
	page := write(t, handMade())
	for _, title := range []string{
		"Challenge utility of the model and of simple rules", "Utility and AUROC by phase of the stay", "Calibration", "Smoothed calibration", "Net benefit by threshold",
		"ROC and precision-recall curves", "Hours from alarm to onset", "Utility at a hospital without labels", "AUROC and calibration by age",
		"AUROC and calibration by measured in the last 24 hours", "How often each level is given", "Loss with less information", "AUROC within bands of ICU hours",
		"AUROC within bands of ICU hours, trained without the clock", "Difference when a group is left out", "Variables", "Families of features", "Single features", "Utility of kinds of model",
	} {
		if n := strings.Count(page, "<title>"+title+"</title>"); n != 1 {
			t.Errorf("%d pictures are named %q", n, title)
		}
	}
	figures := strings.Count(page, "<figure>")
	if tables := strings.Count(page, "<summary>The values as a table</summary>"); tables != figures || figures != 19 {
		t.Errorf("%d figures and %d tables of their values, 19 expected", figures, tables)
	}
	if strings.Contains(page, "no data") {
		t.Error("a picture is empty")
	}
}

// TestEmptyReport: everything is missing, and the page says so.
func TestEmptyReport(t *testing.T) {
	page := write(t, evaluate.Report{})
	checkPage(t, page)
	text := readable(page)
	if n := strings.Count(text, "This part was not run, or"); n != 19 {
		t.Errorf("%d parts are said not to have been run, 19 expected", n)
	}
	for _, want := range []string{"was not measured", "What a ward would see was not measured."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(string(report.Tripod(evaluate.Report{}, nil)), "| 23a | Results | Performance with intervals, with key subgroups | not done | Not measured. |") {
		t.Error("the checklist does not say that performance was not measured")
	}
}

// older is a report without what reports have come to hold since format 2 was made.
func older() evaluate.Report {
	r := handMade()
	r.Recalibrated = nil
	for i := range r.Transfers {
		r.Transfers[i].Ward = nil
	}
	for i := range r.Calibration {
		r.Calibration[i].Top, r.Calibration[i].Smoothed = nil, nil
	}
	for _, bands := range [][]evaluate.HourBand{r.HourBands, r.WithoutHours.Bands} {
		for i := range bands {
			bands[i].ModelUtility, bands[i].ClockUtility, bands[i].OverUtility = nil, nil, nil
		}
	}
	for i := range r.Degraded {
		d := &r.Degraded[i]
		d.Group.OverHoursRule, d.ClockAUROC, d.OverHoursAUROC = nil, nil, nil
	}
	r.Ablation.Trainings, r.WithoutHours.UtilityTrainings, r.WithoutHours.AUROCTrainings = 0, nil, nil
	for i := range r.Ablation.Parts {
		p := &r.Ablation.Parts[i]
		p.UtilityTrainings, p.AUROCTrainings, p.AUPRCTrainings = nil, nil, nil
	}
	return r
}

// TestOlderReportsAreStillRead: what they do not hold is left out, and nothing is called undefined for it.
func TestOlderReportsAreStillRead(t *testing.T) {
	page := write(t, older())
	checkPage(t, page)
	text, whole := readable(page), readable(write(t, handMade()))
	for _, newer := range []string{
		"What its wards would see", "Smoothed calibration", "parts of the highest tenth", "Utility of model and clock within bands",
		"What is left above counting ICU hours", "over trainings", "Over trainings by other seeds", "beyond noise",
	} {
		if strings.Contains(text, newer) || !strings.Contains(whole, newer) {
			t.Errorf("%q: in the older report %t, in the whole one %t", newer, strings.Contains(text, newer), strings.Contains(whole, newer))
		}
	}
	if old, now := strings.Count(text, "undefined"), strings.Count(whole, "undefined"); old != now {
		t.Errorf("undefined stands %d times, in the whole report %d times", old, now)
	}
	for name, r := range map[string]evaluate.Report{"older": older(), "whole": handMade()} {
		card, err := report.ModelCard(handMadeCard(), &r)
		if err != nil {
			t.Fatal(err)
		}
		for _, newer := range []string{"The watch list carried", "The alert carried", "fitted to all of a half: the utility clearly rises (+0.040 (+0.030 to +0.050))"} {
			if held := strings.Contains(string(card), newer); held != (name == "whole") {
				t.Errorf("%s: the card holds %q: %t", name, newer, held)
			}
		}
	}
}

// undefine takes all figures out of a value, or makes them NaN.
func undefine(v reflect.Value, with *evaluate.Figure) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*evaluate.Figure]() && v.CanSet() {
			v.Set(reflect.ValueOf(with))
			return
		}
		if !v.IsNil() {
			undefine(v.Elem(), with)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			undefine(v.Field(i), with)
		}
	case reflect.Slice:
		for i := range v.Len() {
			undefine(v.Index(i), with)
		}
	}
}

// TestUndefinedFigures: nothing that is undefined is written as a number.
func TestUndefinedFigures(t *testing.T) {
	nan := math.NaN()
	for name, with := range map[string]*evaluate.Figure{"null": nil, "not a number": {Value: nan, Low: nan, High: nan}, "half": {Value: 0.5, Low: math.Inf(-1), High: nan}} {
		r := handMade()
		undefine(reflect.ValueOf(&r).Elem(), with)
		page := write(t, r)
		checkPage(t, page)
		if text := readable(page); !strings.Contains(text, "in undefined of septic stays") && !strings.Contains(text, "How many are alarmed by onset is undefined.") {
			t.Errorf("%s: the ward's figures are not said to be undefined", name)
		}
		if checklist := string(report.Tripod(r, handMadeCard())); strings.Contains(checklist, "NaN") || !strings.Contains(checklist, "AUROC undefined") {
			t.Errorf("%s: the checklist does not say undefined", name)
		}
	}
}

// rename puts a name in place of all texts.
func rename(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			rename(v.Elem(), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			rename(v.Field(i), name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			rename(v.Index(i), name)
		}
	case reflect.String:
		v.SetString(name)
	}
}

// TestNamesAreEscaped: files and hospitals may have any name.
func TestNamesAreEscaped(t *testing.T) {
	for _, name := range []string{`</title><script>alert(1)</script>`, `" onload="x`, "a|b\n| c |", "&lt;b&gt;", "]]>", "-->", `\`} {
		r := handMade()
		rename(reflect.ValueOf(&r).Elem(), name)
		page := write(t, r)
		if strings.Contains(page, "<script") || strings.Contains(page, `" onload="x`) {
			t.Errorf("%q is not escaped", name)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(report.Tripod(r, nil))), "\n") {
			if n := strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|"); strings.HasPrefix(line, "|") && n != 7 {
				t.Errorf("%q breaks a row of the checklist: %s", name, line)
			}
		}
	}
}

// TestSyntheticIsSaid: made-up patients and samples are announced before any figure.
func TestSyntheticIsSaid(t *testing.T) {
	r := handMade()
	r.Data.Synthetic, r.Data.Sample = true, 300
	text := readable(write(t, r))
	before, _, _ := strings.Cut(text, "It tells hours apart")
	for _, want := range []string{"SYNTHETIC", "A sample of at most 300 stays"} {
		if !strings.Contains(before, want) {
			t.Errorf("%q is not said first", want)
		}
	}
	if !strings.Contains(string(report.Tripod(r, nil)), "SYNTHETIC") {
		t.Error("the checklist does not say that the stays are made up")
	}
}

// TestChecklistStatus: an item counts as answered only when its study was run.
func TestChecklistStatus(t *testing.T) {
	status := func(r evaluate.Report, number string) string {
		for _, line := range strings.Split(string(report.Tripod(r, nil)), "\n") {
			if fields := strings.Split(line, " | "); fields[0] == "| "+number {
				return fields[3]
			}
		}
		return "no such item"
	}
	plain, narrow := handMade(), handMade()
	plain.Transfers, plain.Recalibrated = plain.Transfers[:1], nil // as is
	narrow.Subgroups = nil
	for _, c := range []struct {
		name, number, want string
		report             evaluate.Report
	}{
		{"whole", "24", "answered", handMade()},
		{"without adaptation", "24", "not done", plain},
		{"without adaptation", "23b", "answered", plain},
		{"empty", "23b", "not done", evaluate.Report{}},
		{"whole", "23a", "answered", handMade()},
		{"without subgroups", "23a", "partly", narrow},
		{"empty", "23a", "not done", evaluate.Report{}},
		{"whole", "18d", "not done", handMade()},
		{"whole", "21", "partly", handMade()},
		{"empty", "21", "not done", evaluate.Report{}},
	} {
		if got := status(c.report, c.number); got != c.want {
			t.Errorf("%s: item %s is %q, want %q", c.name, c.number, got, c.want)
		}
	}
}

// TestNumbersAreWrittenAsTheyAre: thresholds with all their digits, shares of labelled hours in percent as in the pictures, curves by the names of
// their axes, differences with their sign, and a value of nothing without one.
func TestNumbersAreWrittenAsTheyAre(t *testing.T) {
	r := handMade()
	r.Decision[0].Points[0].Threshold = 0.0125
	r.Calibration[0].Smoothed.Points = []evaluate.SmoothedPoint{{Predicted: 0.0175, Observed: fig(0.03)}, {Predicted: 0.2, Observed: fig(0.21)}}
	r.Calibration[0].Top = []evaluate.CalibrationPart{{Low: 0.0419, High: 0.0743, Hours: 61789, Predicted: 0.0549, Observed: fig(0.0578)}}
	r.AtHome.Groups[0].CalibrationInLarge = &evaluate.Figure{Value: -0.0001, Low: -0.054, High: -0.00002}
	text := readable(write(t, r))
	for _, want := range []string{
		"\npooled | 1.25 % | ", "\npooled | 1.75 % | 3.00 % (2.00 to 4.00)\npooled | 20 % | 21.00 % (20.00 to 22.00)\n",
		"\npooled | 4.19 % | 7.43 % | 61,789 | 5.49 % | 5.78 % (4.78 to 6.78)\n",
		"\ncurve | hospital | threshold | 1 - specificity | sensitivity (recall) | precision (PPV)\n", "\nROC | pooled | 100.00 % | 0.000 | 0.000 | –\n", "\nprecision-recall | pooled | 0.00 % | – | 1.000 | 0.020\n",
		"\ngroup left out | utility | AUROC\ntiming | -0.040 (-0.050 to -0.030) | ", "\npattern | +0.020 (+0.010 to +0.030) | ",
		"calibration in the large 0.000 (-0.054 to -0.000), where 0 is ideal", // the end tells that 0 is not held
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "-0.000 (") {
		t.Error("nothing has a sign")
	}
}

// TestChecklistIsComplete: all 27 items of TRIPOD+AI, with the parts that the statement's table 2 gives them.
func TestChecklistIsComplete(t *testing.T) {
	want := strings.Fields("1 2 3a 3b 3c 4 5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 16 17 " +
		"18a 18b 18c 18d 18e 18f 19 20a 20b 20c 21 22 23a 23b 24 25 26 27a 27b 27c")
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+[a-g]?) \|`).FindAllStringSubmatch(string(report.Tripod(handMade(), nil)), -1) {
		got = append(got, m[1])
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("items %v, want %v", got, want)
	}
	page := write(t, handMade())
	for _, m := range regexp.MustCompile(`\]\(report\.html#([a-z-]+)\)`).FindAllStringSubmatch(string(report.Tripod(handMade(), nil)), -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("the checklist refers to #%s, which the page has not", m[1])
		}
	}
}

func TestSameReportSameBytes(t *testing.T) {
	if first, second := write(t, handMade()), write(t, handMade()); first != second {
		t.Error("two pages of one report differ")
	}
}

// TestPartsThatCouldNotBeMeasured say why where their figures would be, and the first screen says that some are missing.
func TestPartsThatCouldNotBeMeasured(t *testing.T) {
	r := handMade()
	r.Ablation, r.NotMeasured = nil, map[string]string{"ablation": "train: the reason"}
	page := write(t, r)
	checkPage(t, page)
	text := readable(page)
	for _, want := range []string{
		"The stays are too few, or tell too little, for these studies, which have no figures here: ablation.",
		"This part could not be measured on these stays: train: the reason.", "ablation: train: the reason",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%d times %q", strings.Count(text, want), want)
		}
	}
}

// TestSectionsNameStudies that there are, or the reason why one has no figures would be told nowhere.
func TestSectionsNameStudies(t *testing.T) {
	known := append(evaluate.StudyNames(), evaluate.FamiliesStudy)
	r := evaluate.Report{NotMeasured: map[string]string{}}
	for _, study := range known {
		r.NotMeasured[study] = "reason of " + study
	}
	text := readable(write(t, r))
	for _, study := range known {
		if study != "data" && !strings.Contains(text, "on these stays: reason of "+study+".") {
			t.Errorf("no section is of %s", study)
		}
	}
}
