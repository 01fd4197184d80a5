package main

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// TestPortableRecipe: the recipe whose figures are published can be trained, its model says so, and adapting it is not advised against.
func TestPortableRecipe(t *testing.T) {
	dir := t.TempDir()
	data, path := filepath.Join(dir, "data"), filepath.Join(dir, "portable.sepsis")
	must(t, "data", "synth", "--out", data, "--stays", "250", "--septic-share", "0.3")
	must(t, "train", "--data", data, "--out", path, "--recipe", "portable", "--rounds", "2")
	trained, err := model.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	p := trained.Bundle().Provenance
	if want := model.PortableOptions().WithRounds(2); p.Recipe != model.PortableRecipe || !reflect.DeepEqual(p.Options, want) {
		t.Errorf("recipe %q, options %+v, want %+v", p.Recipe, p.Options, want)
	}
	if !strings.HasSuffix(p.Command, "--recipe portable --rounds 2") {
		t.Errorf("command %q", p.Command)
	}
	child := filepath.Join(dir, "child.sepsis")
	if printed := must(t, "model", "adapt", "--model", path, "--data", data, "--out", child); strings.Contains(printed, "not of the portable recipe") {
		t.Errorf("adapting says of a portable model:\n%s", printed)
	}
	for _, file := range []string{path, child} {
		if card := must(t, "model", "card", "--model", file, "--format", "markdown"); !strings.Contains(card, "Trained by the portable recipe") {
			t.Errorf("the card of %s does not tell the recipe", filepath.Base(file))
		}
	}
}

// TestShippedRecipeIsTheDefault, and leaves no trace of there being others.
func TestShippedRecipeIsTheDefault(t *testing.T) {
	c, err := filledBy(t, "train --data A --out B")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Train.options(), model.DefaultOptions()) || c.Train.recipe() != "" || strings.Contains(c.Train.command(), "recipe") {
		t.Errorf("options %+v, recipe %q, command %q", c.Train.options(), c.Train.recipe(), c.Train.command())
	}
	if c, err = filledBy(t, "train --data A --out B --without-network"); err != nil || c.Train.options().Network != nil || !strings.HasSuffix(c.Train.command(), " --without-network") {
		t.Errorf("without a network: error %v, command %q", err, c.Train.command())
	}
	if _, err := filledBy(t, "train --data A --out B --without-network --network-share 0.2"); err == nil || !strings.Contains(err.Error(), "give one of the two") {
		t.Errorf("a network, and none: error %v", err)
	}
	if _, err := filledBy(t, "train --data A --out B --recipe best"); err == nil || !strings.Contains(err.Error(), "--recipe must be one of") {
		t.Errorf("an unknown recipe: error %v", err)
	}
}
