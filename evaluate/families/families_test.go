package families_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/families"
	"github.com/medtech-detect/sepsis/model"
)

const folds = 2

// small is a comparison that takes a moment. Its clock moves by a second whenever it is read.
func small(t *testing.T) families.Options {
	t.Helper()
	var stays []sepsis.LabelledStay
	for _, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 40, Seed: 5, SepticShare: 0.4, Hospital: hospital})
		if err != nil {
			t.Fatal(err)
		}
		stays = slices.AppendSeq(stays, made)
	}
	recipe := model.DefaultOptions()
	recipe = recipe.WithRounds(5)
	recipe.Folds, recipe.Trees.LearningRate, recipe.Trees.MinChildWeight = folds, 0.3, 1
	recipe.Network.Units, recipe.Network.Members, recipe.Network.Passes = []int{8, 4}, 1, 1
	forest := families.DefaultForest()
	forest.Trees, forest.MinLeafWeight = 12, 4 // there are few hours to share among the leaves
	now := time.Unix(0, 0)
	return families.Options{
		Training: model.Training{Stays: stays, Seed: 3, Threads: 2, Options: recipe},
		Forest:   forest,
		Linear:   families.LinearOptions{LogisticL2: 0.1, HingeL2: 1, Iterations: 30, Tolerance: 1e-4},
		Clock: func() time.Time {
			now = now.Add(time.Second)
			return now
		},
	}
}

