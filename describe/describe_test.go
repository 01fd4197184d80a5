package describe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/describe"
)

// cohort is a list of stays in memory.
type cohort []challenge.Record

func (c cohort) Len() int { return len(c) }

func (c cohort) Read(i int) (challenge.Record, error) { return c[i], nil }

// row is one hour of a stay: what was measured, and the label.
type row struct {
	values map[sepsis.Variable]float64
	label  bool
}

// stay makes a stay of consecutive hours from ICU hour 1 on.
func stay(hospital string, rows ...row) challenge.Record {
	var r challenge.Record
	r.Hospital, r.Age, r.HoursBefore = hospital, 60, 2
	r.Labels = []bool{}
	for i, one := range rows {
		values := sepsis.NoValues()
		for v, value := range one.values {
			values[v] = value
		}
		r.Observations = append(r.Observations, sepsis.Observation{Hour: i + 1, Values: values})
		r.Labels = append(r.Labels, one.label)
	}
	r.Cleaning = challenge.Cleaning{Stays: 1, Hours: len(rows)}
	return r
}

func heart(rates ...float64) []row {
	rows := make([]row, len(rates))
	for i, rate := range rates {
		if !math.IsNaN(rate) {
			rows[i].values = map[sepsis.Variable]float64{sepsis.HeartRate: rate}
		}
	}
	return rows
}

func labelledFrom(rows []row, first int) []row {
	for i := first; i < len(rows); i++ {
		rows[i].label = true
	}
	return rows
}

