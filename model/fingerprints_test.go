package model_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// otherwise is the same stays under other names, with other labels, in another hospital.
func otherwise(stays []sepsis.LabelledStay) []sepsis.LabelledStay {
	renamed := slices.Clone(stays)
	for i := range renamed {
		s := &renamed[i]
		s.ID, s.PatientID, s.Hospital, s.ICUUnit = "p"+s.ID, "", "elsewhere", ""
		s.Labels = slices.Clone(s.Labels)
		s.Labels[len(s.Labels)-1] = true
	}
	return renamed
}

// TestRecalibrationRefusesPartOfTheTraining: one of two hospitals, or a single stay, is recognised, whatever it is called.
func TestRecalibrationRefusesPartOfTheTraining(t *testing.T) {
	parent, _ := trained(t)
	learnt := synthetic(t, 120)
	one := otherwise(learnt[120:])
	foreign := site(t)
	for _, test := range []struct {
		name  string
		stays []sepsis.LabelledStay
		want  string
	}{
		{"all", learnt, "240 of 240 stays, the first one synthetic_setA/synthetic000001, are among those that the model was trained on"},
		{"one of two hospitals", learnt[120:], "120 of 120 stays"},
		{"renamed and relabelled", one, "120 of 120 stays, the first one elsewhere/psynthetic000001"},
		{"one stay among others", slices.Concat(foreign, one[7:8]), "1 of 121 stays, the first one elsewhere/psynthetic000008"},
	} {
		_, err := parent.Recalibrate(t.Context(), test.stays, 1, model.Recalibration{DataDigest: "another"})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "leave them out") {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	if _, err := parent.Recalibrate(t.Context(), foreign, 1, model.Recalibration{}); err != nil {
		t.Errorf("stays of another hospital: %v", err)
	}
	bundle, err := parent.Recalibrate(t.Context(), foreign, 1, model.Recalibration{})
	if err != nil {
		t.Fatal(err)
	}
	child, _ := reopened(t, bundle)
	if _, err := child.Recalibrate(t.Context(), one, 1, model.Recalibration{}); err == nil {
		t.Error("the recalibrated model has forgotten what its trees learnt from")
	}
}

// TestTrainingRefusesCopies: a stay under two names would be learnt from under one and measured under the other.
func TestTrainingRefusesCopies(t *testing.T) {
	stays := synthetic(t, 40)
	copies := otherwise(stays[3:5])
	within := otherwise(stays[:1])
	within[0].Hospital = stays[0].Hospital
	for _, test := range []struct {
		name  string
		stays []sepsis.LabelledStay
		want  string
	}{
		{"another hospital", slices.Concat(stays, copies), "2 of 82 stays are copies of others by all that was measured, the first one elsewhere/psynthetic000004 of synthetic_setA/synthetic000004"},
		{"the same hospital", slices.Concat(stays, within), "1 of 81 stays are copies"},
	} {
		_, _, err := small(test.stays, 1)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "leave one copy of each out") {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if _, err := model.NewLayout(model.Training{Stays: test.stays, Options: model.DefaultOptions()}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s, laid out: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

// TestStaysWithoutAgeAreNotLearnt, so they are not refused as known, and nothing is fitted to them either.
func TestStaysWithoutAgeAreNotLearnt(t *testing.T) {
	stays := synthetic(t, 60)
	for i := range stays[:7] {
		stays[i].Age = sepsis.Missing
	}
	bundle, _ := train(t, stays, 1)
	if len(bundle.Learnt) != 113 {
		t.Errorf("%d stays are said to be learnt from, of 113", len(bundle.Learnt))
	}
	m, _ := reopened(t, bundle)
	fitted := slices.Concat(site(t), stays[:7])
	again, err := m.Recalibrate(t.Context(), fitted, 1, model.Recalibration{})
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Provenance.Recalibrations[0].Stays; got != 120 {
		t.Errorf("fitted to %d stays, of 120 with an age", got)
	}
}

// TestAdultsInOneFoldAlone leave nothing to learn from without it.
func TestAdultsInOneFoldAlone(t *testing.T) {
	stays := synthetic(t, 40)
	o := model.DefaultOptions()
	o.Folds = 2
	folds := model.Folds(stays, o.Folds, 1)
	for i := range stays {
		if stays[i].Septic() && folds[i] != 0 {
			stays[i].Age = 17
		}
	}
	_, _, err := model.Train(t.Context(), model.Training{Stays: stays, Seed: 1, Threads: 1, Options: o})
	if err == nil || !strings.Contains(err.Error(), "fold 1") || !strings.Contains(err.Error(), "another --seed") {
		t.Errorf("error %v", err)
	}
}

// TestShortStaysMayBeAlike: next to nothing was measured in them, which may come out the same by chance.
func TestShortStaysMayBeAlike(t *testing.T) {
	stays := synthetic(t, 40)
	for i := range stays[:3] {
		s := &stays[i]
		s.Observations, s.Labels = slices.Clone(s.Observations[:1]), s.Labels[:1]
		s.Observations[0].Values = sepsis.NoValues()
	}
	if err := model.CheckCohort(stays); err != nil {
		t.Error(err)
	}
}

// TestBundleWithoutFingerprints is opened, and recognises the training by its digest alone.
func TestBundleWithoutFingerprints(t *testing.T) {
	parent, file := trained(t)
	bare := *parent.Bundle()
	bare.Learnt = nil
	old, without := reopened(t, &bare)
	if old.Bundle().Learnt != nil {
		t.Error("fingerprints came from nowhere")
	}
	if perStay := float64(len(file)-len(without)) / 240; perStay > 8 {
		t.Errorf("%.1f bytes a stay: more than a fingerprint takes", perStay)
	}
	if _, err := old.Recalibrate(t.Context(), synthetic(t, 120), 1, model.Recalibration{}); err != nil {
		t.Error(err)
	}
}

func TestFingerprintsAreReadAsTheyWereWritten(t *testing.T) {
	bundle, _ := train(t, synthetic(t, 60), 2)
	m, _ := reopened(t, bundle)
	if got := m.Bundle().Learnt; len(got) != 120 || !slices.Equal(got, bundle.Learnt) || !slices.IsSorted(got) {
		t.Errorf("%d fingerprints read, %d written", len(got), len(bundle.Learnt))
	}
}

func TestRefusesBadFingerprints(t *testing.T) {
	_, file := trained(t)
	for name, test := range map[string]struct{ packed, want string }{
		"a difference of 0": {"\x05\x00", "fingerprint 2: not in rising order"},
		"too large":         {"\x05" + strings.Repeat("\xff", 6) + "\x01", "fingerprint 2: not in rising order"},
		"an overflow":       {strings.Repeat("\xff", 11), "fingerprint 1: "},
		"cut off":           {"\x05\x80", "fingerprint 2: unexpected EOF"},
		"sum too large":     {strings.Repeat("\xff\xff\xff\xff\xff\x1f", 2), "fingerprint 2: not in rising order"},
		"too many":          {strings.Repeat("\x01", 16<<20+1), "unpacks to more than"},
	} {
		_, err := model.New(repack(t, file, "stays.bin", func(string) string { return test.packed }))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "stays.bin") {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
	empty, err := model.New(repack(t, file, "stays.bin", func(string) string { return "" }))
	if err != nil || empty.Bundle().Learnt == nil || len(empty.Bundle().Learnt) != 0 {
		t.Errorf("no stay: %v", err)
	}
}

// TestCardHoldsNoFingerprints: what is served is the card.
func TestCardHoldsNoFingerprints(t *testing.T) {
	m, _ := trained(t)
	if bytes.Contains(m.Card(), []byte("ngerprint")) || bytes.Contains(m.Card(), []byte("stays.bin")) {
		t.Error("the card holds fingerprints")
	}
}
