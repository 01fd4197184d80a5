package challenge_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

// realData finds the archives of the real data: the folder SEPSIS_DATA, or shared/data beside the repository.
func realData(t testing.TB) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: reads all of the real data")
	}
	folder := cmp.Or(os.Getenv("SEPSIS_DATA"), filepath.Join("..", "..", "shared", "data"))
	archives, err := filepath.Glob(filepath.Join(folder, "challenge-2019", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(archives) != 2 {
		t.Skipf("skipped: no challenge-2019/training_setA.zip and training_setB.zip in %s; set SEPSIS_DATA to their folder", folder)
	}
	return archives
}

func TestRealDataReads(t *testing.T) {
	cohort, err := challenge.Open(realData(t)...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cohort.Close(); err != nil {
			t.Error(err)
		}
	}()
	stays, cleaning, err := cohort.ReadAll(t.Context(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", cleaning.String())
	_ = stays
	_ = sepsis.Missing
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