func read(t *testing.T, c describe.Cohort) *describe.Report {
	t.Helper()
	report, err := describe.Read(t.Context(), c, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func near(got describe.Number, want float64) bool {
	return math.Abs(float64(got)-want) < 1e-9 || (math.IsNaN(want) && !got.Defined())
}

var nan = math.NaN()

// TestCounts has three stays of one hospital and one of another, counted by hand.
func TestCounts(t *testing.T) {
	r := read(t, cohort{
		stay("a", labelledFrom(heart(60, nan, nan, 80), 2)...), // the label begins in hour 3: onset in hour 9
		stay("a", heart(70, 90)...),
		stay("a", labelledFrom(heart(100), 0)...), // labelled from the first row on
		stay("b", heart(nan, 50)...),
	})
	if len(r.Groups) != 3 || r.Groups[0].Name != describe.Pooled || r.Groups[1].Name != "a" || r.Groups[2].Name != "b" {
		t.Fatalf("groups %v", r.Groups)
	}
	a := r.Groups[1]
	if a.Who.Stays != 3 || a.Who.Hours != 7 || a.Who.LabelledHours != 3 || a.Who.Septic != (describe.Share{Part: 2, Whole: 3}) {
		t.Errorf("who: %+v", a.Who)
	}
	if pooled := r.Groups[0].Who; pooled.Stays != 4 || pooled.Hours != 9 {
		t.Errorf("pooled: %+v", pooled)
	}
	if o := a.Onset; o.LabelledFromStart != 1 || o.Hour.Count != 1 || o.Hour.Median != 9 {
		t.Errorf("onset: %+v", o)
	}
	// In hour 1 all three are recorded, two are at risk; in hour 3 one is, and its label begins; in hour 4 none is.
	want := []describe.Hour{
		{Hour: 1, Stays: 3, Labelled: 1, Septic: 2, AtRisk: 2},
		{Hour: 2, Stays: 2, Septic: 1, AtRisk: 2},
		{Hour: 3, Stays: 1, Labelled: 1, Septic: 1, AtRisk: 1, Begins: 1},
		{Hour: 4, Stays: 1, Labelled: 1, Septic: 1},
	}
	// Hour 1 is labelled once and twice not, 2 twice not, 3 and 4 once each: the labelled hours 1, 3, 4 against 1, 1, 2, 2
	// win 2 halves, 4 and 4 of the 12 pairs.
	if !near(a.Onset.HourAUROC.Value, 9.0/12) || a.Onset.LastSeptic.Maximum != 4 || a.Onset.LastOther.Median != 2 {
		t.Errorf("hours alone %v, last %+v, %+v", a.Onset.HourAUROC, a.Onset.LastSeptic, a.Onset.LastOther)
	}
	if !slices.Equal(a.Onset.ByHour, want) {
		t.Errorf("by hour: %+v, want %+v", a.Onset.ByHour, want)
	}
	rate := a.Variables[sepsis.HeartRate]
	if !near(rate.Measured, 5.0/7) || !near(rate.EverMeasured, 1) || !near(rate.PerDay, 24*5.0/7) || rate.Values.Count != 5 || rate.Values.Median != 80 {
		t.Errorf("heart rate: %+v", rate)
	}
	if rate.Interval != 1 { // intervals of 3 and 1 hours: the lower median
		t.Errorf("interval %v, want 1", rate.Interval)
	}
	if lactate := a.Variables[sepsis.Lactate]; lactate.Measured != 0 || lactate.Values.Median.Defined() || lactate.Interval.Defined() {
		t.Errorf("lactate, never measured: %+v", lactate)
	}
	// Labelled 80 and 100 against 60, 70, 90: of the 6 pairs, 80 wins 2 of 3 and 100 all 3.
	if c := a.Contrasts[sepsis.HeartRate]; !near(c.AUROC.Value, 5.0/6) || !near(c.LabelledMeasured, 2.0/3) || !near(c.OtherMeasured, 3.0/4) || !near(c.MeasuredRatio.Value, 8.0/9) {
		t.Errorf("contrast: %+v", c)
	}
}

// TestStaysWithoutLabels: what is not known to be labelled counts neither as labelled nor as not.
func TestStaysWithoutLabels(t *testing.T) {
	unlabelled := stay("a", heart(200, 200)...)
	unlabelled.Labels = nil
	g := read(t, cohort{unlabelled, stay("a", labelledFrom(heart(60, 80), 1)...)}).Groups[1]
	if w := g.Who; w.WithoutLabels != 1 || w.Hours != 4 || !near(w.Prevalence.Value, 0.5) || w.Septic != (describe.Share{Part: 1, Whole: 1}) {
		t.Errorf("who: %+v", w)
	}
	if c := g.Contrasts[sepsis.HeartRate]; c.Other != 1 || c.Labelled != 1 || c.AUROC.Value != 1 || !near(c.OtherMeasured, 1) {
		t.Errorf("contrast: %+v", c)
	}
	if g.Variables[sepsis.HeartRate].Values.Count != 4 || g.Onset.ByHour[0].Stays != 1 {
		t.Error("values and hours are counted otherwise")
	}
}

// TestQuantiles: numpy.quantile([1, 2, 4, 8], [0.01, 0.25, 0.5, 0.99]) is 1.03, 1.75, 3, 7.88 (numpy 2.4.6).
func TestQuantiles(t *testing.T) {
	d := read(t, cohort{stay("a", heart(8, 1, 4, 2)...)}).Groups[1].Variables[sepsis.HeartRate].Values
	if !near(d.P1, 1.03) || !near(d.P25, 1.75) || !near(d.Median, 3) || !near(d.P99, 7.88) || d.Minimum != 1 || d.Maximum != 8 || !near(d.Mean, 3.75) {
		t.Errorf("%+v", d)
	}
}

// TestDistance: scipy.stats.ks_2samp gives 0.5 for [1,2,3,4] and [3,4,5,6], 0.25 for [1,1,2,2] and [1,2,2,2] (scipy 1.17.1).
func TestDistance(t *testing.T) {
	cases := []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{3, 4, 5, 6}, 0.5},
		{[]float64{1, 1, 2, 2}, []float64{1, 2, 2, 2}, 0.25},
		{[]float64{5, 5}, []float64{5}, 0},
		{[]float64{1}, []float64{2}, 1},
		{[]float64{1}, []float64{nan}, nan},
	}
	for _, c := range cases {
		pairs := read(t, cohort{stay("b", heart(c.b...)...), stay("a", heart(c.a...)...)}).Pairs
		if len(pairs) != 1 || pairs[0].First != "a" || pairs[0].Second != "b" {
			t.Fatalf("pairs %+v", pairs)
		}
		for _, d := range pairs[0].Variables {
			if d.Name == "heart_rate" && !near(d.Distance.Value, c.want) {
				t.Errorf("%v and %v: %v, want %v", c.a, c.b, d.Distance, c.want)
			}
		}
	}
}

