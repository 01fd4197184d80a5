package model_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// challengeAlone is what only the card of a model of the Challenge's public stays may say.
var challengeAlone = regexp.MustCompile(`Reyna|CC BY|two hospital systems|is public|The data set`)

// TestCardClaimsTheChallengeForItsStaysAlone: neither the form of the files nor a name makes a hospital's records public.
func TestCardClaimsTheChallengeForItsStaysAlone(t *testing.T) {
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	public := shipped.Bundle().Learnt
	madeUp, file := trained(t)
	own := func(learnt model.Fingerprints, data ...string) []byte {
		m, err := model.New(changed(t, file, func(b *model.Bundle) {
			b.Provenance.Synthetic, b.Provenance.Data, b.Provenance.Command = false, data, "sepsis train"
			b.Learnt = learnt
		}))
		if err != nil {
			t.Fatal(err)
		}
		return m.Card()
	}
	foreign := make(model.Fingerprints, 200)
	for i := range foreign {
		foreign[i] = uint64(i) + 1
	}
	mixed := append(slices.Clone(public[:20]), foreign...)
	slices.Sort(mixed)
	for _, test := range []struct {
		name string
		card []byte
		want bool
	}{
		{"the shipped model", shipped.Card(), true},
		{"one of the sets", own(public[:300], "training_setB"), true},
		{"both sets, in the folder that they are fetched to", own(public, "training"), true},
		{"a hospital's records", own(foreign, "my_hospital"), false},
		{"a hospital's records under the Challenge's name", own(foreign, "training_setA.zip"), false},
		{"mostly a hospital's records", own(mixed, "training_setA"), false},
		{"the Challenge's stays beside a hospital's", own(public[:300], "training_setA", "my_hospital"), false},
		{"nothing is recorded of the stays", own(nil, "training_setA"), false},
		{"no data are named", own(public), false},
		{"made-up stays", madeUp.Card(), false},
	} {
		if found := challengeAlone.FindAll(test.card, -1); len(found) > 0 != test.want {
			t.Errorf("%s: the card says %q", test.name, found)
		}
	}
}

// TestCardOfImportedTrees does not tell them for an average of folds.
func TestCardOfImportedTrees(t *testing.T) {
	_, file := trained(t)
	m, err := model.New(changed(t, file, func(b *model.Bundle) { b.Provenance.Imported = &model.Imported{File: "trees.json"} }))
	if err != nil {
		t.Fatal(err)
	}
	if card := string(m.Card()); strings.Contains(card, "all folds") || !strings.Contains(card, "trained elsewhere and imported") {
		t.Error("the card takes imported trees for an average of folds")
	}
}
