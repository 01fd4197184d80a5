package fhir_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/medtech-detect/sepsis/fhir"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBulk(t *testing.T) {
	of := func(resource, patient string) string {
		return strings.ReplaceAll(resource, "Patient/p", "Patient/"+patient)
	}
	second := strings.Replace(strings.Replace(encounter, `"e"`, `"f"`, 1), "08:00", "09:30", 1)
	dir := folder(t, map[string]string{
		"Patient.ndjson":       patientP + "\n" + strings.Replace(patientP, `"p"`, `"q"`, 1) + "\n" + strings.Replace(patientP, `"p"`, `"r"`, 1),
		"Encounter.ndjson":     encounter + "\n" + of(encounter, "q") + "\n" + of(second, "q") + "\n",
		"Observation.1.ndjson": heartRate("a") + "\n" + of(heartRate("b"), "q") + "\n" + heartRate("n", "subject=") + "\nno JSON\n",
		"Observation.2.ndjson": observed("l", "32693-4", "2021-06-01T11:00:00+02:00", 900, "mmol/L") + "\n" + of(heartRate("x"), "nobody") + "\n",
		"Condition.ndjson":     `{"resourceType":"Condition","id":"c"}` + "\n",
		"notes.txt":            "not read",
	})
	bulk, err := fhir.OpenBulk(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := bulk.Close(); err != nil {
			t.Error(err)
		}
	}()
	if bulk.Len() != 3 || bulk.Patient(1) != "Patient/q" {
		t.Fatalf("%d patients", bulk.Len())
	}
	if len(bulk.Skipped) != 4 {
		t.Errorf("skipped %+v", bulk.Skipped)
	}
	if last := bulk.Skipped[2]; bulk.Damaged != 1 || last.Path != "Observation.1.ndjson line 4" || last.Reason != "invalid_json" {
		t.Errorf("%d damaged, %+v", bulk.Damaged, bulk.Skipped)
	}
	first := stays(t, bulk, 0, 1)[0]
	if len(first.Used) != 1 || len(first.Ignored) != 1 || first.Ignored[0].Path != "Observation.2.ndjson line 1.value.value" || first.Ignored[0].Reason != "out_of_range" {
		t.Errorf("%+v", first)
	}
	two := stays(t, bulk, 1, 2)
	if two[0].Stay.Observations[0].Hour != 3 || two[1].Stay.Observations[0].Hour != 1 || two[1].Encounter != "Encounter/f" {
		t.Errorf("%+v, %+v", two[0], two[1])
	}
	if empty := stays(t, bulk, 2, 1)[0]; len(empty.Problems) != 1 {
		t.Errorf("%+v", empty)
	}
}

func stays(t *testing.T, bulk *fhir.Bulk, patient, want int) []*fhir.Reading {
	t.Helper()
	readings, err := bulk.Stays(patient)
	if err != nil || len(readings) != want {
		t.Fatalf("%d stays, %v", len(readings), err)
	}
	return readings
}

func TestBulkOfNothing(t *testing.T) {
	if _, err := fhir.OpenBulk(os.DirFS(folder(t, map[string]string{"Patient.json": patientP}))); err == nil || !strings.Contains(err.Error(), "ndjson") {
		t.Errorf("%v", err)
	}
}

// endless is an export of one file, a line that never ends. It counts what was read of it.
type endless struct {
	fstest.MapFS
	read *int
}

// Open gives the file, and else what the map holds.
func (e endless) Open(name string) (fs.File, error) {
	file, err := e.MapFS.Open(name)
	if err != nil || name == "." {
		return file, err
	}
	return endlessFile{file, e.read}, nil
}

type endlessFile struct {
	fs.File
	read *int
}

func (f endlessFile) Read(p []byte) (int, error) {
	*f.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func (endlessFile) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func TestBulkOfALineWithoutAnEnd(t *testing.T) {
	const bound = 16 << 20
	read := 0
	_, err := fhir.OpenBulk(endless{fstest.MapFS{"Patient.ndjson": {}}, &read})
	if err == nil || err.Error() != "Patient.ndjson line 1: longer than 16 MiB; a line holds one resource" {
		t.Errorf("%v", err)
	}
	if read > 2*bound {
		t.Errorf("%d bytes were read of a line that may have %d", read, bound)
	}
}

// TestBulkDamaged: what is no JSON is told as such, wherever it breaks off; what is JSON and no resource is not damaged.
func TestBulkDamaged(t *testing.T) {
	whole := heartRate("a")
	bulk, err := fhir.OpenBulk(os.DirFS(folder(t, map[string]string{
		"Observation.ndjson": "{broken\n" + whole[:len(whole)-20] + "\n{\"a\": 1}\n\n" + `{"resourceType":"Observation","subject":"p"}` + "\n" + `{"resourceType":"Observation","resourceType":"Patient"}`,
	})))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bulk.Close() }()
	var reasons []string
	for _, skipped := range bulk.Skipped {
		reasons = append(reasons, string(skipped.Reason))
	}
	if got := strings.Join(reasons, " "); got != "invalid_json invalid_json not_read wrong_type duplicate_field" || bulk.Damaged != 3 {
		t.Errorf("%d damaged, %s", bulk.Damaged, got)
	}
}
