package challenge_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// realData finds the archives of the real data: in the folder SEPSIS_TEST_DATA, or in shared/data beside the repository.
func realData(t testing.TB) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: reads all of the real data")
	}
	folder := cmp.Or(os.Getenv("SEPSIS_TEST_DATA"), filepath.Join("..", "..", "shared", "data"))
	archives, err := filepath.Glob(filepath.Join(folder, "challenge-2019", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(archives) != 2 {
		t.Skipf("skipped: no challenge-2019/training_setA.zip and training_setB.zip in %s; SEPSIS_TEST_DATA names their folder", folder)
	}
	return archives
}

// bounds are what a count may be.
type bounds struct{ least, most int }

// Four fifths of the public data: 32,150 of 40,336 stays. The counts expected are four fifths of those published
// for all of it (Reyna et al., doi:10.1097/CCM.0000000000004145, and the project's own count over all rows:
// 341 FiO2, 2 temperatures and 1 base excess beyond their hard range; diastolic above systolic in 152 hours; 255 stays
// with a hospital admission after the ICU admission; 22 minors; 9,904 ionised calcium values), give or take a quarter.
var realFindings = map[string]map[challenge.Reason]bounds{
	"FiO2":             {challenge.Reason(sepsis.OutOfRange): {205, 341}},
	"Temp":             {challenge.Reason(sepsis.OutOfRange): {0, 2}},
	"BaseExcess":       {challenge.Reason(sepsis.OutOfRange): {0, 1}},
	"SBP":              {challenge.Reason(sepsis.DiastolicAboveSystolic): {91, 152}},
	"Calcium":          {challenge.IonisedCalcium: {5900, 9904}},
	"Bilirubin_direct": {challenge.Reason(sepsis.DirectAboveTotalBilirubin): {0, 3}},
	"HospAdmTime":      {challenge.AfterAdmission: {153, 255}},
	"Age":              {challenge.UnderAge: {13, 22}},
}

func TestRealData(t *testing.T) {
	stays, cleaning, err := open(t, realData(t)...).ReadAll(t.Context(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", cleaning.String())
	if err := challenge.NeedEveryHour(stays); err != nil {
		t.Error(err)
	}
	for name, reasons := range realFindings {
		for reason, want := range reasons {
			if got := cleaning.Count(name, reason); got < want.least || got > want.most {
				t.Errorf("%s %s: %d, want %d to %d", name, reason, got, want.least, want.most)
			}
		}
	}
	outside := 0
	for _, finding := range cleaning.Findings {
		if finding.Reason == challenge.Reason(sepsis.OutOfRange) {
			outside += finding.Count
		}
	}
	if outside > 344 {
		t.Errorf("%d values are out of range, and only 344 in all of the data", outside)
	}
	if share := float64(cleaning.Removed()) / float64(cleaning.Measurements); share > 0.001 {
		t.Errorf("%.2f %% of the measurements were taken out", 100*share)
	}
	checkHospital(t, stays, "training_setA", 16237, 0.088)
	checkHospital(t, stays, "training_setB", 15913, 0.057)
}

// checkHospital holds a set's size and its share of septic stays, and that no septic record has more than 10
// labelled hours or any hour after them without a label.
func checkHospital(t *testing.T, stays []sepsis.LabelledStay, hospital string, want int, septicShare float64) {
	t.Helper()
	total, septic := 0, 0
	for i := range stays {
		stay := &stays[i]
		if stay.Hospital != hospital {
			continue
		}
		total++
		checkClean(t, challenge.Record{LabelledStay: *stay})
		positive := 0
		for _, label := range stay.Labels {
			if label {
				positive++
			} else if positive > 0 {
				t.Errorf("%s: the label is taken back", stay.ID)
			}
		}
		if positive > 0 {
			septic++
		}
		if positive > 10 {
			t.Errorf("%s: %d labelled hours", stay.ID, positive)
		}
	}
	if share := float64(septic) / float64(total); total != want || share < septicShare-0.004 || share > septicShare+0.004 {
		t.Errorf("%s: %d stays, %.3f septic, want %d and about %.3f", hospital, total, share, want, septicShare)
	}
}

func BenchmarkReadRealData(b *testing.B) {
	cohort, err := challenge.Open(realData(b)...)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := cohort.Close(); err != nil {
			b.Error(err)
		}
	}()
	rows := 0
	for b.Loop() {
		_, cleaning, err := cohort.ReadAll(b.Context(), 0, nil)
		if err != nil {
			b.Fatal(err)
		}
		rows += cleaning.Hours
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