func compare(t *testing.T, o families.Options) *families.Comparison {
	t.Helper()
	c, err := families.Compare(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// compared is the small comparison, made once for all tests that look at it.
var compared *families.Comparison

func once(t *testing.T) *families.Comparison {
	t.Helper()
	if compared == nil {
		compared = compare(t, small(t))
	}
	return compared
}

func TestFourFamiliesSideBySide(t *testing.T) {
	c := once(t)
	var names []string
	for i, f := range c.Families {
		names = append(names, f.Name)
		var groups []string
		for _, g := range f.Groups {
			groups = append(groups, g.Name)
			for name, x := range map[string]*evaluate.Figure{"utility": g.Utility, "AUROC": g.AUROC, "AUPRC": g.AUPRC, "Brier": g.Brier, "slope": g.CalibrationSlope} {
				if x == nil || !(x.Low <= x.Value && x.Value <= x.High) {
					t.Errorf("%s, %s: %s is %+v", f.Name, g.Name, name, x)
				}
			}
		}
		if want := []string{"pooled", "synthetic_setA", "synthetic_setB"}; !slices.Equal(groups, want) {
			t.Errorf("%s: groups %v, want %v", f.Name, groups, want)
		}
		if f.Bytes < 100 {
			t.Errorf("%s: %d bytes", f.Name, f.Bytes)
		}
		if (f.OverUtility == nil) != (i == 0) {
			t.Errorf("%s: difference to the first family is %+v", f.Name, f.OverUtility)
		}
		if i == 0 {
			continue
		}
		first, own := c.Families[0].Groups[0], f.Groups[0]
		for name, x := range map[string]struct{ first, own, over *evaluate.Figure }{
			"utility": {first.Utility, own.Utility, f.OverUtility}, "AUROC": {first.AUROC, own.AUROC, f.OverAUROC}, "AUPRC": {first.AUPRC, own.AUPRC, f.OverAUPRC},
		} {
			if x.over == nil || math.Abs(x.first.Value+x.over.Value-x.own.Value) > 1e-9 || !(x.over.Low <= x.over.Value && x.over.Value <= x.over.High) {
				t.Errorf("%s: %s of %g, of the first family %g, difference %+v", f.Name, name, x.own.Value, x.first.Value, x.over)
			}
		}
		if !(f.Groups[0].AUROC.Value > 0.6) {
			t.Errorf("%s: AUROC %g on stays made to be told apart", f.Name, f.Groups[0].AUROC.Value)
		}
	}
	if want := []string{"gradient boosting", "boosting without a network", "boosting without forecasts", "random forest", "logistic regression", "linear SVM"}; !slices.Equal(names, want) {
		t.Errorf("families %v, want %v", names, want)
	}
	for _, name := range names {
		want := 5 // pooled and two hospitals, the difference to the first family, cost
		if name == names[0] {
			want--
		}
		if got := strings.Count(c.Table(), "\n| "+name+" |"); got != want {
			t.Errorf("%d lines of %s in the tables, want %d:\n%s", got, name, want, c.Table())
		}
	}
}

// TestBoostingIsWhatShips: the first family is measured as the model that `sepsis train` makes.
func TestBoostingIsWhatShips(t *testing.T) {
	o := small(t)
	_, predicted, err := model.Train(t.Context(), o.Training)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := evaluate.OutOfFold(o.Training.Stays, predicted, o.Training.Seed)
	if err != nil {
		t.Fatal(err)
	}
	boosting := once(t).Families[0]
	for i, g := range boosting.Groups {
		want := shipped.Groups[i]
		if *g.Utility != *want.Utility || *g.AUROC != *want.AUROC || *g.Brier != *want.Brier || *g.CalibrationSlope != *want.CalibrationSlope {
			t.Errorf("%s: %+v, trained as usual %+v", g.Name, g.Utility, want.Utility)
		}
	}
}

// TestTimesByHand: every interval that is measured is one second of the test's clock.
func TestTimesByHand(t *testing.T) {
	c := once(t)
	wants := []struct{ train, prepare float64 }{
		{folds + 1, 1}, // bins once, and a fit for each fold
		{folds, 0},     // these trees are there already, which the clock cannot tell
		{folds + 1, 1},
		{folds + 1, 1},
		{2 * folds, folds},
		{2 * folds, folds}, // scaling and a fit for each fold
	}
	for i, want := range wants {
		f := c.Families[i]
		if f.TrainSeconds != want.train || f.PrepareSeconds != want.prepare {
			t.Errorf("%s: %g s, of it %g preparing; want %g and %g", f.Name, f.TrainSeconds, f.PrepareSeconds, want.train, want.prepare)
		}
		if rows := 1000 / f.PredictSeconds; rows < float64(c.Hours) || rows > 1.4*float64(c.Hours) {
			t.Errorf("%s: a second for %g rows; there are %d hours and some snapshots", f.Name, rows, c.Hours)
		}
	}
}

func TestThreadsAndProgressDoNotChangeFigures(t *testing.T) {
	o := small(t)
	first := once(t)
	o.Training.Threads = 1
	told := 0
	o.Training.Progress = func(model.Progress) { told++ }
	second := compare(t, o)
	if told < 5*folds {
		t.Errorf("progress was told %d times", told)
	}
	for i := range first.Families {
		a, b := first.Families[i], second.Families[i]
		if a.Bytes != b.Bytes || !slices.Equal(a.Iterations, b.Iterations) {
			t.Errorf("%s: another model on one thread", a.Name)
		}
		for g := range a.Groups {
			if *a.Groups[g].Utility != *b.Groups[g].Utility || *a.Groups[g].AUROC != *b.Groups[g].AUROC {
				t.Errorf("%s, %s: other figures on one thread", a.Name, a.Groups[g].Name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	cases := []struct {
		name   string
		spoil  func(o *families.Options)
		expect string
	}{
		{"no stays", func(o *families.Options) { o.Training.Stays = nil }, "septic"},
		{"one fold", func(o *families.Options) { o.Training.Options.Folds = 1 }, "folds"},
		{"no trees", func(o *families.Options) { o.Forest.Trees = 0 }, "0 trees"},
		{"no rows", func(o *families.Options) { o.Forest.RowShare = 0 }, "row share"},
		{"too deep", func(o *families.Options) { o.Forest.Depth = 99 }, "MaxDepth"},
		{"no penalty", func(o *families.Options) { o.Linear.HingeL2 = 0 }, "L2"},
	}
	for _, c := range cases {
		o := small(t)
		c.spoil(&o)
		if _, err := families.Compare(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.expect) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.expect)
		}
	}
}

func TestCancelling(t *testing.T) {
	o := small(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.Training.Progress = func(p model.Progress) {
		if p.Stage == "fits" {
			cancel()
		}
	}
	if _, err := families.Compare(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
