package model_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

// synthetic is a small made-up cohort of two hospitals.
func synthetic(t testing.TB, stays int) []sepsis.LabelledStay {
	t.Helper()
	cohort, err := made(stays)
	if err != nil {
		t.Fatal(err)
	}
	return cohort
}

func made(stays int) ([]sepsis.LabelledStay, error) {
	var cohort []sepsis.LabelledStay
	for i, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		stays, err := challenge.Synthesize(challenge.SynthOptions{Stays: stays, Seed: uint64(i), SepticShare: 0.3, Hospital: hospital})
		if err != nil {
			return nil, err
		}
		cohort = append(cohort, slices.Collect(stays)...)
	}
	return cohort, nil
}

func train(t testing.TB, stays []sepsis.LabelledStay, threads int) (*model.Bundle, *model.OutOfFold) {
	t.Helper()
	bundle, predicted, err := small(stays, threads)
	if err != nil {
		t.Fatal(err)
	}
	return bundle, predicted
}

// small trains a few quick trees.
func small(stays []sepsis.LabelledStay, threads int) (*model.Bundle, *model.OutOfFold, error) {
	o := model.DefaultOptions().WithRounds(10)
	o.Members, o.Network, o.Trees.LearningRate, o.Trees.MinChildWeight, o.Trees.Lambda = 2, nil, 0.3, 1, 1
	return model.Train(context.Background(), model.Training{
		Stays: stays, Name: "test", Version: "0", Seed: 7, Threads: threads, Options: o, Pooling: true,
		Provenance: model.Provenance{Synthetic: true},
	})
}

// trained is one small model, and its file, for all tests that only read it.
func trained(t testing.TB) (*model.Model, []byte) {
	t.Helper()
	file, err := trainedFile()
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	return m, file
}

var trainedFile = sync.OnceValues(func() ([]byte, error) {
	stays, err := made(120)
	if err != nil {
		return nil, err
	}
	bundle, _, err := small(stays, 2)
	if err != nil {
		return nil, err
	}
	return bundle.Bytes()
})

func TestSameBytesForAnyNumberOfThreads(t *testing.T) {
	stays := synthetic(t, 60)
	var files [2][]byte
	for i := range files {
		bundle, _ := train(t, stays, i+1)
		var err error
		if files[i], err = bundle.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("1 and 2 threads give different bundles")
	}
}

func TestLearnsFromSyntheticStays(t *testing.T) {
	stays := synthetic(t, 120)
	_, predicted := train(t, stays, 2)
	var septic, other, nSeptic, nOther float64
	for i := range stays {
		for hour, label := range stays[i].Labels {
			if p := predicted.Probabilities[predicted.Rows.Starts[i]+hour]; label {
				septic, nSeptic = septic+p, nSeptic+1
			} else {
				other, nOther = other+p, nOther+1
			}
		}
	}
	if septic/nSeptic < 2*other/nOther {
		t.Errorf("mean probability %.3f in labelled hours, %.3f in others", septic/nSeptic, other/nOther)
	}
}

func TestFoldsAreStratified(t *testing.T) {
	stays := synthetic(t, 100)
	count := map[string][5]int{}
	for i, fold := range model.Folds(stays, 5, 1) {
		key := stays[i].Hospital
		if stays[i].Septic() {
			key += " septic"
		}
		c := count[key]
		c[fold]++
		count[key] = c
	}
	for group, c := range count {
		if slices.Max(c[:])-slices.Min(c[:]) > 1 {
			t.Errorf("%s is spread %v over the folds", group, c)
		}
	}
	if slices.Equal(model.Folds(stays, 5, 1), model.Folds(stays, 5, 2)) {
		t.Error("the seed has no effect")
	}
}

func TestNoLookAhead(t *testing.T) {
	m, _ := trained(t)
	stays := synthetic(t, 20)
	rapid.Check(t, func(t *rapid.T) {
		stay := stays[rapid.IntRange(0, len(stays)-1).Draw(t, "stay")].Stay
		whole := m.Trajectory(&stay)
		cut := rapid.IntRange(1, len(stay.Observations)).Draw(t, "cut")
		past := stay
		past.Observations = stay.Observations[:cut]
		if got := m.Predict(&past); got != whole[cut-1] {
			t.Fatalf("hour %d: %v from the past alone, %v with the later hours", cut, got, whole[cut-1])
		}
	})
}

