package report_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
	"github.com/medtech-detect/sepsis/model"
)

// recipe is quick enough for a test.
func recipe() model.Options {
	o := model.DefaultOptions().WithRounds(5)
	o.Folds, o.Members, o.MaxBins, o.Network = 3, 1, 16, nil
	o.Trees.MaxDepth, o.Trees.LearningRate, o.Trees.MinChildWeight, o.Trees.Lambda = 3, 0.3, 1, 1
	return o
}

// synthetic are made-up stays of two hospitals.
var synthetic = sync.OnceValues(func() ([]sepsis.LabelledStay, error) {
	var stays []sepsis.LabelledStay
	for i, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 30, Seed: uint64(i), SepticShare: 0.4, Hospital: hospital})
		if err != nil {
			return nil, err
		}
		stays = append(stays, slices.Collect(made)...)
	}
	return stays, nil
})

// TestReportOfSyntheticCohort takes the road of `sepsis evaluate`: cross-validate made-up stays, write the JSON, read it, write the page.
func TestReportOfSyntheticCohort(t *testing.T) {
	plan := evaluate.Evaluation{
		Names: []string{"synthetic"}, Digest: "of the made-up stays", Seed: 1, Threads: 1, Options: recipe(), Studies: []string{"home"},
		Stays: func(context.Context) ([]sepsis.LabelledStay, error) { return synthetic() },
	}
	found, err := plan.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	var r evaluate.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	page := write(t, r)
	checkPage(t, page)
	text := readable(page)
	if !strings.Contains(text, "SYNTHETIC data") {
		t.Error("the page does not say that the patients are made up")
	}
	for _, m := range r.Methods {
		if !strings.Contains(text, m.Text) {
			t.Errorf("the method of %s is not on the page", m.Part)
		}
	}
	if n := strings.Count(text, "This part was not run, or"); n != 8 { // as it is served, carried, recalibrated, less information, reliability, groups of features left out, without the clock, other kinds of model
		t.Errorf("%d parts are said not to have been run, 8 expected", n)
	}
	for _, name := range r.NotRun {
		if !strings.Contains(text, "\n"+name+"\n") {
			t.Errorf("%q is not said not to have been run", name)
		}
	}
}

// trainedCard is the card of a model learnt from made-up stays.
func trainedCard(t *testing.T) *model.Card {
	t.Helper()
	stays, err := synthetic()
	if err != nil {
		t.Fatal(err)
	}
	bundle, predicted, err := model.Train(t.Context(), model.Training{
		Stays: stays, Name: "made-up", Version: "0.1.0", Seed: 1, Threads: 1, Options: recipe(),
		Provenance: model.Provenance{Command: "sepsis train", Data: []string{"synthetic"}, DataDigest: "abc", Synthetic: true, GoVersion: "go1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := evaluate.OutOfFold(stays, predicted, 1)
	if err != nil {
		t.Fatal(err)
	}
	if bundle.Evidence, err = json.Marshal(evidence); err != nil {
		t.Fatal(err)
	}
	file, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	var card model.Card
	if err := json.Unmarshal(opened.Card(), &card); err != nil {
		t.Fatal(err)
	}
	return &card
}

// texts lists all texts of a value, by the path that leads to them.
func texts(v reflect.Value, path string, found map[string]string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), path, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), path+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return
		}
		for i := range v.Len() {
			texts(v.Index(i), path, found)
		}
	case reflect.String:
		found[path+": "+v.String()] = v.String()
	}
}

