package evaluate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
	reportpage "github.com/medtech-detect/sepsis/evaluate/report"
	"github.com/medtech-detect/sepsis/model"
)

// plan evaluates a few quick trees on a small made-up cohort, and counts how often the cohort is read.
func plan(t *testing.T, cache string, studies ...string) (*evaluate.Evaluation, *int) {
	t.Helper()
	options := model.DefaultOptions().WithRounds(5)
	options.Folds, options.Network = 3, nil
	options.Trees.LearningRate, options.Trees.MinChildWeight, options.Trees.Lambda = 0.3, 1, 1
	reads := 0
	return &evaluate.Evaluation{
		Resamples: 40, Names: []string{"made"}, Digest: "d", Seed: 3, Threads: 1, Options: options, Studies: studies, Program: "p",
		Cache: evaluate.NewCache(cache),
		Stays: func(context.Context) ([]sepsis.LabelledStay, error) {
			reads++
			var stays []sepsis.LabelledStay
			for i, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
				made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 30, Seed: uint64(i), SepticShare: 0.4, Hospital: hospital})
				if err != nil {
					return nil, err
				}
				stays = append(stays, slices.Collect(made)...)
			}
			return stays, nil
		},
	}, &reads
}

func run(t *testing.T, e *evaluate.Evaluation) (*evaluate.Report, string) {
	t.Helper()
	report, err := e.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	return report, string(text)
}