func TestPositiveFromTheThresholdOn(t *testing.T) {
	m, _ := trained(t)
	for _, stay := range synthetic(t, 20) {
		for _, risk := range m.Trajectory(&stay.Stay) {
			if risk.Probability < 0 || risk.Probability > 1 || math.IsNaN(risk.Probability) {
				t.Fatalf("probability %g", risk.Probability)
			}
			if (risk.Probability >= m.Threshold()) != (risk.Label == sepsis.Positive) {
				t.Fatalf("%g is %s at threshold %g", risk.Probability, risk.Label, m.Threshold())
			}
		}
	}
}

func TestDefaultModelPassesItsSelfTest(t *testing.T) {
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SelfTest(); err != nil {
		t.Error(err)
	}
	if m.Synthetic() {
		t.Error("the shipped model was trained on synthetic stays")
	}
}

// repack rewrites one entry of a bundle file.
func repack(t testing.TB, file []byte, name string, change func(string) string) []byte {
	t.Helper()
	return rewritten(t, file, func(entry, text string) (string, bool) {
		if entry == name {
			text = change(text)
		}
		return text, true
	})
}

// without leaves out one entry of a bundle file.
func without(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	return rewritten(t, file, func(entry, text string) (string, bool) { return text, entry != name })
}

// rewritten is a bundle file with its entries changed, and those left out that are not kept.
func rewritten(t testing.TB, file []byte, change func(entry, text string) (changed string, keep bool)) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text, keep := change(f.Name, string(content))
		if !keep {
			continue
		}
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// changed opens a bundle, changes it, and writes it again.
func changed(t testing.TB, file []byte, change func(b *model.Bundle)) []byte {
	t.Helper()
	bundle, err := model.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	change(bundle)
	again, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// entry is the content of one entry of a bundle file.
func entry(t testing.TB, file []byte, name string) string {
	t.Helper()
	content := ""
	repack(t, file, name, func(text string) string {
		content = text
		return text
	})
	return content
}

// A bundle that could not be read again is not written: else it is missed only when it is wanted.
func TestRefusesToWriteWhatIsTooLargeToRead(t *testing.T) {
	_, file := trained(t)
	for part, grow := range map[string]func(b *model.Bundle){
		"bundle.json: ": func(b *model.Bundle) { b.Evidence = json.RawMessage(`"` + strings.Repeat("x", 8<<20) + `"`) },
		"stays.bin: ":   func(b *model.Bundle) { b.Learnt = make(model.Fingerprints, 16<<20+1) },
	} {
		bundle, err := model.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		grow(bundle)
		if _, err := bundle.Bytes(); err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), "are read again") {
			t.Errorf("%serror %v", part, err)
		}
	}
}

