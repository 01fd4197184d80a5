package model_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/model"
)

// site is a hospital where sepsis is more than twice as common as where the model was trained.
func site(t testing.TB) []sepsis.LabelledStay { return siteOf(t, 120) }

func siteOf(t testing.TB, number int) []sepsis.LabelledStay {
	t.Helper()
	stays, err := madeSite(number)
	if err != nil {
		t.Fatal(err)
	}
	return stays
}

func madeSite(number int) ([]sepsis.LabelledStay, error) {
	stays, err := challenge.Synthesize(challenge.SynthOptions{Stays: number, Seed: 99, SepticShare: 0.7, Hospital: "synthetic_site"})
	if err != nil {
		return nil, err
	}
	return slices.Collect(stays), nil
}

// reopened writes a bundle and opens it again.
func reopened(t testing.TB, bundle *model.Bundle) (*model.Model, []byte) {
	t.Helper()
	file, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	return m, file
}

// expected is the sum of all probabilities, and the number of labelled hours.
func expected(m *model.Model, stays []sepsis.LabelledStay) (probabilities, labels float64) {
	for i := range stays {
		for hour, risk := range m.Trajectory(&stays[i].Stay) {
			probabilities += risk.Probability
			if stays[i].Labels[hour] {
				labels++
			}
		}
	}
	return probabilities, labels
}

// TestRecalibrationFitsTheSite: with a free intercept, maximum likelihood makes the expected number of labelled hours
// the observed one. The trees and the reference stay what they were.
func TestRecalibrationFitsTheSite(t *testing.T) {
	parent, _ := trained(t)
	stays := site(t)
	bundle, err := parent.Recalibrate(t.Context(), stays, 2, model.Recalibration{Command: "a test", Data: []string{"site.zip"}, DataDigest: "d", Synthetic: true})
	if err != nil {
		t.Fatal(err)
	}
	child, _ := reopened(t, bundle)
	if err := child.SelfTest(); err != nil {
		t.Error(err)
	}
	before, labels := expected(parent, stays)
	after, _ := expected(child, stays)
	t.Logf("%.0f labelled hours, %.0f expected before and %.0f after", labels, before, after)
	if math.Abs(after-labels) > 1e-6*labels {
		t.Errorf("%.6f labelled hours expected, %.0f are there", after, labels)
	}
	if math.Abs(before-labels) < 0.1*labels {
		t.Error("the site is no other than where the model was trained: this tests nothing")
	}
	old, b := parent.Bundle(), child.Bundle()
	if b.Trees.Trees() != old.Trees.Trees() || b.Operating.Threshold == old.Operating.Threshold || b.Calibration == old.Calibration {
		t.Errorf("%+v, before %+v", b.Operating, old.Operating)
	}
	if got, want := asJSON(t, b.Reference), asJSON(t, old.Reference); got != want {
		t.Error("the reference of the training has changed")
	}
}

// TestRecalibrationHoldsForOtherStaysOfTheSite: on stays that it was not fitted to, the expected number of labelled hours comes
// nearer to the observed one, and the log loss falls.
func TestRecalibrationHoldsForOtherStaysOfTheSite(t *testing.T) {
	parent, _ := trained(t)
	stays := siteOf(t, 240)
	bundle, err := parent.Recalibrate(t.Context(), stays[:120], 2, model.Recalibration{})
	if err != nil {
		t.Fatal(err)
	}
	child, _ := reopened(t, bundle)
	before, labels := expected(parent, stays[120:])
	after, _ := expected(child, stays[120:])
	if math.Abs(after-labels) > 0.5*math.Abs(before-labels) {
		t.Errorf("%.0f labelled hours are there, %.0f were expected before and %.0f after", labels, before, after)
	}
	if before, after := logLoss(t, parent, stays[120:]), logLoss(t, child, stays[120:]); after >= before {
		t.Errorf("log loss %.4f, before %.4f", after, before)
	}
}