// TestAllStudiesWithAnyNumberOfThreads also looks for parts that are missing from the report.
func TestAllStudiesWithAnyNumberOfThreads(t *testing.T) {
	e, reads := plan(t, "")
	e.Extra = []evaluate.Study{linear()}
	report, first := run(t, e)
	if *reads != 1 {
		t.Errorf("the cohort was read %d times", *reads)
	}
	for name, there := range map[string]bool{
		"data": report.Data.Stays == 60 && len(report.Data.Hospitals) == 2 && report.Data.Synthetic, "at home": report.AtHome != nil,
		"baselines": len(report.Baselines) == 5*3, "phases": len(report.Phases) > 0, "ward": len(report.Ward) == 2*3, "hysteresis": len(report.Hysteresis) == 2*3,
		"calibration": len(report.Calibration) == 3, "decision": len(report.Decision) == 3, "ROC": len(report.ROC) == 3, "PR": len(report.PR) == 3,
		"subgroups": len(report.Subgroups) == 6, "hour bands": len(report.HourBands) > 0, "importance": report.Importance != nil,
		"transfers": len(report.Transfers) == 2 && report.Transfers[0].HomeUtility != nil, "degraded": len(report.Degraded) == 4,
		"ablation": report.Ablation != nil && len(report.Ablation.Parts) == 4 && len(report.Ablation.Parts[0].UtilityTrainings.Each) == 3, "without hours": report.WithoutHours != nil && len(report.WithoutHours.Hints) > 0 && report.WithoutHours.Hints[0].Correlation.Low > -1,
		"reliability": len(report.Reliability) == 3, "conformal": len(report.Conformal) == 2*3 && report.Conformal[3].Input == evaluate.NowOnly,
		"conformal elsewhere": len(report.ConformalCarried) == 2 && report.ConformalCarried[0].From == report.ConformalCarried[1].Hospital && report.ConformalCarried[0].Hours > 0,
		"nothing left out":    slices.Equal(report.NotRun, []string{evaluate.ServedStudy}),
	} {
		if !there {
			t.Errorf("%s is not as it should be", name)
		}
	}
	if now := report.Degraded[1]; now.Name != evaluate.NowOnly || now.Group.StaySensitivity != nil || now.Group.StayFalseAlarm != nil {
		t.Errorf("%s has figures over stays: %v, %v", now.Name, now.Group.StaySensitivity, now.Group.StayFalseAlarm)
	}
	checkClock(t, report)
	for _, transfer := range report.Transfers { // the watch list of the ward is that of the transfer's own figures
		g := transfer.Group
		if w := transfer.Ward; len(w) != 2 || w[0].Point != "utility" || w[1].Point != "alert" || w[0].Hospital != transfer.To || w[0].Stays != g.Stays ||
			*w[0].StaySensitivity != *g.StaySensitivity || math.Abs(w[0].StaySpecificity.Value-1+g.StayFalseAlarm.Value) > 1e-12 || !strings.Contains(w[1].Choice, transfer.From) {
			t.Errorf("%s to %s: the ward sees %+v", transfer.From, transfer.To, w)
		}
	}
	if full := report.Degraded[0]; *full.Utility != (evaluate.Figure{}) || *full.Group.Utility != *report.AtHome.Groups[0].Utility {
		t.Errorf("full input differs from at home: %v, %v", full.Utility, full.Group.Utility)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	again, _ := plan(t, "")
	again.Threads, again.Extra = 3, e.Extra
	if _, second := run(t, again); second != first {
		t.Error("another number of threads gives another report")
	}
}

// checkClock holds the differences to counting hours to the figures that they are of.
func checkClock(t *testing.T, report *evaluate.Report) {
	t.Helper()
	check := func(name string, over, figure, clock *evaluate.Figure) {
		if over == nil || figure == nil || clock == nil || math.Abs(over.Value-(figure.Value-clock.Value)) > 1e-12 || over.Low > over.Value || over.High < over.Value {
			t.Errorf("%s: %v above counting hours, with %v and %v", name, over, figure, clock)
		}
	}
	for _, d := range report.Degraded {
		check(d.Name, d.Group.OverHoursRule, d.Group.Utility, d.Group.HoursRule)
		check(d.Name+", AUROC", d.OverHoursAUROC, d.Group.AUROC, d.ClockAUROC)
	}
	for _, b := range append(slices.Clone(report.HourBands), report.WithoutHours.Bands...) {
		check(fmt.Sprintf("from hour %d", b.FromHour), b.OverUtility, b.ModelUtility, b.ClockUtility)
	}
	for _, p := range report.Phases {
		check(p.Group.Name, p.Group.OverHoursRule, p.Group.Utility, p.Group.HoursRule)
	}
	if whole, now := report.Degraded[0].ClockAUROC, report.Degraded[1].ClockAUROC; *whole == *now {
		t.Errorf("the ICU hour alone has an AUROC of %v on all hours and on some of them", whole)
	}
	if each := report.WithoutHours.UtilityTrainings.Each; each[0] == each[1] && each[1] == each[2] {
		t.Errorf("trainings by other seeds do not differ: %v", each)
	}
	check("without hours", report.WithoutHours.OverClock, report.WithoutHours.Without.Utility, report.WithoutHours.Clock)
}

func TestCacheKeepsWhatDidNotChange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	e, _ := plan(t, dir, "data")
	_, first := run(t, e)
	for _, c := range []struct {
		name   string
		change func(e *evaluate.Evaluation)
		read   bool
	}{
		{"nothing", func(*evaluate.Evaluation) {}, false},
		{"threads", func(e *evaluate.Evaluation) { e.Threads = 2 }, false},
		{"origin", func(e *evaluate.Evaluation) { e.Origin.Command = "another way to say it" }, false},
		{"data", func(e *evaluate.Evaluation) { e.Digest = "e" }, true},
		{"sample", func(e *evaluate.Evaluation) { e.Sample = 30 }, true},
		{"seed", func(e *evaluate.Evaluation) { e.Seed = 4 }, true},
		{"recipe", func(e *evaluate.Evaluation) { e.Options.Trees.Rounds = 6 }, true},
		{"draws", func(e *evaluate.Evaluation) { e.Resamples = 41 }, true},
		{"adaptations", func(e *evaluate.Evaluation) { // only transfers depend on them
			e.Adaptations = []evaluate.Adaptation{{Name: "none", Adapt: unchanged}}
		}, false},
		{"program", func(e *evaluate.Evaluation) { e.Program = "q" }, true},
		{"program back, whose results were cleared away", func(*evaluate.Evaluation) {}, true},
	} {
		e, reads := plan(t, dir, "data")
		c.change(e)
		if _, text := run(t, e); *reads > 0 != c.read || !c.read && c.name != "origin" && text != first {
			t.Errorf("%s changed: the cohort was read %d times", c.name, *reads)
		}
	}
}

