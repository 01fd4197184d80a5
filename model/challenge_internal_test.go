package model

import (
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
)

// TestChallengeSetsAreThePublishedOnes: this package may not ask package challenge, so the names stand here, too.
func TestChallengeSetsAreThePublishedOnes(t *testing.T) {
	for _, name := range challengeSets {
		if _, known := challenge.Published(name); !known && name != "training" {
			t.Errorf("%s is no training set of the Challenge", name)
		}
	}
}