func TestRefusesBadBundles(t *testing.T) {
	_, good := trained(t)
	replace := func(old, with string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, with, 1) }
	}
	instead := func(with string) func(string) string { return func(string) string { return with } }
	trees, forecast := entry(t, good, "trees.json"), "forecast_"+model.Forecasts[0].Name
	cases := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a bundle file"},
		{"text", []byte("hello"), "not a bundle file"},
		{"truncated", good[:len(good)/2], "not a bundle file"},
		{"other format", repack(t, good, "bundle.json", replace(`"format": 3`, `"format": 2`)), "format 2"},
		{"a later format with more in it", repack(t, good, "bundle.json", replace(`"format": 3`, `"format": 4, "more": {}`)), "format 4, this program reads format 3"},
		{"other features", repack(t, good, "bundle.json", replace(`"features": "`, `"features": "f`)), "feature table"},
		{"unknown field", repack(t, good, "bundle.json", replace(`"format"`, `"extra": 1, "format"`)), "unknown field"},
		{"a name that no database keeps", repack(t, good, "bundle.json", replace(`"name": "test"`, `"name": "te\u0000st"`)), "control characters"},
		{"no name", repack(t, good, "bundle.json", replace(`"name": "test"`, `"name": ""`)), "name or version"},
		{"falling calibration", repack(t, good, "bundle.json", replace(`"slope": `, `"slope": -`)), "slope"},
		{"boosters more than alike", changed(t, good, func(b *model.Bundle) { b.Pooling = &model.Pooling{Folds: 5, Correlation: 1.1} }), "pooling of 5 folds"},
		{"no trees", repack(t, good, "trees.json", instead("{}")), "trees.json"},
		{"trees that see no forecasts", repack(t, good, "trees.json", instead(entry(t, good, forecast+".json"))), "trees.json: "},
		{"a forecast missing", without(t, good, forecast+".json"), forecast + ".json is not in the file"},
		{"a forecast that sees forecasts", repack(t, good, forecast+".json", instead(trees)), forecast + ".json: "},
		{"broken forecast", repack(t, good, forecast+".json", func(s string) string { return s[:len(s)/2] }), forecast + ".json"},
		{"unknown forecast", repack(t, good, "bundle.json", replace(forecast, forecast+"s")), "trained on the forecasts"},
		{"one forecast fewer", changed(t, good, func(b *model.Bundle) { b.Forecasters = b.Forecasters[1:] }), "trained on the forecasts"},
		{"a forecast without what is usual", changed(t, good, func(b *model.Bundle) { b.Forecasters[0].Usual = nil }), "0 quantiles"},
		{"a forecast whose quantiles fall", changed(t, good, func(b *model.Bundle) { slices.Reverse(b.Forecasters[0].Usual) }), "do not rise"},
		{"broken trees", repack(t, good, "trees.json", func(s string) string { return s[:len(s)/2] }), "trees.json"},
	}
	for _, c := range cases {
		if _, err := model.New(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestSelfTestFindsAnotherModel(t *testing.T) {
	_, good := trained(t)
	changed := repack(t, good, "bundle.json", func(s string) string {
		return strings.Replace(s, `"probability": 0.`, `"probability": 0.9`, 1)
	})
	m, err := model.New(changed)
	if err != nil {
		t.Fatal(err)
	}
	if m.SelfTest() == nil {
		t.Error("the self-test passes though the recorded probability was changed")
	}
}

func TestTrainingNeedsLabels(t *testing.T) {
	stays := synthetic(t, 40)
	stays[3].Labels = nil
	_, _, err := model.Train(context.Background(), model.Training{Stays: stays, Threads: 1, Options: model.DefaultOptions()})
	if err == nil || !strings.Contains(err.Error(), stays[3].ID) {
		t.Errorf("error %v, want one that names %s", err, stays[3].ID)
	}
	for i := range stays {
		stays[i].Labels = nil
	}
	_, _, err = model.Train(context.Background(), model.Training{Stays: stays, Threads: 1, Options: model.DefaultOptions()})
	if err == nil || !strings.Contains(err.Error(), "80 of 80 stays have no SepsisLabel") {
		t.Errorf("no labels at all: error %v", err)
	}
}

// FuzzRead holds that no file whatever makes the reader panic. What is in a whole bundle: FuzzReadEntry.
func FuzzRead(f *testing.F) {
	_, good := trained(f)
	f.Add(rewritten(f, good, func(entry, text string) (string, bool) { return text, entry == "bundle.json" }))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		_, _ = model.Read(file) // must not panic
	})
}

// FuzzReadEntry changes one entry of a sound bundle and packs it again: the archive's checksums would hide what is inside from FuzzRead.
func FuzzReadEntry(f *testing.F) {
	_, good := trained(f)
	var names []string
	var place uint8
	good = rewritten(f, good, func(entry, text string) (string, bool) {
		f.Add(place, text[:min(len(text), 2000)])
		if entry == "bundle.json" || entry == "stays.bin" {
			f.Add(place, text)
		}
		names, place = append(names, entry), place+1
		return text, true
	})
	f.Fuzz(func(t *testing.T, entry uint8, content string) {
		name := names[int(entry)%len(names)]
		bundle, err := model.Read(repack(t, good, name, func(string) string { return content }))
		if err == nil && bundle.Trees == nil {
			t.Error("read without an error, and without trees")
		}
	})
}

func TestMembersThatCannotBe(t *testing.T) {
	for _, members := range []int{-1, 0, 34, math.MaxInt} {
		training := quickTraining(t) // of 3 folds
		training.Options.Members = members
		if _, _, err := model.Train(t.Context(), training); err == nil || !strings.Contains(err.Error(), "members in each of 3 folds: at least 1 is needed, and at most 100 in all") {
			t.Errorf("%d members: error %v", members, err)
		}
	}
}