// TestResultsOfOtherProgramsAreClearedAway: and nothing else that lies in the folder.
func TestResultsOfOtherProgramsAreClearedAway(t *testing.T) {
	dir := t.TempDir()
	for name, stays := range map[string]bool{
		"data-0123456789abcdef-0123456789abcdef.json": false, // of another program
		"home-0123456789abcdef.json":                  false, // of one that did not tell programs apart
		"data.json":                                   true,
		"notes-0123456789abcdef.txt":                  true,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		e, _ := plan(t, dir, "data")
		run(t, e)
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if own, err := filepath.Glob(filepath.Join(dir, "data-*.json")); err != nil || len(own) != 1 {
		t.Errorf("kept %v, %v; want the program's own result", own, err)
	}
}

// TestProgressNumbersStudies among those that were asked for.
func TestProgressNumbersStudies(t *testing.T) {
	e, _ := plan(t, "", "transfer")
	told := map[string]bool{}
	e.Progress = func(study, _ string, _, _ int) { told[study] = true }
	run(t, e)
	if !told["2/2 transfer"] || len(told) != 1 {
		t.Errorf("told of %v, want 2/2 transfer; the other is data", told)
	}
}

// TestEvenSample keeps stays of all of the order, so many of each hospital, and all when that is more than there are.
func TestEvenSample(t *testing.T) {
	var stays []sepsis.LabelledStay
	for i := range 13 {
		stay := sepsis.LabelledStay{Hospital: "few"}
		if i < 10 {
			stay.Hospital = "many"
		}
		stay.ID = string(rune('a' + i))
		stays = append(stays, stay)
	}
	for most, want := range map[int]string{0: "abcdefghijklm", 1: "jm", 5: "bdfhjklm", 20: "abcdefghijklm"} {
		got := ""
		for _, stay := range evaluate.EvenSample(stays, most) {
			got += stay.ID
		}
		if got != want {
			t.Errorf("of at most %d: %s, want %s", most, got, want)
		}
	}
}

func TestOtherAdaptationsAreOtherTransfers(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		read int
	}{{"one", 1}, {"one", 0}, {"other", 1}} {
		e, reads := plan(t, dir, "transfer")
		e.Adaptations = []evaluate.Adaptation{{Name: c.name, Adapt: unchanged}}
		if report, _ := run(t, e); *reads != c.read || report.Transfers[1].Variant != c.name {
			t.Errorf("%s: read %d times, want %d", c.name, *reads, c.read)
		}
	}
}

func unchanged(_ context.Context, _ model.Training, trained *model.Bundle, _ []sepsis.Stay) (evaluate.Carried, error) {
	file, err := trained.Bytes()
	if err != nil {
		return nil, err
	}
	return model.New(file)
}

// silent never says Positive.
type silent struct{ evaluate.Carried }

func (silent) Threshold() float64 { return 2 }

func (s silent) Trajectory(stay *sepsis.Stay) []sepsis.Risk {
	risks := s.Carried.Trajectory(stay)
	for i := range risks {
		risks[i].Label = sepsis.Negative
	}
	return risks
}

// TestEachVariantHasItsThreshold: that of the model as it is says nothing of another.
func TestEachVariantHasItsThreshold(t *testing.T) {
	e, _ := plan(t, "", "transfer")
	e.Adaptations = []evaluate.Adaptation{{Name: "silent", Adapt: silenced}}
	report, _ := run(t, e)
	asIs, other := report.Transfers[0], report.Transfers[1]
	if asIs.Threshold <= 0 || asIs.Threshold >= 1 || other.Threshold != 2 || other.Group.Utility.Value != 0 {
		t.Errorf("thresholds %g as is, %g silent with a utility of %v; want the model's, and 2 with 0", asIs.Threshold, other.Threshold, other.Group.Utility)
	}
}

func silenced(ctx context.Context, source model.Training, trained *model.Bundle, target []sepsis.Stay) (evaluate.Carried, error) {
	carried, err := unchanged(ctx, source, trained, target)
	return silent{carried}, err
}

// TestRecipesOfVariants: a report says how each variant was trained, as it was.
func TestRecipesOfVariants(t *testing.T) {
	e, _ := plan(t, "", "data")
	e.Adaptations = append([]evaluate.Adaptation{{Name: "silent", Adapt: silenced}}, evaluate.Adaptations()...)
	report, _ := run(t, e)
	var recipe model.Options
	if got := report.Options.Variants; len(got) != 2 || got[0].Name != evaluate.PortableRecipe || got[1].Name != evaluate.PortableAdapted || json.Unmarshal(got[0].Options, &recipe) != nil {
		t.Fatalf("recipes of the variants %+v: want the portable one", got)
	}
	want := model.PortableOptions().WithRounds(5) // the plan has fewer than that recipe
	if !reflect.DeepEqual(recipe, want) {
		t.Errorf("portable recipe %+v, want %+v", recipe, want)
	}
}