// TestPairsAreSorted: the most different first, what one never measured last.
func TestPairsAreSorted(t *testing.T) {
	both := func(rate, pressure float64) row {
		return row{values: map[sepsis.Variable]float64{sepsis.HeartRate: rate, sepsis.SystolicBP: pressure}}
	}
	r := read(t, cohort{stay("a", both(60, 110), both(70, 120)), stay("b", both(70, 200), both(60, 210)), stay("c", heart(60)...)})
	if len(r.Pairs) != 3 {
		t.Fatalf("%d pairs of three hospitals", len(r.Pairs))
	}
	if first := r.Pairs[0].Variables[0]; first.Name != "systolic_bp" || first.Distance.Value != 1 || first.MoreMeasured.Value != 0 {
		t.Errorf("first is %+v", first)
	}
	undefined := false
	for _, d := range r.Pairs[0].Variables {
		if undefined && d.Distance.Value.Defined() {
			t.Errorf("%s comes after what is undefined", d.Name)
		}
		undefined = undefined || !d.Distance.Value.Defined()
	}
}

// TestCorrelation: of 1 to 100 with itself 1, with its reverse -1; with ties, scipy.stats.spearmanr of i and i//50 (two
// levels, 100 values) is 0.8660687083 (scipy 1.17.1); a variable that does not vary, and fewer than 100 stays, have none.
func TestCorrelation(t *testing.T) {
	var stays cohort
	for i := range 100 {
		values := map[sepsis.Variable]float64{sepsis.HeartRate: float64(i + 20), sepsis.SystolicBP: float64(220 - i), sepsis.WBC: float64(1 + i/50), sepsis.PTT: 30}
		if i > 0 {
			values[sepsis.Lactate] = float64(i)
		}
		stays = append(stays, stay("a", row{values: values}, row{}))
	}
	c := read(t, stays).Correlations
	at := func(a, b sepsis.Variable) describe.Number { return c.Values[a][b].Value }
	if !near(at(sepsis.HeartRate, sepsis.HeartRate), 1) || !near(at(sepsis.HeartRate, sepsis.SystolicBP), -1) {
		t.Errorf("%v and %v, want 1 and -1", at(sepsis.HeartRate, sepsis.HeartRate), at(sepsis.HeartRate, sepsis.SystolicBP))
	}
	if got := float64(at(sepsis.WBC, sepsis.HeartRate)); math.Abs(got-0.8660687083) > 1e-9 {
		t.Errorf("with ties %v, want 0.8660687083", got)
	}
	if at(sepsis.PTT, sepsis.HeartRate).Defined() || at(sepsis.Lactate, sepsis.HeartRate).Defined() || at(sepsis.AST, sepsis.AST).Defined() {
		t.Error("a correlation that is undefined has a value")
	}
	if n := c.Stays[sepsis.Lactate][sepsis.HeartRate]; n != 99 {
		t.Errorf("%d stays have both, want 99", n)
	}
	for i := range c.Values {
		for j := range c.Values {
			if c.Values[i][j].Value.Defined() && math.Abs(float64(c.Values[i][j].Value-c.Values[j][i].Value)) > 1e-12 {
				t.Fatalf("%s and %s are not symmetric", c.Names[i], c.Names[j])
			}
		}
	}
}