// TestModelCardSaysEverything: every field of the card is filled, and stands on the page.
func TestModelCardSaysEverything(t *testing.T) {
	card := trainedCard(t)
	page, err := report.ModelCard(card, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	texts(reflect.ValueOf(card).Elem(), "", found)
	notShown := []string{ // they identify, and are no sentences
		".Inputs.Measurements.Name", ".Inputs.Measurements.Unit", ".Inputs.Stay.Name", ".Inputs.Stay.Unit", ".Training.Options", ".Training.Recipe", ".Training.Data:", ".OperatingPoint.Name", ".AlertPoint.OperatingPoint.Name",
		".TrainingData.Source", ".TrainingData.Licence", // there are none of made-up stays
	}
	for path, text := range found {
		if slices.ContainsFunc(notShown, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			continue
		}
		if text == "" {
			t.Errorf("%s is empty", path)
		}
		if plain := strings.ReplaceAll(string(page), `\`, ""); !strings.Contains(plain, text) {
			t.Errorf("%s is not on the page", path)
		}
	}
	if strings.Contains(string(page), "stays that it was chosen on.") {
		t.Error("the page tells the predictive value on the stays that the alert was chosen on")
	}
	for _, want := range []string{"SYNTHETIC", "chosen on, `sepsis evaluate` measures", "| out of fold | pooled |", "not carry figures by subgroup", "34"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if len(card.Inputs.Measurements) != sepsis.NumVariables || len(card.Inputs.Stay) != 5 { // age, sex, unit, hours before, hour
		t.Errorf("%d measurements and %d variables of the stay", len(card.Inputs.Measurements), len(card.Inputs.Stay))
	}
}

// TestModelCardWithReport: an evaluation adds what the bundle does not carry.
func TestModelCardWithReport(t *testing.T) {
	r := handMade()
	page, err := report.ModelCard(handMadeCard(), &r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Out of fold the share is 0.150 (0.140 to 0.160), at 0.45 (0.44 to 0.46) alarms per patient-day; unadjusted it is 0.170 (0.160 to 0.180).",
		"| north to south, as is, forecasts of the other hospital | 0.340 (0.330 to 0.350) | +0.060 (+0.050 to +0.070) |",
		"| 80 and older | 1,200 (100) | 48,000 (2.00 %) | 0.700 (0.690 to 0.710) | 1.000 (0.990 to 1.010) | -0.200 (-0.210 to -0.190) |",
		"The bundle carries no figures.", "## The alert, out of fold", "| septic stays alarmed by onset | 41.0 % (40.0 to 42.0) |",
		"## The watch list, out of fold", "| septic stays alarmed by onset | 83.0 % (82.0 to 84.0) |",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestModelCardRefusesForeignEvidence(t *testing.T) {
	card := handMadeCard()
	card.Evidence = json.RawMessage(`{"groups": 7}`)
	if _, err := report.ModelCard(card, nil); err == nil || !strings.Contains(err.Error(), "evidence") {
		t.Errorf("error %v", err)
	}
}

// TestModelCardOfRecalibrated: figures of the parent are named as such.
func TestModelCardOfRecalibrated(t *testing.T) {
	card := handMadeCard()
	card.ParentEvidence = json.RawMessage(`{"method": "by hand", "groups": []}`)
	card.Training.Recalibrations = []model.Recalibration{{Parent: sepsis.ModelInfo{Name: "mother"}, Data: []string{"site.zip"}}}
	page, err := report.ModelCard(card, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not fitted to is not known", "These figures are of the parent model", "Recalibrated from mother", "of site.zip"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestModelCardOfAdapted: it says where the forecasts come from, and that no figure is known with them.
func TestModelCardOfAdapted(t *testing.T) {
	card := handMadeCard()
	card.ParentEvidence = json.RawMessage(`{"method": "by hand", "groups": []}`)
	card.Training.Adaptations = []model.Adaptation{{Parent: sepsis.ModelInfo{Name: "mother"}, Data: []string{"site.zip"}, Stays: 700}}
	page, err := report.ModelCard(card, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"not fitted to is not known", "with its own forecasts, calibration and thresholds", "Adapted from mother", "that need no label learnt anew from 700 stays", "of site.zip",
		"| forecast_fever | a fever | all stays, without labels |\n| forecast_leaves | the end | stays without sepsis |",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestChecklistTellsOfForecasts where the recipe has them, and there alone.
func TestChecklistTellsOfForecasts(t *testing.T) {
	r := handMade()
	with := string(report.Tripod(r, nil))
	for _, want := range []string{"Forecasts of the hours to come are predictors", "Forecasts are learnt within each fold", "The forecasts are trees of their own"} {
		if !strings.Contains(with, want) {
			t.Errorf("the checklist lacks %q", want)
		}
	}
	r.Options.Training = json.RawMessage(`{"folds":5}`)
	if without := string(report.Tripod(r, nil)); strings.Contains(strings.ToLower(without), "forecast") {
		t.Errorf("the checklist of a recipe without forecasts speaks of them:\n%s", without)
	}
}

// TestFrontPage: the figures that a reader should meet first, as Markdown, and what was not measured.
func TestFrontPage(t *testing.T) {
	r := handMade()
	failed := transfer("south", "north", evaluate.AsIsAdapted, 0, 0, nil)
	failed.Failed = "too little to learn from"
	r.Transfers = append(r.Transfers, failed)
	golden(t, "frontpage.md", string(report.FrontPage(&r)))
	empty := string(report.FrontPage(&evaluate.Report{Data: evaluate.Data{Synthetic: true, Sample: 300}}))
	for _, want := range []string{"SYNTHETIC", "at most 300 stays", "not learnt from was not measured", "What the alert is worth was not measured."} {
		if !strings.Contains(empty, want) {
			t.Errorf("of an empty report it does not say %q:\n%s", want, empty)
		}
	}
}

// TestChecklistApart: what is not beside the page has no link to it.
func TestChecklistApart(t *testing.T) {
	beside, apart := string(report.Tripod(handMade(), nil)), string(report.TripodApart(handMade(), nil))
	if !strings.Contains(beside, "[The patients](report.html#data)") || strings.Contains(apart, "](") || !strings.Contains(apart, "| The patients |") {
		t.Errorf("links beside the page, and none apart from it, are expected:\n%s", apart)
	}
}

// TestChecklistNamesTheModel: facts of the model come from its card.
func TestChecklistNamesTheModel(t *testing.T) {
	got := string(report.Tripod(handMade(), handMadeCard()))
	for _, want := range []string{"made-by-hand 0.1, 1500 trees on 400 features and 2 forecasts, which have 120 trees of their own, SHA-256 0123abcd", "0.5 septic stays for each of 402 predictors"} { // 200 / 402
		if !strings.Contains(got, want) {
			t.Errorf("the checklist lacks %q", want)
		}
	}
}

// TestGoldenFilesAreUsed: no golden file is left over.
func TestGoldenFilesAreUsed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join("testdata", "frontpage.md"), filepath.Join("testdata", "report.txt"), filepath.Join("testdata", "tripod.md")}; !slices.Equal(files, want) {
		t.Errorf("testdata holds %v, want %v", files, want)
	}
}