func TestHalfAFileInTheCacheIsNoResult(t *testing.T) {
	dir := t.TempDir()
	e, _ := plan(t, dir, "data")
	_, first := run(t, e)
	kept, err := filepath.Glob(filepath.Join(dir, "data-*.json"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if err := os.WriteFile(kept[0], []byte(`{"data":`), 0o600); err != nil {
		t.Fatal(err)
	}
	e, reads := plan(t, dir, "data")
	if _, text := run(t, e); *reads != 1 || text != first {
		t.Errorf("read %d times", *reads)
	}
}

// TestAdaptationIsComparedWithTheModelAsItIs: an adaptation that changes nothing gains nothing.
func TestAdaptationIsComparedWithTheModelAsItIs(t *testing.T) {
	e, _ := plan(t, "", "transfer")
	e.Adaptations = []evaluate.Adaptation{{Name: "none", Description: "Changes nothing.", Adapt: unchanged}}
	report, _ := run(t, e)
	if len(report.Transfers) != 4 {
		t.Fatalf("%d transfers, want two ways and two variants", len(report.Transfers))
	}
	for i, transfer := range report.Transfers {
		switch {
		case i%2 == 0 && (transfer.Variant != evaluate.AsIs || transfer.OverAsIs != nil):
			t.Errorf("transfer %d: %s, %v", i, transfer.Variant, transfer.OverAsIs)
		case i%2 == 1 && (transfer.Variant != "none" || *transfer.OverAsIs != (evaluate.Figure{})):
			t.Errorf("transfer %d: %s, %v", i, transfer.Variant, transfer.OverAsIs)
		}
		if transfer.OracleUtility.Value < transfer.Group.Utility.Value {
			t.Errorf("%s to %s: oracle %g, chosen at home %g", transfer.From, transfer.To, transfer.OracleUtility.Value, transfer.Group.Utility.Value)
		}
		if transfer.HoursRuleFrom.Value > transfer.Group.HoursRule.Value {
			t.Errorf("%s to %s: the other hospital's hour is better than the best", transfer.From, transfer.To)
		}
	}
}

// TestFailedVariantIsAResult: the others are measured all the same.
func TestFailedVariantIsAResult(t *testing.T) {
	e, _ := plan(t, "", "transfer")
	e.Adaptations = []evaluate.Adaptation{{Name: "none", Adapt: func(context.Context, model.Training, *model.Bundle, []sepsis.Stay) (evaluate.Carried, error) {
		return nil, errors.New("too little to learn from")
	}}}
	report, _ := run(t, e)
	if len(report.Transfers) != 4 || report.Transfers[0].Group.Utility == nil {
		t.Fatalf("%d transfers, %v", len(report.Transfers), report.Transfers)
	}
	if failed := report.Transfers[1]; failed.Failed != "too little to learn from" || failed.Variant != "none" || failed.Group.Utility != nil || failed.OverAsIs != nil {
		t.Errorf("the failed variant is %+v", failed)
	}
}

// TestHospitalWithoutSepticStays is part of a whole evaluation: what it gives no figures of says why.
func TestHospitalWithoutSepticStays(t *testing.T) {
	e, _ := plan(t, "")
	read := e.Stays
	e.Stays = func(ctx context.Context) ([]sepsis.LabelledStay, error) {
		stays, err := read(ctx)
		for i := range stays {
			if stays[i].Hospital == "synthetic_setB" {
				stays[i].Labels = make([]bool, len(stays[i].Labels))
			}
		}
		return stays, err
	}
	e.Adaptations = evaluate.Adaptations()
	report, _ := run(t, e)
	why := map[string]string{}
	for _, transfer := range report.Transfers {
		if transfer.Group.Utility != nil || transfer.Failed == "" {
			t.Errorf("%s to %s, %s: figures %v", transfer.From, transfer.To, transfer.Variant, transfer.Group.Utility)
		}
		if transfer.Variant == evaluate.AsIs {
			why[transfer.To] = transfer.Failed
		}
	}
	if len(report.Transfers) != 2*(1+len(e.Adaptations)) || !strings.Contains(why["synthetic_setB"], "septic or other stays are missing") || !strings.Contains(why["synthetic_setA"], "0 septic and 30 other stays") {
		t.Errorf("%d transfers: %v", len(report.Transfers), why)
	}
	if report.AtHome == nil || report.AtHome.Groups[0].Utility == nil {
		t.Error("no figures at home")
	}
	if _, err := reportpage.HTML(*report); err != nil {
		t.Error(err)
	}
}

// linear is a study of other kinds of model.
func linear() evaluate.Study {
	return evaluate.Study{Name: evaluate.FamiliesStudy, Run: func(context.Context, []sepsis.LabelledStay) (any, error) {
		return map[string]any{"families": []evaluate.ModelFamily{{Name: "linear"}}}, nil
	}}
}

func TestExtraStudiesFillTheReport(t *testing.T) {
	e, _ := plan(t, "", "families")
	e.Extra = []evaluate.Study{linear()}
	report, _ := run(t, e)
	if len(report.Families) != 1 || report.Families[0].Name != "linear" || !slices.Contains(report.NotRun, "home") || slices.Contains(report.NotRun, "families") {
		t.Errorf("families %v, not run %v", report.Families, report.NotRun)
	}
	e, _ = plan(t, "", "data")
	if report, _ := run(t, e); !slices.Contains(report.NotRun, "families") {
		t.Errorf("without them, not run is %v", report.NotRun)
	}
}

// TestEvaluationNeedsLabels: a stay without them is not one without sepsis, even where stays are only counted.
func TestEvaluationNeedsLabels(t *testing.T) {
	for _, unlabelled := range []int{1, 60} {
		e, _ := plan(t, "", "data")
		read := e.Stays
		e.Stays = func(ctx context.Context) ([]sepsis.LabelledStay, error) {
			stays, err := read(ctx)
			for i := range stays[:unlabelled] {
				stays[i].Labels = nil
			}
			return stays, err
		}
		want := fmt.Sprintf("%d of 60 stays have no SepsisLabel, the first one synthetic_setA/", unlabelled)
		if _, err := e.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestEvaluationRefusesCopies of a stay at another hospital, of which trainings of one hospital at a time know nothing.
func TestEvaluationRefusesCopies(t *testing.T) {
	e, _ := plan(t, "", "transfer")
	read := e.Stays
	e.Stays = func(ctx context.Context) ([]sepsis.LabelledStay, error) {
		stays, err := read(ctx)
		copied := stays[0]
		copied.ID, copied.Hospital = "another", "synthetic_setB"
		return append(stays, copied), err
	}
	if _, err := e.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "1 of 61 stays are copies of others by all that was measured, the first one synthetic_setB/another of synthetic_setA/") {
		t.Errorf("error %v", err)
	}
}

func TestEvaluationErrors(t *testing.T) {
	e, _ := plan(t, "", "homme")
	if _, err := e.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "choose from data, home") {
		t.Errorf("unknown study: %v", err)
	}
	e, _ = plan(t, "", "data")
	broken := errors.New("broken")
	e.Stays = func(context.Context) ([]sepsis.LabelledStay, error) { return nil, broken }
	if _, err := e.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("unreadable cohort: %v", err)
	}
	e, _ = plan(t, "", "home")
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := e.Run(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestStaysThatAreTooFew: what can be told of them is, and a study that they are too few for says why and has no figures, also when it was kept.
func TestStaysThatAreTooFew(t *testing.T) {
	e, reads := plan(t, filepath.Join(t.TempDir(), "cache"))
	read := e.Stays
	e.Stays = func(ctx context.Context) ([]sepsis.LabelledStay, error) {
		stays, err := read(ctx)
		for i := range stays {
			clear(stays[i].Labels)
		}
		return stays, err
	}
	report, first := run(t, e)
	if report.Data.Stays != 60 || report.AtHome != nil || report.Ablation != nil || len(report.Degraded) > 0 || !strings.Contains(report.Transfers[0].Failed, "0 septic") {
		t.Errorf("%+v", report)
	}
	for _, study := range []string{"home", "degraded", "reliability", "ablation", "hours"} {
		if why := report.NotMeasured[study]; !strings.Contains(why, "0 septic and 60 other stays") {
			t.Errorf("%s: %q", study, why)
		}
	}
	if len(report.NotMeasured) != 5 {
		t.Errorf("not measured: %v", report.NotMeasured)
	}
	if _, again := run(t, e); again != first || *reads != 1 {
		t.Errorf("the cohort was read %d times, or the report differs", *reads)
	}
}

// TestServed: no file answers for stays that it has learnt from, or it would know them far better than the trees out of fold do.
func TestServed(t *testing.T) {
	e, _ := plan(t, "", "home", evaluate.ServedStudy)
	report, _ := run(t, e)
	served := report.Served
	if served == nil || len(served.Groups) != 3 || served.Groups[0].Stays != 60 || !(served.Threshold > 0 && served.Threshold < 1) {
		t.Fatalf("served: %+v", served)
	}
	outOfFold := report.AtHome.Groups[0].AUROC.Value
	if auroc := served.Groups[0].AUROC.Value; math.Abs(auroc-outOfFold) > 0.1 {
		t.Errorf("AUROC %.3f, and %.3f out of fold", auroc, outOfFold)
	}
	if !slices.Contains(report.NotRun, "transfer") || slices.Contains(report.NotRun, evaluate.ServedStudy) {
		t.Errorf("not run: %v", report.NotRun)
	}
}