// TestShareInterval is of metric.Wilson.
func TestShareInterval(t *testing.T) {
	cases := []struct {
		share     describe.Share
		low, high float64
	}{
		{describe.Share{Part: 10, Whole: 100}, 0.0552291371, 0.1743656615},
		{describe.Share{}, nan, nan},
	}
	for _, c := range cases {
		low, high := c.share.Interval()
		if math.Abs(float64(low)-c.low) > 1e-9 || math.Abs(float64(high)-c.high) > 1e-9 || low.Defined() == math.IsNaN(c.low) {
			t.Errorf("%+v: %v to %v", c.share, float64(low), float64(high))
		}
	}
}

// TestDoubts counts warnings, the hours in which they could be given, and values that another unit would explain.
func TestDoubts(t *testing.T) {
	g := read(t, cohort{stay("a",
		row{values: map[sepsis.Variable]float64{sepsis.SpO2: 98, sepsis.SaO2: 60}},
		row{values: map[sepsis.Variable]float64{sepsis.SpO2: 98, sepsis.SaO2: 97}},
		row{values: map[sepsis.Variable]float64{sepsis.SpO2: 98}},
		row{values: map[sepsis.Variable]float64{sepsis.Lactate: 30}}, // usual as mg/dL: 3.3 mmol/L
	)}).Groups[1]
	if want := (describe.Doubt{Code: sepsis.SaturationsDisagree, Variable: "spo2", Count: 1, Hours: 2, Share: 0.5}); !slices.Contains(g.Doubts, want) {
		t.Errorf("doubts %+v, want %+v", g.Doubts, want)
	}
	if want := []describe.Lookalike{{Variable: "lactate", Unit: "mg/dL", Count: 1, Unusual: 1}}; !slices.Equal(g.LooksLike, want) {
		t.Errorf("look like another unit: %+v, want %+v", g.LooksLike, want)
	}
}

// TestHistogramsCountEveryValue: nothing falls between bins, whatever the values.
func TestHistogramsCountEveryValue(t *testing.T) {
	for _, g := range synthetic(t, 2).Groups {
		for _, v := range g.Variables {
			sum := v.Histogram.Below + v.Histogram.Above
			for _, count := range v.Histogram.Counts {
				sum += count
			}
			if sum != v.Values.Count {
				t.Errorf("%s, %s: the histogram has %d of %d values", g.Name, v.Name, sum, v.Values.Count)
			}
			if !slices.IsSorted(v.Histogram.Edges) || len(v.Histogram.Edges) != len(v.Histogram.Counts)+1 {
				t.Errorf("%s: edges %v", v.Name, v.Histogram.Edges)
			}
		}
	}
}

func syntheticStays(t *testing.T) cohort {
	t.Helper()
	var stays cohort
	for i, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 60, Seed: uint64(i + 1), SepticShare: 0.2, Hospital: hospital})
		if err != nil {
			t.Fatal(err)
		}
		for s := range made {
			stays = append(stays, challenge.Record{LabelledStay: s, Cleaning: challenge.Cleaning{Stays: 1, Hours: len(s.Observations)}})
		}
	}
	return stays
}

