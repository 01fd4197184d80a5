package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

// unlabelled are stays as a hospital has them that knows of no label.
func unlabelled(stays []sepsis.LabelledStay) []*sepsis.Stay {
	all := make([]*sepsis.Stay, len(stays))
	for i := range stays {
		all[i] = &stays[i].Stay
	}
	return all
}

func adapt(t testing.TB, parent *model.Model, stays []sepsis.LabelledStay, threads int, a model.Adaptation) *model.Bundle {
	t.Helper()
	told := map[string]int{}
	bundle, err := parent.Adapt(t.Context(), unlabelled(stays), threads, func(p model.Progress) {
		if told[p.Stage]++; p.Stage == "forecasts" && p.Total != len(model.Forecasts) {
			t.Errorf("%d of %d forecasts", p.Done, p.Total)
		}
	}, a)
	if err != nil {
		t.Fatal(err)
	}
	if told["features"] != 1 || told["forecasts"] != len(model.Forecasts) {
		t.Errorf("told of %v", told)
	}
	return bundle
}

// adaptedOnce is the small model, adapted to the fewest stays that are enough, for all tests that only read it.
func adaptedOnce(t testing.TB) *model.Model {
	t.Helper()
	file, err := adaptedFile()
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var adaptedFile = sync.OnceValues(func() ([]byte, error) {
	file, err := trainedFile()
	if err != nil {
		return nil, err
	}
	parent, err := model.New(file)
	if err != nil {
		return nil, err
	}
	stays, err := madeSite(model.MinAdaptStays)
	if err != nil {
		return nil, err
	}
	bundle, err := parent.Adapt(context.Background(), unlabelled(stays), 1, nil, model.Adaptation{Command: "a test"})
	if err != nil {
		return nil, err
	}
	return bundle.Bytes()
})

// written are trees as they stand in a file.
func written(t testing.TB, trees *gbdt.Booster) string {
	t.Helper()
	var out bytes.Buffer
	if err := trees.WriteXGBoost(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sameForecasts tells for each forecast whether two bundles have learnt it alike.
func sameForecasts(t testing.TB, a, b *model.Bundle) []bool {
	t.Helper()
	same := make([]bool, len(a.Forecasters))
	for i := range same {
		f, g := &a.Forecasters[i], &b.Forecasters[i]
		same[i] = written(t, f.Trees) == written(t, g.Trees) && slices.Equal(f.Usual, g.Usual)
	}
	return same
}

// TestAdaptationChangesForecastsAlone, those that need no label, and with them what is predicted.
func TestAdaptationChangesForecastsAlone(t *testing.T) {
	parent, _ := trained(t)
	child := adaptedOnce(t)
	if err := child.SelfTest(); err != nil {
		t.Error(err)
	}
	before, after := parent.Bundle(), child.Bundle()
	for f, same := range sameForecasts(t, before, after) {
		if same != model.Forecasts[f].Labelled {
			t.Errorf("%s, which needs labels: %v, is the parent's: %v", before.Forecasters[f].Column, model.Forecasts[f].Labelled, same)
		}
	}
	if written(t, before.Trees) != written(t, after.Trees) {
		t.Error("the trees have changed")
	}
	points := func(b *model.Bundle) string { return asJSON(t, []any{b.Calibration, b.Operating, b.Alert}) }
	if points(before) != points(after) {
		t.Errorf("%s, before %s", points(after), points(before))
	}
	if !reflect.DeepEqual(before.Learnt, after.Learnt) || asJSON(t, before.Reference) != asJSON(t, after.Reference) {
		t.Error("what is known of the training has changed")
	}
	stay := &siteOf(t, 1)[0].Stay
	if slices.Equal(parent.Trajectory(stay), child.Trajectory(stay)) {
		t.Error("the predictions are those of the parent")
	}
}

// TestForecastsFollowTheSite: where lactate is never measured, it is no longer expected.
func TestForecastsFollowTheSite(t *testing.T) {
	parent, _ := trained(t)
	stays := siteOf(t, model.MinAdaptStays)
	for i := range stays {
		stays[i].Observations = slices.Clone(stays[i].Observations)
		for hour := range stays[i].Observations {
			stays[i].Observations[hour].Values[sepsis.Lactate] = sepsis.Missing
		}
	}
	child := adapt(t, parent, stays, 1, model.Adaptation{})
	place := slices.IndexFunc(model.Forecasts, func(f model.Forecast) bool { return f.Name == "lactate_12h" })
	expected := func(b *model.Bundle) float64 {
		some := stays[:20]
		rows, err := model.NewRows(some, 1).Matrix(t.Context(), some, 1)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, margin := range b.Forecasters[place].Trees.Margins(rows, 1) {
			sum += 1 / (1 + math.Exp(-margin))
		}
		return sum / float64(rows.Rows)
	}
	if before, after := expected(parent.Bundle()), expected(child); after > before/2 {
		t.Errorf("lactate is expected in %.3f of hours, before in %.3f", after, before)
	}
}

// TestForecastsThatNothingIsKnownOfAreKept: where temperature is never measured, nobody knows whether there was a fever. What the parent foresees stays.
func TestForecastsThatNothingIsKnownOfAreKept(t *testing.T) {
	parent, _ := trained(t)
	stays := siteOf(t, model.MinAdaptStays)
	for i := range stays {
		stays[i].Observations = slices.Clone(stays[i].Observations)
		for hour := range stays[i].Observations {
			stays[i].Observations[hour].Values[sepsis.Temperature] = sepsis.Missing
		}
	}
	child := adapt(t, parent, stays, 1, model.Adaptation{Kept: []string{"of another adaptation"}})
	if kept := child.Provenance.Adaptations[0].Kept; !slices.Equal(kept, []string{"fever_8h"}) {
		t.Errorf("kept %v", kept)
	}
	for f, same := range sameForecasts(t, parent.Bundle(), child) {
		if want := model.Forecasts[f].Labelled || model.Forecasts[f].Name == "fever_8h"; same != want {
			t.Errorf("%s: the parent's %v, want %v", model.Forecasts[f].Name, same, want)
		}
	}
	for i := range stays {
		stays[i].Observations = stays[i].Observations[:1]
	}
	if _, err := parent.Adapt(t.Context(), unlabelled(stays), 1, nil, model.Adaptation{}); err == nil || !strings.Contains(err.Error(), "give longer stays") {
		t.Errorf("stays of one hour: error %v", err)
	}
}

func TestAdaptationSaysWhereItComesFrom(t *testing.T) {
	trainedHere, _ := trained(t)
	withEvidence := *trainedHere.Bundle()
	withEvidence.Evidence = json.RawMessage(`{"method":"of the parent"}`)
	parent, file := reopened(t, &withEvidence)
	stays := siteOf(t, model.MinAdaptStays+1)
	stays[0].Age = 17 // left out
	first := adapt(t, parent, stays, 2, model.Adaptation{Command: "a test", Data: []string{"site.zip"}, DataDigest: "d", Synthetic: true})
	child, _ := reopened(t, first)
	if err := child.SelfTest(); err != nil {
		t.Error(err)
	}
	hours := 0
	for _, s := range stays[1:] {
		hours += len(s.Observations)
	}
	a := child.Bundle().Provenance.Adaptations
	if len(a) != 1 || a[0].Parent.SHA256 != model.Digest(file) || a[0].Stays != model.MinAdaptStays || a[0].Hours != hours || a[0].Data[0] != "site.zip" || a[0].DataDigest != "d" {
		t.Fatalf("%+v", a)
	}
	if got := child.Info().Version; got != "0+adapted" {
		t.Errorf("version %s", got)
	}
	var card model.Card
	if err := json.Unmarshal(child.Card(), &card); err != nil {
		t.Fatal(err)
	}
	if card.Evidence != nil || !strings.Contains(string(card.ParentEvidence), "of the parent") || child.Bundle().Parent.SHA256 != model.Digest(file) {
		t.Errorf("evidence %s, of the parent %s, which is %v", card.Evidence, card.ParentEvidence, child.Bundle().Parent)
	}
	if !strings.Contains(strings.Join(card.Warnings, "\n"), "Adapted to SYNTHETIC stays") || !strings.Contains(card.Validation.Calibration, "learnt anew at a site") {
		t.Errorf("warnings %q, calibration %q", card.Warnings, card.Validation.Calibration)
	}
	if len(parent.Bundle().Provenance.Adaptations) != 0 || parent.Bundle().Evidence == nil {
		t.Error("the parent was changed")
	}
	again := adapt(t, child, stays, 2, model.Adaptation{Command: "a test", DataDigest: "d"})
	if len(again.Provenance.Adaptations) != 2 || again.Version != "0+adapted" || again.ParentEvidence == nil || again.Parent.SHA256 != model.Digest(file) {
		t.Errorf("again: %+v", again.Provenance.Adaptations)
	}
	if slices.Contains(sameForecasts(t, again, first), false) {
		t.Error("the same stays lead to other forecasts")
	}
}

// TestCardListsForecasts with what they mean, and counts them apart from the features.
func TestCardListsForecasts(t *testing.T) {
	m, _ := trained(t)
	var card model.Card
	if err := json.Unmarshal(m.Card(), &card); err != nil {
		t.Fatal(err)
	}
	if len(card.Forecasts) != len(model.Forecasts) || card.Features+2*len(card.Forecasts) != len(model.Columns()) || card.ForecastTrees == 0 {
		t.Errorf("%d forecasts of %d trees, %d features", len(card.Forecasts), card.ForecastTrees, card.Features)
	}
	for i, f := range card.Forecasts {
		if f.Name != "forecast_"+model.Forecasts[i].Name || f.English != model.Forecasts[i].English || f.Labelled != model.Forecasts[i].Labelled {
			t.Errorf("%+v", f)
		}
	}
	if !strings.Contains(card.ModelType, "forecasts") {
		t.Errorf("kind of model: %s", card.ModelType)
	}
}

// TestAdaptationGivesTheSameBytes for any number of threads, and whether or not children are among the stays.
func TestAdaptationGivesTheSameBytes(t *testing.T) {
	parent, _ := trained(t)
	want, err := adaptedFile()
	if err != nil {
		t.Fatal(err)
	}
	stays := siteOf(t, model.MinAdaptStays)
	child := stays[3]
	child.ID, child.Age = "child", 17
	for name, c := range map[string]struct {
		threads int
		stays   []sepsis.LabelledStay
	}{
		"2 threads":          {2, stays},
		"a child among them": {1, slices.Insert(slices.Clone(stays), 7, child)},
	} {
		if _, file := reopened(t, adapt(t, parent, c.stays, c.threads, model.Adaptation{Command: "a test"})); !bytes.Equal(file, want) {
			t.Errorf("%s: another bundle", name)
		}
	}
}

// TestAdaptedAndRecalibrated, in either order: each changes its own part, and the version says both.
func TestAdaptedAndRecalibrated(t *testing.T) {
	parent, _ := trained(t)
	stays := siteOf(t, model.MinAdaptStays+100)
	learn, label := stays[:model.MinAdaptStays], stays[model.MinAdaptStays:]
	recalibrate := func(m *model.Model) *model.Bundle {
		t.Helper()
		bundle, err := m.Recalibrate(t.Context(), label, 1, model.Recalibration{})
		if err != nil {
			t.Fatal(err)
		}
		return bundle
	}
	recalibrated, _ := reopened(t, recalibrate(parent))
	adapted := adaptedOnce(t)
	last, _ := reopened(t, adapt(t, recalibrated, learn, 1, model.Adaptation{}))
	if b := last.Bundle(); b.Version != "0+recalibrated.adapted" || b.Calibration != recalibrated.Bundle().Calibration || b.Operating != recalibrated.Bundle().Operating {
		t.Errorf("recalibrated, then adapted: %s, %+v", b.Version, b.Calibration)
	}
	first, _ := reopened(t, recalibrate(adapted))
	if b := first.Bundle(); b.Version != "0+adapted.recalibrated" || slices.Contains(sameForecasts(t, b, adapted.Bundle()), false) {
		t.Errorf("adapted, then recalibrated: %s, or other forecasts", b.Version)
	}
	if first.Bundle().Calibration == recalibrated.Bundle().Calibration {
		t.Error("calibration does not know of the adapted forecasts")
	}
	for _, m := range []*model.Model{first, last} {
		p := m.Bundle().Provenance
		if err := m.SelfTest(); err != nil || len(p.Adaptations) != 1 || len(p.Recalibrations) != 1 || !p.FittedToSite() {
			t.Errorf("%s: %v, %d adaptations, %d recalibrations", m.Info().Version, err, len(p.Adaptations), len(p.Recalibrations))
		}
	}
}

func TestAdaptationRefuses(t *testing.T) {
	parent, _ := trained(t)
	o := model.DefaultOptions().WithRounds(2)
	o.Members, o.Forecasts, o.Network = 1, nil, nil
	plain, _, err := model.Train(t.Context(), model.Training{Stays: synthetic(t, 40), Name: "plain", Version: "0", Threads: 1, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	withoutForecasts, _ := reopened(t, plain)
	stays := siteOf(t, model.MinAdaptStays)
	oneChild := slices.Clone(stays)
	oneChild[7].Age = 17
	over, stop := context.WithCancel(t.Context())
	stop()
	for _, c := range []struct {
		name  string
		model *model.Model
		ctx   context.Context
		stays []sepsis.LabelledStay
		want  string
	}{
		{"no stays", parent, t.Context(), nil, "0 stays of adults: at least 500"},
		{"too few adults", parent, t.Context(), oneChild, "499 stays of adults"},
		{"without forecasts", withoutForecasts, t.Context(), stays, "trained without forecasts"},
		{"interrupted", parent, over, stays, context.Canceled.Error()},
	} {
		if _, err := c.model.Adapt(c.ctx, unlabelled(c.stays), 1, nil, model.Adaptation{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}