func logLoss(t testing.TB, m *model.Model, stays []sepsis.LabelledStay) float64 {
	t.Helper()
	var labels []bool
	var probabilities []float64
	for i := range stays {
		labels = append(labels, stays[i].Labels...)
		for _, risk := range m.Trajectory(&stays[i].Stay) {
			probabilities = append(probabilities, risk.Probability)
		}
	}
	loss, err := metric.LogLoss(labels, probabilities, nil)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func asJSON(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecalibrationSaysWhereItComesFrom(t *testing.T) {
	trainedHere, _ := trained(t)
	withEvidence := *trainedHere.Bundle()
	withEvidence.Evidence = json.RawMessage(`{"method":"of the parent"}`)
	parent, file := reopened(t, &withEvidence)
	stays := site(t)
	stays[0].Age = 17 // left out
	bundle, err := parent.Recalibrate(t.Context(), stays, 2, model.Recalibration{Command: "a test", Data: []string{"site.zip"}, DataDigest: "d"})
	if err != nil {
		t.Fatal(err)
	}
	child, _ := reopened(t, bundle)
	hours, septic := 0, 0
	for _, s := range stays[1:] {
		hours += len(s.Observations)
		if s.Septic() {
			septic++
		}
	}
	r := child.Bundle().Provenance.Recalibrations
	if len(r) != 1 || r[0].Parent.SHA256 != model.Digest(file) || r[0].Stays != 119 || r[0].Septic != septic || r[0].Hours != hours || r[0].Data[0] != "site.zip" {
		t.Fatalf("%+v", r)
	}
	var card map[string]json.RawMessage
	if err := json.Unmarshal(child.Card(), &card); err != nil {
		t.Fatal(err)
	}
	if card["evidence"] != nil || !strings.Contains(string(card["parent_evidence"]), "of the parent") {
		t.Errorf("evidence %s, of the parent %s", card["evidence"], card["parent_evidence"])
	}
	if got := child.Info().Version; got != "0+recalibrated" {
		t.Errorf("version %s", got)
	}
	if len(parent.Bundle().Provenance.Recalibrations) != 0 || parent.Bundle().Evidence == nil {
		t.Error("the parent was changed")
	}
	again, err := child.Recalibrate(t.Context(), stays, 2, model.Recalibration{Command: "a test", DataDigest: "d"})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Provenance.Recalibrations) != 2 || again.Version != "0+recalibrated" || again.ParentEvidence == nil {
		t.Errorf("again: %+v", again.Provenance.Recalibrations)
	}
	if again.Calibration != child.Bundle().Calibration || again.Operating != child.Bundle().Operating {
		t.Error("the same stays lead to another calibration")
	}
}

func TestRecalibrationGivesTheSameBytes(t *testing.T) {
	parent, _ := trained(t)
	var files [2][]byte
	for i := range files {
		bundle, err := parent.Recalibrate(t.Context(), site(t), i+1, model.Recalibration{Command: "a test"})
		if err != nil {
			t.Fatal(err)
		}
		_, files[i] = reopened(t, bundle)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("1 and 2 threads give different bundles")
	}
}

func TestRecalibrationRefuses(t *testing.T) {
	parent, _ := trained(t)
	stays := site(t)
	septic := func(wanted bool, n int) []sepsis.LabelledStay {
		var part []sepsis.LabelledStay
		for _, s := range stays {
			if s.Septic() != wanted || n > 0 {
				part = append(part, s)
				if s.Septic() == wanted {
					n--
				}
			}
		}
		return part
	}
	unlabelled := slices.Clone(stays)
	unlabelled[5].Labels = nil
	children := slices.Clone(stays)
	for i := range children {
		children[i].Age = 17
	}
	digest := *parent.Bundle()
	digest.Provenance.DataDigest = "the same"
	sameData, _ := reopened(t, &digest)
	for _, test := range []struct {
		name  string
		model *model.Model
		stays []sepsis.LabelledStay
		want  string
	}{
		{"no stays", parent, nil, "0 septic and 0 other"},
		{"29 septic stays", parent, septic(true, 29), "29 septic"},
		{"29 others", parent, septic(false, 29), "29 other"},
		{"no label", parent, unlabelled, unlabelled[5].ID},
		{"children", parent, children, "of adults"},
		{"the training's own stays", sameData, stays, "trained on"},
	} {
		_, err := test.model.Recalibrate(t.Context(), test.stays, 1, model.Recalibration{DataDigest: "the same"})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	if _, err := parent.Recalibrate(t.Context(), septic(true, 30), 1, model.Recalibration{}); err != nil {
		t.Errorf("30 septic stays: %v", err)
	}
}

// TestHospitalOfSepticStaysAlone says nothing of how often alerts are right: the others decide.
func TestHospitalOfSepticStaysAlone(t *testing.T) {
	parent, _ := trained(t)
	made, err := challenge.Synthesize(challenge.SynthOptions{Stays: 400, Seed: 99, SepticShare: 0.6, Hospital: "synthetic_mixed"})
	if err != nil {
		t.Fatal(err)
	}
	var mixed, septic []sepsis.LabelledStay
	for _, stay := range slices.Collect(made) {
		if stay.Septic() && len(septic) < model.MinSepticApart {
			stay.Hospital = "septic alone"
			septic = append(septic, stay)
			continue
		}
		mixed = append(mixed, stay)
	}
	fitted := func(stays []sepsis.LabelledStay) *model.Bundle {
		bundle, err := parent.Recalibrate(t.Context(), stays, 1, model.Recalibration{})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := reopened(t, bundle)
		return m.Bundle()
	}
	with := fitted(slices.Concat(mixed, septic))
	few := slices.Clone(mixed)
	for i := range few { // one of the other stays is at the second hospital, too, and decides nothing there
		if !few[i].Septic() {
			few[i].Hospital = "septic alone"
			break
		}
	}
	if again := fitted(slices.Concat(few, septic)); again.Alert.Choice != with.Alert.Choice {
		t.Errorf("chosen %q, and with one other stay there %q", with.Alert.Choice, again.Alert.Choice)
	}
	if !(with.Alert.Threshold >= with.Operating.Threshold) || with.Alert.PPV == nil || !(*with.Alert.PPV > 0) {
		t.Errorf("alert from %g, Positive from %g, PPV %v", with.Alert.Threshold, with.Operating.Threshold, with.Alert.PPV)
	}
	if words := "without hospitals of fewer than 100 other stays"; !strings.Contains(with.Alert.Choice, words) || strings.Contains(fitted(mixed).Alert.Choice, words) {
		t.Errorf("chosen %q", with.Alert.Choice)
	}
}

func TestRefusesBadOperatingPoints(t *testing.T) {
	m, _ := trained(t)
	for want, spoil := range map[string]func(b *model.Bundle){
		"no alert point":             func(b *model.Bundle) { b.Alert = nil },
		"alert threshold":            func(b *model.Bundle) { b.Alert.Threshold = b.Operating.Threshold / 2 },
		"prevalence 5 is not":        func(b *model.Bundle) { b.Alert.Prevalence = 5 },
		"target -3 is not":           func(b *model.Bundle) { b.Alert.TargetPPV = -3 },
		"predictive value 77 is not": func(b *model.Bundle) { b.Alert.PPV = new(77.0) },
		"cannot end below":           func(b *model.Bundle) { b.Alert.Clear = b.Alert.Threshold + 0.01 },
		"no reference":               func(b *model.Bundle) { b.Reference = nil },
		"that is not named":          func(b *model.Bundle) { b.ParentEvidence = json.RawMessage(`{}`) },
	} {
		bundle := *m.Bundle()
		alert := *bundle.Alert
		bundle.Alert = &alert
		spoil(&bundle)
		file, err := bundle.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.New(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
