package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPredictFHIR exports a case of testdata/cases as FHIR bulk data, predicts it, and compares with the API.
func TestPredictFHIR(t *testing.T) {
	c := readTimeline(t, "../../testdata/cases/septic_shock.txt")
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal([]byte(c.asFHIR(t)), &bundle); err != nil {
		t.Fatal(err)
	}
	export, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	files := map[string]string{"Patient.ndjson": `{"resourceType":"Patient","id":"child","birthDate":"2010-01-01"}` + "\n"}
	for _, entry := range bundle.Entry {
		var kind struct{ ResourceType string }
		if err := json.Unmarshal(entry.Resource, &kind); err != nil {
			t.Fatal(err)
		}
		files[kind.ResourceType+".ndjson"] += string(entry.Resource) + "\n"
	}
	files["Observation.ndjson"] += `{"resourceType":"Observation","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/p"}}` + "\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(export, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	printed, err := sepsisCommand(t, "predict", "--format", "fhir", "--data", export, "--out", out)
	if exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "1 of 2 stays could not be predicted") {
		t.Errorf("exit code %d, %v", exitCode(err), err)
	}
	if !strings.HasPrefix(printed, "1 stays, 4 hours, ") || !strings.Contains(printed, " 1 not predicted") {
		t.Errorf("printed %q", printed)
	}
	predictions, leftOut := rowsOf(t, filepath.Join(out, "predictions.csv")), rowsOf(t, filepath.Join(out, "left_out.csv"))
	if len(predictions) != 5 || !slices.Equal(predictions[4][:3], []string{"Patient/p", "Encounter/e", "8"}) || predictions[4][4] != "Positive" {
		t.Errorf("%q", predictions)
	}
	handler, _ := shippedService(t)
	var answer struct {
		Probability float64
		Reliability struct{ Level string }
	}
	if err := json.Unmarshal(post(handler, "/predict/patient", c.asJSON(t)).Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if got, err := strconv.ParseFloat(predictions[4][3], 64); err != nil || got != answer.Probability {
		t.Errorf("%v and %v", got, answer.Probability)
	}
	if got := predictions[4][6]; got != answer.Reliability.Level {
		t.Errorf("reliability %s, in the API %s", got, answer.Reliability.Level)
	}
	_, adults, _ := strings.Cut(files["Patient.ndjson"], "\n")
	if err := os.WriteFile(filepath.Join(export, "Patient.ndjson"), []byte(adults), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "predict", "--format", "fhir", "--data", export, "--out", out) // nobody is refused
	whole := files["Observation.ndjson"]
	if err := os.WriteFile(filepath.Join(export, "Observation.ndjson"), []byte(whole[:len(whole)-9]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sepsisCommand(t, "predict", "--format", "fhir", "--data", export, "--out", out); exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "1 lines are damaged") {
		t.Errorf("an export that was cut off: exit code %d, %v", exitCode(err), err)
	}
	if len(leftOut) != 3 || leftOut[2][2] != "Observation.ndjson line 22" || leftOut[2][3] != "unmapped_code" || leftOut[1][0] != "Patient/child" {
		t.Errorf("%q", leftOut)
	}
}

// TestPredictFHIROfNobody: an export that failed looks like a ward without patients, as an empty table does.
func TestPredictFHIROfNobody(t *testing.T) {
	export, out := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(export, "Patient.ndjson"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sepsisCommand(t, "predict", "--format", "fhir", "--data", export, "--out", out)
	if exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "no stay was in 1 of the inputs") {
		t.Errorf("exit code %d, %v", exitCode(err), err)
	}
	if left := rowsOf(t, filepath.Join(out, "left_out.csv")); len(left) != 2 || left[1][2] != export || left[1][3] != "missing_field" {
		t.Errorf("%q", left)
	}
}

// TestPredictFHIRInterruptedLeavesWhatWasThere has an export that is read, and then one that cannot be.
func TestPredictFHIRInterruptedLeavesWhatWasThere(t *testing.T) {
	first, second, out := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(first, "Patient.ndjson"), []byte(`{"resourceType":"Patient","id":"child","birthDate":"2010-01-01"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	before := "of an earlier run\n"
	for _, name := range []string{"predictions.csv", "left_out.csv"} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sepsisCommand(t, "predict", "--format", "fhir", "--data", first, second, "--out", out); err == nil || !strings.Contains(err.Error(), second+": ") || !strings.Contains(err.Error(), "no .ndjson file") {
		t.Errorf("%v", err)
	}
	files, err := os.ReadDir(out)
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
	for _, file := range files {
		if content, err := os.ReadFile(filepath.Join(out, file.Name())); err != nil || string(content) != before {
			t.Errorf("%s: %q, %v", file.Name(), content, err)
		}
	}
}

func rowsOf(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if closed := file.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	return rows
}
