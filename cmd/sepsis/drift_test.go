package main

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/monitor"
)

// TestRealDataDoesNotDrift shows the monitor the hours of every 40th stay of the training, as if they were served: no
// input drifts, and the probabilities hardly do, although the model has learnt from these stays and the reference is of
// trees that had not. The same stays by their last hour alone, as in the flat form, do drift.
func TestRealDataDoesNotDrift(t *testing.T) {
	stays := realStays(t)
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	reference, err := referenceOf(shipped.Bundle())
	if err != nil {
		t.Fatal(err)
	}
	whole, flat := monitor.New(), monitor.New()
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, m := range []*monitor.Monitor{whole, flat} {
		m.Follow(shipped.Info(), reference, noon)
	}
	for i := range stays {
		observe(whole, flat, shipped, stays[i].Stay, noon)
	}
	day := whole.Monitoring(noon).Drift[0]
	for _, drift := range append(day.Inputs, day.Score) {
		t.Logf("%-24s %-9s psi %.4f chance %.4f", drift.Name, drift.Level, *drift.PSI, *drift.Chance)
		if drift.Level != sepsis.StableDrift || *drift.PSI > 0.02 { // as docs/operations.md promises
			t.Errorf("%s: %s, PSI %g", drift.Name, drift.Level, *drift.PSI)
		}
	}
	if lactate := flat.Monitoring(noon).Drift[0].Inputs[sepsis.Lactate]; lactate.Level == sepsis.StableDrift {
		t.Errorf("lactate without history: PSI %g", *lactate.PSI)
	}
}

// observe shows one monitor each hour with the hours before it, the other without.
func observe(whole, flat *monitor.Monitor, shipped *model.Model, stay sepsis.Stay, at time.Time) {
	all := stay.Observations
	for i, risk := range shipped.Trajectory(&stay) {
		past := stay
		past.Observations = all[:i+1]
		whole.Observe(at, shipped.Info(), &past, risk)
		past.Observations = all[i : i+1]
		flat.Observe(at, shipped.Info(), &past, risk)
	}
}

// realStays are every 40th of the real data's adults.
func realStays(t *testing.T) []sepsis.LabelledStay {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: reads the real data")
	}
	folder := cmp.Or(os.Getenv("SEPSIS_TEST_DATA"), filepath.Join("..", "..", "..", "shared", "data"))
	archives, err := filepath.Glob(filepath.Join(folder, "challenge-2019", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(archives) != 2 {
		t.Skipf("skipped: no challenge-2019/training_setA.zip and training_setB.zip in %s; SEPSIS_TEST_DATA names their folder", folder)
	}
	cohort, err := challenge.Open(archives...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cohort.Close() })
	var stays []sepsis.LabelledStay
	for i := 0; i < cohort.Len(); i += 40 {
		record, err := cohort.Read(i)
		if err != nil {
			t.Fatal(err)
		}
		if record.Age >= sepsis.AdultAge {
			stays = append(stays, record.LabelledStay)
		}
	}
	return stays
}
