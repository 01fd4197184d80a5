package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/model"
)

// TestAnotherModelIsNamed: whoever has several files learns which one fails its self-test, and what to do.
func TestAnotherModelIsNamed(t *testing.T) {
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	other := *shipped.Bundle()
	other.SelfTest = slices.Clone(other.SelfTest)
	other.SelfTest[0].Probability /= 2
	file, err := other.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.sepsis")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"model", "card", "--model", path}, {"serve", "--model", path}} {
		_, err := sepsisCommand(t, arguments...)
		if err == nil || !strings.Contains(err.Error(), path+": self-test: stay ") || !strings.Contains(err.Error(), "train the model again") {
			t.Errorf("%v: error %v", arguments, err)
		}
	}
}