func synthetic(t *testing.T, threads int) *describe.Report {
	t.Helper()
	report, err := describe.Read(t.Context(), syntheticStays(t), threads, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestThreadsMakeNoDifference holds the report's bytes for any number of threads.
func TestThreadsMakeNoDifference(t *testing.T) {
	one := synthetic(t, 1)
	for _, threads := range []int{0, 2, 7, 1000} {
		if other := synthetic(t, threads); !bytes.Equal(asJSON(t, one), asJSON(t, other)) || !bytes.Equal(asHTML(t, one), asHTML(t, other)) {
			t.Errorf("%d threads give another report than one", threads)
		}
	}
}

func asJSON(t *testing.T, r *describe.Report) []byte {
	t.Helper()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func asHTML(t *testing.T, r *describe.Report) []byte {
	t.Helper()
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// brokenFrom fails from one stay on.
type brokenFrom struct {
	cohort
	first int
}

func (b brokenFrom) Read(i int) (challenge.Record, error) {
	if i >= b.first {
		return challenge.Record{}, fmt.Errorf("stay %d is broken", i)
	}
	return b.cohort.Read(i)
}

// TestFirstErrorWins: the error is that of the first broken stay, whatever the threads.
func TestFirstErrorWins(t *testing.T) {
	for _, threads := range []int{1, 2, 50} {
		_, err := describe.Read(t.Context(), brokenFrom{syntheticStays(t), 13}, threads, nil)
		if err == nil || err.Error() != "stay 13 is broken" {
			t.Errorf("%d threads: %v", threads, err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := describe.Read(stopped, syntheticStays(t), 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	stopped, stop = context.WithCancel(t.Context())
	_, err := describe.Read(stopped, syntheticStays(t), 2, func(done, total int) {
		if done == total { // all are read, and nothing is computed
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped after reading: %v", err)
	}
	if _, err := describe.Read(t.Context(), cohort{}, 2, nil); err == nil {
		t.Error("no stays: no error")
	}
}

func TestProgressCountsAllStays(t *testing.T) {
	last, calls := 0, 0
	_, err := describe.Read(t.Context(), syntheticStays(t), 3, func(done, total int) {
		if done != last+1 || total != 120 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last, calls = done, calls+1
	})
	if err != nil || calls != 120 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// sparse are cohorts in which much is undefined.
func sparse() map[string]cohort {
	unlabelled := stay("a", heart(60, 70)...)
	unlabelled.Labels = nil
	nobody := stay("a", row{})
	nobody.Age, nobody.HoursBefore = nan, nan
	return map[string]cohort{
		"one stay without values": {nobody},
		"no labels":               {unlabelled},
		"all labelled":            {stay("a", labelledFrom(heart(60, 60), 0)...)},
		"nothing in common":       {stay("a", heart(60)...), stay("b", row{values: map[sepsis.Variable]float64{sepsis.Lactate: 2}})},
		"three hospitals":         {stay("a", heart(60)...), stay("<b>", heart(60)...), stay("c|d", heart(70)...)},
	}
}

// TestSparseCohorts: what is undefined is null or "undefined", never 0 and never NaN, and all pages can be written.
func TestSparseCohorts(t *testing.T) {
	for name, stays := range sparse() {
		r := read(t, stays)
		var parsed any
		if err := json.Unmarshal(asJSON(t, r), &parsed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, page := range [][]byte{asHTML(t, r), r.FindingsPage()} {
			if bytes.Contains(page, []byte("NaN")) || bytes.Contains(page, []byte("Inf")) || bytes.Contains(page, []byte("<b>")) && bytes.Contains(page, []byte("<!DOCTYPE")) {
				t.Errorf("%s: a page holds NaN, Inf or a name as markup", name)
			}
		}
		if !bytes.Contains(r.FindingsPage(), []byte("undefined")) {
			t.Errorf("%s: nothing is undefined", name)
		}
	}
}

// TestPageIsSelfContained: no script, nothing from elsewhere, each chart with its table, and tables that are rectangular.
func TestPageIsSelfContained(t *testing.T) {
	page := string(asHTML(t, synthetic(t, 2)))
	for _, forbidden := range []string{"<script", " src=", "url(", "@import", " style=", "onclick"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %q", forbidden)
		}
	}
	if rest := strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""); strings.Contains(rest, "http://") || strings.Contains(rest, "https://") {
		t.Error("the page names an address")
	}
	if !strings.Contains(page, "synthetic: these figures say nothing of patients") {
		t.Error("the page does not say that the stays are synthetic")
	}
	if figures, details := strings.Count(page, "<figure>"), strings.Count(page, "</details>\n</figure>"); figures < 10 || figures != details {
		t.Errorf("%d figures, %d with their table", figures, details)
	}
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var cells []int
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, is := token.(xml.StartElement); is {
			cells = rectangular(t, cells, start.Name.Local)
		}
	}
}

// rectangular follows the rows of tables: cells has the cells of the header and of the present row.
func rectangular(t *testing.T, cells []int, element string) []int {
	t.Helper()
	switch element {
	case "table":
		return nil
	case "tr":
		if n := len(cells); n > 2 && cells[n-1] != cells[0] {
			t.Errorf("a row of %d cells under a header of %d", cells[n-1], cells[0])
		}
		return append(cells, 0)
	case "th", "td":
		cells[len(cells)-1]++
	}
	return cells
}

// TestRefill replaces the generated parts and leaves the rest.
func TestRefill(t *testing.T) {
	document := "# Data\n\nBefore.\n<!-- generated: one -->\nold\nolder\n<!-- generated end -->\nBetween.\n" +
		"<!-- generated: two -->\n<!-- generated end -->\nAfter, without a line break"
	blocks := []describe.Block{{Name: "two", Markdown: "2\n"}, {Name: "one", Markdown: "| 1 |\n"}, {Name: "unused", Markdown: "-"}}
	want := "# Data\n\nBefore.\n<!-- generated: one -->\n| 1 |\n<!-- generated end -->\nBetween.\n" +
		"<!-- generated: two -->\n2\n<!-- generated end -->\nAfter, without a line break"
	for range 2 { // a second time changes nothing
		got, err := describe.Refill([]byte(document), blocks)
		if err != nil || string(got) != want {
			t.Fatalf("%q, %v", got, err)
		}
		document = string(got)
	}
}

// TestRefillRefuses names the line at which a document is not in order.
func TestRefillRefuses(t *testing.T) {
	cases := map[string]string{
		"x\n<!-- generated: three -->\n<!-- generated end -->\n":                     "line 2",
		"<!-- generated: one -->\n<!-- generated: one -->\n<!-- generated end -->\n": "line 2",
		"<!-- generated: one -->\nx\n":                                               "line 1",
		"<!-- generated end -->\n":                                                   "line 1",
		"no part\n":                                                                  "no generated part",
		"":                                                                           "no generated part",
	}
	for document, want := range cases {
		got, err := describe.Refill([]byte(document), []describe.Block{{Name: "one"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", document, got, err)
		}
	}
}

// TestFindingsPageCanBeRefilled: the page of all blocks is made of the very same blocks.
func TestFindingsPageCanBeRefilled(t *testing.T) {
	r := synthetic(t, 2)
	got, err := describe.Refill(r.FindingsPage(), r.Findings())
	if err != nil || !bytes.Equal(got, r.FindingsPage()) {
		t.Errorf("%v", err)
	}
	var names []string
	for _, block := range r.Findings() {
		if slices.Contains(names, block.Name) {
			t.Errorf("two blocks are named %s", block.Name)
		}
		names = append(names, block.Name)
	}
}

// TestJSONHasEveryField: no field of the report lacks a name in the JSON.
func TestJSONHasEveryField(t *testing.T) {
	var check func(of reflect.Type)
	check = func(of reflect.Type) {
		for of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for i := range of.NumField() {
			if field := of.Field(i); field.Tag.Get("json") == "" {
				t.Errorf("%s.%s has no JSON name", of, field.Name)
			} else {
				check(field.Type)
			}
		}
	}
	check(reflect.TypeFor[describe.Report]())
}

// TestPartOfThePublishedData: stays of the Challenge's sets are put beside those that it published; nothing is said of other hospitals.
func TestPartOfThePublishedData(t *testing.T) {
	one := row{values: map[sepsis.Variable]float64{sepsis.HeartRate: 80}}
	page := string(read(t, cohort{stay("training_setA", one), stay("training_setB", one)}).FindingsPage())
	if want := "| 40,336: 0.0 % | 20,336: 0.0 % | 20,000: 0.0 % |"; !strings.Contains(page, want) {
		t.Errorf("%q is not in %s", want, page)
	}
	if page := string(read(t, cohort{stay("training_setA", one), stay("ours", one)}).FindingsPage()); strings.Contains(page, "published") {
		t.Errorf("of a hospital that nobody published: %s", page)
	}
}
